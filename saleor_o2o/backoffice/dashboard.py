"""The home page: the day's orders and money, a fortnight as a chart, and what waits for somebody.

Every number is of the rows in the user's reach, and of the models the user may see.
A dozen statements whatever the number of orders; each reads a range with an index or a partial index.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, IntegerField, Model, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce, TruncDate
from django.http import HttpRequest
from django.urls import reverse
from saleor.order import OrderStatus
from saleor.payment import TransactionKind
from saleor.warehouse.models import Allocation

from saleor_o2o.cashier.models import (
    IntentState,
    Notification,
    Orphan,
    OrphanState,
    PaymentAttempt,
    PaymentIntent,
    Refund,
    RefundState,
)
from saleor_o2o.cashier.services.inbox import stuck
from saleor_o2o.kernel.clock import midnight, now, today
from saleor_o2o.kernel.models import EventDelivery
from saleor_o2o.kernel.scope import policy_for, rows_for

from .columns import at, badge, link
from .labels import CHARGE_STATUS, ORDER_STATE, order_state, yuan
from .models import Order, Stock, Transaction
from .privacy import masked_email
from .todo import todos

DAYS = 14
LOW_STOCK = 10
EXPIRING = timedelta(minutes=5)
#: A notification that waits longer than this waits for somebody.
PATIENCE = timedelta(minutes=5)

ZERO = Decimal("0.00")


@dataclass(frozen=True)
class Day:
    """One day's orders (without drafts) and money, in yuan."""

    date: date
    orders: int = 0
    worth: Decimal = ZERO
    received: Decimal = ZERO
    refunded: Decimal = ZERO


def _may_see(user: Any, model: type[Model]) -> bool:
    return policy_for(model).may(user, "view", model)


def days(user: Any, last: date, count: int = DAYS) -> list[Day]:
    """The `count` days up to `last`, oldest first, as far as the user sees; two statements."""
    first = last - timedelta(days=count - 1)
    since = midnight(first)
    until = midnight(last + timedelta(days=1))
    orders = {
        row["day"]: row
        for row in rows_for(user, Order)
        .filter(created__gte=since, created__lt=until)
        .exclude(status=OrderStatus.DRAFT)
        .order_by()
        .annotate(day=TruncDate("created"))
        .values("day")
        .annotate(number=Count("pk"), worth=Sum("total_gross_amount"))
    }
    moved = {
        (row["day"], row["kind"]): row["total"]
        for row in rows_for(user, Transaction)
        .filter(
            created__gte=since,
            created__lt=until,
            is_success=True,
            kind__in=[TransactionKind.CAPTURE, TransactionKind.REFUND],
        )
        .order_by()
        .annotate(day=TruncDate("created"))
        .values("day", "kind")
        .annotate(total=Sum("amount"))
    }
    return [
        Day(
            day,
            orders.get(day, {}).get("number", 0),
            orders.get(day, {}).get("worth") or ZERO,
            moved.get((day, TransactionKind.CAPTURE), ZERO),
            moved.get((day, TransactionKind.REFUND), ZERO),
        )
        for day in (first + timedelta(days=offset) for offset in range(count))
    ]


def chart(fortnight: list[Day]) -> dict[str, str]:
    """Data and options of the fortnight's chart, as Chart.js reads them."""
    data = {
        "labels": [f"{day.date.month}月{day.date.day}日" for day in fortnight],
        "datasets": [
            {
                "type": "line",
                "label": "实收（元）",
                "data": [float(day.received) for day in fortnight],
                "borderColor": "#d97706",
                "backgroundColor": "#d97706",
                "borderWidth": 2,
                "pointRadius": 3,
                "tension": 0,
                "yAxisID": "money",
            },
            {
                "type": "bar",
                "label": "订单数",
                "data": [day.orders for day in fortnight],
                "backgroundColor": "#00854a",
                "borderRadius": 6,
                "maxBarThickness": 26,
                "yAxisID": "orders",
            },
        ],
    }
    quiet = {"color": "#9ca3af"}
    options = {
        "maintainAspectRatio": False,
        "animation": False,
        "interaction": {"mode": "index", "intersect": False},
        "plugins": {
            "legend": {"display": True, "align": "end", "labels": {**quiet, "boxHeight": 8, "boxWidth": 8}}
        },
        "scales": {
            "x": {"grid": {"display": False}, "ticks": {**quiet, "maxRotation": 0, "autoSkipPadding": 12}},
            "orders": {
                "position": "left",
                "beginAtZero": True,
                "suggestedMax": 5,
                "ticks": {**quiet, "precision": 0},
                "title": {"display": True, "text": "订单数", **quiet},
            },
            "money": {
                "position": "right",
                "beginAtZero": True,
                "suggestedMax": 100,
                "grid": {"display": False},
                "ticks": quiet,
                "title": {"display": True, "text": "实收（元）", **quiet},
            },
        },
    }
    return {"data": json.dumps(data, ensure_ascii=False), "options": json.dumps(options, ensure_ascii=False)}


@dataclass(frozen=True)
class Card:
    """A number with its name, a word below, and the page behind it."""

    title: str
    value: str
    note: str
    href: str


