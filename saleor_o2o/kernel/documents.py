"""Numbers of identity documents: brought to one form, checked, and what they say of their holder. No rows, no errors.

Sources: GB 11643 (residents: six digits of area, eight of birth, three of sequence, a check character by ISO 7064
MOD 11-2; fifteen digits before 1999), the immigration administration's rule for reading the 2023 cards of permanent
residents (eighteen characters, the first a 9, the same check character; fifteen before), State Council 2018 no. 81
(residence permits of people from Hong Kong, Macau and Taiwan: areas 81, 82, 83), ICAO 9303 part 4 (passports: nine
characters and the check digits of the machine-readable lines). What has no published check is looked at by its shape.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _

from .clock import today


class DocumentKind(models.TextChoices):
    """Documents that carriers, venues and registers take."""

    ID_CARD = "id_card", _("居民身份证")
    TEMPORARY = "temporary", _("临时居民身份证")
    HOUSEHOLD = "household", _("户口簿")
    BIRTH = "birth", _("出生医学证明")
    PASSPORT = "passport", _("护照")
    HK_MACAU = "hk_macau", _("港澳居民来往内地通行证")
    TAIWAN = "taiwan", _("台湾居民来往大陆通行证")
    RESIDENCE = "residence", _("港澳台居民居住证")
    EXIT_PERMIT = "exit_permit", _("往来港澳台通行证")
    FOREIGNER = "foreigner", _("外国人永久居留身份证")
    MILITARY = "military", _("军人证件")


#: Whose number is a citizen's identity number.
RESIDENT: frozenset[str] = frozenset({DocumentKind.ID_CARD, DocumentKind.TEMPORARY, DocumentKind.HOUSEHOLD})
#: Provinces by the first two digits (GB/T 2260); 71, 81 and 82 are kept for Taiwan, Hong Kong and Macau.
PROVINCES = frozenset(
    str(code)
    for codes in (
        range(11, 16), range(21, 24), range(31, 38), range(41, 47), range(50, 55), range(61, 66), (71, 81, 82)
    )
    for code in codes
)  # fmt: skip
_SHAPES = {
    DocumentKind.BIRTH: re.compile(r"[A-Z]\d{9}"),
    DocumentKind.PASSPORT: re.compile(r"(?=.*\d)[A-Z0-9]{5,17}"),
    DocumentKind.HK_MACAU: re.compile(r"[HM]\d{8}(\d{2})?"),
    DocumentKind.TAIWAN: re.compile(r"\d{8}(\d{2})?"),
    # 往来港澳: C or W; 往来台湾: T or L; a second letter since the eight digits ran out
    DocumentKind.EXIT_PERMIT: re.compile(r"[CWTL][A-Z0-9]\d{7}"),
    DocumentKind.MILITARY: re.compile(r"[\u4e00-\u9fff]{1,4}字第\d{4,9}号"),
}
_MILITARY = re.compile(r"([\u4e00-\u9fff]{1,4}?)字?第?(\d{4,9})号?")
_OLD_FOREIGNER = re.compile(r"[A-Z]{3}\d{12}")
#: GB 11643: weights of the seventeen digits and the check character by remainder.
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


def plain(text: str) -> str:
    """Without blanks and dashes, in capitals, full width made half; 60 characters at most."""
    return re.sub(r"[\s\-—]", "", unicodedata.normalize("NFKC", text or "")).upper()[:60]


def number_of(kind: str, text: str) -> str | None:
    """The number in one form; None where it is none of this kind. Fifteen digits of a resident are made eighteen.

    A passport may be given by the second machine-readable line, as scanners at counters read it.
    """
    known, told = DocumentKind(kind), plain(text)
    if not told.isascii() and known != DocumentKind.MILITARY:
        return None
    if known in RESIDENT:
        return resident_number(told, PROVINCES)
    if known == DocumentKind.RESIDENCE:
        return resident_number(told, frozenset({"81", "82", "83"})) if len(told) == 18 else None
    if known == DocumentKind.FOREIGNER:
        if _OLD_FOREIGNER.fullmatch(told):
            return told
        return resident_number(told) if len(told) == 18 and told[0] == "9" else None
    if known == DocumentKind.MILITARY:
        parts = _MILITARY.fullmatch(told)
        told = f"{parts[1]}字第{parts[2]}号" if parts else told
    if known == DocumentKind.PASSPORT and len(told) == 44:
        told = passport_in(told) or ""
    return told if _SHAPES[known].fullmatch(told) else None


def resident_number(text: str, areas: frozenset[str] | None = None) -> str | None:
    """Eighteen characters with a right date and check character, of one of these areas; None for anything else."""
    told = plain(text)
    if re.fullmatch(r"[1-9]\d{14}", told, re.ASCII):
        seventeen = f"{told[:6]}19{told[6:]}"
        told = seventeen + id_check(seventeen)
    if not re.fullmatch(r"[1-9]\d{16}[\dX]", told, re.ASCII) or id_check(told[:17]) != told[17]:
        return None
    if areas is not None and told[:2] not in areas:
        return None
    return told if _birth(told) is not None else None


def read_id_number(text: str) -> tuple[str, date] | None:
    """The eighteen characters of a number typed with blanks or dashes, and the birthday; None for anything else.

    For whoever must show a card of now: fifteen digits are none, nor is a birthday before 1900 or to come.
    """
    number = re.sub(r"[\s\-]", "", text).upper()
    if not re.fullmatch(r"\d{17}[\dX]", number, re.ASCII) or id_check(number[:17]) != number[17]:
        return None
    born = _birth(number)
    return (number, born) if born is not None and date(1900, 1, 1) <= born <= today() else None


def id_check(seventeen: str) -> str:
    """The check character of an identity number's first seventeen digits (ISO 7064 MOD 11-2)."""
    total = sum(int(digit) * weight for digit, weight in zip(seventeen, _WEIGHTS, strict=True))
    return _CHECKS[total % 11]


def passport_in(line: str) -> str | None:
    """The passport number in the second line of a machine-readable page; None where a check digit is wrong."""
    told = plain(line)
    number, birth, expiry = told[:9], told[13:19], told[21:27]
    if len(told) != 44 or not re.fullmatch(r"[A-Z0-9<]{44}", told):
        return None
    for part, at in ((number, 9), (birth, 19), (expiry, 27)):
        if told[at] != mrz_check(part):
            return None
    return number.rstrip("<")


def mrz_check(text: str) -> str:
    """The check digit of a field of a machine-readable line: weights 7, 3, 1; letters from 10, the filler 0."""
    values = [0 if one == "<" else int(one, 36) for one in text]
    return str(sum(value * (7, 3, 1)[at % 3] for at, value in enumerate(values)) % 10)


def birth_in(kind: str, number: str) -> date | None:
    """The day of birth that a number in its one form says; None where it says none."""
    known = DocumentKind(kind)
    tells = known in RESIDENT or known == DocumentKind.RESIDENCE or known == DocumentKind.FOREIGNER
    return _birth(number) if tells and len(number) == 18 else None


def _birth(number: str) -> date | None:
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def years_old(birth: date, on: date) -> int:
    """Full years on a day; who was born on the 29th of February is a year older on the 1st of March."""
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))
