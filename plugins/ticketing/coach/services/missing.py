"""A bus that left without its passenger (误班): a later one of the same day and line, by the rule of the day of sale.

The rule is the kernel's, of kind 误乘误场: how long after the departure, for what fee, how often. The later bus is held
first, then the tickets are changed as any others are (`kernel.services.changing`, cause MISSED).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from plugins.ticketing.kernel.access import REFUND
from plugins.ticketing.kernel.choices import ChangeCause, FeeKind, OrderState, TicketState, Trade
from plugins.ticketing.kernel.engine import Fee, Rule, price_of
from plugins.ticketing.kernel.errors import TicketError, TicketErrorCode
from plugins.ticketing.kernel.models import ChangeRequest, Ticket, TicketOrder
from plugins.ticketing.kernel.selecting import rule_for
from plugins.ticketing.kernel.services.changing import (
    MARGIN,
    StaleChange,
    Wanted,
    preview_change,
    submit_change,
)
from plugins.ticketing.kernel.services.holding import close
from plugins.ticketing.kernel.services.paid import paid_for
from plugins.ticketing.kernel.services.reach import is_buyer, unit_for
from plugins.ticketing.kernel.services.reckoning import facts_to_refund, price_after
from saleor_o2o.kernel.clock import SHANGHAI, now, today
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import get_row

from ..choices import Channel, ShiftState
from ..errors import CoachError
from ..errors import CoachErrorCode as Code
from ..models import CoachTrip
from ..ports import reroutes_missed
from ..selectors.places import seasons
from ..selectors.shifts import Found, Option, product_of, search
from ..windows import told_times
from .again import riders_again
from .refreshing import freshen
from .selling import Ask, hold_seats

_WINDOW = "请到发车站窗口办理"


@dataclass(frozen=True, slots=True)
class Later:
    """A later bus, and what each ticket comes to on it: yuan to be paid more (below zero: given back), by its key."""

    bus: Found
    option: Option
    fees: Mapping[int, Fee]

    def net(self, tickets: Sequence[int]) -> Decimal:
        """What some of the tickets come to together."""
        return sum((self.fees[pk].to_pay - self.fees[pk].back for pk in tickets), Decimal(0))


def rule_of_missed(ticket: Ticket, target: TicketOrder | None = None) -> Mapping[str, Any]:
    """The rule by which a ticket goes on a later bus; `target`: the order that holds that one.

    Raises CoachError NOT_MISSED where it does not, TicketError NO_RULE.
    """
    order = ticket.ticket_order
    trips = CoachTrip.objects.select_related("shift_day__shift__line", "start", "ticket_order__supplier")
    trip = trips.get(ticket_order=order)
    _refuse(trip)
    if target is not None:
        other = CoachTrip.objects.select_related("shift_day").get(ticket_order=target)
        same = (other.start_id, other.goal_id, other.shift_day.day) == (
            trip.start_id,
            trip.goal_id,
            trip.shift_day.day,
        )
        if not same or other.shift_day.departs <= now():
            raise _not(_("误班只能改乘当日同一线路后面的班次"), _("请重新选择班次"))
    shift = trip.shift_day.shift
    keys = {
        "supplier": (order.supplier.code, trip.start.rule_key), "line": shift.line.code, "session": shift.number,
        "ticket_class": ticket.fare,
        "product": product_of(trip.shift_day),
    }  # fmt: skip
    return rule_for(Trade.COACH, FeeKind.NOSHOW, keys, order.made_at.astimezone(SHANGHAI).date()).to_json()


def _refuse(trip: CoachTrip) -> None:
    day = trip.shift_day
    if day.shift.flow:
        raise _not(_("流水班车票当日任意一班有效"), _("不用办理，直接乘下一班"))
    if day.state == ShiftState.CANCELLED:
        raise _not(_("班次已停班，不是误班"), _("请按承运方原因免费改签或退票"))
    departs, _last = told_times(trip.ticket_order.place)
    if now() < departs:
        raise _not(_("班车还没有发车"), _("请办理改签"))
    if day.day != today():
        raise _not(_("误班只能当日改乘"), _("请重新购票"))
    if not trip.start.missed_same_day:
        raise _not(_("%(station)s不办理误班改乘") % {"station": trip.start.name}, _(_WINDOW))
    if not reroutes_missed(trip.ticket_order.supplier.adapter):
        raise _not(_("%(network)s不办理误班改乘") % {"network": trip.ticket_order.supplier.name}, _(_WINDOW))


def _not(words: str, hint: str) -> CoachError:
    return CoachError(Code.NOT_MISSED, words, "tickets", hint)


def has_missed(order: TicketOrder) -> bool:
    """Whether people of an issued order may have missed its bus, and can go with a later one."""
    trip = getattr(order, "coach_trip", None)
    if trip is None or order.state != OrderState.ISSUED or not of_passengers(order):
        return False
    try:
        _refuse(trip)
    except CoachError:
        return False
    return True


def of_passengers(order: TicketOrder) -> list[Ticket]:
    """The tickets of an order with which nobody was let on board, in their order."""
    rows = order.tickets.filter(state=TicketState.ISSUED, used=0).select_related(
        "passenger", "ticket_order", "coach_proof"
    )
    return list(rows.order_by("pk"))


def later_buses(order: TicketOrder, tickets: Sequence[Ticket]) -> list[Later]:
    """Later buses of the same day and line that have seats at the network of the tickets, the next one first.

    Asks the networks where what is known is old: never in a transaction. Raises CoachError NOT_MISSED, PAPER_PRINTED,
    TicketError NO_RULE.
    """
    rules = {one.pk: Rule.from_json(rule_of_missed(one)) for one in tickets}
    trip: CoachTrip = order.coach_trip
    freshen([trip.start], trip.shift_day.day)
    paid = paid_for(tickets)
    found = []
    for bus in search([trip.start], [trip.goal], trip.shift_day.day, seasons()):
        option = next((one for one in bus.options if one.supplier.pk == order.supplier_id), None)
        seats = sum(one.carried_by_id is None for one in tickets)
        full = option is None or (option.left is not None and option.left < seats)
        if full or option is None or bus.shift_day.shift.flow or bus.shift_day.departs <= now():
            continue
        if any(option.price(one.fare) is None for one in tickets):
            continue
        fees = {}
        for one in tickets:
            facts = facts_to_refund(
                one, paid[one.pk], cause=ChangeCause.PASSENGER, quantity=one.uses, whole_order=True
            )
            new = Ticket(price=option.faces[one.fare], service=Decimal(0))
            price = price_after(one, paid[one.pk], new)
            leaves = bus.shift_day.departs
            fees[one.pk] = price_of(
                rules[one.pk], replace(facts, target=leaves, new_price=price, service=Decimal(0))
            )
        later = Later(bus, option, fees)
        if later.net(list(fees)) > 0 and bus.shift_day.departs - 2 * MARGIN <= now():
            continue  # it leaves before anybody has paid
        found.append(later)
    return found


def reroute(
    by: Any, order_pk: int, wanted: Sequence[int], shift_day: int, key: str, expected: Decimal | None = None, *,
    token: str = "",
) -> ChangeRequest:  # fmt: skip
    """Put whoever missed his bus on a later one: hold it, then change the tickets (`wanted`: their keys).

    `by`: the buyer himself (a guest with the order's `token` or a pass), or a clerk in reach. `expected`: what he was
    shown that it comes to, in yuan; another sum is refused and nothing is changed. The same key again is the same
    change. Call outside transactions: the network is asked. Raises OutOfScope, NotAllowed, CoachError NOT_MISSED and
    what holding refuses with, TicketError QUOTE_CHANGED, NOT_POSSIBLE …; LockTimeout.
    """
    rows = TicketOrder.objects.select_related(
        "coach_trip__start", "coach_trip__shift_day__shift", "supplier", "unit", "order"
    )
    found = rows.filter(pk=order_pk).first()
    bought = found is not None and is_buyer(by, found, token)
    order = found if found is not None and bought else get_row(by, rows, pk=order_pk)
    unit = unit_for(by, order, REFUND, token=token, cause=ChangeCause.MISSED)
    known = ChangeRequest.objects.filter(key=key, ticket_order=order).first()
    if known is not None:
        return known
    tickets = [one for one in of_passengers(order) if one.pk in set(wanted)]
    if not tickets or len(tickets) != len(set(wanted)):
        raise _not(_("请选择没有上车的乘客"), _("请刷新后查看最新状态"))
    for one in tickets:
        rule_of_missed(one)
    trip: CoachTrip = order.coach_trip
    riders = riders_again(tickets)
    if len(riders) < len(tickets):
        raise _not(_("票上没有乘客信息"), _(_WINDOW))
    target = hold_seats(
        Ask(
            shift_day=shift_day, goal=trip.goal_id, riders=riders, contact=order.contact,
            mobile=order.mobile, key=_hold_key(order, key), channel=Channel.ONLINE if bought else Channel.COUNTER,
            instead_of=order,
        ),
        user=order.user if bought else None, unit=unit, made_by=None if bought else by,
    )  # fmt: skip
    if target.state != OrderState.HELD:
        raise CoachError(Code.NETWORK_DOWN, _("客票网还没有答复"), "tickets", _("请过一会儿再点一次"))
    try:
        return _change(by, key, tickets, target, expected, token)
    except DomainError:
        close(target.pk, _("误班改乘未办成"))
        raise


def _hold_key(order: TicketOrder, key: str) -> str:
    """Under which key the later bus is held: another one after each try that was let go, so that whoever presses once
    more, under the same key, is not answered with seats that are free again."""
    own = f"{key[:50]}-missed"
    tried = TicketOrder.objects.filter(
        instead_of=order, request_key__contains=f":{own}", state=OrderState.CLOSED
    ).count()
    return f"{own}{tried or ''}"


def _change(
    by: Any, key: str, tickets: Sequence[Ticket], target: TicketOrder, expected: Decimal | None, token: str
) -> ChangeRequest:
    offers = preview_change(tickets, target, ChangeCause.MISSED)
    for one in offers:
        if not one.quote.allowed:
            raise _not(one.fee.text, _(_WINDOW))
    net = sum((one.quote.to_pay - one.quote.back for one in offers), Decimal(0))
    if expected is not None and net != expected:
        raise TicketError(
            TicketErrorCode.QUOTE_CHANGED, _("应补金额刚刚变为 %(net)s 元") % {"net": net}, "tickets",
            _("没有改乘；请核对新的金额后再办"),
        )  # fmt: skip
    wanted = [Wanted(one.old.pk, one.quote.token) for one in offers]
    done = submit_change(by, key, wanted, target.pk, cause=ChangeCause.MISSED, token=token)
    if isinstance(done, StaleChange):
        raise TicketError(TicketErrorCode.QUOTE_CHANGED, done.words, "tickets")
    return ChangeRequest.objects.get(pk=done.pk)
