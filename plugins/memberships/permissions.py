"""What may be permitted with memberships, and whose they are: the member's, and the unit's where something happened."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from plugins.members.interfaces import happened, of_members
from plugins.org_hierarchy.interfaces import declare, scoped

VIEW = "membership.view"
GIVE = "membership.give"
EXPORT = "membership.export"
CARD_VIEW = "member_card.view"
CARD_MAKE = "member_card.make"
CARD_APPROVE = "member_card.approve"
CARD_PRINT = "member_card.print"
CARD_MOVE = "member_card.move"
CARD_SELL = "member_card.sell"
CARD_ACTIVATE = "member_card.activate"
CARD_FREEZE = "member_card.freeze"
CARD_VOID = "member_card.void"
CARD_EXPORT = "member_card.export"
REDEEM = "benefit.redeem"
TAKE_BACK = "benefit.take_back"
REPORT = "benefit.report"
BENEFIT_EXPORT = "benefit.export"
SHEET_VIEW = "benefit_settlement.view"
SHEET_MAKE = "benefit_settlement.make"
SHEET_CONFIRM = "benefit_settlement.confirm"
SHEET_ANSWER = "benefit_settlement.answer"
SHEET_PAY = "benefit_settlement.pay"
SHEET_EXPORT = "benefit_settlement.export"
PLAN_NEW = "membership_plan.create"
PLAN_EDIT = "membership_plan.edit"


def install() -> None:
    """Declare the resources and register the rule of every model; called once when the app is ready."""
    from . import models

    declare(
        "membership",
        _("付费会员"),
        {
            "view": _("查看会员资格"),
            "give": _("开通企业会员、员工会员"),
            "export": _("导出"),
        },
    )
    declare(
        "membership_plan", _("会员方案"), {"view": _("查看"), "create": _("新建"), "edit": _("修改、停售")}
    )
    declare(
        "member_card",
        _("会员卡"),
        {
            "view": _("查看"),
            "make": _("申请制卡"),
            "approve": _("复核制卡"),
            "print": _("导出刮码"),
            "move": _("发出、接收"),
            "sell": _("登记售卡"),
            "activate": _("柜台激活、挂失、补办"),
            "freeze": _("冻结、解冻"),
            "void": _("注销"),
            "export": _("导出"),
        },
    )
    declare(
        "benefit",
        _("会员权益"),
        {
            "view": _("查看权益使用"),
            "redeem": _("核销"),
            "take_back": _("撤销核销"),
            "report": _("查看收入、成本与结算"),
            "export": _("导出"),
        },
    )
    declare(
        "benefit_settlement",
        _("权益结算单"),
        {
            "view": _("查看"),
            "make": _("开单"),
            "confirm": _("确认、提出异议"),
            "answer": _("答复异议、更正"),
            "pay": _("登记付款"),
            "export": _("导出"),
        },
    )
    scoped(models.SettlementSheet, "benefit_settlement", unit="unit")
    scoped(models.SettlementCorrection, "benefit_settlement", unit="sheet__unit")
    scoped(models.SettlementLine, "benefit_settlement", unit="sheet__unit")
    scoped(models.SettlementItem, "benefit_settlement", unit="line__sheet__unit")
    scoped(models.PlanBenefit, "membership_plan", city_wide=True)
    scoped(models.BenefitUse, "benefit", rows=happened("membership__member", "unit"))
    scoped(models.BenefitEntry, "benefit", unit="unit")
    scoped(models.BenefitCode, "benefit", rows=of_members("membership__member"))
    scoped(models.CardBatch, "member_card", unit="unit", owner="made_by_id")
    scoped(
        models.Handout, "member_card", rows=lambda reach: reach.on_units("source") | reach.on_units("target")
    )
    scoped(models.Card, "member_card", rows=happened("membership__member", "unit"))
    scoped(models.Plan, "membership_plan", city_wide=True)
    scoped(models.Membership, "membership", rows=of_members("member"))
    scoped(models.Term, "membership", rows=happened("membership__member", "unit"))
    scoped(models.Quote, "membership", rows=of_members("membership__member"))
    scoped(models.Wish, "membership", rows=of_members("user__o2o_member"))
