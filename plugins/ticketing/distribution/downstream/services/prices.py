"""What a reseller may sell at which price: set by people, never below what we pay without a reason, told at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from plugins.ticketing.admission.choices import SaleChannel
from plugins.ticketing.admission.models import AdmissionProduct, TicketClass
from plugins.ticketing.admission.pricing import prices_of
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.money import format_yuan, to_fen
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import get_row, require

from ..access import PRICE
from ..choices import NoticeKind
from ..errors import ResaleError
from ..errors import ResaleErrorCode as Code
from ..locks import lock_reseller
from ..models import Reseller, ResellerOffer, ResellerPrice
from .telling import tell

SET = audit.action("resale.price_set", _("设置渠道价"))
OFFERED = audit.action("resale.offer_changed", _("开放、停止渠道产品"))
MOST_DAYS = 400


@dataclass(frozen=True, slots=True)
class Pays:
    """What a reseller pays for a class on a day; `cost` is what we pay. `sold`: at this price it is sold."""

    price: Decimal
    cost: Decimal
    sold: bool


def set_price(
    by: Any, reseller_pk: int, kind: TicketClass, first: date, last: date, price: Decimal, reason: str = ""
) -> ResellerPrice:
    """A price for days of visit, for orders from now on; the reseller is told. Its product is offered by it. Yuan.

    Raises OutOfScope, NotAllowed, INVALID, BELOW_COST, NOT_OFFERED (the class is not sold by distributors). Locks: the
    reseller.
    """
    reseller = get_row(by, Reseller, pk=reseller_pk)
    require(by, PRICE, reseller)
    if SaleChannel.DISTRIBUTOR not in kind.channels:
        raise ResaleError(
            Code.NOT_OFFERED, _("这个票类不在分销渠道销售"), "ticket_class", _("请先在票类中勾选“分销渠道”")
        )
    if price <= 0 or last < first or last < today() or (last - first).days > MOST_DAYS:
        raise ResaleError(Code.INVALID, _("价格须大于 0，日期不能早于今天，最长 400 天"), "price")
    days = [first + timedelta(days=at) for at in range((last - first).days + 1)]
    highest = max(one.settlement for one in prices_of([kind], days).values())
    told = reason.strip()[:200]
    if price < highest and len(told) < 4:
        raise ResaleError(
            Code.BELOW_COST, _("渠道价低于结算价 %(cost)s") % {"cost": format_yuan(highest)}, "reason",
            _("请调高价格，或写明原因"),
        )  # fmt: skip
    with transaction.atomic():
        lock_reseller(reseller.pk)
        ResellerOffer.objects.get_or_create(reseller=reseller, product=kind.product)
        row = ResellerPrice.objects.create(
            reseller=reseller, ticket_class=kind, first_day=first, last_day=last, price=price,
            reason=told if price < highest else "", made_by=by,
        )  # fmt: skip
        audit.record(SET, row, after=audit.snapshot(row), actor=actor_label(by), org_path=reseller.unit.path)
        tell(
            reseller.pk, NoticeKind.PRICE, f"product:{kind.product.code}",
            {
                "productCode": kind.product.code, "classCode": kind.code, "firstDay": first.isoformat(),
                "lastDay": last.isoformat(), "price": to_fen(price),
            },
        )  # fmt: skip
    return row


def switch_offer(by: Any, pk: int, *, active: bool) -> ResellerOffer:
    """Let a reseller sell a product again, or not any more. Raises OutOfScope, NotAllowed. Locks: the reseller."""
    found = get_row(by, ResellerOffer, pk=pk)
    require(by, PRICE, found)
    with transaction.atomic():
        lock_reseller(found.reseller_id)
        found.active = active
        found.save(update_fields=["active"])
        audit.record(
            OFFERED, found, after={"active": active, "product": found.product.code}, actor=actor_label(by),
            org_path=found.reseller.unit.path,
        )  # fmt: skip
    return found


def prices_for(
    reseller: Reseller, kinds: Sequence[TicketClass], days: Iterable[date]
) -> dict[tuple[int, date], Pays]:
    """What a reseller pays for classes on days, by key and day; what has no price is not there. Two statements."""
    wanted = list(days)
    rows = list(
        ResellerPrice.objects.filter(
            reseller=reseller, ticket_class__in=kinds, last_day__gte=min(wanted, default=today()),
            first_day__lte=max(wanted, default=today()),
        ).order_by("pk")
    )  # fmt: skip
    usual = prices_of(kinds, wanted)
    found: dict[tuple[int, date], Pays] = {}
    for row in rows:  # the newest last: it counts
        for day in wanted:
            if row.first_day <= day <= row.last_day:
                own = usual[row.ticket_class_id, day]
                sold = not own.closed and (row.price >= own.settlement or bool(row.reason))
                found[row.ticket_class_id, day] = Pays(row.price, own.settlement, sold)
    return found


def offered(reseller: Reseller, code: str) -> AdmissionProduct:
    """A product that a reseller may sell, by its code. Raises NOT_FOUND, the same for every other one."""
    found = (
        ResellerOffer.objects.select_related("product__spot", "product__venue")
        .filter(reseller=reseller, product__code=code, active=True)
        .exclude(product__state__in=("draft",))
        .first()
    )
    if found is None:
        raise ResaleError(Code.NOT_FOUND, _("没有这个产品"), "productCode", _("请查询可售产品"))
    product: AdmissionProduct = found.product
    return product
