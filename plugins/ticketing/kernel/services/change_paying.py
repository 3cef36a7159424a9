"""What is dearer is paid before the new trip's hold ends: a line of its own, and what its money or its end sets off."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from saleor.order.models import Order

from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.ordering.interfaces import HeldGoods, HeldLine, Origin

from ..choices import ChangeState, OrderState
from ..errors import TicketError
from ..errors import TicketErrorCode as Code
from ..locks import lock_orders
from ..models import ChangeRequest
from .change_ending import difference_lines, difference_variant, is_paid, locked_change, money_back, stay
from .changing import go_on, pay_by, refuse_gone
from .goods import CHANGE_TYPES
from .reach import is_buyer, typed

S = ChangeState
#: What a change's line is called among held goods: `ticket_changes:<number>`.
LINE = "ticket_changes"


class ChangeHolds:
    """Ordering's `HoldSource` of what changes cost: one line, paid before the new trip's hold ends."""

    types = CHANGE_TYPES

    def lines(self, number: str, key: str, user: Any) -> Sequence[HeldLine]:
        """The line of a change, for its buyer or its clerk. Raises TicketError NOT_FOUND, HOLD_GONE, HOLD_ORDERED."""
        found = (
            ChangeRequest.objects.select_related("ticket_order__order", "target")
            .filter(number=typed(number).upper())
            .first()
        )
        # whom nobody logged in has no key, as what a guest asked for has no asker: they are not the same one
        who = getattr(user, "pk", None)
        mine = found is not None and (
            is_buyer(user, found.ticket_order, key) or (who is not None and found.asked_by_id == who)
        )
        if found is None or not mine:
            raise TicketError(Code.NOT_FOUND, _("没有这笔改签"), "holds", _("请核对改签单号"))
        self._refuse(found)
        return [HeldLine(difference_variant().pk, 1, found.to_pay)]

    @staticmethod
    def _refuse(found: ChangeRequest) -> None:
        if found.difference_order_id is not None:
            raise TicketError(Code.HOLD_ORDERED, _("这笔改签的差价已经下单"), "holds", _("请到我的订单付款"))
        target = found.target
        if found.state != S.TO_PAY or target is None:
            raise TicketError(Code.HOLD_GONE, _("这笔改签已不需要付款"), "holds", _("请刷新后查看"))
        try:
            refuse_gone(target)
        except TicketError as refusal:
            raise TicketError(
                Code.HOLD_GONE, _("改签的占座已失效，原票仍有效"), "holds", _("请重新选择班次或场次")
            ) from refusal

    def bind(self, order: Order, goods: Sequence[HeldGoods], origin: Origin) -> datetime:
        """The order pays the change. Locks: the changes' ticket orders, then the changes. Raises as `lines`."""
        found = ChangeRequest.objects.filter(number__in=[one.number for one in goods])
        pairs = list(found.values_list("pk", "ticket_order_id", "target_id"))
        lock_orders({pk for _pk, *both in pairs for pk in both if pk is not None})
        until = []
        rows = lock_rows(
            ChangeRequest.objects.filter(pk__in=[pk for pk, *_both in pairs]).select_related("target")
        )
        for row in rows:
            self._refuse(row)
            one = next((one for one in goods if one.number == row.number), None)
            if one is None or one.unit != row.to_pay or one.line.quantity != 1:
                raise TicketError(Code.HOLD_CHANGED, _("改签差价与办理时不一致"), "holds")
            row.difference_order = order
            row.save(update_fields=["difference_order"])
            one.line.product_name = str(_("改签差价")) + " " + row.number
            one.line.save(update_fields=["product_name"])
            last = pay_by(row.target) if row.target is not None else None
            assert last is not None  # noqa: S101 - just looked
            until.append(last)
        if len(rows) < len({one.number for one in goods}):
            raise TicketError(Code.NOT_FOUND, _("没有这笔改签"), "holds")
        return min(until)

    def bound(self, order_id: int) -> set[int]:
        """The keys of an order's lines that pay changes."""
        return difference_lines(order_id)


def paid(order_id: int) -> int:
    """A difference is paid: its change goes on. Money for one that is over goes back. How many; again: none."""
    done = 0
    for pk in ChangeRequest.objects.filter(difference_order=order_id).values_list("pk", flat=True):
        with transaction.atomic():
            request = locked_change(pk)
            target = request.target
            if request.state == S.TO_PAY and target is not None and target.state == OrderState.HELD:
                proceed(request)
                done += 1
            elif request.state in (S.CLOSED, S.REFUSED, S.TO_PAY):
                if request.state == S.TO_PAY:
                    stay(request, "refuse", _("付款到账时新行程的占座已失效"))
                else:
                    money_back(request)
    return done


def proceed(request: ChangeRequest) -> None:
    """Go on with a *locked* change; where our own inventory refuses it now, the old tickets count again."""
    try:
        with transaction.atomic():
            go_on(request)
    except TicketError as refusal:
        stay(locked_change(request.pk), "refuse", refusal.message)


def ended(order_id: int) -> int:
    """The order that was to pay a difference ended: the change is over, the old tickets count. Again: none."""
    done = 0
    for pk in ChangeRequest.objects.filter(difference_order=order_id, state=S.TO_PAY).values_list(
        "pk", flat=True
    ):
        with transaction.atomic():
            request = locked_change(pk)
            if request.state == S.TO_PAY and not is_paid(request):
                stay(request, "close", _("差价未付，改签已取消"))
                done += 1
    return done


def give_up(request_pk: int) -> ChangeRequest:
    """The customer does not want it any more, before anything is paid. Raises TicketError CHANGED_MEANWHILE."""
    with transaction.atomic():
        request = locked_change(request_pk)
        if request.state not in (S.ASKED, S.TO_PAY) or request.difference_order_id is not None:
            raise TicketError(
                Code.CHANGED_MEANWHILE, _("改签已在办理，不能取消"), hint=_("请刷新后查看最新状态")
            )
        stay(request, "close", _("客户取消改签"), told=False)
    return request
