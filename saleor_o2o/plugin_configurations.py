"""Saleor's plugin configurations, read once per request.

Stock builds a plugin manager, with a query for every configuration, dozens of times during a checkout. Within
one HTTP request the rows are read once; outside of requests (tasks, commands, tests of stock) nothing is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from copy import copy
from typing import Any

from saleor.plugins.manager import PluginsManager
from saleor.plugins.models import PluginConfiguration

_rows: ContextVar[dict[str, list[PluginConfiguration]] | None] = ContextVar("o2o_plugin_rows", default=None)


@contextmanager
def read_once() -> Iterator[None]:
    """Within the block the configurations are read at most once, unless one is saved meanwhile."""
    token = _rows.set({})
    try:
        yield
    finally:
        _rows.reset(token)


def _fresh(row: PluginConfiguration) -> PluginConfiguration:
    """A row of its own for a manager: stock changes the items of ``configuration`` in place."""
    own = copy(row)
    own.configuration = [dict(item) for item in row.configuration or []]
    return own


class RequestPluginsManager(PluginsManager):
    """Stock's manager on configurations that were read once in this request."""

    def _get_all_plugin_configs(self) -> dict[str, PluginConfiguration]:
        kept = _rows.get()
        if kept is None:
            found: dict[str, PluginConfiguration] = super()._get_all_plugin_configs()
            return found
        if "rows" not in kept:
            kept["rows"] = list(PluginConfiguration.objects.all())
        return {row.identifier: _fresh(row) for row in kept["rows"]}

    def save_plugin_configuration(self, plugin_id: str, cleaned_data: dict[str, Any]) -> Any:
        """Save as stock does; whoever asks later in this request reads anew."""
        try:
            return super().save_plugin_configuration(plugin_id, cleaned_data)
        finally:
            kept = _rows.get()
            if kept is not None:
                kept.clear()
