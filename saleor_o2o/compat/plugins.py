"""Configuration of Saleor's plugins: nothing secret is kept, cut or shown where it does not belong."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from .registry import Stage, adaptation


@adaptation(
    Stage.APPS,
    "A plugin without a saved configuration shares its class's default list: showing it cut the secrets in it and "
    "saving it wrote them there, for the whole process",
)
def plugin_defaults_are_copied() -> None:
    from saleor.plugins.base_plugin import BasePlugin

    original = BasePlugin.get_plugin_configuration

    def get_plugin_configuration(self: Any, configuration: Any) -> Any:
        return original(self, deepcopy(configuration))

    BasePlugin.get_plugin_configuration = get_plugin_configuration
