"""Who travels or visits: name, document, day of birth, and as what. Pure: nothing here looks at rows or at the clock.

Borders of age, all counted on the day of travel. Air: an infant from 14 days to 2 years, a child under 12. Rail: under
6 free, a child from 6 to under 14 since 2023-01-01. Coaches: under 6 free, a child from 6 to under 14 (where a station
goes by height, 1.2 to 1.5 m, the counter looks). Scenic spots and shows set their own; here are the common ones.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.crypto import blind_index
from saleor_o2o.kernel.documents import RESIDENT, DocumentKind, birth_in, number_of, years_old
from saleor_o2o.kernel.masking import mask_id_number, mask_name

from .errors import TicketError
from .errors import TicketErrorCode as Code


class PassengerType(models.TextChoices):
    """As what somebody goes. Students, soldiers and the like have to show a certificate besides."""

    ADULT = "adult", _("成人")
    CHILD = "child", _("儿童")
    INFANT = "infant", _("婴幼儿")
    STUDENT = "student", _("学生")
    SENIOR = "senior", _("老人")
    DISABLED = "disabled", _("残疾军人、伤残人民警察")


@dataclass(frozen=True, slots=True)
class Borders:
    """A product's borders of age in full years on the day of travel; `None`: the product has no such type.

    Infants are younger than `infant_until` and at least `infant_days` days old, children younger than `child_until`,
    older people at least `senior_from`. `student`: the ages between which somebody may be one.
    """

    infant_until: int | None = None
    infant_days: int = 0
    child_until: int | None = None
    senior_from: int | None = None
    student: tuple[int, int] | None = None
    disabled: bool = False

    def type_at(self, birth: date, on: date) -> PassengerType:
        """The type by age alone. Raises TicketError BIRTH_INVALID for a day after the travel or too few days."""
        age, days = years_old(birth, on), (on - birth).days
        if days < 0 or age > 150:
            raise TicketError(Code.BIRTH_INVALID, _("出生日期不正确"), "birth")
        if self.infant_until is not None and age < self.infant_until:
            if days < self.infant_days:
                raise TicketError(
                    Code.BIRTH_INVALID,
                    _("出生未满 %(days)d 天，不能乘坐") % {"days": self.infant_days},
                    "birth",
                )
            return PassengerType.INFANT
        if self.child_until is not None and age < self.child_until:
            return PassengerType.CHILD
        if self.senior_from is not None and age >= self.senior_from:
            return PassengerType.SENIOR
        return PassengerType.ADULT

    def check(self, told: str, birth: date, on: date) -> None:
        """Refuse a type that the age on the day rules out. Who is a child or old may pay as an adult.

        An infant may take a child's ticket (the second infant of one adult has to). Raises TicketError
        PASSENGER_KIND_WRONG, BIRTH_INVALID.
        """
        asked, by_age = PassengerType(told), self.type_at(birth, on)
        age = years_old(birth, on)
        match asked:
            case PassengerType.STUDENT:
                fits = self.student is not None and self.student[0] <= age <= self.student[1]
            case PassengerType.DISABLED:
                fits = self.disabled and age >= 18
            case PassengerType.ADULT:
                # a child with an adult's ticket is sold by many; an infant never sits alone on one
                fits = by_age != PassengerType.INFANT
            case PassengerType.CHILD:
                fits = by_age in (PassengerType.CHILD, PassengerType.INFANT) and self.child_until is not None
            case _:
                fits = by_age == asked
        if not fits:
            raise TicketError(
                Code.PASSENGER_KIND_WRONG,
                _("乘车（游玩）当天 %(age)d 岁，不能按“%(kind)s”购票") % {"age": age, "kind": asked.label},
                "type",
                _("请核对旅客类型和出生日期；年龄按出行当天计算"),
            )


AIR = Borders(infant_until=2, infant_days=14, child_until=12, disabled=True)
RAIL = Borders(infant_until=6, child_until=14, student=(6, 60), disabled=True)
COACH = Borders(infant_until=6, child_until=14, disabled=True)
SCENIC = Borders(infant_until=6, child_until=18, senior_from=65, student=(6, 60), disabled=True)
SHOW = Borders()


@dataclass(frozen=True, slots=True, repr=False)
class Passenger:
    """One who goes. `number` is the document's in its one form; it and the name are never printed whole."""

    name: str
    document: DocumentKind
    number: str
    birth: date
    type: PassengerType

    def __repr__(self) -> str:
        return f"Passenger({self.masked_name} {self.document} {self.masked} {self.type})"

    @property
    def masked(self) -> str:
        """The number as pages and the API show it."""
        return mask_id_number(self.number)

    @property
    def masked_name(self) -> str:
        """The name as pages and the API show it."""
        return mask_name(self.name)

    @property
    def index(self) -> str:
        """The blind index by which the same person is found again; an identity number is one whatever the paper is."""
        kind = DocumentKind.ID_CARD if self.document in RESIDENT else self.document
        return blind_index(f"{kind}\0{self.number}", "ticketing.passenger")


