"""What becomes of a refund: the supplier is asked, answers (sometimes a day later), and the customer's money goes back.

ASKED → AT_SUPPLIER → PAYING → DONE (what a merchant says before: `replies`); REFUSED where the supplier certainly did
not take the tickets back; AUDIT where it gave another amount than we expected, or people have to find out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from plugins.org_hierarchy.interfaces import require_limit
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.money import format_yuan, to_fen
from saleor_o2o.kernel.numbering import next_number
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import get_row, require
from saleor_o2o.kernel.states import move_locked

from ..access import REFUND_AUDIT
from ..asks import legs_of
from ..choices import (
    CallKind,
    CallState,
    DeskKind,
    FeeItem,
    ItemAnswer,
    RefundCause,
    RefundState,
    ReplyState,
    Side,
)
from ..errors import TicketError
from ..errors import TicketErrorCode as Code
from ..models import FeeLine, RefundItem, RefundReply, RefundRequest, SupplierCall, Ticket, TicketOrder
from ..numbers import CALL
from ..ports import RefundAsk, Refunded, SupplierRefused, SupplierSilent, supplier_of
from ..telling import tell_partly, tell_refused
from ..trades import trade_of
from . import agency, insuring
from .attention import call_people, settled
from .calls import BY_HAND
from .giving_back import finish_if_paid, owe
from .gone_in import forget, gone_in
from .jobs import each
from .paid import ZERO, by_order, paid_for, portion, shares_of
from .reckoning import FREE
from .repaid import look_later

DECIDED = audit.action("ticketing.refund_decided", _("退票审核"))
#: How long an answer is waited for before the supplier is asked what it did.
ANSWER = timedelta(minutes=1)
#: After so many questions people have to ask: a supplier that is at work (six hours), one that says nothing (half an
#: hour).
ENOUGH, SILENT = 12, 6
#: Without a trip, or with the money back already, a ticket never counts again, whatever the supplier says.
NEVER_AGAIN = frozenset({RefundCause.ISSUE_FAILED, RefundCause.SESSION_CANCELLED, RefundCause.ORDER})
#: Whoever went in before the trip was called off did not travel.
NO_TRIP = frozenset({RefundCause.SESSION_CANCELLED})


# -- asking ----------------------------------------------------------------------------


def ask_of(request: RefundRequest, own: str) -> RefundAsk:
    """What the supplier is told."""
    items = list(request.items.select_related("ticket", "quote"))
    order = request.ticket_order
    broken = any(
        one.ticket.segment_id is not None and one.quote is not None and one.quote.facts["involuntary"]
        for one in items
    )
    return RefundAsk(
        own=own, their_number=order.their_number, product=order.product,
        tickets={one.ticket.number: one.ticket.their_number for one in items},
        quantities={one.ticket.number: one.quantity for one in items if one.quantity != one.ticket.uses},
        carriers_fault=broken or (request.cause in FREE and request.cause != RefundCause.ORDER),
        expect=request.supplier_due, legs=legs_of([one.ticket for one in items]),
    )  # fmt: skip


def go_on(request: RefundRequest) -> None:
    """Our own inventory is asked here and now, another one after the commit. ASKED and locked.

    Raises as `ask_inside`.
    """
    if supplier_of(request.ticket_order.supplier.adapter).local:
        ask_inside(request)
        return
    transaction.on_commit(partial(_later, request.pk))


def _later(pk: int) -> None:
    from ..tasks import send_refund

    send_refund.delay(pk)


def ask_inside(request: RefundRequest) -> None:
    """Our own inventory takes the tickets back in the transaction that asks for it. Raises TicketError NOT_POSSIBLE."""
    order = request.ticket_order
    try:
        answer = supplier_of(order.supplier.adapter).refund(ask_of(request, request.number))
    except SupplierRefused as refusal:
        if request.cause not in NEVER_AGAIN:
            raise TicketError(Code.NOT_POSSIBLE, refusal.words, "tickets") from refusal
        answer = Refunded()
    amounts = answer.amounts or _expected(request)
    _take(request, replace(answer, amounts=amounts))


def send(request_pk: int) -> None:
    """Ask the supplier, once: the call is written and committed first. Again: no change.

    Locks, before the call: the ticket order, the refund.
    """
    found = RefundRequest.objects.only("ticket_order_id", "state").get(pk=request_pk)
    if found.state != RefundState.ASKED:
        return
    with transaction.atomic():
        order = lock_rows(TicketOrder.objects.filter(pk=found.ticket_order_id))[0]
        request = lock_rows(RefundRequest.objects.filter(pk=request_pk))[0]
        if request.state != RefundState.ASKED:
            return
        call = SupplierCall.objects.create(
            number=next_number(CALL), supplier_id=order.supplier_id, ticket_order=order, refund=request,
            kind=CallKind.REFUND, ask_at=now() + ANSWER,
        )  # fmt: skip
        move_locked(request, "send", reason=call.number)
    _call(call.pk)


def _call(call_pk: int) -> None:
    """Outside of any transaction: ask, and write down what came of it."""
    call = SupplierCall.objects.select_related("supplier", "refund__ticket_order").get(pk=call_pk)
    assert call.refund is not None  # noqa: S101 - calls of this kind have one
    try:
        answer = supplier_of(call.supplier.adapter).refund(ask_of(call.refund, call.number))
    except SupplierRefused as refusal:
        refused(call_pk, refusal.code, str(refusal.words))
    except SupplierSilent as silence:
        silent(call_pk, silence.words)
    except LookupError:
        silent(call_pk, str(_("供应商接口未启用")))
    else:
        said(call_pk, answer)


# -- answers -----------------------------------------------------------------------------


@transaction.atomic
def said(call_pk: int, answer: Refunded) -> RefundRequest | None:
    """The supplier answered, by itself or by a call-back, in whatever order and however often.

    Locks: the ticket order, its tickets, the refund, the call. None: it was known.
    """
    request, call = _locked(call_pk)
    if call.state in (CallState.DONE, CallState.REFUSED):
        if call.state == CallState.REFUSED and not answer.working:
            call_people(request.ticket_order, DeskKind.REFUND, _("供应商先拒绝、后又称已退，请核对"))
        elif (
            call.code == BY_HAND and not answer.working and _told(answer)["amounts"] != call.answer["amounts"]
        ):
            call_people(request.ticket_order, DeskKind.REFUND, _("供应商实退金额与电话登记的不同，请核对"))
        return None
    call.answered_at = now()
    if answer.working:
        if call.state != CallState.WORKING:
            call.state = CallState.WORKING
            call.ask_at = now() + ANSWER * 5
        call.save(update_fields=["state", "answered_at", "ask_at"])
        return request
    call.state, call.ask_at = CallState.DONE, None
    call.answer = _told(answer)
    call.save(update_fields=["state", "answered_at", "ask_at", "answer"])
    if request.state == RefundState.AT_SUPPLIER:
        _take(request, answer)
    return request


def _told(answer: Refunded) -> dict[str, Any]:
    return {
        "amounts": {number: f"{amount:.2f}" for number, amount in answer.amounts.items()},
        "refused": dict(answer.refused), "document": answer.document, "policy": answer.policy,
    }  # fmt: skip


@transaction.atomic
def refused(call_pk: int, code: str, words: str) -> RefundRequest | None:
    """The supplier certainly did not take them back: they count again, or people decide. Locks and answer as `said`."""
    request, call = _locked(call_pk)
    if call.state in (CallState.DONE, CallState.REFUSED):
        if call.state == CallState.DONE and call.code == BY_HAND:
            call_people(request.ticket_order, DeskKind.REFUND, _("供应商电话称已退、后又拒绝，请核对"))
        return None
    call.state, call.ask_at, call.answered_at = CallState.REFUSED, None, now()
    call.code, call.words = code[:40], words[:200]
    call.save(update_fields=["state", "ask_at", "answered_at", "code", "words"])
    if request.state != RefundState.AT_SUPPLIER:
        return request
    if request.cause in NEVER_AGAIN:
        to_audit(request, _("供应商拒绝退票：%(words)s") % {"words": words})
        return request
    turn_down(request, _("供应商拒绝退票：%(words)s") % {"words": words})
    return request


@transaction.atomic
def silent(call_pk: int, words: str) -> None:
    """Nobody knows: it is asked what it did, never told again to do it. Locks: the call."""
    call = lock_rows(SupplierCall.objects.filter(pk=call_pk))[0]
    if call.state == CallState.SENT:
        call.state, call.words, call.ask_at = CallState.UNKNOWN, words[:200], now() + ANSWER
        call.save(update_fields=["state", "words", "ask_at"])


def _locked(call_pk: int) -> tuple[RefundRequest, SupplierCall]:
    found = SupplierCall.objects.only("refund_id", "ticket_order_id").get(pk=call_pk)
    assert found.refund_id is not None  # noqa: S101 - calls of this kind have one
    return lock_refund(found.refund_id), lock_rows(SupplierCall.objects.filter(pk=call_pk))[0]


def lock_refund(request_pk: int) -> RefundRequest:
    """Lock a refund with its order and tickets, in this order."""
    found = RefundRequest.objects.only("ticket_order_id").get(pk=request_pk)
    lock_rows(TicketOrder.objects.filter(pk=found.ticket_order_id))
    lock_rows(Ticket.objects.filter(refund_items__refund=request_pk))
    related = RefundRequest.objects.select_related("ticket_order", "unit")
    return lock_rows(related.filter(pk=request_pk))[0]


# -- what it comes to ----------------------------------------------------------------------


def _expected(request: RefundRequest) -> dict[str, Decimal]:
    return {one.ticket.number: one.supplier_due for one in request.items.select_related("ticket")}


def _take(request: RefundRequest, answer: Refunded) -> None:
    """The supplier answered ticket by ticket: what it took as expected is paid, what it refused counts again.

    People decide where it gave another amount, where a ticket is in neither list, and where one that it refused cannot
    count again.
    """
    items = list(request.items.select_related("ticket").order_by("pk"))
    for one in items:
        number = one.ticket.number
        one.supplier_back = answer.amounts.get(number)
        if one.supplier_back is not None:
            one.answer = ItemAnswer.TAKEN
        elif number in answer.refused:
            one.answer, one.said = ItemAnswer.REFUSED, str(answer.refused[number])[:200]
        one.save(update_fields=["supplier_back", "answer", "said"])
    request.supplier_back = sum((one.supplier_back or ZERO for one in items), ZERO)
    request.supplier_document, request.supplier_policy = answer.document[:64], answer.policy[:40]
    request.save(update_fields=["supplier_back", "supplier_document", "supplier_policy"])
    if request.cause == RefundCause.ORDER:
        _settle(request)
        return
    why = _for_people(request, items)
    if why:
        to_audit(request, why)
        return
    kept = [one for one in items if one.answer == ItemAnswer.REFUSED]
    if len(kept) == len(items):
        turn_down(request, _("供应商拒绝退票：%(words)s") % {"words": kept[0].said})
        return
    _settle(request, kept)


def _for_people(request: RefundRequest, items: Sequence[RefundItem]) -> str:
    """Why somebody has to decide what the supplier's answer comes to; nothing where it says so itself."""
    found = []
    silent_about = [one.ticket.number for one in items if one.answer == ItemAnswer.OPEN]
    if silent_about:
        found.append(_("供应商没有说 %(tickets)s 退没退") % {"tickets": "、".join(silent_about)})
    refused_ones = [one for one in items if one.answer == ItemAnswer.REFUSED]
    if refused_ones and request.cause in NEVER_AGAIN:
        found.append(_("供应商拒绝退票：%(words)s") % {"words": refused_ones[0].said})
    taken = [one for one in items if one.answer == ItemAnswer.TAKEN]
    boarded = [one.ticket.number for one in taken if gone_in(one)]
    if boarded and request.cause not in NEVER_AGAIN:
        found.append(
            _("供应商称 %(tickets)s 已检票，却又退了票，请核实旅客是否乘车") % {"tickets": "、".join(boarded)}
        )
    if any(one.supplier_back != one.supplier_due for one in taken):
        due = sum((one.supplier_due for one in taken), ZERO)
        found.append(
            _("供应商实退 %(back)s，应退 %(due)s")
            % {"back": format_yuan(request.supplier_back or ZERO), "due": format_yuan(due)}
        )
    return "；".join(found)


