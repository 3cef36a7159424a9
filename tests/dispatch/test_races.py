"""Many hands reach for the same tasks: each task is one person's."""

from __future__ import annotations

from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.db.models import QuerySet

from plugins.dispatch import checking
from plugins.dispatch.models import DispatchEntry, DispatchTask
from plugins.dispatch.services import escalating
from plugins.dispatch.services.following import follow
from plugins.dispatch.services.giving import send
from plugins.dispatch.services.taking import accept, grab
from saleor_o2o.kernel import states
from saleor_o2o.kernel.errors import DomainError
from tests.orgs import again, person
from tests.threads import kinds, together

from .conftest import GRABS, Shop

HANDS = 6
TASKS = 4


def hands(shop: Shop) -> list[Any]:
    made = [person(shop.org["B111"], f"hand{n}", GRABS) for n in range(HANDS)]
    return [again(one) for one in made]


def test_each_task_is_one_persons(shop: Shop) -> None:
    # given
    keys = [shop.task(shop.buy()).pk for _n in range(TASKS)]

    def grab_all(user: Any) -> list[str]:
        found = []
        for key in keys:
            try:
                grab(user, key)
                found.append("mine")
            except DomainError as refusal:
                found.append(str(refusal.code))
        return found

    # when: six people reach for four tasks in the same order
    answers = together(*(partial(grab_all, user) for user in hands(shop)))

    # then: each task has one, all the others are told
    for place in range(TASKS):
        assert sorted(answer[place] for answer in answers) == ["TAKEN"] * (HANDS - 1) + ["mine"]
    assert DispatchTask.objects.filter(state="taken", holder__isnull=False).count() == TASKS
    assert DispatchEntry.objects.filter(deed="grabbed").count() == TASKS


def test_without_the_lock_two_would_have_it(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    # given: the locks patched out, and both look before either writes
    shop.buy()
    key = shop.task().pk
    gate = Barrier(2, timeout=10)

    def unlocked(rows: QuerySet[Any], **_more: Any) -> list[Any]:
        return list(rows.order_by("pk"))

    def look(rows: QuerySet[Any], **more: Any) -> list[Any]:
        found = unlocked(rows, **more)
        gate.wait()
        return found

    monkeypatch.setattr(checking, "lock_rows", unlocked)
    monkeypatch.setattr(states, "lock_rows", look)

    # when
    found = together(*(partial(grab, user, key) for user in hands(shop)[:2]))

    # then
    assert kinds(found) == ["DispatchTask", "DispatchTask"]
    assert DispatchEntry.objects.filter(deed="grabbed").count() == 2


def test_a_grab_and_the_clock_at_once(shop: Shop) -> None:
    # given
    from datetime import timedelta

    from saleor_o2o.kernel.clock import now

    shop.buy()
    key = shop.task().pk
    DispatchTask.objects.update(due_at=now() - timedelta(seconds=1))

    # when
    found = together(partial(grab, shop.who("courier"), key), partial(escalating.run_out, key))

    # then: taken either way, and the ladder begins anew for whoever has it
    assert kinds(found) in (["DispatchTask", "DispatchTask"], ["DispatchTask", "NoneType"])
    task = shop.task()
    assert (task.state, task.stage, task.late) == ("taken", "staff", False)


def test_two_units_people_accept_at_once(shop: Shop) -> None:
    # given
    shop.buy()
    key = shop.task().pk
    send(shop.who("manager"), key, "B112", reason="no_hands")

    # when
    found = together(partial(accept, shop.who("chief"), key), partial(grab, shop.who("neighbour"), key))

    # then: whoever comes first, the unit has it once
    assert shop.task().unit.code == "B112"
    assert DispatchEntry.objects.filter(deed="accepted").count() == 1
    assert "DispatchTask" in kinds(found)


def test_one_part_has_one_task_whatever_is_told_at_once(shop: Shop) -> None:
    # given
    order = shop.buy()
    DispatchTask.objects.all().delete()

    # when
    together(*(partial(follow, shop.part(order).pk) for _n in range(4)))

    # then
    assert DispatchTask.objects.count() == 1
