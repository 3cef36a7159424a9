"""What pages are called, which entry of the navigation is lit, and what is said instead of a page."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import reverse
from saleor.account.models import User

from saleor_o2o.backoffice import unfold
from tests.orgs import person, small_org

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
UNITS = "/admin/o2o_org_hierarchy/orgunit/"


@pytest.fixture
def looker() -> Client:
    user: User = person(small_org()["C11"], "looker", ["org_unit.view", "org_unit.edit", "order.view"])
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def title(answer: Any) -> str:
    found = re.search(r"<title>(.*?)</title>", answer.content.decode(), re.DOTALL)
    assert found
    return " ".join(found[1].split())


def test_lists_and_rows_are_called_by_what_they_show(looker: Client) -> None:
    # given
    rows = looker.get(UNITS)
    [key] = {int(found) for found in re.findall(rf"{UNITS}(\d+)/change/", rows.content.decode())} & {
        int(row.pk) for row in rows.context["cl"].result_list if row.code == "C11"
    }

    # then
    assert title(rows) == "机构 | 渝邮生活·管理后台"
    assert title(looker.get(f"{UNITS}{key}/change/")) == "C11 甲县中心 | 机构 | 渝邮生活·管理后台"


@pytest.mark.parametrize(
    ("path", "lit"),
    [
        ("orgunit/", "机构"),
        ("orgunit/7/change/", "机构"),
        ("orgunit/chart/", "组织机构图"),
        ("orgunit/map/", "机构地图"),
        ("staff/hire/", "人员"),
    ],
)
def test_one_entry_is_lit(path: str, lit: str) -> None:
    # given
    from saleor_o2o.composition import active

    request = RequestFactory().get(f"/admin/o2o_org_hierarchy/{path}")

    # then
    entries = [one for group in unfold.navigation(active()) for one in group["items"]]
    assert [one["title"] for one in entries if one["active"](request)] == [lit]


def test_the_home_page_lights_itself_alone() -> None:
    # given
    from saleor_o2o.composition import active

    home = RequestFactory().get(reverse("admin:index"))
    nowhere = RequestFactory().get("/graphql/")

    # then
    entries = [one for group in unfold.navigation(active()) for one in group["items"]]
    assert [one["title"] for one in entries if one["active"](home)] == ["工作台"]
    assert [one["title"] for one in entries if one["active"](nowhere)] == []


def test_what_is_said_instead_of_a_page(looker: Client, settings: Any) -> None:
    # given
    settings.DEBUG = False
    forger = Client(enforce_csrf_checks=True)

    # when
    forbidden, missing = (
        looker.get("/admin/o2o_org_hierarchy/staff/hire/"),
        looker.get(f"{UNITS}987654/change/"),
    )
    stale = forger.post("/admin/login/", {"username": "a", "password": "b"})

    # then: in words, with the status that programs read, and a way back
    for answer, status, words in (
        (forbidden, 403, "您没有打开这一页的权限"),
        (missing, 404, "没有找到这一页"),
        (stale, 403, "页面已经过期"),
    ):
        assert answer.status_code == status
        assert title(answer) == f"{words} | 渝邮生活"
        assert 'href="/admin/"' in answer.content.decode()
    assert "系统出了问题" in render_to_string("500.html")
    assert "无法处理这个请求" in render_to_string("400.html")


def test_the_navigation_holds_what_may_be_opened_and_nothing_else(looker: Client) -> None:
    # given
    from saleor_o2o.composition import active

    request = RequestFactory().get(UNITS)
    request.user = User.objects.get(pk=looker.session["_auth_user_id"])

    # when
    groups = unfold.shown(unfold.navigation(active()))(request)

    # then: plain values, no group without an entry, and the very entries whose permission says yes
    entries = [one for group in groups for one in group["items"]]
    allowed = [
        str(one["link"])
        for group in unfold.navigation(active())
        for one in group["items"]
        if one.get("permission", lambda request: True)(request)
    ]
    assert [one["link"] for one in entries] == allowed
    assert all(group["items"] for group in groups)
    assert [one["title"] for one in entries if one["active"] is True] == ["机构"]
    assert UNITS in allowed
    assert reverse("admin:o2o_kernel_auditentry_changelist") not in allowed
