"""What orders remember: the rules of their day, whatever comes later; two statements; the same to everybody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from saleor.account.models import User
from saleor.discount.models import Voucher
from saleor.order.models import Order, OrderLine
from saleor.product.models import Category, Product, ProductVariant

from plugins.channels.models import Channel
from plugins.commissions.errors import CommissionError
from plugins.commissions.explaining import explain_line, explain_order
from plugins.commissions.models import BusinessCategory, CommissionPlan, CommissionRule, CommissionSnapshot
from plugins.commissions.snapshots import order_written, snapshot_of
from plugins.org_hierarchy.attribution import attribute
from plugins.org_hierarchy.models import OrgUnit
from saleor_o2o.kernel.clock import SHANGHAI
from saleor_o2o.kernel.states import move
from saleor_o2o.ordering.interfaces import OrderDeduction
from saleor_o2o.ordering.origin import Made, Origin

from ..orgs import person
from ..stock.world import World, make_order
from .rates import install, plan_of, rule, tier

Make = Callable[..., Order]


def shares(order: Order) -> dict[str, str]:
    return {key: str(amount) for _rank, key, _name, amount in explain_order(order).places()}


def test_an_order_is_shared_out_along_its_path(
    org: dict[str, OrgUnit], standard: CommissionPlan, fruit: Category, order_at: Make
) -> None:
    # given
    clerk = person(org["O1111"], "clerk")
    order = order_at(org["O1111"], operator=clerk)

    # when
    explained = explain_order(order)

    # then: 12 % of 79.80 = 9.576
    assert shares(order) == {
        f"unit:{org['CQ'].pk}": "0.47", f"unit:{org['A1'].pk}": "0.47", f"unit:{org['C11'].pk}": "1.43",
        f"unit:{org['B111'].pk}": "2.39", f"unit:{org['O1111'].pk}": "3.59", f"user:{clerk.pk}": "1.23",
    }  # fmt: skip
    assert explained.total == Decimal("9.58")
    assert explained.lines[0].business == "produce"
    assert "奉节脐橙" in explained.text() and "clerk 1.23 元" in explained.text()
    assert explain_line(order.lines.get()).total == Decimal("9.58")


def test_an_owner_who_sells_at_his_shop_has_the_shops_share_and_no_clerks(
    org: dict[str, OrgUnit], standard: CommissionPlan, fruit: Category, order_at: Make
) -> None:
    # given
    owner = User.objects.create_user("owner@example.com", "pass-word")
    Channel.objects.create(code="WD000001", type="micro_shop", name="张姐微店", unit=org["B111"])

    # when
    order = order_at(org["B111"], operator=owner, channel_type="micro_shop", channel_code="WD000001")

    # then
    got = shares(order)
    assert f"user:{owner.pk}" not in got and "channel:WD000001" in got
    assert sum(map(Decimal, got.values())) == explain_order(order).total


def test_a_partners_shop_stands_at_the_lowest_rank(
    org: dict[str, OrgUnit], standard: CommissionPlan, fruit: Category, order_at: Make
) -> None:
    # given: a micro-shop of a branch, with a plan of its own
    Channel.objects.create(
        code="WD000001", type="micro_shop", name="张姐微店", unit=org["B111"], commission_plan="CQ-SHOP"
    )
    own = plan_of(org["CQ"], "CQ-SHOP", is_default=False)
    install(own, rule({1: "10", 4: "9", 5: "8"}, business="produce"))

    # when
    order = order_at(org["B111"], channel_type="micro_shop", channel_code="WD000001")

    # then: 8 % of 79.80 and the fen that are left
    found = shares(order)
    assert found["channel:WD000001"] == "6.40"
    assert sum(map(Decimal, found.values())) == Decimal("7.98")
    # and the plan of a unit counts where the channel has none
    OrgUnit.objects.filter(pk=org["C11"].pk).update(commission_template="CQ-SHOP")
    other = order_at(org["B111"])
    assert explain_order(other).total == Decimal("7.98")


def test_what_comes_later_does_not_change_an_order(
    org: dict[str, OrgUnit], standard: CommissionPlan, fruit: Category, order_at: Make
) -> None:
    # given
    order = order_at(org["O1111"])
    order_written(order, None)
    before = explain_order(order).text()

    # when: the rates, the category, the price of buying, the place in the tree, the name — all of it changes
    CommissionRule.objects.update(valid_to=date(2026, 1, 2))
    BusinessCategory.objects.all().delete()
    ProductVariant.objects.update(cost_price_amount=Decimal("1.00"))
    Product.objects.update(category=Category.objects.create(name="别的", slug="other"))
    OrgUnit.objects.filter(code="O1111").update(name="改名网点")
    CommissionPlan.objects.update(is_active=False)

    # then
    assert explain_order(order).text() == before


def test_the_day_of_an_order_is_the_day_in_shanghai(
    org: dict[str, OrgUnit], standard: CommissionPlan, fruit: Category, order_at: Make
) -> None:
    # given: from 1 July on 20 per cent; two orders a second apart, both on 30 June in Greenwich
    old = CommissionRule.objects.get(business="produce")
    CommissionRule.objects.filter(pk=old.pk).update(valid_to=date(2026, 6, 30))
    install(standard, rule({1: "20"}, business="produce", valid_from=date(2026, 7, 1)))
    midnight = datetime(2026, 7, 1, 0, 0, tzinfo=SHANGHAI)

    # then
    for moment, total in ((midnight - timedelta(seconds=1), "9.58"), (midnight, "15.96")):
        order = order_at(org["O1111"], changes={"created": moment})
        assert str(explain_order(order).total) == total


@pytest.mark.parametrize("lines", [1, 5])
def test_remembering_takes_two_statements(
    org: dict[str, OrgUnit],
    standard: CommissionPlan,
    fruit: Category,
    shop: World,
    lines: int,
) -> None:
    # given
    clerk = person(org["O1111"], "clerk")
    order = make_order(shop)
    for number in range(lines - 1):
        variant = ProductVariant.objects.create(product=shop.product, sku=f"SKU-{number}", name=str(number))
        first = order.lines.first()
        assert first is not None
        first.pk, first.variant = None, variant
        first.save(force_insert=True)
    install(standard, *[rule(business="produce", channel_type=f"type-{number}") for number in range(30)])

    attribute(order, Origin(Made.CHECKOUT, clerk))

    # when: right after the organisation's note, as when an order is written
    with CaptureQueriesContext(connection) as captured:
        order_written(order, None)

    # then: one read, one write
    assert [query["sql"].split()[0] for query in captured] == ["SELECT", "INSERT"]
    assert len(CommissionSnapshot.objects.get().lines) == lines


def test_drafts_are_remembered_once_they_are_orders(
    org: dict[str, OrgUnit], standard: CommissionPlan, fruit: Category, order_at: Make
) -> None:
    # given
    order = order_at(org["O1111"], changes={"status": "draft"})
    order_written(order, None)
    assert snapshot_of(order) is None
    with pytest.raises(CommissionError) as caught:
        explain_order(order)
    assert caught.value.code == "NOTHING_TO_EXPLAIN"

    # when
    order.status = "unfulfilled"
    order.save(update_fields=["status"])

    # then
    kept = snapshot_of(order)
    assert kept is not None and kept.volumes == {"produce": {"amount": "79.80", "quantity": 2}}
    assert snapshot_of(order) == kept
    assert CommissionSnapshot.objects.count() == 1


def test_without_an_organisation_there_is_nothing_to_remember(shop: World, db: None) -> None:
    # given
    order = make_order(shop)

    # when
    order_written(order, None)

    # then
    assert snapshot_of(order) is None


@pytest.mark.parametrize(
    ("kind", "discount", "paid"), [("entire_order", "10.00", "69.80"), ("shipping", "10.00", "79.80")]
)
def test_commission_is_on_what_was_paid_for_goods(
    org: dict[str, OrgUnit], standard: CommissionPlan, fruit: Category, order_at: Make, kind: str,
    discount: str, paid: str,
) -> None:  # fmt: skip
    # given
    voucher = Voucher.objects.create(code="TEN", type=kind, discount_value=10, currency="CNY")
    order = order_at(org["O1111"], changes={"voucher": voucher, "discount_amount": Decimal(discount)})

    # then: freight is never part of it
    assert str(explain_order(order).lines[0].paid) == paid


def test_gross_margin_needs_the_price_of_buying(
    org: dict[str, OrgUnit], standard: CommissionPlan, fruit: Category, order_at: Make
) -> None:
    # given
    install(standard, rule({1: "50"}, business="produce", category_id=fruit.pk, base="margin"))
    unknown = order_at(org["O1111"])
    order_written(Order.objects.get(pk=unknown.pk), None)

    # when
    ProductVariant.objects.update(cost_price_amount=Decimal("30.00"))
    known = order_at(org["O1111"])

    # then: half of 79.80 - 60.00
    assert explain_order(unknown).total == Decimal("0.00")
    assert "没有这项数据" in explain_order(unknown).text()
    assert explain_order(known).total == Decimal("9.90")


def test_tiers_count_the_sellers_month(
    org: dict[str, OrgUnit], standard: CommissionPlan, fruit: Category, order_at: Make
) -> None:
    # given: from 150 yuan a month on 20 per cent
    tiers = (tier({1: "10"}), tier({1: "20"}, "150"))
    install(standard, rule(business="produce", category_id=fruit.pk, kind="tiered", tiers=tiers))
    june = datetime(2026, 6, 10, 12, tzinfo=SHANGHAI)
    earlier = order_at(org["O1111"], changes={"created": june - timedelta(days=20)})
    elsewhere = order_at(org["O1112"], changes={"created": june})
    cancelled = order_at(org["O1111"], changes={"created": june, "status": "canceled"})
    first = order_at(org["O1111"], changes={"created": june})
    second = order_at(org["O1111"], changes={"created": june})

    # then: of the seller's month only the first comes before the second
    totals = [explain_order(one).total for one in (earlier, elsewhere, cancelled, first, second)]
    assert totals == [Decimal(text) for text in ("7.98", "7.98", "7.98", "7.98", "15.96")]


def test_finance_moves_the_state(
    org: dict[str, OrgUnit], standard: CommissionPlan, fruit: Category, order_at: Make
) -> None:
    # given
    kept = snapshot_of(order_at(org["O1111"]))
    assert kept is not None and kept.state == "open"

    # when
    move(kept, "settle")

    # then
    assert CommissionSnapshot.objects.get().state == "settled"


def test_lines_of_goods_that_are_gone_are_retail(
    org: dict[str, OrgUnit], standard: CommissionPlan, fruit: Category, order_at: Make
) -> None:
    # given
    order = order_at(org["O1111"])
    OrderLine.objects.filter(order=order).update(variant=None)

    # then
    assert explain_order(order).lines[0].business == "retail"


def test_each_line_bears_its_own_deductions(
    org: dict[str, OrgUnit], standard: CommissionPlan, fruit: Category, order_at: Make
) -> None:
    # given: 10.00 off the first line, 2.00 off the freight, 6.00 of a voucher; a second line like the first
    order = order_at(org["O1111"])
    first = order.lines.get()
    second = OrderLine.objects.get(pk=first.pk)
    second.pk = None
    second.save()
    OrderDeduction.objects.create(
        order=order, order_line=first, source="coupons", reference="A", title="券", amount=Decimal(10)
    )
    OrderDeduction.objects.create(
        order=order, source="coupons", reference="B", title="运费券", amount=Decimal(2)
    )
    Order.objects.filter(pk=order.pk).update(discount_amount=Decimal(18))
    CommissionSnapshot.objects.all().delete()

    # when
    kept = snapshot_of(Order.objects.get(pk=order.pk))

    # then: 69.80 and 79.80, the voucher over what is left of both
    assert kept is not None
    paid = [Decimal(line["facts"]["paid"]) for line in kept.lines]
    assert paid == [Decimal("67.00"), Decimal("76.60")]
    assert sum(paid) == 2 * Decimal("79.80") - 16
