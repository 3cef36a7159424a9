"""The matters that plugins bring for approval, registered when their app is ready."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import Level
from saleor_o2o.kernel.errors import Text

from .errors import ApprovalError, ApprovalErrorCode

if TYPE_CHECKING:
    from .models import ApprovalRequest

Handler = Callable[["ApprovalRequest"], Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One decision of a route.

    `level`: where the people who decide sit. `permission`: what they need (empty: the matter's). `hours`: after so many
    hours without a decision the next level above is asked too (None: never). `or_above`: people above the level, whose
    permission covers the unit, may decide as well.
    """

    level: Level
    permission: str = ""
    hours: int | None = None
    or_above: bool = True


@dataclass(frozen=True, slots=True)
class Route:
    """The decisions of a matter up to an amount (yuan, inclusive; None: any amount, and matters without one)."""

    steps: tuple[Step, ...]
    max_amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Matter:
    """A kind of thing that needs approval.

    `steps` (or `routes`, by amount) count until the city writes a table of its own. `skip_own_level`: a step at or
    below the submitter's level is left out, but never the last one. Handlers run in the transaction of the last
    decision; what they raise undoes it. `summary` shows the subject to those who decide, `href` leads to its page.
    `matrix` names the row of the responsibility matrix (default: the code): a level without R in it may not submit, one
    without A may not be put on a route.
    """

    code: str
    title: Text
    permission: str
    steps: tuple[Step, ...] = ()
    routes: tuple[Route, ...] = ()
    on_approved: Handler | None = None
    on_rejected: Handler | None = None
    on_withdrawn: Handler | None = None
    summary: Callable[[Any], Sequence[tuple[Text, Text]]] | None = None
    href: Callable[[Any], str] | None = None
    matrix: str = ""
    skip_own_level: bool = False

    @property
    def row(self) -> str:
        """The code of its row in the responsibility matrix."""
        return self.matrix or self.code

    @property
    def default_routes(self) -> tuple[Route, ...]:
        """The routes written in code."""
        return self.routes or (Route(self.steps),)


_matters: dict[str, Matter] = {}


def register_matter(matter: Matter) -> Matter:
    """Register a matter, once. Raises ValueError for a code that is taken or a route without steps."""
    if matter.code in _matters:
        raise ValueError(f"matter {matter.code!r} is already registered")
    if any(not route.steps for route in matter.default_routes):
        raise ValueError(f"matter {matter.code!r} has a route without steps")
    _matters[matter.code] = matter
    return matter


def forget_matter(code: str) -> None:
    """Remove a matter (tests)."""
    _matters.pop(code, None)


def matters() -> Mapping[str, Matter]:
    """Return all registered matters by code."""
    return _matters


def matter_of(code: str) -> Matter:
    """Return a matter. Raises ApprovalError UNKNOWN_MATTER when its plugin is off."""
    found = _matters.get(code)
    if found is None:
        raise ApprovalError(
            ApprovalErrorCode.UNKNOWN_MATTER,
            _("审批事项未启用"),
            hint=_("请联系技术支撑确认相应插件已启用"),
        )
    return found


def title_of(code: str) -> str:
    """What to call a matter in front of people; its code when no plugin knows it."""
    found = _matters.get(code)
    return str(found.title) if found else code
