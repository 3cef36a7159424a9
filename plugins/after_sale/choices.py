"""Words of after-sale: kinds, states, reasons, who bears the freight, clocks."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Kind(TextChoices):
    """What the customer wants."""

    REFUND = "refund", _("仅退款")
    RETURN = "return", _("退货退款")
    EXCHANGE = "exchange", _("换货")
    REPAIR = "repair", _("维修")


#: Goods come to us, and something goes out again.
SWAPS = (Kind.EXCHANGE, Kind.REPAIR)


class Via(TextChoices):
    """Who asks, and how: the customer alone, or a clerk for somebody at the counter or on the telephone."""

    SELF = "self", _("顾客自助")
    COUNTER = "counter", _("到柜台")
    PHONE = "phone", _("来电")


#: What the clerk may say: it is somebody else who asks.
FOR_SOMEBODY = (Via.COUNTER, Via.PHONE)


class Phase(TextChoices):
    """When it was asked for."""

    BEFORE = "before", _("售中")
    AFTER = "after", _("售后")


class State(TextChoices):
    """Where an after-sale stands (domain 2.2.5)."""

    APPLIED = "applied", _("待商家处理")
    TO_RETURN = "to_return", _("待买家退货")
    TO_RECEIVE = "to_receive", _("待商家收货")
    APPROVING = "approving", _("退款审批中")
    REFUNDING = "refunding", _("退款中")
    REFUND_FAILED = "refund_failed", _("退款失败待处理")
    DONE = "done", _("已退款")
    REFUSED = "refused", _("商家拒绝")
    GOODS_REFUSED = "goods_refused", _("拒绝收货")
    ARBITRATION = "arbitration", _("仲裁中")
    OFFERED = "offered", _("待买家确认退款")
    REPAIRING = "repairing", _("维修中")
    TO_SEND = "to_send", _("待商家寄出")
    SENT = "sent", _("待买家收货")
    FINISHED = "finished", _("已完成")
    CANCELLED = "cancelled", _("买家撤销")
    CLOSED = "closed", _("已关闭")


#: Nothing more happens to it.
OVER = (State.DONE, State.FINISHED, State.CANCELLED, State.CLOSED)
#: No money went back: what it asked for can be asked for again.
VOID = (State.FINISHED, State.CANCELLED, State.CLOSED)
#: The staff has something to do.
FOR_STAFF = (State.APPLIED, State.TO_RECEIVE, State.REPAIRING, State.TO_SEND, State.REFUND_FAILED)


class Outcome(TextChoices):
    """What goes out again at the end of an exchange or a repair."""

    SWAPPED = "swapped", _("换货")
    REPAIRED = "repaired", _("已修好")
    UNCHANGED = "unchanged", _("原样寄回")


class HoldState(TextChoices):
    """Where the pieces of an exchange are."""

    HELD = "held", _("已预留")
    SENT = "sent", _("已寄出")
    RELEASED = "released", _("已放回")


class Reason(TextChoices):
    """Why the customer asks."""

    CHANGED_MIND = "changed_mind", _("不想要了")
    WRONG_ORDER = "wrong_order", _("拍错、多拍")
    NOT_SHIPPED = "not_shipped", _("未按时发货")
    NOT_RECEIVED = "not_received", _("未收到货")
    MISSING = "missing", _("少件、漏发")
    WRONG_GOODS = "wrong_goods", _("发错货")
    QUALITY = "quality", _("质量问题、变质")
    DAMAGED = "damaged", _("运输破损")
    NOT_AS_SHOWN = "not_as_shown", _("与描述不符")
    PRICE = "price", _("协商退差价")
    OTHER = "other", _("其他")


#: Reasons for which the seller bears what sending back costs.
SELLERS_FAULT = frozenset(
    {
        Reason.NOT_SHIPPED,
        Reason.MISSING,
        Reason.WRONG_GOODS,
        Reason.QUALITY,
        Reason.DAMAGED,
        Reason.NOT_AS_SHOWN,
    }
)


class Bearer(TextChoices):
    """Who bears what sending back costs."""

    BUYER = "buyer", _("买家承担")
    SELLER = "seller", _("商家承担")


class Clock(TextChoices):
    """What the clocks of an after-sale measure; how long, and what silence means, is a dated rule."""

    ANSWER = "answer", _("商家处理")
    SHIP_BACK = "ship_back", _("买家寄回")
    INSPECT = "inspect", _("商家验货")
    ARBITRATE = "arbitrate", _("申请仲裁")
    CHOOSE = "choose", _("买家确认改退款")
    REPAIR = "repair", _("维修")
    SEND = "send", _("商家寄出")
    ARRIVE = "arrive", _("寄出后自动收货")
    PAY_OUT = "pay_out", _("柜台或渠道退款")
    ACCEPT = "accept", _("受理投诉")
    APPEAL = "appeal", _("商家申诉")
    DIALOGUE = "dialogue", _("双方对话")
    RULING = "ruling", _("市中心裁决")


class Party(TextChoices):
    """Whose words or pictures these are."""

    BUYER = "buyer", _("买家")
    SELLER = "seller", _("商家")
    PLATFORM = "platform", _("平台")


class Topic(TextChoices):
    """What a complaint is about."""

    AFTER_SALE = "after_sale", _("售后纠纷")
    SERVICE = "service", _("服务态度")
    DELIVERY = "delivery", _("配送问题")
    GOODS = "goods", _("商品问题")
    OTHER = "other", _("其他")


class ComplaintState(TextChoices):
    """Where a complaint stands (domain 2.2.5)."""

    NEW = "new", _("新投诉")
    APPEAL = "appeal", _("待申诉")
    DIALOGUE = "dialogue", _("对话中")
    RULING = "ruling", _("等待仲裁")
    DONE = "done", _("已完成")
    WITHDRAWN = "withdrawn", _("已撤销")


COMPLAINT_OVER = (ComplaintState.DONE, ComplaintState.WITHDRAWN)
