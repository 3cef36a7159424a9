"""Letting people in: what is meant, the locks, the checks with one answer, then all that is written at once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from plugins.ticketing.kernel.choices import OrderState, TicketState
from plugins.ticketing.kernel.models import Ticket, TicketPassenger
from saleor_o2o.kernel.clock import SHANGHAI, now
from saleor_o2o.kernel.crypto import blind_index
from saleor_o2o.kernel.locks import bounded_wait
from saleor_o2o.kernel.prepared import Prepared

from ...choices import ProductKind, VerifyMode
from ...models import Scan, Voucher
from ..choices import Answer, Direction, GateDirection, Way
from ..deciding import Decision, Standing, decide
from ..errors import VoucherError
from ..errors import VoucherErrorCode as Code
from ..locks import lock_shown, lock_voucher
from ..moving import ALIVE
from ..places import Post, another_session_now, right_gate
from ..scanning import Asked, Said
from ..wording import words
from .booking import booking_of, booking_statement, booking_values, may_be_outside, outside, room_at
from .recognising import Found, check, document_indexes, find, is_signed, shown, standing_of

#: The same number of a request within this time is the same answer.
SAME = timedelta(minutes=2)


def redeem(post: Post, asked: Asked) -> Said:
    """Let people in, out, or in again; every answer is kept. The same number within two minutes is the same answer.

    Locks: the tickets of the voucher, then the voucher; of a signed code before it is known whether it is any business
    of whoever asks (he has it in his hands). Raises VoucherError MALFORMED, NUMBER_REUSED, SEVERAL, TOO_OFTEN;
    LockTimeout. Refusals at the gate are answers, not errors.
    """
    check(asked)
    moment = now()
    signed = is_signed(asked)
    seen = shown(asked) if signed else None
    found = Found(Way.QR) if signed else find(post, asked, moment)
    with transaction.atomic():
        voucher: Voucher | None = None
        tickets: list[Ticket] = []
        if seen is not None:
            voucher, tickets = lock_shown(seen.voucher)
            found = standing_of(post, seen, voucher, moment)
        elif found.voucher is not None:
            voucher, tickets = lock_voucher(found.voucher.pk)
            _carry(voucher, found.voucher)
        if voucher is None or found.voucher is None:
            answer = Answer.VOID if found.void else Answer.UNKNOWN
            return _keep(post, asked, found, moment, Decision(answer), None)[0]
        if found.way != Way.DOCUMENT and voucher.nonce != found.voucher.nonce:
            # made anew since it was read: what was shown is the old code
            return _keep(post, asked, found, moment, Decision(Answer.VOID), voucher)[0]
        if asked.direction == Direction.OUT:
            return _out(post, asked, found, voucher, moment)
        decision = decide(_standing(post, asked, found, voucher, tickets, moment), asked.people, moment)
        if decision.answer in {Answer.EARLY, Answer.EXPIRED} and another_session_now(voucher, moment):
            decision = Decision(Answer.OTHER_SESSION)
        if decision.new:
            return _let_in(post, asked, found, moment, decision, voucher, tickets)
        said, kept = _keep(post, asked, found, moment, decision, voucher)
        if kept and decision.again:
            voucher.out -= decision.again
            voucher.save(update_fields=["out"])
        return said


def look(post: Post, asked: Asked) -> Said:
    """What the answer would be; nothing is written or locked. Raises as `redeem`."""
    check(asked)
    moment = now()
    found = find(post, asked, moment)
    if found.voucher is None:
        return _said(post, Decision(Answer.VOID if found.void else Answer.UNKNOWN), None, moment)
    voucher = found.voucher
    tickets = list(voucher.tickets.order_by("pk"))
    decision = decide(_standing(post, asked, found, voucher, tickets, moment), asked.people, moment)
    if decision.answer in {Answer.EARLY, Answer.EXPIRED} and another_session_now(voucher, moment):
        decision = Decision(Answer.OTHER_SESSION)
    return _said(post, decision, voucher, moment, looking=True)


# -- deciding ------------------------------------------------------------------------------------------------------


def _carry(voucher: Voucher, read: Voucher) -> None:
    """What was read along before the lock and does not change: product, session, gates."""
    voucher.product, voucher.session, voucher.ticket_order = read.product, read.session, read.ticket_order


def _standing(
    post: Post, asked: Asked, found: Found, voucher: Voucher, tickets: Sequence[Ticket], moment: datetime
) -> Standing:
    whose = _whose(found, tickets)
    states = {ticket.state for ticket in whose}
    alive = [ticket for ticket in whose if ticket.state in ALIVE]
    held = states <= {TicketState.HELD} or voucher.ticket_order.state != OrderState.ISSUED
    back = not alive and bool(states & {TicketState.REFUNDED, TicketState.REFUNDING})
    session = asked.session is None or voucher.session_id == asked.session
    device = post.device
    again = device is not None and device.reentry
    day = moment.astimezone(SHANGHAI).date()
    return Standing(
        void=(voucher.void_at is not None or not alive) and not back and not held
        and not states & {TicketState.EXPIRED},
        paid=not held,
        given_back=back,
        right_session=session,
        right_gate=right_gate(post, voucher),
        valid_from=voucher.valid_from,
        valid_until=voucher.valid_until if TicketState.EXPIRED not in states or alive else voucher.valid_from,
        paper_fits=_paper_fits(found, voucher),
        document_fits=_document_fits(asked, found, voucher, tickets, post),
        time_code_fits=found.time_code,
        room=room_at(post, voucher, tickets, day),
        outside=outside(voucher, day) if again else 0,
        whole=voucher.verify_mode == VerifyMode.WHOLE,
        gate_open=device is None or (device.is_open and device.direction != GateDirection.OUT),
    )  # fmt: skip


def _whose(found: Found, tickets: Sequence[Ticket]) -> Sequence[Ticket]:
    """The tickets by which it is decided whether anybody comes in: all, but whose own one is gone comes in by none of
    the others'."""
    own = [ticket for ticket in tickets if ticket.pk in found.people_of]
    return own if own and not any(ticket.state in ALIVE for ticket in own) else tickets


