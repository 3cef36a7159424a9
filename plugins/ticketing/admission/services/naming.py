"""Another person goes with a real-name ticket: once, by the buyer or at a counter, with the checks of a purchase."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from plugins.ticketing.kernel.access import REFUND
from plugins.ticketing.kernel.choices import TicketState, Trade
from plugins.ticketing.kernel.models import Ticket, TicketOrder, TicketPassenger
from plugins.ticketing.kernel.passengers import Passenger
from plugins.ticketing.kernel.services.insuring import insured_by
from plugins.ticketing.kernel.services.reach import is_buyer, unit_for
from plugins.ticketing.kernel.services.wishes import refuse_overlap
from plugins.ticketing.kernel.trades import Want, Wish
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import SHANGHAI, now, today
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import OutOfScope

from ..candidates import OWN
from ..choices import DrawState, ExchangeMode, RealName
from ..errors import AdmissionError
from ..errors import AdmissionErrorCode as Code
from ..models import Draw, NameChange, TicketClass, Voucher
from ..sold import session_of
from ..vouchers.locks import lock_vouchers_of
from ..vouchers.services.making import make_anew
from ..vouchers.services.sending import tell_anew
from . import limits
from .wishing import check_most, check_person

NAMED = audit.action("admission.holder_changed", _("更改实名信息"))


@dataclass(frozen=True, slots=True)
class Holder:
    """Whether who goes with a ticket may be changed now: why not (None: he may), and until when he may."""

    refusal: AdmissionError | None
    until: datetime | None = None


def why_not(ticket: Ticket) -> AdmissionError | None:
    """Why the holder of a ticket cannot be changed now, None where he can. As `holders`."""
    return holders([ticket])[ticket.pk].refusal


def holders(tickets: Sequence[Ticket]) -> dict[int, Holder]:
    """Of each ticket, by key, whether its holder may be changed now. Five statements for any number of tickets, and
    one for each change that some of them have gone through; nothing is locked.

    Read along: the order with its supplier, the passenger.
    """
    seen = _Seen(tickets)
    return {one.pk: _holder(one, seen) for one in tickets}


class _Seen:
    """What tells for tickets whether their holders may be changed, read at once."""

    def __init__(self, tickets: Sequence[Ticket]) -> None:
        keys = [one.pk for one in tickets]
        rows = TicketClass.objects.filter(variant__in={one.variant_id for one in tickets})
        read = rows.select_related("product__entry_rule", "product__queue")
        self.kinds = {one.variant_id: one for one in read}
        draws = Draw.objects.filter(ticket_class__in=[one.pk for one in self.kinds.values()])
        self.drawn = set(draws.exclude(state=DrawState.CANCELLED).values_list("ticket_class", "session"))
        self.named = _named_before(tickets)
        link = Voucher.tickets.through.objects.filter(ticket__in=keys, voucher__papered_at__isnull=False)
        self.papered = set(link.values_list("ticket", flat=True))
        self.insured = {to or of for of, to in insured_by(tickets).values_list("ticket", "moves_to")}

    def is_hot(self, kind: TicketClass, order: TicketOrder) -> bool:
        """Rotating codes, a queue or a draw: names stay as they were bought."""
        rule, queue = getattr(kind.product, "entry_rule", None), getattr(kind.product, "queue", None)
        return (
            (rule is not None and rule.rotating)
            or (queue is not None and queue.active)
            or (kind.pk, session_of(order)) in self.drawn
        )


def _holder(ticket: Ticket, seen: _Seen) -> Holder:
    order, kind = ticket.ticket_order, seen.kinds.get(ticket.variant_id or 0)
    if order.trade not in (Trade.SCENIC, Trade.SHOW) or kind is None or ticket.passenger_id is None:
        return _kept(_("这张票没有实名，不用更改"), _("凭二维码或入场码入场即可"))
    if kind.real_name == RealName.NONE:
        return _kept(_("这张票不需要实名，不用更改"), _("凭二维码或入场码入场即可"))
    if order.supplier is None or order.supplier.adapter != OWN:
        return _kept(_("这张票由供应商出票，不能更改实名"), _("请按规则退票，由实际入场的人重新购买"))
    if not kind.product.name_change_hours or seen.is_hot(kind, order):
        return _kept(_("这个产品不能更改实名"), _("请按规则退票，由实际入场的人重新购买"))
    if ticket.pk in seen.named:
        return _kept(_("这张票已更改过一次实名，不能再改"), _("请按规则退票"))
    if ticket.state != TicketState.ISSUED or ticket.used:
        words = _("这张票%(state)s，不能更改实名") % {"state": ticket.get_state_display()}
        return _kept(words, _("请刷新后查看"))
    last = _last_moment(ticket, kind.product.name_change_hours)
    if now() >= last:
        at = f"{last.astimezone(SHANGHAI):%m-%d %H:%M}"
        return _kept(_("已过更改实名的截止时间（%(at)s）") % {"at": at}, _("请本人携带证件入场"))
    if ticket.pk in seen.papered:
        return _kept(_("已换纸票，不能更改实名"), _("请先带纸票到柜台收回"))
    if ticket.pk in seen.insured:
        return _kept(_("这张票买了保险，保险不能换人"), _("请先退票"))
    return Holder(None, last)


def _last_moment(ticket: Ticket, hours: int) -> datetime:
    """Until when a holder may be changed: so long before it begins, or before the time of validity is over."""
    order = ticket.ticket_order
    fixed = session_of(order) is not None or bool(order.place.get("day"))
    return (order.starts_at if fixed else ticket.valid_until) - timedelta(hours=hours)


def _named_before(tickets: Sequence[Ticket]) -> set[int]:
    """The keys of those whose holder was changed, also before they took the place of another ticket."""
    since = {one.pk: one.pk for one in tickets}  # a ticket of before: the one that it became
    older = {one.changed_from_id: one.pk for one in tickets if one.changed_from_id is not None}
    while older:
        since |= older
        rows = Ticket.objects.only("changed_from").filter(pk__in=older)
        older = {one.changed_from_id: older[one.pk] for one in rows if one.changed_from_id is not None}
    changed = NameChange.objects.filter(ticket__in=since).values_list("ticket", flat=True)
    return {since[pk] for pk in changed}


def change_holder(
    by: Any, number: str, person: Passenger, *, token: str = "", mobile: str = "", reason: str = ""
) -> NameChange:
    """Another person goes with a ticket: its codes are made anew at once, the ones before let nobody in.

    `by`: the buyer, a guest with the `token` of his order or the pass of an hour, or a clerk who may refund and change
    at a desk and has the order within reach. Locks: the order's tickets, the ticket's vouchers, the person by name,
    counters of limits.
    Raises OutOfScope, NotAllowed; AdmissionError NAME_CHANGE in words, INVALID and LIMIT_REACHED as a purchase does;
    TicketError TRIPS_OVERLAP; LockTimeout.
    """
    rows = Ticket.objects.select_related("ticket_order__order", "ticket_order__unit")
    found = rows.filter(number=number).first()
    if found is None:
        raise OutOfScope
    unit_for(by, found.ticket_order, REFUND, token=token)
    clerk = None if is_buyer(by, found.ticket_order, token) else by
    with transaction.atomic():
        # all of the order's: another one may be about to get the same person
        rows = Ticket.objects.select_related("ticket_order__supplier", "passenger")
        tickets = lock_rows(rows.filter(ticket_order=found.ticket_order_id))
        [ticket] = [one for one in tickets if one.pk == found.pk]
        refusal = why_not(ticket)
        if refusal is not None:
            raise refusal
        order = ticket.ticket_order
        kind = TicketClass.objects.select_related("product").get(variant=ticket.variant_id)
        before = ticket.passenger
        assert before is not None  # noqa: S101 - `why_not` looked
        _check(order, ticket, kind, before, person, by if clerk is None and by.is_authenticated else None)
        limits.swap_document(
            order.number, limits.rules_of(kind.product), before.document_index, person.index,
            session=session_of(order), day=_day_of(order),
        )  # fmt: skip
        after = TicketPassenger.objects.create(
            ticket_order=order, name=person.name, document=person.document, document_number=person.number,
            document_index=person.index, birth=person.birth, type=before.type, mobile=mobile,
        )  # fmt: skip
        ticket.passenger = after
        ticket.save(update_fields=["passenger"])
        why = str(_("更改实名信息"))
        for voucher in lock_vouchers_of([ticket]):
            make_anew(voucher, order, why, by)
            _tell(order, voucher, kind)
        made = NameChange.objects.create(
            ticket=ticket, before=before, after=after, by=clerk, reason=reason.strip()[:200]
        )
        audit.record(
            NAMED, made, after={"ticket": ticket.number, "reason": made.reason}, actor=actor_label(by)
        )
    return made


def _check(
    order: TicketOrder,
    ticket: Ticket,
    kind: TicketClass,
    before: TicketPassenger,
    person: Passenger,
    buyer: Any,
) -> None:
    """As at the purchase: papers and age, no second ticket for one document, no other visit at that time."""
    if person.index == before.document_index:
        raise _no(_("与原来的观众是同一个证件"), _("请填写另一位观众"))
    day = _day_of(order) or (order.starts_at.astimezone(SHANGHAI).date() if session_of(order) else today())
    check_person(kind, person, day)
    others = Ticket.objects.filter(
        ticket_order=order, variant=ticket.variant_id, passenger__document_index=person.index,
        state__in=_COUNTING,
    )  # fmt: skip
    check_most(kind, others.count() + 1)
    want = Want(
        fare=ticket.fare, fare_name=ticket.fare_name, variant=ticket.variant_id or 0, face=ticket.face,
        price=ticket.price, full_fare=ticket.full_fare, passenger=person,
    )  # fmt: skip
    wish = Wish(
        trade=Trade(order.trade), key=order.key, title=order.title, place=order.place, starts_at=order.starts_at,
        ends_at=order.ends_at, wants=[want], candidates=(),
        overlap=session_of(order) is not None and kind.real_name == RealName.EACH,
    )  # fmt: skip
    refuse_overlap(wish, buyer)


_COUNTING: Sequence[str] = (
    TicketState.ISSUED, TicketState.PART_USED, TicketState.USED, TicketState.REFUNDING, TicketState.CHANGING,
)  # fmt: skip


def _day_of(order: TicketOrder) -> date | None:
    told = order.place.get("day")
    return date.fromisoformat(told) if told else None


def _tell(order: TicketOrder, voucher: Voucher, kind: TicketClass) -> None:
    if kind.exchange_mode in {ExchangeMode.SMS, ExchangeMode.ON_SITE}:
        tell_anew(order, voucher)


def _no(message: Any, hint: Any) -> AdmissionError:
    return AdmissionError(Code.NAME_CHANGE, message, "ticket", hint)


def _kept(message: Any, hint: Any) -> Holder:
    return Holder(_no(message, hint))
