"""Buttons that a plugin puts on another's page of a row: the page knows nothing of who stands behind them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from unfold.enums import ActionVariant

from saleor_o2o.kernel.errors import Text

#: Given the request and the row, the buttons to show: only such as lead somewhere for this user.
Doors = Callable[[HttpRequest, Any], Sequence[Mapping[str, Any]]]
_doors: dict[type[Model], list[Doors]] = {}


def add_doors(model: type[Model], doors: Doors) -> None:
    """Put buttons on the page of each row of a model."""
    _doors.setdefault(model, []).append(doors)


def doors_of(request: HttpRequest, row: Model) -> list[Mapping[str, Any]]:
    """The buttons of a row's page for this user."""
    return [button for doors in _doors.get(type(row), ()) for button in doors(request, row)]


def door(title: Text, icon: str, path: str) -> dict[str, Any]:
    """A button in unfold's form."""
    return {"title": title, "icon": icon, "path": path, "variant": ActionVariant.DEFAULT}
