"""Letting people in: scope first, then the locks, then the checks with one answer, then what is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Prefetch, Sum
from django.utils.translation import gettext as _

from plugins.ticketing.kernel.choices import OrderState, TicketState
from plugins.ticketing.kernel.models import Ticket, TicketPassenger
from saleor_o2o.kernel.clock import SHANGHAI, now
from saleor_o2o.kernel.crypto import blind_index
from saleor_o2o.kernel.documents import RESIDENT, DocumentKind, number_of
from saleor_o2o.kernel.pace import retry_after
from saleor_o2o.kernel.request import actor_label

from ...choices import ProductKind, VerifyMode
from ...models import Gate, Redemption, Scan, TicketClass, Voucher, VoucherOldCode
from .. import codes
from ..choices import Answer, Direction, GateDirection, UseKind, Way
from ..deciding import Decision, Standing, allot, decide, share
from ..errors import VoucherError
from ..errors import VoucherErrorCode as Code
from ..finding import TAIL, code_index, tail_index
from ..locks import lock_voucher
from ..moving import ALIVE, room_of, set_used
from ..places import Post, another_session_now, in_scope, right_gate
from .keys import key_of, secret_of

#: The same number of a request within this time is the same answer.
SAME = timedelta(minutes=2)
#: Codes, documents and telephones that one asker may try in a minute; what is signed is not counted.
TRIES = 60
MOST_PEOPLE = 1000
MOST_TEXT = codes.MOST


@dataclass(frozen=True, slots=True)
class Asked:
    """What was scanned or typed. `number` is the asker's own. `people`: None for all that are left.

    `phone`: the last four digits, with the last six of the code as `text`. `document`: the number of the paper that was
    shown with a code; `looked`: a person compared it. `session`: for which session is being let in now.
    """

    number: str
    text: str
    way: Way | None = None
    people: int | None = None
    direction: Direction = Direction.IN
    phone: str = ""
    document: str = field(default="", repr=False)
    looked: bool = False
    session: int | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """The answer, as it is told and kept: what it is about, how many came in, how many may still come."""

    answer: Answer
    words: str
    hint: str = ""
    voucher: str = ""
    title: str = ""
    admitted: int = 0
    left: int = 0
    scan: int | None = None
    at: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "answer": str(self.answer), "words": self.words, "hint": self.hint, "voucher": self.voucher,
            "title": self.title, "admitted": self.admitted, "left": self.left, "at": self.at,
        }  # fmt: skip

    @classmethod
    def from_scan(cls, scan: Scan) -> Said:
        """What was said."""
        kept = {key: value for key, value in scan.said.items() if key not in {"asked", "new"}}
        return cls(**{**kept, "answer": Answer(kept["answer"])}, scan=scan.pk)

    @property
    def passed(self) -> bool:
        return self.answer == Answer.PASSED


@dataclass(frozen=True, slots=True)
class _Found:
    """What was recognised: a voucher, or why there is none; whose ticket it was found by."""

    way: Way
    voucher: Voucher | None = None
    void: bool = False
    time_code: bool | None = None
    people_of: frozenset[int] = frozenset()


def redeem(post: Post, asked: Asked) -> Said:
    """Let people in, out, or in again; every answer is kept. The same number within two minutes is the same answer.

    Locks: the tickets of the voucher, then the voucher. Raises VoucherError MALFORMED, NUMBER_REUSED, SEVERAL,
    TOO_OFTEN; LockTimeout. Refusals at the gate are answers, not errors.
    """
    _check(asked)
    moment = now()
    found = _find(post, asked, moment)
    with transaction.atomic():
        voucher, tickets = (None, []) if found.voucher is None else lock_voucher(found.voucher.pk)
        before = _answered(post, asked, moment)
        if before is not None:
            return before
        if voucher is None or found.voucher is None:
            answer = Answer.VOID if found.void else Answer.UNKNOWN
            return _keep(post, asked, found, moment, Decision(answer), None, ())
        _carry(voucher, found.voucher)
        if asked.direction == Direction.OUT:
            return _out(post, asked, found, voucher, moment)
        decision = decide(_standing(post, asked, found, voucher, tickets, moment), asked.people, moment)
        if decision.answer in {Answer.EARLY, Answer.EXPIRED} and another_session_now(voucher, moment):
            decision = Decision(Answer.OTHER_SESSION)
        said = _keep(post, asked, found, moment, decision, voucher, tickets)
        if decision.new:
            book(post, voucher, tickets, decision.new, moment, said.scan, first=found.people_of)
        if decision.again:
            voucher.out -= decision.again
            voucher.save(update_fields=["out"])
        return said


def look(post: Post, asked: Asked) -> Said:
    """What the answer would be; nothing is written or locked. Raises as `redeem`."""
    _check(asked)
    moment = now()
    found = _find(post, asked, moment)
    if found.voucher is None:
        return _said(post, Decision(Answer.VOID if found.void else Answer.UNKNOWN), None, moment)
    voucher = found.voucher
    tickets = list(voucher.tickets.order_by("pk"))
    decision = decide(_standing(post, asked, found, voucher, tickets, moment), asked.people, moment)
    if decision.answer in {Answer.EARLY, Answer.EXPIRED} and another_session_now(voucher, moment):
        decision = Decision(Answer.OTHER_SESSION)
    return _said(post, decision, voucher, moment, looking=True)


# -- recognising ---------------------------------------------------------------------------------------------------


def _check(asked: Asked) -> None:
    if not 1 <= len(asked.number) <= 60 or "\0" in asked.number + asked.text or len(asked.text) > MOST_TEXT:
        raise VoucherError(Code.MALFORMED, _("扫到的内容不正确"), "text", _("请对准二维码再扫一次"))
    if asked.people is not None and not 1 <= asked.people <= MOST_PEOPLE:
        raise VoucherError(Code.MALFORMED, _("人数不正确"), "people", _("请填写 1 到 1000"))


def _find(post: Post, asked: Asked, moment: datetime) -> _Found:
    text = asked.text.strip()
    if text.startswith(f"{codes.VERSION}."):
        return _by_qr(post, text, moment)
    wait = retry_after("ticketing.redeem", post.asker, TRIES)
    if wait:
        raise VoucherError(
            Code.TOO_OFTEN, _("试的次数太多，请 %(seconds)d 秒后再试") % {"seconds": wait}, "text",
            _("请扫二维码，或看清后再输入"),
        )  # fmt: skip
    if asked.phone:
        return _by_tail(post, asked.phone, text, moment)
    short = codes.read_short(text)
    if short is not None and asked.way != Way.DOCUMENT:
        return _by_code(post, short)
    return _by_document(post, text, moment)


def _vouchers() -> Any:
    return (
        Voucher.objects.select_related(
            "product__unit", "product__spot", "product__venue", "session", "ticket_order"
        )
        .defer("code", "ticket_order__contact", "ticket_order__mobile", "ticket_order__pick_code")
        .prefetch_related(Prefetch("session__gates", Gate.objects.only("pk")))
    )


def _by_qr(post: Post, text: str, moment: datetime) -> _Found:
    try:
        code = codes.read(text)
    except codes.Unreadable:
        return _Found(Way.QR)
    key = key_of(code.key)
    if key is None or not codes.genuine(code, key.public):
        return _Found(Way.QR)
    voucher = _vouchers().filter(pk=code.terms.voucher).first()
    if voucher is None or not in_scope(post, voucher):
        return _Found(Way.QR)
    if voucher.nonce != code.nonce:
        return _Found(Way.QR, void=True)
    fits = None
    if voucher.rotating or code.terms.rotating:
        of_session = secret_of(key, code.terms.product, code.terms.session)
        fits = bool(code.time_code) and codes.time_code_fits(
            codes.voucher_secret(of_session, code.base), code.time_code, moment
        )
    return _Found(Way.QR, voucher, time_code=fits)


def _by_code(post: Post, short: str) -> _Found:
    index = code_index(short)
    voucher = _vouchers().filter(code_index=index).first()
    if voucher is not None:
        return _Found(Way.CODE, voucher if in_scope(post, voucher) else None)
    old = VoucherOldCode.objects.select_related("voucher__product__unit").filter(code_index=index).first()
    return _Found(Way.CODE, void=old is not None and in_scope(post, old.voucher))


def _by_tail(post: Post, phone: str, tail: str, moment: datetime) -> _Found:
    if len(phone) != 4 or len(tail) != TAIL or not (phone + tail).isascii() or not (phone + tail).isdigit():
        return _Found(Way.PHONE)
    rows = _vouchers().filter(tail_index=tail_index(phone, tail), void_at=None)[:10]
    return _only(post, Way.PHONE, list(rows), moment)


def _by_document(post: Post, text: str, moment: datetime) -> _Found:
    indexes = document_indexes(text)
    if not indexes:
        return _Found(Way.DOCUMENT)
    people = TicketPassenger.objects.filter(document_index__in=indexes)
    found = list(
        _vouchers().filter(tickets__passenger__in=people, void_at=None, valid_until__gt=moment - timedelta(days=30))
        .distinct().order_by("valid_from", "pk")[:20]
    )  # fmt: skip
    whose = frozenset(
        Ticket.objects.filter(passenger__in=people, vouchers__in=found).values_list("pk", flat=True)
    )
    one = _only(post, Way.DOCUMENT, found, moment)
    return _Found(Way.DOCUMENT, one.voucher, people_of=whose)


def _only(post: Post, way: Way, rows: Sequence[Voucher], moment: datetime) -> _Found:
    """The one that is meant: of those for here the one that is good now. Raises SEVERAL."""
    here = [one for one in rows if in_scope(post, one)]
    good = [one for one in here if right_gate(post, one) and one.standing_at(moment) == "usable"]
    if len(good) > 1 and (way == Way.PHONE or len({one.product_id for one in good}) > 1):
        raise VoucherError(
            Code.SEVERAL, _("找到 %(count)d 张可用的票") % {"count": len(good)}, "text",
            _("请出示二维码，或输入完整的入场码"),
        )  # fmt: skip
    found = good or [one for one in here if right_gate(post, one)] or here
    return _Found(way, found[0] if found else None)


def document_indexes(text: str) -> list[str]:
    """The blind indexes under which tickets of this document's holder are found; none for what is no number."""
    found = set()
    for kind in DocumentKind:
        number = number_of(kind, text)
        if number is not None:
            of = DocumentKind.ID_CARD if kind in RESIDENT else kind
            found.add(blind_index(f"{of}\0{number}", "ticketing.passenger"))
    return sorted(found)


