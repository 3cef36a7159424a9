"""Who sees and changes plans: everybody those of the units above and below, each only the plans of his own reach."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import declare, scoped

VIEW = "commission_plan.view"
CALCULATE = "commission_plan.calculate"
EDIT = "commission_plan.edit"
CONFIRM = "commission_plan.confirm"
IMPORT = "commission_plan.import"
EXPORT = "commission_plan.export"


def install() -> None:
    """Declare the resource and register the rule of every model; called once when the app is ready."""
    from . import models

    declare(
        "commission_plan", _("佣金方案"),
        {
            "view": _("查看"), "calculate": _("试算"), "edit": _("提交变更"), "confirm": _("复核变更"),
            "import": _("导入"), "export": _("导出"),
        },
    )  # fmt: skip
    scoped(models.CommissionPlan, "commission_plan", rows=lambda reach: reach.on_units_and_above("owner"))
    scoped(
        models.CommissionRule, "commission_plan", rows=lambda reach: reach.on_units_and_above("plan__owner")
    )
    scoped(models.RateChange, "commission_plan", unit="plan__owner")
    scoped(models.BusinessCategory, "commission_plan", city_wide=True)
    scoped(models.CommissionSnapshot, "order", unit="unit", owner="order__o2o_attribution__operator_id")
