"""An abnormal refund (退款异常) goes to a bank card instead (发起异常退款): the same refund, the same number."""

from __future__ import annotations

import re
from typing import Any

from django.utils.translation import gettext as _

from plugins.org_hierarchy.interfaces import OrderAttribution, OrgUnit
from saleor_o2o.cashier.interfaces import apply_refund_fact
from saleor_o2o.cashier.models import Refund, RefundState
from saleor_o2o.cashier.ports import ProviderRefused, ProviderUnknown
from saleor_o2o.cashier.ports import RefundState as RefundFactState
from saleor_o2o.kernel.crypto import mask_bank_card, mask_name
from saleor_o2o.kernel.money import format_yuan

from ..client import api_of, call
from ..error_codes import WechatPayErrorCode as Code
from ..errors import WechatPayError
from ..reading import refund_fact

USER_CARD, MERCHANT_CARD = "USER_BANK_CARD", "MERCHANT_BANK_CARD"


def check_redirect(refund: Refund, values: dict[str, str]) -> list[tuple[str, str]]:
    """What the second person reads, masked. Raises WechatPayError NOT_ABNORMAL, INVALID with the field."""
    if refund.state != RefundState.ABNORMAL:
        raise WechatPayError(Code.NOT_ABNORMAL)
    told = [
        (_("退款单"), refund.number),
        (_("金额"), format_yuan(refund.amount)),
    ]
    if values.get("type") == MERCHANT_CARD:
        return [*told, (_("退到"), _("商户银行账户（线下再退给顾客）"))]
    if values.get("type") != USER_CARD:
        raise WechatPayError(Code.INVALID, "type", _("请选择退款去向"))
    if not re.fullmatch(r"[A-Z]{2,16}(_[A-Z]{2,16})?", values.get("bank_type", "")):
        raise WechatPayError(Code.INVALID, "bank_type", _("请选择开户银行"))
    if not re.fullmatch(r"[0-9]{12,24}", values.get("bank_account", "")):
        raise WechatPayError(Code.INVALID, "bank_account", _("银行卡号应为 12 至 24 位数字"))
    if not re.fullmatch(r"[\u4e00-\u9fa5A-Za-z·. ]{2,40}", values.get("real_name", "")):
        raise WechatPayError(Code.INVALID, "real_name", _("请填写持卡人姓名"))
    return [
        *told,
        (_("退到"), _("顾客银行卡")),
        (_("开户银行"), values["bank_type"]),
        (_("卡号"), mask_bank_card(values["bank_account"])),
        (_("持卡人"), mask_name(values["real_name"])),
    ]


def unit_of(refund: Refund) -> OrgUnit | None:
    """Whose order it is: the unit whose people decide."""
    order_id = refund.attempt.intent.order_id
    found = OrderAttribution.objects.select_related("unit").filter(order_id=order_id).first()
    return found.unit if found else None


def redirect(number: str, values: dict[str, str]) -> Refund:
    """Tell WeChat; the card's number and the name are encrypted with WeChat's key. Calls the provider.

    Raises WechatPayError NOT_ABNORMAL, PROVIDER_REFUSED (with WeChat's words), PROVIDER_UNREACHABLE: repeating is safe.
    """
    refund = Refund.objects.select_related("attempt__intent", "sub_trade").get(number=number)
    if refund.state != RefundState.ABNORMAL:
        raise WechatPayError(Code.NOT_ABNORMAL)
    arguments: dict[str, Any] = {
        "refund_id": refund.provider_ref,
        "out_refund_no": refund.number,
        "type": values["type"],
    }
    if values["type"] == USER_CARD:
        arguments |= {name: values[name] for name in ("bank_type", "bank_account", "real_name")}
    try:
        api = api_of(refund.account)
        api.ready_to_encrypt()
        answer = call(lambda: api.pay.abnormal_refund(**arguments))
        fact = refund_fact(answer, refund.number, answer.get("status", ""), api.ring.code)
    except ProviderRefused as refusal:
        known = _on_its_way(refund)
        if known is not None:  # told before, and the answer was lost
            return known
        words = _("微信支付没有受理：%(message)s") % {"message": refusal.message or refusal.code}
        raise WechatPayError(Code.PROVIDER_REFUSED, None, words) from refusal
    except ProviderUnknown as silence:
        raise WechatPayError(Code.PROVIDER_UNREACHABLE) from silence
    return apply_refund_fact(fact)


def _on_its_way(refund: Refund) -> Refund | None:
    """The refund, if WeChat has taken the new way already; None otherwise."""
    from ..provider import WechatPayProvider

    try:
        fact = WechatPayProvider().query_refund(refund.ref)
    except (ProviderRefused, ProviderUnknown):
        return None
    on_its_way = fact.state in (RefundFactState.PROCESSING, RefundFactState.SUCCEEDED)
    return apply_refund_fact(fact) if on_its_way else None
