"""Names of places as people type them: whole, the beginning, in pinyin, by initials."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Protocol

from pypinyin import Style, lazy_pinyin

_PLAIN = re.compile(r"[^0-9a-z\u4e00-\u9fff]+")
#: What stations are called beside their place; the longest first.
_KINDS = (
    "长途汽车站", "汽车客运站", "汽车客运中心", "客运中心站", "高速客运站", "客运中心", "汽车总站", "汽车站", "客运站",
    "汽车北站", "总站", "站",
)  # fmt: skip
_KIND = re.compile(f"({'|'.join(_KINDS)})$")
#: 重庆市合川区 is 合川 to whoever travels there.
_BEFORE = re.compile(r"^(重庆市|重庆|四川省|四川|贵州省|贵州)(?=.{2})")
_AFTER = re.compile(r"(?<=.{2})(自治县|区|县|市)$")


class Named(Protocol):
    """A place with its names; those of `Station`."""

    name: str
    aliases: str
    pinyin: str
    initials: str
    city: str
    county: str


def plain(text: str) -> str:
    """As typed, without blanks and signs, in small letters."""
    return _PLAIN.sub("", text.strip().lower())[:60]


def pinyin_of(text: str) -> tuple[str, str]:
    """The name in pinyin, and its initials: `fuling`, `fl`."""
    told = plain(text)
    whole, first = lazy_pinyin(told), lazy_pinyin(told, style=Style.FIRST_LETTER)
    return "".join(whole)[:200], "".join(part[:1] if part.isascii() else "" for part in first)[:40]


def stem(text: str) -> str:
    """What is left of a station's name when its kind and the province are taken off: 重庆龙头寺汽车站 → 龙头寺."""
    told = plain(text)
    short = _KIND.sub("", told)
    short = _BEFORE.sub("", short if len(short) >= 2 else told)
    return _AFTER.sub("", short)


def names_of(place: Named) -> list[str]:
    """All names of a place, plain."""
    return [plain(one) for one in (place.name, *place.aliases.split()) if plain(one)]


def search_words(place: Named) -> list[str]:
    """Whatever somebody may begin to type for a place."""
    words = [*names_of(place), plain(place.pinyin), plain(place.initials)]
    for name in (*place.aliases.split(), stem(place.name), place.county, place.city):
        if name:
            words += [plain(name), *pinyin_of(name)]
    return [one for one in words if one]


def fits(place: Named, typed: str) -> int:
    """How well a place fits what was typed: 0 not at all, 1 its town, 2 its beginning, 3 its whole name."""
    told = plain(typed)
    if not told:
        return 0
    if told in names_of(place) or told == stem(place.name):
        return 3
    own = [*names_of(place), plain(place.pinyin), plain(place.initials)]
    short = stem(place.name)
    own += [short, *pinyin_of(short)]
    if any(word.startswith(told) for word in own if word):
        return 2
    return 1 if any(word.startswith(told) for word in search_words(place)) else 0


def best(places: Iterable[Named], typed: str) -> list[Named]:
    """The places that fit, the best first; in each by name."""
    found = [(fits(one, typed), one) for one in places]
    return [one for level, one in sorted(found, key=lambda pair: (-pair[0], pair[1].name)) if level]
