"""Where a task lands: by area, by community, by town, with the county; and what happens when the map is silent."""

from __future__ import annotations

from datetime import timedelta

import pytest

from plugins.dispatch.models import DispatchTask
from plugins.dispatch.services import locating
from plugins.dispatch.tasks import watch
from plugins.org_hierarchy.models import OrgUnit
from plugins.service_map.interfaces import NotConfigured, ProviderDown
from plugins.service_map.models import Community
from saleor_o2o.kernel.clock import frozen, now
from saleor_o2o.ordering.models import OrderTimeline

from .conftest import NOBODYS, SECOND, Shop


def landed(shop: Shop) -> tuple[str, str, str, str]:
    task = shop.task()
    return task.unit.code, task.state, task.stage, task.basis


def test_a_paid_order_lands_at_the_branch_whose_area_holds_the_address(shop: Shop) -> None:
    # when: nothing is due before the money is here
    order = shop.place()
    assert not DispatchTask.objects.exists()
    shop.pay(order)

    # then
    assert landed(shop) == ("B111", "waiting", "staff", "area")
    assert shop.map.asked == [("渝中区", "民族路 18 号")]
    assert shop.story(shop.task()) == ["placed"]
    [line] = OrderTimeline.objects.filter(order_id=order.pk, kind="dispatch")
    assert "派给大溪沟支局（在大溪沟支局服务范围内），待抢单" in line.text


def test_the_neighbours_area_is_the_neighbours(shop: Shop) -> None:
    # given
    shop.map.answer = SECOND

    # when
    shop.buy()

    # then: whoever's order it is
    assert landed(shop) == ("B112", "waiting", "staff", "area")


def test_no_area_is_the_countys(shop: Shop) -> None:
    # given
    shop.map.answer = NOBODYS

    # when
    shop.buy()

    # then
    assert landed(shop) == ("C11", "waiting", "county", "county")
    assert shop.task().why == "地址不在任何支局的服务范围内"


def test_a_suspended_branchs_area_is_the_countys(shop: Shop) -> None:
    # given
    OrgUnit.objects.filter(code="B111").update(status="suspended")

    # when
    shop.buy()

    # then
    assert landed(shop) == ("C11", "waiting", "county", "county")
    assert "大溪沟支局未在营业状态" in shop.task().why


def test_a_known_community_needs_no_map(shop: Shop) -> None:
    # given
    row = Community(name="民族路", unit=shop.org["B112"], region_code="500103", search_text="民族路")
    row.put_at(*SECOND)
    row.save()

    # when
    shop.buy()

    # then
    assert landed(shop) == ("B112", "waiting", "staff", "community")
    assert shop.map.asked == []


def test_an_inexact_answer_counts_for_nothing_but_a_town_does(shop: Shop) -> None:
    # given: the map knows the district only
    shop.map.confidence = 0.1
    shop.buy()
    assert landed(shop) == ("C11", "waiting", "county", "county")
    assert "找不到这个地址" in shop.task().why
    DispatchTask.objects.all().delete()

    # when: a branch's town is in the street's name
    OrgUnit.objects.filter(code="B112").update(short_name="民族路支局")
    shop.buy()

    # then
    assert landed(shop) == ("B112", "waiting", "staff", "town")


def test_an_address_outside_the_city_goes_above_the_orders_own_unit(shop: Shop) -> None:
    # given
    shop.map.answer = None
    order = shop.place(unit="B121")
    order.shipping_address.city = "海淀区"
    order.shipping_address.save()

    # when
    shop.pay(order)

    # then
    assert landed(shop) == ("C12", "waiting", "county", "order")


def test_a_silent_map_is_asked_again_and_then_the_county_decides(shop: Shop) -> None:
    # given
    shop.map.answer = ProviderDown("TIMEOUT")
    shop.buy()
    assert landed(shop)[:2] == ("C11", "locating")
    assert watch() == 0  # not before its time

    # when: each attempt after a longer wait
    moment = now()
    for minutes in (1, 2, 5, 10):
        moment += timedelta(minutes=minutes, seconds=1)
        with frozen(moment):
            watch()

    # then
    assert len(shop.map.asked) == locating.TRIES
    assert landed(shop) == ("C11", "waiting", "county", "county")
    assert "地图服务暂时不可用" in shop.task().why
    assert shop.story(shop.task()) == ["not_found"]

    # then: the sweep changes nothing more
    before = DispatchTask.objects.values().get()
    watch()
    assert DispatchTask.objects.values().get() == before


def test_the_map_answers_at_the_second_try(shop: Shop) -> None:
    # given
    shop.map.answer = ProviderDown("TIMEOUT")
    shop.buy()

    # when
    shop.map.answer = SECOND
    with frozen(now() + timedelta(minutes=2)):
        watch()

    # then
    assert landed(shop) == ("B112", "waiting", "staff", "area")


def test_without_a_key_nobody_waits(shop: Shop) -> None:
    # given
    shop.map.answer = NotConfigured()

    # when
    shop.buy()

    # then
    assert landed(shop) == ("C11", "waiting", "county", "county")
    assert len(shop.map.asked) == 1


def test_an_attempt_is_made_by_one_worker(shop: Shop) -> None:
    # given
    shop.map.answer = ProviderDown("TIMEOUT")
    shop.buy()

    # when: the task comes twice
    locating.locate(shop.task().pk)

    # then
    assert len(shop.map.asked) == 1


def test_a_worker_that_died_in_the_last_attempt_leaves_it_to_the_county(shop: Shop) -> None:
    # given
    shop.map.answer = ProviderDown("TIMEOUT")
    shop.buy()
    DispatchTask.objects.update(tries=locating.TRIES, next_try_at=now() - timedelta(seconds=1))

    # when
    watch()

    # then
    assert landed(shop) == ("C11", "waiting", "county", "county")
    assert len(shop.map.asked) == 1


def test_without_an_organisation_nobody_delivers(shop: Shop) -> None:
    # given
    order = shop.buy()
    DispatchTask.objects.all().delete()
    OrgUnit.objects.filter(parent=None).update(parent=shop.org["C11"])
    OrgUnit.objects.update(status="suspended")

    # when: told again, by the sweep
    watch()

    # then: the order is as it was
    assert not DispatchTask.objects.exists()
    assert shop.part(order).state == "pending_shipment"


@pytest.mark.django_db
def test_the_map_is_never_asked_in_a_transaction() -> None:
    # then: this test is one
    with pytest.raises(RuntimeError, match="transaction"):
        locating.locate(1)
