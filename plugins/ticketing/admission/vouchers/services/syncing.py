"""What a device did without a network, told afterwards: the earliest scan counts, whatever was told first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from plugins.ticketing.kernel.models import Ticket
from saleor_o2o.kernel.clock import SHANGHAI, now

from ...choices import ProductKind
from ...models import Device, Redemption, Scan, ScanConflict, Voucher, VoucherOldCode
from .. import codes
from ..choices import Answer, ConflictKind, Direction, UseKind, Way
from ..deciding import Admission, earliest
from ..finding import code_index
from ..locks import lock_voucher
from ..moving import ALIVE
from ..places import Post, in_scope, right_gate
from .booking import book, room_at, unbook
from .keys import key_of
from .redeeming import request_number
from .reversing import in_by

#: A device's clock may move by so much between two measurements before what it wrote meanwhile is doubted.
STEADY = timedelta(seconds=60)
#: Older entries are of a clock that was never set.
OLDEST = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a device's log: its own number, what it read, when by its clock, how many it let in."""

    number: str
    text: str
    at: datetime
    people: int
    direction: Direction = Direction.IN


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of an entry: `counted` of its people came in rightly; a conflict where not all did."""

    number: str
    status: str
    counted: int = 0


def sync(post: Post, entries: Sequence[Entry], skew: timedelta, *, steady: bool) -> list[Taken]:
    """Take a log in, each entry in a transaction of its own; the same entry again changes nothing.

    `skew`: the device's clock less ours, measured now; `steady`: it was the same at the heartbeat before it went
    away. Locks: the tickets of each voucher, then the voucher. Raises LockTimeout (what was taken before it stays).
    """
    if post.device is None:
        raise ValueError("only devices keep logs")
    return [_one(post, post.device, entry, skew, steady=steady) for entry in entries]


def _one(post: Post, device: Device, entry: Entry, skew: timedelta, *, steady: bool) -> Taken:
    moment = now()
    number = request_number(post, f"log:{entry.number}")
    at = entry.at - skew
    doubtful = not steady or at > moment + STEADY or at < moment - OLDEST
    at = min(at, moment)
    voucher, way, nonce = _read(post, entry.text)
    with transaction.atomic():
        tickets: list[Ticket] = []
        if voucher is not None:
            read = voucher
            voucher, tickets = lock_voucher(read.pk)
            voucher.product, voucher.session = read.product, read.session
        before = Scan.objects.filter(number=number).first()
        if before is not None:
            return Taken(entry.number, "known", before.said.get("counted", 0))
        if voucher is None:
            scan = _scan(post, entry, number, at, None, way, Answer.UNKNOWN, 0)
            _alarm(post, device, ConflictKind.WRONG, None, None, scan, entry.people,
                   _("脱机放行了无法识别的码：%(what)s") % {"what": Answer.UNKNOWN.label})  # fmt: skip
            return Taken(entry.number, "conflict")
        if entry.direction == Direction.OUT:
            _scan(post, entry, number, at, voucher, way, Answer.PASSED, 0)
            return Taken(entry.number, "taken")
        wrong = _wrong(post, voucher, nonce, at, doubtful=doubtful)
        counted = 0
        if wrong is not None:
            scan = _scan(post, entry, number, at, voucher, way, wrong, 0)
            _alarm(post, device, ConflictKind.WRONG, voucher, None, scan, entry.people,
                   _("脱机放行，应为：%(what)s") % {"what": wrong.label})  # fmt: skip
        else:
            counted = _merge(post, device, entry, number, at, voucher, tickets, way)
        if doubtful:
            scan = Scan.objects.get(number=number)
            _alarm(post, device, ConflictKind.CLOCK, voucher, None, scan, entry.people,
                   _("设备时钟变动过，记录的时间不可信：%(at)s") % {"at": _local(entry.at)})  # fmt: skip
    return Taken(entry.number, "taken" if counted == entry.people else "conflict", counted)


def _read(post: Post, text: str) -> tuple[Voucher | None, Way, str]:
    """Which voucher an entry is of, None for none of ours, and the nonce of the code that was shown; time codes were
    the device's to check."""
    rows = Voucher.objects.select_related("product__unit", "product__spot", "product__venue", "session")
    if text.startswith(f"{codes.VERSION}."):
        try:
            code = codes.read(text)
        except codes.Unreadable:
            return None, Way.QR, ""
        key = key_of(code.key)
        if key is None or not codes.genuine(code, key.public):
            return None, Way.QR, ""
        voucher = rows.filter(pk=code.terms.voucher).first()
        if voucher is None or not in_scope(post, voucher):
            return None, Way.QR, ""
        return voucher, Way.QR, code.nonce
    short = codes.read_short(text)
    if short is None:
        return None, Way.CODE, ""
    voucher = rows.filter(code_index=code_index(short)).first()
    if voucher is not None and in_scope(post, voucher):
        return voucher, Way.CODE, voucher.nonce
    old = VoucherOldCode.objects.filter(code_index=code_index(short)).first()
    if old is not None:
        voucher = rows.get(pk=old.voucher_id)
        if in_scope(post, voucher):
            return voucher, Way.CODE, old.nonce
    return None, Way.CODE, ""


