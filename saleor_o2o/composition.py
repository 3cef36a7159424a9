"""The composition root: finds the declarations, puts them in order, and hands out their parts."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from graphlib import CycleError, TopologicalSorter
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from .plugin import SALEOR, Beat, JourneySpec, Plugin

#: The parts of the core that declare themselves as plugins do.
CORE = (
    "saleor_o2o.kernel",
    "saleor_o2o.ordering",
    "saleor_o2o.cashier",
    "saleor_o2o.backoffice",
    "saleor_o2o.seeding",
)


class CompositionError(RuntimeError):
    """The set of plugins does not fit together; the message says which and why."""


def load(name: str) -> Plugin:
    """Import the declaration of one plugin (``wechat_pay``) or core part (``saleor_o2o.kernel``)."""
    package = name if "." in name else f"plugins.{name}"
    if find_spec(package) is None:
        raise CompositionError(f"找不到插件 {name}（应有 Python 包 {package}）")
    declared = getattr(import_module(f"{package}.plugin"), "plugin", None)
    if not isinstance(declared, Plugin):
        raise CompositionError(f"插件 {name} 没有在 {package}.plugin 中声明 plugin")
    return declared


def arrange(declared: Iterable[Plugin]) -> tuple[Plugin, ...]:
    """Sort declarations so that each follows what it requires; stable by name.

    Raises :class:`CompositionError` for a missing requirement, a cycle, a name used twice, another Saleor version, or
    a clash of beat entries or journeys.
    """
    by_name: dict[str, Plugin] = {}
    for plugin in declared:
        if plugin.name in by_name:
            raise CompositionError(f"插件名 {plugin.name} 重复")
        if plugin.saleor != SALEOR:
            raise CompositionError(f"插件 {plugin.name} 需要 Saleor {plugin.saleor}，当前为 {SALEOR}")
        by_name[plugin.name] = plugin
    for plugin in by_name.values():
        for needed in plugin.requires:
            if needed not in by_name:
                raise CompositionError(f"插件 {plugin.name} 依赖 {needed}，但它没有启用")
    sorter = TopologicalSorter({name: by_name[name].requires for name in sorted(by_name)})
    try:
        arranged = tuple(by_name[name] for name in sorter.static_order())
    except CycleError as error:
        raise CompositionError("插件循环依赖：" + " → ".join(error.args[1])) from error
    _refuse_clashes(arranged)
    return arranged


def _refuse_clashes(arranged: tuple[Plugin, ...]) -> None:
    seen: dict[tuple[str, str], str] = {}
    for plugin in arranged:
        for kind, names in (("定时任务", plugin.beat), ("流程", plugin.journeys)):
            for name in names:
                other = seen.setdefault((kind, name), plugin.name)
                if other != plugin.name:
                    raise CompositionError(f"{kind} {name} 同时由 {other} 和 {plugin.name} 声明")


@cache
def compose(names: tuple[str, ...]) -> tuple[Plugin, ...]:
    """The core's and the named plugins' declarations in order."""
    return arrange(load(name) for name in (*CORE, *names))


def active() -> tuple[Plugin, ...]:
    """The declarations switched on by ``O2O_PLUGINS`` in the current settings."""
    from django.conf import settings

    return compose(tuple(settings.O2O_PLUGINS))


def beat_schedule(arranged: Iterable[Plugin], pace: float = 60) -> dict[str, dict[str, Any]]:
    """Celery's ``beat_schedule`` of all declarations.

    ``pace``: seconds in which everything that is due within a minute comes round, where somebody waits for it.
    """
    entries: dict[str, Beat] = {}
    for plugin in arranged:
        entries.update(plugin.beat)
    return {
        name: {"task": beat.task, "schedule": min(beat.every, pace) if beat.every <= 60 else beat.every}
        for name, beat in entries.items()
    }


def journeys(arranged: Iterable[Plugin]) -> dict[str, JourneySpec]:
    """All journeys by name, in the plugins' order."""
    found: dict[str, JourneySpec] = {}
    for plugin in arranged:
        found.update(plugin.journeys)
    return found
