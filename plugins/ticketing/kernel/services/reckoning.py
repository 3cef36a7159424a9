"""What the fee engine is told of a ticket: the trade's facts, with the money that was really paid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from saleor_o2o.kernel.money import split

from ..choices import Anchor, ChangeCause, FeeKind, RefundCause, ServiceFee
from ..engine import Changed, Charge, Facts, Part, Rule, Tier
from ..errors import TicketError
from ..errors import TicketErrorCode as Code
from ..legs import has_broken, leg_of
from ..models import ChangeItem, Ticket, TicketOrder
from ..trades import trade_of
from .paid import ZERO, Paid, portion

#: Causes for which nobody pays a fee.
FREE = frozenset(
    {RefundCause.CARRIER, RefundCause.ISSUE_FAILED, RefundCause.SESSION_CANCELLED, RefundCause.ORDER}
)
#: Causes after which there is no trip: the service fee goes back too.
NO_TRIP = frozenset({RefundCause.ISSUE_FAILED, RefundCause.SESSION_CANCELLED})
_FREE_TIER = Tier(None, None, Charge())


def rule_kept(ticket: Ticket, kind: FeeKind, cause: str = RefundCause.PASSENGER) -> dict[str, Any]:
    """The rule that a ticket was sold with; where there is no trip any more, all of the money goes back all the same,
    and where it was sold without a rule what is the carrier's fault, or goes back because its money did, costs nothing.

    Raises TicketError NO_RULE, SNAPSHOT_UNREADABLE.
    """
    kept = ticket.refund_rule if kind == FeeKind.REFUND else ticket.change_rule
    if cause in NO_TRIP or (cause in FREE and not kept):
        trade = ticket.ticket_order.trade
        rule = (
            Rule.from_json(kept) if kept else Rule(str(_("承运方（主办方）原因")), trade, kind, (_FREE_TIER,))
        )
        return replace(rule, service=ServiceFee.ALWAYS).to_json()
    if not kept:
        raise TicketError(
            Code.NO_RULE,
            _("这张票没有%(what)s规则，不能办理") % {"what": kind.label},
            hint=_("请联系出票台人工处理"),
        )
    return dict(kept)


def facts_to_refund(ticket: Ticket, paid: Paid, *, cause: str, quantity: int, whole_order: bool) -> Facts:
    """A ticket that is to be given back."""
    facts = trade_of(ticket.ticket_order.trade).facts(ticket, carriers_fault=cause in FREE, quantity=quantity)
    money = portion(paid.ticket, ticket, quantity)
    # taxes go back whole: no part of a fee is taken of them, nor of what a coupon paid of them
    taxes = min(facts.taxes, money)
    return replace(
        _with_money(facts, money - taxes), taxes=taxes, service=portion(paid.service, ticket, quantity),
        involuntary=facts.involuntary or cause in FREE or has_broken(ticket),
        whole_order=whole_order or not _only_whole(ticket.refund_rule),
        changed=_changed(ticket, _anchor(ticket.refund_rule)),
    )  # fmt: skip


def facts_to_change(
    ticket: Ticket, paid: Paid, new: Ticket, target: TicketOrder, *, cause: str, whole_order: bool
) -> Facts:
    """A ticket that is to be changed against one of another trip. A discount goes along to the new ticket."""
    facts = trade_of(ticket.ticket_order.trade).facts(
        ticket, carriers_fault=cause in FREE, quantity=ticket.uses, changing=True
    )
    involuntary = facts.involuntary or cause in FREE or has_broken(ticket)
    return replace(
        _with_money(facts, paid.ticket), taxes=ZERO, service=ZERO, involuntary=involuntary,
        whole_order=whole_order or not _only_whole(ticket.change_rule),
        times_before=_times_before(ticket, cause), target=leg_of(new).starts_at,
        new_price=_free_of(price_after(ticket, paid, new), paid, involuntary=involuntary),
        changed=_changed(ticket, _anchor(ticket.change_rule)),
    )  # fmt: skip


def _times_before(ticket: Ticket, cause: str) -> int:
    """How often it was changed; of a missed trip only how often one was missed: a rule of its own counts by itself."""
    if cause != ChangeCause.MISSED:
        return ticket.changes
    count, item = 0, ChangeItem.objects.filter(new=ticket).select_related("change").first()
    while item is not None:
        count += item.change.cause == ChangeCause.MISSED
        item = ChangeItem.objects.filter(new=item.old_id).select_related("change").first()
    return count


def _free_of(price: Decimal, paid: Paid, *, involuntary: bool) -> Decimal:
    """Whoever is changed by the carrier pays nothing more, however dear the other trip is."""
    return min(price, paid.ticket) if involuntary else price


def price_after(ticket: Ticket, paid: Paid, new: Ticket) -> Decimal:
    """What the new ticket costs whoever changes: its price without service fee, less the old one's discount on it."""
    discount = (ticket.price - ticket.service) - paid.ticket if ticket.changed_from_id is None else ZERO
    return max(ZERO, new.price - new.service - max(discount, ZERO))


def _with_money(facts: Facts, ticket: Decimal) -> Facts:
    weights = [part.paid for part in facts.parts]
    paid = split(ticket, weights if any(weights) else [part.face for part in facts.parts])
    parts = tuple(replace(part, paid=share) for part, share in zip(facts.parts, paid, strict=True))
    return replace(facts, parts=parts)


def _only_whole(rule: Mapping[str, Any] | None) -> bool:
    """Whether it matters that all of an order goes: who looks at three tickets may give back one by the same quote."""
    return bool(rule and rule["whole_order"])


def _anchor(rule: Mapping[str, object] | None) -> str:
    return str(rule["anchor"]) if rule else str(Anchor.DEPARTURE)


def _changed(ticket: Ticket, anchor: str) -> Changed | None:
    """That a ticket was changed, as it was told when it was: the trap needs the ticket of before.

    One that the carrier changed after its passenger had counts as the passenger's.
    """
    if ticket.changed_from_id is None:
        return None
    item = ChangeItem.objects.select_related("quote", "change", "old__ticket_order", "old__segment").get(
        new=ticket
    )
    old, carriers = item.old, item.change.cause in FREE
    if carriers and old.changed_from_id is not None:
        earlier = _changed(old, anchor)
        if earlier is not None and not earlier.carriers:
            return earlier
    if item.quote is None:
        was = Part("", old.face, old.price - old.service, old.full_fare)
        return Changed(item.change.asked_at, leg_of(old).starts_at, was, carriers)
    told = Facts.from_json(item.quote.facts)
    at = told.anchors.get(anchor) or leg_of(old).starts_at
    return Changed(told.moment, at, _one(told.parts), carriers or told.involuntary)


def _one(parts: Sequence[Part]) -> Part:
    return Part(
        "", sum((one.face for one in parts), ZERO), sum((one.paid for one in parts), ZERO),
        sum((one.full for one in parts), ZERO),
    )  # fmt: skip