# -- deciding ------------------------------------------------------------------------------------------------------


def _carry(voucher: Voucher, read: Voucher) -> None:
    """What was read along before the lock and does not change: product, session, gates."""
    voucher.product, voucher.session, voucher.ticket_order = read.product, read.session, read.ticket_order


def _standing(
    post: Post, asked: Asked, found: _Found, voucher: Voucher, tickets: Sequence[Ticket], moment: datetime
) -> Standing:
    states = {ticket.state for ticket in tickets}
    alive = [ticket for ticket in tickets if ticket.state in ALIVE]
    held = states <= {TicketState.HELD} or voucher.ticket_order.state != OrderState.ISSUED
    back = not alive and bool(states & {TicketState.REFUNDED, TicketState.REFUNDING})
    session = asked.session is None or voucher.session_id == asked.session
    device = post.device
    again = device is not None and device.reentry
    return Standing(
        void=(voucher.void_at is not None or not alive) and not back and not held
        and not states & {TicketState.EXPIRED},
        paid=not held,
        given_back=back,
        right_session=session,
        right_gate=right_gate(post, voucher),
        valid_from=voucher.valid_from,
        valid_until=voucher.valid_until if TicketState.EXPIRED not in states or alive else voucher.valid_from,
        document_fits=_document_fits(asked, found, voucher, tickets, post),
        time_code_fits=found.time_code,
        room=room_at(post, voucher, tickets, moment.astimezone(SHANGHAI).date()),
        outside=voucher.out if again else 0,
        whole=voucher.verify_mode == VerifyMode.WHOLE,
        gate_open=device is None or (device.is_open and device.direction != GateDirection.OUT),
    )  # fmt: skip


