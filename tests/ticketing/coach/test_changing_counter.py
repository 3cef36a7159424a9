"""改签 over the counter: from the order's page to the new ticket, with the difference in cash."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from saleor.account.models import User
from saleor.order.models import OrderLine

from plugins.ticketing.kernel.access import ORDER_VIEW, REFUND, SELL
from plugins.ticketing.kernel.choices import ChangeState, MoneyState, OrderState, TicketState
from plugins.ticketing.kernel.models import (
    ChangeRequest,
    Insurance,
    InsuranceProduct,
    MoneyBack,
    SupplierAccount,
    TicketOrder,
)
from plugins.ticketing.kernel.ports import ChangeAsk, Issued
from saleor_o2o.kernel.clock import frozen
from tests.counter_sales.conftest import SELLING, Counter, counter, world  # noqa: F401 - fixtures
from tests.orgs import again, person

from .conftest import World, prepare
from .networks import BUSES, DAY, MORNING, Bus, Network

#: While the bus of eight is on its way.
DEARER = Bus("4", BUSES[0].stops, "09:30", "70")
CHEAPER = Bus("5", BUSES[0].stops, "10:00", "48")


class Desk:
    """A clerk's browser at B111, and what its pages ask."""

    def __init__(self, org: dict[str, Any], networks: dict[str, Network], rights: tuple[str, ...]) -> None:
        self.user: User = again(person(org["B111"], "seller", rights, limits={"cash": "2000.00"}))
        self.world = World(org, networks, self.user)
        self.client = Client()
        self.client.force_login(self.user)

    def raw(self, name: str, **told: Any) -> Any:
        page = reverse("admin:o2o_coach_shiftday_ask", args=[name])
        return self.client.post(page, json.dumps(told), content_type="application/json")

    def ask(self, name: str, **told: Any) -> Any:
        response = self.raw(name, **told)
        assert response.status_code == 200, response.content.decode()
        return response.json()

    def till(self, name: str, **told: Any) -> Any:
        page = reverse("admin:o2o_counter_sales_countersale_ask", args=[name])
        response = self.client.post(page, json.dumps(told), content_type="application/json")
        assert response.status_code == 200, response.content.decode()
        return response.json()["sale"]

    def pay(self, hold: str, key: str, total: str) -> None:
        sale = self.till(
            "place", key=f"7f2c1f4e-0b0f-4a59-9d0c-6d4f3c1b2a{key}", lines=[], holds=[{"number": hold}],
            delivery="pickup", method=None, place="", phone="", address={},
        )  # fmt: skip
        assert (sale["state"], sale["total"]) == ("placed", total)
        assert self.till("cash", sale=sale["id"], tendered=total)["state"] == "paid"

    def bus(self, leaves: str) -> dict[str, Any]:
        found = self.ask("shifts", start="CQ-LTS", goal="SC-SN", day=str(DAY))["shifts"]
        bus: dict[str, Any] = next(one for one in found if one["departs"] == leaves)
        return bus

    def sell(self, count: int = 1) -> TicketOrder:
        """Tickets of the bus at eight, paid in cash and issued."""
        people = [self.world.rider() for _ in range(count)]
        bus = self.bus("08:00")
        held = self.ask(
            "hold", key="counter-00000001", shift=bus["id"], goal=bus["goalCode"], most=f"{62 * count}.00",
            mobile="13800138000", riders=[{"name": one.name, "number": one.number, "fare": "full"} for one in people],
        )["order"]  # fmt: skip
        self.pay(held["number"], "01", f"{62 * count}.00")
        order = TicketOrder.objects.get(number=held["number"])
        assert order.state == OrderState.ISSUED
        return order

    def begin(self, order: TicketOrder) -> dict[str, Any]:
        """改签 on the order's page leads to the counter, which has the order in mind."""
        counter_page = f"{reverse('admin:o2o_coach_shiftday_counter')}?change={order.number}"
        shown = self.client.get(reverse("admin:o2o_ticketing_ticketorder_change", args=[order.pk]))
        assert counter_page in shown.content.decode()
        told: dict[str, Any] = self.client.get(counter_page).context["options"]["change"]
        return told

    def choose(
        self, order: TicketOrder, leaves: str, tickets: list[str], key: str = "counter-00000002"
    ) -> Any:
        """Held for the change, and what it comes to."""
        bus = self.bus(leaves)
        held = self.ask(
            "hold", key=key, shift=bus["id"], goal=bus["goalCode"], insteadOf=order.number, most="",
            riders=[{"ticket": one} for one in tickets],
        )["order"]  # fmt: skip
        told = self.ask("change_offer", order=order.number, target=held["number"], tickets=tickets)
        return {**told, "target": held["number"]}


