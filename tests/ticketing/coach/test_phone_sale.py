"""A ticket over the telephone: held for the caller, paid by a link on his mobile, told by text; nobody is measured."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from saleor.account.models import User

from plugins.channels.types import ChannelType
from plugins.counter_sales.models import CounterSale
from plugins.ticketing.coach.models import CoachTrip, Station
from plugins.ticketing.kernel.access import ORDER_VIEW
from plugins.ticketing.kernel.access import SELL as SELL_TICKETS
from plugins.ticketing.kernel.choices import OrderState
from plugins.ticketing.kernel.guest_access import link_of
from plugins.ticketing.kernel.models import TicketOrder
from saleor_o2o.kernel.clock import frozen
from tests.channels.shops import channel
from tests.counter_sales.conftest import SELLING, Counter, Wechat, counter, wechat, world
from tests.counter_sales.test_pay_links import Texts, texts
from tests.orgs import again, person

from .conftest import World, prepare
from .networks import DAY, MORNING, Network

__all__ = ["counter", "texts", "wechat", "world"]
CALLER = "13800000001"


@pytest.fixture
def agent(counter: Counter, networks: dict[str, Network]) -> Iterator[User]:
    """Answers B111's telephone."""
    cache.clear()
    with frozen(MORNING):
        prepare()
        yield again(person(counter.org["B111"], "agent", (*SELLING, SELL_TICKETS, ORDER_VIEW)))


def ask(client: Client, page: str, name: str, **told: Any) -> tuple[int, Any]:
    address = reverse(f"admin:{page}_ask", args=[name])
    response = client.post(address, json.dumps(told), content_type="application/json")
    return response.status_code, response.json()


def desk(client: Client, name: str, **told: Any) -> tuple[int, Any]:
    return ask(client, "o2o_coach_shiftday", name, **told)


def till(client: Client, name: str, **told: Any) -> Any:
    status, told = ask(client, "o2o_counter_sales_countersale", name, **told)
    assert status == 200, told
    return told["sale"]


def wished(counter: Counter, networks: dict[str, Network], agent: User, client: Client) -> dict[str, Any]:
    """What the page asks for: one grown-up on the first bus."""
    bus = desk(client, "shifts", start="CQ-LTS", goal="SC-SN", day=str(DAY))[1]["shifts"][0]
    rider = World(counter.org, networks, agent).rider()
    riders = [{"name": rider.name, "number": rider.number, "fare": "full"}]
    return {
        "key": "counter-00000001",
        "shift": bus["id"],
        "goal": bus["goalCode"],
        "riders": riders,
        "phone": True,
    }


def test_a_caller_pays_on_his_own_telephone_and_has_his_ticket(
    counter: Counter, agent: User, networks: dict[str, Network], wechat: Wechat, texts: Texts
) -> None:
    # given: a unit that sells over the telephone, and its page says so
    line = channel(counter.org["B111"], type=ChannelType.TELEPHONE, name="电话订购")
    client = Client()
    client.force_login(agent)
    shown = client.get(reverse("admin:o2o_coach_shiftday_counter")).content.decode()
    assert f"B111/{line.code}" in shown
    wish = wished(counter, networks, agent, client)
    # then without a mobile nobody is held for
    status, told = desk(client, "hold", **wish)
    assert (status, told["error"]["field"]) == (409, "mobile")
    # when
    held = desk(client, "hold", **wish, mobile=CALLER)[1]["order"]
    sale = till(
        client, "place", key="7f2c1f4e-0b0f-4a59-9d0c-6d4f3c1b2a01", lines=[], holds=[{"number": held["number"]}],
        delivery="pickup", method=None, place=f"B111/{line.code}", phone=CALLER, address={},
    )  # fmt: skip
    sale = till(client, "link", sale=sale["id"], phone=CALLER)
    assert (sale["state"], sale["linkTo"]) == ("placed", "138****0001")
    order = TicketOrder.objects.get()
    assert (order.state, CoachTrip.objects.get().channel) == (OrderState.HELD, "phone")
    # and the caller opens it and pays
    page = Client().get(texts.address()).content.decode()
    assert "¥62.00" in page
    Client().post(texts.address(), {"how": "page"})
    row = CounterSale.objects.get()
    wechat.notify(wechat.pay(row))
    # then
    order, row = TicketOrder.objects.get(), CounterSale.objects.get()
    assert (order.state, row.state, row.channel_code) == (OrderState.ISSUED, "paid", line.code)
    [told] = [one for one in texts.sent if one.template == "coach_issued"]
    assert told.mobile == CALLER
    assert link_of(order) in told.text


def test_only_where_a_telephone_is_and_nobody_is_measured(
    counter: Counter, agent: User, networks: dict[str, Network]
) -> None:
    # given
    client = Client()
    client.force_login(agent)
    wish = {**wished(counter, networks, agent, client), "mobile": CALLER}
    # then: no telephone, no sale over one
    assert desk(client, "hold", **wish)[0] == 403
    assert "电话订购" not in client.get(reverse("admin:o2o_coach_shiftday_counter")).content.decode()
    # and over one what the window sells to who stands before it is not sold
    channel(counter.org["B111"], type=ChannelType.TELEPHONE, name="电话订购")
    Station.objects.update(by_height=True)
    child = World(counter.org, networks, agent).rider(born="20100307")
    riders = [*wish["riders"], {"name": "测试", "number": child.number, "fare": "half", "byHeight": True}]
    status, told = desk(client, "hold", **{**wish, "riders": riders})
    assert (status, told["error"]["code"]) == (409, "PASSENGER_KIND_WRONG")
    assert not TicketOrder.objects.exists()
    assert desk(client, "hold", **{**wish, "riders": riders, "phone": False})[0] == 200
