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
from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.admin.naming import names_of
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


def heading(answer: Any) -> str:
    found = re.search(r"<h1.*?</h1>", answer.content.decode(), re.DOTALL)
    assert found
    return " ".join(re.sub(r"<.*?>", " ", found[0]).replace("chevron_right", ">").split())


def test_a_page_is_headed_by_its_own_name_and_not_by_its_models(looker: Client) -> None:
    # given: an own page of units, their list, one of them
    chart, rows = looker.get(f"{UNITS}chart/"), looker.get(UNITS)
    row = looker.get(f"{UNITS}{rows.context['cl'].result_list[0].pk}/change/")

    # then: the list and the row are named once
    assert heading(chart) == "机构与人员 > 机构 > 组织机构图"
    assert heading(rows) == "机构与人员 > 机构"
    assert heading(row).count(">") == 2


def test_sentences_in_a_table_are_wrapped_and_figures_are_not() -> None:
    # given
    words = "2026-11-30 15:01:25办理，发车时间 2026-12-01 07:30，收取票面价的 10%，最低 0.30 元"

    # when
    told = render_to_string(
        "o2o_backoffice/table.html",
        {"table": Table("退票", ("退票单", "计费说明"), [("TP261130000000064", words)])},
    )

    # then
    assert f'<td class="o2o-long">{words}</td>' in told
    assert "<td>TP261130000000064</td>" in told


@pytest.mark.parametrize("actor", ["event:cashier.order_refunded", "task:cashier.sweep", "command:o2o_roles"])
def test_who_did_it_is_said_in_words_where_nobody_did(actor: str) -> None:
    assert names_of([actor]) == {"system": "系统", actor: "系统任务"}


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


def test_a_shopper_is_named_as_on_other_pages_and_nobody_is_the_system(looker: Client) -> None:
    # given: a shopper with a name, one without, somebody of the staff who left no record, an employee
    named = User.objects.create_user("s1@example.com", first_name="三丰", last_name="张")
    bare = User.objects.create_user("s2@example.com")
    helper = User.objects.create_user("s3@example.com", first_name="值班管理员", is_staff=True)
    employee = User.objects.get(pk=looker.session["_auth_user_id"])
    keys = [f"user:{one.pk}" for one in (named, bare, helper, employee)]

    # when
    told = names_of([*keys, "user:987654"])

    # then
    assert [told[key] for key in keys[:3]] == ["客户 张**", f"客户 {bare.pk}", "值班管理员"]
    assert told[keys[3]].endswith(employee.o2o_staff.name)  # type: ignore[attr-defined]
    assert (told["user:987654"], told["system"]) == ("用户 987654", "系统")


def test_a_select_without_a_choice_says_so_in_words() -> None:
    # given: what Django and its models put for nothing, and what a form says itself
    from django import forms

    class Form(forms.Form):
        unit = forms.ModelChoiceField(User.objects.none())
        kind = forms.ChoiceField(choices=[("", "全部"), ("a", "甲")])

    # when
    page = Form().as_p()

    # then
    assert '<option value="" selected>请选择</option>' in page and "-----" not in page
    assert '<option value="" selected>全部</option>' in page
