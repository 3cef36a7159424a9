"""The matter "campaign": brought by a branch or a county, decided by the county, above it by the city."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from plugins.approvals.interfaces import Matter, Step, register_matter
from plugins.org_hierarchy.interfaces import Level
from saleor_o2o.kernel.errors import Text

from .models import Campaign, MemberExport
from .permissions import CAMPAIGN_APPROVE, EXPORT_APPROVE
from .services import exports
from .services.campaigns import MATTER, approved, given_back


def install() -> None:
    """Register the matter; called once when the app is ready."""
    register_matter(
        Matter(
            code=MATTER,
            title=_("会员营销活动"),
            permission=CAMPAIGN_APPROVE,
            steps=(Step(Level.COUNTY, hours=48),),
            on_approved=approved,
            on_rejected=given_back,
            on_withdrawn=given_back,
            summary=summary,
            href=lambda row: reverse("admin:o2o_member_operations_campaign_change", args=[row.pk]),
        )
    )
    one, two = Step(Level.COUNTY, hours=48), Step(Level.CITY, hours=48)
    for code, title, steps in (
        (exports.MATTER, _("导出会员名单（掩码）"), (one,)),
        (exports.MATTER_WHOLE, _("导出会员名单（不掩码）"), (one, two)),
    ):
        register_matter(
            Matter(
                code=code,
                title=title,
                permission=EXPORT_APPROVE,
                steps=steps,
                on_approved=exports.approved,
                on_rejected=exports.refused,
                on_withdrawn=exports.refused,
                summary=export_summary,
                href=lambda row: reverse("admin:o2o_member_operations_memberexport_change", args=[row.pk]),
            )
        )


def export_summary(row: MemberExport) -> Sequence[tuple[Text, Text]]:
    """What those who decide should see."""
    return [
        (_("人群"), row.segment.name if row.segment is not None else _("看得到的全部会员")),
        (_("人数"), str(row.rows)),
        (_("姓名和手机号"), _("不掩码") if row.whole else _("掩码")),
        (_("用途"), row.reason),
    ]


def summary(row: Campaign) -> Sequence[tuple[Text, Text]]:
    """What those who decide should see; nothing personal."""
    what = (_("优惠券"), row.coupon.name) if row.coupon is not None else (_("内容"), row.text)
    return [
        (_("活动"), row.name),
        (_("方式"), row.get_way_display()),
        what,
        (_("目标人数"), str(row.planned)),
        (_("人群"), row.said),
        (_("发送时间"), f"{timezone.localtime(row.starts_at):%Y-%m-%d %H:%M}"),
    ]
