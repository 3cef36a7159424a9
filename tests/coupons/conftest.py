"""The mall of the ordering tests, a county, members and templates of every kind."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from saleor.account.models import User
from saleor.order.models import Order

from plugins.coupons.choices import Kind, Mode
from plugins.coupons.models import Coupon, CouponTemplate
from plugins.coupons.services.giving import give
from plugins.coupons.services.templates import move_template
from plugins.members.interfaces import Member, ensure_member
from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.kernel.clock import now
from tests.buying.shopper import ask, choose_payment, complete, fill_checkout
from tests.ordering.conftest import Mall
from tests.ordering.conftest import mall as mall
from tests.ordering.conftest import world as world
from tests.orgs import small_org

CHOOSE = """mutation($token: UUID!, $values: [String!]!) {
  checkoutDeductionsChoose(token: $token, choice: {source: "coupons", values: $values}) {
    deductions { total deductions { reference title amount shipping } refusals { code message } }
    errors { code message } } }"""
Make = Callable[..., CouponTemplate]


@pytest.fixture
def org(mall: Mall) -> dict[str, OrgUnit]:
    return small_org()


@pytest.fixture
def template(org: dict[str, OrgUnit]) -> Make:
    """Makes templates: ten yuan off a hundred, for thirty days, unless said otherwise; published."""

    def make(code: str = "T1", *, publish: bool = True, **terms: Any) -> CouponTemplate:
        scoped = {name: terms.pop(name) for name in ("categories", "products", "sellers") if name in terms}
        given = {
            "name": f"券 {code}", "kind": Kind.AMOUNT, "threshold": Decimal(100), "amount": Decimal(10),
            "valid_days": 30, "per_member": 100, **terms,
        }  # fmt: skip
        if given["kind"] != Kind.AMOUNT:
            given["amount"] = None
        if scoped:
            given["scope"] = next(iter(scoped))
        made = CouponTemplate.objects.create(code=code, owner=org["CQ"], **given)
        for name, rows in scoped.items():
            getattr(made, name).set(rows)
        if publish:
            move_template(made, "publish")
        return made

    return make


@pytest.fixture
def member(mall: Mall) -> Member:
    """The shopper of the mall."""
    return ensure_member(mall.world.customer)


def pocket(template: CouponTemplate, member: Member, pieces: int = 1) -> list[Coupon]:
    """Coupons in a member's pocket."""
    count = Coupon.objects.count()
    return give(template.pk, member, Mode.DIRECT, f"test:{count}:{member.pk}", pieces=pieces)


def cart_of(mall: Mall) -> dict[str, Any]:
    """Two oranges (79.80) and a tea (60.00) of the merchant, freight 10.00: 149.80."""
    return fill_checkout(mall.world, {mall.orange: 2, mall.tea: 1}, mall.world.customer)


def choose(cart: dict[str, Any], user: User | None, *numbers: str) -> dict[str, Any]:
    """Choose coupons for a cart; what the API says."""
    found: dict[str, Any] = ask(CHOOSE, {"token": cart["token"], "values": list(numbers)}, user)[
        "checkoutDeductionsChoose"
    ]
    return found


def place(mall: Mall, cart: dict[str, Any], total: str) -> Order:
    """Place a cart whose total is known."""
    assert choose_payment({**cart, "total": total})["paymentErrors"] == []
    done = complete(cart, mall.world.customer)
    assert done["checkoutErrors"] == []
    return Order.objects.get(token=done["order"]["token"])


def run_out(coupon: Coupon) -> None:
    """Let its time be over."""
    Coupon.objects.filter(pk=coupon.pk).update(valid_until=now() - timedelta(seconds=1))


def state_of(coupon: Coupon) -> str:
    """Where it stands now."""
    return str(Coupon.objects.get(pk=coupon.pk).state)
