"""The matter "a file with many points": brought by an outlet, agreed to by the county, above it by the city."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from plugins.approvals.interfaces import Matter, Step, register_matter
from plugins.org_hierarchy.interfaces import Level
from saleor_o2o.kernel.errors import Text

from .models import PostalBatch
from .permissions import APPROVE
from .services.reviewing import MATTER, approved, rejected, withdrawn


def install() -> None:
    """Register the matter; called once when the app is ready."""
    register_matter(
        Matter(
            code=MATTER,
            title=_("邮政业务积分导入"),
            permission=APPROVE,
            steps=(Step(Level.COUNTY, hours=48),),
            on_approved=approved,
            on_rejected=rejected,
            on_withdrawn=withdrawn,
            summary=summary,
            href=lambda row: reverse("admin:o2o_postal_points_postalbatch_change", args=[row.pk]),
        )
    )


def summary(row: PostalBatch) -> Sequence[tuple[Text, Text]]:
    """What those who decide should see; nothing personal."""
    return [
        (_("文件"), row.filename),
        (_("导入机构"), row.unit.name),
        (_("办理笔数"), str(row.businesses_count)),
        (_("积分合计"), f"{row.points:,}"),
        (_("冲正笔数"), str(len(row.reversals))),
    ]
