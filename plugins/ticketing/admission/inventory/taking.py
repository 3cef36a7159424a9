"""Taking units and seats for a hold: everything or nothing, in the caller's transaction, also where it is refused."""

from __future__ import annotations

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import advisory_lock, advisory_number, first_unlocked, require_transaction

from ..choices import SeatState
from ..errors import AdmissionError
from ..errors import AdmissionErrorCode as Code
from ..locks import AdmissionLock
from ..models import SessionSeat, Taking
from . import statements
from .asking import SeatTaken, Taken, TakenLine, Wish
from .geometry import Geometry, Line, Places, Spot, geometry_of
from .quotas import counted, needed, quotas_of, sold_out, take_units
from .seating import Pick, best_in_line, orphans, spread

#: How many free seats are looked at first: a few rows are enough for nearly everybody.
WINDOW = 160
#: More than any hall has.
EVERY_SEAT = 1_000_000
#: Of the rows in which he would choose so many are tried before he looks.
MOST_LINES = 8
#: How often somebody tries to get seats that others take away from under his eyes.
TRIES = 12


@dataclass(frozen=True, slots=True)
class _Party:
    """People of one hold who want seats of one category of one session: they sit together."""

    session: int
    category: str
    seat_map: int
    wishes: tuple[int, ...]
    classes: tuple[int, ...]
    seats: tuple[int, ...]


@dataclass(slots=True)
class _Hold:
    """What is being taken. `alone`: its only party is all there is, so that one statement may take and record it."""

    number: str
    until: datetime
    wishes: Sequence[Wish]
    quotas: Sequence[Sequence[int]]
    alone: bool
    noted: bool = False

    def notes(self) -> dict[str, list[Any]]:
        """The records as the taking statement writes them; none where they are written afterwards."""
        found = list(zip(self.wishes, self.quotas, strict=True)) if self.alone else []
        return {
            "n_class": [wish.ticket_class for wish, _keys in found],
            "n_slot": [wish.slot for wish, _keys in found],
            "n_day": [wish.day for wish, _keys in found],
            "n_channel": [wish.channel for wish, _keys in found],
            "n_quantity": [wish.quantity for wish, _keys in found],
            "n_quotas": ["{" + ",".join(map(str, keys)) + "}" for _wish, keys in found],
        }

    def record(self) -> None:
        """Write the records, if no statement has. One statement."""
        if self.noted:
            return
        Taking.objects.bulk_create(
            Taking(
                hold=self.number, ticket_class_id=wish.ticket_class, session_id=wish.session, slot_id=wish.slot,
                day=wish.day, channel=wish.channel, quantity=wish.quantity, quotas=list(keys), until=self.until,
            )
            for wish, keys in zip(self.wishes, self.quotas, strict=True)
        )  # fmt: skip


def take(hold: str, wishes: Sequence[Wish], until: datetime) -> Taken:
    """Take what is wished until a moment, under a number that was never used before.

    Locks and statements: those of `take_uncounted`, then quotas in the order of their keys, a statement each. Raises
    what it raises; then nothing is taken, and the transaction may go on.
    """
    taken, units = take_uncounted(hold, wishes, until)
    if not take_units(units):
        _undo(hold, seats=any(line.seats for line in taken.lines))
        Taking.objects.filter(hold=hold).delete()
        raise sold_out()
    return taken


