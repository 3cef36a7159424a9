"""What may be permitted with segments and campaigns, and whose they are.

A segment is seen by its unit, those above and those below, who use it among their own members; changed only by those
who reach the unit. A campaign and its messages are its unit's.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from plugins.members.interfaces import of_members
from plugins.org_hierarchy.interfaces import OrgUnit, declare, may_at, scoped, staff_of
from saleor_o2o.kernel.scope import NotAllowed

SEGMENT_EDIT = "segment.edit"
CAMPAIGN_VIEW = "campaign.view"
CAMPAIGN_CREATE = "campaign.create"
CAMPAIGN_APPROVE = "campaign.approve"
CAMPAIGN_STOP = "campaign.stop"
EXPORT_VIEW = "member_export.view"
EXPORT_APPROVE = "member_export.approve"
REPORT_VIEW = "member_report.view"
REPORT_EXPORT = "member_report.export"
#: Of the members' own: who may ask for lists, who may see members whole.
MEMBER_EXPORT, MEMBER_UNMASK = "member.export", "member.unmask"


def install() -> None:
    """Declare and register; called once when the app is ready."""
    from . import models

    declare("segment", _("会员分群"), {"view": _("查看分群和人数"), "edit": _("新建、修改、停用分群")})
    declare(
        "campaign",
        _("会员营销"),
        {
            "view": _("查看活动和结果"),
            "create": _("新建、修改、提交活动"),
            "approve": _("审批活动"),
            "stop": _("停止发送"),
        },
    )
    declare("contact_rule", _("触达规则"), {"view": _("查看"), "create": _("新建"), "edit": _("修改")})
    declare("member_export", _("会员名单导出"), {"view": _("查看申请"), "approve": _("审批导出")})
    declare("member_report", _("会员报表"), {"view": _("查看"), "export": _("导出")})
    declare("survey", _("会员评价"), {"view": _("查看评价")})
    scoped(models.Segment, "segment", rows=lambda reach: reach.on_units_and_above("unit"))
    scoped(models.Campaign, "campaign", unit="unit")
    scoped(models.CampaignMessage, "campaign", unit="campaign__unit")
    scoped(models.MemberExport, "member_export", unit="unit", owner="asked_by_id")
    scoped(models.Survey, "survey", unit="unit")
    scoped(models.ContactRule, "contact_rule", city_wide=True)
    scoped(models.MemberFigures, "member", rows=of_members("member"))


def desk_of(user: Any, permission: str) -> OrgUnit:
    """The unit at which somebody does this: the own one, the city's for administrators. Raises NotAllowed."""
    staff = staff_of(user) if getattr(user, "is_authenticated", False) and user.is_staff else None
    if staff is not None and may_at(user, permission, staff.unit):
        return staff.unit
    if user.is_active and user.is_superuser:
        root = OrgUnit.objects.filter(parent__isnull=True).order_by("pk").first()
        if root is not None:
            return root
    raise NotAllowed
