"""A sale paid in several ways: card, cash, POS slip, code; refunds in shares; nothing twice."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db.models import Sum
from saleor.giftcard.models import GiftCard

from plugins.counter_sales.error_codes import CounterErrorCode as Code
from plugins.counter_sales.errors import CounterError
from plugins.counter_sales.models import CashReceipt, CounterSale, Drawer, PosReceipt, SaleRefund
from plugins.counter_sales.selectors.sales import day_of
from plugins.counter_sales.selectors.shifts import sums_of
from plugins.counter_sales.services.cancelling import cancel_sale
from plugins.counter_sales.services.codes import show_code
from plugins.counter_sales.services.mixed import compose_sale
from plugins.counter_sales.services.refunds import refund_sale
from plugins.counter_sales.services.shift_reports import print_report
from plugins.counter_sales.services.shifts import count_shift, open_shift
from saleor_o2o.cashier.interfaces import Wish
from saleor_o2o.cashier.models import CardMovement, PartRefund, PaymentPart
from saleor_o2o.cashier.services.handing_back import hand_back
from saleor_o2o.kernel.clock import today
from tests.orgs import again
from tests.threads import kinds, together

from .conftest import Counter, Wechat

D = Decimal


@pytest.fixture
def card(counter: Counter) -> GiftCard:
    return GiftCard.objects.create(code="CARD1", initial_balance_amount=D(20), current_balance_amount=D(20))


def cash(amount: str | None = None) -> Wish:
    return Wish("cash", "", None if amount is None else D(amount))


def pos(slip: str, amount: str) -> Wish:
    return Wish("pos", f"30010001/{slip}", D(amount))


def sale_of(counter: Counter, *wishes: Wish, quantity: int = 2) -> CounterSale:
    """79.80, covered by these."""
    sale = counter.place(quantity)
    return compose_sale(again(counter.clerk), sale.pk, wishes)


def test_card_cash_slip_and_code_pay_one_sale(counter: Counter, wechat: Wechat, card: GiftCard) -> None:
    # given
    sale = sale_of(counter, Wish("gift_card", "card1"), cash("10"), pos("POS0001", "19.80"))
    assert (sale.state, counter.balance()) == ("placed", D("490.00"))

    # when
    show_code(again(counter.clerk), sale.pk)
    number = wechat.pay(sale)
    assert wechat.trades[number].fen == 3000
    wechat.notify(number)

    # then
    sale = CounterSale.objects.get()
    assert (sale.state, sale.paid_by) == ("paid", "mixed")
    assert sorted(PaymentPart.objects.values_list("kind", "state", "amount")) == [
        ("cash", "captured", D("10.00")), ("gift_card", "captured", D("20.00")), ("pos", "captured", D("19.80")),
    ]  # fmt: skip
    receipt = CashReceipt.objects.get()
    assert (receipt.kind, receipt.amount, receipt.movement.amount) == ("taken", D("10.00"), D("-10.00"))
    assert sale.order.payments.get().captured_amount == D("79.80")


def test_cash_and_a_card_for_everything_pay_at_once(counter: Counter, wechat: Wechat, card: GiftCard) -> None:
    # when
    sale = sale_of(counter, Wish("gift_card", "CARD1"), cash())

    # then: no code was ever shown
    assert (sale.state, sale.paid_by, wechat.trades) == ("paid", "mixed", {})
    assert counter.balance() == D("440.20")


def test_the_shift_counts_each_part_where_it_belongs(
    counter: Counter, wechat: Wechat, card: GiftCard
) -> None:
    # given: a shift; 79.80 by 20 of a card, 10 in cash, 19.80 by slip and 30 by code; and 39.90 by code alone
    drawer = Drawer.objects.create(unit=counter.org["B111"], name="1号台")
    shift = open_shift(again(counter.clerk), drawer.pk, {"100": 2})
    sale = sale_of(counter, Wish("gift_card", "CARD1"), cash("10"), pos("POS0001", "19.80"))
    for one in (sale, counter.place(1)):
        show_code(again(counter.clerk), one.pk)
        wechat.notify(wechat.pay(one))

    # when: a tenth of the first goes back, in exact shares
    refund_sale(again(counter.clerk), sale.pk, D("7.98"), "少件", key=str(uuid4()))

    # then: the code's part is with the codes, and all parts are what was sold
    sums = sums_of(shift)
    assert (sums.code_in, sums.code_in_count, sums.code_back, sums.code_back_count) == (
        D("69.90"), 2, D("3.00"), 1,
    )  # fmt: skip
    assert (sums.cash_in, sums.pos_in, sums.card_in, sums.sold) == (
        D("10.00"), D("19.80"), D("20.00"), D("119.70"),
    )  # fmt: skip
    assert (sums.cash_back, sums.pos_back, sums.card_back) == (
        D("1.00"),
        D(0),
        D("2.00"),
    )  # the slip is by hand
    day = day_of(again(counter.clerk), today())
    assert (day.code, day.code_count, day.code_back) == (D("69.90"), 2, D("3.00"))

    # then: on the paper
    count_shift(again(counter.clerk), shift.pk, {"100": 2, "5": 1, "1": 4}, D("19.80"))
    report = print_report(again(counter.clerk), shift.pk)
    assert (report.sums.code_in, report.shift.difference) == (D("69.90"), D(0))


def test_a_click_too_many_takes_nothing_more(counter: Counter, wechat: Wechat) -> None:
    # given
    sale = counter.place(2)

    # when
    results = together(*[lambda: compose_sale(again(counter.clerk), sale.pk, [cash("10")])] * 4)

    # then
    assert kinds(results) == ["CounterSale"] * 4
    assert (counter.balance(), PaymentPart.objects.count()) == (D("490.00"), 1)


def test_a_slip_counts_once(counter: Counter, wechat: Wechat) -> None:
    # given
    sales = [counter.place(1) for _ in range(4)]

    # when
    results = together(
        *[lambda one=one: compose_sale(again(counter.clerk), one.pk, [pos("POS7777", "10")]) for one in sales]
    )

    # then
    refused = [result for result in results if isinstance(result, CounterError)]
    assert [error.code for error in refused] == [Code.POS_SLIP_USED] * 3
    assert (PosReceipt.objects.count(), PaymentPart.objects.count()) == (1, 1)


def test_a_float_that_is_too_small_holds_nothing(counter: Counter, wechat: Wechat, card: GiftCard) -> None:
    # given: 500 in the float, 390 of it taken by an open sale
    sale_of(counter, cash("390"), quantity=10)
    counter.world.stock.quantity = 30
    counter.world.stock.save()
    sale = counter.place(5)

    # when
    with pytest.raises(CounterError) as refused:
        compose_sale(again(counter.clerk), sale.pk, [Wish("gift_card", "CARD1"), cash("150")])

    # then
    card.refresh_from_db()
    assert refused.value.code is Code.FLOAT_INSUFFICIENT
    assert (counter.balance(), card.current_balance_amount) == (D("110.00"), D(20))
    assert PaymentPart.objects.count() == 1


@pytest.mark.parametrize(
    "typed", ["", "000123", "/000123", "30010001/", "30010001/1", "30010001/汉字汉字", "30010001/" + "A" * 40]
)
def test_a_slip_without_terminal_or_number_is_refused(counter: Counter, wechat: Wechat, typed: str) -> None:
    # when / then
    with pytest.raises(CounterError) as refused:
        sale_of(counter, Wish("pos", typed, D("10")))
    assert refused.value.code is Code.POS_INVALID


def test_cancelling_leaves_cash_to_the_clerks_hand(counter: Counter, wechat: Wechat, card: GiftCard) -> None:
    # given
    sale = sale_of(counter, Wish("gift_card", "CARD1"), cash("10"))

    # when
    cancel_sale(again(counter.clerk), sale.pk)

    # then: the card at once, the notes when they are handed over
    card.refresh_from_db()
    waiting = PartRefund.objects.get()
    assert (card.current_balance_amount, waiting.amount, counter.balance()) == (
        D(20),
        D("10.00"),
        D("490.00"),
    )
    hand_back(counter.world.admin, waiting.pk, "顾客签收")
    assert counter.balance() == D("500.00")


def test_refunds_in_shares_at_the_counter(
    counter: Counter, wechat: Wechat, card: GiftCard, colleague: Any
) -> None:
    # given
    sale = sale_of(counter, Wish("gift_card", "CARD1"), cash("39.80"), pos("POS0001", "20"))
    assert sale.state == "paid"

    # when
    one, two = str(uuid4()), str(uuid4())
    refund_sale(again(counter.clerk), sale.pk, D("7.98"), "少件", key=one)
    refund_sale(again(counter.clerk), sale.pk, D("7.98"), "少件", key=one)

    # then: a tenth of each; cash at once, the slip by hand
    card.refresh_from_db()
    assert (card.current_balance_amount, counter.balance()) == (D("2.00"), D("464.18"))
    assert sorted(PartRefund.objects.values_list("part__kind", "amount", "state")) == [
        ("cash", D("3.98"), "done"), ("gift_card", D("2.00"), "done"), ("pos", D("2.00"), "waiting"),
    ]  # fmt: skip
    assert SaleRefund.objects.get().paid_by == "mixed"

    # when: the terminal has given the slip's tenth back, and the rest is refunded
    waiting = PartRefund.objects.get(state="waiting")
    for typed, code in (("顾客签收", Code.POS_INVALID), ("30010001/POS0001", Code.POS_SLIP_USED)):
        with pytest.raises(CounterError) as refused:
            hand_back(counter.world.admin, waiting.pk, typed)
        assert refused.value.code is code
    hand_back(counter.world.admin, waiting.pk, "30010001/POS0002")
    assert sorted(PosReceipt.objects.values_list("kind", "amount", "slip")) == [
        ("given_back", D("2.00"), "POS0002"),
        ("taken", D("20.00"), "POS0001"),
    ]
    refund_sale(again(counter.clerk), sale.pk, D("71.82"), "不要了", key=two)

    # then
    sale = CounterSale.objects.get()
    card.refresh_from_db()
    assert (sale.state, sale.refunded, card.current_balance_amount) == ("refunded", D("79.80"), D(20))
    assert counter.balance() == D("500.00")
    assert CardMovement.objects.aggregate(n=Sum("amount"))["n"] == 0
    assert sale.order.payments.get().charge_status == "fully-refunded"


def test_the_money_limit_of_cash_counts(counter: Counter, wechat: Wechat, colleague: Any) -> None:
    # given
    from plugins.org_hierarchy.interfaces import OrgError

    poor = colleague("B111", "poor", limits={"cash": "5.00"})
    sale = counter.place(1, user=poor)

    # when / then
    with pytest.raises(OrgError):
        compose_sale(again(poor), sale.pk, [cash("10")])
    assert counter.balance() == D("500.00")
