"""Whoever brought a member along is given points and growth when the newcomer's first order is done; once."""

from __future__ import annotations

from typing import Any

import pytest

from plugins.loyalty.admin.rules import EarnRuleForm
from plugins.loyalty.kinds import Book
from plugins.loyalty.models import EarnRule, Entry
from plugins.loyalty.services.referring import reward
from plugins.members.interfaces import Member, MemberStatus, ensure_member
from plugins.members.models import MemberProfile
from saleor_o2o.kernel.clock import now
from saleor_o2o.ordering.models import OrderProfile
from tests.after_sale.conftest import Shop
from tests.members.asking import somebody

from .conftest import LONG_AGO, purse_of, sound
from .test_earning import complete


@pytest.fixture
def pair(shop: Shop) -> tuple[Member, Member]:
    """Whoever brought the shopper along, and the shopper; thirty points and ten of growth for it."""
    EarnRule.objects.create(occasion="referral", points=30, growth=10, valid_from=now() - LONG_AGO)
    referrer = somebody(name="王建国", home_unit=shop.org["B111"])
    newcomer = ensure_member(shop.shopper)
    MemberProfile.objects.update_or_create(member=newcomer, defaults={"referrer": referrer})
    return referrer, newcomer


def has(member: Member) -> tuple[int, int]:
    """Points and growth."""
    return purse_of(member)[0], purse_of(member, Book.GROWTH)[0]


def test_the_first_order_that_is_done_rewards_once(shop: Shop, pair: tuple[Member, Member]) -> None:
    # given: paid is not done
    referrer, newcomer = pair
    first, second = shop.buy(), shop.buy()
    assert has(referrer) == (0, 0)

    # when: done, told again, and another one done
    complete(shop, first)
    assert has(referrer) == (30, 10)
    assert reward(first.pk) is None
    complete(shop, second)

    # then
    assert has(referrer) == (30, 10) and has(newcomer) == (0, 0)
    assert Entry.objects.get(book="points", biz_type="referral").unit.parent is None
    sound()


@pytest.mark.parametrize("why", ["no rule", "no referrer", "frozen", "money back"])
def test_nothing_without_a_reason_for_it(shop: Shop, pair: tuple[Member, Member], why: str) -> None:
    # given
    referrer, _newcomer = pair
    order = shop.buy()
    if why == "no rule":
        EarnRule.objects.all().delete()
    if why == "no referrer":
        MemberProfile.objects.update(referrer=None)
    if why == "frozen":
        Member.objects.filter(pk=referrer.pk).update(status=MemberStatus.FROZEN)
    if why == "money back":
        OrderProfile.objects.filter(order=order).update(refunded=order.total_gross_amount)

    # then
    assert reward(order.pk) is None and has(referrer) == (0, 0)


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"occasion": "referral", "points": 0, "growth": 0, "rate": 2}, "rate"),
        ({"occasion": "referral", "points": 0, "growth": 0, "rate": 0}, "points"),
        ({"occasion": "sign_in", "points": 5, "growth": 0, "rate": 1}, "rate"),
        ({"occasion": "order", "points": 5, "growth": 0, "rate": 0}, "points"),
        ({"occasion": "referral", "points": 30, "growth": 0, "rate": 0}, ""),
        ({"occasion": "order", "points": 0, "growth": 0, "rate": 1}, ""),
    ],
)
def test_a_rule_that_would_give_nothing_is_not_saved(db: None, told: dict[str, Any], field: str) -> None:
    form = EarnRuleForm(
        {**told, "growth_rate": 0, "streak": 0, "streak_points": 0, "months": 24, "valid_from": now()}
    )
    assert (list(form.errors)[:1] or [""]) == [field], form.errors
