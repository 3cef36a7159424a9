"""Insurances beside tickets: chosen while the trip is held, bought as lines of their own, issued by the insurer later.

WANTED (chosen; bought with the hold) → ASKED (taken in) → IN_FORCE; FAILED and CANCELLED give the premium back.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _
from saleor.order.models import OrderLine

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.money import format_yuan, split
from saleor_o2o.kernel.numbering import next_number
from saleor_o2o.ordering.interfaces import (
    FulfilmentRefused,
    HeldLine,
    fulfil_all,
    lock_for_fulfilment,
    profile_of,
    sub_order_lines_of,
)

from ..choices import GONE, FeeItem, InsuranceState, OrderState, Side, TicketState
from ..errors import TicketError
from ..errors import TicketErrorCode as Code
from ..insurers import InsureAsk, Policy, insurer_of
from ..legs import leg_of, with_segments
from ..locks import lock_orders
from ..models import FeeLine, Insurance, InsuranceProduct, Ticket, TicketOrder
from ..numbers import INSURANCE as NUMBER
from ..ports import Person, SupplierRefused, SupplierSilent
from ..telling import tell_uninsured
from .binding import refuse_gone
from .giving_back import owe
from .goods import INSURANCE, ticket_variant
from .health import note_failure, note_ok
from .jobs import each
from .paid import ZERO

logger = logging.getLogger(__name__)
I = InsuranceState  # noqa: E741 - as the other machines' short names
#: So many of each kind in a run of the job.
MOST = 200
#: How soon an insurer is asked again.
SOON = timedelta(minutes=1)
#: Somebody travelled on it, or its time is over, before the insurer was asked.
LATE = (TicketState.PART_USED, TicketState.USED, TicketState.EXPIRED)
OPEN = (I.WANTED, I.ASKED, I.IN_FORCE)


# -- choosing and buying -----------------------------------------------------------------


def offered(trade: str) -> list[InsuranceProduct]:
    """What can be bought beside tickets of a trade, the cheapest first. One statement."""
    rows = InsuranceProduct.objects.filter(trade=trade, active=True, insurer__active=True)
    return list(rows.select_related("insurer"))


def choose(order: TicketOrder, wanted: Mapping[str, Sequence[str]]) -> list[Insurance]:
    """Choose insurances (codes) by ticket number for a held order, instead of what was chosen before.

    Nothing is ever chosen for anybody. For a caller who showed that the hold is his. Locks: the ticket order. Raises
    TicketError HOLD_GONE, HOLD_ORDERED, HOLD_PENDING, HOLD_FOR_CHANGE, NOT_FOUND, INVALID_INPUT.
    """
    with transaction.atomic():
        [row] = lock_orders([order.pk])
        refuse_gone(row, now())
        tickets = {one.number: one for one in row.tickets.all()}
        products = {one.code: one for one in offered(row.trade)}
        made = []
        for number, codes in wanted.items():
            ticket = tickets.get(number)
            if ticket is None:
                raise TicketError(Code.NOT_FOUND, _("没有这张票"), "ticket")
            for code in dict.fromkeys(codes):
                product = products.get(code)
                if product is None:
                    raise TicketError(
                        Code.INVALID_INPUT, _("没有这种保险，或已停售"), "products", _("请刷新后重新选择")
                    )
                made.append(
                    Insurance(
                        number=next_number(NUMBER), ticket=ticket, insurer_id=product.insurer_id,
                        product=product.code, price=product.price, share=product.share,
                    )
                )  # fmt: skip
        Insurance.objects.filter(ticket__ticket_order=row, order_line=None, state=I.WANTED).delete()
        return Insurance.objects.bulk_create(made)


def _variant(insurance: Insurance) -> Any:
    name = InsuranceProduct.objects.values_list("name", flat=True).get(code=insurance.product)
    return ticket_variant(INSURANCE, insurance.product, name, "one", name)


class Insurances:
    """What is bought along with a ticket order (`binding.Extra`)."""

    def lines(self, order: TicketOrder) -> Sequence[HeldLine]:
        """A line for each product and price."""
        counted: dict[tuple[int, Decimal], int] = defaultdict(int)
        for one in _chosen(order):
            counted[_variant(one).pk, one.price] += 1
        return [HeldLine(variant, count, price) for (variant, price), count in sorted(counted.items())]

    def bind(self, order: TicketOrder, lines: Mapping[tuple[int, Decimal], OrderLine]) -> None:
        """They are of these order lines now."""
        for one in _chosen(order):
            one.order_line = lines[_variant(one).pk, one.price]
            one.save(update_fields=["order_line"])

    def bound(self, order_id: int) -> set[int]:
        """The order's lines that are insurances."""
        found = Insurance.objects.filter(order_line__order_id=order_id)
        return {line for line in found.values_list("order_line_id", flat=True) if line is not None}