def cards(user: Any, day: Day, before: Day) -> list[Card]:
    """The day in five numbers; only the orders for whoever may not see money."""
    orders, intents = _page("o2o_backoffice_order"), _page("o2o_cashier_paymentintent")
    placed = Card("今日订单", f"{day.orders}", f"金额 {yuan(day.worth)}，昨日 {before.orders} 单", orders)
    if not _may_see(user, PaymentIntent):
        return [placed]
    moment = now()
    open_ = (
        rows_for(user, PaymentIntent)
        .filter(state=IntentState.PENDING)
        .aggregate(
            number=Count("pk"),
            worth=Sum("amount"),
            expiring=Count("pk", filter=Q(expires_at__lte=moment + EXPIRING)),
        )
    )
    return [
        placed,
        Card(
            "今日实收",
            yuan(day.received),
            f"昨日 {yuan(before.received)}",
            _page("o2o_backoffice_transaction"),
        ),
        Card("今日退款", yuan(day.refunded), f"昨日 {yuan(before.refunded)}", _page("o2o_cashier_refund")),
        Card("待支付", yuan(open_["worth"]), f"{open_['number']} 单未付", f"{intents}?state__exact=pending"),
        Card("即将超时", f"{open_['expiring']}", "5 分钟内到支付截止", f"{intents}?state__exact=pending"),
    ]


@dataclass(frozen=True)
class Worry:
    """Something that may wait for a person."""

    title: str
    number: int
    href: str


def worries(user: Any) -> list[Worry]:
    """Counts of what needs attention, of the matters the user may see."""
    moment = now()
    found = []
    for title, model, waiting, page in (
        ("支付单需人工处理", PaymentIntent, ~Q(attention=""), "o2o_cashier_paymentintent"),
        (
            "支付结果未知",
            PaymentAttempt,
            Q(state__in=["created", "open"], expires_at__lt=moment - PATIENCE),
            "o2o_cashier_paymentattempt",
        ),
        (
            "退款异常或失败",
            Refund,
            Q(state__in=[RefundState.ABNORMAL, RefundState.FAILED]),
            "o2o_cashier_refund",
        ),
        ("账务异常待处理", Orphan, Q(state=OrphanState.OPEN), "o2o_cashier_orphan"),
        (
            "支付通知未处理",
            Notification,
            stuck(),
            "o2o_cashier_notification",
        ),
    ):
        if _counts(user, model):
            address = f"{_page(page)}?stuck=yes" if model is Notification else _page(page)
            found.append(Worry(title, rows_for(user, model).filter(waiting).count(), address))
    if user.is_superuser:
        dead = EventDelivery.objects.filter(status=EventDelivery.Status.DEAD).count()
        found.append(Worry("事件投递失败", dead, f"{_page('o2o_kernel_eventdelivery')}?status__exact=dead"))
    if _may_see(user, Stock):
        found.append(Worry(f"库存不足 {LOW_STOCK}", low_stock(), f"{_page('o2o_backoffice_stock')}?left=low"))
    return found


def _counts(user: Any, model: type[Model]) -> bool:
    """False too where the permission is held but opens no row at all (the whole city's, from a county)."""
    return _may_see(user, model) and not rows_for(user, model).query.is_empty()


def low_stock() -> int:
    """How many stock rows have less than `LOW_STOCK` left to sell."""
    promised = Allocation.objects.filter(stock=OuterRef("pk")).order_by().values("stock")
    total = Subquery(
        promised.annotate(total=Sum("quantity_allocated")).values("total"), output_field=IntegerField()
    )
    rows = Stock.objects.annotate(left=F("quantity") - Coalesce(total, Value(0)))
    return int(rows.filter(left__lt=LOW_STOCK).count())


def latest_orders(user: Any, count: int = 8) -> dict[str, list[Any]]:
    """The newest orders as a table."""
    found = (
        rows_for(user, Order)
        .exclude(status=OrderStatus.DRAFT)
        .prefetch_related("payments")
        .order_by("-pk")[:count]
    )
    rows = [
        [
            link("o2o_backoffice_order", order.pk, f"#{order.pk}"),
            at(order.created),
            masked_email(order.user_email),
            yuan(order.total_gross_amount),
            badge(order.get_payment_status(), CHARGE_STATUS),
            badge(order_state(order), ORDER_STATE),
        ]
        for order in found
    ]
    return {"headers": ["订单号", "下单时间", "顾客", "金额", "支付", "状态"], "rows": rows}


def context(request: HttpRequest, base: Mapping[str, Any]) -> dict[str, Any]:
    """What the home page shows this user; money only to those who may see orders."""
    user: Any = request.user
    # what those have in place of numbers whose post has few pages: a merchant, somebody at a gate
    pages = [
        page for group in base.get("sidebar_navigation", ()) if group.get("title")
        for page in group["items"] if not page["everyones"]
    ]  # fmt: skip
    shown: dict[str, Any] = {
        **base, "title": "工作台", "o2o_worries": worries(user), "o2o_today": today(), "o2o_pages": pages,
    }  # fmt: skip
    shown["o2o_todos"] = todos(user)
    if _may_see(user, Order):
        fortnight = days(user, today())
        shown["o2o_cards"] = cards(user, fortnight[-1], fortnight[-2])
        shown["o2o_chart"] = chart(fortnight)
        shown["o2o_latest"] = latest_orders(user)
    return shown


def _page(name: str) -> str:
    return reverse(f"admin:{name}_changelist")