@pytest.fixture
def desk(counter: Counter, networks: dict[str, Network], monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:  # noqa: F811
    """Networks that change tickets, and two more buses."""
    cache.clear()
    for network in networks.values():
        network.buses = (*BUSES, DEARER, CHEAPER)

        def change(ask: ChangeAsk) -> Issued:
            return Issued(False, ask.new_number, {unit.ticket: f"C{unit.ticket}" for unit in ask.units})

        monkeypatch.setattr(network, "change", change)
    with frozen(MORNING):
        prepare()
        yield Desk(counter.org, networks, (*SELLING, SELL, ORDER_VIEW, REFUND))


def test_to_a_dearer_bus_of_the_same_hours(desk: Desk) -> None:
    # given a ticket, and its order's page
    order = desk.sell()
    told = desk.begin(order)
    assert (told["order"], told["start"], told["goal"], told["day"]) == (
        order.number,
        "CQ-LTS",
        "SC-SN",
        str(DAY),
    )
    [ticket] = told["tickets"]
    number = order.passengers.get().document_number
    assert number not in json.dumps(told)
    # when a bus is chosen that leaves before the old one arrives
    offer = desk.choose(order, "09:30", [ticket["ticket"]])
    # then what it comes to is shown before anything is done: 70 for 60
    assert (offer["allowed"], offer["net"], len(offer["lines"])) == (True, "10.00", 1)
    assert order.tickets.get().state == TicketState.ISSUED
    # when the clerk confirms, and takes the difference
    asked = {
        "key": "change-00000001",
        "order": order.number,
        "target": offer["target"],
        "tokens": offer["tokens"],
    }
    change = desk.ask("change", **asked)["change"]
    assert (change["state"], change["toPay"]) == ("to_pay", "10.00")
    assert desk.ask("change", **asked)["change"]["number"] == change["number"]
    desk.pay(f"ticket_changes:{change['number']}", "02", "10.00")
    # then
    assert desk.ask("change_standing", number=change["number"])["change"]["state"] == "done"
    new = desk.ask("standing", number=offer["target"])["order"]
    assert new["state"] == "issued"
    assert order.tickets.get().state == TicketState.CHANGED
    target = TicketOrder.objects.get(number=offer["target"])
    assert (target.instead_of, target.mobile, target.unit.code) == (order, "13800138000", order.unit.code)


def test_one_of_two_to_a_cheaper_bus(desk: Desk) -> None:
    # given
    order = desk.sell(2)
    first, second = desk.begin(order)["tickets"]
    # when one of them goes by a cheaper one: 48 for 60
    offer = desk.choose(order, "10:00", [second["ticket"]])
    assert offer["net"] == "-12.00"
    change = desk.ask(
        "change", key="change-00000001", order=order.number, target=offer["target"], tokens=offer["tokens"]
    )["change"]  # fmt: skip
    # then it is done without any payment, and the other ticket counts as before
    assert (change["toPay"], change["back"]) == ("0.00", "12.00")
    # and what was paid in cash is handed out over the counter, on the page that notes it
    assert (change["cash"], change["unsettled"]) == ("12.00", False)
    assert desk.client.get(change["payOut"]).status_code == 200
    # while nobody knows yet whose it is to give back, nothing is said of cash
    MoneyBack.objects.update(state=MoneyState.WAITING)
    told = desk.ask("change_standing", number=change["number"])["change"]
    assert (told["cash"], told["payOut"], told["unsettled"]) == ("", "", True)
    assert ChangeRequest.objects.get().state == ChangeState.DONE
    states = dict(order.tickets.values_list("number", "state"))
    assert states == {first["ticket"]: TicketState.ISSUED, second["ticket"]: TicketState.CHANGED}


def test_the_customer_thinks_better_of_it(desk: Desk) -> None:
    # given a bus that was looked at, then another one that was agreed to
    order = desk.sell()
    [ticket] = desk.begin(order)["tickets"]
    first = desk.choose(order, "10:00", [ticket["ticket"]])
    offer = desk.choose(order, "09:30", [ticket["ticket"]], key="counter-00000003")
    assert TicketOrder.objects.get(number=first["target"]).state == OrderState.CLOSED
    change = desk.ask(
        "change", key="change-00000001", order=order.number, target=offer["target"], tokens=offer["tokens"]
    )["change"]  # fmt: skip
    # when
    told = desk.ask("change_give_up", number=change["number"])["change"]
    # then
    assert (told["state"], order.tickets.get().state) == ("closed", TicketState.ISSUED)
    assert TicketOrder.objects.get(number=offer["target"]).state == OrderState.CLOSED


def test_the_offer_says_what_becomes_of_the_insurance(desk: Desk) -> None:
    # given an insured ticket
    order = desk.sell()
    insurer = SupplierAccount.objects.create(code="INS", name="保险公司", trade="insure", adapter="insurer")
    product = InsuranceProduct.objects.create(
        code="coach-3",
        name="乘意险",
        trade="coach",
        insurer=insurer,
        price="3.00",
        share="2.40",
        covers="意外",
    )
    Insurance.objects.create(
        number="TB1", ticket=order.tickets.get(), insurer=insurer, product=product.code, price=product.price,
        share=product.share, state="in_force", order_line=OrderLine.objects.filter(order=order.order).first(),
    )  # fmt: skip
    # when
    [line] = desk.choose(order, "09:30", [order.tickets.get().number])["lines"]
    # then the clerk can say it before it is done
    assert (
        "乘意险随票改签，保费不变；保险公司不能改到新行程的，退保并原路退回保费 ¥3.00，另行通知"
        in line["words"]
    )


@pytest.mark.parametrize(
    ("name", "told", "status"),
    [
        ("hold", {"insteadOf": "PW0", "goal": "SC-SN", "riders": [{"ticket": "T0"}]}, 404),
        ("hold", {"insteadOf": "ORDER", "goal": "SC-SN", "riders": [{"ticket": "T0"}]}, 409),
        ("hold", {"insteadOf": "ORDER", "goal": "SC-SN", "riders": [{"name": "甲", "number": "1"}]}, 409),
        ("change_offer", {}, 404), ("change_offer", {"order": "ORDER"}, 409),
        ("change_offer", {"order": "ORDER", "target": "ORDER", "tickets": 5}, 409),
        ("change", {"order": "ORDER", "target": "ORDER", "tokens": "x"}, 409),
        ("change", {"order": "ORDER", "target": "PW0", "tokens": {"T0": None}}, 409),
        ("change_standing", {"number": 5}, 404), ("change_give_up", {}, 404),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said(desk: Desk, name: str, told: dict[str, Any], status: int) -> None:
    # given
    order = desk.sell()
    filled = {key: order.number if value == "ORDER" else value for key, value in told.items()}
    # then
    answer = desk.raw(name, **filled)
    assert (answer.status_code, bool(answer.json()["error"]["message"])) == (status, True)


def test_who_may_not(desk: Desk, counter: Counter, networks: dict[str, Network]) -> None:  # noqa: F811 - the fixture
    # given a clerk who sells only, and one of another county
    order = desk.sell()
    seller = again(person(counter.org["B111"], "only", (*SELLING, SELL, ORDER_VIEW)))
    stranger = again(person(counter.org["B121"], "other", (*SELLING, SELL, ORDER_VIEW, REFUND)))
    page = f"{reverse('admin:o2o_coach_shiftday_counter')}?change={order.number}"
    # then
    for user, status in ((seller, 403), (stranger, 404)):
        client = Client()
        client.force_login(user)
        assert client.get(page).status_code == status
        answer = client.post(
            reverse("admin:o2o_coach_shiftday_ask", args=["hold"]), content_type="application/json",
            data=json.dumps({"insteadOf": order.number, "goal": "SC-SN", "riders": [{"ticket": "T0"}]}),
        )  # fmt: skip
        assert answer.status_code == status


def test_by_the_number_of_the_hold(desk: Desk) -> None:
    # given a hold for the change, and the page that takes its number (as the carrier's fault, or without a counter)
    order = desk.sell()
    [ticket] = desk.begin(order)["tickets"]
    offer = desk.choose(order, "14:00", [ticket["ticket"]])
    page = reverse("admin:o2o_ticketing_changerequest_new", args=[order.pk])
    form = desk.client.get(page, {"target": offer["target"]}).context["form"]
    told = {name: form.initial[name] for name in ("tickets", "target", "cause", "key")}
    assert (told["target"], len(told["tickets"])) == (offer["target"], 1)
    # when looked at, then confirmed
    looked = desk.client.post(page, {**told, "look": "1"})
    assert "确认改签" in looked.content.decode()
    data = looked.context["form"].data
    done = desk.client.post(page, {**told, "tokens": data["tokens"], "shown": data["shown"], "do": "1"})
    # then
    assert done.status_code == 302
    assert ChangeRequest.objects.get().state == ChangeState.DONE
