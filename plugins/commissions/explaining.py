"""Why somebody gets what he gets for an order: the lines as they were remembered, step by step."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext_lazy as _
from saleor.order.models import Order, OrderLine

from .engine import LineFacts, Result
from .errors import CommissionError, CommissionErrorCode
from .models import CommissionSnapshot
from .snapshots import results_of, snapshot_of


@dataclass(frozen=True, slots=True)
class LineExplained:
    """One order line and its commission."""

    line_id: int
    name: str
    sku: str
    paid: Decimal
    quantity: int
    business: str
    result: Result


@dataclass(frozen=True, slots=True)
class OrderExplained:
    """An order's commission: its lines, and what each place gets of all of them."""

    snapshot: CommissionSnapshot
    lines: tuple[LineExplained, ...]

    @property
    def total(self) -> Decimal:
        """The commission of all lines in yuan."""
        return sum((line.result.total for line in self.lines), Decimal("0.00"))

    def places(self) -> list[tuple[int, str, str, Decimal]]:
        """Rank, key, name and sum of everybody who gets something or stands in the line, the highest rank first."""
        sums: dict[tuple[int, str, str], Decimal] = defaultdict(lambda: Decimal("0.00"))
        for line in self.lines:
            for part in line.result.parts:
                sums[(part.rank, part.key, part.name)] += part.amount
        return [(*place, amount) for place, amount in sorted(sums.items())]

    def text(self) -> str:
        """Everything as plain text, to be copied."""
        told = []
        for line in self.lines:
            told.append(f"【{line.name} × {line.quantity}，实付 {line.paid:.2f} 元】")
            told.append(line.result.text())
        told.append(
            "合计：" + "；".join(f"{name} {amount:.2f} 元" for _rank, _key, name, amount in self.places())
        )
        return "\n".join(told)


def explain_order(order: Order) -> OrderExplained:
    """Explain an order by what it remembers. Raises CommissionError for drafts and orders of no unit."""
    snapshot = snapshot_of(order)
    if snapshot is None:
        raise CommissionError(
            CommissionErrorCode.NOTHING_TO_EXPLAIN, _("这张订单没有佣金记录"), hint=_("草稿订单提交后才计佣")
        )
    lines = []
    for kept, result in results_of(snapshot):
        facts = LineFacts.from_json(kept["facts"])
        lines.append(
            LineExplained(
                kept["line"], kept["name"], kept["sku"], facts.paid, facts.quantity, facts.business, result
            )
        )
    return OrderExplained(snapshot, tuple(lines))


def explain_line(line: OrderLine) -> Result:
    """The commission of one order line, by the day and the rules that its order remembers. Raises CommissionError."""
    for one in explain_order(line.order).lines:
        if one.line_id == line.pk:
            return one.result
    raise CommissionError(CommissionErrorCode.NOTHING_TO_EXPLAIN, _("这一行没有佣金记录"))
