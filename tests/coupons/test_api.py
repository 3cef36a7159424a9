"""Who may do what over the API, asserting that nothing changed where somebody may not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from saleor.account.models import User

from plugins.channels.events import CodeScanned
from plugins.channels.types import ChannelStatus, ChannelType
from plugins.coupons.choices import Mode
from plugins.coupons.models import Coupon, CouponGiving
from plugins.members.interfaces import Member
from plugins.org_hierarchy.interfaces import closing_blockers, customer_erasures
from saleor_o2o.kernel.clock import frozen, now
from saleor_o2o.kernel.events import publish
from tests.buying.shopper import ask
from tests.ordering.conftest import Mall
from tests.orgs import person

from .conftest import Make, pocket, state_of

CENTRE = "{ couponCentre { id title terms gone mine perMember } }"
CLAIM = """mutation($id: ID!, $key: String) { couponClaim(id: $id, key: $key) {
  coupons { number title state } errors { code message } } }"""
MINE = "query($state: CouponState) { myCoupons(state: $state) { number state stateLabel terms mode } }"
GIVE = """mutation($template: String!, $members: [String!]!, $reason: String!, $key: String!) {
  couponGive(template: $template, members: $members, reason: $reason, key: $key) {
    coupons { number } errors { code } } }"""
VOID = """mutation($numbers: [String!]!, $reason: String!) { couponVoid(numbers: $numbers, reason: $reason) {
  coupons { state } errors { code } } }"""
SEE = "query($member: String!) { coupons(member: $member) { number } }"
SCAN = "mutation($code: String!) { couponScan(code: $code) { coupons { mode } fresh errors { code } } }"


def test_claim_and_look(mall: Mall, template: Make, member: Member) -> None:
    # given
    opened = CouponGiving.objects.create(template=template(per_member=1, quantity=1))
    shopper = mall.world.customer

    # when nobody, then the member, twice with one key, then without
    (offer,) = ask(CENTRE, {})["couponCentre"]
    nobody = ask(CLAIM, {"id": offer["id"]})["couponClaim"]
    taken = [ask(CLAIM, {"id": offer["id"], "key": "k1"}, shopper)["couponClaim"] for _tap in range(2)]
    more = ask(CLAIM, {"id": offer["id"], "key": "k2"}, shopper)["couponClaim"]
    (after,) = ask(CENTRE, {}, shopper)["couponCentre"]

    # then
    assert offer == {
        "id": str(opened.pk), "title": "券 T1", "terms": "满 ¥100.00 减 ¥10.00", "gone": False, "mine": 0,
        "perMember": 1,
    }  # fmt: skip
    assert [one["code"] for one in nobody["errors"]] == ["LOGIN_NEEDED"]
    assert taken[0] == taken[1]
    assert taken[0]["coupons"][0]["state"] == "UNUSED"
    assert [one["code"] for one in more["errors"]] == ["GONE"]
    assert (after["gone"], after["mine"]) == (True, 1)
    (own,) = ask(MINE, {}, shopper)["myCoupons"]
    assert (own["stateLabel"], own["mode"]) == ("未使用", "CLAIM")
    assert ask(MINE, {})["myCoupons"] == []
    assert Coupon.objects.count() == 1


@pytest.mark.parametrize("wrong", ["x", "0", "999999", "１", "9" * 30])
def test_nonsense_is_refused(mall: Mall, template: Make, member: Member, wrong: str) -> None:
    answer = ask(CLAIM, {"id": wrong}, mall.world.customer)["couponClaim"]
    assert [one["code"] for one in answer["errors"]] == ["NOT_GIVEN_NOW"]


def test_scanning_an_outlet(mall: Mall, template: Make, member: Member, org: dict[str, Any]) -> None:
    # given an outlet with a code, and a giving for those who scan it
    from plugins.channels.models import Channel
    from saleor_o2o.kernel.numbering import short_code

    code = short_code(8)
    channel = Channel.objects.create(
        code=code, type=ChannelType.MICRO_SHOP, name="店", unit=org["O1111"], status=ChannelStatus.ACTIVE
    )
    CouponGiving.objects.create(template=template(), mode=Mode.SCAN, channel=channel)
    shopper = mall.world.customer

    # when
    first, again = (ask(SCAN, {"code": code}, shopper)["couponScan"] for _scan in range(2))
    wrong = ask(SCAN, {"code": "NOSUCHXX"}, shopper)["couponScan"]

    # then the same coupon for a day, and none for a code that is none
    assert first["coupons"] == again["coupons"] == [{"mode": "SCAN"}]
    assert (first["fresh"], again["fresh"]) == (True, False)
    assert [one["code"] for one in wrong["errors"]] == ["NOT_FOUND"]
    assert Coupon.objects.count() == 1

    # when the same code is scanned in the official account, today and tomorrow
    scanned = CodeScanned(customer_id=shopper.pk, channel_id=channel.pk, campaign="")
    for day in (0, 1):
        with frozen(now() + timedelta(days=day)), transaction.atomic():
            publish(scanned)

    # then once a day, however it was scanned
    assert Coupon.objects.filter(member=member, mode=Mode.SCAN).count() == 2


def test_who_leaves_leaves_no_coupons_behind(mall: Mall, template: Make, member: Member) -> None:
    # given one in the pocket, one in an order that waits for its money
    unused, held = pocket(template(), member, 2)
    Coupon.objects.filter(pk=held.pk).update(state="locked")

    # then the account stays, while it waits
    told = [str(one.text) for one in closing_blockers(member.user)]
    assert "有 1 张优惠券用在待付款的订单里" in told

    # when
    with transaction.atomic():
        assert [customer_erasures()["coupons.coupons"](member.user) for _twice in range(2)] == [1, 0]

    # then
    assert (state_of(unused), state_of(held)) == ("void", "locked")


@pytest.mark.parametrize(
    ("who", "codes"),
    [
        ("nobody", ["NOT_FOUND"]),
        ("shopper", ["NOT_FOUND"]),
        ("viewer", ["PERMISSION_DENIED"]),
        ("stranger", ["PERMISSION_DENIED"]),
        ("manager", []),
    ],
)
def test_who_gives(
    mall: Mall, template: Make, member: Member, org: dict[str, Any], who: str, codes: list[str]
) -> None:
    # given a template of the city's, members of county C11
    made = template()
    Member.objects.filter(pk=member.pk).update(home_unit=org["B111"])
    users: dict[str, User | None] = {
        "nobody": None,
        "shopper": mall.world.customer,
        "viewer": person(org["CQ"], "viewer", ["coupon.view", "member.view"]),
        "stranger": person(org["C12"], "stranger", ["coupon.view", "coupon.give", "member.view"]),
        "manager": person(org["CQ"], "manager", ["coupon.view", "coupon.give", "member.view"]),
    }

    # when
    given = {"template": made.code, "members": [member.number], "reason": "致歉", "key": "k1"}
    answers = [ask(GIVE, given, users[who])["couponGive"] for _again in range(2)]

    # then
    assert [[one["code"] for one in answer["errors"]] for answer in answers] == [codes, codes]
    assert Coupon.objects.count() == (0 if codes else 1)


@pytest.mark.parametrize(
    ("who", "codes", "sees"),
    [
        ("nobody", ["NOT_FOUND"], False),
        ("shopper", ["NOT_FOUND"], False),
        ("stranger", ["NOT_FOUND"], False),
        ("viewer", ["PERMISSION_DENIED"], True),
        ("clerk", [], True),
    ],
)
def test_who_sees_and_voids(
    mall: Mall, template: Make, member: Member, org: dict[str, Any], who: str, codes: list[str], sees: bool
) -> None:
    # given
    (coupon,) = pocket(template(), member)
    Member.objects.filter(pk=member.pk).update(home_unit=org["B111"])
    users: dict[str, User | None] = {
        "nobody": None,
        "shopper": mall.world.customer,
        "stranger": person(org["C12"], "stranger", ["coupon.view", "coupon.void"]),
        "viewer": person(org["C11"], "viewer", ["coupon.view"]),
        "clerk": person(org["C11"], "clerk", ["coupon.view", "coupon.void"]),
    }

    # when
    seen = ask(SEE, {"member": member.number}, users[who])["coupons"]
    answer = ask(VOID, {"numbers": [coupon.number], "reason": "发错"}, users[who])["couponVoid"]

    # then
    assert bool(seen) is sees
    assert [one["code"] for one in answer["errors"]] == codes
    assert state_of(coupon) == ("unused" if codes else "void")
