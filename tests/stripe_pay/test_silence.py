"""No answer, or nobody left to hear it: asked for, finished or undone; never charged twice, never lost."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from django.utils import timezone
from saleor.order.models import Order
from saleor.payment.models import Payment
from saleor.plugins.manager import get_plugins_manager
from saleor.plugins.models import PluginConfiguration
from saleor.warehouse.models import Allocation

from plugins.stripe_pay import booking
from plugins.stripe_pay.configuration import ADDRESS, GATEWAY
from plugins.stripe_pay.declines import words
from plugins.stripe_pay.models import ChargeState, MoveState, StripeCharge, StripeMove
from plugins.stripe_pay.services import asking, paying
from plugins.stripe_pay.tasks import settle
from saleor_o2o.graphql.schema import schema
from saleor_o2o.ordering.graphql import checkout_complete
from saleor_o2o.ordering.tasks import recover_placements
from tests.threads import together

from .conftest import Cards, the_charge, the_payment


class Killed(BaseException):
    """The worker is gone: no except clause of the code sees it."""


def die(*_args: Any, **_kwargs: Any) -> Any:
    raise Killed


def complete_and_die(cart: dict[str, Any]) -> None:
    """Call the mutation itself: through the view, a dying thread would leave its promise waiting for ever."""
    request = RequestFactory().post("/graphql/")
    request.user = AnonymousUser()
    request.plugins, request.discounts = get_plugins_manager(), []
    info = SimpleNamespace(context=request, schema=schema)
    with pytest.raises(Killed):
        checkout_complete.CheckoutComplete.perform_mutation(None, info, cart["id"], False)


def grow_old(minutes: float = 6) -> None:
    """Time passes for what was left behind."""
    past = timezone.now() - timedelta(minutes=minutes)
    Order.objects.update(created=past)
    StripeCharge.objects.update(created_at=past)
    StripeCharge.objects.filter(next_check_at__isnull=False).update(next_check_at=past)


def paid_once(cards: Cards) -> bool:
    """One order, one charge, one capture, one intent."""
    payment = the_payment()
    captures = payment.transactions.filter(kind="capture", is_success=True).count()
    succeeded = [one for one in cards.intents() if one["status"] == "succeeded"]
    return (
        Order.objects.get().is_fully_paid()
        and (payment.captured_amount, captures, len(succeeded)) == (payment.total, 1, 1)
        and Order.objects.get().events.filter(type="order_fully_paid").count() == 1
    )


def undone(cards: Cards) -> bool:
    """No order, nothing held, nothing taken."""
    taken = [one for one in cards.intents() if one["status"] == "succeeded"]
    return not Order.objects.exists() and not Allocation.objects.exists() and not taken


def test_a_lost_answer_is_asked_for(cards: Cards) -> None:
    # when
    done = cards.buy("pm_card_lostAnswer")

    # then
    assert done["order"] is not None
    assert paid_once(cards)


def test_a_lost_decline_is_asked_for(cards: Cards) -> None:
    # given
    cards.fault("create", "answer_lost")

    # when
    done = cards.buy("pm_card_chargeDeclinedInsufficientFunds")

    # then
    assert done["checkoutErrors"][0]["message"] == words("insufficient_funds")
    assert undone(cards)


def test_stripe_answers_nothing_at_all_and_the_order_waits(cards: Cards) -> None:
    # given the charge works, its answer is lost, and so is the answer to the question
    cart = cards.cart("pm_card_lostAnswer")
    cards.fault("list", "http_500")

    # when
    first, second = cards.complete(cart), cards.complete(cart)

    # then
    assert "请勿重复付款" in first["checkoutErrors"][0]["message"]
    assert the_charge().number in first["checkoutErrors"][0]["message"]
    assert second["checkoutErrors"][0]["message"] == "订单正在处理中，请稍候查看订单"
    assert Allocation.objects.get().quantity_allocated == 1

    # when Stripe speaks again
    grow_old(2)
    settle()
    settle()

    # then
    assert paid_once(cards)
    assert cards.complete(cart)["order"] is not None


def test_what_never_arrived_is_undone_after_a_while(cards: Cards) -> None:
    # given
    cart = cards.cart()
    cards.fault("create", "http_500")
    assert cards.complete(cart)["order"] is None
    assert Order.objects.count() == 1

    # when too early
    grow_old(1)
    settle()

    # then
    assert (the_charge().state, Order.objects.count()) == (ChargeState.WRITTEN, 1)

    # when
    grow_old(6)
    assert recover_placements() == {"undone": 1}

    # then
    assert (the_charge().state, the_charge().code) == (ChargeState.REFUSED, "ABSENT")
    assert undone(cards)
    assert cards.complete(cart)["order"] is not None


def test_recovery_does_not_decide_what_it_cannot_know(cards: Cards) -> None:
    # given
    cart = cards.cart("pm_card_lostAnswer")
    cards.fault("list", "http_500", times=None)
    cards.complete(cart)
    grow_old()

    # when / then
    assert recover_placements() == {"waiting": 1}
    assert Order.objects.count() == 1
    cards.control.clear_faults()
    assert recover_placements() == {"finished": 1}
    assert recover_placements() == {}
    assert paid_once(cards)


def test_nobody_there_is_a_clear_no(cards: Cards) -> None:
    # given nothing listens at the address
    row = PluginConfiguration.objects.get(identifier=GATEWAY)
    for item in row.configuration:
        if item["name"] == ADDRESS:
            item["value"] = "http://127.0.0.1:9/stripe"
    row.save()

    # when
    done = cards.buy()

    # then
    assert done["checkoutErrors"][0]["message"] == words("UNREACHABLE")
    assert (Order.objects.count(), the_charge().state) == (0, ChargeState.REFUSED)


@pytest.mark.parametrize(
    ("where", "outcome"),
    [
        (("plugins.stripe_pay.services.paying", "write_charge"), "undone"),
        (("plugins.stripe_pay.services.paying", "send"), "undone"),
        (("plugins.stripe_pay.services.asking", "_conclude"), "finished"),
        (("plugins.stripe_pay.services.asking", "believe"), "finished"),
        (("plugins.stripe_pay.services.paying", "book_charge"), "finished"),
        (("saleor_o2o.ordering.graphql.checkout_complete", "finish_order"), "finished"),
    ],
    ids=[
        "before writing",
        "before sending",
        "after the answer",
        "before believing",
        "before booking",
        "after booking",
    ],
)
def test_a_death_between_two_steps(
    cards: Cards, monkeypatch: pytest.MonkeyPatch, where: tuple[str, str], outcome: str
) -> None:
    # given
    cart = cards.cart()
    with monkeypatch.context() as patch:
        patch.setattr(".".join(where), die)
        complete_and_die(cart)
    assert Order.objects.count() == 1

    # when
    grow_old()
    assert recover_placements() == {outcome: 1}
    settle()

    # then
    assert paid_once(cards) if outcome == "finished" else undone(cards)
    assert recover_placements() == {}
    assert cards.complete(cart)["order"] is not None
    assert paid_once(cards)


def test_a_death_over_a_refund_gives_it_back_once(cards: Cards, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    cards.buy()
    payment = the_payment()
    total = payment.total
    from saleor.payment import gateway

    for step in (
        "plugins.stripe_pay.services.paying.send_move",
        "plugins.stripe_pay.services.paying.book_move",
    ):
        with monkeypatch.context() as patch:
            patch.setattr(step, die)
            with pytest.raises(Killed):
                gateway.refund(payment, Decimal(5))

        # when
        StripeMove.objects.filter(booked=False).update(next_check_at=timezone.now())
        settle()
        settle()
        payment.refresh_from_db()

    # then
    assert payment.captured_amount == total - 10
    assert cards.intents()[0]["charges"]["data"][0]["amount_refunded"] == 1000
    assert set(StripeMove.objects.values_list("state", "booked")) == {(MoveState.DONE, True)}


def test_two_completions_at_once_charge_once(cards: Cards) -> None:
    # given
    cart = cards.cart()

    # when
    answers = together(*[lambda: cards.complete(cart) for _ in range(4)])

    # then
    assert any(answer["order"] for answer in answers)
    assert paid_once(cards)


@pytest.mark.parametrize(("claimed", "sent"), [(True, 1), (False, 4)], ids=["claimed", "negative control"])
def test_of_many_payers_at_once_one_sends(
    cards: Cards, monkeypatch: pytest.MonkeyPatch, claimed: bool, sent: int
) -> None:
    # given an order that waits for its card
    cart = cards.cart()
    with monkeypatch.context() as patch:
        patch.setattr(paying, "write_charge", die)
        complete_and_die(cart)
    calls: list[str] = []
    stock_send = asking.stock.process_payment

    def counted(*args: Any) -> Any:
        calls.append("sent")
        return stock_send(*args)

    monkeypatch.setattr(asking.stock, "process_payment", counted)
    if not claimed:
        monkeypatch.setattr(paying, "_claim", lambda _charge: True)
        monkeypatch.setattr(paying, "write_charge", _without_looking(paying.write_charge))

    # when
    payment = the_payment()
    together(*[lambda: paying.pay(Payment.objects.get(pk=payment.pk), False) for _ in range(4)])

    # then one number: even without the claim Stripe charges once
    assert len(calls) == sent
    assert [one["status"] for one in cards.intents()] == ["succeeded"]
    assert the_payment().captured_amount == payment.total


def _without_looking(write: Any) -> Any:
    """Every payer sees the charge as it was written, before any answer."""

    def written(payment: Payment, auto_capture: bool) -> StripeCharge:
        charge = write(payment, auto_capture)
        charge.__dict__["state"] = ChargeState.WRITTEN  # the field refuses to be set
        return charge

    return written


def test_stocks_functions_are_not_asked_behind_our_back(cards: Cards) -> None:
    # given
    from saleor.plugins.manager import get_plugins_manager as managers

    information = asking.create_payment_information(
        payment=Payment(total=Decimal(1), currency="CNY"), payment_token="pm_card_visa"
    )

    # when the plugin is asked directly, outside of an errand
    answer = managers().process_payment(GATEWAY, information)

    # then
    assert (answer.is_success, booking.ready_answer()) == (False, None)
    assert cards.intents() == []
