"""The account with the upstream distributor of scenic tickets. Its catalogue is taken over when it is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plugins.ticketing.admission.suppliers.distributor import ADAPTER
from plugins.ticketing.kernel.choices import Trade
from plugins.ticketing.kernel.models import SupplierAccount

if TYPE_CHECKING:
    from saleor_o2o.seeding.context import SeedContext

CODE = "scenic"


def seed(context: SeedContext) -> None:
    """One account; idempotent."""
    SupplierAccount.objects.get_or_create(
        code=CODE,
        defaults={
            "name": "景区票务分销平台",
            "trade": Trade.SCENIC,
            "adapter": ADAPTER,
            "priority": 20,
            "hold_minutes": 15,
        },
    )
