"""Whoever answers the telephone gives back and changes by the rule, and decides nothing else."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from plugins.ticketing.kernel.access import (
    BATCH,
    CARRIERS_FAULT,
    DESK,
    EXPORT,
    ORDER_VIEW,
    REFUND,
    REFUND_AUDIT,
)
from plugins.ticketing.kernel.models import RefundRequest

from ..posts import holder
from .conftest import Tickets
from .test_refund_pages import browser, hidden, new, text_of

D = Decimal
POSTS = (("city-service", "CQ"), ("county-service", "C11"))


@pytest.mark.parametrize(("post", "where"), POSTS)
def test_a_caller_is_helped_by_the_rule(coach: Tickets, post: str, where: str) -> None:
    # given an order that a branch sold
    order = coach.order()
    client = browser(holder(coach.org[where], post))
    shown = text_of(client.get(reverse("admin:o2o_ticketing_ticketorder_change", args=[order.pk])))
    assert "退票" in shown and "改签" in shown
    page = client.get(new(order))
    assert "¥35.91" in text_of(page)
    changes = reverse("admin:o2o_ticketing_changerequest_new", args=[order.pk])
    assert client.get(changes).status_code == 200
    ticket = coach.tickets(order)[0]
    told = {**hidden(page), "tickets": [ticket.pk], "reason": "电话退票", "do": "1"}
    # when he says that it was the carrier
    answer = client.post(new(order), {**told, "cause": "carrier"})
    # then that is not his to say
    assert answer.status_code == 200
    assert not RefundRequest.objects.exists()
    # when it is the caller's wish
    assert client.post(new(order), {**told, "cause": "passenger"}).status_code == 302
    # then
    request = RefundRequest.objects.get()
    assert (request.due, request.reason) == (D("35.91"), "电话退票")


@pytest.mark.parametrize(("post", "where"), POSTS)
def test_and_no_more_than_that(coach: Tickets, post: str, where: str) -> None:
    user: Any = holder(coach.org[where], post)
    held = [right for right in (ORDER_VIEW, REFUND, CARRIERS_FAULT, REFUND_AUDIT, BATCH, DESK, EXPORT)
            if user.has_perm(right)]  # fmt: skip
    assert held == [ORDER_VIEW, REFUND]


def test_a_county_serves_its_own_callers(coach: Tickets) -> None:
    order = coach.order()
    client = browser(holder(coach.org["C12"], "county-service"))
    assert client.get(new(order)).status_code == 404
