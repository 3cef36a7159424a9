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
    """A business flow that ``./o2o journey`` plays: dotted path of ``play(world)`` and one line for people.

    ``apart``: it touches neither the platform nor the sandbox it is given, and may be played beside the others.
    """

    play: str
    title: str
    apart: bool = False


@dataclass(frozen=True)
class Page:
    """An entry of the back office's navigation: ``link`` names a URL (``admin:o2o_org_hierarchy_orgunit_changelist``).

    ``permission`` is asked with ``user.has_perm``; empty: every member of the staff.
    """

    title: str
    icon: str
    link: str
    permission: str = ""


@dataclass(frozen=True)
class Menu:
    """A group of the back office's navigation. Groups of one title are joined, in the plugins' order."""

    title: str
    pages: tuple[Page, ...]


@dataclass(frozen=True)
class Plugin:
    """The declaration of one plugin.

    ``name`` is the package below ``plugins/`` (or the core package); ``requires`` names the plugins that must be on and
    come first. All other fields are dotted paths:

    - ``queries``, ``mutations``: graphene mixins put in front of Saleor's ``Query`` and ``Mutation``;
    - ``schema_fields``: callables ``add(schema)`` that add fields to types of the built schema, stock's among them;
      nothing of it may be taken away or replaced;
    - ``hooks``: a module with ``urlpatterns`` mounted below ``/hooks/<name>/`` (callbacks of outside systems);
    - ``pages``: a module with ``urlpatterns`` mounted below ``/<name>/`` (pages for people);
    - ``saleor_plugins``: classes for Saleor's ``PLUGINS`` setting;
    - ``receivers``: a module whose import registers event receivers;
    - ``health``: callables without arguments that raise when something the plugin needs is down;
    - ``seeds``: callables ``seed(context)`` run by ``seed_city`` in dependency order, each idempotent;
    - ``auth_backends``: Django authentication backends put behind stock's;
    - ``on_order_written``: callables ``(order, origin)`` run in the transaction that writes an order or a draft
      (``origin``: :class:`saleor_o2o.ordering.origin.Origin`); what they raise undoes the order;
    - ``basket_sources``: callables ``note(checkout, source)`` that note on an unsaved checkout where a basket was
      filled (a shop's code); they raise DomainError for a source that does not count;
    - ``admin_layers``: middleware of the back office, innermost: ``request.user`` and messages are there;
    - ``todo``: callables ``todo(user)`` returning what waits for this user on the home page
      (:class:`saleor_o2o.backoffice.todo.Todo`);
    - ``tenders``: internal kinds of money that may cover a part of a payment
      (instances of :class:`saleor_o2o.cashier.tenders.Tender`);
    - ``apps``: further Django apps the plugin needs; ``menus``: its entries in the back office's navigation;
    - ``beat``: schedule entries by name; ``journeys``: flows by name.
    """

    name: str
    title: str
    app: str
    requires: tuple[str, ...] = ()
    saleor: str = SALEOR
    queries: tuple[str, ...] = ()
    mutations: tuple[str, ...] = ()
    schema_fields: tuple[str, ...] = ()
    hooks: str | None = None
    pages: str | None = None
    saleor_plugins: tuple[str, ...] = ()
    receivers: str | None = None
    health: tuple[str, ...] = ()
    auth_backends: tuple[str, ...] = ()
    on_order_written: tuple[str, ...] = ()
    basket_sources: tuple[str, ...] = ()
    admin_layers: tuple[str, ...] = ()
    todo: tuple[str, ...] = ()
    tenders: tuple[str, ...] = ()
    apps: tuple[str, ...] = ()
    menus: tuple[Menu, ...] = ()
    seeds: tuple[str, ...] = ()
    beat: Mapping[str, Beat] = field(default_factory=dict)
    journeys: Mapping[str, JourneySpec] = field(default_factory=dict)