def _chosen(order: TicketOrder) -> list[Insurance]:
    return list(
        Insurance.objects.filter(ticket__ticket_order=order, state=I.WANTED, order_line=None).order_by("pk")
    )


# -- issuing -----------------------------------------------------------------------------


def begin(ticket_order_pk: int) -> int:
    """The tickets count: their insurances are asked for; how many. Again: none."""
    waiting = Insurance.objects.filter(
        ticket__ticket_order=ticket_order_pk, state=I.WANTED, order_line__isnull=False,
        ticket__state=TicketState.ISSUED,
    )  # fmt: skip
    return each(waiting.order_by("pk"), ask, "insurance")


def ask(pk: int) -> None:
    """Ask the insurer for one, once; outside of any transaction. What is asked for twice is one insurance there."""
    waiting = Insurance.objects.filter(pk=pk, state=I.WANTED, order_line__isnull=False)
    claimed = waiting.filter(ticket__state=TicketState.ISSUED).update(state=I.ASKED, ask_at=now() + SOON)
    if claimed:
        _send(pk)


def _send(pk: int) -> None:
    one = read(pk)
    try:
        policy = insurer_of(one.insurer.adapter).issue(ask_of(one))
    except SupplierRefused as refusal:
        policy = Policy("refused", words=str(refusal.words))
    except (SupplierSilent, LookupError):
        logger.warning("insurer %s is silent about %s", one.insurer.code, one.number)
        note_failure(one.insurer)
        return
    note_ok(one.insurer)
    record(pk, policy)


def read(pk: int) -> Insurance:
    """An insurance with what its insurer is told of it."""
    return Insurance.objects.select_related(
        "insurer", "ticket__passenger", "ticket__segment", "ticket__ticket_order__unit", "order_line",
        "moves_to__passenger", "moves_to__segment", "moves_to__ticket_order",
    ).get(pk=pk)  # fmt: skip


def ask_of(one: Insurance) -> InsureAsk:
    """What the insurer is told: of the trip that the ticket was changed to, where it was."""
    ticket = one.moves_to or one.ticket
    leg, who = leg_of(ticket), ticket.passenger
    person = Person(who.name, who.document, who.document_number) if who is not None else None
    return InsureAsk(one.number, one.product, person, leg.title, leg.starts_at, leg.ends_at, one.share)


def record(pk: int, policy: Policy) -> None:
    """Write where an insurance stands. Again: no change. Locks: the insurance."""
    with transaction.atomic():
        row = locked(pk)
        if policy.state == "cancelled" and row.state in OPEN:
            _end(row, I.CANCELLED, (row.why if row.moves_to_id is not None else "") or _("已退保"))
        elif row.state != I.ASKED:
            return
        elif policy.state == "in_force":
            row.state, row.policy_number, row.in_force_at = I.IN_FORCE, policy.number, now()
            # changed while it was asked for: whether it goes along is asked at once
            row.ask_at, row.why = (now() if row.moves_to_id is not None else None), ""
            row.save(update_fields=["state", "policy_number", "in_force_at", "ask_at", "why"])
            book(row, 1)
            transaction.on_commit(partial(deliver, row.pk), robust=True)
        elif policy.state == "refused":
            _end(row, I.FAILED, policy.words or _("保险公司未承保"))


def locked(pk: int) -> Insurance:
    """Lock an insurance. In the caller's transaction."""
    rows = Insurance.objects.select_related("ticket__ticket_order__unit", "moves_to__ticket_order__unit")
    return lock_rows(rows.filter(pk=pk))[0]


