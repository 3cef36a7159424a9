"""The tree under many hands: random changes at once never tear it, and without its lock they do."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from plugins.org_hierarchy.errors import OrgError
from plugins.org_hierarchy.levels import UnitStatus
from plugins.org_hierarchy.models import OrgUnit, UnitVersion
from plugins.org_hierarchy.paths import path_of
from plugins.org_hierarchy.services import closing, editing, moving, opening
from saleor_o2o.kernel.errors import DomainError

from ..orgs import small_org
from ..threads import kinds, together

pytestmark = pytest.mark.django_db(transaction=True)

THREADS, TURNS = 8, 10


@pytest.fixture(autouse=True)
def patient(settings: Any) -> None:
    """Threads of one process wait for each other longer than people would."""
    settings.O2O_LOCK_TIMEOUT = 60


def torn() -> list[str]:
    """What does not fit together in the tree; empty when it is whole."""
    units = {unit.pk: unit for unit in OrgUnit.objects.all()}
    found = []
    for unit in units.values():
        parent = units.get(unit.parent_id or 0)
        if unit.path != path_of(parent.path if parent else "", unit.pk):
            found.append(f"{unit.code}: path {unit.path} below {parent and parent.path}")
        if unit.level != (parent.level + 1 if parent else 1):
            found.append(f"{unit.code}: level {unit.level}")
        if parent and parent.status == UnitStatus.CLOSED and unit.status != UnitStatus.CLOSED:
            found.append(f"{unit.code}: open below closed {parent.code}")
    current = {one.unit_id: one for one in UnitVersion.objects.filter(valid_to__isnull=True)}
    for unit in units.values():
        version = current.get(unit.pk)
        if version is None or (version.path, version.revision) != (unit.path, unit.revision):
            found.append(f"{unit.code}: version {version and version.path} of {unit.path}")
    if len({unit.code for unit in units.values()}) < len(units):
        found.append("a code twice")
    return found


def change_something(dice: random.Random) -> None:
    """One random change; a refusal is an answer."""
    units = list(OrgUnit.objects.all())
    one, other = dice.choice(units), dice.choice(units)
    deed: Callable[[], Any] = dice.choice(
        [
            lambda: opening.create_unit(one, {"name": "新"}),
            lambda: opening.create_unit(one, {"name": "新"}),
            lambda: moving.move_unit(one, other, reason="调整"),
            lambda: moving.move_unit(
                one, dice.choice([u for u in units if u.level == one.level - 1] or [other]), reason="调整"
            ),
            lambda: closing.close_unit(one, reason="撤并"),
            lambda: closing.close_unit(one, reason="并入", successor=other),
            lambda: editing.edit_unit(one, {"name": f"名{dice.random()}"}, revision=one.revision),
        ]
    )
    try:
        deed()
    except DomainError:
        return


def test_random_changes_at_once_leave_the_tree_whole() -> None:
    # given
    small_org()

    def work(seed: int) -> str:
        dice = random.Random(seed)
        for _turn in range(TURNS):
            change_something(dice)
        return "done"

    # when
    results = together(*[lambda seed=seed: work(seed) for seed in range(THREADS)])

    # then
    assert results == ["done"] * THREADS
    assert torn() == []
    assert OrgUnit.objects.count() > 13 and UnitVersion.objects.count() > OrgUnit.objects.count()


def crossing(monkeypatch: pytest.MonkeyPatch, locked: bool) -> list[Any]:
    """A moves below B's place while a child is set up below A, each having looked before the other writes."""
    org = small_org()
    if not locked:
        for module in (moving, opening, closing):
            monkeypatch.setattr(module, "lock_tree", lambda: None)
    return together(
        lambda: moving.move_unit(org["C11"], org["A2"], reason="调整"),
        *[lambda: opening.create_unit(org["B112"], {"name": "新"}) for _ in range(3)],
        *[lambda: moving.move_unit(org["B111"], org["C12"], reason="调整")],
    )


def slow(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same, a moment later: what was looked at before is old by then."""
    import time

    def after(*args: Any, **kwargs: Any) -> Any:
        time.sleep(0.15)
        return function(*args, **kwargs)

    return after


@pytest.mark.parametrize("locked", [True, False])
def test_changes_that_cross_and_the_negative_control(monkeypatch: pytest.MonkeyPatch, locked: bool) -> None:
    # given: everybody thinks before writing
    monkeypatch.setattr(opening, "reserve_keys", slow(opening.reserve_keys))
    monkeypatch.setattr(moving, "path_of", slow(moving.path_of))

    # when
    results = crossing(monkeypatch, locked)

    # then
    if locked:
        assert [result for result in results if isinstance(result, Exception)] == []
        assert torn() == []
    else:
        # without the lock: a path that is not there any more, or one code for several
        assert torn() or [result for result in results if isinstance(result, Exception)]
        assert any("path" in words for words in torn()) or "IntegrityError" in kinds(results)


def test_one_waiting_move_and_one_root_whoever_comes_first() -> None:
    # given
    org = small_org()
    day = date(2036, 1, 1)

    # when
    moves = together(
        *[lambda: moving.move_unit(org["B111"], org["C12"], reason="调整", on=day) for _ in range(6)]
    )
    roots = together(
        *[lambda: opening.create_unit(None, {"name": "市中心", "code": "5002"}) for _ in range(4)]
    )
    codes = together(
        *[lambda: opening.create_unit(org["C11"], {"name": "新", "code": "NEW"}) for _ in range(6)]
    )

    # then
    assert kinds(moves) == ["OrgError"] * 5 + ["PlannedMove"]
    assert kinds(roots) == ["OrgError"] * 4
    assert kinds(codes) == ["OrgError"] * 5 + ["OrgUnit"]
    assert {str(one.code) for one in codes if isinstance(one, OrgError)} == {"CODE_TAKEN"}


def test_a_stale_form_loses_against_a_fresh_one() -> None:
    # given
    org = small_org()

    # when: ten people save what they saw
    results = together(
        *[lambda n=n: editing.edit_unit(org["B111"], {"name": f"名{n}"}, revision=1) for n in range(10)]
    )

    # then
    assert kinds(results) == ["OrgError"] * 9 + ["OrgUnit"]
    assert OrgUnit.objects.get(pk=org["B111"].pk).revision == 2 and torn() == []