def take_uncounted(
    hold: str, wishes: Sequence[Wish], until: datetime
) -> tuple[Taken, dict[int, int]]:  # fmt: skip
    """Take the seats and write the records; the units are left to be taken (`quotas.take_units`), by quota.

    For whoever has more to write before the rows that everybody waits for; where `take_units` says no, his transaction
    rolls back. Locks: rows of seats (`AdmissionLock.LINE`), seats. Statements: one per wish to find quotas, three for
    a party with seats (look, lock, take), two for all of it where one class asks for any seats, one for the records
    unless they went with the seats of one row. Raises
    SOLD_OUT, NOT_ON_SALE, SEAT_TAKEN, SEAT_UNKNOWN, SEAT_CLASS, ORPHAN_SEAT; then nothing is taken, and the transaction
    may go on.
    """
    require_transaction()
    if not wishes or any(wish.quantity < 1 for wish in wishes):
        raise AdmissionError(Code.COUNT, _("请选择张数"), "quantity")
    parties = _parties(wishes)
    seen: _Seen | None = None
    if len(wishes) == len(parties) == 1 and not parties[0].seats:
        # what most people ask for: one class, any seats
        state, rows, seen = _look(wishes[0], parties[0])
        quotas = [counted(wishes[0], state, rows)]
    else:
        quotas = quotas_of(wishes)
    seats: dict[int, list[Spot]] = {}
    together = True
    taking = _Hold(hold, until, wishes, quotas, len(parties) == 1 and len(parties[0].wishes) == len(wishes))
    try:
        for party in parties:
            found, side_by_side = _seat(party, taking, seen)
            together &= side_by_side
            left = list(found)
            for at in party.wishes:
                seats[at], left = left[: wishes[at].quantity], left[wishes[at].quantity :]
    except AdmissionError:
        _undo(hold, seats=True)
        raise
    taking.record()
    lines = tuple(
        TakenLine(
            wish.ticket_class,
            wish.quantity,
            tuple(SeatTaken(spot.seat, spot.label) for spot in seats.get(at, ())),
        )
        for at, wish in enumerate(wishes)
    )
    return Taken(hold, lines, together), needed(wishes, quotas)


def _undo(hold: str, *, seats: bool) -> None:
    """Free what this transaction has just taken under a number that nobody else has."""
    if seats:
        SessionSeat.objects.filter(hold=hold).update(
            state=SeatState.FREE, hold="", until=None, ticket_class=None
        )


def _parties(wishes: Sequence[Wish]) -> list[_Party]:
    """Wishes with seats by session and category, in a fixed order. Raises SEAT_UNKNOWN, COUNT."""
    groups: dict[tuple[int, str, bool], list[int]] = {}
    for at, wish in enumerate(wishes):
        if wish.seat_map is None or wish.session is None:
            continue
        if wish.seats and len(wish.seats) != wish.quantity:
            raise AdmissionError(Code.COUNT, _("选的座位数与张数不符，请重新选座"), "seats")
        groups.setdefault((wish.session, wish.category, bool(wish.seats)), []).append(at)
    found = []
    for (session, category, _chosen), members in sorted(groups.items()):
        first = wishes[members[0]]
        seats = tuple(seat for at in members for seat in wishes[at].seats)
        if len(set(seats)) != len(seats):
            raise AdmissionError(Code.SEAT_TAKEN, _("同一个座位选了两次，请重新选座"), "seats")
        classes = tuple(wishes[at].ticket_class for at in members for _one in range(wishes[at].quantity))
        found.append(_Party(session, category, first.seat_map or 0, tuple(members), classes, seats))
    return found


def _seat(party: _Party, hold: _Hold, seen: _Seen | None) -> tuple[list[Spot], bool]:
    """The seats of a party in the order of its people, and whether they are side by side."""
    map_ = geometry_of(party.seat_map)
    if party.seats:
        return _take_chosen(party, map_, hold), True
    return _take_best(party, map_, hold, seen)


# -- seats that somebody chose -------------------------------------------------------------