def to_audit(request: RefundRequest, why: str) -> None:
    """People decide. Everything is locked."""
    request.why = why[:200]
    request.save(update_fields=["why"])
    move_locked(request, "to_audit", reason=why[:200])
    call_people(request.ticket_order, DeskKind.REFUND, why)


def turn_down(request: RefundRequest, why: str, *, tell: bool = True) -> None:
    """The tickets count again, and the buyer is told. Everything is locked."""
    all_count_again(request)
    request.why = why[:200]
    request.save(update_fields=["why"])
    move_locked(request, "refuse", reason=why[:200])
    if tell:
        tell_refused(request)


def all_count_again(request: RefundRequest) -> None:
    """Every ticket of a refund that comes to nothing. Everything is locked."""
    for item in request.items.select_related("ticket").order_by("ticket_id"):
        count_again(item.ticket, request.number)
    look_later(request.ticket_order)


def count_again(ticket: Ticket, reason: str) -> None:
    """A ticket that was going back is what it was. Locked."""
    move_locked(ticket, "keep", reason=reason)
    if ticket.used:
        move_locked(ticket, "use" if ticket.used >= ticket.uses - ticket.back else "use_part", reason=reason)


def _keep(request: RefundRequest, kept: Sequence[RefundItem]) -> None:
    """These count again: nothing is due for them any more, on neither side. What was promised stays in their quotes."""
    for one in sorted(kept, key=lambda item: item.ticket_id):
        one.kept, one.fee, one.due, one.supplier_due = True, ZERO, ZERO, ZERO
        one.save(update_fields=["kept", "fee", "due", "supplier_due"])
        count_again(one.ticket, request.number)
    items = list(request.items.all())
    request.due = sum((one.due for one in items), ZERO)
    request.supplier_due = sum((one.supplier_due for one in items), ZERO)
    request.why = "；".join(
        _("%(ticket)s 未退成：%(words)s") % {"ticket": one.ticket.number, "words": one.said or request.why}
        for one in kept
    )[:200]
    request.save(update_fields=["due", "supplier_due", "why"])


