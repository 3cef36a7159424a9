"""Who pays what: kinds of tickets by age, height or certificate, and children who ride on somebody's lap.

Pure: nothing here looks at rows or at the clock. Ages count on the day of travel. By age a child under 6 rides free
without a seat and pays half with one, from 6 to under 14 half. Where a station goes by height its window measures:
under 1.2 m free, to 1.5 m half, whatever the age. One child without a seat for each adult.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy as _

from plugins.members.interfaces import clean_mobile
from plugins.ticketing.kernel.errors import TicketError, TicketErrorCode
from plugins.ticketing.kernel.passengers import COACH, Passenger, PassengerType, clean_name, one_of, passenger
from saleor_o2o.kernel.documents import DocumentKind, birth_in, number_of, years_old

from .choices import Channel, Fare, Proof
from .errors import CoachError
from .errors import CoachErrorCode as Code

#: By age.
FREE_UNTIL, HALF_UNTIL, GROWN_UP = 6, 14, 18


@dataclass(frozen=True, slots=True, repr=False)
class Rider:
    """Somebody as told. `certificate`: of a disabled soldier or policeman; `by_height`: the window measured the child.

    A child at half fare or free that has no document (`number` empty) goes by the one of an adult of the party, with
    its own name and birthday; `adult`: that adult's number, empty: the one with whom it rides. `again`: goes with a
    ticket that counts already, so its kind, and that it was measured, were settled when that was bought.
    """

    name: str
    document: str
    number: str
    fare: str = Fare.FULL
    birth: date | None = None
    mobile: str = ""
    certificate: str = ""
    by_height: bool = False
    adult: str = ""
    again: bool = False

    def __repr__(self) -> str:
        return "Rider(…)"

    @property
    def lent(self) -> bool:
        """Whether it goes by an adult's document."""
        return not (self.number.strip() or self.certificate.strip()) and self.fare in (Fare.HALF, Fare.FREE)


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
    TOO_MANY_CHILDREN, TicketError of the document and MemberError MOBILE_INVALID, with the field
    `passengers.<place>.<field>`.
    """
    if not riders:
        raise CoachError(Code.INVALID_INPUT, _("请添加乘客"), "passengers")
    fares = [_fare(place, rider, allowed) for place, rider in enumerate(riders)]
    measured = [one.by_height and (one.again or (by_height and channel == Channel.COUNTER)) for one in riders]
    people: dict[int, Passenger] = {}
    for place, one in enumerate(riders):
        if not one.lent:
            with one_of("passengers", place, len(riders) > 1):
                kind = _type(one, fares[place], on, measured=measured[place])
                people[place] = passenger(one.name, one.document, one.number, kind, one.birth, on, COACH)
    _check_twice(people)
    grown = [
        place for place, one in people.items()
        if fares[place] != Fare.FREE and years_old(one.birth, on) >= GROWN_UP
    ]  # fmt: skip
    with_whom = _carried(fares, grown)
    for place, one in enumerate(riders):
        if one.lent:
            hosts = [people[adult] for adult in _hosts(place, one, people, grown, with_whom)]
            people[place] = _by_an_adult(place, one, hosts, on, measured=measured[place])
    _check_twins(people)
    return [
        Seat(
            people[place], fares[place],
            _proof(place, one, fares[place], people[place], on, measured=measured[place]),
            one.certificate.strip()[:40], with_whom.get(place), _mobile(place, one),
        )
        for place, one in enumerate(riders)
    ]  # fmt: skip


def _mobile(place: int, rider: Rider) -> str:
    if rider.again or not rider.mobile.strip():
        return rider.mobile.strip()
    return clean_mobile(rider.mobile, f"passengers.{place}.mobile")


def _fare(place: int, rider: Rider, allowed: set[str]) -> Fare:
    where = f"passengers.{place}.fare"
    if rider.fare not in Fare.values:
        raise CoachError(Code.INVALID_INPUT, _("请选择票类"), where)
    fare = Fare(rider.fare)
    if fare not in allowed and not rider.again:
        half = fare == Fare.HALF
        raise CoachError(
            Code.HALF_NOT_SOLD if half else Code.FREE_NOT_SOLD,
            _("这个车站这里不售%(kind)s") % {"kind": fare.label},
            where,
            _("请购全票，或到车站窗口购买"),
        )
    return fare


def _type(rider: Rider, fare: Fare, on: date, *, measured: bool) -> PassengerType:
    """As what the kernel checks somebody: a measured child is what its age makes it, whatever it pays."""
    if fare == Fare.HALF and not measured and rider.certificate.strip():
        return PassengerType.DISABLED
    if measured:
        born = rider.birth or _birth_told(rider)
        return COACH.type_at(born, on) if born is not None else PassengerType.ADULT
    if fare == Fare.FULL:
        return PassengerType.ADULT
    return PassengerType.CHILD if fare == Fare.HALF else PassengerType.INFANT


def _birth_told(rider: Rider) -> date | None:
    """The birthday that the document's number says, if it is one that does."""
    if rider.document not in DocumentKind.values:
        return None
    number = number_of(DocumentKind(rider.document), rider.number)
    return birth_in(DocumentKind(rider.document), number) if number is not None else None