def _paper_fits(found: Found, voucher: Voucher) -> bool | None:
    """Whoever has a paper ticket comes in by its own code only, signed or typed; None where there is no paper."""
    if not voucher.on_paper:
        return None
    return voucher.papered_at is not None and not found.stale and found.way in {Way.QR, Way.CODE}


def _document_fits(
    asked: Asked, found: Found, voucher: Voucher, tickets: Sequence[Ticket], post: Post
) -> bool | None:
    if not voucher.needs_document and not asked.document:
        return None
    if found.way == Way.DOCUMENT or (asked.looked and post.operator is not None):
        return True
    indexes = set(document_indexes(asked.document))
    keys = [ticket.passenger_id for ticket in tickets if ticket.passenger_id and ticket.state in ALIVE]
    return TicketPassenger.objects.filter(pk__in=keys, document_index__in=indexes).exists()


def _out(post: Post, asked: Asked, found: Found, voucher: Voucher, moment: datetime) -> Said:
    """People leave: who is in may, and by a gate that lets them come again they are noted as outside."""
    people = asked.people or 1
    device = post.device
    day = moment.astimezone(SHANGHAI).date()
    inside = voucher.used - outside(voucher, day)
    ok = right_gate(post, voucher) and people <= inside
    answer = Answer.PASSED if ok else Answer.NOT_OUT if right_gate(post, voucher) else Answer.OTHER_GATE
    if device is not None and device.direction == GateDirection.IN:
        answer = Answer.GATE_CLOSED
    decision = Decision(answer, again=people if answer == Answer.PASSED else 0)
    said, kept = _keep(post, asked, found, moment, decision, voucher)
    if kept and answer == Answer.PASSED and device is not None and device.reentry:
        voucher.out = min(voucher.used, voucher.out + may_be_outside(voucher, people, day))
        voucher.save(update_fields=["out"])
    return said


# -- writing -------------------------------------------------------------------------------------------------------


def request_number(post: Post, number: str) -> str:
    """The number of a request, ours: two askers may use the same ones."""
    return f"{post.asker}:{number}"


def _digest(asked: Asked) -> str:
    told = "\0".join((asked.text.strip(), asked.phone, str(asked.people), asked.direction))
    return blind_index(told, "ticketing.scan")[:16]


def _answered(post: Post, asked: Asked, moment: datetime) -> Said:
    """What was said under this number. Raises NUMBER_REUSED for another question, or one long ago."""
    scan = Scan.objects.get(number=request_number(post, asked.number))
    if scan.said.get("asked") != _digest(asked) or scan.made_at < moment - SAME:
        raise VoucherError(Code.NUMBER_REUSED, _("请求号已经用过"), "number", _("每次检票请使用新的请求号"))
    return Said.from_scan(scan)