def _take_chosen(party: _Party, map_: Geometry, hold: _Hold) -> list[Spot]:
    """Waits for whoever is choosing in these rows now, looks, and takes."""
    spots = []
    for seat in party.seats:
        if seat not in map_.spots:
            raise AdmissionError(
                Code.SEAT_UNKNOWN, _("所选座位不属于这个场次"), "seats", _("请刷新座位图重新选择")
            )
        spots.append(map_.spots[seat])
        if spots[-1].category != party.category:
            raise AdmissionError(
                Code.SEAT_CLASS, _("%(seat)s 不属于所选票类的座位等级") % {"seat": spots[-1].label}, "seats",
                _("请换一个座位，或换对应的票类"),
            )  # fmt: skip
    lines: dict[Line, list[Spot]] = {}
    for spot in spots:
        lines.setdefault((spot.zone, spot.line), []).append(spot)
    advisory_lock(AdmissionLock.LINE, *(_key(party, line) for line in lines))
    free = _free_in(party, list(lines))
    for line, wanted in lines.items():
        gone = [spot for spot in wanted if spot.place not in free.get(line, ())]
        if gone:
            raise _taken(gone)
        single = orphans(free[line], [spot.place for spot in wanted])
        if single:
            label = map_.at[(*line, single[0])].label
            raise AdmissionError(
                Code.ORPHAN_SEAT, _("这样选会在旁边留下一个单独的空座（%(seat)s）") % {"seat": label}, "seats",
                _("请把座位左移或右移一个，或把它一起选上"),
            )  # fmt: skip
    classes = dict(zip(party.seats, party.classes, strict=True))
    for line, wanted in lines.items():
        if not _take(party, line, wanted, [classes[spot.seat] for spot in wanted], hold):
            raise _taken(wanted)
    return spots


def _taken(spots: Sequence[Spot]) -> AdmissionError:
    names = "、".join(spot.label for spot in spots[:3])
    return AdmissionError(
        Code.SEAT_TAKEN, _("%(seats)s 已被别人选走，或不能购买") % {"seats": names}, "seats", _("请重新选座")
    )


def _free_in(party: _Party, lines: Sequence[Line]) -> dict[Line, Places]:
    rows = SessionSeat.objects.filter(
        session=party.session, category=party.category, state=SeatState.FREE,
        line__in={line for _zone, line in lines},
    ).values_list("zone", "line", "place")  # fmt: skip
    found: dict[Line, list[int]] = {}
    for zone, line, place in rows.order_by("place"):
        found.setdefault((zone, line), []).append(place)
    return {line: tuple(places) for line, places in found.items()}


# -- the best ones that are free -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Seen:
    """The free places by row as somebody saw them, and whether that is all of them. `held`: a row that he had locked
    before he looked; `passed`: those that others had, of which he would rather have had one. `tried`: there is a
    savepoint before that lock, to let go of the row if it will not do: nobody waits for a row while he has another."""

    free: dict[Line, Places]
    all_seen: bool
    tried: bool = False
    held: Line | None = None
    passed: frozenset[Line] = frozenset()


#: In which rows somebody of this process would have chosen last, the best first: where the next one tries first. Never
#: more than a guess, which is looked at under the row's lock.
_likely: OrderedDict[tuple[int, str, int], tuple[Line, ...]] = OrderedDict()
_likely_lock = Lock()
#: For so many sessions, categories of their seats, and sizes of parties.
MOST_LIKELY = 512


def _look(wish: Wish, party: _Party) -> tuple[str | None, list[list[int]], _Seen]:
    """Lock a row that will probably do, and look at all that decides: the session's state, its quotas with what is left
    of each, the free seats. One round trip.

    Who locks before he looks does not choose what somebody else has just taken.
    """
    count = len(party.classes)
    likely = _likely.get((party.session, party.category, count), ())
    most = max(WINDOW, 4 * count)
    [(at, state, quotas, zones, seats)] = statements.SEATS.rows_after(
        statements.TRY_LINE if likely else "",
        statements.LOCK_LINE,
        {
            "lines": [advisory_number(AdmissionLock.LINE, _key(party, line)) for line in likely],
            "product": wish.product, "day": wish.day, "session": wish.session, "slot": wish.slot,
            "channel": wish.channel, "class": wish.ticket_class, "category": party.category, "most": most,
        },
    )  # fmt: skip
    free, all_seen = _by_line(zones or [], seats or [], most)
    got = int(at) - 1 if at else len(likely)
    held = likely[got] if at else None
    return state, quotas or [], _Seen(free, all_seen, bool(likely), held, frozenset(likely[:got]))


