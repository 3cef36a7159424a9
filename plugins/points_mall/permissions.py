"""What may be permitted with the mall of points, and whose its rows are.

Offers are seen by the unit that makes them, those above and those below; changed only by those who reach it.
Exchanges are seen with their member, and by the unit that the order counts for.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from plugins.members.interfaces import happened
from plugins.org_hierarchy.interfaces import declare, scoped

VIEW = "points_mall.view"
EDIT = "points_mall.edit"
EXPORT = "points_mall.export"


def install() -> None:
    """Declare and register; called once when the app is ready."""
    from . import models

    declare(
        "points_mall",
        _("积分商城"),
        {"view": _("查看"), "create": _("上架兑换商品"), "edit": _("修改名额、结束"), "export": _("导出")},
    )
    scoped(models.MallOffer, "points_mall", rows=lambda reach: reach.on_units_and_above("owner"))
    scoped(models.CouponSwap, "points_mall", rows=lambda reach: reach.on_units_and_above("owner"))
    scoped(models.Exchange, "points_mall", rows=happened("member", "unit"))
