"""What must hold when everything has come to rest, in our books and the provider's. Each fault is told in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from django.db.models import Model, Sum
from saleor.giftcard.models import GiftCard
from saleor.order.models import Order
from saleor.payment import TransactionKind
from saleor.payment.models import Payment, Transaction
from saleor.warehouse.models import Allocation

from plugins.counter_sales.models import CounterSale, SaleState
from plugins.stripe_pay.configuration import GATEWAY as STRIPE
from saleor_o2o.cashier.models import (
    NOT_BOOKED,
    CardMovement,
    IntentState,
    Notification,
    NotificationState,
    OrderRefund,
    OrderRefundState,
    Orphan,
    OrphanState,
    PartState,
    PaymentAttempt,
    PaymentIntent,
    Refund,
    RefundState,
)
from saleor_o2o.kernel.models import EventDelivery, EventRecord, StateMove
from saleor_o2o.kernel.money import to_fen
from saleor_o2o.kernel.states import history
from saleor_o2o.ordering.choices import State, TimelineKind
from saleor_o2o.ordering.models import OrderProfile, OrderTimeline, SubOrder
from sandbox.client import SandboxRefused

from .books_of_cards import card_order, card_snapshot, charge_faults
from .buying import Buying

ZERO = Decimal(0)
#: A trade whose money came, at the provider.
TAKEN = ("SUCCESS", "REFUND")


def faults(buying: Buying) -> list[str]:
    """Everything that is wrong with a trial's orders, money and events; empty: nothing."""
    found: list[str] = []
    for order in buying.own():
        look = card_order if order.payments.filter(gateway=STRIPE).exists() else _order
        found += [f"订单 {order.pk}：{fault}" for fault in look(buying, order)]
    found += charge_faults(buying)
    found += _cards(buying)
    found += stray_faults()
    return found


def snapshot(buying: Buying) -> tuple[Any, ...]:
    """All that a job could change of a trial."""
    orders = list(buying.own())
    keys = [f"order:{order.pk}" for order in orders]
    intents = PaymentIntent.objects.filter(order__in=orders)
    return (
        [(order.pk, order.status) for order in orders],
        list(intents.order_by("pk").values_list("state", "attention", "payment__captured_amount")),
        list(PaymentAttempt.objects.filter(intent__in=intents).order_by("pk").values_list("number", "state")),
        list(
            Refund.objects.filter(attempt__intent__in=intents).order_by("pk").values_list("number", "state")
        ),
        list(CardMovement.objects.order_by("pk").values_list("biz_key", "amount")),
        Allocation.objects.aggregate(total=Sum("quantity_allocated"))["total"],
        EventRecord.objects.filter(key__in=keys).count(),
        EventDelivery.objects.filter(event__key__in=keys)
        .order_by("pk")
        .values_list("status", flat=True)[:1000]
        .count(),
        StateMove.objects.count(),
        OrderTimeline.objects.filter(order__in=orders).count(),
        list(Orphan.objects.order_by("pk").values_list("kind", "subject", "state")),
        list(CounterSale.objects.filter(order__in=orders).values_list("number", "state")),
        card_snapshot(buying),
    )


