"""Why a card was not charged, in the payer's words. Source: Stripe, "Decline codes" and "Error codes"."""

from __future__ import annotations

from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_lazy as _

#: Reasons that the payer is not told: whoever holds a stolen card would learn from them (Stripe's advice).
_DISCREET = frozenset(
    {"fraudulent", "lost_card", "stolen_card", "pickup_card", "merchant_blacklist", "restricted_card"}
)
_GENERAL = gettext_lazy("银行拒绝了这次付款，没有扣款。请换一张卡，或联系发卡银行")
_WORDS = {
    "insufficient_funds": _("卡内余额或可用额度不足，没有扣款。请换一张卡"),
    "card_velocity_exceeded": _("超过了这张卡的限额或次数，没有扣款。请换一张卡，或联系发卡银行"),
    "withdrawal_count_limit_exceeded": _("超过了这张卡的限额或次数，没有扣款。请换一张卡，或联系发卡银行"),
    "expired_card": _("这张卡已过有效期，没有扣款。请换一张卡"),
    "incorrect_cvc": _("卡背面的安全码不正确，没有扣款。请核对后重新输入"),
    "invalid_cvc": _("卡背面的安全码不正确，没有扣款。请核对后重新输入"),
    "incorrect_number": _("卡号不正确，没有扣款。请核对后重新输入"),
    "invalid_number": _("卡号不正确，没有扣款。请核对后重新输入"),
    "invalid_expiry_month": _("有效期不正确，没有扣款。请核对后重新输入"),
    "invalid_expiry_year": _("有效期不正确，没有扣款。请核对后重新输入"),
    "processing_error": _("银行处理时出错，没有扣款。请稍后再试"),
    "issuer_not_available": _("暂时联系不上发卡银行，没有扣款。请稍后再试"),
    "try_again_later": _("发卡银行暂时无法处理，没有扣款。请稍后再试"),
    "reenter_transaction": _("发卡银行暂时无法处理，没有扣款。请稍后再试"),
    "currency_not_supported": _("这张卡不支持人民币付款，没有扣款。请换一张卡"),
    "card_not_supported": _("这张卡不支持这类付款，没有扣款。请换一张卡"),
    "authentication_required": _("发卡银行要求验证，没有扣款。请重新付款并完成验证"),
    "payment_intent_authentication_failure": _("发卡银行的验证没有通过，没有扣款。请重试，或换一张卡"),
    "EXPIRED": _("验证超时，没有扣款。请重新付款"),
    "ABSENT": _("付款没有送达银行，没有扣款。请重新付款"),
    "UNREACHABLE": _("暂时连不上支付机构，没有扣款。请稍后再试"),
    "rate_limit": _("支付机构繁忙，没有扣款。请稍后再试"),
    "amount_too_small": _("金额太小，不能刷卡。请换一种支付方式"),
    "amount_too_large": _("金额太大，不能一次刷卡。请换一种支付方式"),
    "resource_missing": _("这张卡的信息已失效，没有扣款。请重新填写卡信息"),
    "HTTP_401": _("刷卡支付尚未配置好，请换一种支付方式"),
    "api_key_expired": _("刷卡支付尚未配置好，请换一种支付方式"),
    "NOT_CONFIGURED": _("刷卡支付尚未配置好，请换一种支付方式"),
}
#: Refusals of what the staff does with money, in the staff's words.
_STAFF = {
    "charge_already_refunded": _("这笔钱在 Stripe 已全部退回，请核对退款记录"),
    "payment_intent_unexpected_state": _("这笔付款在 Stripe 的状态已变化，请刷新后再看"),
    "insufficient_funds": _("Stripe 账户余额不足，暂不能退款"),
    "balance_insufficient": _("Stripe 账户余额不足，暂不能退款"),
    "charge_disputed": _("这笔付款有争议（持卡人拒付），不能退款"),
    "charge_expired_for_capture": _("授权已过期，不能请款"),
    "UNREACHABLE": _("暂时连不上支付机构，没有任何变动。请稍后再试"),
}


def code_of(error: dict[str, object]) -> str:
    """The most telling code of Stripe's error: the bank's, else Stripe's, else the kind of error."""
    decline = error.get("decline_code")
    if decline and decline != "generic_decline":
        return str(decline)[:64]
    return str(error.get("code") or error.get("type") or "card_declined")[:64]


def words(code: str) -> str:
    """What the payer reads."""
    if code in _DISCREET:
        return str(_GENERAL)
    return str(_WORDS.get(code, _GENERAL))


def staff_words(code: str) -> str:
    """What the clerk reads whose capture, refund or void was refused."""
    told = _STAFF.get(code)
    return str(told) if told is not None else gettext("Stripe 没有受理（%(code)s）") % {"code": code}
