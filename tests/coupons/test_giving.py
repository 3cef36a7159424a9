"""Giving: K coupons for N members, each gift once, every way."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from saleor.account.models import User

from plugins.coupons import locks
from plugins.coupons.around import born_on
from plugins.coupons.choices import Mode
from plugins.coupons.errors import CouponError
from plugins.coupons.models import Coupon, CouponGiving, CouponTemplate
from plugins.coupons.services import giving
from plugins.coupons.services.giving import claim, give, give_by, give_directly
from plugins.coupons.services.managing import congratulate, expire_due, use_birthdays, void
from plugins.coupons.services.templates import move_template
from plugins.members.interfaces import Member, Source, ensure_member, register
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.states import IllegalMove
from tests.ordering.conftest import Mall
from tests.threads import kinds, together

from .conftest import Make, pocket, run_out, state_of


def members(count: int) -> list[Member]:
    return [ensure_member(User.objects.create_user(f"m{n}@example.com", "x")) for n in range(count)]


def test_twelve_members_three_coupons(template: Make) -> None:
    # given
    scarce = template(quantity=3, per_member=1)
    people = members(12)
    opened = CouponGiving.objects.create(template=scarce)

    # when
    answers = together(*[partial(claim, opened.pk, one) for one in people])

    # then
    assert kinds(answers) == ["CouponError"] * 9 + ["list"] * 3
    assert {one.code.value for one in answers if isinstance(one, CouponError)} == {"GONE"}
    assert Coupon.objects.filter(template=scarce).count() == 3
    assert CouponTemplate.objects.get(pk=scarce.pk).given == 3


def test_without_the_lock_there_would_be_more(template: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    # given two who both look before either writes
    scarce = template(quantity=1)
    first, second = members(2)
    seen = [CouponTemplate.objects.get(pk=scarce.pk) for _look in range(2)]
    monkeypatch.setattr(giving, "lock_template", lambda _pk: seen.pop())

    # when
    give(scarce.pk, first, Mode.CLAIM, "a")
    give(scarce.pk, second, Mode.CLAIM, "b")

    # then
    assert locks.lock_template is not giving.lock_template
    assert Coupon.objects.filter(template=scarce).count() == 2


def test_one_tap_ten_times(template: Make) -> None:
    # given
    plenty = template(per_member=5)
    (one,) = members(1)
    opened = CouponGiving.objects.create(template=plenty)

    # when
    together(*[partial(claim, opened.pk, one, "tap-1")] * 10)

    # then
    assert Coupon.objects.filter(member=one).count() == 1


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({"publish": False}, "NOT_GIVEN_NOW"),
        ({"quantity": 0}, "GONE"),
        ({"per_member": 1}, "LIMIT_REACHED"),
        ({"valid_days": None, "valid_until": now() - timedelta(days=1), "publish": False}, "NOT_GIVEN_NOW"),
    ],
)
def test_refusals(template: Make, terms: dict[str, Any], code: str) -> None:
    made = template(**terms)
    (one,) = members(1)
    with pytest.raises(CouponError) as refused:
        give(made.pk, one, Mode.DIRECT, "x", pieces=2)
    assert refused.value.code.value == code
    assert Coupon.objects.count() == 0


def test_only_for_members_of_a_county(template: Make, org: dict[str, Any]) -> None:
    # given
    local = template()
    local.units.add(org["C11"])
    near, far, nowhere = members(3)
    Member.objects.filter(pk=near.pk).update(home_unit=org["B111"])
    Member.objects.filter(pk=far.pk).update(home_unit=org["C12"])

    # when, then
    assert give(local.pk, Member.objects.get(pk=near.pk), Mode.DIRECT, "a")
    for other in (Member.objects.get(pk=far.pk), nowhere):
        with pytest.raises(CouponError, match="指定机构"):
            give(local.pk, other, Mode.DIRECT, f"b{other.pk}")


def test_newcomers_have_one(template: Make) -> None:
    # given
    welcome = template()
    CouponGiving.objects.create(template=welcome, mode=Mode.NEWCOMER)

    # when somebody registers, and the news comes again
    made = register(Source.WEB, mobile="13800000077", agreement="v1")
    give_by(Mode.NEWCOMER, made, "once")

    # then
    assert Coupon.objects.filter(member=made, mode=Mode.NEWCOMER).count() == 1


def test_birthdays_once_a_year(template: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    from plugins.coupons.services import managing

    gift = template()
    CouponGiving.objects.create(template=gift, mode=Mode.BIRTHDAY)
    born, _other = members(2)
    monkeypatch.setattr(managing, "_birthdays", [])
    use_birthdays(lambda _day: [born])

    # when
    counts = [congratulate() for _hour in range(3)]

    # then
    assert counts[0] == 1
    assert Coupon.objects.filter(member=born).count() == 1


@pytest.mark.parametrize(
    ("day", "born"), [((2026, 2, 28), ["29", "28"]), ((2028, 2, 28), ["28"]), ((2028, 2, 29), ["29"])]
)
def test_whose_birthday(mall: Mall, day: tuple[int, int, int], born: list[str]) -> None:
    # given members of these birthdays
    from django.apps import apps

    people = members(3)
    profiles = apps.get_model("o2o_members", "MemberProfile")
    for one, when in zip(people, (date(2000, 2, 29), date(1990, 2, 28), date(1990, 3, 1)), strict=True):
        profiles.objects.update_or_create(member=one, defaults={"birthday": when})

    # when
    found = list(born_on(date(*day)))

    # then
    names = {people[0].pk: "29", people[1].pk: "28", people[2].pk: "1"}
    assert [names[one.pk] for one in found] == born


def test_the_staff_gives_all_or_none(template: Make) -> None:
    # given the last two, for three
    few = template(quantity=2)
    people = members(3)

    # when
    with pytest.raises(CouponError):
        give_directly(few, people, "k1", "致歉")
    with pytest.raises(CouponError) as without:
        give_directly(few, people[:1], "k2", " ")
    given = [give_directly(few, people[:2], "k3", "致歉") for _again in range(2)]

    # then
    assert without.value.code.value == "REASON_REQUIRED"
    assert [one.pk for one in given[0]] == [one.pk for one in given[1]]
    assert Coupon.objects.count() == 2


def test_void_and_expire(mall: Mall, template: Make, member: Member) -> None:
    # given
    made = template()
    good, late, wrong = pocket(made, member, 3)
    run_out(late)

    # when
    void([wrong.number], "发错")
    marked = [expire_due(), expire_due()]

    # then
    assert [state_of(one) for one in (good, late, wrong)] == ["unused", "expired", "void"]
    assert marked == [1, 0]
    with pytest.raises(IllegalMove):
        void([good.number, late.number], "发错")
    assert state_of(good) == "unused"


def test_terms_must_be_whole(template: Make) -> None:
    for terms, words in (
        ({"amount": None}, "满减券要填减免金额"),
        ({"kind": "percent"}, "折扣要在"),
        ({"kind": "exchange", "pieces": 1}, "指定兑换哪些商品"),
        ({"threshold": Decimal(5)}, "不能超过使用门槛"),
        ({"valid_until": now() + timedelta(days=3)}, "填一个"),
    ):
        made = template(f"X{words[:4]}", publish=False, **terms)
        with pytest.raises(CouponError, match=words):
            move_template(made, "publish")
