"""Products that changed since a reseller was told of them, and sessions that are off or put off."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

from django.db import transaction

from plugins.ticketing.admission.choices import SaleChannel
from plugins.ticketing.admission.models import PriceDay, Session, TicketClass
from saleor_o2o.kernel.clock import SHANGHAI, today
from saleor_o2o.kernel.money import to_fen

from ..choices import NoticeKind, ResellerState
from ..locks import lock_reseller
from ..models import ResellerOffer
from .telling import tell

#: So many days of the calendar are compared.
DAYS = 92


def digest_of(offer: ResellerOffer) -> str:
    """Of what a reseller sees of a product: state, words, classes, closed days, cost above its price."""
    product = offer.product
    kinds = [
        one for one in TicketClass.objects.filter(product=product, active=True).order_by("pk")
        if SaleChannel.DISTRIBUTOR in one.channels
    ]  # fmt: skip
    closed = PriceDay.objects.filter(
        ticket_class__in=kinds, closed=True, day__gte=today(), day__lt=today() + timedelta(days=DAYS)
    )
    told: list[Any] = [
        offer.active, product.state, product.name, product.notices,
        [
            [one.code, one.name, to_fen(one.price), one.real_name, one.min_per_order, one.max_per_order, one.valid_mode,
             one.valid_days, one.advance_days, str(one.cut_off)]
            for one in kinds
        ],
        # days that are over leave the window by themselves and are no change
        sorted(f"{key} {day}" for key, day in closed.values_list("ticket_class__code", "day")),
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()


def tell_products() -> int:
    """Tell resellers of products that are not as they were told; the first look only remembers. How many notices."""
    told = 0
    offers = ResellerOffer.objects.exclude(reseller__state=ResellerState.CLOSED)
    for offer in offers.select_related("product").order_by("pk"):
        digest = digest_of(offer)
        if digest == offer.digest:
            continue
        with transaction.atomic():
            lock_reseller(offer.reseller_id)
            fresh = ResellerOffer.objects.select_related("product").get(pk=offer.pk)
            if fresh.digest and fresh.digest != digest:
                on_sale = fresh.active and fresh.product.state == "on_sale"
                body = {"productCode": fresh.product.code, "onSale": on_sale}
                tell(fresh.reseller_id, NoticeKind.PRODUCT, f"product:{fresh.product.code}", body)
                told += 1
            ResellerOffer.objects.filter(pk=offer.pk).update(digest=digest)
    return told


@transaction.atomic
def tell_session(session_pk: int, kind: NoticeKind, reason: str) -> int:
    """Tell every reseller that may sell the product what became of a session. How many notices."""
    session = Session.objects.select_related("product").filter(pk=session_pk).first()
    if session is None:
        return 0
    body = {
        "productCode": session.product.code, "session": session.pk, "reason": reason[:200],
        "startsAt": session.starts_at.astimezone(SHANGHAI).isoformat(timespec="minutes"),
    }  # fmt: skip
    offers = ResellerOffer.objects.filter(product=session.product).exclude(
        reseller__state=ResellerState.CLOSED
    )
    keys = list(offers.order_by("reseller").values_list("reseller", flat=True))
    for pk in keys:
        tell(pk, kind, f"session:{session.pk}", body)
    return len(keys)
