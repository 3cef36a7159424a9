"""The list of adaptations: each is one named function with its reason and its stage.

An adaptation lets the *unmodified* Saleor 2.10.1 wheel run on the current Django, Celery and Python. Nothing in the
wheel is edited; a function here puts back a removed name or replaces one attribute at import. Each can be dropped on
its own when Saleor's side no longer needs it.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass, field


class Stage(enum.StrEnum):
    """When an adaptation has to run."""

    SETTINGS = "before settings are read"
    APPS = "after apps are loaded"


@dataclass
class Adaptation:
    """One adaptation and whether it has run in this process."""

    name: str
    stage: Stage
    reason: str
    run: Callable[[], None]
    applied: bool = field(default=False)


_REGISTRY: dict[str, Adaptation] = {}


def adaptation(stage: Stage, reason: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Register a function as an adaptation of ``stage``; its name becomes the adaptation's name."""

    def register(run: Callable[[], None]) -> Callable[[], None]:
        if run.__name__ in _REGISTRY:
            raise RuntimeError(f"adaptation {run.__name__} is declared twice")
        _REGISTRY[run.__name__] = Adaptation(run.__name__, stage, reason, run)
        return run

    return register


def apply(stage: Stage) -> None:
    """Run every adaptation of ``stage`` once per process, in the order of declaration."""
    for item in list(_REGISTRY.values()):
        if item.stage is stage and not item.applied:
            item.run()
            item.applied = True


def adaptations() -> list[Adaptation]:
    """Every declared adaptation, in the order of declaration."""
    return list(_REGISTRY.values())
