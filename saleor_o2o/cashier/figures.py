"""Figures of money: what came in and went back by way of paying, how often paying works, why money goes back.

Money counts on the day it moved: a payment when it arrived, a refund when it was back. Every number is of the orders
that the caller may see. What a provider keeps for itself is known from its bills alone; plugins add such tables
(`figure_tables`).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Q, QuerySet, Sum
from django.db.models.functions import Greatest, TruncDate
from django.utils.translation import gettext_lazy as _
from saleor.payment import CustomPaymentChoices, TransactionKind
from saleor.payment.models import Payment, Transaction

from saleor_o2o.kernel.clock import midnight

from .models import (
    AttemptState,
    IntentState,
    PartRefund,
    PaymentAttempt,
    PaymentIntent,
    PaymentPart,
    Refund,
    RefundReason,
    RefundState,
    ShareState,
)
from .registry import gateway_title
from .services.offering import TITLES
from .tenders import tenders

ZERO = Decimal("0.00")
#: A report is of so many days, at most.
MOST_DAYS = 92
#: The ends of a refund; anything else is under way.
_OVER = (RefundState.SUCCEEDED, RefundState.FAILED)
#: Gateways without an intent that people know by another name.
_AT_ONCE = {CustomPaymentChoices.MANUAL: _("现金（柜台）")}
_CHARGES = (TransactionKind.CAPTURE, TransactionKind.CONFIRM)


@dataclass(slots=True)
class MethodRow:
    """One way of paying at one account; amounts in yuan. `waiting` is on its way back."""

    method: str
    account: str = ""
    payments: int = 0
    taken: Decimal = ZERO
    refunds: int = 0
    refunded: Decimal = ZERO
    waiting: Decimal = ZERO

    @property
    def net(self) -> Decimal:
        """What is left of what was taken, as far as it is back."""
        return self.taken - self.refunded


@dataclass(slots=True)
class TryRow:
    """How tries to pay ended that were begun in these days; `seconds` from beginning to money, on average."""

    method: str
    begun: int
    paid: int
    closed: int
    seconds: float | None

    @property
    def rate(self) -> float | None:
        """Of a hundred tries that are over, those that brought money."""
        over = self.paid + self.closed
        return round(100 * self.paid / over, 1) if over else None


@dataclass(slots=True)
class DayRow:
    """What came in and went back on a day, in yuan."""

    day: date
    taken: Decimal = ZERO
    refunded: Decimal = ZERO


@dataclass(slots=True)
class Report:
    """The whole. `reasons`: name, number and yuan of refunds; `closed`: why payments were closed unpaid, how often."""

    methods: list[MethodRow] = field(default_factory=list)
    tries: list[TryRow] = field(default_factory=list)
    days: list[DayRow] = field(default_factory=list)
    reasons: list[tuple[str, int, Decimal]] = field(default_factory=list)
    closed: list[tuple[str, int]] = field(default_factory=list)
    intents: int = 0
    paid: int = 0

    @property
    def taken(self) -> Decimal:
        """All that came in, in yuan."""
        return sum((row.taken for row in self.methods), ZERO)

    @property
    def refunded(self) -> Decimal:
        """All that is back, in yuan."""
        return sum((row.refunded for row in self.methods), ZERO)

    @property
    def waiting(self) -> Decimal:
        """What is on its way back, in yuan."""
        return sum((row.waiting for row in self.methods), ZERO)


Intents = QuerySet[PaymentIntent]


def report(intents: Intents, payments: QuerySet[Payment], first: date, last: date) -> Report:
    """The figures of the money that moved from `first` to `last`, both included, among what the caller may see.

    `payments` are Saleor's, for what never had an intent. Twelve statements, whatever the number of payments.
    """
    last = min(last, first + timedelta(days=MOST_DAYS - 1))
    span = (midnight(first), midnight(last + timedelta(days=1)))
    found = Report(days=[DayRow(first + timedelta(days=offset)) for offset in range((last - first).days + 1)])
    books = _Books({day.day: day for day in found.days})
    _remote(books, intents, span)
    _internal(books, intents, span)
    _at_once(books, payments, span)
    found.methods = books.rows()
    found.tries = _tries(intents, span)
    found.reasons = _reasons(intents, span)
    begun = intents.filter(created_at__gte=span[0], created_at__lt=span[1])
    states = begun.order_by().values("state", "close_reason").annotate(n=Count("pk"))
    for row in states:
        found.intents += row["n"]
        found.paid += row["n"] if row["state"] == IntentState.PAID else 0
        if row["state"] == IntentState.CLOSED:
            found.closed.append((row["close_reason"], row["n"]))
    found.closed.sort(key=lambda one: (-one[1], one[0]))
    return found


Span = tuple[datetime, datetime]


class _Books:
    """Adds up movements by way of paying and by day."""

    def __init__(self, days: dict[date, DayRow]) -> None:
        self.days = days
        self.by_method: dict[tuple[str, str], MethodRow] = {}

    def row(self, method: str, account: str) -> MethodRow:
        key = (title_of(method), account)
        return self.by_method.setdefault(key, MethodRow(*key))

    def take(self, rows: Any) -> None:
        """Rows of (method, account, day, number, yuan) that came in."""
        for method, account, day, count, amount in rows:
            into = self.row(method, account)
            into.payments += count
            into.taken += amount
            self.days[day].taken += amount

    def give(self, rows: Any) -> None:
        """The same that went back."""
        for method, account, day, count, amount in rows:
            into = self.row(method, account)
            into.refunds += count
            into.refunded += amount
            self.days[day].refunded += amount

    def wait(self, rows: Any) -> None:
        """Rows of (method, account, yuan) that are on their way back."""
        for method, account, amount in rows:
            self.row(method, account).waiting += amount

    def rows(self) -> list[MethodRow]:
        return sorted(self.by_method.values(), key=lambda row: (-row.taken, row.method, row.account))


def title_of(method: str) -> str:
    """What people call a way of paying: a provider's, a tender, or a gateway that charges at once."""
    tender = tenders().get(method)
    if tender is not None:
        return str(tender.title)
    return str(TITLES.get(method) or _AT_ONCE.get(method) or gateway_title(method))


