"""How visits are shown."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from saleor_o2o.backoffice.columns import link

from ..models import Visit, VisitState

COLOURS = {
    VisitState.PLANNED: "info",
    VisitState.LATE: "danger",
    VisitState.DONE: "success",
    VisitState.CANCELLED: "default",
}


def state_badge(visit: Visit) -> Any:
    """How far a visit is, in its colour; a late plan says by how many days."""
    state = visit.state
    late = _("已逾期 %(days)s 天") % {"days": visit.days_late}
    text = late if state == VisitState.LATE else state.label
    return render_to_string("unfold/helpers/label.html", {"type": COLOURS[state], "text": text})


VISIT_HEADS = ("日期", "类型", "状态", "结论", "拜访人", "情况")


def visit_cells(visit: Visit) -> tuple[Any, ...]:
    """A line of the channel's table: day, kind, how far, who, what was found or why it was called off."""
    day = f"{localtime(visit.done_at):%Y-%m-%d %H:%M}" if visit.done_at else visit.planned_on or "—"
    return (
        link("o2o_channels_visit", visit.pk, day),
        visit.get_kind_display(),
        state_badge(visit),
        visit.get_result_display() or "—",
        str(visit.visitor or "—"),
        visit.findings or visit.cancel_reason or "—",
    )
