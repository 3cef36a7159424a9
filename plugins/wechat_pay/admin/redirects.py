"""改退到银行卡: the door on the page of an abnormal refund, and its form."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from saleor_o2o.backoffice.doors import add_doors, door
from saleor_o2o.cashier.models import Refund, RefundState
from saleor_o2o.kernel.scope import OutOfScope, get_row, policy_for

from ..keyring import GATEWAY
from ..models import Change
from ..permissions import REDIRECT
from ..services import changes
from ..services.redirecting import MERCHANT_CARD, USER_CARD
from .acting import ActingAdmin, choice, reason, text

#: The banks that people at a counter meet most (WeChat's 银行类型; the whole list is in its documents).
BANKS = (
    ("", "请选择"), ("PSBC_DEBIT", "邮储银行"), ("ICBC_DEBIT", "工商银行"), ("ABC_DEBIT", "农业银行"),
    ("BOC_DEBIT", "中国银行"), ("CCB_DEBIT", "建设银行"), ("COMM_DEBIT", "交通银行"), ("CMB_DEBIT", "招商银行"),
    ("CQRCB_DEBIT", "重庆农商行"), ("CQB_DEBIT", "重庆银行"),
)  # fmt: skip


class RedirectForm(forms.Form):
    """Where the money goes instead."""

    type = choice(
        "退款去向", ((USER_CARD, "顾客的银行卡"), (MERCHANT_CARD, "商户银行账户（再线下退给顾客）"))
    )
    bank_type = forms.ChoiceField(label="开户银行", choices=BANKS, required=False)
    # Read back while typing: nineteen digits nobody sees are typed wrong. Stored encrypted, and not for long.
    bank_account = text("银行卡号", 30, required=False, help_text="加密保存，复核后即删除")
    real_name = text("持卡人姓名", 40, required=False)
    reason = reason()


def show(page: ActingAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Propose to send an abnormal refund to a bank card."""
    try:
        refund = get_row(request.user, Refund, pk=pk)
    except OutOfScope:
        raise Http404 from None
    user: Any = request.user
    if not user.has_perm(REDIRECT):
        raise PermissionDenied

    def do(values: dict[str, Any]) -> str:
        card = {name: str(values[name]).replace(" ", "") for name in ("type", "bank_type", "bank_account")}
        card["real_name"] = values["real_name"].strip()
        changes.propose_redirect(user, refund, card, values["reason"])
        return "已提交，等待另一位同事复核"

    back = reverse("admin:o2o_cashier_refund_change", args=[pk])
    intro = "顾客的零钱或银行卡已注销、异常，原路退不回去。复核后由微信退到这里填写的账户，退款单号不变。"
    return page.act(
        request, f"退款 {refund.number} 改退到银行卡", RedirectForm(request.POST or None), do, back, intro
    )


def _doors(request: HttpRequest, refund: Refund) -> list[dict[str, Any]]:
    user: Any = request.user
    if refund.state != RefundState.ABNORMAL or refund.attempt.intent.gateway != GATEWAY:
        return []
    if not user.has_perm(REDIRECT) or not policy_for(Change).may(user, REDIRECT, Change):
        return []
    address = reverse("admin:o2o_wechat_pay_change_redirect", args=[refund.pk])
    return [door("改退到银行卡", "credit_card", address)]


add_doors(Refund, _doors)