def deliver(pk: int) -> None:
    """A policy is there: one piece of its line is handed over. Locks: the order, its stock."""
    row = Insurance.objects.select_related("order_line").get(pk=pk)
    if row.order_line is None:
        return
    try:
        with transaction.atomic():
            order = lock_for_fulfilment(row.order_line.order_id)
            if order is not None:
                fulfil_all(order, None, only={row.order_line.pk: 1})
    except FulfilmentRefused as refusal:
        logger.warning("insurance %s is not handed over: %s", row.number, refusal)


def book(row: Insurance, sign: int, reference: str = "") -> None:
    """Write the premium on its ticket, or that it is not on it any more; once by `reference`."""
    reference = reference or (row.number if sign > 0 else f"{row.number}-")
    FeeLine.objects.bulk_create(
        [
            FeeLine(
                ticket_id=row.ticket_id, side=side, item=FeeItem.INSURANCE, amount=sign * amount, reference=reference
            )
            for side, amount in ((Side.CUSTOMER, row.price), (Side.SUPPLIER, row.share))
        ],
        ignore_conflicts=True,
    )  # fmt: skip


def _end(row: Insurance, state: InsuranceState, why: str) -> None:
    """No insurance: the premium goes back, unless the whole order's money did another way."""
    was = row.state
    travels = row.moves_to or row.ticket
    row.state, row.why, row.ask_at, row.cancelled_at, row.moves_to = state, why[:200], None, now(), None
    row.save(update_fields=["state", "why", "ask_at", "cancelled_at", "moves_to"])
    if was == I.IN_FORCE:
        book(row, -1)
    if row.order_line_id is None:
        return
    order_id = row.order_line.order_id if row.order_line is not None else 0
    profile = profile_of(order_id)
    if profile is None or profile.paid_at is None or profile.closed_at is not None:
        return
    amount = paid_for(row)
    if amount:
        owe(
            order_id, amount, key=row.number, unit=row.ticket.ticket_order.unit,
            reason=_("保险 %(number)s 退保费") % {"number": row.number}, insurance=row,
        )  # fmt: skip
        if travels.state not in GONE:  # whoever gives a ticket back knows of it
            tell_uninsured(row, amount)


def paid_for(row: Insurance) -> Decimal:
    """What was paid of a premium, in yuan: the shares of all insurances of a line sum to the line's total."""
    siblings = list(Insurance.objects.filter(order_line=row.order_line_id).order_by("pk"))
    order_id = row.order_line.order_id if row.order_line is not None else 0
    parts = [one for one in sub_order_lines_of(order_id) if one.order_line_id == row.order_line_id]
    total = sum((one.total for one in parts), ZERO)
    shares = split(total, [one.price for one in siblings])
    return dict(zip([one.pk for one in siblings], shares, strict=True))[row.pk]


# -- jobs ------------------------------------------------------------------------------


def follow() -> int:
    """Ask for what was not asked for, look up what has no policy yet, end what nobody travels on.

    Who was asked last comes last: an insurer that is silent keeps no other one's waiting.
    """
    bought = Insurance.objects.filter(order_line__isnull=False).order_by(
        F("ask_at").asc(nulls_first=True), "pk"
    )
    done = each(bought.filter(state=I.WANTED, ticket__state=TicketState.ISSUED), ask, "insurance", MOST)
    done += each(bought.filter(state=I.ASKED, ask_at__lte=now()), find_out, "insurance", MOST)
    over = (
        Q(ticket__state__in=GONE, moves_to=None, why="")
        | Q(moves_to__state__in=GONE, why="")
        | Q(ticket__ticket_order__state=OrderState.ISSUE_FAILED, state=I.WANTED)
        | Q(ticket__state__in=LATE, state=I.WANTED)
    )
    return done + each(bought.filter(over, state__in=OPEN), cancel, "insurance", MOST)


def find_out(pk: int) -> None:
    """Where one stands; what the insurer does not know is sent again under the same number."""
    one = read(pk)
    claimed = Insurance.objects.filter(pk=pk, state=I.ASKED, ask_at=one.ask_at).update(
        ask_at=now() + SOON * 5
    )
    if not claimed:
        return
    try:
        found = insurer_of(one.insurer.adapter).find(one.number)
    except (SupplierRefused, SupplierSilent, LookupError):
        note_failure(one.insurer)
        return
    note_ok(one.insurer)
    if found is None:
        _send(pk)
    else:
        record(pk, found)


