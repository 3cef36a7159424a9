"""The text with the way to the tickets once more: for the buyer, a guest, a clerk; not too often; not to strangers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from plugins.members.models import SmsMessage
from plugins.ticketing.kernel.access import ORDER_VIEW, REFUND
from plugins.ticketing.kernel.guest_access import pass_for
from plugins.ticketing.kernel.models import TicketOrder
from plugins.ticketing.kernel.services.texting import order_to_text
from saleor_o2o.kernel.clock import frozen, now
from saleor_o2o.kernel.models import AuditEntry
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope
from tests.orgs import again, person

from ...scope.graphql import asked
from .conftest import World
from .test_changing import sold

SEND = """mutation($n: String!, $k: String, $t: String) { ticketTextSend(orderNumber: $n, key: $k, token: $t) {
  mobile errors { code message hint } } }"""


@pytest.fixture(autouse=True)
def nobody_asked() -> None:
    cache.clear()


def send(user: Any, order: TicketOrder, **told: Any) -> Any:
    return asked(user, SEND, n=order.number, **told)["ticketTextSend"]


def texts() -> int:
    return SmsMessage.objects.filter(template="coach_issued").count()


def test_the_buyer_has_it_again_three_times_an_hour(world: World) -> None:
    # given
    order = sold(world.hold(world.rider(), world.rider()))
    start = now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)

    # when
    with frozen(start):
        told = send(world.buyer, order)
        soon = send(world.buyer, order)
    first = texts()
    for minutes in (1, 2):
        with frozen(start + timedelta(minutes=minutes)):
            assert send(world.buyer, order)["errors"] == []
    with frozen(start + timedelta(minutes=3)):
        [much] = send(world.buyer, order)["errors"]
    with frozen(start + timedelta(minutes=60)):
        later = send(world.buyer, order)

    # then
    assert (told["mobile"], told["errors"], first) == ("138****8000", [], 1)
    assert [(one["code"], one["message"]) for one in soon["errors"]] == [
        ("TOO_OFTEN", "刚刚发送过，请 60 秒后再试")
    ]
    assert (much["code"], much["message"]) == ("TOO_OFTEN", "这张订单一小时内已发送 3 次，请 57 分钟后再试")
    assert (later["errors"], texts()) == ([], 4)
    words: Any = SmsMessage.objects.filter(template="coach_issued").latest("pk").parameters
    assert words["count"] == "2" and words["link"].endswith(f"/h5/ticket-orders/{order.number}")


def test_a_guest_and_nobody_else(world: World) -> None:
    # given
    order = sold(world.hold(user=None, unit=world.org["B111"]))
    other = world.hold(user=None, unit=world.org["B111"], key="key-00000009", mobile="13900139000")

    # then
    for bad in ({}, {"t": "x"}, {"t": pass_for(other)[0]}, {"k": "key-00000009"}):
        assert [one["code"] for one in send(None, order, **bad)["errors"]] == ["NOT_FOUND"]
    assert [one["code"] for one in send(world.buyer, order)["errors"]] == ["NOT_FOUND"]
    assert texts() == 0
    assert send(None, order, t=pass_for(order)[0])["errors"] == []
    words: Any = SmsMessage.objects.get(template="coach_issued").parameters
    assert "/h5/g/" in words["link"]
    # what is not issued has no codes
    assert [one["code"] for one in send(None, other, t=pass_for(other)[0])["errors"]] == ["NOT_POSSIBLE"]


def test_a_clerk_sends_it_for_a_caller(world: World) -> None:
    # given
    order = sold(world.hold(user=None, unit=world.org["B111"]))
    clerk = person(world.org["B111"], "clerk", (ORDER_VIEW, REFUND))
    looks = person(world.org["B111"], "looks", (ORDER_VIEW,))
    abroad = person(world.org["C12"], "abroad", (ORDER_VIEW, REFUND))
    with pytest.raises(NotAllowed):
        order_to_text(looks, order.number)
    with pytest.raises(OutOfScope):
        order_to_text(abroad, order.number)
    page = reverse("admin:o2o_ticketing_ticketorder_text", args=[order.pk])
    client = Client()
    client.force_login(again(clerk), backend="django.contrib.auth.backends.ModelBackend")

    # when
    shown = client.get(reverse("admin:o2o_ticketing_ticketorder_change", args=[order.pk])).content.decode()
    done = client.post(page)
    soon = client.post(page)

    # then
    assert "重发短信" in shown and done.status_code == 302 and texts() == 1
    assert "刚刚发送过" in soon.content.decode()
    assert AuditEntry.objects.filter(action="ticketing.text_again").count() == 1
    client.force_login(again(abroad), backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(page).status_code == 404