def _settle(request: RefundRequest, kept: Sequence[RefundItem] = ()) -> None:
    """The tickets are gone, but for those that are `kept`; both sides are booked; the customer's money is on its way.

    Everything is locked.
    """
    if kept:
        _keep(request, kept)
    items = list(request.items.filter(kept=False).select_related("ticket").order_by("ticket_id"))
    order = request.ticket_order
    tickets = [one.ticket for one in items]
    paid = paid_for(tickets)
    lines: list[FeeLine] = []
    sources = []
    for one in items:
        # what earlier refunds took is counted without this one: it is not in `due` of any other
        sources += shares_of(one.ticket, paid[one.ticket_id], one.due, without=one.pk)
        lines += _lines(request, one)
    taken = [(one.ticket, one.quantity) for one in items if one.supplier_back is not None]
    lines += agency.given_back(taken, request.number)
    for one in items:
        ticket = one.ticket
        if gone_in(one):
            forget(one, decided=request.decided_by_id is not None or request.cause in NO_TRIP)
        ticket.back += one.quantity
        ticket.save(update_fields=["back", "used"])
        if ticket.back >= ticket.uses:
            move_locked(ticket, "give_back", reason=request.number)
        else:
            count_again(ticket, request.number)
    if kept or any(one.back < one.uses for one in tickets):
        look_later(order)
    FeeLine.objects.bulk_create(lines, ignore_conflicts=True)
    trade_of(order.trade).gone(order, tickets, {one.ticket_id: one.quantity for one in items})
    insuring.gone([one for one in tickets if one.back >= one.uses])
    given_back = {ticket.pk for ticket in tickets}
    for child in [one.ticket for one in kept if one.ticket.carried_by_id in given_back]:
        words = _("随行儿童票 %(number)s 未退成，大人的票已退，请联系旅客") % {"number": child.number}
        call_people(order, DeskKind.CONTACT, words)
    move_locked(request, "pay")
    if kept:
        tell_partly(request, len(kept), len(items))
    for order_id, amount in sorted(by_order(sources).items()):
        key = request.number if order_id == order.order_id else f"{request.number}-{order_id}"
        owe(order_id, amount, key=key, unit=request.unit, reason=_("退票 %(number)s") % {"number": request.number},
            refund=request)  # fmt: skip
    if not sources:
        finish_if_paid(request.pk)