def _grouped(
    rows: QuerySet[Any], method: str, account: str | None, moment: str, span: Span
) -> list[tuple[Any, ...]]:
    within = rows.filter(**{f"{moment}__gte": span[0], f"{moment}__lt": span[1]})
    by_day = (
        within.order_by()
        .annotate(day=TruncDate(moment))
        .values(method, *([account] if account else []), "day")
    )
    return [
        (row[method], row[account] if account else "", row["day"], row["n"], row["yuan"])
        for row in by_day.annotate(n=Count("pk"), yuan=Sum("amount"))
    ]


def _remote(books: _Books, intents: Intents, span: Span) -> None:
    attempts = PaymentAttempt.objects.filter(intent__in=intents, state=AttemptState.PAID)
    books.take(_grouped(attempts, "method", "account", "paid_at", span))
    refunds = Refund.objects.filter(attempt__intent__in=intents)
    done = refunds.filter(state=RefundState.SUCCEEDED)
    books.give(_grouped(done, "attempt__method", "attempt__account", "finished_at", span))
    waiting = refunds.exclude(state__in=_OVER).order_by().values("attempt__method", "attempt__account")
    books.wait(
        waiting.annotate(yuan=Sum("amount")).values_list("attempt__method", "attempt__account", "yuan")
    )


def _internal(books: _Books, intents: Intents, span: Span) -> None:
    parts = PaymentPart.objects.filter(intent__in=intents, captured_at__isnull=False)
    books.take(_grouped(parts, "kind", None, "captured_at", span))
    # what was released before it was money never came in, so it does not go back
    shares = PartRefund.objects.filter(part__intent__in=intents, part__captured_at__isnull=False)
    books.give(_grouped(shares.filter(state=ShareState.DONE), "part__kind", None, "done_at", span))
    waiting = (
        shares.exclude(state=ShareState.DONE).order_by().values("part__kind").annotate(yuan=Sum("amount"))
    )
    books.wait((row["part__kind"], "", row["yuan"]) for row in waiting)


def _at_once(books: _Books, payments: QuerySet[Payment], span: Span) -> None:
    """Money that did not come through an intent: cards charged at once, sales at a counter."""
    moves = Transaction.objects.filter(
        payment__in=payments, payment__intent__isnull=True, is_success=True, action_required=False
    )
    rows = _grouped(moves.filter(kind__in=_CHARGES), "payment__gateway", None, "created", span)
    books.take(rows)
    back = moves.filter(kind=TransactionKind.REFUND)
    books.give(_grouped(back, "payment__gateway", None, "created", span))


def _tries(intents: Intents, span: Span) -> list[TryRow]:
    begun = PaymentAttempt.objects.filter(intent__in=intents, created_at__gte=span[0], created_at__lt=span[1])
    # providers tell the second only, cut off: money may seem to have come before it was asked for
    took = ExpressionWrapper(
        Greatest(F("paid_at"), F("created_at")) - F("created_at"), output_field=DurationField()
    )
    rows = (
        begun.order_by()
        .values("method")
        .annotate(
            begun=Count("pk"),
            paid=Count("pk", filter=Q(state=AttemptState.PAID)),
            closed=Count("pk", filter=Q(state=AttemptState.CLOSED)),
            took=Avg(took, filter=Q(state=AttemptState.PAID)),
        )
        .order_by("-begun", "method")
    )
    return [
        TryRow(
            title_of(row["method"]),
            row["begun"],
            row["paid"],
            row["closed"],
            round(row["took"].total_seconds(), 1) if row["took"] is not None else None,
        )
        for row in rows
    ]


def _reasons(intents: Intents, span: Span) -> list[tuple[str, int, Decimal]]:
    """Why remote money and shares of internal parts were given back, of what was asked for in these days."""
    sums: dict[str, list[Any]] = defaultdict(lambda: [0, ZERO])
    remote = Refund.objects.filter(
        attempt__intent__in=intents, created_at__gte=span[0], created_at__lt=span[1]
    )
    words = dict(RefundReason.choices)
    for row in remote.order_by().values("reason").annotate(n=Count("pk"), yuan=Sum("amount")):
        _add(sums, str(words.get(row["reason"], row["reason"])), row)
    shares = PartRefund.objects.filter(
        part__intent__in=intents, created_at__gte=span[0], created_at__lt=span[1]
    )
    wanted = Q(order_refund__isnull=False)
    told = shares.order_by().values(asked=wanted).annotate(n=Count("pk"), yuan=Sum("amount"))
    for share in told:
        name = words[RefundReason.STAFF] if share["asked"] else _("未成交退回")
        _add(sums, str(name), share)
    return sorted(((name, n, yuan) for name, (n, yuan) in sums.items()), key=lambda one: (-one[2], one[0]))


def _add(sums: dict[str, list[Any]], name: str, row: Any) -> None:
    sums[name][0] += row["n"]
    sums[name][1] += row["yuan"]
