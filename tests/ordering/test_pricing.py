"""Another price for an order that waits for its money."""

from __future__ import annotations

from decimal import Decimal

import pytest
from saleor.order.models import Order
from saleor.payment.models import Payment

from plugins.org_hierarchy.models import OrderAttribution
from saleor_o2o.cashier.models import PaymentAttempt, PaymentIntent, Refund
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.events import capture_events
from saleor_o2o.ordering.errors import OrderingError
from saleor_o2o.ordering.events import OrderPriceChanged
from saleor_o2o.ordering.models import OrderProfile, SubOrder
from saleor_o2o.ordering.services import pricing
from saleor_o2o.ordering.services.pricing import NewPrice, change_price
from tests.buying.shopper import start
from tests.orgs import person, small_org
from tests.threads import together

from .conftest import Mall, states, told, totals


def cheaper(order: Order, **more: object) -> NewPrice:
    """Thirty-five for an orange, freight six: 13.80 less."""
    line = order.lines.order_by("pk").first()
    assert line is not None
    return NewPrice("老顾客", {line.pk: Decimal("35.00")}, Decimal("6.00"), **more)  # type: ignore[arg-type]


def test_parts_and_intent_follow(mall: Mall, order: Order) -> None:
    # given a trade that is open at the provider for the old price
    start(order)

    # when
    with capture_events() as events:
        change_price(mall.world.admin, order.pk, cheaper(order, seen=Decimal("237.80")))

    # then
    order.refresh_from_db()
    assert order.total_gross_amount == Decimal("224.00") == sum(totals(order))
    assert [one.shipping for one in SubOrder.objects.filter(order=order).order_by("position")] == [
        Decimal("3.23"), Decimal("2.77"), Decimal("0.00"),
    ]  # fmt: skip
    intent = PaymentIntent.objects.get(order=order)
    assert (intent.amount, intent.state) == (Decimal("224.00"), "pending")
    assert Payment.objects.get(order=order).total == Decimal("224.00")
    assert PaymentAttempt.objects.get().state == "closed"
    assert events.of(OrderPriceChanged) == [
        OrderPriceChanged(order_id=order.pk, before=Decimal("237.80"), after=Decimal("224.00"))
    ]
    assert told(order)[-1] == "price_changed"

    # and it is paid by the new price
    mall.pay(order)
    assert PaymentIntent.objects.get(order=order).state == "paid"
    assert OrderProfile.objects.get(order=order).paid_at is not None


def test_money_for_the_old_price_goes_back(mall: Mall, order: Order) -> None:
    # given a payer whose phone pays after the trade was closed
    start(order)
    number = PaymentAttempt.objects.get().number
    change_price(mall.world.admin, order.pk, cheaper(order))

    # when
    mall.confirm(number)

    # then
    assert Refund.objects.get().amount == Decimal("237.80")
    assert states(order)[-1] == "pending_payment"


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (NewPrice(" ", shipping=Decimal(0)), "REASON_REQUIRED"),
        (NewPrice("错"), "PRICE_UNCHANGED"),
        (NewPrice("错", shipping=Decimal("-1")), "PRICE_INVALID"),
        (NewPrice("错", shipping=Decimal("1.001")), "PRICE_INVALID"),
        (NewPrice("错", {999_999: Decimal(1)}), "PRICE_INVALID"),
        (NewPrice("错", shipping=Decimal(0), seen=Decimal(1)), "PRICE_STALE"),
    ],
)
def test_refusals_change_nothing(mall: Mall, order: Order, wanted: NewPrice, code: str) -> None:
    # given
    start(order)

    # when
    with pytest.raises(OrderingError) as refused:
        change_price(mall.world.admin, order.pk, wanted)

    # then: not even the payer's trade was closed
    assert refused.value.code == code
    assert PaymentAttempt.objects.get().state == "open"
    assert sum(totals(order)) == Decimal("237.80")


def test_a_paid_order_keeps_its_price(mall: Mall, order: Order) -> None:
    mall.pay(order)
    with pytest.raises(OrderingError) as refused:
        change_price(mall.world.admin, order.pk, cheaper(order))
    assert refused.value.code == "ALREADY_PAID"


def test_the_limit_is_not_per_click(mall: Mall) -> None:
    # given a clerk who may give away twenty yuan
    org = small_org()
    clerk = person(org["B111"], "clerk", ["order.view", "order.price"], limits={"discount": "20.00"})
    order = mall.place()
    OrderAttribution.objects.filter(order=order).update(unit=org["B111"], org_path=org["B111"].path)
    change_price(clerk, order.pk, NewPrice("一", shipping=Decimal("0.00")))

    # when
    line = order.lines.order_by("pk").first()
    with pytest.raises(DomainError) as refused:
        change_price(clerk, order.pk, NewPrice("二", {line.pk: Decimal("34.00")}))

    # then
    assert refused.value.code.value == "LIMIT_EXCEEDED"
    assert sum(totals(order)) == Decimal("227.80")


def race(mall: Mall, order: Order) -> tuple[str, Decimal, Decimal]:
    """The payer pays while the clerk changes the price; the intent's state, what it asks for, what the order costs."""
    start(order)
    number = PaymentAttempt.objects.filter(intent__order=order).latest("pk").number
    together(
        lambda: mall.confirm(number),
        lambda: change_price(mall.world.admin, order.pk, cheaper(order)),
    )
    intent = PaymentIntent.objects.get(order=order)
    return intent.state, intent.amount, Order.objects.get(pk=order.pk).total_gross_amount


def test_price_change_against_payment(mall: Mall) -> None:
    for _round in range(5):
        # given
        order = mall.place({mall.card: 1, mall.tea: 1})
        first = order.total_gross_amount

        # when
        state, asked, costs = race(mall, order)

        # then: paid at the old price, or unpaid (and the money on its way back) at the new one
        assert asked == costs == sum(totals(order))
        assert (state, costs == first) in {("paid", True), ("pending", False)}


def test_price_change_without_the_lock_would_break(mall: Mall, monkeypatch: pytest.MonkeyPatch) -> None:
    # given the service looks at the order, then the money comes, and nobody holds anything
    order = mall.place({mall.card: 1, mall.tea: 1})
    start(order)
    number = PaymentAttempt.objects.get().number
    checked, looks = pricing._check_state, []

    def then_the_money_comes(*args: object) -> None:
        checked(*args)  # type: ignore[arg-type]
        looks.append(args)
        if len(looks) == 2:  # the first look is before anything is closed
            mall.confirm(number)

    monkeypatch.setattr(pricing, "close_open_attempts", lambda _intent: None)
    monkeypatch.setattr(pricing, "lock_intent_of", lambda _order: None)
    monkeypatch.setattr(pricing, "reprice_intent", lambda _intent, _amount: None)
    monkeypatch.setattr(pricing, "_check_state", then_the_money_comes)

    # when
    change_price(mall.world.admin, order.pk, cheaper(order))

    # then: an order paid with another sum than it costs
    intent = PaymentIntent.objects.get(order=order)
    assert intent.state == "paid"
    assert intent.amount != Order.objects.get(pk=order.pk).total_gross_amount