def _lines(request: RefundRequest, item: RefundItem) -> list[FeeLine]:
    """Both sides of a ticket: what goes back below zero, what is kept of it above."""
    ticket = item.ticket
    # `back` of the ticket still is what it was before this refund
    gross = ZERO if request.cause == RefundCause.ORDER else item.due + min(item.fee, item.face)
    cost = portion(ticket.cost, ticket, item.quantity)
    back = item.supplier_back if item.supplier_back is not None else ZERO
    told = (
        (Side.CUSTOMER, FeeItem.BACK, -gross),
        (Side.CUSTOMER, FeeItem.REFUND_FEE, gross - item.due),
        (Side.SUPPLIER, FeeItem.BACK, -cost if item.supplier_back is not None else ZERO),
        (Side.SUPPLIER, FeeItem.REFUND_FEE, cost - back if item.supplier_back is not None else ZERO),
    )
    return [
        FeeLine(ticket=ticket, side=side, item=what, amount=amount, reference=request.number)
        for side, what, amount in told
        if amount
    ]


# -- people ----------------------------------------------------------------------------


def decide(
    by: Any,
    request_pk: int,
    *,
    pay: bool,
    note: str,
    dues: Mapping[int, Decimal] | None = None,
    keep: Collection[int] = (),
) -> RefundRequest:
    """Somebody who did not ask for it says what becomes of a refund in audit.

    `pay`: the customer gets what was promised, or `dues` by item (never more than was paid). What the supplier refused
    counts again whatever is said here; of what it said nothing about, the items of `keep` do. Not `pay`, or nothing is
    left to pay for: all tickets count again, only where the supplier has taken none of them. Locks as `said`. Raises
    OutOfScope, NotAllowed; TicketError CHANGED_MEANWHILE, SAME_PERSON, AMOUNT_INVALID, INVALID_INPUT, NOT_POSSIBLE;
    OrgError LIMIT_EXCEEDED.
    """
    found = get_row(by, RefundRequest, pk=request_pk)
    require(by, REFUND_AUDIT, found)
    if not note.strip():
        raise TicketError(Code.INVALID_INPUT, _("请写明理由"), "note")
    with transaction.atomic():
        request = lock_refund(request_pk)
        if request.state != RefundState.AUDIT:
            raise TicketError(Code.CHANGED_MEANWHILE, _("这笔退票刚刚有了变化"), hint=_("请刷新后查看"))
        if request.asked_by_id is not None and request.asked_by_id == by.pk:
            raise TicketError(Code.SAME_PERSON, _("不能审核自己申请的退票"), hint=_("请由其他人员审核"))
        request.decided_by = by
        request.why = note.strip()[:200]
        request.save(update_fields=["decided_by", "why"])
        items = list(request.items.select_related("ticket").order_by("pk"))
        kept = _kept(request, items, keep) if pay else []
        pay = pay and len(kept) < len(items)
        if pay:
            _change_dues(request, items, kept, dues or {})
            require_limit(by, "refund", request.due, request.unit)
            if not_asked(request):
                # the merchant said no, the platform says yes: whoever has the tickets is asked now
                move_locked(request, "go_on", actor=actor_label(by), reason=note.strip()[:200])
                go_on(request)
            else:
                _settle(request, kept)
        else:
            if any(one.answer == ItemAnswer.TAKEN for one in items):
                raise TicketError(
                    Code.NOT_POSSIBLE, _("供应商已经退票，票不能恢复"), hint=_("请决定退给客户多少")
                )
            if request.cause in NEVER_AGAIN:
                raise TicketError(Code.NOT_POSSIBLE, _("这些票已不能使用，须退款给客户"))
            turn_down(request, note.strip())
        settled(request.ticket_order, DeskKind.REFUND, note)
        audit.record(
            DECIDED, request, after={"pay": pay, "due": request.due, "note": note.strip()[:200]},
            actor=actor_label(by), org_path=request.unit.path,
        )  # fmt: skip
    return request