def _remember(party: _Party, clean: Sequence[tuple[Line, Pick]], chosen: Line, left: Places) -> None:
    """Where the next ones of this process try first."""
    count = len(party.classes)
    after = best_in_line(left, count, 0)
    lines = [
        line
        for line, pick in clean
        if line != chosen or (after is not None and after.orphans <= pick.orphans)
    ]
    with _likely_lock:
        _likely[party.session, party.category, count] = tuple(lines[:MOST_LINES])
        _likely.move_to_end((party.session, party.category, count))
        while len(_likely) > MOST_LIKELY:
            _likely.popitem(last=False)


def _take_best(party: _Party, map_: Geometry, hold: _Hold, seen: _Seen | None) -> tuple[list[Spot], bool]:
    """The row nearest to the stage in which nobody else is choosing; whoever loses a race looks again.

    A row that did not do is let go of before anybody waits for another one, or two would wait for each other. One that
    cannot be let go of (`stuck`: what comes after is not written under a savepoint, in the usual case) waits for none.
    """
    count, window, stuck = len(party.classes), WINDOW, False
    for _try in range(TRIES):
        now_seen, seen = seen or _Seen(*_free(party, max(window, 4 * count))), None
        free, all_seen = now_seen.free, now_seen.all_seen
        total = sum(map(len, free.values()))
        if all_seen and total < count:
            raise sold_out(total)
        picks = _picks(free, count, map_)
        farther = not all_seen and (not picks or picks[0][1].orphans > 0)
        clean = [(line, pick) for line, pick in picks if pick.orphans == picks[0][1].orphans]
        found = None if farther else _nearest(clean, now_seen)
        if now_seen.tried and found is None:
            _say(statements.LET_GO)
        if farther:
            window = EVERY_SEAT
            continue
        if not picks:
            if stuck:
                break
            return _take_spread(party, map_, hold), False
        tried = found is None
        if found is None:
            keys = {_key(party, line): (line, pick) for line, pick in clean}
            key = first_unlocked(AdmissionLock.LINE, list(keys), statements.TRY_LINE)
            if key is None:  # somebody is choosing in every one of these rows: look further back, then wait
                _say(statements.LET_GO)
                if not all_seen:
                    window *= 4
                    continue
                if stuck:
                    break
                seen = _wait(party, clean)
                continue
            found = keys[str(key)]
        line, pick = found
        spots = [map_.at[(*line, place)] for place in pick.places]
        # two places on each side: the seats that decide whether this choice leaves a single one
        near = [place for place in free[line] if pick.first - 2 <= place < pick.first + count + 2]
        before = "" if tried else statements.KEEP_LINE
        taken = _take(party, line, spots, party.classes, hold, near=len(near), before=before)
        if tried:
            _say(statements.KEEP_LINE if taken else statements.LET_GO)
        if taken:
            _remember(party, clean, line, tuple(place for place in free[line] if place not in pick.places))
            return spots, True
        stuck |= not tried
    raise AdmissionError(
        Code.SEAT_TAKEN, _("选座的人很多，没有抢到相连的座位"), "seats", _("请再试一次，或在座位图上自己选")
    )


def _wait(party: _Party, clean: Sequence[tuple[Line, Pick]]) -> _Seen:
    """Wait for the best of these rows, then look: what was seen before may be gone."""
    line = clean[0][0]
    _say(statements.TRY_LINE)
    advisory_lock(AdmissionLock.LINE, _key(party, line))
    passed = frozenset(other for other, _pick in clean[1:])
    return _Seen(*_free(party, EVERY_SEAT), tried=True, held=line, passed=passed)