def room_at(post: Post, voucher: Voucher, tickets: Sequence[Ticket], day: date) -> int:
    """How many may still come in here: of combined tickets into each spot once, of unlimited ones once a day."""
    if voucher.unlimited:
        people = sum(ticket.uses - ticket.back for ticket in tickets if ticket.state in ALIVE)
        return people - (voucher.day_used if voucher.day == day else 0)
    if voucher.product.kind == ProductKind.COMBO:
        spot = post.gate.spot_id if post.gate is not None else None
        here = (
            Redemption.objects.filter(voucher=voucher, gate__spot=spot).aggregate(n=Sum("quantity"))["n"] or 0
        )
        return sum(ticket.uses - ticket.back for ticket in tickets if ticket.state in ALIVE) - int(here)
    return sum(room_of(ticket) for ticket in tickets)


def _document_fits(
    asked: Asked, found: _Found, voucher: Voucher, tickets: Sequence[Ticket], post: Post
) -> bool | None:
    if not voucher.needs_document and not asked.document:
        return None
    if found.way == Way.DOCUMENT or (asked.looked and post.operator is not None):
        return True
    indexes = set(document_indexes(asked.document))
    keys = [ticket.passenger_id for ticket in tickets if ticket.passenger_id]
    return TicketPassenger.objects.filter(pk__in=keys, document_index__in=indexes).exists()


