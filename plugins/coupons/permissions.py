"""What may be permitted with coupons, and whose they are.

Templates and givings are seen by the unit that gives them, those above and those below (whom they bind); changed only
by those who reach the unit. Coupons are seen with their member's home unit, their cost with the order.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import declare, scoped

VIEW = "coupon.view"
EDIT = "coupon.edit"
GIVE = "coupon.give"
VOID = "coupon.void"
EXPORT = "coupon.export"


def install() -> None:
    """Declare and register; called once when the app is ready."""
    from . import models

    declare(
        "coupon",
        _("优惠券"),
        {
            "view": _("查看"),
            "create": _("新建模板和发放活动"),
            "edit": _("修改、发放、暂停、停止"),
            "give": _("指定发放"),
            "void": _("作废"),
            "export": _("导出"),
        },
    )
    scoped(models.CouponTemplate, "coupon", rows=lambda reach: reach.on_units_and_above("owner"))
    scoped(models.CouponGiving, "coupon", rows=lambda reach: reach.on_units_and_above("template__owner"))
    scoped(models.Coupon, "coupon", unit="member__home_unit")
    scoped(models.CouponImport, "coupon", owner="maker_id")
    scoped(models.CouponEntry, "coupon", unit="order__o2o_attribution__unit")
