"""Money that goes back another way: a share of it fails, people pay it out, commissions are reversed."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from saleor.giftcard.models import GiftCard
from saleor.order.models import Order
from saleor.payment import TransactionKind
from saleor.payment.models import Payment, Transaction

from plugins.after_sale.events import AfterSaleRefunded
from plugins.after_sale.models import AfterSale
from plugins.after_sale.selectors import money_left
from plugins.after_sale.services.deciding import agree, retry
from plugins.after_sale.services.silence import sweep
from plugins.after_sale.todo import todo
from plugins.commissions.interfaces import take_back
from saleor_o2o.cashier.models import OrderRefund, PaymentIntent
from saleor_o2o.cashier.ports import TradeState
from saleor_o2o.cashier.services.composing import compose
from saleor_o2o.cashier.services.confirming import confirm_paid
from saleor_o2o.cashier.tenders import Payer, Wish
from saleor_o2o.kernel import clock
from saleor_o2o.kernel.events import deliver_pending, publishing
from saleor_o2o.kernel.models import EventRecord
from tests.buying.shopper import choose_payment, complete, fill_checkout, start
from tests.orgs import again

from .conftest import D, Shop
from .test_api_and_pages import SALE, browser
from .test_refund_only import refused


def paid_with_card(shop: Shop, balance: str) -> tuple[Order, GiftCard]:
    """Two pomelos and freight (60.00), of which a stored-value card pays a part."""
    from plugins.org_hierarchy.models import OrderAttribution

    checkout = fill_checkout(shop.world, {shop.pomelo: 2}, shop.shopper)
    choose_payment(checkout)
    order = Order.objects.get(token=complete(checkout, shop.shopper)["order"]["token"])
    unit = shop.org["B111"]
    OrderAttribution.objects.update_or_create(
        order=order, defaults={"unit": unit, "org_path": unit.path, "basis": "test"}
    )
    card = GiftCard.objects.create(
        code="CARD00000001", initial_balance_amount=D(balance), current_balance_amount=D(balance)
    )
    compose(PaymentIntent.objects.get(order=order), [Wish("gift_card", card.code, None)], Payer())
    if PaymentIntent.objects.get(order=order).state == "paid":
        return order, card
    start(order)
    [trade] = shop.provider.trades.values()
    trade.state = TradeState.PAID
    confirm_paid(shop.provider.fact(trade.number))
    return order, card


def shares(row: AfterSale) -> list[tuple[Decimal, str]]:
    """The provider's shares of all refunds of an after-sale."""
    wholes = OrderRefund.objects.filter(key__startswith=row.number).order_by("pk")
    return [(one.amount, one.state) for whole in wholes for one in whole.remote.all()]


def test_only_the_share_that_failed_is_given_back_again(shop: Shop, fresh: Any) -> None:
    # given: 20.00 by card, 40.00 by WeChat; one of two pomelos goes back
    order, card = paid_with_card(shop, "20.00")
    line = shop.line(order, shop.pomelo)
    row = shop.ask(order, lines={line.pk: (1, None)})
    clerk = again(shop.people["clerk"])
    agree(clerk, row.pk)

    # when: the card's share is there at once, WeChat gives its share up
    card.refresh_from_db()
    by_card = card.current_balance_amount
    refused("WRONG_STATE", lambda: retry(clerk, row.pk))
    shop.arrive(row, closed=True)
    assert (fresh(row).state, by_card, shares(row)) == ("refund_failed", D("8.33"), [(D("16.67"), "failed")])
    retry(clerk, row.pk)
    again_whole = OrderRefund.objects.latest("pk")
    shop.arrive(row)

    # then: 25.00 in all, no fen more
    assert again_whole.amount == D("16.67")
    assert fresh(row).state == "done"
    card.refresh_from_db()
    remote = sum(amount for amount, state in shares(row) if state == "succeeded")
    assert card.current_balance_amount + remote == D("25.00")
    payment = Payment.objects.get(order=order, is_active=True)
    assert payment.captured_amount == D("35.00")


