"""A hotel that sells day tickets of the city's spots to its guests; its key is made by people."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction

from plugins.org_hierarchy.interfaces import OrgUnit
from plugins.ticketing.admission.models import TicketClass
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.locks import advisory_lock

from .choices import EntryKind
from .locks import ResaleLock, lock_reseller
from .models import Reseller, ResellerOffer, ResellerPrice
from .services.ledger import book

if TYPE_CHECKING:
    from saleor_o2o.seeding.context import SeedContext

CODE = "demo-hotel"
#: Ninety-five in a hundred of what everybody pays.
SHARE = Decimal("0.95")
PRODUCTS = ("happyvalley-day", "tiansheng-day")


@transaction.atomic
def seed(context: SeedContext) -> None:
    """One reseller with a deposit and prices for a year; idempotent."""
    advisory_lock(ResaleLock.SEED, timeout=120)
    city = OrgUnit.objects.filter(parent__isnull=True).first()
    kinds = list(
        TicketClass.objects.filter(product__code__in=PRODUCTS, active=True).select_related("product")
    )
    if city is None or not kinds or Reseller.objects.filter(code=CODE).exists():
        return
    first, last = today(), today() + timedelta(days=365)
    made = Reseller.objects.create(
        unit=city, code=CODE, name="江北示范酒店礼宾部", contract="YZ-FX-0001", first_day=first, last_day=last,
        low_below=Decimal("2000.00"),
    )  # fmt: skip
    for product in {one.product_id for one in kinds}:
        ResellerOffer.objects.create(reseller=made, product_id=product)
    ResellerPrice.objects.bulk_create(
        ResellerPrice(
            reseller=made, ticket_class=one, first_day=first, last_day=last,
            price=max(one.settlement_price, (one.price * SHARE).quantize(Decimal("0.01"))),
        )
        for one in kinds
    )  # fmt: skip
    book(lock_reseller(made.pk), EntryKind.TOP_UP, Decimal("5000.00"), f"SEED-{CODE}", words="期初预存")
    context.count("分销商", 1)
