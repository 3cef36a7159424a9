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
