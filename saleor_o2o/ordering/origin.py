"""Where an order comes from, told to whoever must note it in the transaction that writes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from django.utils.module_loading import import_string
from saleor.order.models import Order

from saleor_o2o.composition import active


class Made(StrEnum):
    """How an order came to be."""

    CHECKOUT = "checkout"
    DRAFT = "draft"


@dataclass(frozen=True, slots=True)
class Origin:
    """``user`` is who asked (a shopper, a member of the staff, nobody); ``made`` is the door it came through."""

    made: Made
    user: Any = None


@cache
def _listeners() -> tuple[Callable[[Order, Origin], None], ...]:
    return tuple(import_string(path) for plugin in active() for path in plugin.on_order_written)


def order_written(order: Order, origin: Origin) -> None:
    """Tell the plugins of a new order or draft, in their order; what one of them raises undoes the order.

    Must run in the transaction that wrote it. Listeners make no remote call and take no lock but on their own rows.
    """
    for listen in _listeners():
        listen(order, origin)


@cache
def _sources() -> tuple[Callable[[Any, str], None], ...]:
    return tuple(import_string(path) for plugin in active() for path in plugin.basket_sources)


def note_source(checkout: Any, source: str) -> None:
    """Note on a basket's unsaved checkout where it was filled; prices and attribution follow from it.

    Raises what a plugin raises for a source that does not count (DomainError).
    """
    for note in _sources():
        note(checkout, source)
