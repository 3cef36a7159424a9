"""Ordering's refusals, in the shopper's and the clerk's words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.errors import DomainError, Text

from .error_codes import OrderingErrorCode as Code

_WORDS: dict[Code, tuple[Text, Text | None]] = {
    Code.NOT_SHIPPED: (_("商品还没有全部发出，不能确认收货"), _("收到全部商品后再确认")),
    Code.NOTHING_TO_RECEIVE: (_("没有可以确认收货的商品"), _("请刷新订单查看最新状态")),
    Code.NOT_CANCELLABLE: (
        _("订单已付款或已结束，不能直接取消"),
        _("已付款的订单请申请退款"),
    ),
    Code.CANCEL_UNDER_WAY: (_("正在向支付机构关闭这笔支付"), _("请稍后刷新查看，期间不会扣款")),
    Code.ALREADY_PAID: (_("买家已经付款，订单不能再修改"), _("请刷新订单查看最新状态")),
    Code.ORDER_CLOSED: (_("订单已关闭"), _("请重新下单")),
    Code.PRICE_UNCHANGED: (_("价格没有变化"), _("请填写新的单价或运费")),
    Code.PRICE_INVALID: (_("价格不正确"), _("单价和运费不能为负，应付金额至少 0.01 元")),
    Code.PRICE_STALE: (_("订单金额刚刚被别人改过"), _("请刷新后按新的金额再改")),
    Code.REASON_REQUIRED: (_("请填写原因"), None),
    Code.DUPLICATE_ORDER: (
        _("几分钟前您下过一张同样的订单"),
        _("确实要再买一份，请确认后再次提交"),
    ),
    Code.NOTHING_TO_REORDER: (_("这张订单里的商品都已下架或无货"), _("请选购其他商品")),
    Code.TEXT_TOO_LONG: (_("文字太长"), _("最多 500 字")),
    Code.UNKNOWN_CHOICE: (_("没有这个选项"), None),
    Code.NOT_PRINTABLE: (_("没有可以打印的子订单"), _("只有待发货、待自提和部分发货的订单有拣货单")),
    Code.LOGIN_NEEDED: (_("登录后才能使用优惠"), _("请先登录，购物车会保留")),
    Code.CHECKOUT_GONE: (_("购物车已提交或不存在"), _("请刷新后查看订单")),
    Code.HOLD_UNKNOWN: (_("没有这个占座，或已释放"), _("请重新选择班次或场次")),
    Code.HOLD_NEEDED: (_("车票、门票须先占座才能下单"), _("请从购票页面选择班次或场次")),
    Code.TOO_MANY: (_("一次选得太多"), _("每次最多 200 张订单")),
}


class OrderingError(DomainError):
    """A refusal by ordering; the code decides the words, `detail` stands in where there is more to say."""

    def __init__(self, code: Code, field: str | None = None, detail: Text | None = None) -> None:
        message, hint = _WORDS[code]
        super().__init__(code, detail or message, field=field, hint=hint)
