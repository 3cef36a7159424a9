"""What makes one network different from the other: its words, codes, prices, hours, limits and fees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from sandbox.coach.lines import FANGBIAN, FUEL, PROVINCE, STATION_FEE, Line, half, lines, round_to
from sandbox.coach.places import MAIN, PLACES, Place
from sandbox.coach.timetable import ADDED, Shift, shift, shifts

FULL, HALF, FREE = "full", "half", "free"
RESERVED = 2  # the first seats of every bus are kept for the disabled and soldiers
WITH_CHILD_SHARE = 10  # of a hundred seats


@dataclass(frozen=True, slots=True)
class Tier:
    """From so many minutes before departure on: per cent of the fare, at least so many fen."""

    from_minutes: int
    percent: int
    least: int


@dataclass(frozen=True)
class Profile:
    """One network. Money in fen, times of day in minutes.

    extra: fen on the fare by line number modulo its length. share: per cent of the service charge that is the agent's.
    code_base, code_step: how its station codes are counted. allot: which of three seats are its own where both sell.
    issue_delay, refund_delay: seconds of the sandbox; 0 answers at once. change_until: minutes before departure.
    """

    name: str
    net: str
    title: str
    opens: int
    closes: int
    presale_days: int
    stop_sale: int
    lock_minutes: int
    service: int
    share: int
    most_passengers: int
    sells_half: bool
    sells_free: bool
    extra: tuple[int, ...]
    tiers: tuple[Tier, ...]
    fee_step: int
    allot: frozenset[int]
    change_until: int
    issue_delay: float
    refund_delay: float
    pick_each: bool

    # --- names and codes

    @cached_property
    def codes(self) -> dict[str, str]:
        """Place key → this network's code."""
        if self.net == FANGBIAN:
            return {key: str(230_100 + 7 * at) for at, key in enumerate(sorted(PLACES))}
        counted: dict[str, int] = {}
        found = {}
        for key, place in PLACES.items():
            letters = {"重庆": "CQ", "遵义": "GZ", "贵阳": "GZ"}.get(place.city, "SC")
            counted[letters] = counted.get(letters, 0) + 1
            found[key] = f"{letters}{counted[letters]:02d}"
        return found

    @cached_property
    def places(self) -> dict[str, Place]:
        """This network's code → place."""
        return {code: PLACES[key] for key, code in self.codes.items()}

    def called(self, place: Place) -> str:
        """A station to get on at, in this network's words."""
        if self.net == FANGBIAN:
            return place.name.replace("汽车站", "站") if place.area == MAIN else place.name
        return place.name if place.name.startswith(place.city) else f"{place.city}{place.name}"

    def goal(self, place: Place) -> str:
        """A destination in this network's words."""
        if self.net == FANGBIAN:
            prefix = "重庆" if place.city == "重庆" else ""
            return f"{prefix}{place.area}"
        if place.area in (MAIN, "成都"):
            return self.called(place)
        return place.area

    # --- timetable

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """The lines it sells."""
        return tuple(line for line in lines() if self.net in line.nets)

    @cached_property
    def stations(self) -> tuple[Place, ...]:
        """Where one may get on."""
        keys = {key for line in self.lines for key in line.boards}
        return tuple(place for key, place in PLACES.items() if key in keys)

    def shifts(self, day: date) -> list[Shift]:
        """The buses of a day's timetable that it sells."""
        return [one for one in shifts(day) if self.net in one.line.nets]

    def shift_code(self, one: Shift) -> str:
        """The bus within its day, in this network's form."""
        if self.net == FANGBIAN and one.index >= ADDED:
            return f"9{one.line.number:02d}{one.starts:04d}"
        if self.net == FANGBIAN:
            return f"{one.line.number * 1000 + one.index * 7:06d}"
        hours, rest = divmod(one.starts, 60)
        return f"{PLACES[one.line.origin].initials.upper()}{hours:02d}{rest:02d}{one.line.number:02d}"

    def by_key(self, day: date, key: str) -> Shift:
        """The bus by the key both networks share."""
        found = shift(day, key)
        assert found is not None  # noqa: S101 - only keys of this timetable are written down
        return found

    def own_seats(self, one: Shift) -> list[int]:
        """Seat numbers of a bus that are this network's to sell: no seat is both networks'."""
        seats = range(RESERVED + 1, one.line.seats + 1)
        if len(one.line.nets) == 1:
            return list(seats)
        return [seat for seat in seats if seat % 3 in self.allot]

    def quota(self, one: Shift) -> int:
        """How many of a flow's day are this network's."""
        if len(one.line.nets) == 1:
            return one.capacity
        return one.capacity * len(self.allot) // 3

    def children(self, one: Shift) -> int:
        """How many children without a seat may ride."""
        return one.capacity * WITH_CHILD_SHARE // 100 if self.sells_free else 0

    def fare(self, one: Shift, board: int, alight: int, kind: str, raised: int = 0) -> int:
        """What a passenger pays, in fen, without the service charge."""
        whole = one.line.price(board, alight) + self.extra[one.line.number % len(self.extra)] + raised
        return {FULL: whole, HALF: half(whole), FREE: 0}[kind]

    def parts(self, one: Shift, board: int, alight: int, kind: str) -> dict[str, int]:
        """What of the fare is the surcharge for fuel (`fuel`) and the station's (`station`), in fen."""
        whole = {"fuel": round_to(one.line.kilometres(board, alight) * FUEL), "station": STATION_FEE}
        if kind == FREE:
            return dict.fromkeys(whole, 0)
        return whole if kind == FULL else {name: half(amount) for name, amount in whole.items()}

    # --- time

    def opened(self, now: datetime) -> bool:
        """Whether it sells at this time of day."""
        return self.opens <= now.hour * 60 + now.minute < self.closes

    def in_presale(self, day: date, today: date) -> bool:
        """Whether a day's tickets are on sale."""
        return today <= day <= today + timedelta(days=self.presale_days)

    def fee(self, fare: int, minutes: float) -> int | None:
        """What the network keeps of a fare so many minutes before departure; None where nothing is given back."""
        for tier in self.tiers:
            if minutes >= tier.from_minutes:
                kept = (fare * tier.percent + 50 * self.fee_step) // (100 * self.fee_step) * self.fee_step
                return min(fare, max(tier.least, kept)) if fare else 0
        return None


PROVINCE_NETWORK = Profile(
    name="coach_province", net=PROVINCE, title="省级公路客票联网中心",
    opens=5 * 60, closes=22 * 60, presale_days=10, stop_sale=30, lock_minutes=15, service=200, share=60,
    most_passengers=5, sells_half=True, sells_free=True, extra=(0,),
    tiers=(Tier(120, 10, 30), Tier(0, 20, 50)), fee_step=10,
    allot=frozenset({0, 1}), change_until=120, issue_delay=0, refund_delay=0, pick_each=True,
)  # fmt: skip
FANGBIAN_NETWORK = Profile(
    name="coach_fangbian", net=FANGBIAN, title="方便出行客票网",
    opens=6 * 60 + 30, closes=20 * 60 + 30, presale_days=7, stop_sale=60, lock_minutes=10, service=300, share=50,
    most_passengers=3, sells_half=True, sells_free=False, extra=(100, 0, 50, -100),
    tiers=(Tier(24 * 60, 5, 50), Tier(120, 10, 50), Tier(60, 20, 100)), fee_step=50,
    allot=frozenset({2}), change_until=60, issue_delay=20, refund_delay=60, pick_each=False,
)  # fmt: skip
NETWORKS = (PROVINCE_NETWORK, FANGBIAN_NETWORK)
