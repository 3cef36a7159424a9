"""`rows` and `may` outside of requests: what a task or a report asks."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import Sum
from saleor.account.models import User
from saleor.order.models import Order

from plugins.org_hierarchy.interfaces import may, rows
from plugins.org_hierarchy.models import OrgUnit

from ..orgs import again, grant, person
from .city import Rows

pytestmark = pytest.mark.django_db


def test_a_task_reads_the_rights_of_now(org: dict[str, OrgUnit], ours: Rows, theirs: Rows) -> None:
    # given
    clerk = person(org["C11"], "clerk", ["order.view"])
    grant(clerk.o2o_staff, org["B111"], ["order.refund"])

    # then
    asker = User.objects.get(pk=clerk.pk)
    assert set(rows(asker, Order)) == {ours.order, ours.draft}
    assert rows(asker, Order.objects.filter(status="draft"), "order.refund").get() == ours.draft
    assert not rows(asker, Order, "order.cancel").exists()
    assert [may(asker, "order.refund", one) for one in (ours.order, theirs.order)] == [True, False]
    assert (may(asker, "order.refund", Order), may(asker, "order.refund"), may(asker, "order.cancel")) == (
        True,
        True,
        False,
    )

    # when
    clerk.o2o_staff.grants.update(state="revoked")

    # then
    assert not rows(again(clerk), Order).exists()


def test_a_report_adds_up_what_is_in_reach(people: dict[str, Any], ours: Rows, theirs: Rows) -> None:
    # when
    totals = {
        who: rows(people[who], Order.objects.exclude(status="draft")).aggregate(
            sum=Sum("total_gross_amount")
        )["sum"]
        for who in ("ours", "theirs", "area", "superuser", "shopper")
    }

    # then
    assert {who: str(total) for who, total in totals.items()} == {
        "ours": "79.80", "theirs": "79.80", "area": "159.60", "superuser": "159.60", "shopper": "None",
    }  # fmt: skip
