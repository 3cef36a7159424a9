"""The member's page: everything there is of a member, as far as whoever looks may see it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from plugins.members.services.addresses import save_address
from plugins.members.services.records import PASSENGER, save_record
from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.backoffice import customers
from saleor_o2o.backoffice.admin.base import Table
from tests.orgs import person
from tests.scope.city import rows_at

from .asking import somebody
from .test_addresses import told
from .test_pages import browser, page
from .test_records import ID_NUMBER

pytestmark = pytest.mark.django_db


def test_orders_in_reach_only_and_addresses_masked(org: dict[str, OrgUnit]) -> None:
    # given: a member of B111 who bought at home and next door
    member = somebody(name="王建国", home_unit=org["B111"])
    save_address(member, told())
    rows = {code: rows_at(org[code], f"at-{code}") for code in ("B111", "B121")}
    for one in rows.values():
        one.order.user = member.user
        one.order.save()

    # when
    clerk = (
        browser(person(org["B111"], "clerk", ["member.view", "order.view"]))
        .get(page(member))
        .content.decode()
    )
    head = (
        browser(person(org["CQ"], "head", ["member.view", "order.view"])).get(page(member)).content.decode()
    )

    # then
    mine, theirs = (f"#{rows[code].order.pk}<" for code in ("B111", "B121"))
    assert mine in clerk and theirs not in clerk
    assert mine in head and theirs in head
    assert "重庆市渝中区 ***" in clerk and "中山一路" not in clerk and "3 栋 501" not in clerk


def test_parts_of_other_plugins_are_shown_and_may_be_absent(
    org: dict[str, OrgUnit], monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    def points(request: Any, user: Any) -> Table | None:
        if not request.user.has_perm("points.view"):
            return None
        return Table("积分", ("余额",), [(f"{user.pk} 分",)])

    monkeypatch.setitem(customers._parts, "tests", points)
    monkeypatch.setitem(customers._parts, "nothing", lambda _request, _user: None)
    member = somebody(home_unit=org["B111"])
    client = browser(person(org["B111"], "clerk", ["member.view"]))

    # then
    assert f"{member.user.pk} 分" not in client.get(page(member)).content.decode()
    monkeypatch.setitem(
        customers._parts, "tests", lambda _request, user: Table("积分", ("余额",), [("7 分",)])
    )
    assert "7 分" in client.get(page(member)).content.decode()
    with pytest.raises(ValueError, match="already"):
        customers.register_customer_part("tests", points)


def test_the_page_costs_the_same_for_many_rows(org: dict[str, OrgUnit]) -> None:
    # given
    member = somebody(home_unit=org["B111"])
    client = browser(person(org["B111"], "clerk", ["member.view"]))
    save_address(member, told())
    save_record(member, PASSENGER, {"name": "王建国", "number": ID_NUMBER})
    client.get(page(member))
    with CaptureQueriesContext(connection) as few:
        client.get(page(member))

    # when
    for number in range(5):
        save_address(member, told(door=f"{number} 栋"))
        passport = {"paper": "passport", "number": f"E1234567{number}", "birth": date(1990, 3, 7)}
        save_record(member, PASSENGER, {"name": "王建国", **passport})
    with CaptureQueriesContext(connection) as many:
        client.get(page(member))

    # then
    assert len(many) == len(few)