def test_what_a_card_gives_back_is_done_when_the_clerk_has_agreed(
    shop: Shop, fresh: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: all of it by card, and no news goes round
    monkeypatch.setattr(publishing, "_dispatch", lambda event_id: None)
    order, card = paid_with_card(shop, "60.00")
    line = shop.line(order, shop.pomelo)
    row = shop.ask(order, lines={line.pk: (1, None)})

    # when
    done = agree(again(shop.people["clerk"]), row.pk)

    # then: the answer itself says so
    card.refresh_from_db()
    assert (done.state, card.current_balance_amount) == ("done", D("25.00"))
    assert EventRecord.objects.filter(name=AfterSaleRefunded.name).count() == 1

    # when the news comes at last, and again
    with clock.frozen(clock.now() + timedelta(minutes=1)):
        deliver_pending()
        deliver_pending()

    # then: nothing more
    assert fresh(row).state == "done"
    assert EventRecord.objects.filter(name=AfterSaleRefunded.name).count() == 1


def test_money_that_came_another_way_is_paid_out_by_people(shop: Shop, fresh: Any) -> None:
    # given: the cashier knows nothing of this money
    order = shop.buy()
    PaymentIntent.objects.filter(order=order).update(state="closed")
    line, other = shop.line(order), shop.line(order, shop.pomelo)
    row = shop.ask(order, "1", lines={line.pk: (2, None)})
    second = shop.ask(order, "2", lines={other.pk: (1, None)})
    clerk = again(shop.people["clerk"])

    # when
    agree(clerk, row.pk)

    # then: the goods are free, the money is people's errand, one at a time
    assert (fresh(row).state, fresh(row).is_paid_out, fresh(line).withdrawn) == ("refunding", True, 2)
    assert "¥79.80" in todo(clerk)[0].title or "¥79.80" in todo(clerk)[1].title
    refused("REFUND_UNDER_WAY", lambda: agree(again(shop.people["county"]), second.pk))
    assert money_left(order.pk) == D("154.70") - D("79.80") - D("25.00") - second.freight
    sweep()
    page = browser(shop.people["clerk"]).get(reverse(SALE, args=[row.pk])).content.decode()
    assert "请退给顾客 ¥79.80" in page

    # when: the counter gives it back, in two goes
    for amount in ("70.00", "9.80"):
        assert fresh(row).state == "refunding"
        payment = Payment.objects.get(order=order)
        Transaction.objects.create(
            payment=payment, kind=TransactionKind.REFUND, is_success=True, amount=D(amount), currency="CNY",
            token=amount, gateway_response={},
        )  # fmt: skip
        Payment.objects.filter(pk=payment.pk).update(captured_amount=payment.captured_amount - D(amount))
        sweep()

    # then
    assert fresh(row).state == "done"
    assert EventRecord.objects.get(name="after_sale.refunded").payload["amount"] == "79.80"
    agree(again(shop.people["county"]), second.pk)
    sweep()
    assert fresh(second).state == "refunding"


def test_the_event_carries_what_commissions_need(shop: Shop) -> None:
    # given: the line of three oranges earned 7.18 for the branch and 4.79 for the city
    earned = [D("4.79"), D("7.18")]
    order = shop.buy()
    line = shop.line(order)
    taken = [D(0), D(0)]

    # when: the oranges go back one by one
    refunded = D(0)
    for number in range(3):
        row = shop.ask(order, str(number), lines={line.pk: (1, None)})
        agree(again(shop.people["area"]), row.pk)
        shop.arrive(row)
        told = EventRecord.objects.filter(name="after_sale.refunded").latest("pk").payload
        [paid], [amount] = told["paid"], told["amounts"]
        given = take_back(earned, D(paid), D(amount), refunded, taken)
        refunded += D(amount)
        taken = [before + now for before, now in zip(taken, given, strict=True)]
        assert told["order_lines"] == [line.order_line_id]

    # then
    assert (refunded, taken) == (D("119.70"), earned)