def _say(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _nearest(clean: Sequence[tuple[Line, Pick]], seen: _Seen) -> tuple[Line, Pick] | None:
    """The choice in the row that is locked already, unless there is a nearer one that nobody has."""
    if seen.held is None:
        return None
    for line, pick in clean:
        if line == seen.held:
            return line, pick
        if line not in seen.passed:
            return None
    return None


def _free(party: _Party, most: int) -> tuple[dict[Line, Places], bool]:
    """Free places by row, and whether that is all of them."""
    rows = statements.FREE_SEATS.rows({"session": party.session, "category": party.category, "most": most})
    return _by_line([zone for zone, _seat in rows], [seat for _zone, seat in rows], most)


def _by_line(zones: Sequence[str], seats: Sequence[int], most: int) -> tuple[dict[Line, Places], bool]:
    """Free places by row, of what a look at so many seats at most told (a zone of each seat, or one of all), and
    whether that is all of them. The last row may be cut off, so it is left out then."""
    all_seen = len(seats) < most
    last = None if all_seen else max(seats) >> 16
    found: dict[Line, Places] = {}
    for zone in dict.fromkeys(zones):
        told = sorted(
            seats if len(zones) == 1 else [seat for of, seat in zip(zones, seats, strict=True) if of == zone]
        )
        first = 0
        while first < len(told):
            line = told[first] >> 16
            end = bisect_left(told, (line + 1) << 16, first)
            if line != last:
                found[zone, line] = tuple([seat & 65535 for seat in told[first:end]])
            first = end
    return found, all_seen


def _picks(free: dict[Line, Places], count: int, map_: Geometry) -> list[tuple[Line, Pick]]:
    """The best choice of every row: without single seats first, then the nearer row, then the nearer to its middle."""
    found = []
    for line, places in free.items():
        pick = best_in_line(places, count, map_.middles[line])
        if pick is not None:
            found.append((line, pick))
    return sorted(found, key=lambda one: (one[1].orphans, one[0][1], one[1].off, one[0][0]))


def _take_spread(party: _Party, map_: Geometry, hold: _Hold) -> list[Spot]:
    """Nobody can sit side by side any more: in as few groups as possible, with all rows to oneself."""
    free, _all = _free(party, EVERY_SEAT)
    advisory_lock(AdmissionLock.LINE, *(_key(party, line) for line in free))
    free = _free_in(party, list(free))
    lines = sorted(free, key=lambda line: (line[1], line[0]))
    groups = spread([free[line] for line in lines], len(party.classes))
    if groups is None:
        raise sold_out(sum(map(len, free.values())))
    found: list[Spot] = []
    classes = list(party.classes)
    for line, places in zip(lines, groups, strict=True):
        if places:
            spots = [map_.at[(*line, place)] for place in places]
            some, classes = classes[: len(spots)], classes[len(spots) :]
            if not _take(party, line, spots, some, hold):
                raise _taken(spots)
            found += spots
    return found


def _key(party: _Party, line: Line) -> str:
    return f"{party.session}:{line[0]}:{line[1]}"


def _take(
    party: _Party, line: Line, spots: Sequence[Spot], classes: Sequence[int], hold: _Hold, near: int | None = None,
    before: str = "",
) -> bool:  # fmt: skip
    """Take seats of one row, all or none; with `near` only while so many are free in and around them."""
    places = [spot.place for spot in spots]
    whole = hold.alone and len(spots) == len(party.classes)
    notes = hold.notes() if whole else _Hold(hold.number, hold.until, (), (), alone=False).notes()
    [(count,)] = statements.TAKE_SEATS.rows(
        {
            "session": party.session, "category": party.category, "zone": line[0], "line": line[1],
            "seats": [spot.seat for spot in spots], "classes": list(classes), "count": len(spots),
            "hold": hold.number, "until": hold.until, "now": now(), "first": min(places) - 2,
            "last": max(places) + 2, "free": near, **notes,
        },
        before,
    )  # fmt: skip
    taken = int(count) == len(spots)
    hold.noted |= whole and taken
    return taken
