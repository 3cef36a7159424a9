"""What a plan is good for: freight, rights, coupons, points, prices; as often as it says, whoever asks at once."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.db.utils import DatabaseError
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from saleor.order.models import Order

from plugins.coupons.models import Coupon, CouponTemplate
from plugins.coupons.services.templates import move_template
from plugins.members.models import Member, Vehicle
from plugins.memberships.benefits import period_key, standings
from plugins.memberships.choices import Origin
from plugins.memberships.models import BenefitEntry, BenefitUse, Membership, Plan, PlanBenefit, Term
from plugins.memberships.prices import points_percent
from plugins.memberships.selectors import memberships_of
from plugins.memberships.services import redeeming
from plugins.memberships.services.granting import give_due
from plugins.memberships.services.redeeming import look, make_code, redeem, take_back
from plugins.memberships.services.refunding import ask_refund
from plugins.memberships.services.terms import extend
from plugins.memberships.services.upgrading import quote
from saleor_o2o.kernel.clock import frozen
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope
from tests.after_sale.conftest import Shop
from tests.buying.books import deadline_passes, run_all_jobs
from tests.buying.shopper import ADDRESS, ask
from tests.orgs import again, person
from tests.stock.world import gid
from tests.threads import kinds, together

from .acts import PLACE, buy, refused
from .test_terms import at, of

D = Decimal
RIGHTS = [
    "benefit.view",
    "benefit.redeem",
    "benefit.take_back",
    "benefit.report",
    "benefit.export",
    "member.view",
]
MINE = "{ myMemberships { number benefits { code kind quota used left } } }"
REDEEM = """mutation($digits: String!, $confirm: Boolean!) {
  membershipBenefitRedeem(digits: $digits, confirm: $confirm) {
    look { memberName planName benefit { name left } } use { place } errors { code } } }"""


@pytest.fixture
def benefits(plans: dict[str, Plan]) -> dict[str, PlanBenefit]:
    """The year: freight twice a month, three car washes a year at 12 yuan; gold: freight six times."""
    cache.clear()
    told: list[dict[str, Any]] = [
        {"plan": plans["year"], "kind": "freight", "code": "freight", "name": "免运费", "quota": 2},
        {"plan": plans["gold"], "kind": "freight", "code": "freight", "name": "免运费", "quota": 6},
        {"plan": plans["year"], "kind": "right", "code": "wash", "name": "洗车券", "quota": 3, "period": "year",
         "settlement": D("12.00")},
        {"plan": plans["gold"], "kind": "points", "code": "points", "name": "积分", "percent": 150},
    ]  # fmt: skip
    return {
        f"{one['plan'].code}.{one['code']}": PlanBenefit.objects.create(**one, valid_from=at("2026-01-01"))
        for one in told
    }


@pytest.fixture
def running(shop: Shop, member: Member, plans: dict[str, Plan], benefits: Any) -> Membership:
    """The member has the year."""
    return extend(member, plans["year"], origin=Origin.GIVEN, unit_id=shop.org["CQ"].pk).membership


def goods(shop: Shop, key: str, *, free: bool = True) -> Any:
    """Three oranges with freight 10.00, free if wished; the answer."""
    told: dict[str, Any] = {
        "lines": [{"variantId": gid("ProductVariant", shop.world.variant), "quantity": 1}],
        "shippingAddress": ADDRESS, "billingAddress": ADDRESS,
        "shippingMethod": gid("ShippingMethod", shop.world.method),
    }  # fmt: skip
    if free:
        told["deductions"] = [{"source": "membership_freight", "values": ["freight"]}]
    given = {"key": f"goods-0000000000-{key}", "input": told, "gateway": "o2o.wechat_pay"}
    return ask(PLACE, given, shop.shopper)["orderPlace"]


def clerk_of(shop: Shop, name: str = "washer", unit: str = "B111") -> Any:
    return person(shop.org[unit], name, RIGHTS)


def left(membership: Membership) -> dict[str, int | None]:
    return {one.benefit.code: one.left for one in standings(Membership.objects.get(pk=membership.pk))}


def test_freight_is_free_as_often_as_the_plan_says(shop: Shop, member: Member, running: Membership) -> None:
    # when
    answers = [goods(shop, str(place)) for place in range(3)]

    # then: twice; the third is refused, not ordered for more
    assert [one["errors"] for one in answers[:2]] == [[], []]
    assert [one["order"]["total"]["gross"]["amount"] for one in answers[:2]] == [39.9, 39.9]
    assert [one["code"] for one in answers[2]["errors"]] == ["QUOTA_USED"]
    assert left(running)["freight"] == 0

    # when: one order ends unpaid
    deadline_passes(Order.objects.get(token=answers[0]["order"]["token"]))
    run_all_jobs()

    # then: that time is there again, and its cost is booked back
    assert left(running)["freight"] == 1
    assert sum(BenefitEntry.objects.values_list("cost", flat=True), D(0)) == D("10.00")
    assert goods(shop, "again")["errors"] == []


def test_an_upgrade_does_not_begin_the_quota_anew(
    shop: Shop, member: Member, plans: dict[str, Plan], running: Membership
) -> None:
    # given
    assert goods(shop, "one")["errors"] == []

    # when
    made = quote(member, running.number, "gold")
    buy(shop, plans["gold"], quote=made.number)

    # then
    assert (left(running), points_percent(member.pk)) == ({"freight": 5, "points": None}, 150)


def test_a_right_is_redeemed_once_by_the_member_s_digits(
    shop: Shop, member: Member, running: Membership
) -> None:
    # given
    clerk = clerk_of(shop)
    digits, _made = make_code(member, running.number, "wash")

    # when: looked at, redeemed, and once more with the same digits
    seen = ask(REDEEM, {"digits": digits, "confirm": False}, clerk)["membershipBenefitRedeem"]
    done = redeem(again(clerk), digits)
    twice = redeem(again(clerk), f" {digits[:5]} {digits[5:]}")

    # then
    assert seen["look"]["benefit"] == {"name": "洗车券", "left": 3} and seen["errors"] == []
    assert (done, done.unit.code, done.settlement) == (twice, "B111", D("12.00"))
    assert refused(partial(redeem, clerk_of(shop, "other"), digits)) == "CODE_WRONG"
    assert left(running)["wash"] == 2

    # when: taken back, once
    take_back(again(clerk), done.pk, "顾客没有洗成")
    take_back(again(clerk), done.pk, "顾客没有洗成")

    # then
    assert left(running)["wash"] == 3
    assert list(BenefitEntry.objects.order_by("pk").values_list("kind", "settlement")) == [
        ("used", D("12.00")), ("returned", D("-12.00")),
    ]  # fmt: skip
    with pytest.raises(DatabaseError):
        BenefitEntry.objects.update(settlement=1)


def test_who_may_redeem(shop: Shop, member: Member, running: Membership) -> None:
    # given
    digits, _made = make_code(member, running.number, "wash")
    done = redeem(clerk_of(shop), digits)

    # then
    for by in (shop.shopper, shop.people["viewer"]):
        with pytest.raises(NotAllowed):
            look(by, digits)
    with pytest.raises(OutOfScope):
        take_back(clerk_of(shop, "far", "B211"), done.pk, "别的县想撤销")
    assert BenefitUse.objects.get().state == "used"


def test_digits_of_before_and_old_ones_are_good_for_nothing(
    shop: Shop, member: Member, running: Membership
) -> None:
    clerk = clerk_of(shop)
    first, _made = make_code(member, running.number, "wash")
    _second, made = make_code(member, running.number, "wash")
    assert refused(partial(look, clerk, first)) == "CODE_WRONG"
    made.expires_at = made.made_at
    made.save()
    assert refused(partial(look, clerk, _second)) == "CODE_WRONG"


def _race(shop: Shop, running: Membership, people: int) -> list[Any]:
    """Many counters want the last washes, each with digits of its own."""
    clerks = [clerk_of(shop, f"washer{place}") for place in range(people)]
    codes = []
    for place in range(people):
        made = redeeming.BenefitCode.objects.create(
            membership=running, code="wash", digest=redeeming._digest(f"000000000{place}"),
            expires_at=running.ends_at,
        )  # fmt: skip
        codes.append((f"000000000{place}", made))
    return together(
        *(partial(redeem, clerk, digits) for clerk, (digits, _m) in zip(clerks, codes, strict=True))
    )


def test_three_washes_five_counters(shop: Shop, running: Membership) -> None:
    results = _race(shop, running, 5)
    assert kinds(results) == ["BenefitUse"] * 3 + ["MembershipError"] * 2, results
    assert (BenefitUse.objects.count(), left(running)["wash"]) == (3, 0)


def test_without_the_lock_there_would_be_more(
    shop: Shop, running: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: read, not locked, and all have counted before any writes
    gate = Barrier(4, timeout=20)
    counted = redeeming.require_left

    def meeting(membership: Membership, benefit: PlanBenefit) -> int:
        found = counted(membership, benefit)
        gate.wait()
        return found

    monkeypatch.setattr(
        redeeming,
        "lock_membership",
        lambda pk: Membership.objects.select_related("plan", "member").get(pk=pk),
    )
    monkeypatch.setattr(redeeming, "require_left", meeting)

    # when
    _race(shop, running, 4)

    # then: the test above can fail
    assert BenefitUse.objects.count() == 4


def test_a_used_benefit_keeps_the_money(
    shop: Shop, member: Member, plans: dict[str, Plan], benefits: Any
) -> None:
    # given
    buy(shop, plans["year"])
    membership = of(member)
    digits, _made = make_code(member, membership.number, "wash")
    use = redeem(clerk_of(shop), digits)

    # then
    term = Term.objects.get()
    assert refused(partial(ask_refund, shop.shopper, member, term.pk)) == "BENEFIT_USED"
    take_back(again(use.operator), use.pk, "顾客没有洗成")
    ask_refund(shop.shopper, member, term.pk)
    assert of(member).state == "ended" and left(membership) == {}


def test_coupons_come_each_month_and_go_with_the_money(
    shop: Shop, member: Member, plans: dict[str, Plan]
) -> None:
    # given
    template = CouponTemplate.objects.create(
        code="monthly", name="年卡月券", owner=shop.org["CQ"], amount=D("5.00"), threshold=D("10.00"), valid_days=30,
        quantity=100, per_member=50,
    )  # fmt: skip
    move_template(template, "publish")
    PlanBenefit.objects.create(
        plan=plans["year"], kind="coupon", code="coupon", name="每月优惠券", template=template, pieces=2, quota=1,
        valid_from=at("2026-01-01"),
    )  # fmt: skip

    # when: at once, not twice in a month, again in the next
    with frozen(at("2026-11-29")):
        buy(shop, plans["year"])
        assert (Coupon.objects.count(), give_due()) == (2, 0)
    with frozen(at("2026-12-01")):
        assert (give_due(), give_due()) == (1, 0)

        # and: unused ones are no reason to keep the money, but go with it
        ask_refund(shop.shopper, member, Term.objects.get().pk)

    # then
    assert set(Coupon.objects.values_list("state", flat=True)) == {"void"} and Coupon.objects.count() == 4
    assert of(member).state == "ended"


def test_a_car_s_benefits_need_its_car(shop: Shop, member: Member, plans: dict[str, Plan]) -> None:
    # given
    PlanBenefit.objects.create(
        plan=plans["car"], kind="right", code="rescue", name="道路救援", quota=1, period="year"
    )
    membership = extend(member, plans["car"], origin=Origin.GIVEN, unit_id=shop.org["CQ"].pk).membership

    # then
    assert refused(partial(make_code, member, membership.number, "rescue")) == "VEHICLE_NEEDED"
    Membership.objects.filter(pk=membership.pk).update(
        vehicle=Vehicle.objects.create(member=member, plate="渝A12345", digest="a")
    )
    digits, _made = make_code(member, membership.number, "rescue")
    assert look(clerk_of(shop), digits).membership.vehicle is not None


def test_periods() -> None:
    start = at("2026-11-29")
    assert period_key("month", start, at("2027-01-31")) == "2027-01"
    assert [period_key("year", start, at(day)) for day in ("2026-12-01", "2027-11-28", "2027-11-29")] == [
        "Y0",
        "Y0",
        "Y1",
    ]
    assert period_key("all", start, at("2030-01-01")) == "all"


def test_what_members_see_costs_the_same_for_many(shop: Shop, member: Member, running: Membership) -> None:
    # given
    assert goods(shop, "one")["errors"] == []
    mine = ask(MINE, {}, shop.shopper)["myMemberships"]

    # then
    assert [(one["code"], one["used"], one["left"]) for one in mine[0]["benefits"]] == [
        ("freight", 1, 1), ("wash", 0, 3),
    ]  # fmt: skip
    with CaptureQueriesContext(connection) as few:
        memberships_of(member.pk)
    extend(member, running.plan, origin=Origin.GIVEN, unit_id=shop.org["CQ"].pk)
    with CaptureQueriesContext(connection) as many:
        memberships_of(member.pk)
    assert len(few) == len(many) == 3


def test_pages_and_the_month_s_report(
    shop: Shop, member: Member, running: Membership, plans: dict[str, Plan]
) -> None:
    # given
    digits, _made = make_code(member, running.number, "wash")
    redeem(clerk_of(shop), digits)
    boss = person(shop.org["CQ"], "boss", [*RIGHTS, "membership.view", "membership_plan.view"], scope="all")
    client = Client()
    client.force_login(boss)

    # then
    for name in (
        "benefituse_changelist",
        "benefituse_redeem",
        "planbenefit_changelist",
        "membership_changelist",
    ):
        assert client.get(reverse(f"admin:o2o_memberships_{name}")).status_code == 200, name
    page = client.get(reverse("admin:o2o_memberships_benefituse_report")).content.decode()
    assert "甲县一支局" in page and "¥12.00" in page
    looked = client.post(
        reverse("admin:o2o_memberships_benefituse_redeem"), {"digits": "1", "note": "", "look": "1"}
    )
    assert "权益码不正确" in looked.content.decode()


def test_four_checkouts_want_two_free_freights(shop: Shop, member: Member, running: Membership) -> None:
    # when
    answers = together(*(partial(goods, shop, f"race-{place}") for place in range(4)))

    # then: two orders, two told why; nobody pays freight unasked
    codes = sorted(one["errors"][0]["code"] if one["errors"] else "" for one in answers)
    assert codes == ["", "", "QUOTA_USED", "QUOTA_USED"], answers
    assert (Order.objects.count(), left(running)["freight"]) == (2, 0)