def _hosts(
    place: int,
    rider: Rider,
    people: Mapping[int, Passenger],
    grown: Sequence[int],
    with_whom: Mapping[int, int],
) -> list[int]:
    """By whose document a child goes: who was named, on whose lap it is, who was told before it; else anybody's."""
    if rider.adult:
        return [one for one in grown if people[one].number == rider.adult]
    if place in with_whom:
        return [with_whom[place]]
    return [one for one in grown if one < place][-1:] or list(grown)


def _by_an_adult(
    place: int, rider: Rider, hosts: Sequence[Passenger], on: date, *, measured: bool
) -> Passenger:
    """A child with its own name and birthday, by the document of an adult of the party."""
    where = f"passengers.{place}"
    if not hosts:
        raise CoachError(
            Code.CHILD_NEEDS_ADULT,
            _("没有证件的儿童须有成人同行"),
            f"{where}.number",
            _("请添加同行的成人，或填写儿童本人的证件"),
        )
    if not rider.name.strip():
        raise TicketError(TicketErrorCode.INVALID_INPUT, _("请填写儿童姓名"), f"{where}.name")
    with one_of("passengers", place, several=True):
        name = clean_name(rider.name)
    if rider.birth is None:
        raise TicketError(
            TicketErrorCode.BIRTH_INVALID, _("没有证件的儿童须填写出生日期"), f"{where}.birth",
            _("随同行成人的证件乘车；有本人证件的请填证件号"),
        )  # fmt: skip
    by_age = COACH.type_at(rider.birth, on)
    if not measured:
        COACH.check(PassengerType.CHILD if rider.fare == Fare.HALF else PassengerType.INFANT, rider.birth, on)
    return Passenger(name, hosts[0].document, hosts[0].number, rider.birth, by_age)


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


def _check_twice(people: Mapping[int, Passenger]) -> None:
    seen: set[str] = set()
    for place, one in people.items():
        if one.index in seen:
            raise _twice(place)
        seen.add(one.index)


def _check_twins(people: Mapping[int, Passenger]) -> None:
    """Of those who share a document everybody is somebody else."""
    seen: set[tuple[str, str, date]] = set()
    for place in sorted(people):
        one = people[place]
        if (one.index, one.name, one.birth) in seen:
            raise _twice(place)
        seen.add((one.index, one.name, one.birth))


def _twice(place: int) -> CoachError:
    return CoachError(
        Code.INVALID_INPUT,
        _("同一位乘客添加了两次"),
        f"passengers.{place}.number",
        _("请删去重复的一位"),
    )


def _carried(fares: Sequence[Fare], grown: Sequence[int]) -> dict[int, int]:
    """Each child without a seat goes with a grown-up of its own, in the order told."""
    free = [place for place, one in enumerate(fares) if one == Fare.FREE]
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
    return dict(zip(free, grown, strict=False))