def _wrong(post: Post, voucher: Voucher, nonce: str, at: datetime, *, doubtful: bool) -> Answer | None:
    """What the device should have said of a *locked* voucher by the code of this nonce, whatever the count.

    A code that was made anew counted until then: who came in before did so rightly. A clock that nobody can trust
    proves no such thing.
    """
    on_paper = voucher.papered_at is not None
    if voucher.nonce != nonce:
        old = VoucherOldCode.objects.filter(voucher=voucher, nonce=nonce).first()
        if old is None or doubtful or at >= old.ended_at:
            return Answer.VOID
        on_paper = old.was_paper
    if voucher.on_paper and not on_paper:
        return Answer.PAPER
    if not right_gate(post, voucher):
        return Answer.OTHER_GATE
    if at < voucher.valid_from:
        return Answer.EARLY
    return Answer.EXPIRED if at >= voucher.valid_until else None


def _merge(
    post: Post, device: Device, entry: Entry, number: str, at: datetime, voucher: Voucher, tickets: list[Ticket],
    way: Way,
) -> int:  # fmt: skip
    """Count all that was let in anew, the earliest first; returns how many of this entry count."""
    alive = [ticket for ticket in tickets if ticket.state in ALIVE]
    if voucher.unlimited or voucher.product.kind == ProductKind.COMBO:
        return _apart(post, device, entry, number, at, voucher, tickets, way)
    # what was taken back by people is out of the count
    scans = {
        scan.number: scan
        for scan in Scan.objects.filter(
            voucher=voucher, answer=Answer.PASSED, direction=Direction.IN, admitted__gt=0
        ).exclude(redemptions__kind=UseKind.REVERSED)
    }
    gone_by_now = {ticket.pk for ticket in tickets} - {ticket.pk for ticket in alive}
    now_in, told = {}, []
    for key, scan in scans.items():
        there = in_by(scan.pk)
        # who came in with a ticket that is gone by now keeps no place of the others
        past = sum(count for ticket, count in there.items() if ticket in gone_by_now)
        now_in[key] = sum(there.values()) - past
        told.append(Admission(key, scan.at, int(scan.said.get("new", scan.admitted)) - past))
    # a supplier's gates tell of visits for which there is no scan of ours: those keep their places
    unscanned = max(0, sum(ticket.used for ticket in alive) - sum(now_in.values()))
    capacity = sum(ticket.uses - ticket.back for ticket in alive) - unscanned
    counted = earliest(capacity, [*told, Admission(number, at, entry.people)])
    for key, scan in sorted(scans.items(), key=lambda one: (one[1].at, one[0]), reverse=True):
        less = now_in[key] - counted[key]
        if less > 0:
            _give_way(voucher, tickets, scan, less)
    mine = counted[number]
    scan = _scan(post, entry, number, at, voucher, way, Answer.PASSED if entry.people else Answer.USED, mine)
    if mine:
        book(post, voucher, tickets, mine, at, scan.pk)
    for key, other in scans.items():
        less = now_in[key] - counted[key]
        if less > 0:
            _alarm(post, device, ConflictKind.TWICE, voucher, scan, other, less, _twice(voucher, scan, other))
    if mine < entry.people:
        gone = len(alive) < len(tickets) and not scans
        first = min(scans.values(), key=lambda one: (one.at, one.number), default=None)
        kind = ConflictKind.GONE if gone or (first is None and not unscanned) else ConflictKind.TWICE
        words = _("放行时票已退、改或作废") if kind == ConflictKind.GONE else _twice(voucher, first, scan)
        if kind == ConflictKind.TWICE and first is None:
            words = _("%(number)s 已在景区闸机入场") % {"number": voucher.number}
        _alarm(post, device, kind, voucher, first, scan, entry.people - mine, words)
    return mine


