"""The address is changed after dispatch: the task follows, hands stay where they can; delays are their causer's."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import graphene
import pytest
from saleor.order.models import Order

from plugins.dispatch import figures
from plugins.dispatch.models import DispatchTask
from plugins.dispatch.services.giving import send
from plugins.dispatch.services.locating import locate
from plugins.dispatch.services.taking import grab
from plugins.service_map.interfaces import ProviderDown
from saleor_o2o.kernel.clock import now, today
from saleor_o2o.kernel.models import EventRecord
from saleor_o2o.ordering.models import OrderTimeline
from tests.buying.shopper import ask

from .conftest import FIRST, NOBODYS, SECOND, Shop

UPDATE = """mutation($id: ID!, $input: OrderUpdateInput!) { orderUpdate(id: $id, input: $input) {
  orderErrors { field code message } } }"""
THERE = {
    "firstName": "桂英", "lastName": "李", "streetAddress1": "中山三路 5 号", "city": "渝中区", "country": "CN",
    "countryArea": "重庆市", "postalCode": "400015", "phone": "+8613800138000",
}  # fmt: skip


def move_to(shop: Shop, order: Order, position: Any, **changes: str) -> None:
    """The staff changes the address; what the map says of the new one."""
    shop.map.answer = position
    told = {
        "id": graphene.Node.to_global_id("Order", order.pk),
        "input": {"shippingAddress": {**THERE, **changes}},
    }
    assert ask(UPDATE, told, shop.world.admin)["orderUpdate"]["orderErrors"] == []


def test_another_branchs_address_is_the_other_branchs_task(shop: Shop) -> None:
    # given: in a courier's hands
    order = shop.buy()
    grab(shop.who("courier"), shop.task().pk)

    # when
    move_to(shop, order, SECOND)

    # then
    task = shop.task()
    assert (task.unit.code, task.state, task.holder, task.late) == ("B112", "waiting", None, False)
    assert (task.lng, task.lat) == SECOND
    assert shop.story(task) == ["placed", "grabbed", "readdressed", "placed"]
    entry = task.entries.latest("pk")
    assert entry.from_unit == shop.org["B111"]
    assert entry.text.startswith("改派给两路口支局")
    # then: in the order's story without house or person
    line = OrderTimeline.objects.get(kind="address")
    assert line.text.startswith("修改收货地址：")
    assert "中山三路" not in f"{line.text}{line.before}{line.after}"
    assert "桂英" not in f"{line.text}{line.before}{line.after}"


def test_in_the_same_area_it_stays_in_the_same_hands(shop: Shop) -> None:
    # given
    order = shop.buy()
    grab(shop.who("courier"), shop.task().pk)
    placed = shop.task().placed_at

    # when
    move_to(shop, order, (106.56, 29.56))

    # then
    task = shop.task()
    assert (task.unit.code, task.state, task.holder) == ("B111", "taken", shop.people["courier"])
    assert (task.lng, task.placed_at, task.due_at is not None) == (106.56, placed, True)
    assert task.entries.latest("pk").text.startswith("仍由大溪沟支局办理")


@pytest.mark.parametrize("answer", [None, NOBODYS])
def test_what_nobody_serves_is_the_countys(shop: Shop, answer: Any) -> None:
    # given
    order = shop.buy()
    grab(shop.who("courier"), shop.task().pk)

    # when
    move_to(shop, order, answer)

    # then
    task = shop.task()
    assert (task.unit.code, task.stage, task.state, task.holder) == ("C11", "county", "waiting", None)


def test_a_silent_map_keeps_it_where_it_was_until_the_county_decides(shop: Shop) -> None:
    # given
    order = shop.buy()
    grab(shop.who("courier"), shop.task().pk)

    # when
    move_to(shop, order, ProviderDown("TIMEOUT"))

    # then: whoever has it sees that it is being looked up
    task = shop.task()
    assert (task.unit.code, task.state, task.holder) == ("B111", "locating", shop.people["courier"])

    # when: the map answers at the next try
    shop.map.answer = SECOND
    DispatchTask.objects.update(next_try_at=now() - timedelta(seconds=1))
    locate(task.pk)

    # then
    assert (shop.task().unit.code, shop.task().state) == ("B112", "waiting")


def test_an_answer_for_the_old_address_counts_for_nothing(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: while the map is asked for the first address, it is changed
    order = shop.place()
    asked: list[str] = []
    plain = shop.map.locate

    def slow(address: str, district: str = "") -> Any:
        asked.append(address)
        if len(asked) == 1:
            monkeypatch.setattr(shop.map, "answer", SECOND)
            Order.objects.get(pk=order.pk).shipping_address.__class__.objects.filter(
                pk=order.shipping_address_id
            ).update(street_address_1="中山三路 5 号")
            shop.map.answer = FIRST
        return plain(address, district)

    monkeypatch.setattr("plugins.dispatch.serving.locate", slow)

    # when
    shop.pay(order)

    # then: nobody got it by the old one
    assert shop.task().state == "locating"
    shop.map.answer = SECOND
    locate(shop.task().pk)
    assert (shop.task().unit.code, len(asked)) == ("B112", 2)


def test_another_receiver_moves_nothing(shop: Shop) -> None:
    # given
    order = shop.buy()
    before = shop.story(shop.task())
    address = order.shipping_address
    same = {
        "streetAddress1": address.street_address_1, "city": address.city, "countryArea": address.country_area,
        "postalCode": address.postal_code, "cityArea": address.city_area,
    }  # fmt: skip

    # when
    move_to(shop, order, SECOND, **same, firstName="秀英")

    # then
    assert (shop.task().unit.code, shop.story(shop.task())) == ("B111", before)
    assert OrderTimeline.objects.get(kind="address").text.startswith("修改收货人：")
    assert not EventRecord.objects.filter(name="ordering.order_readdressed").exists()


def test_what_has_left_stays_as_it_is(shop: Shop) -> None:
    # given
    order = shop.buy()
    shop.send(order)

    # when
    move_to(shop, order, SECOND)

    # then: the order tells it, the task is over
    assert (shop.task().unit.code, shop.task().state) == ("B111", "done")
    assert OrderTimeline.objects.filter(kind="address").count() == 1


def figures_of(shop: Shop) -> dict[str, tuple[int, int, int]]:
    """By unit: has now, came to it, was late with."""
    first: date = today() - timedelta(days=1)
    found = figures.report(DispatchTask.objects.all(), first, today())
    return {row.name: (row.placed, row.came, row.late) for row in found.units}


def test_a_delay_is_the_causers_whoever_has_the_task_now(shop: Shop) -> None:
    # given: nobody of the first branch takes it, nor does its manager; the county gives it to the second one
    shop.buy()
    task = shop.task()
    shop.let_time_pass(task)
    shop.let_time_pass(task)
    send(shop.who("county"), task.pk, "B112", reason="no_hands", text="请支援")

    # then
    assert figures_of(shop) == {"两路口支局": (1, 1, 0), "大溪沟支局": (0, 1, 1)}


def test_the_county_and_the_neighbour_are_late_themselves(shop: Shop) -> None:
    # given: one is left by everybody up to the county; one is offered to a neighbour who does not answer
    one, two = shop.buy(), shop.buy()
    for _clock in range(3):
        shop.let_time_pass(shop.task(one))
    grab(shop.who("courier"), shop.task(two).pk)
    send(shop.who("manager"), shop.task(two).pk, "B112", reason="no_hands")
    shop.let_time_pass(shop.task(two))

    # then: the branch with one of two, county and neighbour with what they were asked about
    assert figures_of(shop) == {"大溪沟支局": (2, 2, 1), "渝中": (0, 1, 1), "两路口支局": (0, 1, 1)}
    whole = figures.report(DispatchTask.objects.all(), today(), today()).whole
    assert (whole.placed, whole.late, whole.late_rate) == (2, 1, 50.0)
