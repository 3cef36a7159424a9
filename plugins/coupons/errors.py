"""Refusals of coupons, in the shopper's and the clerk's words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.errors import DomainError, Text

from .error_codes import CouponErrorCode as Code

_OTHER = _("请换一张，或不用优惠券下单，购物车里的商品都还在")
_WORDS: dict[Code, tuple[Text, Text | None]] = {
    Code.LOGIN_NEEDED: (_("登录后才能使用优惠券"), _("请先登录")),
    Code.NOT_FOUND: (_("没有这种优惠券"), None),
    Code.NOT_YOURS: (_("没有这张优惠券"), _OTHER),
    Code.IN_USE: (_("这张优惠券已用在另一张待付款的订单里"), _("付款或取消那张订单，或换一张优惠券")),
    Code.USED: (_("这张优惠券已经用过了"), _OTHER),
    Code.EXPIRED: (_("这张优惠券已过期"), _OTHER),
    Code.NOT_YET: (_("这张优惠券还没到使用时间"), _OTHER),
    Code.VOID: (_("这张优惠券已作废"), _("如有疑问请联系客服")),
    Code.NOT_APPLICABLE: (_("这张优惠券不适用于这些商品"), _OTHER),
    Code.NOT_ENOUGH: (_("还没有达到这张优惠券的使用门槛"), _("再选一些商品，或换一张优惠券")),
    Code.NOT_STACKABLE: (_("这些优惠不能同时使用"), _("请只保留其中一种")),
    Code.NO_FREIGHT: (_("没有运费可以抵扣"), _OTHER),
    Code.GONE: (_("优惠券已发完"), None),
    Code.LIMIT_REACHED: (_("您已经领过这种优惠券"), _("可以在“我的优惠券”里查看")),
    Code.NOT_GIVEN_NOW: (_("现在不发放这种优惠券"), _("请留意活动时间")),
    Code.TERMS_INVALID: (_("优惠券的规则不完整"), None),
    Code.REASON_REQUIRED: (_("请填写原因"), None),
    Code.QUANTITY_INVALID: (_("张数不正确"), _("每人 1 至 20 张")),
}


class CouponError(DomainError):
    """A refusal by coupons; the code decides the words, `detail` and `hint` stand in where there is more to say."""

    def __init__(
        self, code: Code, field: str | None = None, detail: Text | None = None, hint: Text | None = None
    ) -> None:
        message, usual = _WORDS[code]
        super().__init__(code, detail or message, field=field, hint=hint or usual)
