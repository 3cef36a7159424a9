"""Pages of memberships for those who run them: plans made, changed and given; who may, and who may not."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from saleor.account.models import User
from saleor.product.models import ProductVariant

from plugins.loyalty.boosts import percent_of
from plugins.members.models import Member
from plugins.memberships.choices import Origin
from plugins.memberships.models import Membership, Plan, PlanBenefit
from plugins.memberships.services.terms import extend
from tests.after_sale.conftest import Shop
from tests.buying.shopper import ask
from tests.orgs import person
from tests.stock.world import gid

from .acts import buy
from .test_terms import of

D = Decimal
PLAN = {
    "code": "half", "name": "半年卡", "kind": "paid", "price": "60.00", "months": "6", "rank": "1",
    "agreement": "2026-11", "note": "", "do": "1",
}  # fmt: skip
RIGHTS = [f"membership_plan.{one}" for one in ("view", "create", "edit")]
RIGHTS += ["membership.view", "membership.give", "member.view"]
PRICE = """query($input: BasketInput!) { basketQuote(input: $input) { quote {
  deductions { source title amount } } } }"""


def office(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(name: str, *args: Any) -> str:
    return reverse(f"admin:o2o_memberships_{name}", args=args)


def test_a_plan_is_made_sold_and_changed_for_later_buyers(shop: Shop, member: Member) -> None:
    # given
    client = office(person(shop.org["CQ"], "marketing", RIGHTS, scope="all"))

    # when: too dear, then right
    dear = client.post(page("plan_make"), {**PLAN, "price": "5000.01"}).content.decode()
    client.post(page("plan_make"), PLAN)

    # then
    assert "价格须在" in dear
    plan = Plan.objects.get()
    buy(shop, plan)
    client.post(
        page("plan_edit", plan.pk),
        {"name": "半年卡", "price": "80.00", "rank": "1", "agreement": "2026-12", "note": "", "do": "1"},
    )
    assert of(member).terms.get().price == D("60.00")
    assert set(
        ProductVariant.objects.filter(sku__startswith="HY").values_list("price_override_amount", flat=True)
    ) == {D("80.00")}


def test_a_firm_s_membership_is_given_not_sold(shop: Shop, member: Member, plans: dict[str, Plan]) -> None:
    # given
    client = office(person(shop.org["CQ"], "giver", RIGHTS, scope="all"))

    # when
    for code in ("year", "firm"):
        client.post(
            page("plan_give", plans[code].pk), {"member": member.number, "reason": "企业协议客户", "do": "1"}
        )

    # then
    assert [(one.plan.code, one.terms.get().origin) for one in Membership.objects.all()] == [
        ("firm", "given")
    ]


@pytest.mark.parametrize("who", ["shopper", "viewer", "nobody"])
def test_who_may_not(shop: Shop, plans: dict[str, Plan], who: str) -> None:
    # given
    client = Client()
    if who == "viewer":
        client = office(person(shop.org["C11"], "looker", ["membership_plan.view"]))
    elif who == "shopper":
        client = office(shop.shopper)

    # when
    told = [
        client.post(page("plan_make"), PLAN),
        client.post(page("plan_edit", plans["year"].pk), {"do": "1"}),
    ]

    # then
    assert {one.status_code for one in told} <= {302, 403} and Plan.objects.count() == len(plans)


def test_the_member_s_page_shows_what_one_may_see(shop: Shop, member: Member, plans: dict[str, Plan]) -> None:
    # given
    number = extend(member, plans["gold"], origin=Origin.GIVEN, unit_id=shop.org["CQ"].pk).membership.number
    PlanBenefit.objects.create(plan=plans["gold"], kind="support", code="support", name="优先客服")
    address = reverse("admin:o2o_members_member_change", args=[member.pk])

    # when
    shown, hidden = (
        office(person(shop.org["CQ"], name, rights, scope="all")).get(address).content.decode()
        for name, rights in (("seer", ["member.view", "membership.view"]), ("blind", ["member.view"]))
    )

    # then: what, and that this one is to be answered first
    assert number in shown and "金卡" in shown and "优先客服" in shown
    assert number not in hidden and "金卡" not in hidden


def test_rates_of_prices_and_points(shop: Shop, member: Member, plans: dict[str, Plan]) -> None:
    # given: 5 % off everything, and points and a half
    for kind, percent in (("discount", 95), ("points", 150)):
        PlanBenefit.objects.create(plan=plans["gold"], kind=kind, code=kind, name=kind, percent=percent)
    told = {"input": {"lines": [{"variantId": gid("ProductVariant", shop.world.variant), "quantity": 2}]}}
    before = ask(PRICE, told, shop.shopper)["basketQuote"]["quote"]["deductions"]

    # when
    extend(member, plans["gold"], origin=Origin.GIVEN, unit_id=shop.org["CQ"].pk)
    after = ask(PRICE, told, shop.shopper)["basketQuote"]["quote"]["deductions"]

    # then: two of 39.90 at 37.91 (half a fen up); of two rates of points the higher one
    assert (before, after) == ([], [{"source": "member_price", "title": "金卡价", "amount": 3.98}])
    assert (percent_of(member.pk, 110), percent_of(member.pk, 200)) == (150, 200)
