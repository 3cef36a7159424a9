"""Stock's own order events in the words of the timeline."""

from __future__ import annotations

from typing import Any

from saleor.order import OrderEvents as E

from saleor_o2o.kernel.redaction import redact_text
from saleor_o2o.kernel.request import SYSTEM

from .choices import TimelineKind
from .models import OrderTimeline
from .services.timeline import entry_of

#: What the timeline tells itself, with more than stock knows.
OWN = frozenset(
    {
        E.PLACED, E.PLACED_FROM_DRAFT, E.CANCELED, E.ORDER_FULLY_PAID, E.FULFILLMENT_FULFILLED_ITEMS,
        E.FULFILLMENT_CANCELED, E.FULFILLMENT_RESTOCKED_ITEMS,
    }
)  # fmt: skip
_WORDS = {
    E.DRAFT_CREATED: (TimelineKind.DRAFT, "创建草稿"),
    E.DRAFT_ADDED_PRODUCTS: (TimelineKind.DRAFT, "草稿添加商品"),
    E.DRAFT_REMOVED_PRODUCTS: (TimelineKind.DRAFT, "草稿移除商品"),
    E.OVERSOLD_ITEMS: (TimelineKind.OTHER, "超量下单"),
    E.ORDER_MARKED_AS_PAID: (TimelineKind.PAYMENT, "人工标记为已付款"),
    E.UPDATED_ADDRESS: (TimelineKind.ADDRESS, "修改收货信息"),
    E.EMAIL_SENT: (TimelineKind.MAIL, "发送邮件通知"),
    E.PAYMENT_CAPTURED: (TimelineKind.PAYMENT, "确认收款"),
    E.PAYMENT_REFUNDED: (TimelineKind.REFUNDED, "退款"),
    E.PAYMENT_VOIDED: (TimelineKind.PAYMENT, "支付作废"),
    E.PAYMENT_FAILED: (TimelineKind.PAYMENT, "支付未成功"),
    E.TRACKING_UPDATED: (TimelineKind.TRACKING, "更新运单号"),
    E.NOTE_ADDED: (TimelineKind.REMARK, "备注"),
    E.OTHER: (TimelineKind.OTHER, "其他"),
}


def entry_of_event(event: Any) -> OrderTimeline | None:
    """A stock event as an entry that is not written; None for what the timeline tells itself."""
    if event.type in OWN:
        return None
    kind, text = _WORDS.get(event.type, (TimelineKind.OTHER, "其他"))
    told = event.parameters or {}
    after: dict[str, Any] = {}
    if told.get("amount") is not None:
        text = f"{text} ¥{float(told['amount']):,.2f}"
    if told.get("tracking_number"):
        text = f"{text} {told['tracking_number']}"
    if told.get("message"):
        text = f"{text}：{redact_text(str(told['message']))}"
    return entry_of(
        event.order_id, kind, text, after=after, at=event.date,
        actor=f"user:{event.user_id}" if event.user_id else SYSTEM,
    )  # fmt: skip