def _out(post: Post, asked: Asked, found: _Found, voucher: Voucher, moment: datetime) -> Said:
    """People leave: who is in may, and by a gate that lets them come again they are noted as outside."""
    people = asked.people or 1
    device = post.device
    inside = voucher.used - voucher.out
    ok = right_gate(post, voucher) and people <= inside
    answer = Answer.PASSED if ok else Answer.NOT_OUT if right_gate(post, voucher) else Answer.OTHER_GATE
    if device is not None and device.direction == GateDirection.IN:
        answer = Answer.GATE_CLOSED
    if answer == Answer.PASSED and device is not None and device.reentry:
        voucher.out += people
        voucher.save(update_fields=["out"])
    return _keep(
        post,
        asked,
        found,
        moment,
        Decision(answer, again=people if answer == Answer.PASSED else 0),
        voucher,
        (),
    )


# -- writing -------------------------------------------------------------------------------------------------------


def request_number(post: Post, number: str) -> str:
    """The number of a request, ours: two askers may use the same ones."""
    return f"{post.asker}:{number}"


def _digest(asked: Asked) -> str:
    told = "\0".join((asked.text.strip(), asked.phone, str(asked.people), asked.direction))
    return blind_index(told, "ticketing.scan")[:16]


def _answered(post: Post, asked: Asked, moment: datetime) -> Said | None:
    """What was said under this number. Raises NUMBER_REUSED for another question, or one long ago."""
    scan = Scan.objects.filter(number=request_number(post, asked.number)).first()
    if scan is None:
        return None
    if scan.said.get("asked") != _digest(asked) or scan.made_at < moment - SAME:
        raise VoucherError(Code.NUMBER_REUSED, _("请求号已经用过"), "number", _("每次检票请使用新的请求号"))
    return Said.from_scan(scan)


def _keep(
    post: Post, asked: Asked, found: _Found, moment: datetime, decision: Decision, voucher: Voucher | None,
    tickets: Sequence[Ticket],
) -> Said:  # fmt: skip
    said = _said(post, decision, voucher, moment)
    direction = asked.direction
    if decision.again and direction == Direction.IN and not decision.new:
        direction = Direction.AGAIN
    number = request_number(post, asked.number)
    scan = Scan(
        number=number, device=post.device, gate=post.gate, unit=post.unit, operator=post.operator, voucher=voucher,
        way=found.way, direction=direction, answer=decision.answer, people=asked.people or said.admitted or 1,
        admitted=said.admitted, at=moment, said={**said.to_json(), "asked": _digest(asked), "new": decision.new},
    )  # fmt: skip
    if voucher is not None:
        scan.save(force_insert=True)
    else:
        # nothing was locked: somebody may ask the same at the same moment
        Scan.objects.bulk_create([scan], ignore_conflicts=True)
        scan = Scan.objects.get(number=number)
    return Said.from_scan(scan)


def _said(
    post: Post, decision: Decision, voucher: Voucher | None, moment: datetime, *, looking: bool = False
) -> Said:
    answer = decision.answer
    admitted = decision.new + decision.again
    left = max(0, voucher.left - (0 if looking else decision.new)) if voucher is not None else 0
    words, hint = _words(answer, voucher, admitted, left)
    return Said(
        answer, words, hint, voucher.number if voucher is not None else "",
        voucher.title if voucher is not None else "", admitted, left,
        at=f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}",
    )  # fmt: skip


