"""What may be permitted with loyalty, and whose its rows are: the member's, and the unit's where something happened."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from plugins.members.interfaces import happened, of_members
from plugins.org_hierarchy.interfaces import (
    declare,
    scoped,
)

VIEW = "points.view"
BURN = "points.burn"
ADJUST = "points.adjust"
APPROVE = "points.approve"
REPORT = "points.report"
EXPORT = "points.export"
RULES = "loyalty_rule.edit"
RULES_NEW = "loyalty_rule.create"
BALANCE_VIEW = "balance.view"
BALANCE_FREEZE = "balance.freeze"
BALANCE_REFUND = "balance.refund"
PRICE_VIEW = "member_price.view"
PRICE_EXPORT = "member_price.export"


def install() -> None:
    """Declare the resources and register the rule of every model; called once when the app is ready."""
    from . import models

    declare(
        "points",
        _("会员积分"),
        {
            "view": _("查看积分、成长值、等级"),
            "burn": _("柜台兑扣积分"),
            "adjust": _("申请调整积分、赠送等级"),
            "approve": _("审批积分调整"),
            "report": _("查看积分负债与清算报表"),
            "export": _("导出流水与报表"),
        },
    )
    declare(
        "balance",
        _("会员储值"),
        {
            "view": _("查看储值余额与充值记录"),
            "freeze": _("冻结、解冻余额"),
            "refund": _("充值原路退款"),
            "export": _("导出"),
        },
    )
    declare(
        "member_price",
        _("会员价优惠"),
        {"view": _("查看会员价优惠与承担报表"), "export": _("导出")},
    )
    declare("loyalty_rule", _("积分与等级规则"), {"view": _("查看"), "create": _("新建"), "edit": _("修改")})
    scoped(models.Purse, "points", rows=of_members("member"))
    scoped(models.Entry, "points", rows=happened("member", "unit"))
    scoped(models.Line, "points", rows=happened("entry__member", "unit"))
    scoped(models.Lot, "points", rows=of_members("purse__member"))
    scoped(models.Draw, "points", rows=of_members("lot__purse__member"))
    scoped(models.OrderEarning, "points", rows=of_members("member"))
    scoped(models.LineBack, "points", unit="order__o2o_attribution__unit")
    scoped(models.MemberLevel, "points", rows=of_members("member"))
    scoped(models.LevelMove, "points", rows=of_members("member"))
    scoped(models.Balance, "balance", rows=of_members("member"))
    scoped(models.Recharge, "balance", rows=happened("member", "unit"))
    scoped(models.Burn, "points", unit="unit", owner="operator_id")
    scoped(models.Consent, "counter_order", unit="unit", owner="operator_id")
    scoped(models.Adjustment, "points", unit="unit", owner="asked_by_id")
    scoped(models.MemberPriceEntry, "member_price", unit="unit")
    for table in (
        models.EarnRule,
        models.LoyaltyTerms,
        models.SettlementRate,
        models.Level,
        models.RechargePackage,
        models.DeductRule,
        models.MemberPriceRule,
        models.MemberPrice,
    ):
        scoped(table, "loyalty_rule", city_wide=True)
