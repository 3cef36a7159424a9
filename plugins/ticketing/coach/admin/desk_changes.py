"""改签 at the ticket counter: the old tickets' people on another bus, what it comes to, and exactly that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from plugins.ticketing.kernel.access import REFUND, SELL
from plugins.ticketing.kernel.admin.changes import add_chooser
from plugins.ticketing.kernel.choices import MoneyState, TicketState, Trade
from plugins.ticketing.kernel.errors import TicketError, TicketErrorCode
from plugins.ticketing.kernel.models import ChangeRequest, Ticket, TicketOrder
from plugins.ticketing.kernel.services.binding import mine
from plugins.ticketing.kernel.services.change_paying import give_up as end_change
from plugins.ticketing.kernel.services.changing import (
    ChangeOffer,
    StaleChange,
    Wanted,
    as_it_is,
    preview_change,
    refuse_gone,
    submit_change,
)
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.masking import mask_id_number, mask_name
from saleor_o2o.kernel.scope import get_row, require

from ..errors import CoachError
from ..errors import CoachErrorCode as Code
from ..fares import Rider
from ..services.again import riders_again

Answer = dict[str, Any]
#: Tickets of one change that are read.
MOST = 30


def order_to_change(user: Any, number: str) -> TicketOrder:
    """A coach order in the clerk's reach whose tickets he may change. Raises OutOfScope, NotAllowed."""
    rows = TicketOrder.objects.select_related(
        "coach_trip__start", "coach_trip__goal", "coach_trip__shift_day"
    ).filter(trade=Trade.COACH, coach_trip__isnull=False)
    order: TicketOrder = get_row(user, rows, number=number.strip().upper()[:24])
    require(user, REFUND, order)
    return order


def tickets_to_change(order: TicketOrder, numbers: Any = None) -> list[Ticket]:
    """Its tickets that count, in their order; `numbers`: only these. Raises CoachError INVALID_INPUT."""
    rows = order.tickets.filter(state=TicketState.ISSUED, used=0, back=0, passenger__isnull=False)
    found = list(rows.select_related("passenger", "coach_proof", "ticket_order").order_by("pk"))
    if numbers is None:
        return found
    wanted = {str(one).strip().upper() for one in numbers[:MOST]} if isinstance(numbers, list) else set()
    chosen = [one for one in found if one.number in wanted]
    if not chosen or len(chosen) < len(wanted):
        raise CoachError(
            Code.INVALID_INPUT,
            _("请选择要改签的票"),
            "rider",
            _("票的状态可能刚刚变了，请回到订单重新点改签"),
        )
    return chosen


def riders_to_change(order: TicketOrder, told: Sequence[Mapping[str, Any]]) -> list[Rider]:
    """Who goes on the other bus: the people of the tickets that were told."""
    return riders_again(tickets_to_change(order, [one.get("ticket") for one in told]))


def shown(order: TicketOrder) -> Answer:
    """What the counter has of an order that is changed; people masked."""
    trip = order.coach_trip
    return {
        "order": order.number, "title": order.title, "start": trip.start.code, "startName": trip.start.name,
        "goal": trip.goal.code, "day": max(trip.shift_day.day, today()).isoformat(),
        "page": reverse("admin:o2o_ticketing_changerequest_new", args=[order.pk]),
        "back": reverse("admin:o2o_ticketing_ticketorder_change", args=[order.pk]),
        "tickets": [
            {
                "ticket": one.number, "name": mask_name(one.passenger.name), "fare": one.fare,
                "shown": mask_id_number(one.passenger.document_number),
            }
            for one in tickets_to_change(order) if one.passenger is not None
        ],
    }  # fmt: skip


def offer(user: Any, typed: Mapping[str, Any], request: HttpRequest) -> Answer:
    """What changing to the held bus comes to; the quotes hold for five minutes."""
    order = order_to_change(user, str(typed.get("order") or ""))
    target = mine(str(typed.get("target") or "")[:24], "", user)
    refuse_gone(target)
    return _offers(preview_change(tickets_to_change(order, typed.get("tickets") or []), target))


