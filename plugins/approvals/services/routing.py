"""Which steps a submission takes: the city's table in force, else the routes written in code."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby

from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import Level
from saleor_o2o.kernel.clock import today

from ..errors import ApprovalError, ApprovalErrorCode
from ..models import ApprovalRoute
from ..registry import Matter, Route, Step


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps that people decide, and those left out because the submitter's own level covers them."""

    steps: tuple[Step, ...]
    skipped: tuple[Step, ...] = ()


def table_in_force(code: str, day: date | None = None) -> ApprovalRoute | None:
    """The table of a matter that counts on a day (default: today), with its lines; two statements."""
    tables = ApprovalRoute.objects.filter(matter=code, valid_from__lte=day or today())
    return tables.order_by("-valid_from").prefetch_related("lines").first()


def routes_of(matter: Matter, table: ApprovalRoute | None) -> tuple[Route, ...]:
    """The routes by amount, the smallest limit first, the one without a limit last."""
    if table is None:
        return tuple(sorted(matter.default_routes, key=_by_limit))
    found = groupby(table.lines.all(), key=lambda line: line.max_amount)
    return tuple(
        Route(
            tuple(
                Step(Level(line.level), line.permission or matter.permission, line.hours, line.or_above)
                for line in lines
            ),
            limit,
        )
        for limit, lines in found
    )


def plan(matter: Matter, amount: Decimal | None, submitter_level: int | None) -> Plan:
    """Return the steps of a submission today. Raises ApprovalError NO_ROUTE when no route takes the amount."""
    table = table_in_force(matter.code)
    route = _choose(routes_of(matter, table), amount)
    if route is None:
        raise ApprovalError(
            ApprovalErrorCode.NO_ROUTE, _("没有适用于该金额的审批路线"), "amount",
            hint=_("请联系市中心在“审批路线”中补充"),
        )  # fmt: skip
    steps = tuple(
        Step(step.level, step.permission or matter.permission, step.hours, step.or_above)
        for step in route.steps
    )
    skips = matter.skip_own_level if table is None else table.skip_own_level
    return _leave_out(steps, submitter_level) if skips and submitter_level else Plan(steps)


def _choose(routes: Iterable[Route], amount: Decimal | None) -> Route | None:
    for route in routes:
        if route.max_amount is None or (amount is not None and amount <= route.max_amount):
            return route
    return None


def _leave_out(steps: Sequence[Step], submitter_level: int) -> Plan:
    # Somebody else always has the last word, however high the submitter sits.
    skipped = tuple(step for step in steps[:-1] if submitter_level <= step.level)
    return Plan(tuple(step for step in steps if step not in skipped), skipped)


def _by_limit(route: Route) -> Decimal:
    return Decimal("Infinity") if route.max_amount is None else route.max_amount
