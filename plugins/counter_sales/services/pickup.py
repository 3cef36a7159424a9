"""Handing goods over at the counter: by the code on the slip, all at once or in parts, every piece once."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.events import Event, publish
from saleor_o2o.kernel.numbering import InvalidNumber, clean_code
from saleor_o2o.kernel.scope import get_row, require, rows_for
from saleor_o2o.kernel.states import move
from saleor_o2o.ordering.interfaces import FulfilmentRefused, fulfil_all, lock_for_fulfilment

from ..error_codes import CounterErrorCode as Code
from ..errors import CounterError
from ..events import CounterSaleHanded, CounterSalePartHanded
from ..handing import handing_of
from ..locks import lock_sale
from ..models import CounterSale, Delivery, SaleState
from ..permissions import SELL
from .placing import pickup_index

HANDED = audit.action("counter.sale_handed", _("核销取货"))
PART_HANDED = audit.action("counter.sale_part_handed", _("部分取货"))
#: Codes that do not exist, typed by one person in ten minutes, before the counter stops answering.
MISSES = 20
MISSES_SECONDS = 600


def sale_by_code(user: Any, text: str) -> CounterSale:
    """The sale in reach whose pick-up code was typed or scanned, whatever its state.

    Raises CounterError CODE_UNKNOWN (also for a code out of reach: nobody learns which) and TOO_MANY_TRIES.
    """
    counter = f"o2o:counter_sales:pickup_misses:{user.pk}"
    if (cache.get(counter) or 0) >= MISSES:
        raise CounterError(Code.TOO_MANY_TRIES, _("取货码错误次数太多，请十分钟后再试"), "code")
    try:
        index = pickup_index(clean_code(text))
    except InvalidNumber:
        index = ""
    sale = rows_for(user, CounterSale).filter(pickup_index=index).first() if index else None
    if sale is None:
        cache.add(counter, 0, MISSES_SECONDS)
        with suppress(ValueError):  # it ran out in between
            cache.incr(counter)
        raise CounterError(
            Code.CODE_UNKNOWN, _("没有找到这个取货码"), "code", _("请核对小票，注意取货网点是否本网点")
        )
    return sale


@transaction.atomic
def hand_over(
    user: Any, sale_pk: int, quantities: Mapping[int, int] | None = None, *, seen: int | None = None
) -> CounterSale:
    """Hand the goods of a paid sale over: all that is left, or so many pieces of these order lines (by key).

    The sale is handed over when nothing is left; until then its code stays good for the rest. `seen`: how many pieces
    were handed over before, as whoever asks knows it; when that has changed, nothing is handed over (a click that came
    twice, a colleague who was quicker). Locks: sale, order, stock rows in order.

    Raises OutOfScope, NotAllowed, CounterError: NOT_PAID, ALREADY_HANDED, HANDING_CHANGED, QUANTITY_INVALID,
    SALE_CLOSED, NOT_PICKUP, and INSUFFICIENT_STOCK where the warehouse's count is short.
    """
    found = get_row(user, CounterSale, pk=sale_pk)
    require(user, SELL, found)
    sale = lock_sale(found.pk)
    _refuse_unless_waiting(sale)
    try:
        order = lock_for_fulfilment(sale.order_id)
        before = handing_of(sale)
        if seen is not None and seen != before.handed:
            raise CounterError(
                Code.HANDING_CHANGED,
                _("刚刚已有人交付过：现已交付 %(handed)s 件，还剩 %(left)s 件")
                % {"handed": before.handed, "left": before.left},
                hint=_("请核对剩下的商品，再点一次"),
            )
        if quantities is not None:
            before.check(quantities)
        fulfil_all(order, user, only=quantities)
    except FulfilmentRefused as refusal:
        raise _told(refusal) from refusal
    now_handed = {str(pk): count for pk, count in (quantities or before.open_lines).items()}
    after = {"order": sale.order_id, "lines": now_handed}
    if sum(now_handed.values()) < before.left:
        audit.record(PART_HANDED, sale, after=after, org_path=sale.unit.path)
        told: Event = CounterSalePartHanded(sale_id=sale.pk, order_id=sale.order_id)
    else:
        move(sale, "hand_over", user_id=user.pk)
        audit.record(HANDED, sale, after=after, org_path=sale.unit.path)
        told = CounterSaleHanded(sale_id=sale.pk, order_id=sale.order_id)
    publish(told, key=f"order:{sale.order_id}")
    return sale


def _refuse_unless_waiting(sale: CounterSale) -> None:
    if sale.state == SaleState.HANDED:
        raise CounterError(
            Code.ALREADY_HANDED,
            _("已于 %(at)s 取走，不能重复交付") % {"at": f"{timezone.localtime(sale.handed_at):%m-%d %H:%M}"},
        )
    if sale.state == SaleState.PLACED:
        raise CounterError(Code.NOT_PAID, _("这笔销售还没有收款，不能交付"))
    if sale.state != SaleState.PAID:
        raise CounterError(
            Code.SALE_CLOSED, _("这笔销售%(state)s，不能交付") % {"state": sale.get_state_display()}
        )
    if sale.delivery != Delivery.PICKUP:
        raise CounterError(Code.NOT_PICKUP, _("送货上门的订单不在柜台取货"))


def _told(refusal: DomainError) -> CounterError:
    code = Code.NOT_PAID if refusal.code.value == "ORDER_NOT_PAID" else Code.INSUFFICIENT_STOCK
    if refusal.code.value == "NOTHING_TO_FULFIL":
        code = Code.SALE_CLOSED
    return CounterError(code, refusal.message)
