"""Lines of the order's timeline about an after-sale."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from saleor_o2o.ordering.interfaces import TimelineKind
from saleor_o2o.ordering.interfaces import note as write

from .models import AfterSale, Complaint


def note(row: AfterSale, text: str, **after: Any) -> None:
    """Say what happened to an after-sale, in the current transaction."""
    write(
        row.order_id, TimelineKind.AFTER_SALE, f"售后 {row.number}：{text}", sub_order_id=row.sub_order_id,
        after={"number": row.number, "state": row.state, **after},
    )  # fmt: skip


@transaction.atomic
def note_printed(row: AfterSale) -> None:
    """Say that the paper for what goes out was printed."""
    text = f"售后 {row.number}：打印寄件单"
    write(row.order_id, TimelineKind.PRINTED, text, sub_order_id=row.sub_order_id)


def note_complaint(row: Complaint, text: str) -> None:
    """Say what happened to a complaint, in the current transaction."""
    write(
        row.order_id, TimelineKind.COMPLAINT, f"投诉 {row.number}：{text}", sub_order_id=row.sub_order_id,
        after={"number": row.number, "state": row.state},
    )  # fmt: skip