#: A number that is there already is no error: the answer that was given under it is the answer.
_SCAN = """
INSERT INTO o2o_admission_scan (
    number, device_id, gate_id, unit_id, operator_id, voucher_id, way, direction, answer, people, admitted, offline, at,
    made_at, said
) VALUES (
    %(number)s, %(device)s, %(gate)s, %(unit)s, %(operator)s, %(scan_voucher)s, %(way)s, %(direction)s, %(answer)s,
    %(people)s, %(admitted)s, false, %(at)s, %(made_at)s, %(said)s
) ON CONFLICT (number) DO NOTHING RETURNING id
"""
_TYPES = {
    "number": "text", "device": "bigint", "gate": "bigint", "unit": "bigint", "operator": "bigint",
    "scan_voucher": "bigint", "way": "text", "direction": "text", "answer": "text", "people": "integer",
    "admitted": "integer", "at": "timestamptz", "made_at": "timestamptz", "said": "jsonb",
}  # fmt: skip
_KEEP = Prepared("admission_scan", _SCAN, _TYPES)
_LET_IN = booking_statement("admission_let_in", _SCAN, _TYPES)


def _let_in(
    post: Post, asked: Asked, found: Found, moment: datetime, decision: Decision, voucher: Voucher,
    tickets: Sequence[Ticket],
) -> Said:  # fmt: skip
    """Write the answer and all that follows from it, in one statement; errors as `_keep`."""
    said, values = _answer(post, asked, found, moment, decision, voucher)
    voucher.out -= decision.again
    booking = booking_of(post, voucher, tickets, decision.new, moment, found.people_of)
    with bounded_wait():  # for whoever asks the same at the same moment
        rows = _LET_IN.rows({**booking_values(booking), **values})
    return replace(said, scan=rows[0][0]) if rows else _answered(post, asked, moment)


def _keep(
    post: Post, asked: Asked, found: Found, moment: datetime, decision: Decision, voucher: Voucher | None
) -> tuple[Said, bool]:
    """Write an answer that lets nobody in for the first time; what was said, and whether it is said now.

    Where the number was asked before: what was said then, and nothing follows. Raises NUMBER_REUSED, LockTimeout.
    """
    said, values = _answer(post, asked, found, moment, decision, voucher)
    with bounded_wait():
        rows = _KEEP.rows(values)
    if not rows:
        return _answered(post, asked, moment), False
    return replace(said, scan=rows[0][0]), True


def _answer(
    post: Post, asked: Asked, found: Found, moment: datetime, decision: Decision, voucher: Voucher | None
) -> tuple[Said, dict[str, object]]:
    """What is said, and its row."""
    said = _said(post, decision, voucher, moment)
    direction = asked.direction
    if decision.again and direction == Direction.IN and not decision.new:
        direction = Direction.AGAIN
    told = {**said.to_json(), "asked": _digest(asked), "new": decision.new}
    return said, {
        "number": request_number(post, asked.number), "device": post.device and post.device.pk,
        "gate": post.gate and post.gate.pk, "unit": post.unit.pk,
        "operator": post.operator and post.operator.pk, "scan_voucher": voucher and voucher.pk,
        "way": str(found.way), "direction": str(direction), "answer": str(decision.answer),
        "people": asked.people or said.admitted or 1, "admitted": said.admitted, "at": moment,
        "made_at": now(), "said": json.dumps(told),
    }  # fmt: skip


def _said(
    post: Post, decision: Decision, voucher: Voucher | None, moment: datetime, *, looking: bool = False
) -> Said:
    answer = decision.answer
    admitted = decision.new + decision.again
    room = voucher.left if voucher is not None else 0
    if decision.room is not None and voucher is not None and voucher.product.kind == ProductKind.COMBO:
        room = decision.room  # of this place; the voucher counts the most used one
    left = max(0, room - (0 if looking else decision.new))
    told, hint = words(answer, voucher, admitted, left)
    return Said(
        answer, told, hint, voucher.number if voucher is not None else "",
        voucher.title if voucher is not None else "", admitted, left,
        at=f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}",
    )  # fmt: skip
