"""What may be permitted with memberships, and whose they are: the member's, and the unit's where something happened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from plugins.members.interfaces import Member
from plugins.org_hierarchy.interfaces import OrgUnit, Reach, access_of, declare, rule_of, scoped, staff_of
from saleor_o2o.kernel.scope import NotAllowed

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


def of_members(lookup: str) -> Callable[[Reach], Q]:
    """The condition on rows whose member (found by `lookup`) a reach takes in, as the members' own pages say."""

    def condition(reach: Reach) -> Q:
        rule = rule_of(Member)
        if rule is None or rule.rows is None:
            raise RuntimeError("members have no rule of their own")
        if reach.everything:
            return Q()
        seen = Member.objects.filter(rule.rows(reach)).order_by().values("pk")
        return Q(**{f"{lookup}__in": seen})

    return condition


def happened(member: str, unit: str) -> Callable[[Reach], Q]:
    """Rows of members in reach, and those of units in reach, whosever member it is."""
    own = of_members(member)

    def condition(reach: Reach) -> Q:
        return own(reach) | reach.on_units(unit)

    return condition


def desk_of(by: Any, permission: str) -> OrgUnit:
    """The unit at which somebody of the staff does this: the own one. Raises NotAllowed."""
    staff = staff_of(by) if getattr(by, "is_authenticated", False) and by.is_staff else None
    if staff is None or not by.is_active:
        raise NotAllowed
    access = access_of(by)
    if not access.may_at(permission, staff.unit) and access.reach(permission).own is None:
        raise NotAllowed
    return staff.unit
