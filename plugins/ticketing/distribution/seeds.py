"""The account with the upstream distributor of scenic tickets. Its catalogue is taken over when it is asked."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from plugins.ticketing.admission.suppliers.distributor import ADAPTER
from plugins.ticketing.kernel.choices import Trade
from plugins.ticketing.kernel.models import SupplierAccount, SupplierDeposit

if TYPE_CHECKING:
    from saleor_o2o.seeding.context import SeedContext

CODE = "scenic"
#: People are told when less is left of the deposit; yuan.
ALARM = Decimal("20000.00")


def seed(context: SeedContext) -> None:
    """One account; idempotent."""
    account, _new = SupplierAccount.objects.get_or_create(
        code=CODE,
        defaults={
            "name": "景区票务分销平台",
            "trade": Trade.SCENIC,
            "adapter": ADAPTER,
            "priority": 20,
            "hold_minutes": 15,
        },
    )
    SupplierDeposit.objects.get_or_create(supplier=account, defaults={"alarm_below": ALARM})