def _words(answer: Answer, voucher: Voucher | None, admitted: int, left: int) -> tuple[str, str]:
    """What is told, and what to do next."""
    if answer == Answer.PASSED:
        return _("通过 %(count)d 人") % {"count": admitted}, (
            _("还剩 %(left)d 人") % {"left": left} if left else ""
        )
    if voucher is None:
        return str(answer.label), _("请核对后再扫，或请旅客出示订单")
    times = {"from": _local(voucher.valid_from), "until": _local(voucher.valid_until)}
    if answer == Answer.USED:
        if voucher.used_at is None:
            return _("已使用"), ""
        told = {"at": _local(voucher.used_at), "where": voucher.used_where}
        return _("已使用：%(at)s %(where)s") % told, _("人已全部入场；有疑问请找主管查核销记录")
    found = {
        Answer.EARLY: (_("未到有效期：%(from)s 起有效") % times, _("请在有效期内入场")),
        Answer.EXPIRED: (_("已过期：%(until)s 止") % times, _("请看订单能否退票")),
        Answer.REFUNDED: (_("已退票，或正在退票"), _("不能入场")),
        Answer.OTHER_SESSION: (
            _("非本场：%(what)s") % {"what": f"{voucher.session or ''} {times['from']}".strip()},
            _("请按票面场次入场"),
        ),
        Answer.OTHER_GATE: (_("非本门：不能从这里入场"), _("请看票面上的检票口")),
        Answer.UNPAID: (_("未支付"), _("请先付款")),
        Answer.DOCUMENT: (_("证件不符"), _("请出示购票时登记的证件")),
        Answer.PICTURE: (_("请出示动态码，截图无效"), _("请打开订单里的二维码")),
        Answer.TOO_MANY: (_("人数不足：还剩 %(left)d 人") % {"left": left}, _("请按剩余人数核销")),
        Answer.WHOLE: (_("须整单核销：共 %(left)d 人") % {"left": left}, _("请人到齐后一起入场")),
        Answer.VOID: (
            _("已作废：%(why)s") % {"why": voucher.void_why or _("请出示新的码")}, _("请打开订单查看最新凭证"),
        ),
        Answer.GATE_CLOSED: (_("检票口已关闭"), _("请走其他检票口")),
        Answer.NOT_OUT: (_("没有这么多人在场内"), _("请核对人数")),
    }  # fmt: skip
    return found.get(answer, (str(answer.label), ""))


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%m-%d %H:%M}"


def book(
    post: Post, voucher: Voucher, tickets: Sequence[Ticket], people: int, moment: datetime, scan: int | None,
    *, kind: UseKind = UseKind.USED, first: frozenset[int] = frozenset(), reason: str = "",
    rooms: Mapping[int, int] | None = None,
) -> list[Redemption]:  # fmt: skip
    """Write that so many of a *locked* voucher's people came in: rows by ticket, counters, states."""
    day = moment.astimezone(SHANGHAI).date()
    combo = voucher.product.kind == ProductKind.COMBO
    free = rooms if rooms is not None else _rooms(post, voucher, tickets, combo=combo)
    taken = allot(people, [(ticket.pk, free[ticket.pk]) for ticket in tickets if free.get(ticket.pk)], first)
    made = rows_of(post, voucher, tickets, taken, moment, scan, kind=kind, reason=reason)
    Redemption.objects.bulk_create(made)
    used = {
        ticket.pk: _used_after(voucher, ticket, taken.get(ticket.pk, 0), combo=combo, post=post)
        for ticket in tickets
    }
    set_used(tickets, used, actor=_actor(post), done=not (combo or voucher.unlimited))
    voucher.used = sum(used.values())
    voucher.day_used = (voucher.day_used if voucher.day == day else 0) + people
    voucher.day = day
    if voucher.used_at is None or moment >= voucher.used_at:
        voucher.used_at, voucher.used_where = moment, post.words[:80]
    voucher.save(update_fields=["used", "day", "day_used", "used_at", "used_where"])
    return made


def unbook(
    post: Post, voucher: Voucher, tickets: Sequence[Ticket], back: Mapping[int, int], scan: int, *, kind: UseKind,
    reason: str,
) -> None:  # fmt: skip
    """Write that so many people of *locked* tickets (by key), who came in by a scan, count as not having come."""
    moment = now()
    Redemption.objects.bulk_create(
        rows_of(post, voucher, tickets, back, moment, scan, kind=kind, reason=reason)
    )
    several = voucher.product.kind == ProductKind.COMBO or voucher.unlimited
    used = {}
    for ticket in tickets:
        most = ticket.used - back.get(ticket.pk, 0)
        if several and back.get(ticket.pk):
            most = _most_at_a_spot(ticket)
        used[ticket.pk] = max(0, most)
    set_used(tickets, used, actor=_actor(post), reason=reason, done=not several)
    voucher.used = sum(used.values())
    voucher.out = min(voucher.out, voucher.used)
    voucher.day_used = max(0, voucher.day_used - sum(back.values()))
    voucher.save(update_fields=["used", "out", "day_used"])


