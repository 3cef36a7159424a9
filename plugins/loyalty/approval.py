"""The matter "points by hand": asked for by a branch or a county, decided by the county, above it by the city."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from plugins.approvals.interfaces import Matter, Step, register_matter
from plugins.org_hierarchy.interfaces import Level
from saleor_o2o.kernel.errors import Text

from .models import Adjustment
from .permissions import APPROVE
from .services.adjusting import MATTER, approved, rejected, withdrawn


def install() -> None:
    """Register the matter; called once when the app is ready."""
    register_matter(
        Matter(
            code=MATTER,
            title=_("积分调整与等级赠送"),
            permission=APPROVE,
            steps=(Step(Level.COUNTY, hours=48),),
            on_approved=approved,
            on_rejected=rejected,
            on_withdrawn=withdrawn,
            summary=summary,
            href=lambda row: reverse("admin:o2o_loyalty_adjustment_change", args=[row.pk]),
        )
    )


def summary(row: Adjustment) -> Sequence[tuple[Text, Text]]:
    """What those who decide should see; nothing personal."""
    what = (
        (_("赠送等级"), row.level.name)
        if row.level is not None
        else (row.get_book_display(), f"{row.amount:+d}")
    )
    return [
        (_("会员号"), row.member.number),
        what,
        (_("承担机构"), row.unit.name),
        (_("事由"), row.reason),
    ]
