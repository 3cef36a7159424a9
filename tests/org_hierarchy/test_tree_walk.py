"""Random sequences of changes keep the tree whole, its history without gaps, and what was refused unchanged."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plugins.org_hierarchy.levels import UnitStatus
from plugins.org_hierarchy.models import OrgUnit, PlannedMove, UnitVersion
from plugins.org_hierarchy.selectors import path_at
from plugins.org_hierarchy.services.closing import close_unit
from plugins.org_hierarchy.services.hours import check_hours, show_hours
from plugins.org_hierarchy.services.moving import apply_due_moves, cancel_move, move_unit
from plugins.org_hierarchy.services.opening import create_unit, open_unit, resume_unit, suspend_unit
from saleor_o2o.kernel.clock import frozen, now, today
from saleor_o2o.kernel.errors import DomainError

from ..orgs import small_org
from .test_tree_races import torn

PICK = st.integers(0, 40)
STEP = st.one_of(
    st.tuples(st.just("create"), PICK, PICK),
    st.tuples(st.just("move"), PICK, PICK),
    st.tuples(st.just("plan"), PICK, PICK),
    st.tuples(st.just("cancel"), PICK, PICK),
    st.tuples(st.just("close"), PICK, PICK),
    st.tuples(st.just("merge"), PICK, PICK),
    st.tuples(st.just("turn"), PICK, PICK),
    st.tuples(st.just("due"), PICK, PICK),
)


def _do(step: str, one: OrgUnit, other: OrgUnit) -> Any:
    if step == "create":
        return create_unit(one, {"name": "新"})
    if step == "move":
        return move_unit(one, other, reason="调整")
    if step == "plan":
        return move_unit(one, other, reason="调整", on=today() + timedelta(days=1 + one.pk % 2))
    if step == "cancel":
        return [cancel_move(planned) for planned in PlannedMove.objects.filter(unit=one)]
    if step == "close":
        return close_unit(one, reason="撤销")
    if step == "merge":
        return close_unit(one, reason="并入", successor=other)
    turns = {
        UnitStatus.PLANNED: open_unit,
        UnitStatus.ACTIVE: suspend_unit,
        UnitStatus.SUSPENDED: resume_unit,
    }
    turn = turns.get(UnitStatus(one.status))
    return turn(one, reason="试") if turn else None


@pytest.mark.django_db
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, min_size=4, max_size=14))
def test_any_sequence_leaves_the_tree_whole(steps: list[tuple[str, int, int]]) -> None:
    from django.db import transaction

    with transaction.atomic():
        # given
        small_org()
        moment = now()
        for number, (step, first, second) in enumerate(steps, start=1):
            units = list(OrgUnit.objects.order_by("pk"))
            one, other = units[first % len(units)], units[second % len(units)]
            before = {unit.pk: (unit.path, unit.status, unit.revision) for unit in units}
            # when: an hour later each
            with frozen(moment + timedelta(hours=number)):
                if step == "due":
                    with frozen(moment + timedelta(days=number)):
                        apply_due_moves()
                    moment += timedelta(days=number)
                else:
                    try:
                        _do(step, one, other)
                    except DomainError:
                        # then: refused is unchanged
                        after = {
                            unit.pk: (unit.path, unit.status, unit.revision) for unit in OrgUnit.objects.all()
                        }
                        assert after == before
            # then
            assert torn() == []
        _history_is_whole(moment + timedelta(days=60))
        transaction.set_rollback(True)


def _history_is_whole(later: Any) -> None:
    for unit in OrgUnit.objects.all():
        versions = list(UnitVersion.objects.filter(unit=unit).order_by("revision"))
        assert [one.revision for one in versions] == list(range(1, unit.revision + 1))
        assert [one.valid_to for one in versions[:-1]] == [one.valid_from for one in versions[1:]]
        assert path_at(unit, later) == unit.path


CLOCK = st.integers(0, 24 * 60).map(lambda minute: f"{minute // 60:02}:{minute % 60:02}")


@st.composite
def _day(draw: Any) -> list[list[str]]:
    marks = sorted(draw(st.sets(CLOCK, max_size=6)))
    spans = [[start, end] for start, end in zip(marks[::2], marks[1::2], strict=False)]
    if len(marks) in (3, 5) and marks[-1] != "24:00":
        spans.append([marks[-1], marks[0]])  # over midnight
    return spans


HOURS = st.dictionaries(st.sampled_from([*"1234567", "holiday", "workday"]), _day(), max_size=9)


@given(hours=HOURS, holiday=st.dictionaries(st.dates().map(str), _day(), max_size=2))
def test_hours_are_read_back_as_they_are_shown(hours: dict[str, Any], holiday: dict[str, Any]) -> None:
    # given
    stored = check_hours({**hours, **({"dates": holiday} if holiday else {})})

    # then
    assert check_hours(show_hours(stored)) == stored
    assert show_hours(check_hours(show_hours(stored))) == show_hours(stored)
