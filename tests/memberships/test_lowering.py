"""What lowers a membership: a coupon that names it; no other one, and no member price."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from saleor.order.models import Order

from plugins.coupons.interfaces import give_direct
from plugins.coupons.models import Coupon, CouponTemplate
from plugins.coupons.services.templates import move_template
from plugins.members.models import Member
from plugins.memberships.choices import Origin
from plugins.memberships.models import Plan, PlanBenefit, Term
from plugins.memberships.services.refunding import ask_refund
from plugins.memberships.services.terms import extend
from saleor_o2o.cashier.models import OrderRefund
from tests.after_sale.conftest import Shop
from tests.buying.shopper import ADDRESS, ask
from tests.stock.world import gid

from .acts import PLACE, pay

D = Decimal


def coupon_of(shop: Shop, member: Member, code: str, **told: Any) -> Coupon:
    """Thirty yuan off a hundred."""
    scope = {name: told.pop(name) for name in ("categories", "products") if name in told}
    row = CouponTemplate.objects.create(
        code=code, name=code, owner=shop.org["CQ"], amount=D("30.00"), threshold=D("100.00"), valid_days=30,
        quantity=100, per_member=5, scope=next(iter(scope), "all"),
    )  # fmt: skip
    for name, wanted in scope.items():
        getattr(row, name).set([wanted])
    move_template(row, "publish")
    [made] = give_direct(row.pk, member, f"{code}-1", "测试")
    return made


def ordered(shop: Shop, coupon: Coupon, *variants: Any) -> Any:
    told = {
        "lines": [{"variantId": gid("ProductVariant", one), "quantity": 1} for one in variants],
        "billingAddress": ADDRESS, "deductions": [{"source": "coupons", "values": [coupon.number]}],
    }  # fmt: skip
    given = {"key": f"lowered-0000000-{coupon.number}", "input": told, "gateway": "o2o.wechat_pay"}
    return ask(PLACE, given, shop.shopper)["orderPlace"]


@pytest.mark.parametrize("scope", ["categories", "products"])
def test_a_coupon_that_names_it_lowers_it(
    shop: Shop, member: Member, plans: dict[str, Plan], scope: str
) -> None:
    # given
    variant = plans["gold"].variant
    assert variant is not None
    named = variant.product if scope == "products" else variant.product.category
    coupon = coupon_of(shop, member, "named", **{scope: named})

    # when: bought, then given back
    done = ordered(shop, coupon, variant)
    assert (done["errors"], done["order"]["total"]["gross"]["amount"]) == ([], 270.0)
    pay(shop, Order.objects.get(token=done["order"]["token"]))
    term = Term.objects.get()
    ask_refund(shop.shopper, member, term.pk)

    # then: what was paid goes back; later upgrades are reckoned from the plan's price
    assert (term.price, term.paid, OrderRefund.objects.get().amount) == (
        D("300.00"),
        D("270.00"),
        D("270.00"),
    )


def test_a_coupon_for_everything_leaves_it_alone(shop: Shop, member: Member, plans: dict[str, Plan]) -> None:
    # when
    done = ordered(shop, coupon_of(shop, member, "all"), plans["gold"].variant)

    # then: told so, and the coupon is kept
    assert [one["field"] for one in done["errors"]] == ["deductions"], done
    assert Coupon.objects.get().state == "unused" and not Term.objects.exists()


def test_a_member_price_leaves_it_alone(shop: Shop, member: Member, plans: dict[str, Plan]) -> None:
    # given: the firm's membership is half of everything
    PlanBenefit.objects.create(plan=plans["firm"], kind="discount", code="price", name="会员价", percent=50)
    extend(member, plans["firm"], origin=Origin.GIVEN, unit_id=shop.org["CQ"].pk)
    variant = plans["gold"].variant
    assert variant is not None

    # then
    done = ordered(shop, coupon_of(shop, member, "named", products=variant.product), variant)
    assert (done["errors"], done["order"]["total"]["gross"]["amount"]) == ([], 270.0)
