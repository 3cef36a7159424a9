"""The pages and the API: who opens what, what a form keeps, what a file brings, what waits on the home page."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from saleor.account.models import User
from saleor.order.models import Order
from saleor.product.models import Category

from plugins.commissions.access import CALCULATE, CONFIRM, EDIT, EXPORT, IMPORT, VIEW
from plugins.commissions.models import CommissionPlan, CommissionRule, RateChange
from plugins.commissions.services.changes import submit
from plugins.commissions.snapshots import order_written
from plugins.commissions.todo import todo
from plugins.org_hierarchy.models import OrgUnit
from saleor_o2o.kernel.clock import SHANGHAI, frozen
from saleor_o2o.kernel.scope import rows_for

from ..buying.shopper import post
from ..orgs import again, person
from ..stock.world import gid
from .rates import install, plan_of, rule

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
JULY = date(2026, 7, 1)
RULE = {
    "business": "retail", "category": "", "channel_type": "", "kind": "ratio", "base": "paid", "tier_mode": "whole",
    "tier_measure": "amount", "rate_1": "14", "rate_4": "9", "valid_from": "2026-07-01", "sample": "100 39.9",
    "reason": "调整零售费率",
}  # fmt: skip


@pytest.fixture(autouse=True)
def clock() -> Any:
    with frozen(datetime(2026, 6, 15, 12, tzinfo=SHANGHAI)):
        yield


def browser(user: User | None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(again(user), backend=BACKEND)
    return client


def at(name: str, *args: Any) -> str:
    return reverse(f"admin:o2o_commissions_{name}", args=args)


@pytest.fixture
def manager(org: dict[str, OrgUnit]) -> User:
    return person(
        org["CQ"], "manager", [VIEW, CALCULATE, EDIT, CONFIRM, IMPORT, EXPORT, "order.view", "org_unit.view"]
    )


@pytest.fixture
def people(org: dict[str, OrgUnit], manager: User) -> dict[str, User | None]:
    return {
        "anonymous": None,
        "shopper": User.objects.create_user("x@example.com", "pass-word"),
        "nobody": person(org["C11"], "nobody", ["order.view"]),
        "county": person(
            org["C11"],
            "county",
            [VIEW, CALCULATE, EDIT, CONFIRM, IMPORT, EXPORT, "order.view", "org_unit.view"],
        ),
        "reader": person(org["CQ"], "reader", [VIEW]),
        "manager": manager,
    }


#: Who gets which answer from pages about the city's plan, its rule, a change of it, and an order of county C12.
ANSWERS = {
    "commissionplan_changelist": {"nobody": 403, "county": 200, "reader": 200, "manager": 200},
    "commissionplan_change": {"nobody": 403, "county": 200, "reader": 200, "manager": 200},
    "commissionrule_changelist": {"nobody": 403, "county": 200, "reader": 200, "manager": 200},
    "commissionrule_change": {"nobody": 403, "county": 200, "reader": 200, "manager": 200},
    "ratechange_changelist": {"nobody": 403, "county": 200, "reader": 200, "manager": 200},
    "ratechange_change": {"nobody": 403, "county": 404, "reader": 200, "manager": 200},
    "change_decide": {"nobody": 404, "county": 404, "reader": 200, "manager": 200},
    "rule_new": {"nobody": 404, "county": 403, "reader": 403, "manager": 200},
    "rule_version": {"nobody": 404, "county": 403, "reader": 403, "manager": 200},
    "rule_end": {"nobody": 404, "county": 403, "reader": 403, "manager": 200},
    "plan_new": {"nobody": 403, "county": 200, "reader": 403, "manager": 200},
    "plan_import": {"nobody": 404, "county": 403, "reader": 403, "manager": 200},
    "plan_export": {"nobody": 404, "county": 403, "reader": 403, "manager": 200},
    "calculator": {"nobody": 403, "county": 200, "reader": 403, "manager": 200},
    "category_put": {"nobody": 403, "county": 403, "reader": 403, "manager": 200},
    "explain": {"nobody": 403, "county": 404, "reader": 404, "manager": 200},
}


@pytest.mark.parametrize("name", ANSWERS)
def test_who_opens_which_page(
    org: dict[str, OrgUnit], standard: CommissionPlan, fruit: Category, people: dict[str, User | None],
    manager: User, order_at: Callable[..., Order], name: str,
) -> None:  # fmt: skip
    # given
    change = submit(manager, standard, [rule({1: "20"}, valid_from=JULY)], "调整")
    row = CommissionRule.objects.filter(in_force=True).first()
    assert row is not None
    arguments: dict[str, list[Any]] = {
        "commissionplan_change": [standard.pk], "commissionrule_change": [row.pk], "ratechange_change": [change.pk],
        "change_decide": [change.pk], "rule_new": [standard.pk], "rule_version": [row.pk], "rule_end": [row.pk],
        "plan_import": [standard.pk], "plan_export": [standard.pk],
    }  # fmt: skip
    if name == "explain":
        order = order_at(org["O1211"])
        order_written(order, None)
        arguments[name] = [order.pk]
    address = at(name, *arguments.get(name, []))

    for who, user in people.items():
        # when
        answer = browser(user).get(address)

        # then
        expected = ANSWERS[name].get(who, 302)
        assert answer.status_code == expected, who
        if expected == 302:
            assert answer.url.startswith("/admin/login/")


def test_a_rule_is_looked_at_then_submitted_then_confirmed_by_another(
    org: dict[str, OrgUnit], standard: CommissionPlan, manager: User
) -> None:
    # given
    page, address = browser(manager), at("rule_new", standard.pk)

    # when: a look writes nothing and shows before and after
    looked = page.post(address, {**RULE, "look": "1"})
    assert RateChange.objects.count() == 1
    html = looked.content.decode()
    assert "12.00" in html and "14.00" in html and 'name="submit"' in html

    # when
    sent = page.post(address, {**RULE, "submit": "1"})
    change = RateChange.objects.get(state="pending")
    assert sent.url == at("ratechange_change", change.pk)

    # then: his own page offers to take it back only, and his own word is refused
    decide = at("change_decide", change.pk)
    assert 'name="confirm"' not in page.get(decide).content.decode()
    page.post(decide, {"confirm": "1", "note": ""})
    assert RateChange.objects.get(pk=change.pk).state == "pending"

    # when: another one; it waits on his home page
    other = person(org["CQ"], "other", [VIEW, CONFIRM])
    [waiting] = todo(again(other))
    assert (waiting.href, waiting.note) == (decide, "调整零售费率")
    assert todo(again(manager)) == []
    browser(other).post(decide, {"confirm": "1", "note": "同意"})

    # then
    assert RateChange.objects.get(pk=change.pk).state == "confirmed"
    assert CommissionRule.objects.get(change=change).in_force
    assert todo(again(other)) == []


def test_refusing_needs_a_reason(org: dict[str, OrgUnit], standard: CommissionPlan, manager: User) -> None:
    # given
    change = submit(manager, standard, [rule({1: "20"}, valid_from=JULY)], "调整")
    other = browser(person(org["CQ"], "other", [VIEW, CONFIRM]))

    # then
    assert "请填写原因" in other.post(at("change_decide", change.pk), {"refuse": "1"}).content.decode()
    other.post(at("change_decide", change.pk), {"refuse": "1", "note": "毛利不足"})
    assert RateChange.objects.get(pk=change.pk).note == "毛利不足"


WRONG = [
    ({"rate_1": "8"}, "高于上级"),
    ({"rate_1": "abc"}, "14"),
    ({"rate_1": "101", "rate_4": ""}, "0 至 100"),
    ({"valid_from": "2026-06-15"}, "最早为 2026-06-16"),
    ({"valid_from": "下月"}, "errorlist"),
    ({"kind": "tiered", "tiers": ""}, "请填写各档"),
    ({"kind": "tiered", "tiers": "0: 10/9"}, "共 6 级"),
    ({"kind": "tiered", "tiers": "0: 10/9/8/x/6/5"}, "不是数字"),
    ({"kind": "tiered", "tiers": "0: NaN/9/8/7/6/5"}, "不是数字"),
    ({"cap": "1", "floor": "2"}, "封顶低于保底"),
    ({"category": "999999"}, "errorlist"),
    ({"sample": "1e99"}, "超出范围"),
    ({"reason": ""}, "请填写原因"),
    ({"business": "<script>"}, "errorlist"),
]


@pytest.mark.parametrize(("wrong", "words"), WRONG)
def test_a_form_with_a_mistake_keeps_what_was_typed(
    standard: CommissionPlan, manager: User, wrong: dict[str, str], words: str
) -> None:
    # when
    answer = browser(manager).post(at("rule_new", standard.pk), {**RULE, **wrong, "submit": "1"})

    # then
    assert answer.status_code == 200
    html = answer.content.decode()
    assert (words in html) or "text-red-" in html
    assert 'value="调整零售费率"' in html or "reason" in wrong
    assert RateChange.objects.count() == 1


def test_the_calculator_explains_and_keeps_the_question_in_the_address(
    org: dict[str, OrgUnit], standard: CommissionPlan, manager: User
) -> None:
    # given
    question = {
        "unit": "O1111", "business": "produce", "on_date": "2026-06-15", "paid": "79.80", "quantity": "2",
        "operator": "小李",
    }  # fmt: skip

    # when
    html = browser(manager).get(at("calculator"), question).content.decode()

    # then
    assert "¥9.58" in html and "小李" in html and "79.8 × 12% = 9.576" in html

    # and what cannot be is said at its field
    for wrong, words in (
        ({"unit": "ZZ"}, "没有这个机构"),
        ({"channel": "NONE"}, "没有这个渠道"),
        ({"paid": "-1"}, "金额不能为负数"),
        ({"paid": "1.001"}, "paid"),
        ({"paid": "NaN"}, "paid"),
        ({"quantity": "0"}, "quantity"),
        ({"on_date": "x"}, "on_date"),
    ):
        answer = browser(manager).get(at("calculator"), {**question, **wrong})
        assert answer.status_code == 200
        assert words in answer.content.decode()
        assert "o2o-comm-tree" not in answer.content.decode()


def test_a_county_calculates_its_own_units_only(
    people: dict[str, User | None], standard: CommissionPlan
) -> None:
    # given
    question = {"business": "retail", "on_date": "2026-06-15", "paid": "100", "quantity": "1"}

    # then
    for code, seen in (("O1111", True), ("O1211", False), ("CQ", False)):
        html = browser(people["county"]).get(at("calculator"), {**question, "unit": code}).content.decode()
        assert ("o2o-comm-tree" in html) is seen


def test_plans_above_are_seen_plans_beside_are_not(
    org: dict[str, OrgUnit], standard: CommissionPlan, people: dict[str, User | None]
) -> None:
    # given
    own, beside = plan_of(org["C11"], "C11-OWN"), plan_of(org["C12"], "C12-OWN")
    area, below = plan_of(org["A1"], "A1-OWN"), plan_of(org["B111"], "B111-OWN")
    county = people["county"]
    assert county is not None

    # then
    assert set(rows_for(again(county), CommissionPlan)) == {standard, own, area, below}
    assert browser(county).get(at("commissionplan_change", beside.pk)).status_code == 404
    assert browser(county).get(at("rule_new", area.pk)).status_code == 403
    assert browser(county).get(at("rule_new", below.pk)).status_code == 200


def workbook(plan: CommissionPlan, manager: User) -> Any:
    answer = browser(manager).get(at("plan_export", plan.pk))
    return load_workbook(io.BytesIO(answer.content))


def send(manager: User, plan: CommissionPlan, book: Any) -> str:
    out = io.BytesIO()
    book.save(out)
    file = SimpleUploadedFile("rules.xlsx", out.getvalue())
    answer = browser(manager).post(at("plan_import", plan.pk), {"file": file, "reason": "年度调整"})
    assert answer.status_code == 200
    return str(answer.content.decode())


def looked(html: str) -> str:
    return html.split('name="looked" value="')[1].split('"')[0]


def test_what_was_taken_out_comes_in_again_as_one_change(
    standard: CommissionPlan, manager: User, fruit: Category
) -> None:
    # given: the plan's rules, all from July on, one with tiers added
    book = workbook(standard, manager)
    sheet = book.active
    for cell in sheet["Q"][1:]:
        cell.value = JULY
    tiered = [
        "农产品",
        "水果",
        "社区微店",
        "阶梯比例",
        "实付",
        "超额累进",
        "月销售额（元）",
        0,
        12,
        11,
        None,
        9,
        8,
        None,
    ]
    sheet.append([*tiered, None, None, "2026/07/01", "2026-12-31"])
    sheet.append([*[None] * 7, 5000, 0.14, 12, None, 10, 9])
    sheet["I5"].number_format = "0%"

    # when
    html = send(manager, standard, book)
    assert RateChange.objects.count() == 1
    answer = browser(manager).post(at("plan_import", standard.pk), {"looked": looked(html)})

    # then
    change = RateChange.objects.get(state="pending")
    assert answer.url == at("ratechange_change", change.pk)
    assert change.rules.count() == 3
    made = change.rules.get(kind="tiered")
    assert made.category_id == fruit.pk
    assert (made.valid_from, made.valid_to) == (JULY, date(2026, 12, 31))
    assert made.tiers == [
        {"from": "0", "rates": {"1": "12", "2": "11", "4": "9", "5": "8"}},
        {"from": "5000", "rates": {"1": "14.00", "2": "12", "4": "10", "5": "9"}},
    ]


def test_one_wrong_row_and_nothing_comes_in(standard: CommissionPlan, manager: User, fruit: Category) -> None:
    # given
    book = workbook(standard, manager)
    for cell in book.active["Q"][1:]:
        cell.value = JULY
    wrong = ["票务", "没有的分类", "天上", "每票/每件", None, None, None, None, "两元"]
    book.active.append([*wrong, *[None] * 7, "昨天"])

    # when
    html = send(manager, standard, book)

    # then: every mistake of the row is told
    for words in ("没有的分类", "天上", "两元", "昨天", "1 条有错误"):
        assert words in html
    assert 'name="looked"' not in html
    assert RateChange.objects.count() == 1


def test_files_that_are_none(standard: CommissionPlan, manager: User) -> None:
    # given
    page, address = browser(manager), at("plan_import", standard.pk)

    # then
    for content, words in ((b"", "errors"), (b"PK\x03\x04broken", "不是 Excel"), (b"a,b", "不是 Excel")):
        answer = page.post(address, {"file": SimpleUploadedFile("x.xlsx", content), "reason": "导入"})
        assert answer.status_code == 200
        assert words in answer.content.decode()
    for forged in ("x", "eyJ9:1:2"):
        assert page.post(address, {"looked": forged}).url == address
    assert RateChange.objects.count() == 1


def test_a_looked_at_file_is_for_him_who_looked(
    org: dict[str, OrgUnit], standard: CommissionPlan, manager: User
) -> None:
    # given
    book = workbook(standard, manager)
    for cell in book.active["Q"][1:]:
        cell.value = JULY
    kept = looked(send(manager, standard, book))
    other = person(org["CQ"], "other", [VIEW, EDIT, IMPORT])

    # when
    browser(other).post(at("plan_import", standard.pk), {"looked": kept})

    # then
    assert RateChange.objects.count() == 1


EXPLAIN = """query($id: ID!) { commissionExplain(orderId: $id) { onDate state total text
  lines { name paid quantity business result { total remainder steps rules { plan version }
  parts { rank rankLabel name amount steps } } } } }"""
CALCULATION = """query($input: CommissionSaleInput!) { commissionCalculate(input: $input) {
  total parts { rank amount } text } }"""


def test_the_api_explains_orders_in_scope(
    org: dict[str, OrgUnit], standard: CommissionPlan, fruit: Category, people: dict[str, User | None],
    order_at: Callable[..., Order],
) -> None:  # fmt: skip
    # given
    near, far = order_at(org["O1111"]), order_at(org["O1211"])

    # when
    answer = post(EXPLAIN, {"id": gid("Order", near)}, people["county"])

    # then
    found = answer["data"]["commissionExplain"]
    assert (found["total"], found["state"]) == (9.58, "OPEN")
    [line] = found["lines"]
    assert [part["rank"] for part in line["result"]["parts"]] == [
        "CITY",
        "AREA",
        "COUNTY",
        "BRANCH",
        "OUTLET",
    ]
    assert line["business"] == "PRODUCE"

    # and nobody else's
    refusals = {
        "county": (far, "NOT_FOUND"),
        "nobody": (near, "PERMISSION_DENIED"),
        "shopper": (near, "PERMISSION_DENIED"),
    }
    for who, (order, code) in refusals.items():
        answer = post(EXPLAIN, {"id": gid("Order", order)}, people[who])
        assert answer["data"]["commissionExplain"] is None
        assert (
            answer["errors"][0]["extensions"].get(
                "code", answer["errors"][0]["extensions"]["exception"]["code"]
            )
            == code
        )
    answer = post(EXPLAIN, {"id": gid("Order", near)})
    assert answer["data"]["commissionExplain"] is None


def test_the_api_calculates(
    standard: CommissionPlan, fruit: Category, people: dict[str, User | None]
) -> None:
    # given
    sale = {"unitCode": "O1111", "business": "PRODUCE", "paid": "79.80", "categoryId": gid("Category", fruit)}

    # then
    answer = post(CALCULATION, {"input": sale}, people["county"])
    assert answer["data"]["commissionCalculate"]["total"] == 9.58
    for wrong in (
        {"unitCode": "O1211"}, {"paid": "-1"}, {"paid": "1.001"}, {"quantity": 0}, {"channelCode": "X"},
        {"categoryId": gid("Category", 404)}, {"categoryId": gid("Category", "x")}, {"categoryId": "x"},
    ):  # fmt: skip
        answer = post(CALCULATION, {"input": {**sale, **wrong}}, people["county"])
        assert answer["data"]["commissionCalculate"] is None
        assert "INTERNAL_ERROR" not in json.dumps(answer)


def test_lists_cost_the_same_with_more_rows(
    org: dict[str, OrgUnit], standard: CommissionPlan, manager: User, django_assert_max_num_queries: Any
) -> None:
    # given
    install(standard, *[rule(business="retail", channel_type=f"type-{number}") for number in range(30)])
    page = browser(manager)

    # then
    for name, most in (("commissionplan_changelist", 25), ("commissionrule_changelist", 25)):
        page.get(at(name))
        with django_assert_max_num_queries(most):
            assert page.get(at(name)).status_code == 200


@pytest.mark.parametrize(("who", "shown"), [("nobody", False), ("manager", True)])
def test_an_orders_page_leads_to_its_commission(
    org: dict[str, OrgUnit], standard: CommissionPlan, fruit: Category, people: dict[str, User | None],
    order_at: Callable[..., Order], who: str, shown: bool,
) -> None:  # fmt: skip
    # given: an order of the county of both
    order = order_at(org["O1111"])

    # when
    page = browser(people[who]).get(reverse("admin:o2o_backoffice_order_change", args=[order.pk]))

    # then
    assert page.status_code == 200
    assert ("佣金说明" in page.content.decode()) is shown
    assert (at("explain", order.pk) in page.content.decode()) is shown
