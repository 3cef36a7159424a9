"""Coupons for points: given and paid for together, once for each request; the last one to one member only."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from plugins.coupons.models import Coupon, CouponTemplate
from plugins.coupons.services import giving
from plugins.coupons.services.templates import move_template
from plugins.loyalty.kinds import Book
from plugins.loyalty.models import Entry
from plugins.members.interfaces import MemberStatus
from plugins.points_mall.models import CouponSwap
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.models import AuditEntry
from tests.buying.shopper import ask
from tests.loyalty.conftest import purse_of, sound
from tests.members.asking import somebody
from tests.orgs import person
from tests.threads import meeting, together

from .conftest import D, Mall, load_points
from .test_pages import RIGHTS, desk, page

OFFERS = "{ pointsMallCoupons { code title terms kind points mine short refusal } }"
SWAP = """mutation($code: String!, $key: String!) { pointsCouponSwap(code: $code, key: $key) {
  number errors { code field message hint } } }"""
MINE = "{ myCoupons { number title mode } }"


def template_of(mall: Mall, **terms: Any) -> CouponTemplate:
    """Three yuan off twenty, published."""
    told = {"threshold": D(20), "amount": D(3), "valid_days": 30, "per_member": 2, **terms}
    made = CouponTemplate.objects.create(
        code="SWAP", name="三元券", owner=mall.shop.org["CQ"], kind="amount", **told
    )
    move_template(made, "publish")
    return made


def swap_of(mall: Mall, template: CouponTemplate | None = None, **terms: Any) -> CouponSwap:
    """Two hundred points, unless said otherwise."""
    told = {"code": "DQ1", "points": 200, "owner": mall.shop.org["CQ"], **terms}
    return CouponSwap.objects.create(template=template or template_of(mall), **told)


def take(user: Any, key: str = "", code: str = "DQ1") -> dict[str, Any]:
    """What the API says."""
    found: dict[str, Any] = ask(SWAP, {"code": code, "key": key or secrets.token_hex(8)}, user)[
        "pointsCouponSwap"
    ]
    return found


def test_points_become_a_coupon_and_a_repeated_request_costs_nothing(mall: Mall) -> None:
    # given
    swap_of(mall)

    # when
    first, again = take(mall.shop.shopper, "k1"), take(mall.shop.shopper, "k1")
    second = take(mall.shop.shopper, "k2")

    # then
    assert first["errors"] == [] and again == first and second["number"] != first["number"]
    assert purse_of(mall.member) == (600, 0)
    own = ask(MINE, {}, mall.shop.shopper)["myCoupons"]
    assert {(one["title"], one["mode"]) for one in own} == {("三元券", "POINTS")} and len(own) == 2
    assert Entry.objects.filter(book=Book.POINTS, biz_type="gift_for_points").count() == 2
    sound()


def test_what_stands_in_the_way_is_said_before_and_after(mall: Mall) -> None:
    # given one that may be had, one that is too dear, one that is over
    swap_of(mall)
    template = CouponTemplate.objects.get()
    swap_of(mall, template, code="DQ2", points=1300)
    swap_of(mall, template, code="DQ3", opens_at=now() - timedelta(2), closes_at=now() - timedelta(1))

    # when
    shown = ask(OFFERS, {}, mall.shop.shopper)["pointsMallCoupons"]

    # then
    assert [(one["code"], one["short"], one["refusal"], one["kind"]) for one in shown] == [
        ("DQ1", 0, None, "AMOUNT"),
        ("DQ2", 300, None, "AMOUNT"),
    ]
    assert [one["short"] for one in ask(OFFERS, {}, None)["pointsMallCoupons"]] == [0, 0]
    for code, why in (("DQ2", "POINTS_SHORT"), ("DQ3", "NOT_OFFERED"), ("NONE", "NOT_OFFERED")):
        [error] = take(mall.shop.shopper, code=code)["errors"]
        assert (error["code"], error["field"]) == (why, "code") and error["hint"]
    assert take(None)["errors"][0]["code"] == "SIGN_IN_REQUIRED"
    assert take(mall.shop.shopper, key=" ")["errors"][0]["code"] == "KEY_REQUIRED"
    assert take(mall.shop.shopper, key="x" * 41)["errors"][0]["code"] == "KEY_REQUIRED"
    assert purse_of(mall.member) == (1000, 0) and not Coupon.objects.exists()


def test_limits_are_the_coupons_own(mall: Mall) -> None:
    # given
    swap_of(mall, points=1)
    for _ in range(2):
        assert take(mall.shop.shopper)["errors"] == []

    # when
    third = take(mall.shop.shopper)

    # then
    assert third["errors"][0]["code"] == "LIMIT_REACHED" and purse_of(mall.member) == (998, 0)
    assert (
        ask(OFFERS, {}, mall.shop.shopper)["pointsMallCoupons"][0]["refusal"] == "每人限 2 张，您已有过 2 张"
    )


def test_the_frozen_keep_their_points(mall: Mall) -> None:
    # given
    swap_of(mall)
    type(mall.member).objects.filter(pk=mall.member.pk).update(status=MemberStatus.FROZEN)

    # when
    told = take(mall.shop.shopper)

    # then
    assert told["errors"][0]["code"] == "MEMBER_NOT_ACTIVE" and purse_of(mall.member) == (1000, 0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("locked", [True, False])
def test_eight_members_want_the_last_two(mall: Mall, monkeypatch: pytest.MonkeyPatch, locked: bool) -> None:
    # given
    swap_of(mall, template_of(mall, quantity=2))
    people = [somebody(f"+86138000010{number:02}") for number in range(8)]
    for number, member in enumerate(people):
        load_points(member, 200, mall.shop.org["B121"], f"gift{number}")
    if not locked:
        wait = meeting(len(people))

        def unlocked(template_id: int) -> CouponTemplate | None:
            found = CouponTemplate.objects.filter(pk=template_id).first()
            wait()
            return found

        monkeypatch.setattr(giving, "lock_template", unlocked)

    # when
    told = together(*[lambda member=member: take(member.user) for member in people])

    # then
    had = sum(not one["errors"] for one in told)
    left = sum(purse_of(member)[0] for member in people)
    assert (had, left) == ((2, 1200) if locked else (8, 0))
    assert {one["errors"][0]["code"] for one in told if one["errors"]} == ({"GONE"} if locked else set())


def test_put_up_and_ended_but_never_rewritten(mall: Mall) -> None:
    # given
    county: Client = desk(person(mall.shop.org["C11"], "county_ops", (*RIGHTS, "coupon.view")))
    template = template_of(mall)
    CouponTemplate.objects.update(owner=mall.shop.org["C11"])
    form = {
        "template": str(template.pk), "owner": str(mall.shop.org["C11"].pk), "points": "200",
        "opens_at_0": "2026-01-01", "opens_at_1": "00:00",
    }  # fmt: skip

    # when
    wrong = county.post(page("couponswap_add"), {**form, "closes_at_0": "2025-01-01", "closes_at_1": "00:00"})
    made = county.post(page("couponswap_add"), form)
    row = CouponSwap.objects.get()
    changed = county.post(
        page("couponswap_change", row.pk),
        {"points": "1", "closes_at_0": "2027-01-01", "closes_at_1": "00:00"},
    )

    # then
    assert (
        "结束时间须晚于开始时间" in wrong.content.decode() and made.status_code == changed.status_code == 302
    )
    row.refresh_from_db()
    assert (row.points, row.closes_at is not None, row.code[:2]) == (200, True, "DQ")
    assert AuditEntry.objects.filter(action="points_mall.swap_changed").count() == 2
    listed = county.get(page("couponswap_changelist")).content.decode()
    assert row.code in listed and "三元券（满 ¥20.00 减 ¥3.00）" in listed


def test_a_coupon_that_is_not_given_is_not_put_up(mall: Mall) -> None:
    # given
    template = template_of(mall)
    move_template(template, "pause")
    form = {
        "template": str(template.pk), "owner": str(mall.shop.org["CQ"].pk), "points": "200",
        "opens_at_0": "2026-01-01", "opens_at_1": "00:00",
    }  # fmt: skip

    # when
    answer = desk(mall.shop.world.admin).post(page("couponswap_add"), form)

    # then
    assert "不在发放中" in answer.content.decode() and not CouponSwap.objects.exists()
