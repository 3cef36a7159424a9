"""Nobody reacts: the manager, the county, the area; by dated rules, each step once. And units that go."""

from __future__ import annotations

from datetime import timedelta

import pytest

from plugins.dispatch.models import ClockRule, DispatchTask
from plugins.dispatch.services.escalating import run_out, sweep
from plugins.dispatch.services.giving import send
from plugins.dispatch.services.taking import grab
from plugins.dispatch.tasks import watch
from plugins.dispatch.todo import todo
from plugins.org_hierarchy.blockers import BlockedError
from plugins.org_hierarchy.models import Staff
from plugins.org_hierarchy.services.closing import close_unit
from plugins.org_hierarchy.services.holdings import hand_over
from plugins.org_hierarchy.services.opening import suspend_unit
from saleor_o2o.kernel.clock import now

from .conftest import Shop


def test_the_ladder(shop: Shop) -> None:
    # given
    shop.buy()
    task = shop.task()
    assert [one.title for one in todo(shop.who("courier"))] == ["派单待抢单：大溪沟支局"]
    assert todo(shop.who("manager"))[0].due == shop.task().due_at
    assert todo(shop.who("county")) == []

    # when
    stages = []
    for _step in range(3):
        shop.let_time_pass(task)
        stages.append((shop.task().stage, shop.task().late, shop.task().due_at is None))

    # then: nothing is taken away from the branch
    assert stages == [
        ("manager", True, False),
        ("county", True, False),
        ("area", True, True),
    ]
    assert shop.story(task) == ["placed", "escalated", "escalated", "escalated"]
    assert shop.task().unit.code == "B111"
    assert sweep() == 0
    for name in ("area", "county", "manager", "courier"):
        assert [one.title for one in todo(shop.who(name))] == ["派单待指派：大溪沟支局"]
    assert todo(shop.who("chief")) == todo(shop.who("viewer")) == todo(shop.who("stranger")) == []

    # when
    grab(shop.who("courier"), task.pk)

    # then
    assert (shop.task().stage, shop.task().late) == ("staff", False)
    assert shop.task().late_at is not None
    assert [one.title for one in todo(shop.who("courier"))] == ["派单待发出：大溪沟支局"]
    assert todo(shop.who("area")) == []


def test_the_sweep_twice_changes_nothing(shop: Shop) -> None:
    # given
    shop.buy()
    DispatchTask.objects.update(due_at=now() - timedelta(seconds=1))
    assert sweep() == 1
    before = DispatchTask.objects.values().get()

    # when
    assert sweep() == 0
    assert run_out(before["id"]) is None
    watch()

    # then
    assert DispatchTask.objects.values().get() == before
    assert shop.story(shop.task()) == ["placed", "escalated"]


def test_taken_but_not_sent_is_the_managers_matter(shop: Shop) -> None:
    # given
    shop.buy()
    task = shop.task()
    grab(shop.who("courier"), task.pk)

    # when
    shop.let_time_pass(task)

    # then: it stays where it is
    assert (shop.task().state, shop.task().stage, shop.task().holder) == (
        "taken",
        "manager",
        shop.people["courier"],
    )
    assert [one.title for one in todo(shop.who("manager"))] == ["派单超时未发出：大溪沟支局"]


def test_rules_count_by_line_and_by_day(shop: Shop) -> None:
    # given
    day = timedelta(days=1)
    ClockRule.objects.all().delete()
    ClockRule.objects.create(clock="grab", minutes=40, valid_from=now() - day)
    ClockRule.objects.create(clock="grab", line="goods", minutes=5, valid_from=now() - day)
    ClockRule.objects.create(clock="grab", line="goods", minutes=1, valid_from=now() + day)
    ClockRule.objects.create(clock="grab", line="goods", minutes=2, valid_from=now() - day, valid_to=now())
    ClockRule.objects.create(clock="assign", minutes=7, valid_from=now() - day)

    # when
    shop.buy()

    # then
    task = shop.task()
    assert round((task.due_at - now()).total_seconds() / 60) == 5
    shop.let_time_pass(task)
    assert round((shop.task().due_at - now()).total_seconds() / 60) == 7


def test_a_merge_takes_the_tasks_along(shop: Shop) -> None:
    # given: one waits, one is in hand, one is offered to the unit
    orders = [shop.buy() for _n in range(3)]
    waiting, held, done = (shop.task(order) for order in orders)
    grab(shop.who("courier"), held.pk)
    shop.send(orders[2])
    due = shop.task(orders[0]).due_at

    # when
    with pytest.raises(BlockedError) as refused:
        close_unit(shop.org["B111"], reason="撤并")
    assert "未完成的派单 2" in str(refused.value.message)
    close_unit(shop.org["B111"], reason="并入两路口", successor=shop.org["B112"], with_orders=True)

    # then: with state, hands and clock; what is over stays in its unit's figures
    assert [shop.task(order).unit.code for order in orders] == ["B112", "B112", "B111"]
    assert (shop.task(orders[0]).state, shop.task(orders[0]).due_at) == ("waiting", due)
    assert shop.task(orders[1]).holder == shop.people["courier"]
    assert shop.story(waiting) == ["placed", "merged"]
    assert shop.story(done) == ["placed", "done"]
    grab(shop.who("neighbour"), waiting.pk)


def test_an_offer_to_a_unit_that_is_merged_is_its_successors(shop: Shop) -> None:
    # given
    shop.buy()
    send(shop.who("manager"), shop.task().pk, "B112", reason="no_hands")

    # when
    close_unit(shop.org["B112"], reason="并入", successor=shop.org["B121"], with_orders=True)

    # then
    assert shop.task().offered_to == shop.org["B121"]


def test_a_branch_that_stops_gives_what_waits_to_the_county(shop: Shop) -> None:
    # given
    orders = [shop.buy() for _n in range(2)]
    grab(shop.who("courier"), shop.task(orders[1]).pk)

    # when
    suspend_unit(shop.org["B111"], reason="装修")

    # then
    waiting, held = (shop.task(order) for order in orders)
    assert (waiting.unit.code, waiting.stage) == ("C11", "county")
    assert (held.unit.code, held.holder) == ("B111", shop.people["courier"])


def test_a_leavers_tasks_are_handed_over(shop: Shop) -> None:
    # given
    shop.buy()
    grab(shop.who("courier"), shop.task().pk)
    leaver, heir = (Staff.objects.get(employee_no=name) for name in ("courier", "clerk"))

    # when
    assert hand_over(None, leaver, "dispatch", [str(shop.task().pk)], heir) == 1

    # then
    assert shop.task().holder == shop.people["clerk"]
