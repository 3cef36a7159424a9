"""Which rule is for a ticket: the nearest one that is in force on the day of sale."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from .choices import FeeKind, RuleState, Trade
from .engine import Rule
from .errors import TicketError
from .errors import TicketErrorCode as Code
from .models import SCOPE, FeeRule


def rule_of(row: FeeRule) -> Rule:
    """The rule that a row says. Raises TicketError SNAPSHOT_UNREADABLE."""
    return replace(Rule.from_json(row.says), id=row.pk, version=row.version, name=row.name)


def in_force(day: date) -> QuerySet[FeeRule]:
    """The published rules of a day."""
    return FeeRule.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gte=day),
        state=RuleState.PUBLISHED,
        ends__isnull=True,
        valid_from__lte=day,
    )


def rule_for(trade: str, kind: str, keys: Mapping[str, str | Sequence[str]], day: date) -> Rule:
    """The rule for a ticket sold on a day; `keys` by `models.SCOPE`. One statement.

    Nearest scope wins: session, ticket class, product, cabin, line, supplier, in this order; within one scope the
    higher priority. A key may have several names, the nearest first: what a supplier keeps by itself speaks before the
    table of the place. An order keeps it (`Rule.to_json`) and is never looked up again. Raises TicketError NO_RULE.
    """
    rows = in_force(day).filter(trade=Trade(trade), kind=FeeKind(kind))
    for scope, known in _all_names(keys).items():
        rows = rows.filter(**{f"{scope}__in": {"", *known}})
    found = nearest(rows, keys)
    if found is None:
        raise TicketError(
            Code.NO_RULE,
            _("没有适用的%(kind)s规则") % {"kind": FeeKind(kind).label},
            hint=_("请联系管理员补充规则，补充前不能办理"),
        )
    return rule_of(found)


def nearest(rows: Iterable[FeeRule], keys: Mapping[str, str | Sequence[str]]) -> FeeRule | None:
    """Of rules in force for one trade and kind the one for a ticket, as `rule_for`: for whoever asks for many tickets
    at once, and has read the rules once."""
    names = _all_names(keys)
    fitting = [
        row for row in rows if all(getattr(row, scope) in ("", *known) for scope, known in names.items())
    ]
    return max(fitting, key=lambda row: nearness(row, names), default=None)


def _all_names(keys: Mapping[str, str | Sequence[str]]) -> dict[str, list[str]]:
    return {scope: _names(keys.get(scope, "")) for scope in SCOPE}


def nearness(row: FeeRule, names: Mapping[str, Sequence[str]]) -> tuple[tuple[int, ...], int, int]:
    """How near a rule is: more is nearer; `names` by scope, the nearest first."""
    near = tuple(
        len(names[scope]) - names[scope].index(told) if (told := getattr(row, scope)) else 0
        for scope in SCOPE
    )
    return near, row.priority, row.pk


def _names(told: str | Sequence[str]) -> list[str]:
    return [one for one in ((told,) if isinstance(told, str) else told) if one]
