"""The cashier's errors, in the payer's and the clerk's words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.errors import DomainError, Text

from .error_codes import CashierErrorCode as Code

_WORDS = {
    Code.NOT_FOUND: (_("没有找到这笔支付"), _("请从订单页重新进入收银台")),
    Code.ALREADY_PAID: (_("这笔订单已经支付，无需再付"), _("请刷新订单查看状态")),
    Code.PAYMENT_CLOSED: (_("支付已超时关闭"), _("请重新下单")),
    Code.METHOD_NOT_OFFERED: (_("这种支付方式不可用"), _("请换一种支付方式")),
    Code.TOO_MANY_SELLERS: (
        _("这一单的商家太多，不能一次付清"),
        _("请取消后按商家分成几张订单，再分别付款"),
    ),
    Code.PAYER_REQUIRED: (_("缺少微信用户标识，无法在微信内付款"), _("请在微信中重新打开本页")),
    Code.PROVIDER_REFUSED: (_("支付机构没有受理"), _("请稍后再试，或换一种支付方式")),
    Code.PROVIDER_UNREACHABLE: (_("暂时连不上支付机构，没有扣款"), _("请稍后再点一次支付，不会重复扣款")),
    Code.NOT_CONFIGURED: (_("支付方式尚未配置好"), _("请联系管理员在后台完成支付配置")),
    Code.REFUND_TOO_LARGE: (_("退款金额超过可退余额"), _("请核对已退金额")),
    Code.REFUND_TOO_MANY: (_("这笔支付的退款次数已到上限"), _("请走线下退款")),
    Code.REFUND_TOO_LATE: (_("已超过支付机构的退款期限"), _("请走线下退款")),
    Code.INVALID_AMOUNT: (_("金额不正确"), _("金额须大于零，最多两位小数")),
    Code.ORDER_NOT_PAID: (_("订单尚未付款"), _("到账后才能发货或退款")),
    Code.CARD_UNUSABLE: (_("卡号不正确，或这张卡不能使用"), _("请核对卡号和有效期")),
    Code.BALANCE_TOO_LOW: (_("余额不足"), _("请减少金额，其余用别的方式支付")),
    Code.TOO_MANY_PARTS: (_("一笔订单最多用五种方式合付"), _("请减少一种")),
    Code.PART_TWICE: (_("同一张卡或凭证只能选一次"), _("请合并金额")),
    Code.NOTHING_LEFT: (_("其余方式已经付清，这一项没有可付的金额"), _("请去掉这一项或减少前面的金额")),
    Code.PART_NOT_READY: (_("转账尚待财务确认"), _("确认到账后再付余款")),
    Code.IN_REVIEW: (_("款项已到，正在审核"), _("审核通过后自动完成；不通过将全额退回")),
    Code.KEY_REUSED: (_("这次操作已按另一内容登记过"), _("请刷新页面后重新填写")),
    Code.REFUND_ELSEWHERE: (_("这笔订单不是通过收银台收款的"), _("请在原收款处办理退款")),
    Code.REASON_REQUIRED: (_("请填写原因"), None),
    Code.TOO_MANY_TRIES: (_("卡号输错次数过多"), _("请换一种支付方式，或到网点柜台办理")),
    Code.UNIT_REQUIRED: (_("请选择机构"), _("全市规则由市中心维护")),
    Code.VALUE_INVALID: (_("内容不正确"), _("请核对后重新填写")),
    Code.PICTURE_UNUSABLE: (_("图片无法使用"), _("请上传 8 MB 以内的 JPG、PNG 或 WebP 图片")),
    Code.VOUCHER_MISSING: (_("没有找到转账凭证"), _("请重新上传转账凭证")),
    Code.BANK_REF_USED: (_("这个银行流水号已用于另一笔转账"), _("请核对流水号")),
    Code.SAME_PERSON: (_("提交人或出纳不能复核自己的转账，须由会计复核"), None),
    Code.RISK_REFUSED: (_("本次支付未能受理"), _("请联系客服")),
    Code.CODE_INVALID: (_("这不是微信付款码"), _("请让顾客打开微信“收付款”，重新扫描 18 位付款码")),
    Code.CODE_EXPIRED: (_("付款码已过期，没有扣款"), _("请让顾客刷新付款码后重新扫描")),
    Code.CODE_PENDING: (_("上一次扫码还没有结果"), _("请等顾客输入密码，或稍后再试，切勿重复收款")),
    Code.PAYER_SHORT: (_("顾客余额不足，没有扣款"), _("请让顾客换一张银行卡，刷新付款码后重新扫描")),
    Code.NOTIFICATION_MALFORMED: (_("通知内容无法识别"), None),
    Code.NOTIFICATION_REFUSED: (_("通知未通过验证"), None),
}


class CashierError(DomainError):
    """A refusal by the cashier; the code decides the words, unless `message` says them more exactly.

    `hint` "": the message says what to do itself.
    """

    def __init__(
        self,
        code: Code,
        field: str | None = None,
        message: Text | None = None,
        hint: Text | None = None,
    ) -> None:
        words, usual = _WORDS[code]
        super().__init__(code, message or words, field=field, hint=usual if hint is None else hint or None)