def _order(buying: Buying, order: Order) -> Iterator[str]:
    intents = list(PaymentIntent.objects.filter(order=order))
    # what a sale says of the customer is sealed with keys of the platform's
    sale = CounterSale.objects.filter(order=order).values_list("state", flat=True).first()
    if sale is not None and not intents:  # given up at the counter before any money was asked for
        if (sale, order.status) != (SaleState.CANCELLED, "canceled"):
            yield f"柜台销售停在“{SaleState(sale).label}”，没有支付单"
        return
    if len(intents) != 1:
        yield f"有 {len(intents)} 张支付单，应为 1 张"
        return
    (intent,) = intents
    if intent.attention:
        yield f"支付单要人处理：{intent.attention}"
    allocated = (
        Allocation.objects.filter(order_line__order=order).aggregate(n=Sum("quantity_allocated"))["n"] or 0
    )
    if intent.state == IntentState.PAID:
        yield from _paid(order, intent, allocated)
    elif intent.state == IntentState.CLOSED:
        yield from _closed(order, intent, allocated)
    else:
        yield f"支付单停在“{intent.get_state_display()}”"
    if sale is not None:
        expected = SaleState.PAID if intent.state == IntentState.PAID else SaleState.CANCELLED
        if sale != expected:
            yield f"柜台销售停在“{SaleState(sale).label}”，应为“{expected.label}”"
    yield from provider_faults(buying, intent)
    yield from event_faults(order, intent)
    yield from _moves(intent)
    yield from _sub_orders(buying, order, intent)


def _paid(order: Order, intent: PaymentIntent, allocated: int) -> Iterator[str]:
    wanted = sum(line.quantity for line in order.lines.all())
    if order.status == "canceled":
        if not _waits_for_people(order):
            yield "钱已入账，订单却是取消的，也没有待办"
        if allocated:
            yield f"已取消的订单占着 {allocated} 件库存"
    elif allocated != wanted:
        yield f"钱已入账，占用库存 {allocated} 件，应为 {wanted} 件"
    payment = Payment.objects.get(pk=intent.payment_id)
    back = OrderRefund.objects.filter(intent=intent).exclude(state=OrderRefundState.FAILED)
    refunded = back.aggregate(total=Sum("amount"))["total"] or ZERO
    if payment.captured_amount != intent.amount - refunded:
        yield f"Saleor 记账 {payment.captured_amount}，应为 {intent.amount} − {refunded}"
    captures = Transaction.objects.filter(payment=payment, kind=TransactionKind.CAPTURE, is_success=True)
    if captures.count() != 1:
        yield f"记了 {captures.count()} 笔收款"
    booked = Transaction.objects.filter(payment=payment, kind=TransactionKind.REFUND, is_success=True)
    if booked.count() != back.count():
        yield f"记了 {booked.count()} 笔退款，应为 {back.count()} 笔"
    for part in intent.parts.exclude(state=PartState.RELEASED):
        expected = PartState.REFUNDED if part.refunded == part.amount else PartState.CAPTURED
        if part.state != expected:
            yield f"内部支付 {part.number} 停在“{part.get_state_display()}”"
    for whole in OrderRefund.objects.filter(intent=intent):
        if whole.state != OrderRefundState.SUCCEEDED:
            yield f"退款 {whole.number} 停在“{whole.get_state_display()}”"
        shares = (whole.shares.aggregate(n=Sum("amount"))["n"] or ZERO) + (
            whole.remote.aggregate(n=Sum("amount"))["n"] or ZERO
        )
        if shares != whole.amount:
            yield f"退款 {whole.number} 各份额合计 {shares}，应为 {whole.amount}"


def _waits_for_people(order: Order) -> bool:
    """Staff cancelled what was paid meanwhile: the finance people are told, and give it back."""
    waiting = Orphan.objects.filter(order=order, kind="money_of_cancelled", state=OrphanState.OPEN)
    return waiting.exists()


def _closed(order: Order, intent: PaymentIntent, allocated: int) -> Iterator[str]:
    if order.status != "canceled":
        yield "支付单已关闭，订单却没有取消"
    if allocated:
        yield f"没有付款的订单占着 {allocated} 件库存"
    payment = Payment.objects.get(pk=intent.payment_id)
    if payment.captured_amount or payment.is_active:
        yield f"支付单已关闭，Saleor 支付却还有效（{payment.captured_amount}）"
    held = intent.parts.exclude(state=PartState.RELEASED)
    if held.exists():
        yield "支付单已关闭，内部支付没有释放"