def not_asked(request: RefundRequest) -> bool:
    """Whether a refund in audit is there because of its merchant: whoever has the tickets was never asked."""
    reply = RefundReply.objects.filter(refund=request).first()
    if reply is None or reply.state not in (ReplyState.REFUSED, ReplyState.SILENT):
        return False
    return request.supplier_back is None and not request.calls.exists()


def _kept(request: RefundRequest, items: Sequence[RefundItem], keep: Collection[int]) -> list[RefundItem]:
    """What counts again although the rest is paid."""
    asked = [one for one in items if one.pk in keep]
    if any(one.answer == ItemAnswer.TAKEN for one in asked):
        raise TicketError(Code.NOT_POSSIBLE, _("供应商已经退票，票不能恢复"), hint=_("请决定退给客户多少"))
    if request.cause in NEVER_AGAIN:
        if asked:
            raise TicketError(Code.NOT_POSSIBLE, _("这些票已不能使用，须退款给客户"))
        return []
    return [one for one in items if one.answer == ItemAnswer.REFUSED or one in asked]


def _change_dues(
    request: RefundRequest,
    items: Sequence[RefundItem],
    kept: Sequence[RefundItem],
    dues: Mapping[int, Decimal],
) -> None:
    back = [one for one in items if one not in kept]
    for one in back:
        due = dues.get(one.pk, one.due)
        most = one.face + one.service - one.discount
        if to_fen(due) < 0 or due > most:
            raise TicketError(
                Code.AMOUNT_INVALID,
                _("每张票最多退 %(most)s") % {"most": format_yuan(most)},
                "amount",
            )
        if due != one.due:
            one.fee += one.due - due
            one.due = due
            one.save(update_fields=["due", "fee"])
    request.due = sum((one.due for one in back), ZERO)
    request.save(update_fields=["due"])


