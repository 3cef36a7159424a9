"""Levels follow growth: up at once, down when the time is over (`terms`). Written under the lock of the purses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from plugins.members.interfaces import Member
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.sweeping import sum_each

from ..events import LevelChanged
from ..kinds import Book, LevelWhy, Side
from ..models import Level, LevelMove, Line, MemberLevel
from ..terms import months_on, terms_in_force
from .ledger import lock_purses


def a_year(moment: datetime, years: int) -> datetime:
    """The same day so many years on (or back); 29 February becomes the 28th."""
    try:
        return moment.replace(year=moment.year + years)
    except ValueError:
        return moment.replace(year=moment.year + years, day=28)


def ladder() -> list[Level]:
    """All levels, the lowest first."""
    return list(Level.objects.order_by("rank"))


def level_of(member_id: int) -> Level | None:
    """The level of a member; the lowest for one who never rose, None where there is no ladder."""
    row = MemberLevel.objects.select_related("level").filter(member_id=member_id).first()
    return row.level if row is not None else Level.objects.order_by("rank").first()


def growth_of_year(member_id: int, moment: datetime | None = None) -> Decimal:
    """What a member has grown in the last twelve months, less what was taken back."""
    since = a_year(moment or now(), -1)
    lines = Line.objects.filter(
        purse__member_id=member_id,
        purse__book=Book.GROWTH,
        side__in=(Side.MEMBER, Side.DEBT),
        entry__at__gt=since,
    )
    return lines.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)


def settle_level(member_id: int, *, why: LevelWhy = LevelWhy.REACHED) -> MemberLevel | None:
    """Bring the level of a member, whose purses are locked, to where the growth says; see `_next` for the rule.

    Returns the row, None where nothing changed or there is no ladder.
    """
    steps = ladder()
    if not steps:
        return None
    row = MemberLevel.objects.select_related("level").filter(member_id=member_id).first()
    moment = now()
    growth = growth_of_year(member_id, moment)
    reached = max(
        (step for step in steps if step.threshold <= growth), key=lambda step: step.rank, default=steps[0]
    )
    stands = row.level if row is not None else steps[0]
    due = row is not None and row.until is not None and row.until <= moment
    target, reason = _next(steps, stands, reached, due, why, row.lower_steps if row is not None else 1)
    if target.rank == stands.rank and not due:
        return None
    return _put(member_id, row, target, steps, reason, growth)


def give_level(member_id: int, level: Level, *, reason: str, operator: Any) -> MemberLevel:
    """Put a member, whose purses are locked, on a level by hand, for as long as a level is kept."""
    row = MemberLevel.objects.select_related("level").filter(member_id=member_id).first()
    growth = growth_of_year(member_id)
    return _put(member_id, row, level, ladder(), LevelWhy.GIFT, growth, reason=reason, operator=operator)


def review(limit: int = 500) -> int:
    """Look again at members whose time is over: kept, or lowered. Each in a transaction of its own."""
    due = MemberLevel.objects.filter(until__lte=now()).order_by("until").values_list("pk", flat=True)[:limit]
    return sum_each(due, _review)


@transaction.atomic
def _review(member_id: int) -> bool:
    lock_purses(member_id)
    return settle_level(member_id) is not None


def _next(
    steps: Sequence[Level], stands: Level, reached: Level, due: bool, why: LevelWhy, most: int
) -> tuple[Level, LevelWhy]:
    """Up at once to what was reached; else, when the time is over: stay if it was reached again, or down `most` steps.

    Never below what was reached.
    """
    if reached.rank > stands.rank:
        return reached, why
    if not due or reached.rank == stands.rank:
        return stands, LevelWhy.KEPT
    below = [step for step in steps if reached.rank <= step.rank < stands.rank]
    return (below[-most:][0] if below else stands), LevelWhy.LOWERED


def _put(
    member_id: int, row: MemberLevel | None, target: Level, steps: Sequence[Level], why: LevelWhy, growth: Decimal,
    *, reason: str = "", operator: Any = None,
) -> MemberLevel:  # fmt: skip
    moment = now()
    source = row.level if row is not None else steps[0]
    terms = terms_in_force(moment)
    until = None if target.rank == steps[0].rank else months_on(moment, terms.keep_months)
    since = row.since if row is not None and source.pk == target.pk else moment
    made, _new = MemberLevel.objects.update_or_create(
        member_id=member_id,
        defaults={"level": target, "since": since, "until": until, "lower_steps": terms.lower_steps},
    )
    LevelMove.objects.create(
        member_id=member_id,
        source=source,
        target=target,
        why=why,
        growth=growth,
        reason=reason,
        operator=operator,
    )
    if source.pk != target.pk:
        publish(
            LevelChanged(
                member_id=member_id,
                source=source.code,
                target=target.code,
                up=target.rank > source.rank,
                why=str(why),
            ),
            key=f"member:{member_id}",
        )
    return made


def told(member: Member) -> str:
    """The name of a member's level, for people."""
    found = level_of(member.pk)
    return found.name if found is not None else str(_("未设等级"))