def provider_faults(buying: Buying, intent: PaymentIntent) -> Iterator[str]:
    """The provider's side of every trade: what came, what went back, under which numbers."""
    kept = 0
    for attempt in intent.attempts.order_by("pk"):
        ours = {one.number: one for one in attempt.refunds.all()}
        for refund in ours.values():
            if refund.state != RefundState.SUCCEEDED:
                yield f"退款 {refund.number} 停在“{refund.get_state_display()}”"
        try:
            theirs = buying.house.sandbox.order(attempt.number)
        except SandboxRefused:
            if attempt.state not in ("closed", "created") or ours:
                yield f"微信不知道的交易 {attempt.number} 在我们这里是“{attempt.get_state_display()}”"
            continue
        came = theirs["trade_state"] in TAKEN
        if came != (attempt.state == "paid"):
            yield f"交易 {attempt.number} 在微信是 {theirs['trade_state']}，在我们这里是“{attempt.get_state_display()}”"
        if attempt.state in ("created", "open"):
            yield f"交易 {attempt.number} 还开着"
        told = {one["out_refund_no"]: int(one["amount"]["refund"]) for one in theirs["refunds"]}
        written = {number: to_fen(one.amount) for number, one in ours.items()}
        if told != written:
            yield f"交易 {attempt.number} 的退款：微信 {told}，我们 {written}"
        if came:
            rest = int(theirs["amount"]["total"]) - sum(told.values())
            stray = any(one.reason in NOT_BOOKED for one in ours.values())
            if stray and rest:
                yield f"不属于订单的钱没有全部退回：{attempt.number} 还剩 {rest} 分"
            kept += rest
    expected = ZERO
    if intent.state == IntentState.PAID:
        gone = Refund.objects.filter(attempt__intent=intent).exclude(reason__in=NOT_BOOKED)
        expected = intent.remote_due - (gone.aggregate(n=Sum("amount"))["n"] or ZERO)
    if kept != to_fen(expected):
        yield f"微信那边收着 {kept} 分，应为 {to_fen(expected)} 分"


def event_faults(order: Order, intent: PaymentIntent) -> Iterator[str]:
    """The ledger's news: exactly one event per capture and per refund, each delivered."""
    rows = EventRecord.objects.filter(key=f"order:{order.pk}")
    at_counter = CounterSale.objects.filter(order=order).exists()
    told = Counter(rows.values_list("name", flat=True))
    refunds = Refund.objects.filter(attempt__intent=intent)
    wholes = OrderRefund.objects.filter(intent=intent)
    expected = {
        "ordering.order_placed": 1,
        "counter_sales.sale_paid": int(at_counter and intent.state == IntentState.PAID),
        "cashier.payment_confirmed": int(intent.state == IntentState.PAID),
        "cashier.payment_closed": int(intent.state == IntentState.CLOSED),
        "cashier.refund_requested": refunds.count(),
        "cashier.refund_succeeded": refunds.filter(state=RefundState.SUCCEEDED).count(),
        "cashier.late_money_received": refunds.filter(reason__in=NOT_BOOKED).count(),
        "cashier.order_refund_requested": wholes.count(),
        "cashier.order_refunded": wholes.filter(state=OrderRefundState.SUCCEEDED).count(),
    }
    for name, number in expected.items():
        if told[name] != number:
            yield f"事件 {name} 有 {told[name]} 条，应为 {number} 条"
    waiting = EventDelivery.objects.filter(event__in=rows).exclude(status=EventDelivery.Status.DONE)
    for delivery in waiting:
        yield f"事件 {delivery.event_id} 没有送到 {delivery.receiver}（{delivery.status}）"


def _moves(intent: PaymentIntent) -> Iterator[str]:
    """No row goes the same way twice."""
    yield from moved_twice([intent, *intent.attempts.all(), *intent.parts.all()])


