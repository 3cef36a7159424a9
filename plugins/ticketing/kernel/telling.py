"""What buyers are told of their tickets: by the official account where they follow one, else by text message.

All trades tell through this file. What WeChat certainly did not deliver goes by text afterwards: texts have the
occasions' names, so that the official account finds them.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from plugins.members.interfaces import MemberError, Told, register_text, send_text
from plugins.official_account.interfaces import following
from plugins.official_account.interfaces import tell as tell_follower
from saleor_o2o.kernel.clock import SHANGHAI
from saleor_o2o.kernel.money import format_yuan

from .guest_access import link_of
from .legs import leg_of, title_of
from .models import ChangeRequest, Insurance, RefundReply, RefundRequest, Ticket, TicketOrder

#: Occasions of the official account, and the names of their texts.
FAILED = "ticket_issue_failed"
REFUND = "ticket_refund"
CHANGE = "ticket_change"
INSURANCE = "ticket_insurance"
CLOSED = "ticket_closed"
#: No occasion of the official account: codes go by text only.
GUEST_CODE = "ticket_guest_code"

register_text(
    FAILED,
    gettext_lazy(
        "很抱歉，您购买的%(title)s没有出票成功，全部票款将原路退回，不收手续费。如有疑问请拨打 11185。"
    ),
    gettext_lazy("出票失败通知"),
)
register_text(
    CLOSED,
    gettext_lazy("您占座的%(title)s已停班（取消），座位已释放，请不要再付款；已付的将原路全额退回。"),
    gettext_lazy("停班、取消通知"),
)
register_text(REFUND, gettext_lazy("您的%(title)s退票：%(what)s。%(note)s"), gettext_lazy("退票结果通知"))
register_text(CHANGE, gettext_lazy("您的%(title)s改签：%(what)s。%(note)s"), gettext_lazy("改签结果通知"))
register_text(
    GUEST_CODE,
    gettext_lazy("验证码 %(code)s，用于办理票务订单 %(number)s，%(minutes)s 分钟内有效。请勿告诉他人。"),
    gettext_lazy("办理票务订单验证码"),
)
register_text(
    INSURANCE, gettext_lazy("您的%(title)s：%(what)s，保费 %(amount)s 将原路退回。"), gettext_lazy("退保通知")
)


def tell(order: TicketOrder, occasion: str, key: str, words: Mapping[str, str], *, text: bool = True) -> Told:
    """Tell who bought, in the caller's transaction, which makes sure that it is done once (`key` names what is told).

    `words` are the occasion's; `title`, where it is not among them, is the order's, `number` and `link` (the page of
    the order) always. `text` False: not by text message. NOWHERE where nothing reaches him; a number that is no mobile
    is no error.
    """
    told = {"title": order.title, **words, "number": order.number, "link": link_of(order)}
    # told whole: the official account cuts what WeChat takes too little of, a text instead of it does not
    if order.user_id is not None and tell_follower(order.user_id, occasion, key, told):
        return Told.WECHAT
    return by_text(order, occasion, told) if text else Told.NOWHERE


def by_text(order: TicketOrder, occasion: str, words: Mapping[str, str]) -> Told:
    """By text message to the telephone of the order, also where the buyer follows: he has asked for it."""
    if not order.mobile:
        return Told.NOWHERE
    try:
        send_text(order.mobile, occasion, {"title": order.title, **words, "link": link_of(order)})
    except MemberError:  # what was typed at a counter is no mobile
        return Told.NOWHERE
    return Told.TEXT


def tell_closed(order: TicketOrder) -> Told:
    """What is held and not paid is let go, because the trip does not take place."""
    return tell(order, CLOSED, f"closed:{order.number}", {})


def tell_refused(refund: RefundRequest) -> Told:
    """The tickets that were asked back count again, all of them."""
    words = {"title": _refunded(refund), "what": _("未退成，票仍有效"), "note": _ended(refund.why)}
    return tell(refund.ticket_order, REFUND, f"refund-refused:{refund.number}", words)


def tell_asked_merchant(refund: RefundRequest, reply: RefundReply) -> Told:
    """A merchant is asked first, and until when."""
    until = f"{reply.due_at.astimezone(SHANGHAI):%m-%d %H:%M}"
    words = {
        "what": _("已申请，待商家答复"),
        "note": _("最迟 %(until)s 有结果，其间票不能使用") % {"until": until} + "。",
    }
    return tell(refund.ticket_order, REFUND, f"refund-merchant:{refund.number}", words)


def tell_agreed(refund: RefundRequest) -> Told:
    """The merchant agreed, or was silent where silence is agreement."""
    words = {"what": _("商家已同意"), "note": _("正在办理退款") + "。"}
    return tell(refund.ticket_order, REFUND, f"refund-agreed:{refund.number}", words)


def tell_reviewed(refund: RefundRequest) -> Told:
    """The merchant did not agree, or did not answer: people of the platform decide."""
    words = {"what": _("平台审核中"), "note": _ended(refund.why)}
    return tell(refund.ticket_order, REFUND, f"refund-reviewed:{refund.number}", words)


def tell_withdrawn(refund: RefundRequest) -> Told:
    """Whoever asked keeps the tickets; also where somebody did it for him, so that he notices."""
    words = {"title": _refunded(refund), "what": _("已撤回，票恢复有效"), "note": _("不再退款。")}
    return tell(refund.ticket_order, REFUND, f"refund-withdrawn:{refund.number}", words)


def tell_partly(refund: RefundRequest, kept: int, back: int) -> Told:
    """Some of the tickets count again, the others are paid."""
    what = _("%(back)d 张已退，%(kept)d 张未退成仍有效") % {"back": back, "kept": kept}
    words = {
        "title": _refunded(refund),
        "what": what,
        "note": _("应退 %(due)s，详见订单") % {"due": format_yuan(refund.due)} + "。",
    }
    return tell(refund.ticket_order, REFUND, f"refund-partly:{refund.number}", words)


def tell_paid_back(refund: RefundRequest, amount: Decimal) -> Told:
    """All of the money is back. Followers were told by the order's own message that it came."""
    order = refund.ticket_order
    if order.user_id is not None and following(order.user_id).exists():
        return Told.WECHAT
    words = {
        "title": _refunded(refund),
        "what": _("已退款 %(amount)s") % {"amount": format_yuan(amount)},
        "note": _("原路退回，请查收。"),
    }
    return by_text(order, REFUND, words)


def tell_not_changed(change: ChangeRequest) -> Told:
    """The old tickets count; what was paid for the change goes back."""
    title = title_of([one.old for one in change.items.select_related("old")], change.ticket_order)
    words = {"title": title, "what": _("未改成，原票仍有效"), "note": _ended(change.why)}
    return tell(change.ticket_order, CHANGE, f"not-changed:{change.number}", words)


def tell_uninsured(row: Insurance, amount: Decimal) -> Told:
    """An insurance that was bought does not come about: its premium goes back."""
    words = {"title": leg_of(row.ticket).title, "what": row.why, "amount": format_yuan(amount)}
    return tell(row.ticket.ticket_order, INSURANCE, f"uninsured:{row.number}", words)


def _refunded(refund: RefundRequest) -> str:
    """What is given back, as its buyer knows it: a leg, or the whole trip."""
    return title_of(list(Ticket.objects.filter(refund_items__refund=refund)), refund.ticket_order)


def _ended(sentence: str) -> str:
    return f"{sentence.rstrip('。')}。" if sentence else ""
