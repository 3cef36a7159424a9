"""Orders that clerks make for members: the member price, coupons, points with the member's code; parts that sum up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from plugins.counter_sales.models import CounterSale
from plugins.counter_sales.services.cancelling import cancel_sale
from plugins.counter_sales.services.cash import pay_cash
from plugins.counter_sales.services.placing import place_sale
from plugins.counter_sales.services.refunds import refund_sale
from plugins.counter_sales.services.slips import print_slip
from plugins.counter_sales.wanted import read_wanted
from plugins.coupons import source
from plugins.coupons.choices import Kind, Mode
from plugins.coupons.models import Coupon, CouponEntry, CouponTemplate
from plugins.coupons.services.giving import give
from plugins.coupons.services.templates import move_template
from plugins.loyalty.kinds import Book, EntryKind
from plugins.loyalty.models import Consent, DeductRule, MemberPriceEntry, MemberPriceRule, Purse
from plugins.loyalty.services import consenting
from plugins.loyalty.services.ledger import Why, grant, lock_purses
from plugins.members.devices import NOWHERE
from plugins.members.models import Member
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.ordering.models import OrderDeduction, SubOrderLine
from sandbox.client import SandboxClient
from tests.loyalty.conftest import sound, steps
from tests.members.asking import MOBILE, OTHER, TOKEN, ask, read_code, somebody
from tests.orgs import again, person
from tests.threads import kinds, meeting, together

from .conftest import SELLING, Counter, Wechat

D = Decimal
QUOTE = """query($input: CounterOrderInput!) { counterQuote(input: $input) {
  errors { code } quote { total discount deductions { source title amount lines { amount } }
    refusals { code } offers { source value saves isBest whyNot } } } }"""


@pytest.fixture
def member(counter: Counter) -> Member:
    """Everybody pays 90 % (35.91 for 39.90); 1,000 points, half of a basket may be paid with them at 1.00 a hundred."""
    since = now() - timedelta(days=10)
    MemberPriceRule.objects.create(level=steps()[0], percent=90, valid_from=since)
    DeductRule.objects.create(percent=50, per_hundred=1, valid_from=since)
    made = somebody(name="王建国", home_unit=counter.org["B111"])
    with transaction.atomic():
        purse = lock_purses(made.pk)[made.pk][Book.POINTS]
        grant(purse, D(1000), Why(EntryKind.ACTIVITY, "test", "a", counter.org["B111"].pk))
    return made


def coupon_of(counter: Counter, member: Member, code: str = "T1", **terms: Any) -> Coupon:
    """Ten yuan off fifty, unless said otherwise."""
    given = {"kind": Kind.AMOUNT, "threshold": D(50), "amount": D(10), **terms}
    template = CouponTemplate.objects.filter(code=code).first()
    if template is None:
        template = CouponTemplate.objects.create(
            code=code, name=f"券{code}", owner=counter.org["CQ"], valid_days=30, per_member=9, **given
        )
        move_template(template, "publish")
    return give(template.pk, member, Mode.DIRECT, f"test:{uuid4()}")[0]


def points(member: Member) -> Decimal:
    return Purse.objects.get(member=member, book=Book.POINTS).balance


def agree(counter: Counter, key: str, many: int, sms: SandboxClient) -> Consent:
    clerk = again(counter.clerk)
    asked = consenting.ask_for_points(clerk, key, "", MOBILE, many, NOWHERE).consent
    return consenting.give(clerk, asked.pk, read_code(sms), NOWHERE)


def test_price_coupon_and_points_lower_a_sale_and_come_back_in_parts(
    counter: Counter, wechat: Wechat, member: Member, sms: SandboxClient
) -> None:
    # given: 79.80 at the member's price is 71.82, less 10.00, less 500 points
    coupon, key = coupon_of(counter, member), str(uuid4())
    agreed = agree(counter, key, 500, sms)
    text = sms.texts(MOBILE)[0]["text"]
    chosen = {"coupons": [coupon.number], "points": [agreed.number]}
    basket = {
        **counter.basket(2),
        "key": key,
        "phone": MOBILE,
        "deductions": chosen,
        "expected_total": "56.82",
    }

    # when: placed twice
    sale = place_sale(again(counter.clerk), read_wanted(basket))
    same = place_sale(again(counter.clerk), read_wanted(basket))

    # then: the breakdown sums up everywhere
    assert same.pk == sale.pk and "使用 500 积分抵扣货款" in text
    assert (sale.total, sale.order.discount_amount, sale.order.user_id) == (
        D("56.82"),
        D("22.98"),
        member.user_id,
    )
    assert list(OrderDeduction.objects.order_by("pk").values_list("source", "amount")) == [
        ("member_price", D("7.98")), ("coupons", D("10.00")), ("points", D("5.00")),
    ]  # fmt: skip
    part = SubOrderLine.objects.get()
    assert (part.discount, part.total) == (D("22.98"), D("56.82"))
    coupon = Coupon.objects.get()
    assert (coupon.state, points(member)) == ("locked", D(500))
    assert Consent.objects.get().state == "used"

    # when: paid
    pay_cash(again(counter.clerk), sale.pk, D("60"))
    slip = print_slip(again(counter.clerk), sale.pk)

    # then
    coupon = Coupon.objects.get()
    assert coupon.state == "used" and CouponEntry.objects.get().amount == D("10.00")
    assert MemberPriceEntry.objects.get().amount == D("7.98")
    assert [(one.source, one.amount) for one in slip.lowered] == [
        ("member_price", D("7.98")), ("coupons", D("10.00")), ("points", D("5.00")),
    ]  # fmt: skip

    # when: half the money, then the rest
    refund_sale(again(counter.clerk), sale.pk, D("28.41"), "少一件", key=str(uuid4()))
    half = points(member)
    refund_sale(again(counter.clerk), sale.pk, D("28.41"), "全退", key=str(uuid4()))

    # then: half of the points, then all; the coupon with the whole; the cost is taken back
    coupon = Coupon.objects.get()
    assert (half, points(member), coupon.state, counter.balance()) == (D(750), D(1000), "unused", D("500.00"))
    assert sum(one.amount for one in CouponEntry.objects.all()) == 0
    assert sum(one.amount for one in MemberPriceEntry.objects.all()) == 0
    sound()


def test_cancelling_frees_what_the_order_held(
    counter: Counter, wechat: Wechat, member: Member, sms: SandboxClient
) -> None:
    # given
    coupon, key = coupon_of(counter, member), str(uuid4())
    agreed = agree(counter, key, 100, sms)
    chosen = {"coupons": [coupon.number], "points": [agreed.number]}
    sale = counter.place(2, key=key, member=member.number, deductions=chosen)
    assert sale.phone == MOBILE and points(member) == D(900)

    # when
    cancel_sale(again(counter.clerk), sale.pk)

    # then
    coupon = Coupon.objects.get()
    assert (coupon.state, points(member)) == ("unused", D(1000))


def test_a_clerk_sees_the_breakdown_and_what_could_be_chosen(
    counter: Counter, wechat: Wechat, member: Member
) -> None:
    # given
    best = coupon_of(counter, member)
    small = coupon_of(counter, member, "T2", amount=D(3))
    dear = coupon_of(counter, member, "T3", threshold=D(500))
    token = ask(TOKEN, {"email": counter.clerk.email, "password": "pass-word"})["token"]
    line = {"variantId": f"{counter.world.variant.pk}", "quantity": 2}
    from tests.stock.world import gid

    line["variantId"] = gid("ProductVariant", counter.world.variant)

    def quote(**more: Any) -> dict[str, Any]:
        told = ask(QUOTE, {"input": {"lines": [line], **more}}, token)
        assert told["errors"] == [], told
        found: dict[str, Any] = told["quote"]
        return found

    # when
    stranger, plain = quote(), quote(phone=MOBILE)
    chosen = quote(phone=MOBILE, deductions=[
        {"source": "coupons", "values": [best.number]}, {"source": "points", "values": ["300"]},
    ])  # fmt: skip

    # then: strangers pay the price; of members' coupons the best is named, and why others do not do
    assert (stranger["total"], stranger["offers"], plain["total"]) == (79.8, [], 71.82)
    offers = {one["value"]: one for one in plain["offers"]}
    assert (offers[best.number]["isBest"], offers[small.number]["isBest"]) == (True, False)
    assert offers[dear.number]["whyNot"] and offers["3591"]["source"] == "points"
    assert (chosen["total"], [one["code"] for one in chosen["refusals"]]) == (58.82, ["CONSENT_NEEDED"])
    assert [one["amount"] for one in chosen["deductions"]] == [7.98, 10.0, 3.0]


def test_what_is_refused_leaves_the_basket(
    counter: Counter, wechat: Wechat, member: Member, sms: SandboxClient
) -> None:
    # given
    other = somebody(mobile=OTHER, name="李四", home_unit=counter.org["B111"])
    theirs = coupon_of(counter, other)
    agreed = agree(counter, str(uuid4()), 100, sms)

    def refused(**more: Any) -> str:
        with pytest.raises(DomainError) as error:
            counter.place(2, **more)
        return str(error.value.code)

    # when, then: another's coupon, another basket's points, points without a code, no member, the price of before
    assert refused(phone=MOBILE, deductions={"coupons": [theirs.number]}) == "NOT_YOURS"
    assert refused(phone=MOBILE, deductions={"points": [agreed.number]}) == "CONSENT_DIFFERS"
    assert refused(phone=OTHER, deductions={"points": [agreed.number]}) == "CONSENT_DIFFERS"
    assert refused(phone=MOBILE, deductions={"points": ["100"]}) == "CONSENT_NEEDED"
    assert refused(deductions={"coupons": [theirs.number]}) == "MEMBER_UNKNOWN"
    assert refused(member="13900007777") == "MEMBER_UNKNOWN"
    assert refused(phone=MOBILE, deductions={"gold": ["1"]}) == "UNKNOWN_CHOICE"
    assert refused(phone=MOBILE, expected_total="79.80") == "PRICE_CHANGED"
    assert (CounterSale.objects.count(), points(member)) == (0, D(1000))


def test_a_coupon_for_everything_leaves_nothing_to_pay(
    counter: Counter, wechat: Wechat, member: Member
) -> None:
    # given
    free = coupon_of(counter, member, threshold=D(0), amount=D(100))

    # when
    sale = counter.place(1, phone=MOBILE, deductions={"coupons": [free.number]})

    # then: nobody is asked for money, and the slip's code is good
    assert (sale.total, sale.state, sale.paid_by) == (D("0.00"), "paid", "nothing")
    assert print_slip(again(counter.clerk), sale.pk).code
    assert Coupon.objects.get().state == "used"


def two_tills(counter: Counter, coupon: Coupon) -> list[Any]:
    mate = person(counter.org["B111"], "mate", SELLING)
    known = counter.place(1, phone=MOBILE)  # the customer is written down: nobody waits for that row
    cancel_sale(again(counter.clerk), known.pk)
    chosen = {"coupons": [coupon.number]}
    return together(
        lambda: counter.place(2, phone=MOBILE, deductions=chosen),
        lambda: counter.place(2, user=mate, phone=MOBILE, deductions=chosen),
    )


def test_two_tills_use_one_coupon_once(counter: Counter, wechat: Wechat, member: Member) -> None:
    # given
    coupon = coupon_of(counter, member)

    # when
    results = two_tills(counter, coupon)

    # then
    assert kinds(results) == ["CounterSale", "CouponError"]
    assert [str(one.code) for one in results if isinstance(one, DomainError)] == ["IN_USE"]
    assert OrderDeduction.objects.filter(source="coupons").count() == 1
    assert CounterSale.objects.exclude(state="cancelled").count() == 1


@contextmanager
def no_lock(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The negative control: coupons are read, not locked, stock neither, and both have looked before one writes."""
    from plugins.counter_sales import deducting

    meet = meeting(2)

    def read(user_id: int, numbers: Any) -> list[Coupon]:
        found = list(Coupon.objects.filter(number__in=numbers).select_related("template"))
        meet()
        return found

    with monkeypatch.context() as patched:
        patched.setattr(source, "lock_numbers", read)
        patched.setattr(deducting, "lock_stocks", lambda *_told: [])
        yield


def test_negative_control_without_the_lock_a_coupon_is_used_twice(
    counter: Counter, wechat: Wechat, member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    coupon = coupon_of(counter, member)

    # when
    with no_lock(monkeypatch):
        results = two_tills(counter, coupon)

    # then
    assert kinds(results) == ["CounterSale", "CounterSale"]
    assert OrderDeduction.objects.filter(source="coupons").count() == 2
