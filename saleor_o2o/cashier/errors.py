"""The cashier's errors, in the payer's and the clerk's words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.errors import DomainError

from .error_codes import CashierErrorCode as Code

_WORDS = {
    Code.NOT_FOUND: (_("没有找到这笔支付"), _("请从订单页重新进入收银台")),
    Code.ALREADY_PAID: (_("这笔订单已经支付，无需再付"), _("请刷新订单查看状态")),
    Code.PAYMENT_CLOSED: (_("支付已超时关闭"), _("请重新下单")),
    Code.METHOD_NOT_OFFERED: (_("这种支付方式不可用"), _("请换一种支付方式")),
    Code.PAYER_REQUIRED: (_("缺少微信用户标识，无法在微信内付款"), _("请在微信中重新打开本页")),
    Code.PROVIDER_REFUSED: (_("支付机构没有受理"), _("请稍后再试，或换一种支付方式")),
    Code.PROVIDER_UNREACHABLE: (_("暂时连不上支付机构，没有扣款"), _("请稍后再点一次支付，不会重复扣款")),
    Code.NOT_CONFIGURED: (_("支付方式尚未配置好"), _("请联系管理员在后台完成支付配置")),
    Code.REFUND_TOO_LARGE: (_("退款金额超过可退余额"), _("请核对已退金额")),
    Code.REFUND_TOO_MANY: (_("这笔支付的退款次数已到上限"), _("请走线下退款")),
    Code.REFUND_TOO_LATE: (_("已超过支付机构的退款期限"), _("请走线下退款")),
    Code.INVALID_AMOUNT: (_("金额不正确"), _("金额须大于零，最多两位小数")),
    Code.ORDER_NOT_PAID: (_("订单尚未付款"), _("到账后才能发货或退款")),
    Code.NOTIFICATION_MALFORMED: (_("通知内容无法识别"), None),
    Code.NOTIFICATION_REFUSED: (_("通知未通过验证"), None),
}


class CashierError(DomainError):
    """A refusal by the cashier; the code decides the words."""

    def __init__(self, code: Code, field: str | None = None) -> None:
        message, hint = _WORDS[code]
        super().__init__(code, message, field=field, hint=hint)
