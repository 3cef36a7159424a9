"""Saleor's plugins, configured and made once per request.

Stock builds a plugin manager, with a query for every configuration and every plugin anew, dozens of times during a
checkout. Within one HTTP request that is done once; outside of requests (tasks, commands, tests of stock) nothing is
kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from copy import copy
from typing import Any, TypeVar

from saleor.plugins.manager import PluginsManager

T = TypeVar("T")

_kept: ContextVar[dict[str, Any] | None] = ContextVar("o2o_kept_plugins", default=None)


@contextmanager
def read_once() -> Iterator[None]:
    """Within the block the configurations are read at most once, unless one is saved meanwhile."""
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


def once_per_request(name: str, read: Callable[[], T]) -> T:
    """``read()``, kept until the request ends or a configuration is saved; outside of requests read each time."""
    kept = _kept.get()
    if kept is None:
        return read()
    if name not in kept:
        kept[name] = read()
    found: T = kept[name]
    return found


def _own(plugin: Any) -> Any:
    """A plugin of a manager's own: stock changes the items of ``configuration`` in place."""
    own = copy(plugin)
    own.configuration = [dict(item) for item in plugin.configuration or []]
    return own


class RequestPluginsManager(PluginsManager):
    """Stock's manager with plugins that were configured and made once in this request."""

    def __init__(self, plugins: list[str]) -> None:
        made = once_per_request(",".join(plugins), lambda: PluginsManager(plugins).plugins)
        self.plugins = [_own(plugin) for plugin in made]

    def save_plugin_configuration(self, plugin_id: str, cleaned_data: dict[str, Any]) -> Any:
        """Save as stock does; whoever asks later in this request reads anew."""
        try:
            return super().save_plugin_configuration(plugin_id, cleaned_data)
        finally:
            kept = _kept.get()
            if kept is not None:
                kept.clear()
