"""Whether people come in, pure: one answer, looked for in a fixed order; and what was first where two gates differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from .choices import Answer


@dataclass(frozen=True, slots=True)
class Standing:
    """All that a decision looks at. `room`: how many may still come in; `outside`: how many are out for a while and
    may come back. `time_code_fits`: None where the code needs none; `document_fits`: None where none is asked for;
    `paper_fits`: whether it is a paper ticket's own code, None where no paper is needed."""

    void: bool
    paid: bool
    given_back: bool
    right_session: bool
    right_gate: bool
    valid_from: datetime
    valid_until: datetime
    document_fits: bool | None
    time_code_fits: bool | None
    room: int
    outside: int
    whole: bool
    gate_open: bool = True
    paper_fits: bool | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer, and of those let in how many come in for the first time and how many again; `room`: how many might
    have come in here, None where that was not looked at."""

    answer: Answer
    new: int = 0
    again: int = 0
    room: int | None = None


def decide(standing: Standing, people: int | None, moment: datetime) -> Decision:
    """Whether so many (None: all that are left) come in. Exactly one answer, the first of the list that is true."""
    found = _refusal(standing, moment)
    if found is not None:
        return Decision(found)
    most = standing.room + standing.outside
    if most <= 0:
        return Decision(Answer.USED)
    wanted = people if people is not None else (standing.room or standing.outside)
    if wanted > most:
        return Decision(Answer.TOO_MANY, room=standing.room)
    if standing.whole and standing.room and wanted != standing.room:
        return Decision(Answer.WHOLE)
    again = min(standing.outside, wanted)
    return Decision(Answer.PASSED, wanted - again, again, standing.room)


def _refusal(standing: Standing, moment: datetime) -> Answer | None:
    """What stands against everybody, whatever their number."""
    checks = (
        (not standing.gate_open, Answer.GATE_CLOSED),
        (standing.void, Answer.VOID),
        (not standing.paid, Answer.UNPAID),
        (standing.given_back, Answer.REFUNDED),
        (not standing.right_session, Answer.OTHER_SESSION),
        (not standing.right_gate, Answer.OTHER_GATE),
        (moment < standing.valid_from, Answer.EARLY),
        (moment >= standing.valid_until, Answer.EXPIRED),
        (standing.paper_fits is False, Answer.PAPER),
        (standing.document_fits is False, Answer.DOCUMENT),
        (standing.time_code_fits is False, Answer.PICTURE),
    )
    return next((answer for wrong, answer in checks if wrong), None)


@dataclass(frozen=True, slots=True)
class Admission:
    """So many people that came in somewhere, at a moment of our clock. `number` settles a tie."""

    number: str
    at: datetime
    people: int


def earliest(capacity: int, admissions: Iterable[Admission]) -> dict[str, int]:
    """How many of each admission count: the earliest first, whatever was told first. The rest was let in wrongly."""
    left, counted = capacity, {}
    for one in sorted(admissions, key=lambda each: (each.at, each.number)):
        counted[one.number] = min(one.people, max(left, 0))
        left -= counted[one.number]
    return counted


def allot(wanted: int, rooms: Sequence[tuple[int, int]], first: Iterable[int] = ()) -> Mapping[int, int]:
    """Share people out over tickets (key, room): those of `first` before the others, then in their order."""
    early = set(first)
    order = [one for one in rooms if one[0] in early] + [one for one in rooms if one[0] not in early]
    found: dict[int, int] = {}
    for key, room in order:
        take = min(wanted, room)
        if take > 0:
            found[key] = take
            wanted -= take
    if wanted > 0:
        raise ValueError("there is no room for so many")
    return found


def share(amount: Decimal, before: int, quantity: int, units: int) -> Decimal:
    """The part of an amount (yuan) that the units after `before` carry, so that all parts sum to it exactly."""
    if units <= 0:
        return Decimal("0.00")
    cents = int(amount * 100)
    upto = [cents * min(place, units) // units for place in (before, before + quantity)]
    return Decimal(upto[1] - upto[0]) / 100
