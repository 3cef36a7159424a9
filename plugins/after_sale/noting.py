"""Lines of the order's timeline about an after-sale."""

from __future__ import annotations

from typing import Any

from saleor_o2o.ordering.interfaces import TimelineKind
from saleor_o2o.ordering.interfaces import note as write

from .models import AfterSale, Complaint


def note(row: AfterSale, text: str, **after: Any) -> None:
    """Say what happened to an after-sale, in the current transaction."""
    write(
        row.order_id, TimelineKind.AFTER_SALE, f"售后 {row.number}：{text}", sub_order_id=row.sub_order_id,
        after={"number": row.number, "state": row.state, **after},
    )  # fmt: skip


def note_complaint(row: Complaint, text: str) -> None:
    """Say what happened to a complaint, in the current transaction."""
    write(
        row.order_id, TimelineKind.COMPLAINT, f"投诉 {row.number}：{text}", sub_order_id=row.sub_order_id,
        after={"number": row.number, "state": row.state},
    )  # fmt: skip
