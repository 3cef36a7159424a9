"""What of orders and money keeps an account open. The core stands above members: its models are named, not imported."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import ClosingBlocker, register_closing_blocker

#: States in which nothing of a sub-order, a payment or a refund is open any more.
_ORDER_OVER = ("completed", "closed")
_INTENT_OPEN = ("pending", "review", "closing")
_REFUND_OPEN = "processing"


def install() -> None:
    """Register; called once when the app is ready."""
    register_closing_blocker("members.orders", _orders)
    register_closing_blocker("members.money", _money)


def _orders(user: Any) -> list[ClosingBlocker]:
    parts = apps.get_model("o2o_ordering", "SubOrder")._default_manager
    count = (
        parts.filter(order__user_id=user.pk).exclude(state__in=_ORDER_OVER).values("order").distinct().count()
    )
    if not count:
        return []
    return [
        ClosingBlocker(_("有 %(count)d 笔订单没有完成") % {"count": count}, _("请先收货、取消或等待订单完成"))
    ]


def _money(user: Any) -> list[ClosingBlocker]:
    """Payments under way of orders that are closed already, and refunds that have not arrived."""
    intents = apps.get_model("o2o_cashier", "PaymentIntent")._default_manager
    paying = intents.filter(order__user_id=user.pk, state__in=_INTENT_OPEN).count()
    refunds = apps.get_model("o2o_cashier", "OrderRefund")._default_manager
    back = refunds.filter(intent__order__user_id=user.pk, state=_REFUND_OPEN).count()
    found = []
    if paying:
        text = _("有 %(count)d 笔支付没有结束") % {"count": paying}
        found.append(ClosingBlocker(text, _("请完成支付或取消订单")))
    if back:
        found.append(ClosingBlocker(_("有 %(count)d 笔退款在途") % {"count": back}, _("请等退款到账")))
    return found
