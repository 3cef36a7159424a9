"""Words and codes of orders: business lines, ways to hand over, states, reasons, timers, the kinds of the timeline."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class BusinessLine(TextChoices):
    """What kind of business a line of an order is; the product type says so (`ProductTypeLine`)."""

    GOODS = "goods", _("商品")
    AIR = "air", _("航空客票")
    COACH = "coach", _("公路客票")
    TRAIN = "train", _("铁路客票")
    TICKET = "ticket", _("通用票务")
    TRAVEL = "travel", _("旅游")
    BILL = "bill", _("代收代缴")
    SERVICE = "service", _("社区服务")
    MEMBERSHIP = "membership", _("会员")


#: What an order of several business lines is called as a whole.
MIXED = "mixed"
ORDER_LINES = [*BusinessLine.choices, (MIXED, _("综合"))]


class DeliveryMode(TextChoices):
    """How goods come to the buyer."""

    DELIVERY = "delivery", _("快递配送")
    PICKUP = "pickup", _("网点自提")
    VIRTUAL = "virtual", _("无需配送")


class State(TextChoices):
    """Where a sub-order stands, and, derived from its sub-orders, an order (domain 2.2.5)."""

    PENDING_PAYMENT = "pending_payment", _("待付款")
    PENDING_SHIPMENT = "pending_shipment", _("待发货")
    PARTLY_SHIPPED = "partly_shipped", _("部分发货")
    SHIPPED = "shipped", _("已发货")
    PENDING_PICKUP = "pending_pickup", _("待自提")
    PENDING_VERIFICATION = "pending_verification", _("待核验")
    RECEIVED = "received", _("已收货")
    COMPLETED = "completed", _("已完成")
    CLOSED = "closed", _("已关闭")


#: Paid, and something is still to be handed over by us.
TO_HAND_OVER = (
    State.PENDING_SHIPMENT,
    State.PARTLY_SHIPPED,
    State.PENDING_PICKUP,
    State.PENDING_VERIFICATION,
)


class CancelReason(TextChoices):
    """Why an order was closed."""

    TIMEOUT = "timeout", _("超时未支付")
    REFUNDED = "refunded", _("退款关闭")
    BUYER = "buyer", _("买家取消")
    STAFF = "staff", _("客服取消")
    GROUP_FAILED = "group_failed", _("拼团关闭")
    ISSUE_FAILED = "issue_failed", _("出票失败")
    SUPPLIER = "supplier", _("供应商取消")
    RISK = "risk", _("风控关闭")
    OTHER = "other", _("其他原因")


class TimerKind(TextChoices):
    """Clocks of an order; how long each runs is a dated rule per business line, kept on the order when it is made."""

    PAY = "pay", _("支付时限")
    RECEIVE = "receive", _("自动收货")
    REVIEW = "review", _("评价期")
    AFTER_SALE = "after_sale", _("售后期")
    COMPLAINT = "complaint", _("投诉期")


class Flag(TextChoices):
    """A mark that the staff puts on an order, in the colours that shop keepers know."""

    RED = "red", _("红旗")
    YELLOW = "yellow", _("黄旗")
    GREEN = "green", _("绿旗")
    BLUE = "blue", _("蓝旗")
    PURPLE = "purple", _("紫旗")


class ReceivedBy(TextChoices):
    """How we know that the buyer has it."""

    BUYER = "buyer", _("买家确认")
    AUTO = "auto", _("到期自动")
    COUNTER = "counter", _("当面交付")
    STAFF = "staff", _("客服确认")


class TimelineKind(TextChoices):
    """What an entry of the timeline tells."""

    PLACED = "placed", _("下单")
    PRICE_CHANGED = "price_changed", _("改价")
    PAID = "paid", _("付款")
    SHIPPED = "shipped", _("发货")
    SHIPMENT_CANCELLED = "shipment_cancelled", _("撤销发货")
    HANDED_OVER = "handed_over", _("交付")
    RECEIVED = "received", _("收货")
    COMPLETED = "completed", _("完成")
    CLOSED = "closed", _("关闭")
    REOPENED = "reopened", _("恢复")
    REFUNDED = "refunded", _("退款")
    PAYMENT = "payment", _("支付")
    ADDRESS = "address", _("修改收货信息")
    TRACKING = "tracking", _("运单")
    REMARK = "remark", _("备注")
    FLAG = "flag", _("标记")
    MAIL = "mail", _("通知")
    PRINTED = "printed", _("打印")
    DISPATCH = "dispatch", _("派单")
    AFTER_SALE = "after_sale", _("售后")
    COMPLAINT = "complaint", _("投诉")
    DRAFT = "draft", _("草稿")
    OTHER = "other", _("其他")


#: What only the staff reads; a shopper's timeline leaves it out.
STAFF_ONLY = frozenset(
    {
        TimelineKind.REMARK,
        TimelineKind.FLAG,
        TimelineKind.MAIL,
        TimelineKind.PRINTED,
        TimelineKind.DISPATCH,
        TimelineKind.DRAFT,
        TimelineKind.OTHER,
    }
)
