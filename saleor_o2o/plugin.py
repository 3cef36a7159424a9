"""What a plugin declares; the composition root builds everything from it.

A declaration is data: names and dotted paths only, so that settings can read it before Django is set up. Nothing in
it is imported until the composition root needs it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

#: The Saleor a declaration is written for unless it says otherwise.
SALEOR = "2.10.1"


@dataclass(frozen=True)
class Beat:
    """A task that Celery beat sends every ``every`` seconds; running it twice must change nothing."""

    task: str
    every: float


@dataclass(frozen=True)
class JourneySpec:
    """A business flow that ``./o2o journey`` plays: dotted path of ``play(world)`` and one line for people."""

    play: str
    title: str


@dataclass(frozen=True)
class Plugin:
    """The declaration of one plugin.

    ``name`` is the package below ``plugins/`` (or the core package); ``requires`` names the plugins that must be on and
    come first. All other fields are dotted paths:

    - ``queries``, ``mutations``: graphene mixins put in front of Saleor's ``Query`` and ``Mutation``;
    - ``hooks``: a module with ``urlpatterns`` mounted below ``/hooks/<name>/`` (callbacks of outside systems);
    - ``pages``: a module with ``urlpatterns`` mounted below ``/<name>/`` (pages for people);
    - ``saleor_plugins``: classes for Saleor's ``PLUGINS`` setting;
    - ``receivers``: a module whose import registers event receivers;
    - ``health``: callables without arguments that raise when something the plugin needs is down;
    - ``seeds``: callables ``seed(context)`` run by ``seed_city`` in dependency order, each idempotent;
    - ``beat``: schedule entries by name; ``journeys``: flows by name.
    """

    name: str
    title: str
    app: str
    requires: tuple[str, ...] = ()
    saleor: str = SALEOR
    queries: tuple[str, ...] = ()
    mutations: tuple[str, ...] = ()
    hooks: str | None = None
    pages: str | None = None
    saleor_plugins: tuple[str, ...] = ()
    receivers: str | None = None
    health: tuple[str, ...] = ()
    seeds: tuple[str, ...] = ()
    beat: Mapping[str, Beat] = field(default_factory=dict)
    journeys: Mapping[str, JourneySpec] = field(default_factory=dict)