def change(user: Any, typed: Mapping[str, Any], request: HttpRequest) -> Answer:
    """Change them as it was shown; the same key again is the same change."""
    order = order_to_change(user, str(typed.get("order") or ""))
    target = mine(str(typed.get("target") or "")[:24], "", user)
    told = typed.get("tokens")
    tokens = {str(key): str(value) for key, value in told.items()} if isinstance(told, Mapping) else {}
    keys = dict(order.tickets.filter(number__in=list(tokens)[:MOST]).values_list("number", "pk"))
    done = submit_change(
        user, str(typed.get("key") or "")[:64],
        [Wanted(pk, tokens[number]) for number, pk in sorted(keys.items())], target.pk,
    )  # fmt: skip
    if isinstance(done, StaleChange):
        raise TicketError(
            TicketErrorCode.QUOTE_CHANGED, done.words, "tickets", _("还没有改签；请核对新的金额后再确认")
        )
    return {"change": _told(as_it_is(done))}


def give_up(user: Any, typed: Mapping[str, Any], request: HttpRequest) -> Answer:
    """The customer does not want it: the old tickets count again."""
    row: ChangeRequest = get_row(
        user, ChangeRequest, number=str(typed.get("number") or "").strip().upper()[:24]
    )
    require(user, REFUND, row)
    return {"change": _told(end_change(row.pk))}


def standing(user: Any, typed: Mapping[str, Any], request: HttpRequest) -> Answer:
    """How a change in the clerk's reach stands."""
    row: ChangeRequest = get_row(
        user, ChangeRequest, number=str(typed.get("number") or "").strip().upper()[:24]
    )
    return {"change": _told(row)}


def _offers(offers: Sequence[ChangeOffer]) -> Answer:
    net = sum((one.quote.to_pay - one.quote.back for one in offers), Decimal(0))
    return {
        "allowed": all(one.quote.allowed for one in offers),
        "net": str(net),
        "tokens": {one.old.number: one.quote.token for one in offers},
        "lines": [
            {
                "label": f"{mask_name(one.old.passenger.name) if one.old.passenger else ''} {one.old.fare_name}",
                "words": _("手续费 %(fee)s，应补 %(pay)s，应退 %(back)s。%(text)s")
                % {
                    "fee": one.quote.fee, "pay": one.quote.to_pay, "back": one.quote.back,
                    "text": "；".join(filter(None, (one.fee.text, one.insurance))),
                }
                if one.quote.allowed else _("不能改签：%(why)s") % {"why": one.fee.text},
            }
            for one in offers
        ],
    }  # fmt: skip


def _told(row: ChangeRequest) -> Answer:
    """`cash`: what the clerk hands out himself, with the page that notes it; `unsettled`: nobody knows yet whose it is
    to give back."""
    money = list(row.money.order_by("pk"))
    cash = [one for one in money if one.state == MoneyState.COUNTER]
    return {
        "cash": str(sum((one.amount for one in cash), Decimal(0))) if cash else "",
        "payOut": reverse("admin:o2o_ticketing_moneyback_pay_out", args=[cash[0].pk]) if cash else "",
        "unsettled": any(one.state == MoneyState.WAITING for one in money),
        "number": row.number, "state": row.state, "stateLabel": row.get_state_display(), "toPay": str(row.to_pay),
        "back": str(row.back), "why": row.why,
        "page": reverse("admin:o2o_ticketing_changerequest_change", args=[row.pk]),
    }  # fmt: skip


def _chooser(request: HttpRequest, order: TicketOrder) -> str:
    """The counter with this order in mind, for whoever sells there."""
    user: Any = request.user
    if not user.has_perm(SELL) or not hasattr(order, "coach_trip"):
        return ""
    return f"{reverse('admin:o2o_coach_shiftday_counter')}?change={order.number}"


add_chooser(Trade.COACH, _chooser)