# -- jobs ------------------------------------------------------------------------------


def send_waiting() -> int:
    """Refunds that were asked for and not sent (a crash between)."""
    late = RefundRequest.objects.filter(state=RefundState.ASKED, asked_at__lt=now() - ANSWER)
    return each(late.order_by("pk"), send, "refund")


def ask_again() -> int:
    """Calls without an answer: the supplier is asked what it did under our number."""
    due = SupplierCall.objects.filter(
        kind=CallKind.REFUND,
        state__in=(CallState.SENT, CallState.WORKING, CallState.UNKNOWN),
        ask_at__lte=now(),
    )
    return each(due.order_by("pk"), find_out, "refund")


def find_out(call_pk: int) -> None:
    """Ask what became of a call. Unknown to the supplier: it never arrived, and is sent under the same number."""
    call = SupplierCall.objects.select_related("supplier", "ticket_order", "refund").get(pk=call_pk)
    later = now() + min(ANSWER * 2 ** min(call.asked_again, 6), timedelta(hours=1))
    # whoever moves the clock asks; another worker finds it moved
    claimed = SupplierCall.objects.filter(pk=call_pk, ask_at=call.ask_at, state=call.state).update(
        ask_at=later, asked_again=call.asked_again + 1
    )
    if not claimed:
        return
    if call.asked_again + 1 >= (ENOUGH if call.state == CallState.WORKING else SILENT):
        with transaction.atomic():
            number = call.refund.number if call.refund is not None else call.number
            words = _("退票 %(number)s 供应商一直没有结果") % {"number": number}
            call_people(call.ticket_order, DeskKind.UNKNOWN, words)
    try:
        answer = supplier_of(call.supplier.adapter).find(CallKind.REFUND, call.number)
    except SupplierRefused as refusal:
        refused(call_pk, refusal.code, str(refusal.words))
    except (SupplierSilent, LookupError):
        return
    else:
        if isinstance(answer, Refunded):
            said(call_pk, answer)
        elif call.state != CallState.WORKING:
            _call(call_pk)
