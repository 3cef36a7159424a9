"""Permissions of dispatch, and how its rows hang on the tree: on the unit that has them, and the one that is asked."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import Reach, declare, scoped

VIEW = "dispatch.view"
GRAB = "dispatch.grab"
ASSIGN = "dispatch.assign"
EXPORT = "dispatch.export"


def within(prefix: str = "") -> Callable[[Reach], Q]:
    """The condition on tasks (found by `prefix`) that a reach takes in."""

    def condition(reach: Reach) -> Q:
        if reach.everything:
            return Q()
        found = Q()
        if reach.paths or reach.units:
            found |= reach.on_units(f"{prefix}unit") | reach.on_units(f"{prefix}offered_to")
        if reach.own is not None:
            found |= Q(**{f"{prefix}holder_id": reach.own})
        return found

    return condition


def install() -> None:
    """Declare the resources and register the rule of every model."""
    from . import models

    declare(
        "dispatch", _("派单"),
        {
            "view": _("查看"), "grab": _("抢单与办理"), "assign": _("指派、转派与接受转派"), "export": _("导出"),
        },
    )  # fmt: skip
    declare("dispatch_rule", _("派单时限规则"), {"view": _("查看"), "create": _("新建"), "edit": _("终止")})
    scoped(models.DispatchTask, "dispatch", rows=within())
    scoped(models.DispatchEntry, "dispatch", rows=within("task__"))
    scoped(models.ClockRule, "dispatch_rule", city_wide=True)
