"""Days of memberships: bought, renewed, upgraded, given, refunded; none is lost, none is there twice."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from saleor.order.models import Order

from plugins.members.interfaces import merge_proven
from plugins.members.models import Member, Vehicle
from plugins.memberships.benefits import standings
from plugins.memberships.choices import Origin
from plugins.memberships.locks import lock_membership
from plugins.memberships.models import Card, CardBatch, Membership, Plan, PlanBenefit, Quote, Term
from plugins.memberships.numbers import CARD
from plugins.memberships.rules import Stretch, add_months, days_between, difference, last_day, period_end
from plugins.memberships.services import buying, ending
from plugins.memberships.services.buying import begin
from plugins.memberships.services.redeeming import write_use
from plugins.memberships.services.refunding import ask_refund, follow_order, give_up, hand_over_again
from plugins.memberships.services.terms import extend
from plugins.memberships.services.upgrading import quote
from plugins.memberships.services.wishing import set_vehicle, wish
from plugins.org_hierarchy.interfaces import closing_blockers
from saleor_o2o.cashier.models import OrderRefund
from saleor_o2o.kernel.clock import SHANGHAI, frozen, now
from saleor_o2o.kernel.models import EventRecord
from saleor_o2o.kernel.numbering import next_number
from saleor_o2o.ordering.models import OrderProfile
from tests.after_sale.conftest import Shop
from tests.members.asking import somebody
from tests.orgs import person
from tests.threads import kinds, meeting, together

from .acts import buy, money_arrives, pay, place, refused

D = Decimal


def of(member: Member, kind: str = "paid") -> Membership:
    return Membership.objects.get(member=member, kind=kind)


def spans(membership: Membership) -> list[tuple[str, str, int]]:
    """Of each term that counts: plan, origin, days."""
    rows = membership.terms.filter(voided_at__isnull=True).select_related("plan").order_by("starts_at", "pk")
    return [(one.plan.code, one.origin, days_between(one.starts_at, one.ends_at)) for one in rows]


def at(day: str, hour: int = 10) -> datetime:
    return datetime.fromisoformat(f"{day}T{hour:02d}:00:00").replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("start", "months", "until"),
    [("2026-11-29", 12, "2027-11-29"), ("2027-01-31", 1, "2027-02-28"), ("2028-02-29", 12, "2029-02-28")],
)
def test_months_are_never_short(start: str, months: int, until: str) -> None:
    ends = period_end(at(start), months)
    assert last_day(ends) == date.fromisoformat(until)
    # then: what follows at a midnight adds the months exactly
    assert last_day(period_end(ends, months)) == add_months(ends.date(), months) - timedelta(days=1)


def test_a_difference_in_words() -> None:
    told = difference([Stretch(200, D("100.00"), 365)], D("300.00"), 365)
    assert (told.amount, told.days) == (D("109.59"), 200)
    assert told.words == "剩余 200 天 ×（新 每天 ¥0.8219 − 原 每天 ¥0.2740） = ¥109.59"


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 800), st.integers(1, 50_000), st.integers(365, 800)), min_size=1, max_size=3
    ),
    st.integers(1, 50_000),
)
def test_differences_are_exact_to_the_fen(stretches: list[tuple[int, int, int]], price: int) -> None:
    rows = [Stretch(days, D(old) / 100, whole) for days, old, whole in stretches]
    told = difference(rows, D(price) / 100, 365)
    exact = sum(one.days * (D(price) / 365 - one.price * 100 / one.whole) for one in rows)
    assert told.amount > 0 and abs(max(exact, D(1)) - told.amount * 100) <= D("0.5000001")


def test_a_paid_plan_runs_at_once_and_once(shop: Shop, member: Member, plans: dict[str, Plan]) -> None:
    # given
    with frozen(at("2026-11-29")):
        order = buy(shop, plans["year"])

        # when: the same news again
        again = begin(order.pk)

    # then: through the same day a year later, handed over by itself
    membership = of(member)
    assert again == 0 and spans(membership) == [("year", "bought", 366)]
    assert last_day(membership.ends_at) == date(2027, 11, 29)
    assert OrderProfile.objects.get(order=order).state == "received"
    assert Term.objects.get().paid == D("100.00")


def test_renewing_adds_to_the_end_before_and_after_it(
    shop: Shop, member: Member, plans: dict[str, Plan]
) -> None:
    # given
    with frozen(at("2026-11-29")):
        buy(shop, plans["year"])
    with frozen(at("2027-06-01")):
        buy(shop, plans["year"])
    assert last_day(of(member).ends_at) == date(2028, 11, 29)

    # when: it runs out, and is bought again later
    with frozen(at("2028-12-24")):
        ending.expire_due()
        assert of(member).state == "expired"
        buy(shop, plans["year"], 2)

    # then: from then on, two years
    membership = of(member)
    assert membership.state == "active" and last_day(membership.ends_at) == date(2030, 12, 24)


def test_a_member_is_told_once_before_the_end(shop: Shop, member: Member, plans: dict[str, Plan]) -> None:
    # given
    with frozen(at("2026-11-29")):
        buy(shop, plans["year"])

    # when
    with frozen(at("2027-11-10")):
        early = ending.notice()
    with frozen(at("2027-11-20")):
        told = [ending.notice(), ending.notice()]
    with frozen(at("2027-11-30", 0)):
        over = [ending.expire_due(), ending.expire_due()]

    # then
    assert (early, told, over) == (0, [1, 0], [1, 0])
    assert EventRecord.objects.filter(name="memberships.expiring").count() == 1
    assert EventRecord.objects.filter(name="memberships.ended").count() == 1


def test_upgrading_pays_the_difference_of_the_days_left(
    shop: Shop, member: Member, plans: dict[str, Plan]
) -> None:
    # given: 366 days for 100, of which 200 are left
    with frozen(at("2026-11-29")):
        buy(shop, plans["year"])
    with frozen(at("2027-05-14")):
        made = quote(member, of(member).number, "gold")
        assert (made.days, made.quantity, made.amount) == (200, 1, D("108.84"))

        # when
        order = buy(shop, plans["gold"], quote=made.number)

    # then: what was paid is the difference, the end stays
    assert order.total_gross_amount == D("108.84")
    membership = of(member)
    assert membership.plan.code == "gold" and last_day(membership.ends_at) == date(2027, 11, 29)
    assert spans(membership) == [("year", "bought", 166), ("gold", "upgrade", 200)]

    # and: once only, and not to what one has
    with frozen(at("2027-05-14")):
        again = place(shop, plans["gold"], quote=made.number)
        assert [one["code"] for one in again["errors"]] == ["QUOTE_OVER"]
        assert refused(partial(quote, member, membership.number, "year")) == "NOT_HIGHER"


def test_an_old_quote_and_a_stranger_s_are_refused(
    shop: Shop, member: Member, plans: dict[str, Plan]
) -> None:
    # given
    buy(shop, plans["year"])
    made = quote(member, of(member).number, "gold")
    other = shop.people["clerk"]

    # then
    assert place(shop, plans["gold"], quote=made.number, user=other)["errors"][0]["code"] == "NOT_FOUND"
    assert place(shop, plans["gold"], 2, quote=made.number)["errors"][0]["code"] == "QUOTE_MISFIT"
    Quote.objects.update(expires_at=now())
    assert place(shop, plans["gold"], quote=made.number)["errors"][0]["code"] == "QUOTE_OVER"
    assert Order.objects.count() == 1


def test_an_unused_one_goes_back_in_full(shop: Shop, member: Member, plans: dict[str, Plan]) -> None:
    # given: two years, the first is given back; after-sale is not the way to
    with frozen(at("2026-11-29")):
        first, second = buy(shop, plans["year"]), buy(shop, plans["year"])
        term = Term.objects.get(order=first)
        assert refused(partial(shop.ask, first)) == "WINDOW_OVER"

        # when: twice
        ask_refund(shop.shopper, member, term.pk)
        ask_refund(shop.shopper, member, term.pk)

        # then: one refund, and the second year begins now
        assert OrderRefund.objects.get().amount == D("100.00")
        membership = of(member)
        assert (membership.state, spans(membership)) == ("active", [("year", "bought", 366)])
        assert last_day(membership.ends_at) == date(2027, 11, 30)

        # when: it fails after all
        money_arrives(shop, first, closed=True)

        # then: both years again; the other one can go back as well
        assert [days for _plan, _origin, days in spans(of(member))] == [366, 366]
        assert last_day(of(member).ends_at) == date(2028, 11, 29)
        ask_refund(shop.shopper, member, Term.objects.get(order=second).pk)
        assert [days for _plan, _origin, days in spans(of(member))] == [366]


def test_a_refunded_upgrade_gives_the_old_days_back(
    shop: Shop, member: Member, plans: dict[str, Plan]
) -> None:
    # given
    buy(shop, plans["year"])
    made = quote(member, of(member).number, "gold")
    order = buy(shop, plans["gold"], quote=made.number)
    old = Term.objects.get(origin=Origin.BOUGHT)
    assert refused(partial(ask_refund, shop.shopper, member, old.pk)) == "NOT_REFUNDABLE"

    # when
    ask_refund(shop.shopper, member, Term.objects.get(order=order).pk)
    money_arrives(shop, order)

    # then
    assert of(member).plan.code == "year" and spans(of(member)) == [("year", "bought", 366)]
    assert hand_over_again() == 0


def test_what_is_not_refunded(shop: Shop, member: Member, plans: dict[str, Plan]) -> None:
    # given
    with frozen(at("2026-11-01")):
        order = buy(shop, plans["year"])
    term = Term.objects.get()

    # then: too late
    with frozen(at("2026-11-09")):
        assert refused(partial(ask_refund, shop.shopper, member, term.pk)) == "REFUND_TOO_LATE"
    assert refused(partial(ask_refund, shop.shopper, member, term.pk + 1)) == "NOT_FOUND"
    assert spans(of(member)) == [("year", "bought", 366)]

    # when: the staff refunds it anyway, a half changes nothing, the whole ends it
    from saleor_o2o.cashier.interfaces import refund_order

    with frozen(at("2026-11-20")):
        refund_order(order.pk, D("50.00"), reason="服务不满意", key="m1", user=shop.people["city"])
        follow_order(order.pk)
        assert of(member).state == "active"
        refund_order(order.pk, D("50.00"), reason="服务不满意", key="m2", user=shop.people["city"])
        follow_order(order.pk)
    assert of(member).state == "ended"


def test_a_gift_is_the_other_s_and_the_buyer_s_to_give_back(
    shop: Shop, member: Member, plans: dict[str, Plan]
) -> None:
    # given
    wish(member, "year", "2026-11", mobile="139 0000 7777")

    # when
    buy(shop, plans["year"])

    # then
    term = Term.objects.select_related("membership__member").get()
    whose = term.membership.member
    assert (term.origin, term.giver, whose == member) == ("gift", member, False)
    assert refused(partial(ask_refund, whose.user, whose, term.pk)) == "NOT_FOUND"
    ask_refund(shop.shopper, member, term.pk)
    assert Membership.objects.get().state == "ended"


def test_a_car_s_membership_follows_its_car(shop: Shop, member: Member, plans: dict[str, Plan]) -> None:
    # given
    cars = [
        Vehicle.objects.create(member=member, plate=plate, digest=plate) for plate in ("渝A12345", "渝B54321")
    ]
    assert refused(partial(wish, member, "car", "2026-11", mobile="13900007777")) == "INVALID"
    assert refused(partial(wish, member, "car", "old")) == "REQUIRED"
    wish(member, "car", "2026-11", vehicle_id=cars[0].pk)

    # when: one for each car, and one that was not said for which
    buy(shop, plans["car"])
    wish(member, "car", "2026-11", vehicle_id=cars[1].pk)
    buy(shop, plans["car"])

    # then
    rows = list(Membership.objects.filter(member=member).order_by("pk"))
    assert [one.vehicle_id for one in rows] == [cars[0].pk, cars[1].pk]
    assert refused(partial(set_vehicle, member, rows[0].number, cars[1].pk)) == "VEHICLE_TAKEN"
    third = Vehicle.objects.create(member=member, plate="渝C00001", digest="c")
    assert refused(partial(set_vehicle, member, rows[0].number, third.pk)) == "VEHICLE_CHANGED"
    Membership.objects.update(vehicle_at=now() - timedelta(days=31))
    assert set_vehicle(member, rows[0].number, third.pk).vehicle == third
    third.delete()
    assert Membership.objects.get(pk=rows[0].pk).vehicle_id is None


def test_nobody_closes_a_running_membership_unasked(
    shop: Shop, member: Member, plans: dict[str, Plan]
) -> None:
    # given
    buy(shop, plans["year"])
    assert any("年卡有效期至" in str(one.text) for one in closing_blockers(shop.shopper))

    # when
    give_up(member, of(member).number)
    follow_order(Order.objects.get().pk)

    # then: no money, no blocker, and no refund afterwards
    assert (of(member).state, OrderRefund.objects.count()) == ("ended", 0)
    assert not any("年卡" in str(one.text) for one in closing_blockers(shop.shopper))
    assert refused(partial(ask_refund, shop.shopper, member, Term.objects.get().pk)) == "NOT_REFUNDABLE"


def test_many_periods_at_once_follow_each_other(shop: Shop, member: Member, plans: dict[str, Plan]) -> None:
    # when: four doors give a year at the same moment
    city = shop.org["CQ"].pk
    results = together(
        *(partial(extend, member, plans["year"], origin=Origin.GIVEN, unit_id=city) for _ in range(4))
    )

    # then: one membership, four years without overlap
    assert kinds(results) == ["Term"] * 4, results
    terms = list(of(member).terms.order_by("starts_at"))
    assert all(one.ends_at == after.starts_at for one, after in pairwise(terms))
    assert days_between(now(), of(member).ends_at) in (1461, 1462)


def test_nobody_s_order_is_paid_back(shop: Shop, plans: dict[str, Plan]) -> None:
    # given: a guest pays for a membership
    done = place(shop, plans["year"])
    order = Order.objects.get(token=done["order"]["token"])
    Order.objects.update(user=None)

    # when
    pay(shop, order)

    # then
    assert (Term.objects.count(), OrderRefund.objects.get().amount) == (0, D("100.00"))


def test_two_members_become_one_without_losing_a_day(
    shop: Shop, member: Member, plans: dict[str, Plan]
) -> None:
    # given: both have the year, the second a car's as well
    with frozen(at("2026-11-29")):
        other = somebody("13900006666")
        city = shop.org["CQ"].pk
        for whose in (member, other):
            extend(whose, plans["year"], origin=Origin.GIVEN, unit_id=city)
        extend(other, plans["car"], origin=Origin.GIVEN, unit_id=city)

        # when
        merge_proven(member, other, "两个号码均已核验")

        # then
        assert spans(of(member)) == [("year", "given", 366), ("year", "given", 366)]
        assert of(member, "car").plan.code == "car"
        assert Membership.objects.get(member=other).state == "ended"


def test_two_members_with_the_same_car_cards_uses_and_a_quote(
    shop: Shop, member: Member, plans: dict[str, Plan]
) -> None:
    # given: both have the year, a card of it and the same car with a membership; one has another car without any
    city = shop.org["CQ"].pk
    other = somebody("13900006666")
    boss = person(shop.org["CQ"], "boss")
    batch = CardBatch.objects.create(
        number="YP1", plan=plans["year"], unit_id=city, count=2, good_until=at("2030-01-01"), note="测试", made_by=boss
    )  # fmt: skip
    wash = PlanBenefit.objects.create(
        plan=plans["year"],
        kind="right",
        code="wash",
        name="洗车券",
        quota=3,
        period="year",
        settlement=D("12.00"),
    )
    for whose in (member, other):
        number = next_number(CARD)
        year = extend(whose, plans["year"], origin=Origin.GIVEN, unit_id=city).membership
        Card.objects.create(number=number, batch=batch, plan=plans["year"], unit_id=city, scratch=number,
                            good_until=at("2030-01-01"), membership=year, state="active")  # fmt: skip
        with transaction.atomic():
            write_use(lock_membership(year.pk), wash, key=number, unit_id=city, settlement=D("12.00"))
        car = Vehicle.objects.create(member=whose, plate="渝A12345", digest="same")
        extend(whose, plans["car"], origin=Origin.GIVEN, unit_id=city, vehicle=car)
    Vehicle.objects.create(member=member, plate="渝B88888", digest="second")
    lonely = Vehicle.objects.create(member=other, plate="渝B88888", digest="second")
    extend(other, plans["car"], origin=Origin.GIVEN, unit_id=city, vehicle=lonely)
    asked = quote(other, of(other).number, "gold")

    # when
    merge_proven(member, other, "两个号码均已核验")

    # then: a membership for each car with its car, two terms where both had one
    found = Membership.objects.filter(member=member, state="active").order_by("vehicle__plate")
    kept = [(one.kind, one.vehicle.plate if one.vehicle else "", len(spans(one))) for one in found]
    assert sorted(kept) == [("car", "渝A12345", 2), ("car", "渝B88888", 1), ("paid", "", 2)]
    assert {one.vehicle.member_id for one in found if one.vehicle} == {member.pk}

    # then: uses counted together, one card, the other void, the quote is the kept member's
    year = of(member)
    assert (year.uses.count(), standings(year)[0].left) == (2, 1)
    assert list(Card.objects.order_by("number").values_list("state", "membership__member")) == [
        ("active", member.pk), ("void", other.pk),
    ]  # fmt: skip
    assert Quote.objects.get(pk=asked.pk).membership == year


def test_the_same_news_told_many_times_at_once_is_one_term(
    shop: Shop, member: Member, plans: dict[str, Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: paid, and the news not delivered yet
    monkeypatch.setattr(buying, "begin", lambda _order: 0)
    order = buy(shop, plans["year"])
    monkeypatch.undo()

    # when
    results = together(*(partial(begin, order.pk) for _worker in range(6)))

    # then
    assert (sorted(results), Term.objects.count()) == ([0, 0, 0, 0, 0, 1], 1), results


def test_without_the_lock_the_same_news_would_collide(
    shop: Shop, member: Member, plans: dict[str, Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: the order is read, not locked, and both have looked before either writes
    monkeypatch.setattr(buying, "begin", lambda _order: 0)
    order = buy(shop, plans["year"])
    monkeypatch.undo()
    meet = meeting(2)
    monkeypatch.setattr(buying, "lock_for_fulfilment", lambda pk: Order.objects.get(pk=pk))
    monkeypatch.setattr(buying, "fulfil_all", lambda *_told, **_more: None)
    look = buying.unit_of_order

    def met(order_id: Any) -> int:
        meet()
        return look(order_id)

    monkeypatch.setattr(buying, "unit_of_order", met)

    # when
    results = together(*(partial(begin, order.pk) for _worker in range(2)))

    # then: only the line's unique key stands between them
    assert (kinds(results), Term.objects.count()) == (["IntegrityError", "int"], 1), results
