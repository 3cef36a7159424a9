"""Coach networks in the house of a kill test: stations, fee rules, accounts, what the networks sell."""

from __future__ import annotations

#: Built after the shop of goods.
STATION = "saleor_o2o.journeys.killing.tickets.station.open_station"


def open_station() -> None:
    """Write it, and take over what the networks tell; the sandbox must answer."""
    from plugins.ticketing.coach.models import Station
    from plugins.ticketing.coach.seeds import station_rows, told
    from plugins.ticketing.coach.services.syncing import sync_networks
    from plugins.ticketing.kernel.choices import Trade
    from plugins.ticketing.kernel.models import SupplierAccount
    from plugins.ticketing.kernel.seeds import write_templates

    Station.objects.bulk_create(station_rows([]))
    write_templates(Trade.COACH)
    for code, name, adapter, priority, minutes in told()["networks"]:
        SupplierAccount.objects.create(
            code=code, name=name, trade=Trade.COACH, adapter=adapter, priority=priority, hold_minutes=minutes
        )
    sync_networks()
