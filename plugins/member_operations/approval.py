"""The matter "campaign": brought by a branch or a county, decided by the county, above it by the city."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from plugins.approvals.interfaces import Matter, Step, register_matter
from plugins.org_hierarchy.interfaces import Level
from saleor_o2o.kernel.errors import Text

from .models import Campaign
from .permissions import CAMPAIGN_APPROVE
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
