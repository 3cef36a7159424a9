"""Small makers of admin columns, so that a page reads as a list of what it shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import reduce
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from .labels import COLOURS, yuan

Column = Callable[[Any, Any], Any]


def _follow(obj: Any, path: str) -> Any:
    return reduce(lambda found, name: getattr(found, name, None), path.split("__"), obj)


def column(
    path: str, label: str, show: Callable[[Any], Any] | None = None, *, order: str | None = ""
) -> Column:
    """A column of a value found along `path` (`order__user`); `order=None` for one that cannot be sorted by."""

    def read(self: Any, obj: Any) -> Any:
        value = _follow(obj, path)
        if value in (None, ""):
            return "—"
        return show(value) if show else value

    return _described(read, label, path if order == "" else order)


def money(path: str, label: str) -> Column:
    """A column of yuan."""
    return column(path, label, yuan)


def moment(path: str, label: str) -> Column:
    """A column of local time to the second; where it must break, it breaks between day and time."""
    return column(path, label, _in_two)


def at(value: datetime | None) -> str:
    """A moment in local time, to the second."""
    return timezone.localtime(value).strftime("%Y-%m-%d %H:%M:%S") if value else "—"


def _in_two(value: datetime) -> SafeString:
    day, _space, time = at(value).partition(" ")
    words = '<span><span class="o2o-whole">{}</span> <span class="o2o-whole">{}</span></span>'
    return format_html(words, day, time)


def yes_no(path: str, label: str) -> Column:
    """A column with a tick or a cross."""

    def read(self: Any, obj: Any) -> bool:
        return bool(_follow(obj, path))

    column_ = _described(read, label, path)
    column_.boolean = True  # type: ignore[attr-defined]
    return column_


def state(path: str, label: str, names: Mapping[Any, Any]) -> Column:
    """A column with a coloured state."""

    def read(self: Any, obj: Any) -> SafeString:
        value = _follow(obj, path)
        return badge(value, names)

    return _described(read, label, path)


def badge(value: Any, names: Mapping[Any, Any]) -> SafeString:
    """A state in its colour, in Chinese."""
    text = str(names.get(value, value) or "—")
    colour = COLOURS.get(value, "default")
    return render_to_string("unfold/helpers/label.html", {"type": colour, "text": text})


def link_to(path: str, label: str, page: str, show: Callable[[Any], Any] = str) -> Column:
    """A column that leads to the page (`o2o_backoffice_order`) of the row found along `path`."""

    def read(self: Any, obj: Any) -> Any:
        target = _follow(obj, path)
        return "—" if target is None else link(page, target.pk, show(target))

    return _described(read, label, None)


def link(page: str, pk: Any, text: Any) -> SafeString:
    """A link to the page of a row."""
    return format_html(
        '<a class="o2o-link" href="{}">{}</a>', reverse(f"admin:{page}_change", args=[pk]), text
    )


def order_link(order: Any) -> Any:
    """An order's number, a link to its page of the order desk; before it has one, its key. Read `o2o_profile` along."""
    profile = getattr(order, "o2o_profile", None)
    return link("o2o_ordering_orderprofile", order.pk, profile.number) if profile else f"#{order.pk}"


def _described(read: Column, label: str, order: str | None) -> Column:
    return display(description=label, ordering=order)(read) if order else display(description=label)(read)
