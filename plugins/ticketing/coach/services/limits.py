"""How much one account may buy in a day, and how many children without a seat ride on a bus."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from plugins.ticketing.kernel.choices import OrderState, TicketState, Trade
from plugins.ticketing.kernel.models import Ticket, TicketOrder
from saleor_o2o.kernel.clock import midnight, now, today
from saleor_o2o.kernel.locks import advisory_lock

from ..choices import Channel, Fare
from ..errors import CoachError
from ..errors import CoachErrorCode as Code
from ..fares import Seat
from ..locks import CoachLock, lock_day
from ..models import CoachTrip, SaleLimit, ShiftDay

#: Tickets that take their place on the bus.
TAKING = (
    TicketState.HELD, TicketState.ISSUED, TicketState.PART_USED, TicketState.USED, TicketState.REFUNDING,
    TicketState.CHANGING,
)  # fmt: skip


def limit_of(channel: str) -> SaleLimit:
    """What a channel allows; without a row what the class says. One statement."""
    return SaleLimit.objects.filter(channel=channel).first() or SaleLimit(channel=channel)


def check_count(limit: SaleLimit, seats: Sequence[Seat], network_most: int = 0) -> None:
    """Refuse more tickets in an order than the channel and the network allow; children on a lap do not count.

    Raises CoachError TOO_MANY_TICKETS.
    """
    most = min((one for one in (limit.tickets_order, network_most) if one), default=0)
    count = sum(one.fare != Fare.FREE for one in seats)
    if most and count > most:
        raise CoachError(
            Code.TOO_MANY_TICKETS,
            _("每单最多 %(most)d 张（携童票不计）") % {"most": most},
            "passengers",
            _("请分开下单"),
        )


def check_account(order: TicketOrder, limit: SaleLimit) -> None:
    """Refuse an order beyond what its account, or a guest's mobile, may make in a day. It is written already.

    In the transaction that wrote it. Locks: the account (advisory). Raises CoachError TOO_MANY_ORDERS,
    TOO_MANY_CANCELS, LockTimeout.
    """
    if not (limit.orders_day or limit.cancels_day) or limit.channel == Channel.COUNTER:
        return
    whose: Any = Q(user=order.user_id) if order.user_id else Q(user=None, mobile_index=order.mobile_index)
    subject = f"user:{order.user_id}" if order.user_id else f"mobile:{order.mobile_index}"
    advisory_lock(CoachLock.ACCOUNT, subject)
    # what is held for a change is no purchase, nor is letting it go a cancellation
    rows = TicketOrder.objects.filter(
        whose,
        instead_of=None,
        trade=Trade.COACH,
        made_at__gte=midnight(today()),
        coach_trip__channel=limit.channel,
    ).exclude(pk=order.pk)
    states = list(rows.values_list("state", flat=True))
    cancelled = sum(one == OrderState.CLOSED for one in states)
    if limit.cancels_day and cancelled >= limit.cancels_day:
        raise CoachError(
            Code.TOO_MANY_CANCELS,
            _("今天已取消 %(count)d 次，不能再购买") % {"count": cancelled},
            None,
            _("请明天再来，或到网点柜台购买"),
        )
    made = sum(one not in (OrderState.CLOSED, OrderState.HOLD_FAILED) for one in states)
    if limit.orders_day and made >= limit.orders_day:
        raise CoachError(
            Code.TOO_MANY_ORDERS,
            _("每个账号每天最多 %(most)d 单汽车票") % {"most": limit.orders_day},
            None,
            _("请明天再来，或到网点柜台购买"),
        )


def carried_on(day: ShiftDay, *, but: int = 0) -> int:
    """How many children without a seat ride on a bus, held ones that are not over included. One statement."""
    rows = Ticket.objects.filter(
        ticket_order__coach_trip__shift_day=day, fare=Fare.FREE, state__in=TAKING
    ).exclude(ticket_order=but)
    waiting = Q(
        ticket_order__state__in=(OrderState.HOLDING, OrderState.HELD), ticket_order__held_until__lt=now(),
        ticket_order__order=None,
    )  # fmt: skip
    return rows.exclude(waiting).count()


def claim_children(order: TicketOrder, shift_day: int, count: int) -> None:
    """Refuse children without a seat beyond a tenth of the bus's seats. The order's tickets are written already.

    In the transaction that wrote them. Locks: the bus's day, so that two parties count one after the other. Raises
    CoachError TOO_MANY_CHILDREN, LockTimeout.
    """
    if not count:
        return
    day = lock_day(shift_day)
    there = carried_on(day, but=order.pk)
    if there + count > day.carried_most:
        raise CoachError(
            Code.TOO_MANY_CHILDREN,
            _("这班车的携童名额（座位的 10%%）只剩 %(left)d 个") % {"left": max(0, day.carried_most - there)},
            "passengers",
            _("请给儿童购半票，或换一个班次"),
        )


def claim_again(order: TicketOrder, tickets: Sequence[Ticket]) -> None:
    """Count a paid order's children without a seat once more: closed in between, others may have taken their places.

    Locks and errors as `claim_children`.
    """
    count = sum(one.fare == Fare.FREE for one in tickets)
    if count:
        claim_children(order, CoachTrip.objects.get(ticket_order=order).shift_day_id, count)
