"""Who pays what: kinds of tickets by age, height or certificate, and children who ride on somebody's lap.

Pure: nothing here looks at rows or at the clock. Ages count on the day of travel. By age a child under 6 rides free
without a seat and pays half with one, from 6 to under 14 half. Where a station goes by height its window measures:
under 1.2 m free, to 1.5 m half, whatever the age. One child without a seat for each adult.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy as _

from plugins.ticketing.kernel.passengers import COACH, Passenger, PassengerType, passenger
from saleor_o2o.kernel.documents import years_old

from .choices import Channel, Fare, Proof
from .errors import CoachError
from .errors import CoachErrorCode as Code

#: By age.
FREE_UNTIL, HALF_UNTIL, GROWN_UP = 6, 14, 18


@dataclass(frozen=True, slots=True, repr=False)
class Rider:
    """Somebody as told. `certificate`: of a disabled soldier or policeman; `by_height`: the window measured the child.

    A child without a document goes by the number of the adult with whom it rides (`document` empty).
    """

    name: str
    document: str
    number: str
    fare: str = Fare.FULL
    birth: date | None = None
    mobile: str = ""
    certificate: str = ""
    by_height: bool = False

    def __repr__(self) -> str:
        return "Rider(…)"


@dataclass(frozen=True, slots=True)
class Seat:
    """One ticket: who, of what kind, why; `carried_by`: place in the party of the adult with whom the child rides."""

    passenger: Passenger
    fare: Fare
    proof: Proof | None = None
    certificate: str = ""
    carried_by: int | None = None
    mobile: str = ""


def seats_of(
    riders: Sequence[Rider], on: date, allowed: set[str], channel: str, *, by_height: bool = False
) -> list[Seat]:
    """The tickets of a party, checked for a day of travel. `allowed`: kinds that the station sells in the channel;
    `by_height`: the station measures children.

    Raises CoachError INVALID_INPUT, HALF_NOT_SOLD, FREE_NOT_SOLD, FARE_WRONG, CERTIFICATE_MISSING, CHILD_NEEDS_ADULT,
    TOO_MANY_CHILDREN and TicketError of the document, with the field `passengers.<place>.<field>`.
    """
    if not riders:
        raise CoachError(Code.INVALID_INPUT, _("请添加乘客"), "passengers")
    seats = [
        _seat(place, rider, on, allowed, channel, by_height=by_height) for place, rider in enumerate(riders)
    ]
    _check_twice(seats)
    return _carried(seats, on)


def _seat(place: int, rider: Rider, on: date, allowed: set[str], channel: str, *, by_height: bool) -> Seat:
    where = f"passengers.{place}"
    if rider.fare not in Fare.values:
        raise CoachError(Code.INVALID_INPUT, _("请选择票类"), f"{where}.fare")
    fare = Fare(rider.fare)
    if fare not in allowed:
        half = fare == Fare.HALF
        raise CoachError(
            Code.HALF_NOT_SOLD if half else Code.FREE_NOT_SOLD,
            _("这个车站这里不售%(kind)s") % {"kind": fare.label},
            f"{where}.fare",
            _("请购全票，或到车站窗口购买"),
        )
    measured = rider.by_height and by_height and channel == Channel.COUNTER
    kind = _type(place, rider, fare, measured=measured)
    found = passenger(rider.name, rider.document, rider.number, kind, rider.birth, on, COACH)
    proof = _proof(place, rider, fare, found, on, measured=measured)
    return Seat(found, fare, proof, rider.certificate.strip()[:40], None, rider.mobile)


def _type(place: int, rider: Rider, fare: Fare, *, measured: bool) -> PassengerType:
    """As what the kernel checks somebody: a measured child's age does not count."""
    if fare == Fare.HALF and not measured and rider.certificate.strip():
        return PassengerType.DISABLED
    if measured or fare == Fare.FULL:
        return PassengerType.ADULT
    return PassengerType.CHILD if fare == Fare.HALF else PassengerType.INFANT


def _proof(
    place: int, rider: Rider, fare: Fare, found: Passenger, on: date, *, measured: bool
) -> Proof | None:
    where, age = f"passengers.{place}.fare", years_old(found.birth, on)
    if fare == Fare.FULL:
        return None
    if measured and age < GROWN_UP:
        return Proof.HEIGHT
    if measured:
        raise CoachError(Code.FARE_WRONG, _("成人不能按身高购买儿童票"), where)
    if rider.certificate.strip() and fare == Fare.HALF:
        return Proof.CERTIFICATE
    if fare == Fare.HALF and age >= HALF_UNTIL:
        raise CoachError(
            Code.CERTIFICATE_MISSING if age >= GROWN_UP else Code.FARE_WRONG,
            _("年满 %(age)d 岁购半票须填残疾军人证或伤残人民警察证号") % {"age": HALF_UNTIL},
            where,
            _("没有证件请购全票"),
        )
    return Proof.AGE


def _check_twice(seats: Sequence[Seat]) -> None:
    seen: dict[str, int] = {}
    for place, seat in enumerate(seats):
        if seat.passenger.index in seen:
            raise CoachError(
                Code.INVALID_INPUT,
                _("同一位乘客添加了两次"),
                f"passengers.{place}.number",
                _("请删去重复的一位"),
            )
        seen[seat.passenger.index] = place


def _carried(seats: Sequence[Seat], on: date) -> list[Seat]:
    """Each child without a seat goes with a grown-up of its own, in the order told."""
    grown = [
        place for place, one in enumerate(seats)
        if one.fare != Fare.FREE and years_old(one.passenger.birth, on) >= GROWN_UP
    ]  # fmt: skip
    free = [place for place, one in enumerate(seats) if one.fare == Fare.FREE]
    if free and not grown:
        raise CoachError(
            Code.CHILD_NEEDS_ADULT,
            _("免票儿童须有成人同行"),
            "passengers",
            _("请添加同行的成人，或给儿童购半票"),
        )
    if len(free) > len(grown):
        raise CoachError(
            Code.TOO_MANY_CHILDREN,
            _("每位成人只能免费带一名儿童"),
            f"passengers.{free[len(grown)]}.fare",
            _("其余儿童请购半票"),
        )
    with_whom = dict(zip(free, grown, strict=False))
    return [
        Seat(
            one.passenger, one.fare, one.proof, one.certificate, with_whom.get(place), one.mobile
        )
        for place, one in enumerate(seats)
    ]  # fmt: skip
