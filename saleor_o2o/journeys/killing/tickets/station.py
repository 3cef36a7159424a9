"""Coach networks in the house of a kill test: stations, fee rules, accounts, what the networks sell; an insurer."""

from __future__ import annotations

from decimal import Decimal

#: Built after the shop of goods.
STATION = "saleor_o2o.journeys.killing.tickets.station.open_station"


def open_station() -> None:
    """Write it, and take over what the networks tell; the sandbox must answer."""
    from plugins.ticketing.coach.models import Station
    from plugins.ticketing.coach.seeds import station_rows, told
    from plugins.ticketing.coach.services.syncing import sync_networks
    from plugins.ticketing.kernel.choices import Trade
    from plugins.ticketing.kernel.models import InsuranceProduct, SupplierAccount
    from plugins.ticketing.kernel.seeds import write_templates

    from .riding import COVER

    Station.objects.bulk_create(station_rows([]))
    write_templates(Trade.COACH)
    for code, name, adapter, priority, minutes in told()["networks"]:
        SupplierAccount.objects.create(
            code=code, name=name, trade=Trade.COACH, adapter=adapter, priority=priority, hold_minutes=minutes
        )
    insurer = SupplierAccount.objects.create(
        code="INSURER", name="保险公司", trade="insure", adapter="insurer", priority=90
    )
    InsuranceProduct.objects.create(
        code=COVER, name="乘意险", trade=Trade.COACH, insurer=insurer, price=Decimal("3.00"), share=Decimal("2.40"),
        covers="意外身故、伤残",
    )  # fmt: skip
    sync_networks()