def _most_at_a_spot(ticket: Ticket) -> int:
    """Of a ticket that opens several places or many times: how many of its people are in at the most used place."""
    rows = (
        Redemption.objects.filter(ticket=ticket)
        .order_by()
        .values_list("gate__spot")
        .annotate(n=Sum("quantity"))
    )
    return min(ticket.uses - ticket.back, max((int(n) for _spot, n in rows), default=0))


def _actor(post: Post) -> str:
    if post.operator is not None:
        return actor_label(post.operator)
    return f"device:{post.device.code}" if post.device is not None else "system"


def _rooms(post: Post, voucher: Voucher, tickets: Sequence[Ticket], *, combo: bool) -> dict[int, int]:
    if voucher.unlimited:
        return {one.pk: one.uses - one.back for one in tickets if one.state in ALIVE}
    if combo:
        here = _at_spot(post, voucher)
        return {one.pk: one.uses - one.back - here.get(one.pk, 0) for one in tickets if one.state in ALIVE}
    return {one.pk: room_of(one) for one in tickets}


def _at_spot(post: Post, voucher: Voucher) -> dict[int, int]:
    spot = post.gate.spot_id if post.gate is not None else None
    rows = Redemption.objects.filter(voucher=voucher, gate__spot=spot).order_by()
    return {key: int(n) for key, n in rows.values_list("ticket").annotate(Sum("quantity"))}


def _used_after(voucher: Voucher, ticket: Ticket, taken: int, *, combo: bool, post: Post) -> int:
    """How many of a ticket's people were in, once these are: of combined tickets in any one spot, at most all."""
    most = ticket.uses - ticket.back
    if not (combo or voucher.unlimited) or not taken:
        return ticket.used + taken
    return min(
        most, max(ticket.used, taken if voucher.unlimited else _at_spot(post, voucher).get(ticket.pk, 0))
    )


def rows_of(
    post: Post, voucher: Voucher, tickets: Sequence[Ticket], quantities: Mapping[int, int], moment: datetime,
    scan: int | None, *, kind: UseKind, reason: str = "",
) -> list[Redemption]:  # fmt: skip
    """Rows for so many of each ticket, with their share of cost and price: all rows of a ticket sum to it exactly."""
    chosen = [ticket for ticket in tickets if quantities.get(ticket.pk)]
    classes = dict(
        TicketClass.objects.filter(variant__in={one.variant_id for one in chosen}).values_list(
            "variant", "pk"
        )
    )
    units = _units(voucher)
    before: dict[int, int] = {}
    if voucher.unlimited or units > 1:
        rows = Redemption.objects.filter(ticket__in=[one.pk for one in chosen]).order_by()
        before = {key: int(n) for key, n in rows.values_list("ticket").annotate(Sum("quantity"))}
    made = []
    for ticket in chosen:
        quantity = quantities[ticket.pk]
        start = before.get(ticket.pk, 0) if (voucher.unlimited or units > 1) else ticket.used
        if kind == UseKind.REVERSED or kind == UseKind.SUPERSEDED:
            start -= quantity
        total = 1 if voucher.unlimited else ticket.uses * units
        sign = -1 if kind in {UseKind.REVERSED, UseKind.SUPERSEDED} else 1
        made.append(
            Redemption(
                kind=kind, scan_id=scan, voucher=voucher, ticket=ticket, product=voucher.product,
                ticket_class_id=classes.get(ticket.variant_id or 0), session_id=voucher.session_id, gate=post.gate,
                unit=post.unit, seller_id=voucher.product.unit_id, supplier_id=voucher.product.supplier_id,
                operator=post.operator, quantity=sign * quantity,
                cost=sign * share(ticket.cost, start, quantity, total),
                revenue=sign * share(ticket.price, start, quantity, total),
                day=moment.astimezone(SHANGHAI).date(), at=moment, reason=reason,
            )
        )  # fmt: skip
    return made


def _units(voucher: Voucher) -> int:
    """Into how many places each person may go: a combined ticket opens several."""
    return max(1, voucher.product.spots.count()) if voucher.product.kind == ProductKind.COMBO else 1


__all__ = [
    "Asked",
    "Said",
    "book",
    "document_indexes",
    "look",
    "redeem",
    "request_number",
    "room_at",
    "rows_of",
]
