"""Filters with Chinese titles and choices for Saleor's English fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import DropdownFilter

from saleor_o2o.kernel.audit import directory


def told(value: str | None) -> str:
    """What an address asks for, without what no database takes."""
    return (value or "").replace("\0", "").strip()


def paths_of(code: str) -> list[str]:
    """The paths of the units that a code, also in small letters, or a name means; none for one that nobody has."""
    known = directory()
    return (known.paths(code) or known.paths(code.upper())) if known is not None else []


def below(code: str, path: str = "org_path") -> Q:
    """A condition on rows with a `path`: of the unit with a code, or below it; nothing for a code that nobody has."""
    return under(paths_of(code), path)


def under(paths: Iterable[str], path: str = "org_path") -> Q:
    """A condition on rows with a `path`: of the units with these paths, or below them; nothing for none."""
    condition = Q(pk__in=[])
    for start in paths:
        condition |= Q(**{f"{path}__startswith": start})
    return condition


def titled(base: type[Any], title: str) -> type[Any]:
    """A field's filter under a title of ours: `("created", titled(RangeDateFilter, "下单时间"))`."""

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        base.__init__(self, *args, **kwargs)
        self.title = title

    return type(f"Titled{base.__name__}", (base,), {"__init__": __init__})


def choice(field: str, title_: str, names: Mapping[str, str]) -> type[DropdownFilter]:
    """A filter of a coded field, its codes in Chinese. Only the codes in `names` are taken from the address."""

    class ChoiceFilter(DropdownFilter):
        title = title_
        parameter_name = field

        def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
            return list(names.items())

        def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
            return queryset.filter(**{field: self.value()}) if self.value() in names else queryset

    return ChoiceFilter


def either(field: str, title: str, yes: str = "是", no: str = "否") -> type[DropdownFilter]:
    """A filter of a boolean field."""
    return choice(field, title, {"True": yes, "False": no})