#: Documents that children have; from 16 on an identity card is due (居民身份证法).
_CHILDRENS = (DocumentKind.HOUSEHOLD, DocumentKind.BIRTH)
#: Papers that only grown-ups have.
_GROWN_UPS = (DocumentKind.MILITARY,)


#: What stands in names beside letters: points, hyphens, apostrophes, a slash before a passport's given names; numerals
#: as 〇; private characters, by which readers of cards hand out rare ones.
_IN_NAMES = frozenset(" ·•‧・.-‐'’/,")
_LETTERS = ("L", "M", "N", "Co")
LONGEST_NAME = 60


def clean_name(text: str) -> str:
    """A name in its one form: blanks joined, what is not seen left out. Raises TicketError INVALID_INPUT."""
    seen = "".join(
        one for one in text if one.isspace() or unicodedata.category(one) not in ("Cc", "Cf", "Cn")
    )
    name = " ".join(seen.split())
    if not name:
        raise TicketError(Code.INVALID_INPUT, _("请填写姓名，与证件一致"), "name")
    if len(name) > LONGEST_NAME:
        raise TicketError(
            Code.INVALID_INPUT, _("姓名最多 %(most)d 个字") % {"most": LONGEST_NAME}, "name",
            _("请按证件填写，过长的外文姓名可只写姓和首个名字"),
        )  # fmt: skip
    if not all(one in _IN_NAMES or unicodedata.category(one).startswith(_LETTERS) for one in name):
        raise TicketError(
            Code.INVALID_INPUT,
            _("姓名里有证件上不会有的字符"),
            "name",
            _("请按证件填写；打不出的生僻字用拼音代替"),
        )
    return name


