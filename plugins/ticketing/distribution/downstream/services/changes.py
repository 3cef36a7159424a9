"""Products that changed since a reseller was told of them, and sessions that are off or put off."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction

from plugins.ticketing.admission.choices import SaleChannel
from plugins.ticketing.admission.models import PriceDay, Session, TicketClass
from saleor_o2o.kernel.clock import SHANGHAI, today
from saleor_o2o.kernel.money import to_fen
from saleor_o2o.kernel.sweeping import sum_each

from ..choices import NoticeKind, ResellerState
from ..locks import lock_reseller
from ..models import ResellerOffer
from .telling import tell

#: So many days of the calendar are compared.
DAYS = 92
#: So many offers are looked at together.
AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class _Goods:
    """What is compared of some products: classes by product, closed days by class."""

    kinds: Mapping[int, Sequence[TicketClass]]
    closed: Mapping[int, Collection[date]]


def _goods_of(offers: Sequence[ResellerOffer]) -> _Goods:
    """Two statements for however many offers."""
    kinds: dict[int, list[TicketClass]] = defaultdict(list)
    rows = TicketClass.objects.filter(product__in={one.product_id for one in offers}, active=True).order_by(
        "pk"
    )
    for one in rows:
        if SaleChannel.DISTRIBUTOR in one.channels:
            kinds[one.product_id].append(one)
    first = min([_anchor(one.digest) or today() for one in offers], default=today())
    days: dict[int, set[date]] = defaultdict(set)
    found = PriceDay.objects.filter(
        ticket_class__in=[one for some in kinds.values() for one in some], closed=True, day__gte=first,
        day__lt=today() + timedelta(days=DAYS),
    )  # fmt: skip
    for key, day in found.values_list("ticket_class_id", "day"):
        days[key].add(day)
    return _Goods(kinds, days)


def _anchor(digest: str) -> date | None:
    """The day on which the calendar of a digest begins; None where nothing was remembered yet, or without the day."""
    day, colon, _rest = digest.partition(":")
    try:
        return datetime.strptime(day, "%y%m%d").date() if colon else None
    except ValueError:
        return None


def _digest(offer: ResellerOffer, goods: _Goods, first: date) -> str:
    """Of what a reseller sees of a product: state, words, classes, closed days, cost above its price.

    The day on which its calendar begins stands before it: the same days are compared the next time. What is over by
    then, or has come into sight, was changed by nobody.
    """
    product, kinds = offer.product, goods.kinds.get(offer.product_id, ())
    last = first + timedelta(days=DAYS)
    told: list[Any] = [
        offer.active, product.state, product.name, product.notices,
        [
            [one.code, one.name, to_fen(one.price), one.real_name, one.min_per_order, one.max_per_order, one.valid_mode,
             one.valid_days, one.advance_days, str(one.cut_off)]
            for one in kinds
        ],
        sorted(f"{one.code} {day}" for one in kinds for day in goods.closed.get(one.pk, ()) if first <= day < last),
    ]  # fmt: skip
    sum_ = hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()
    return f"{first:%y%m%d}:{sum_}"[:64]


def tell_products() -> int:
    """Tell resellers of products that are not as they were told; the first look only remembers. How many notices.

    Two statements for each `AT_ONCE` offers. One that breaks is looked at again the next time, and keeps no other one.
    """
    told, after = 0, 0
    offers = ResellerOffer.objects.exclude(reseller__state=ResellerState.CLOSED).select_related("product")
    while some := list(offers.filter(pk__gt=after).order_by("pk")[:AT_ONCE]):
        after = some[-1].pk
        goods = _goods_of(some)
        told += sum_each(some, partial(_tell_product, goods), "telling of a product")
    return told


def _tell_product(goods: _Goods, offer: ResellerOffer) -> bool:
    """Locks: the reseller, where something is different."""
    anchor, fresh_digest = _anchor(offer.digest), _digest(offer, goods, today())
    if fresh_digest == offer.digest:
        return False
    changed = anchor is not None and _digest(offer, goods, anchor) != offer.digest
    with transaction.atomic():
        lock_reseller(offer.reseller_id)
        # another worker that looked at the same moment has told it
        mine = ResellerOffer.objects.filter(pk=offer.pk, digest=offer.digest).update(digest=fresh_digest)
        if not mine or not changed:
            return False
        product = offer.product
        body = {"productCode": product.code, "onSale": offer.active and product.state == "on_sale"}
        tell(offer.reseller_id, NoticeKind.PRODUCT, f"product:{product.code}", body)
    return True


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