def moved_twice(rows: Iterable[Model]) -> Iterator[str]:
    """Rows that went the same way more than once."""
    for row in rows:
        went = Counter(history(row).values_list("transition", flat=True))
        if not went:
            continue
        for transition, times in went.items():
            if times > 1 and transition != "mark_open":
                yield f"{row._meta.verbose_name} {row.pk} 的“{transition}”发生了 {times} 次"


def _sub_orders(buying: Buying, order: Order, intent: PaymentIntent) -> Iterator[str]:
    profile = OrderProfile.objects.filter(order=order).first()
    parts = list(SubOrder.objects.filter(order=order))
    if profile is None or len(parts) != len(buying.goods):
        yield f"有 {len(parts)} 个子订单，应为 {len(buying.goods)} 个"
        return
    total = sum((part.total for part in parts), ZERO)
    if total != order.total_gross_amount:
        yield f"子订单合计 {total}，订单 {order.total_gross_amount}"
    refunded = OrderRefund.objects.filter(intent=intent).aggregate(n=Sum("amount"))["n"] or ZERO
    alive = intent.state == IntentState.PAID and refunded < intent.amount and order.status != "canceled"
    waiting = (
        State.PENDING_PICKUP if CounterSale.objects.filter(order=order).exists() else State.PENDING_SHIPMENT
    )
    expected = waiting if alive else State.CLOSED
    rows: list[Any] = [profile, *parts]
    for row in rows:
        if row.state != expected:
            yield f"{row} 停在“{row.get_state_display()}”，应为“{State(expected).label}”"
    if profile.refunded != refunded:
        yield f"订单记着已退 {profile.refunded}，应为 {refunded}"
    story = Counter(OrderTimeline.objects.filter(order=order).values_list("kind", flat=True))
    was_paid = int(intent.state == IntentState.PAID)
    for kind, times in ((TimelineKind.PLACED, 1), (TimelineKind.PAID, was_paid)):
        if story[kind.value] != times:
            yield f"时间线上“{kind.label}”有 {story[kind.value]} 条，应为 {times} 条"


def _cards(buying: Buying) -> Iterator[str]:
    for card in buying.cards:
        balance = GiftCard.objects.get(pk=card.pk).current_balance_amount
        moved = CardMovement.objects.filter(card=card).aggregate(n=Sum("amount"))["n"] or ZERO
        if balance != card.initial_balance_amount + moved:
            yield f"储值卡余额 {balance}，流水说是 {card.initial_balance_amount + moved}"
        used = ZERO
        for intent in PaymentIntent.objects.filter(order__user_email=buying.email, state=IntentState.PAID):
            for part in intent.parts.filter(kind="gift_card", ref=str(card.pk)).exclude(
                state=PartState.RELEASED
            ):
                used += part.amount - part.refunded
        if balance != card.initial_balance_amount - used:
            yield f"储值卡余额 {balance}，按订单应为 {card.initial_balance_amount - used}"


def stray_faults() -> Iterator[str]:
    """What no order explains."""
    stray = Allocation.objects.filter(quantity_allocated__gt=0, order_line__order__status="canceled").count()
    if stray:
        yield f"有 {stray} 笔库存占用属于已取消的订单"
    lost = (
        Order.objects.exclude(status="draft")
        .filter(payment_intents__isnull=True, o2o_counter_sale__isnull=True)
        .exclude(payments__gateway=STRIPE)
        .count()
    )
    if lost:
        yield f"有 {lost} 张订单没有支付单"
    undone = Notification.objects.filter(
        state__in=(NotificationState.RECEIVED, NotificationState.DEAD)
    ).count()
    if undone:
        yield f"有 {undone} 条通知没有处理完"
    for orphan in Orphan.objects.exclude(kind="money_of_cancelled"):
        yield f"留下了一件账务异常：{orphan.kind} {orphan.note}（{orphan.get_state_display()}）"
    refused = Notification.objects.filter(state=NotificationState.REFUSED).count()
    if refused:
        yield f"有 {refused} 条真通知被拒收"