def passenger(
    name: str, document: str, number: str, type_: str, birth: date | None, on: date, borders: Borders
) -> Passenger:
    """Somebody as typed, checked for a day of travel.

    The day of birth is the document's where it says one. Raises TicketError INVALID_INPUT, DOCUMENT_INVALID,
    BIRTH_INVALID, PASSENGER_KIND_WRONG with the field at fault.
    """
    name = clean_name(name)
    if document not in DocumentKind.values:
        raise TicketError(Code.INVALID_INPUT, _("请选择证件类型"), "document")
    if type_ not in PassengerType.values:
        raise TicketError(Code.INVALID_INPUT, _("请选择旅客类型"), "type")
    kind = DocumentKind(document)
    found = number_of(kind, number)
    if found is None:
        raise TicketError(
            Code.DOCUMENT_INVALID,
            _("%(paper)s号码不正确") % {"paper": kind.label},
            "number",
            _("请按证件逐位核对；身份证末位可能是 X"),
        )
    says = birth_in(kind, found)
    if says is not None and birth is not None and says != birth:
        raise TicketError(
            Code.BIRTH_INVALID,
            _("出生日期与证件号不一致"),
            "birth",
            _("请核对证件号，或清空出生日期由系统填写"),
        )
    born = says or birth
    if born is None:
        raise TicketError(Code.BIRTH_INVALID, _("请填写出生日期"), "birth")
    if born > on:
        raise TicketError(Code.BIRTH_INVALID, _("出生日期晚于出行日期"), "birth", _("请按证件核对出生日期"))
    borders.check(type_, born, on)
    age = years_old(born, on)
    if kind in _CHILDRENS and age >= 16:
        raise TicketError(
            Code.DOCUMENT_INVALID,
            _("年满 16 岁须用居民身份证或其他有效证件"),
            "document",
            _("户口簿、出生医学证明只适用于儿童"),
        )
    if kind in _GROWN_UPS and age < 16:
        raise TicketError(
            Code.DOCUMENT_INVALID, _("%(paper)s不适用于儿童") % {"paper": kind.label}, "document"
        )
    return Passenger(name, kind, found, born, PassengerType(type_))


@contextmanager
def one_of(path: str, place: int, several: bool) -> Iterator[None]:
    """What is refused of one of a party says which one: field `<path>.<place>.<field>`, and words for people."""
    try:
        yield
    except TicketError as error:
        words = _("第 %(place)d 位：%(words)s") % {"place": place + 1, "words": error.message}
        field = f"{path}.{place}.{error.field}" if error.field else f"{path}.{place}"
        raise TicketError(
            Code(error.code.value), words if several else error.message, field, error.hint
        ) from error


def check_party(people: Iterable[Passenger], *, infants_per_adult: int = 1) -> None:
    """Refuse children without an adult, more infants than adults carry, and one person twice. Raises TicketError."""
    party = list(people)
    adults = [one for one in party if one.type not in (PassengerType.CHILD, PassengerType.INFANT)]
    infants = sum(one.type == PassengerType.INFANT for one in party)
    if not adults and party:
        raise TicketError(
            Code.PASSENGER_KIND_WRONG, _("儿童须有成人同行"), "passengers", _("请同时添加一位成人旅客")
        )
    if infants > len(adults) * infants_per_adult:
        raise TicketError(
            Code.PASSENGER_KIND_WRONG,
            _("每位成人最多带 %(most)d 名婴幼儿") % {"most": infants_per_adult},
            "passengers",
            _("超出的请按儿童购票"),
        )
    if len({one.index for one in party}) < len(party):
        raise TicketError(Code.TRIPS_OVERLAP, _("同一位旅客添加了两次"), "passengers", _("请删去重复的一位"))


@dataclass(frozen=True, slots=True)
class Trip:
    """Where a passenger is between two moments, the end not included; `index` is the passenger's, `name` for people."""

    index: str
    start: datetime
    end: datetime
    name: str = ""


def overlapping(new: Sequence[Trip], there: Sequence[Trip]) -> tuple[Trip, Trip] | None:
    """The first of the new trips that one person could not make beside another one, and that other one.

    Trips that touch (one ends when the other begins) are no conflict.
    """
    known = list(there)
    for trip in sorted(new, key=lambda one: one.start):
        for other in known:
            if trip.index == other.index and trip.start < other.end and other.start < trip.end:
                return trip, other
        known.append(trip)
    return None


def check_overlap(new: Sequence[Trip], there: Sequence[Trip]) -> None:
    """Refuse trips that overlap. Raises TicketError TRIPS_OVERLAP naming the other trip."""
    found = overlapping(new, there)
    if found is not None:
        raise TicketError(
            Code.TRIPS_OVERLAP,
            _("同一位旅客在这段时间已有行程：%(trip)s") % {"trip": found[1].name or found[1].start},
            "passengers",
            _("请先退票或改签原来的行程"),
        )
