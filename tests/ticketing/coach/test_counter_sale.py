"""A ticket over the counter from the first key to the paper: held, paid in cash, issued, printed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from saleor.account.models import User

from plugins.counter_sales.models import CounterSale
from plugins.ticketing.coach.access import PAPER_PRINT, PAPER_STOCK, PAPER_VIEW
from plugins.ticketing.coach.services.papers import give, take_in
from plugins.ticketing.kernel.access import ORDER_VIEW, SELL
from plugins.ticketing.kernel.choices import OrderState
from plugins.ticketing.kernel.models import TicketOrder
from saleor_o2o.kernel.clock import frozen
from tests.counter_sales.conftest import SELLING, Counter, counter, world  # noqa: F401 - fixtures
from tests.orgs import again, person

from .conftest import World, prepare
from .networks import DAY, MORNING, Network


@pytest.fixture
def clerk(counter: Counter, networks: dict[str, Network]) -> Iterator[User]:  # noqa: F811 - the fixture
    """Sells tickets and takes cash at B111, with a hundred sheets of paper."""
    cache.clear()
    with frozen(MORNING):
        prepare()
        made = again(
            person(
                counter.org["B111"], "seller", (*SELLING, SELL, ORDER_VIEW, PAPER_VIEW, PAPER_PRINT),
                limits={"cash": "2000.00"},
            )
        )  # fmt: skip
        keeper = again(person(counter.org["B111"], "keeper", (PAPER_VIEW, PAPER_STOCK)))
        give(keeper, take_in(keeper, counter.org["B111"], "YU", 1, 100).pk, made, 100)
        yield made


def ask(client: Client, page: str, **told: Any) -> Any:
    response = client.post(page, json.dumps(told), content_type="application/json")
    assert response.status_code == 200, response.content.decode()
    return response.json()


@pytest.mark.parametrize(
    ("name", "field", "text", "answer"),
    [
        ("seats", "goal", "火星\x00", (409, "NOT_FOUND")), ("seats", "goal", "\ud800火星", (409, "NOT_FOUND")),
        ("hold", "contact", ["\x00"], (409, "DOCUMENT_INVALID")),
    ],
)  # fmt: skip
def test_what_no_database_can_keep_is_as_if_it_were_not_typed(
    counter: Counter,  # noqa: F811 - the fixture
    clerk: User, name: str, field: str, text: Any, answer: tuple[int, str],
) -> None:  # fmt: skip
    # given
    client = Client()
    client.force_login(clerk)
    page = reverse("admin:o2o_coach_shiftday_ask", args=["shifts"])
    [bus, *_others] = ask(client, page, start="CQ-LTS", goal="SC-SN", day=str(DAY))["shifts"]
    rider = {"name": "测试乘客", "number": "500103199003070011", "fare": "full"}
    told = {
        "start": "CQ-LTS",
        "goal": bus["goalCode"],
        "day": str(DAY),
        "shift": bus["id"],
        "riders": [rider],
    }

    # when
    page = reverse("admin:o2o_coach_shiftday_ask", args=[name])
    body = json.dumps({**told, "key": "counter-00000009", field: text})
    said = client.post(page, body, content_type="application/json")

    # then: a refusal in words, no error of ours
    assert (said.status_code, said.json()["error"]["code"]) == answer


def test_from_two_letters_to_the_paper(
    counter: Counter,  # noqa: F811 - the fixture
    clerk: User,
    networks: dict[str, Network],
) -> None:
    # given
    client = Client()
    client.force_login(clerk)

    def desk(name: str, **told: Any) -> Any:
        return ask(client, reverse("admin:o2o_coach_shiftday_ask", args=[name]), **told)

    def till(name: str, **told: Any) -> Any:
        return ask(client, reverse("admin:o2o_counter_sales_countersale_ask", args=[name]), **told)

    bus = desk("shifts", start="CQ-LTS", goal="SC-SN", day=str(DAY))["shifts"][0]
    rider = World(counter.org, networks, clerk).rider()
    # when: held
    held = desk(
        "hold", key="counter-00000001", shift=bus["id"], goal=bus["goalCode"],
        riders=[{"name": rider.name, "number": rider.number, "fare": "full"}],
    )["order"]  # fmt: skip
    # placed and paid in cash, as the page does
    sale = till(
        "place", key="7f2c1f4e-0b0f-4a59-9d0c-6d4f3c1b2a01", lines=[], holds=[{"number": held["number"]}],
        delivery="pickup", method=None, place="", phone="", address={},
    )["sale"]  # fmt: skip
    assert (sale["state"], sale["total"]) == ("placed", "62.00")
    paid = till("cash", sale=sale["id"], tendered="100")["sale"]
    assert (paid["state"], paid["change"]) == ("paid", "38.00")
    # then it is issued, with what the traveller needs
    order = TicketOrder.objects.get()
    assert (order.state, order.order_id) == (OrderState.ISSUED, CounterSale.objects.get().order_id)
    told = desk("standing", number=order.number)["order"]
    assert told["pick"] == [
        {"label": "取票号", "words": "QP1"}, {"label": "取票密码", "words": "8421"},
    ]  # fmt: skip
    assert told["total"] == "62.00"
    assert order.tickets.get().their_number == "EA1-0"
    assert networks["a"].count("issue") == 1
    # and printed
    page = client.post(told["print"]).content.decode()
    assert "YU00000001" in page
    assert counter.account.movements.order_by("-pk")[0].amount == Decimal("-62.00")
