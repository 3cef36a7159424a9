"""Refusals of WeChat Pay's own services, in the words of the people at the desk."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.errors import DomainError, Text

from .error_codes import WechatPayErrorCode as Code

_WORDS: dict[Code, tuple[Text, Text | None]] = {
    Code.INVALID: (_("填写的内容不正确"), None),
    Code.ALREADY_PROPOSED: (_("同一事项已在等待复核"), _("请先复核或撤回原申请")),
    Code.SAME_PERSON: (_("申请人不能复核自己的申请"), _("请另一位有复核权限的同事处理")),
    Code.ALREADY_DECIDED: (_("这条申请已经处理过"), _("请刷新页面查看结果")),
    Code.KEY_KNOWN: (_("这把密钥正在使用"), _("请核对是否选错了文件")),
    Code.LAST_KEY: (_("这是该种类唯一有效的密钥，不能停用"), _("请先录入新密钥，再停用旧的")),
    Code.ACCOUNT_TAKEN: (_("账户代码、商家或机构已有在用的商户号"), _("请先停用原商户号，或换一个代码")),
    Code.NOT_ABNORMAL: (_("只有“退款异常”的退款单可以改退"), _("请刷新退款单查看最新状态")),
    Code.PROVIDER_REFUSED: (_("微信支付没有受理"), None),
    Code.PROVIDER_UNREACHABLE: (_("暂时连不上微信支付，什么也没有改变"), _("请稍后再试")),
    Code.BILL_DAY: (_("只能下载三个月内、昨天及以前的账单"), _("当天的账单次日 10 点以后可下载")),
    Code.BILL_FINAL: (_("账单已入库，不会再变"), None),
    Code.SHARE_NOT_ALLOWED: (_("这笔支付不能分账"), _("只有收款商户号开通分账、且已付款的订单可以分账")),
    Code.SHARE_TOO_EARLY: (_("付款后 1 分钟才能分账"), _("请稍后再试")),
    Code.SHARE_TOO_LATE: (_("付款已超过 30 天，资金已自动解冻，不能分账"), None),
    Code.SHARE_TOO_MANY: (_("一笔订单最多分账 50 次，每次最多 50 个接收方"), None),
    Code.SHARE_TOO_LARGE: (_("分账金额超过可分金额或最大分账比例"), _("请核对已分账和已退款的金额")),
    Code.RECEIVER_UNKNOWN: (_("分账接收方尚未在微信支付登记"), _("请先在“分账接收方”里添加")),
    Code.RETURN_TOO_LARGE: (_("回退金额超过已分给该接收方的金额"), None),
    Code.RETURN_NOT_POSSIBLE: (_("分给个人的资金不能回退"), _("请线下处理")),
}


class WechatPayError(DomainError):
    """A refusal; the code decides the words, `told` adds to them."""

    def __init__(self, code: Code, field: str | None = None, told: Text | None = None) -> None:
        message, hint = _WORDS[code]
        super().__init__(code, told or message, field=field, hint=hint)
