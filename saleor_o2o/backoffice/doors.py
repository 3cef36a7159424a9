"""Buttons that a plugin puts on another's page of a row: the page knows nothing of who stands behind them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from saleor_o2o.kernel.errors import Text

#: Given the request and the row, the buttons to show: only such as lead somewhere for this user.
Doors = Callable[[HttpRequest, Any], Sequence[Mapping[str, Any]]]
#: Buttons that stand beside a title on a screen of 1360 pixels.
FIT = 6
_doors: dict[type[Model], list[Doors]] = {}


def add_doors(model: type[Model], doors: Doors) -> None:
    """Put buttons on the page of each row of a model."""
    _doors.setdefault(model, []).append(doors)


def doors_of(request: HttpRequest, row: Model) -> list[Mapping[str, Any]]:
    """The buttons of a row's page for this user."""
    return [button for doors in _doors.get(type(row), ()) for button in doors(request, row)]


def door(title: Text, icon: str, path: str, *, rare: bool = False) -> dict[str, Any]:
    """A button in unfold's form; a `rare` one is the first to be folded where there are too many for a row."""
    return {"title": title, "icon": icon, "path": path, "variant": ActionVariant.DEFAULT, "rare": rare}


def folded(buttons: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Buttons as they fit beside a page's title: what is too much, the rare ones first, stands below "更多"."""
    if len(buttons) <= FIT:
        return list(buttons)
    often = [one for one in buttons if not one.get("rare")]
    shown, below = often[: FIT - 1], often[FIT - 1 :] + [one for one in buttons if one.get("rare")]
    more = {
        "title": _("更多"), "icon": "more_horiz", "method_name": "more", "variant": ActionVariant.DEFAULT,
        "items": below,
    }  # fmt: skip
    return [*shown, more]
