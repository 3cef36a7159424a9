"""What nothing else explains: repaired where that is safe, raised to people otherwise, and never twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from saleor.order.models import Order
from saleor.payment.models import Payment, Transaction
from saleor.warehouse.models import Allocation

from saleor_o2o.backoffice.payment_todo import todo
from saleor_o2o.cashier.models import Notification, Orphan, PaymentAttempt, PaymentIntent, Refund
from saleor_o2o.cashier.ports import TradeState
from saleor_o2o.cashier.services.closing import begin_closing, drive_closing
from saleor_o2o.cashier.services.orphans import _CHECKS as REGISTERED
from saleor_o2o.cashier.services.orphans import LIMIT, Check, Stray, find_orphans, register_check
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.models import AuditEntry, EventRecord, StateMove
from saleor_o2o.ordering.models import OrderProfile
from tests.buying import clerk
from tests.buying.books import books, run_all_jobs
from tests.threads import together

from .conftest import TOTAL, Till, allocated, state
from .test_desk import Visit, at_b111, people, visit

__all__ = ["people", "visit"]

D = Decimal
HOUR = timedelta(hours=1)


def told() -> list[tuple[str, str, Decimal | None]]:
    """What was found: kind, where it stands, amount."""
    return list(Orphan.objects.order_by("pk").values_list("kind", "state", "amount"))


def everything() -> tuple[Any, ...]:
    """All that a second run could change."""
    return (
        told(),
        list(PaymentIntent.objects.order_by("pk").values_list("state", "payment__captured_amount")),
        list(PaymentAttempt.objects.order_by("pk").values_list("state", "next_query_at")),
        list(Refund.objects.order_by("pk").values_list("state", "next_try_at")),
        list(Allocation.objects.order_by("pk").values_list("quantity_allocated", flat=True)),
        EventRecord.objects.count(),
        StateMove.objects.count(),
        AuditEntry.objects.count(),
    )


def paid(till: Till) -> PaymentIntent:
    """An order whose money is here."""
    intent = till.buy()
    till.pay(till.scan(intent))
    return PaymentIntent.objects.get(pk=intent.pk)


def older(intent: PaymentIntent, by: timedelta = HOUR) -> None:
    """Let an order have been placed, and closed, some time ago."""
    moment = now() - by
    OrderProfile.objects.filter(pk=intent.order_id).update(placed_at=moment)
    OrderProfile.objects.filter(pk=intent.order_id, closed_at__isnull=False).update(closed_at=moment)
    PaymentAttempt.objects.filter(intent=intent).update(created_at=moment)


def no_intent(till: Till) -> None:
    intent = till.buy()
    older(intent)
    PaymentIntent.objects.filter(pk=intent.pk).delete()


def stock_of_cancelled(till: Till) -> None:
    Order.objects.filter(pk=till.buy().order_id).update(status="canceled")


def paid_but_waiting(till: Till) -> None:
    OrderProfile.objects.filter(pk=paid(till).order_id).update(state="pending_payment", paid_at=None)


def paid_but_not_booked(till: Till) -> None:
    intent = paid(till)
    Transaction.objects.filter(payment=intent.payment_id, kind="capture").delete()
    Payment.objects.filter(pk=intent.payment_id).update(charge_status="not-charged", captured_amount=0)
    EventRecord.objects.filter(name="cashier.payment_confirmed").delete()


def refund_never_sent(till: Till) -> None:
    intent = paid(till)
    clerk.refund(till.world, intent.order, "5.00")
    Refund.objects.update(next_try_at=None)


def trade_never_asked_for(till: Till) -> None:
    till.scan(till.buy())
    PaymentAttempt.objects.update(next_query_at=None)


def closing_never_driven(till: Till) -> None:
    intent = till.buy()
    begin_closing(intent.pk, "EXPIRED")
    PaymentIntent.objects.update(next_check_at=None)


def notification_never_read(till: Till) -> None:
    Notification.objects.create(gateway="o2o.wechat_pay", external_id="N1", body=b"{}")


def open_trade_of_decided(till: Till) -> None:
    intent = till.buy()
    attempt = till.scan(intent)
    till.compose(intent)
    older(intent)
    PaymentIntent.objects.filter(pk=intent.pk).update(state="closed", closed_at=now())
    assert attempt.state == "open"


def trade_of_nobody(till: Till) -> None:
    intent = till.buy()
    attempt = till.scan(intent)
    begin_closing(intent.pk, "EXPIRED")
    drive_closing(intent.pk)
    till.provider.trades[attempt.number].state = TradeState.PAID
    PaymentAttempt.objects.filter(pk=attempt.pk).update(state="paid", paid_at=now() - HOUR)


REPAIRED = {
    "order_without_intent": no_intent,
    "stock_of_cancelled": stock_of_cancelled,
    "paid_but_waiting": paid_but_waiting,
    "paid_but_not_booked": paid_but_not_booked,
    "refund_never_sent": refund_never_sent,
    "trade_never_asked_for": trade_never_asked_for,
    "closing_never_driven": closing_never_driven,
    "notification_never_read": notification_never_read,
    "open_trade_of_decided": open_trade_of_decided,
    "trade_of_nobody": trade_of_nobody,
}


def test_where_all_is_well_nothing_is_found(till: Till) -> None:
    # given orders of every kind, one of them refunded in part
    paid(till)
    till.scan(till.buy())
    refunded = paid(till)
    assert clerk.refund(till.world, refunded.order, "5.00") == []

    # when
    found = find_orphans()

    # then
    assert (found, told()) == ({}, [])


@pytest.mark.parametrize("kind", REPAIRED)
def test_what_is_safe_is_repaired_once(till: Till, kind: str) -> None:
    # given
    REPAIRED[kind](till)

    # when
    found = find_orphans()

    # then it is put right, noted, and a second run finds nothing and changes nothing
    assert kind in found
    assert {(one, at) for one, at, _amount in told() if one == kind} == {(kind, "repaired")}
    assert AuditEntry.objects.filter(action="cashier.orphan_repaired").count() == len(told())
    before = everything()
    assert find_orphans() == {}
    assert everything() == before


def test_an_order_without_intent_can_be_paid_and_expires_again(till: Till) -> None:
    # given
    no_intent(till)

    # when
    find_orphans()

    # then
    intent = PaymentIntent.objects.get()
    assert (intent.state, intent.amount, intent.expires_at > now()) == ("pending", TOTAL, True)
    till.pay(till.scan(intent))
    assert state(intent)[:2] == ("paid", TOTAL)


def test_stock_of_a_cancelled_order_is_free(till: Till) -> None:
    # given
    stock_of_cancelled(till)
    order = Order.objects.get()

    # when
    assert allocated(order) == 2
    find_orphans()

    # then
    assert allocated(order) == 0


def test_money_that_was_not_booked_is_booked_once_and_told(till: Till) -> None:
    # given
    paid_but_not_booked(till)

    # when
    together(find_orphans, find_orphans)

    # then
    intent = PaymentIntent.objects.get()
    assert state(intent)[:2] == ("paid", TOTAL)
    assert Transaction.objects.filter(payment=intent.payment_id, kind="capture", is_success=True).count() == 1
    assert EventRecord.objects.filter(name="cashier.payment_confirmed").count() == 1


def test_money_of_a_closed_payment_goes_back(till: Till) -> None:
    # given
    trade_of_nobody(till)

    # when
    find_orphans()

    # then
    refund = Refund.objects.get()
    assert (refund.amount, refund.reason) == (TOTAL, "late_payment")
    assert till.provider.trades[refund.trade_number].given_back == 8980


def test_a_trade_that_nobody_waits_for_is_closed_at_the_provider(till: Till) -> None:
    # given
    open_trade_of_decided(till)

    # when
    find_orphans()

    # then
    assert [trade.state for trade in till.provider.trades.values()] == [TradeState.CLOSED]


def test_a_repair_that_fails_is_left_to_people(till: Till) -> None:
    # given
    open_trade_of_decided(till)
    till.provider.mood = lambda: "down"

    # when
    find_orphans()
    find_orphans()

    # then one work item, and the next run that succeeds ends it
    assert told() == [("open_trade_of_decided", "open", TOTAL)]
    till.provider.mood = lambda: "ok"
    find_orphans()
    assert told() == [("open_trade_of_decided", "repaired", TOTAL)]


def test_the_money_of_a_cancelled_order_waits_for_people(till: Till) -> None:
    # given a paid order that a clerk cancels, and nobody refunds
    intent = paid(till)
    assert clerk.cancel(till.world, intent.order) == []
    find_orphans()
    assert told() == []  # whoever cancels refunds next: there are ten minutes
    older(intent)

    # when
    find_orphans()
    before = everything()
    find_orphans()

    # then one matter, raised once
    assert told() == [("money_of_cancelled", "open", TOTAL)]
    assert everything() == before

    # and when the money goes back it is over by itself
    assert clerk.refund(till.world, intent.order, TOTAL) == []
    find_orphans()
    assert told() == [("money_of_cancelled", "gone", TOTAL)]


def test_what_was_handed_over_may_be_kept_of_a_cancelled_order(till: Till) -> None:
    # given: it was sent, then what is left was cancelled
    intent = paid(till)
    assert clerk.fulfill(till.world, intent.order) == []
    Order.objects.filter(pk=intent.order_id).update(status="canceled")
    OrderProfile.objects.filter(pk=intent.order_id).update(state="closed", closed_at=now() - HOUR)

    # when
    find_orphans()

    # then
    assert told() == []


@pytest.mark.parametrize(
    ("spoil", "kind"),
    [
        (lambda intent: Payment.objects.filter(pk=intent.payment_id).update(order=None, created=now() - HOUR),
         "money_without_order"),
        (lambda intent: Allocation.objects.update(quantity_allocated=3), "stock_beyond_line"),
    ],
)  # fmt: skip
def test_what_only_people_can_judge_is_raised(
    till: Till, spoil: Callable[[PaymentIntent], Any], kind: str
) -> None:
    # given
    spoil(paid(till))

    # when
    find_orphans()
    before = everything()
    find_orphans()

    # then
    assert [(one, at) for one, at, _amount in told()] == [(kind, "open")]
    assert everything() == before


def test_a_refund_that_takes_a_day_is_raised(till: Till) -> None:
    # given
    intent = paid(till)
    clerk.refund(till.world, intent.order, "5.00")
    Refund.objects.update(created_at=now() - timedelta(hours=25))

    # when
    find_orphans()

    # then, and once it has arrived it is over
    assert told() == [("refund_takes_long", "open", D("5.00"))]
    trade = next(iter(till.provider.trades.values()))
    number = Refund.objects.get().number
    trade.refunds[number] = (500, till.provider.refund_fact(number).state.SUCCEEDED)
    Refund.objects.update(next_try_at=now())
    run_all_jobs()
    find_orphans()
    assert told() == [("refund_takes_long", "gone", D("5.00"))]


def test_two_jobs_at_once_raise_one_matter(till: Till) -> None:
    # given
    intent = paid(till)
    clerk.cancel(till.world, intent.order)
    older(intent)

    # when
    together(*[find_orphans] * 4)

    # then
    assert told() == [("money_of_cancelled", "open", TOTAL)]
    assert AuditEntry.objects.filter(action="cashier.orphan_found").count() == 1


def test_one_check_in_trouble_does_not_keep_the_others_waiting(till: Till) -> None:
    # given
    def breaks() -> list[Stray]:
        raise RuntimeError

    before = dict(REGISTERED)
    stock_of_cancelled(till)
    REGISTERED.clear()
    register_check(Check("broken", "坏的", breaks))
    REGISTERED.update(before)

    # when
    try:
        found = find_orphans()
    finally:
        REGISTERED.pop("broken")

    # then
    assert found == {"stock_of_cancelled": 1}


def test_looking_costs_the_same_however_many_orders_there_are(
    till: Till, django_assert_max_num_queries: Any
) -> None:
    # given
    for _ in range(4):
        paid(till)

    # then
    assert LIMIT == 100
    with django_assert_max_num_queries(32):
        find_orphans()


@pytest.mark.parametrize(
    ("who", "sees", "status"),
    [("service", True, 302), ("looks", False, 403), ("risk", False, 403), ("stranger", False, 404)],
)
def test_who_may_deal_with_it(
    till: Till, people: dict[str, Any], visit: Visit, who: str, sees: bool, status: int
) -> None:
    # given
    intent = at_b111(paid(till))
    clerk.cancel(till.world, intent.order)
    older(intent)
    find_orphans()
    orphan = Orphan.objects.get()
    address = reverse("admin:o2o_cashier_orphan_handle", args=[orphan.pk])

    # when
    waiting = [one.title for one in todo(people[who])]
    answer = visit(who, address, {"words": "与顾客约定换货"})

    # then
    assert ("订单已取消，款项未退" in waiting) == sees
    assert answer.status_code == status
    orphan = Orphan.objects.get()
    if status == 302:
        assert (orphan.state, orphan.words) == ("done", "与顾客约定换货")
        find_orphans()
        assert told() == [("money_of_cancelled", "done", TOTAL)]
    else:
        assert orphan.state == "open"


def test_the_page_asks_for_words_and_keeps_the_matter_without_them(till: Till, visit: Visit) -> None:
    # given
    intent = at_b111(paid(till))
    clerk.cancel(till.world, intent.order)
    older(intent)
    find_orphans()
    orphan = Orphan.objects.get()

    # when
    page = visit("service", reverse("admin:o2o_cashier_orphan_change", args=[orphan.pk])).content.decode()
    listed = visit("service", reverse("admin:o2o_cashier_orphan_changelist")).content.decode()
    answer = visit("service", reverse("admin:o2o_cashier_orphan_handle", args=[orphan.pk]), {"words": " "})

    # then
    assert "登记已处理" in page
    assert "订单已取消，款项未退" in listed
    assert answer.status_code == 200
    assert "请写明如何处理" in answer.content.decode()
    assert Orphan.objects.get().state == "open"
    assert books(intent.order).captured == TOTAL