def _apart(
    post: Post, device: Device, entry: Entry, number: str, at: datetime, voucher: Voucher, tickets: list[Ticket],
    way: Way,
) -> int:  # fmt: skip
    """Of vouchers for several places or days: what the rest of the place or day leaves; nothing gives way."""
    room = max(0, min(entry.people, room_at(post, voucher, tickets, at.astimezone(SHANGHAI).date())))
    scan = _scan(post, entry, number, at, voucher, way, Answer.PASSED, room)
    if room:
        book(post, voucher, tickets, room, at, scan.pk)
    if room < entry.people:
        _alarm(
            post,
            device,
            ConflictKind.TWICE,
            voucher,
            None,
            scan,
            entry.people - room,
            _("当日（本景点）已用完"),
        )
    return room


def _give_way(voucher: Voucher, tickets: list[Ticket], scan: Scan, people: int) -> None:
    """So many of a later scan do not count any more."""
    back: dict[int, int] = {}
    alive = {ticket.pk for ticket in tickets if ticket.state in ALIVE}
    for key, count in sorted(in_by(scan.pk).items(), reverse=True):
        if key not in alive:
            continue
        take = min(people - sum(back.values()), count)
        if take > 0:
            back[key] = take
    there = Post(scan.unit, scan.gate, scan.device, scan.operator)
    unbook(there, voucher, tickets, back, scan.pk, kind=UseKind.SUPERSEDED, reason=_("另有更早的检票"))


def _scan(
    post: Post, entry: Entry, number: str, at: datetime, voucher: Voucher | None, way: Way, answer: Answer, counted: int
) -> Scan:  # fmt: skip
    return Scan.objects.create(
        number=number, device=post.device, gate=post.gate, unit=post.unit, voucher=voucher, way=way,
        direction=entry.direction, answer=answer, people=entry.people,
        admitted=entry.people if answer == Answer.PASSED else 0, offline=True, at=at, device_at=entry.at,
        said={"counted": counted},
    )  # fmt: skip


def _alarm(
    post: Post, device: Device, kind: ConflictKind, voucher: Voucher | None, winner: Scan | None, loser: Scan | None,
    people: int, words: str,
) -> None:  # fmt: skip
    ScanConflict.objects.create(
        kind=kind, voucher=voucher, device=device, unit=post.unit, winner=winner, loser=loser, people=people,
        words=words[:200],
    )  # fmt: skip


def _twice(voucher: Voucher, winner: Scan | None, loser: Scan) -> str:
    def told(scan: Scan | None) -> str:
        return (
            ""
            if scan is None
            else f"{_local(scan.at)} {scan.gate.words if scan.gate is not None else scan.unit}"
        )

    return _("%(number)s 两处放行：%(first)s 有效，%(second)s 无效") % {
        "number": voucher.number, "first": told(winner), "second": told(loser),
    }  # fmt: skip


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%m-%d %H:%M:%S}"


def counted_in(voucher: int) -> int:
    """How many of a voucher's people count as in."""
    return sum(Redemption.objects.filter(voucher=voucher).values_list("quantity", flat=True))
