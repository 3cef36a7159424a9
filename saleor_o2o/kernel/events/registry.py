"""Who receives what, in which order, and whether its plugin is on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from .base import Event

E = TypeVar("E", bound=Event)


@dataclass(frozen=True, slots=True)
class Receiver:
    """A function that wants an event. `name` identifies its deliveries for good: a rename loses open ones."""

    name: str
    event: type[Event]
    order: int
    plugin: str
    function: Callable[[Any], None]


_receivers: dict[tuple[str, str], Receiver] = {}


def _all_on(plugin: str) -> bool:
    return True


_plugin_is_on: Callable[[str], bool] = _all_on


def receives(
    event: type[E], *, order: int = 100, plugin: str = "", name: str | None = None
) -> Callable[[Callable[[E], None]], Callable[[E], None]]:
    """Register a receiver: `@receives(OrderPaid, order=50, plugin="members")`.

    It runs after the commit in a transaction of its own, with the "delivered" mark in the same one: its
    database work happens exactly once. It makes no remote calls; it schedules a task on commit instead.
    If it raises, the others still run and it is tried again later. Lower `order` first, then by name.
    Without `plugin` it always runs.
    """

    def register(function: Callable[[E], None]) -> Callable[[E], None]:
        label = name or f"{function.__module__}.{function.__qualname__}"
        if (event.name, label) in _receivers:
            raise ValueError(f"receiver {label!r} of {event.name!r} is registered twice")
        _receivers[event.name, label] = Receiver(label, event, order, plugin, function)
        return function

    return register


def use_plugin_gate(gate: Callable[[str], bool]) -> None:
    """Tell the kernel how to ask whether a plugin is switched on (the composition root calls this)."""
    global _plugin_is_on
    _plugin_is_on = gate


def is_on(receiver: Receiver) -> bool:
    """True when the receiver's plugin is switched on."""
    return not receiver.plugin or _plugin_is_on(receiver.plugin)


def receivers_of(event_name: str) -> list[Receiver]:
    """Return the receivers whose plugin is on, in the order they run."""
    wanted = [entry for (name, _), entry in _receivers.items() if name == event_name and is_on(entry)]
    return sorted(wanted, key=lambda entry: (entry.order, entry.name))


def receiver_named(event_name: str, label: str) -> Receiver | None:
    """Return one receiver, whether or not its plugin is on."""
    return _receivers.get((event_name, label))


def forget_receiver(event: type[Event], label: str) -> None:
    """Remove a receiver (tests)."""
    _receivers.pop((event.name, label), None)
