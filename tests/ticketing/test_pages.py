"""The pages of fee rules: who opens what, what a form keeps, what trying says."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags
from saleor.account.models import User

from plugins.org_hierarchy.models import OrgUnit
from plugins.ticketing.kernel.access import EDIT, PUBLISH, TRY, VIEW
from plugins.ticketing.kernel.models import FeeRule, SupplierAccount
from plugins.ticketing.kernel.services.rules import publish, submit
from saleor_o2o.kernel.clock import today

from ..orgs import again, person
from .fares import RULES

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
FORM = {
    "name": "站方规则", "trade": "coach", "kind": "refund", "supplier": "BUS", "priority": "0", "anchor": "departure",
    "tiers": "前2小时: 10% 最低0.3\n到点: 20%\n以后: 不办", "base": "face", "rounding": "fen", "unit": "ticket",
    "service": "never", "after_change": "own", "reason": "照站方公告", "share_infant": "0",
}  # fmt: skip


def browser(user: User | None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(again(user), backend=BACKEND)
    return client


def at(name: str, *args: Any) -> str:
    return reverse(f"admin:o2o_ticketing_feerule_{name}", args=args)


def text_of(response: Any) -> str:
    return " ".join(strip_tags(response.content.decode()).split())


def form(**changes: str) -> dict[str, str]:
    return {**FORM, "valid_from": str(today() + timedelta(days=1)), **changes}


@pytest.fixture
def rule(maker: User, checker: User) -> FeeRule:
    """In force tomorrow."""
    day = today() + timedelta(days=1)
    return publish(checker, submit(maker, RULES["公路客票退票（全国）"], {}, day, "照公告"))


ANSWERS = {
    "changelist": {"nobody": 403, "county": 200, "reader": 200, "maker": 200, "checker": 200},
    "change": {"nobody": 403, "county": 200, "reader": 200, "maker": 200, "checker": 200},
    "new": {"nobody": 403, "county": 403, "reader": 403, "maker": 200, "checker": 403},
    "version": {"nobody": 403, "county": 403, "reader": 403, "maker": 200, "checker": 403},
    "end": {"nobody": 404, "county": 403, "reader": 403, "maker": 200, "checker": 403},
    "decide": {"nobody": 404, "county": 403, "reader": 403, "maker": 200, "checker": 200},
    "try": {"nobody": 403, "county": 200, "reader": 403, "maker": 200, "checker": 200},
    "try_any": {"nobody": 403, "county": 200, "reader": 403, "maker": 200, "checker": 200},
}


@pytest.mark.parametrize("name", ANSWERS)
def test_who_opens_which_page(
    org: dict[str, OrgUnit], maker: User, checker: User, rule: FeeRule, name: str
) -> None:
    # given
    waiting = submit(maker, RULES["铁路退票"], {}, today() + timedelta(days=1), "新规则")
    people = {
        "nobody": person(org["C11"], "nobody", ["order.view"]),
        "county": person(org["C11"], "county", [VIEW, TRY, EDIT, PUBLISH]),
        "reader": person(org["CQ"], "reader", [VIEW]), "maker": maker, "checker": checker,
    }  # fmt: skip
    arguments = {"changelist": [], "new": [], "try_any": [], "decide": [waiting.pk]}.get(name, [rule.pk])

    # then
    answers = {who: browser(user).get(at(name, *arguments)).status_code for who, user in people.items()}
    assert answers == ANSWERS[name]
    assert browser(None).get(at(name, *arguments)).status_code == 302
    before = list(FeeRule.objects.order_by("pk").values())
    for who in ("nobody", "reader"):
        assert browser(people[who]).post(at(name, *arguments), form()).status_code in (200, 403, 404, 405)
    assert list(FeeRule.objects.order_by("pk").values()) == before


def test_from_typing_to_publishing(maker: User, checker: User) -> None:
    # when: looked at, submitted, published by somebody else
    looked = browser(maker).post(at("new"), {**form(), "look": "1"})
    assert "发车前2小时（含）以前：收取票面价的 10%，最低 0.30 元" in text_of(looked)
    assert not FeeRule.objects.exists()
    assert browser(maker).post(at("new"), {**form(), "submit": "1"}).status_code == 302
    row = FeeRule.objects.get()
    own = browser(maker).get(at("decide", row.pk))
    assert "须由另一位" in text_of(own)
    assert browser(checker).post(at("decide", row.pk), {"publish": "1", "note": ""}).status_code == 302

    # then
    row = FeeRule.objects.get()
    assert (row.state, row.version, row.supplier, row.says["types"]) == (
        "published",
        1,
        "BUS",
        {"infant": "0"},
    )
    page = text_of(browser(maker).get(at("change", row.pk)))
    assert "发车以后：不予退票" in page
    assert "照站方公告" in page
    # a version that follows begins with its values
    assert "前2小时: 10% 最低0.3" in browser(maker).get(at("version", row.pk)).content.decode()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"tiers": "前2小时: 10%"}, "发车前2小时以后没有规定"),
        ({"tiers": "前2小时 10%"}, "看不懂"),
        ({"tiers": "前2小时: 120%\n以后: 不办"}, "不超过 100"),
        ({"windows": "春运: 不办"}, "应写成"),
        ({"floor": "5%"}, "同时填写"),
        ({"base": "lower"}, "只用于改签"),
        ({"valid_from": "2020-01-01"}, "最早为明天"),
        ({"reason": ""}, "请填写事由"),
        ({"grace": "很久"}, "时长应如"),
        ({"trade": "ferry"}, "不在可用的选项中"),
    ],
)
def test_what_is_refused_keeps_what_was_typed(maker: User, changes: dict[str, str], words: str) -> None:
    # when
    response = browser(maker).post(at("new"), {**form(name="自家规则"), **changes, "submit": "1"})

    # then
    assert response.status_code == 200
    assert words in text_of(response)
    assert "自家规则" in response.content.decode()
    assert not FeeRule.objects.exists()


def test_trying_says_the_fee_the_tier_and_the_sentence(checker: User, rule: FeeRule) -> None:
    # given
    told = {
        "rule": str(rule.pk), "face": "86", "anchor": "2026-12-20 09:30", "at": "2026-12-20 07:30:01",
        "passenger": "adult", "service": "2",
    }  # fmt: skip

    # when
    page = text_of(browser(checker).post(at("try", rule.pk), told))
    closed = text_of(browser(checker).post(at("try", rule.pk), {**told, "at": "2026-12-20 10:00"}))
    wrong = browser(checker).post(at("try", rule.pk), {**told, "at": "昨天", "face": "-1"})

    # then
    assert "手续费17.20 元应退68.80 元" in page
    assert "▶ 第 2 档" in page
    assert "提前1小时59分钟59秒：收取票面价的 20%，最低 0.50 元" in page
    assert "不能办理" in closed
    assert (wrong.status_code, "时间应如" in text_of(wrong)) == (200, True)


def test_a_rule_that_cannot_be_read_breaks_no_page(maker: User, checker: User) -> None:
    # given: as a row from elsewhere may be
    row = FeeRule.objects.create(
        name="旧", trade="coach", kind="refund", valid_from=today(), says={"v": 9}, reason="旧", state="published"
    )  # fmt: skip

    # then
    for name in ("change", "version", "try"):
        assert browser(maker).get(at(name, row.pk)).status_code == 200
    assert "无法读取" in text_of(browser(maker).get(at("change", row.pk)))
    told = {
        "rule": str(row.pk),
        "face": "1",
        "anchor": "2026-12-20",
        "at": "2026-12-20",
        "passenger": "adult",
    }
    assert "无法读取" in text_of(browser(checker).post(at("try", row.pk), told))


@pytest.mark.parametrize(
    ("trade", "scope", "words"),
    [
        ("coach", {"supplier": "BUS", "product": "EXTRA", "ticket_class": "half"}, "供应商 BUS，"),
        (
            "coach",
            {"supplier": "", "line": "NO-LINE", "session": "NO-BUS"},
            "线路 NO-LINE、班次/场次 NO-BUS，",
        ),
        ("coach", {"supplier": "", "cabin": "Y"}, "舱位/席别 Y，"),
        ("coach", {"supplier": "", "ticket_class": "FULL"}, "票类 FULL，"),
        ("coach", {"supplier": "", "product": "EXTRA", "ticket_class": "full"}, ""),
        ("scenic", {"supplier": "", "product": "no-park", "session": "x"}, "产品 no-park、班次/场次 x，"),
        ("scenic", {"supplier": "", "session": "9" * 40}, f"班次/场次 {'9' * 40}，"),
        # nobody tells what codes there are
        ("rail", {"line": "G"}, ""),
    ],
)
def test_a_code_that_nothing_has_is_told_to_both(
    trade: str, scope: dict[str, str], words: str, maker: User, checker: User
) -> None:
    # when: looked at, submitted, decided by somebody else
    told = form(trade=trade, **scope)
    looked = text_of(browser(maker).post(at("new"), {**told, "look": "1"}))
    done = text_of(browser(maker).post(at("new"), {**told, "submit": "1"}, follow=True))
    decided = text_of(browser(checker).get(at("decide", FeeRule.objects.get().pk)))

    # then
    for page in (looked, done, decided):
        assert ("这条规则对哪张票都不起作用" in page, f"现在没有{words}" in page) == (
            (True, True) if words else (False, False)
        )


def test_a_code_that_something_has_is_not_doubted(maker: User) -> None:
    # given
    SupplierAccount.objects.create(code="BUS", name="客票网", trade="coach", adapter="test-bus")

    # when
    looked = text_of(browser(maker).post(at("new"), {**form(), "look": "1"}))

    # then
    assert "对哪张票都不起作用" not in looked