def cancel(pk: int) -> bool:
    """End one whose ticket is gone, or was used before the insurer was asked.

    False: its insurer refuses, keeps it, and says why. A silent one is asked again by the job.
    """
    one = read(pk)
    if one.state == I.WANTED:
        with transaction.atomic():
            row = locked(pk)
            if row.state == I.WANTED:
                late = row.ticket.state in LATE
                _end(row, I.CANCELLED, _("已乘车（使用）或过期，没有投保") if late else _("票已退，没有投保"))
        return True
    # the clock is moved first: whatever comes of it, the next run of the job begins with others
    Insurance.objects.filter(pk=pk, state__in=OPEN).update(ask_at=now() + SOON * 5)
    try:
        record(pk, insurer_of(one.insurer.adapter).cancel(one.number))
    except SupplierRefused as refusal:
        words = _("不能退保：%(words)s") % {"words": refusal.words}
        Insurance.objects.filter(pk=pk, state__in=OPEN).update(why=words[:200])
        return False
    except (SupplierSilent, LookupError):
        note_failure(one.insurer)
    return True


def insured_by(tickets: Sequence[Ticket]) -> QuerySet[Insurance]:
    """The bought insurances of tickets that count, also those that are still on their way to them."""
    mine = Q(ticket__in=tickets, moves_to=None) | Q(moves_to__in=tickets)
    return Insurance.objects.filter(mine, state__in=OPEN, order_line__isnull=False)


def begun_of(tickets: Sequence[Ticket]) -> set[int]:
    """The keys of those whose trip has begun: their insurances stay with it. A statement where they are on legs."""
    return {one.pk for one in with_segments(tickets) if leg_of(one).starts_at <= now()}


def words_before_change(tickets: Sequence[Ticket]) -> dict[int, str]:
    """What becomes of tickets' insurances when they are changed, a sentence by ticket; for whoever confirms it.

    It goes along where its insurer puts it on the new trip (`endorsing`); else it ends, and the premium comes back.
    What has begun stays with the old trip.
    """
    insured = list(insured_by(tickets).order_by("pk"))
    if not insured:
        return {}
    names = dict(InsuranceProduct.objects.values_list("code", "name"))
    began = begun_of(tickets)
    found: dict[int, str] = {}
    for one in insured:
        key = one.moves_to_id or one.ticket_id
        told = {"name": names.get(one.product, one.product), "price": format_yuan(one.price)}
        words = (
            _("%(name)s已随原车（场）生效，不退保费；新票没有保险") % told
            if key in began
            else _(
                "%(name)s随票改签，保费不变；保险公司不能改到新行程的，退保并原路退回保费 %(price)s，另行通知"
            )
            % told
        )
        found[key] = "；".join(filter(None, (found.get(key, ""), words)))
    return found


def forget_chosen(order: TicketOrder) -> int:
    """What was chosen for tickets that a change pays is bought by nobody; how many. In the caller's transaction."""
    count, _of = Insurance.objects.filter(
        ticket__ticket_order=order, order_line=None, state=I.WANTED
    ).delete()
    return count


def wanted_again(order: TicketOrder) -> int:
    """A *locked* order that was closed is paid after all: what was bought with its tickets and nobody asked an insurer
    for is wanted again; how many. In the caller's transaction."""
    ended = Insurance.objects.filter(
        ticket__ticket_order=order, state=I.CANCELLED, order_line__isnull=False, in_force_at=None, money=None
    )  # fmt: skip
    return ended.update(state=I.WANTED, why="", cancelled_at=None)


def gone(tickets: Sequence[Ticket]) -> None:
    """Tickets are gone, in the caller's transaction: their insurances end after the commit (the job comes as well)."""
    for pk in list(insured_by(tickets).values_list("pk", flat=True)):
        transaction.on_commit(partial(_later, pk), robust=True)


def _later(pk: int) -> None:
    from ..tasks import cancel_insurance

    cancel_insurance.delay(pk)
