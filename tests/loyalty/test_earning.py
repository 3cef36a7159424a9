"""What an order gives: after completion, by line, by level; what goes back takes its share along."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from saleor.order.models import Order

from plugins.after_sale.services.deciding import agree
from plugins.loyalty.kinds import Book
from plugins.loyalty.models import EarnRule, Entry, Level, Lot, MemberLevel, OrderEarning, SettlementRate
from plugins.loyalty.services.earning import reckon
from plugins.members.interfaces import ensure_member
from plugins.members.models import Member
from saleor_o2o.cashier.interfaces import refund_order
from saleor_o2o.cashier.models import OrderRefund
from saleor_o2o.cashier.ports import RefundState
from saleor_o2o.cashier.services.refunding import apply_refund_fact, drive_refund
from saleor_o2o.kernel.clock import now
from saleor_o2o.ordering.models import OrderProfile, SubOrder
from saleor_o2o.ordering.services.receiving import complete_all_due, receive
from tests.after_sale.conftest import Shop
from tests.orgs import again

from .conftest import LONG_AGO, purse_of, sound, use

D = Decimal


@pytest.fixture
def member(shop: Shop) -> Member:
    """The shopper, as a member; a point a yuan and growth alike."""
    EarnRule.objects.create(occasion="order", rate=1, growth_rate=1, valid_from=now() - LONG_AGO)
    SettlementRate.objects.create(per_hundred=D("0.50"), valid_from=now() - LONG_AGO)
    return ensure_member(shop.shopper)


def complete(shop: Shop, order: Order) -> None:
    """Sent, received, and the time for after-sale over."""
    shop.send(order)
    if shop.part(order).received_at is None:
        receive(order.pk)
    SubOrder.objects.filter(order=order).update(after_sale_until=now() - timedelta(seconds=1))
    complete_all_due()
    assert OrderProfile.objects.get(order=order).completed_at is not None


def entries(order: Order, book: str = "points") -> list[tuple[str, int]]:
    """What was booked for an order."""
    rows = Entry.objects.filter(order_id=order.pk, book=book).order_by("pk")
    found = []
    for row in rows:
        own = sum(int(line.amount) for line in row.lines.exclude(purse=None))
        found.append((str(row.kind), own))
    return found


def test_points_come_when_the_order_is_completed(shop: Shop, member: Member) -> None:
    # given: oranges 119.70, a pomelo 25.00, freight 10.00
    order = shop.buy()
    assert purse_of(member) == (0, 0)

    # when
    complete(shop, order)
    for _ in range(3):
        reckon(order.pk)

    # then: 144.70 yuan, freight apart; the fraction is dropped once
    assert entries(order) == [("earn", 144)] and entries(order, "growth") == [("earn", 144)]
    assert [row.points for row in OrderEarning.objects.order_by("pk")] == [119, 25]
    assert purse_of(member) == (144, 0) and purse_of(member, Book.GROWTH) == (144, 0)
    assert Entry.objects.get(book="points").unit == shop.org["B111"]
    sound()


def test_goods_of_a_category_and_the_level_count(shop: Shop, member: Member) -> None:
    # given: half a point a yuan for the category, twice of it on the member's level
    EarnRule.objects.create(
        occasion="order",
        category=shop.world.category,
        rate="0.50",
        growth_rate=0,
        valid_from=now() - LONG_AGO,
    )
    level = Level.objects.create(code="gold", name="金卡", rank=2, threshold=500, points_percent=200)
    Level.objects.create(code="basic", name="普通", rank=1)
    MemberLevel.objects.create(member=member, level=level, until=now() + timedelta(days=9))

    # when
    complete(shop, shop.buy())

    # then
    assert purse_of(member) == (144, 0) and purse_of(member, Book.GROWTH) == (0, 0)
    sound()


def test_half_the_goods_back_before_completion_is_half_the_points(shop: Shop, member: Member) -> None:
    # given: four oranges (159.60), of which two go back while the time for after-sale runs
    order = shop.buy({shop.world.variant: 4})
    shop.send(order)
    receive(order.pk)
    SubOrder.objects.filter(order=order).update(after_sale_until=now() + timedelta(days=7))
    row = shop.ask(order, lines={shop.line(order).pk: (2, None)})
    agree(again(shop.people["area"]), row.pk)
    shop.arrive(row)

    # when
    SubOrder.objects.filter(order=order).update(after_sale_until=now() - timedelta(seconds=1))
    complete_all_due()

    # then: 159 in all, 79 kept (80 go with the halves)
    assert entries(order) == [("earn", 79)]
    assert purse_of(member) == (79, 0)
    sound()


def test_money_that_goes_back_later_takes_its_points_exactly(shop: Shop, member: Member) -> None:
    # given
    order = shop.buy()
    complete(shop, order)
    area = again(shop.people["area"])

    # when: the staff give 50.00 back, then the rest with the freight
    refund_order(order.pk, D("50.00"), reason="品质差价", key="goodwill-1", user=area)
    first = purse_of(member)
    refund_order(order.pk, D("104.70"), reason="全部退款", key="goodwill-2", user=area)

    # then: 50/144.70 of 119 and 25 are 41 and 9
    assert first == (94, 0)
    assert purse_of(member) == (0, 0) and purse_of(member, Book.GROWTH) == (0, 0)
    assert [row.kept_points for row in OrderEarning.objects.all()] == [0, 0]
    sound()


def test_points_that_were_used_are_owed_after_a_refund(shop: Shop, member: Member) -> None:
    # given
    order = shop.buy()
    complete(shop, order)
    use(member, 140, "used", shop.org["B121"])

    # when
    refund_order(order.pk, D("154.70"), reason="全部退款", key="all", user=again(shop.people["area"]))

    # then
    assert purse_of(member) == (0, 140)
    sound()


def test_a_refund_that_fails_gives_the_points_back(shop: Shop, member: Member) -> None:
    # given
    order = shop.buy()
    complete(shop, order)
    refund_order(order.pk, D("154.70"), reason="全部退款", key="all", user=again(shop.people["area"]))
    assert purse_of(member) == (0, 0)

    # when: the provider closes it without paying
    refund = OrderRefund.objects.get(key="all").remote.get()
    drive_refund(refund.pk)
    [trade] = [one for one in shop.provider.trades.values() if refund.number in one.refunds]
    fen, _state = trade.refunds[refund.number]
    trade.refunds[refund.number] = (fen, RefundState.CLOSED)
    apply_refund_fact(shop.provider.refund_fact(refund.number))

    # then: good for as long as they were
    assert purse_of(member) == (144, 0)
    assert len(set(Lot.objects.values_list("expires_at", flat=True))) == 1
    sound()


def test_nothing_for_the_blacklisted(shop: Shop, member: Member) -> None:
    # given
    Member.objects.filter(pk=member.pk).update(status="blacklisted")

    # when
    complete(shop, shop.buy())

    # then
    assert purse_of(member) == (0, 0) and Entry.objects.count() == 0
