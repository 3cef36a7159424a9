"""Cash and codes: booked once, whole or not at all, whatever happens in between."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from saleor.account.models import User
from saleor.order.models import Order
from saleor.payment.models import Payment, Transaction

from plugins.counter_sales import checking
from plugins.counter_sales.error_codes import CounterErrorCode as Code
from plugins.counter_sales.errors import CounterError
from plugins.counter_sales.models import CashReceipt, CounterSale, FloatAccount, PaidBy, SaleState
from plugins.counter_sales.services import cash, floats
from plugins.counter_sales.services.cancelling import cancel_abandoned, cancel_sale
from plugins.counter_sales.services.cash import pay_cash
from plugins.counter_sales.services.codes import check_code, show_code
from plugins.counter_sales.services.pickup import hand_over
from plugins.org_hierarchy.interfaces import OrgError
from saleor_o2o.cashier.errors import CashierError
from saleor_o2o.cashier.interfaces import awaits_money
from saleor_o2o.cashier.models import PaymentIntent, Refund, RefundReason
from saleor_o2o.cashier.ports import TradeState
from saleor_o2o.cashier.services import closing
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.models import EventRecord
from saleor_o2o.kernel.money import InvalidAmount
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope
from tests.buying import clerk as dashboard
from tests.buying.books import deadline_passes, run_all_jobs
from tests.concurrency.crowd import allocated
from tests.orgs import again
from tests.threads import together

from .conftest import Counter, Wechat
from .looking import D, fresh, nothing_booked, refused

# -- cash ------------------------------------------------------------------------------------------------------------


def test_cash_is_taken_and_the_float_goes_down(counter: Counter) -> None:
    # given
    sale = counter.place(2)

    # when
    receipt = pay_cash(counter.clerk, sale.pk, D("100.00"))

    # then
    assert (receipt.amount, receipt.tendered, receipt.change) == (D("79.80"), D("100.00"), D("20.20"))
    assert counter.balance() == D("420.20")
    sale = fresh(sale)
    assert (sale.state, sale.paid_by) == (SaleState.PAID, PaidBy.CASH)
    payment = Payment.objects.get(order=sale.order)
    assert (payment.gateway, payment.charge_status, payment.captured_amount) == (
        "manual",
        "fully-charged",
        D("79.80"),
    )
    assert Transaction.objects.get(payment=payment).token == receipt.number
    assert sale.order.is_fully_paid()
    assert EventRecord.objects.filter(name="counter_sales.sale_paid").count() == 1


def test_a_second_click_gets_the_same_receipt(counter: Counter) -> None:
    # given
    sale = counter.place(1)

    # when
    results = together(*[partial(pay_cash, again(counter.clerk), sale.pk, D("50.00")) for _ in range(10)])

    # then
    receipt = CashReceipt.objects.get()
    assert {result.pk for result in results} == {receipt.pk}
    assert counter.balance() == D("460.10")
    assert Payment.objects.count() == Transaction.objects.count() == 1


def test_a_crowd_of_sales_takes_the_float_to_its_end_and_no_further(counter: Counter, settings: Any) -> None:
    # given: ten sales of 39.90, a float of 160
    settings.O2O_LOCK_TIMEOUT = 60
    floats.configure(counter.finance, counter.account.pk, alarm_below=D("0.00"))
    sales = [counter.place(1) for _ in range(10)]
    from tests.counter_sales.test_floats import debit

    debit(counter.account.pk, D("340.00"), "before", counter.clerk)

    def one(sale: CounterSale) -> str:
        try:
            pay_cash(again(counter.clerk), sale.pk, D("40.00"))
        except CounterError as error:
            return str(error.code)
        return "paid"

    # when
    outcome = Tally(together(*[partial(one, sale) for sale in sales]))

    # then: exactly four fit
    assert outcome == Tally({"paid": 4, "FLOAT_INSUFFICIENT": 6})
    assert counter.balance() == D("0.40")
    assert CashReceipt.objects.count() == Payment.objects.count() == 4
    assert CounterSale.objects.filter(state=SaleState.PLACED).count() == 6
    assert checking.check_floats() == 0


def test_too_little_float_leaves_nothing_half_done(counter: Counter) -> None:
    # given: ten boxes cost 399, the float has 100
    from tests.counter_sales.test_floats import debit

    sale = counter.place(10)
    debit(counter.account.pk, D("400.00"), "before", counter.clerk)

    # when
    error = refused(lambda: pay_cash(counter.clerk, sale.pk, D("400.00")))

    # then
    assert error.code == Code.FLOAT_INSUFFICIENT
    assert "还差 ¥299.00" in error.message
    assert (fresh(sale).state, allocated()) == (SaleState.PLACED, 10)
    assert (CashReceipt.objects.count(), Payment.objects.count()) == (0, 0)
    assert counter.balance() == D("100.00")


@pytest.mark.parametrize("step", ["book_taken", "move", "publish"])
def test_a_death_between_any_two_steps_leaves_nothing(
    counter: Counter, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    # given
    sale = counter.place(1)

    class PowerCut(Exception):
        pass

    def cut(*_args: Any, **_kwargs: Any) -> None:
        raise PowerCut

    # when
    with monkeypatch.context() as patched:
        patched.setattr(cash, step, cut)
        with pytest.raises(PowerCut):
            pay_cash(counter.clerk, sale.pk, D("50.00"))

    # then: as if never clicked; the next click works
    nothing_booked(counter, sale)
    pay_cash(counter.clerk, sale.pk, D("50.00"))
    assert counter.balance() == D("460.10")


@pytest.mark.parametrize(
    ("tendered", "code"), [("39.89", Code.TENDERED_TOO_LITTLE), ("50039.90", Code.AMOUNT_INVALID)]
)
def test_odd_cash_is_refused(counter: Counter, tendered: str, code: Code) -> None:
    # given
    sale = counter.place(1)

    # then
    assert refused(lambda: pay_cash(counter.clerk, sale.pk, D(tendered))).code == code
    with pytest.raises(InvalidAmount):
        pay_cash(counter.clerk, sale.pk, D("50.001"))
    nothing_booked(counter, sale)


def test_cash_above_the_clerks_limit_names_who_may(counter: Counter, colleague: Callable[..., User]) -> None:
    # given
    small = colleague("B111", "small", limits={"cash": "30.00"})
    sale = counter.place(1, small)

    # then
    with pytest.raises(OrgError) as above:
        pay_cash(small, sale.pk, D("50.00"))
    assert above.value.code == "LIMIT_EXCEEDED"
    assert "clerk" in str(above.value.hint)
    nothing_booked(counter, sale)


def test_a_place_without_a_float_takes_no_cash(counter: Counter, colleague: Callable[..., User]) -> None:
    # given
    other = colleague("B112", "other", limits={"cash": "1000.00"})
    sale = counter.place(1, other)

    # then
    assert refused(lambda: pay_cash(other, sale.pk, D("50.00"))).code == Code.NO_FLOAT


def test_an_outlet_without_a_float_uses_its_branchs(counter: Counter) -> None:
    # given
    sale = counter.place(1, place=counter.org["O1111"].code)

    # when
    pay_cash(counter.clerk, sale.pk, D("39.90"))

    # then
    assert counter.balance() == D("460.10")


def test_who_may_take_cash(counter: Counter, colleague: Callable[..., User]) -> None:
    # given
    sale = counter.place(1)
    abroad, viewer = colleague("B121", "abroad"), colleague("C11", "viewer", ["counter_order.view"])

    # then
    for user, error in ((abroad, OutOfScope), (viewer, NotAllowed), (counter.world.customer, OutOfScope)):
        for act in (
            lambda who: pay_cash(who, sale.pk, D("50.00")),
            lambda who: show_code(who, sale.pk),
            lambda who: cancel_sale(who, sale.pk),
        ):
            with pytest.raises(error):
                act(again(user))
    nothing_booked(counter, sale)


def test_an_unpaid_counter_order_cannot_be_sent_from_the_dashboard(counter: Counter) -> None:
    # given
    sale = counter.place(1)

    # then
    errors = dashboard.fulfill(counter.world, sale.order)
    assert [error["code"] for error in errors] == ["PAYMENT_MISSING"]
    assert awaits_money(sale.order_id)

    # when
    pay_cash(counter.clerk, sale.pk, D("40.00"))

    # then
    assert not awaits_money(sale.order_id)
    assert dashboard.refund(counter.world, sale.order, "39.90")[0]["code"] == "CANNOT_REFUND"


# -- codes -----------------------------------------------------------------------------------------------------------


def test_a_code_is_shown_paid_and_noticed(counter: Counter, wechat: Wechat) -> None:
    # given
    sale = counter.place(2)

    # when
    shown, shown_again = show_code(counter.clerk, sale.pk), show_code(counter.clerk, sale.pk)
    wechat.notify(wechat.pay(sale))

    # then: the event has marked the sale; the float was not needed
    assert shown == shown_again and shown.content.startswith("pay://")
    assert (fresh(sale).state, fresh(sale).paid_by) == (SaleState.PAID, PaidBy.CODE)
    assert fresh(sale).order.is_fully_paid()
    assert counter.balance() == D("500.00")
    assert refused(lambda: show_code(counter.clerk, sale.pk)).code == Code.ALREADY_PAID
    assert refused(lambda: cancel_sale(counter.clerk, sale.pk)).code == Code.ALREADY_PAID


def test_a_code_whose_notification_is_lost_is_asked_for(counter: Counter, wechat: Wechat) -> None:
    # given
    sale = counter.place(1)
    show_code(counter.clerk, sale.pk)
    wechat.pay(sale)

    # then
    assert check_code(counter.clerk, sale.pk).state == SaleState.PLACED
    assert check_code(counter.clerk, sale.pk, ask=True).state == SaleState.PAID


def test_a_code_that_nobody_pays_frees_the_stock(counter: Counter, wechat: Wechat) -> None:
    # given
    sale = counter.place(3)
    show_code(counter.clerk, sale.pk)

    # when
    deadline_passes(sale.order)
    run_all_jobs()

    # then
    assert (fresh(sale).state, fresh(sale).order.status, allocated()) == (SaleState.CANCELLED, "canceled", 0)
    assert refused(lambda: pay_cash(counter.clerk, sale.pk, D("200.00"))).code == Code.SALE_CLOSED


def test_switching_to_cash_closes_the_code_first(counter: Counter, wechat: Wechat) -> None:
    # given
    sale = counter.place(1)
    show_code(counter.clerk, sale.pk)

    # when
    receipt = pay_cash(counter.clerk, sale.pk, D("40.00"))

    # then
    assert receipt.change == D("0.10")
    assert [trade.state for trade in wechat.trades.values()] == ["CLOSED"]
    assert fresh(sale).order.status == "unfulfilled"
    assert (PaymentIntent.objects.get().state, PaymentIntent.objects.get().close_reason) == (
        "closed",
        "REPLACED",
    )
    assert [(p.gateway, p.is_active) for p in Payment.objects.order_by("pk")] == [
        ("o2o.wechat_pay", False),
        ("manual", True),
    ]
    assert not awaits_money(sale.order_id)
    hand_over(counter.clerk, sale.pk)
    assert fresh(sale).order.status == "fulfilled"


def test_no_cash_while_the_code_cannot_be_closed(counter: Counter, wechat: Wechat) -> None:
    # given
    sale = counter.place(1)
    show_code(counter.clerk, sale.pk)
    wechat.is_up = False

    # then
    assert refused(lambda: pay_cash(counter.clerk, sale.pk, D("40.00"))).code == Code.CODE_STILL_OPEN
    nothing_booked(counter, sale)

    # when
    wechat.is_up = True

    # then
    assert pay_cash(counter.clerk, sale.pk, D("40.00")).amount == D("39.90")


def test_whoever_paid_the_code_is_not_asked_for_cash(counter: Counter, wechat: Wechat) -> None:
    # given: paid on the phone, the notification is under way
    sale = counter.place(1)
    show_code(counter.clerk, sale.pk)
    wechat.pay(sale)

    # then
    assert refused(lambda: pay_cash(counter.clerk, sale.pk, D("40.00"))).code == Code.ALREADY_PAID
    assert (counter.balance(), CashReceipt.objects.count()) == (D("500.00"), 0)
    assert fresh(sale).state == SaleState.PAID


def test_paid_while_the_event_is_late_is_not_paid_twice(
    counter: Counter, wechat: Wechat, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: the cashier has booked it, our receiver has not run
    sale = counter.place(1)
    show_code(counter.clerk, sale.pk)
    with monkeypatch.context() as patched:
        patched.setattr("plugins.counter_sales.receivers.note_money", lambda order_id: None)
        wechat.notify(wechat.pay(sale))
    assert fresh(sale).state == SaleState.PLACED

    # then
    assert refused(lambda: pay_cash(counter.clerk, sale.pk, D("40.00"))).code == Code.ALREADY_PAID
    assert refused(lambda: cancel_sale(counter.clerk, sale.pk)).code == Code.ALREADY_PAID
    assert counter.balance() == D("500.00")
    # and the clock, which looks at old sales, notices the money and goes on with the others
    other = counter.place(1)
    CounterSale.objects.update(made_at=now() - timedelta(minutes=31))
    assert cancel_abandoned() == 1
    assert (fresh(sale).state, fresh(sale).paid_by) == (SaleState.PAID, PaidBy.CODE)
    assert fresh(other).state == SaleState.CANCELLED


def test_money_after_the_switch_goes_back_by_itself(counter: Counter, wechat: Wechat) -> None:
    # given: the trade was closed, yet the provider says paid: a payer who was typing the password
    sale = counter.place(1)
    show_code(counter.clerk, sale.pk)
    pay_cash(counter.clerk, sale.pk, D("40.00"))
    [number] = wechat.trades
    wechat.trades[number].state = TradeState.PAID

    # when
    wechat.notify(number)

    # then
    assert (Refund.objects.get().reason, Refund.objects.get().amount) == (
        RefundReason.LATE_PAYMENT,
        D("39.90"),
    )
    assert (fresh(sale).state, fresh(sale).paid_by) == (SaleState.PAID, PaidBy.CASH)
    assert counter.balance() == D("460.10")


def test_cash_and_the_deadline_at_once_end_as_one_of_them(counter: Counter, wechat: Wechat) -> None:
    # given
    sales = [counter.place(1) for _ in range(6)]
    for sale in sales:
        show_code(counter.clerk, sale.pk)
        deadline_passes(sale.order)

    # when
    together(
        *[partial(pay_cash, again(counter.clerk), sale.pk, D("40.00")) for sale in sales],
        closing.expire_due,
        closing.expire_due,
    )
    run_all_jobs()

    # then: paid and promised, or cancelled and free; never a third state
    for sale in map(fresh, sales):
        paid = CashReceipt.objects.filter(sale=sale).exists()
        assert (sale.state, sale.order.status) == (
            (SaleState.PAID, "unfulfilled") if paid else (SaleState.CANCELLED, "canceled")
        )
    taken = CashReceipt.objects.count()
    assert allocated() == taken
    assert counter.balance() == D("500.00") - taken * D("39.90")


# -- cancelling ------------------------------------------------------------------------------------------------------


def test_a_cancelled_sale_frees_its_stock_and_its_code(counter: Counter, wechat: Wechat) -> None:
    # given
    plain, shown = counter.place(2), counter.place(3)
    show_code(counter.clerk, shown.pk)

    # when
    for sale in (plain, shown):
        cancel_sale(counter.clerk, sale.pk, "顾客不要了")
        cancel_sale(counter.clerk, sale.pk)  # clicked twice

    # then
    assert allocated() == 0
    assert {fresh(sale).state for sale in (plain, shown)} == {SaleState.CANCELLED}
    assert [trade.state for trade in wechat.trades.values()] == ["CLOSED"]


def test_cancelling_waits_for_the_provider(counter: Counter, wechat: Wechat) -> None:
    # given
    sale = counter.place(2)
    show_code(counter.clerk, sale.pk)
    wechat.is_up = False

    # when
    assert refused(lambda: cancel_sale(counter.clerk, sale.pk)).code == Code.CODE_STILL_OPEN
    assert refused(lambda: pay_cash(counter.clerk, sale.pk, D("80.00"))).code in (
        Code.CODE_STILL_OPEN,
        Code.SALE_CLOSED,
    )
    assert allocated() == 2
    wechat.is_up = True
    PaymentIntent.objects.update(next_check_at=now() - timedelta(seconds=1))
    run_all_jobs()

    # then
    assert (fresh(sale).state, allocated()) == (SaleState.CANCELLED, 0)


def test_what_nobody_pays_is_cancelled_by_the_clock(counter: Counter) -> None:
    # given
    old, new = counter.place(2), counter.place(1)
    CounterSale.objects.filter(pk=old.pk).update(made_at=now() - timedelta(minutes=31))

    # then
    assert cancel_abandoned() == 1
    assert cancel_abandoned() == 0
    assert (fresh(old).state, fresh(new).state, allocated()) == (SaleState.CANCELLED, SaleState.PLACED, 1)
    assert fresh(old).close_reason == "超时未收款"


def test_a_provider_that_is_not_configured_says_so(counter: Counter) -> None:
    # given: WeChat Pay is switched off
    sale = counter.place(1)

    # then: cash still works
    with pytest.raises((CounterError, CashierError)):
        show_code(counter.clerk, sale.pk)
    assert pay_cash(counter.clerk, sale.pk, D("39.90")).change == D("0.00")
    assert FloatAccount.objects.get().balance == D("460.10")
    assert Order.objects.get().is_fully_paid()
