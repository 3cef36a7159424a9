"""Permissions of after-sale, and how its rows hang on the tree: where the order's does."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import declare, scoped

APPLY = "after_sale.apply"
DECIDE = "after_sale.decide"
SPEAK = "complaint.answer"
HANDLE = "complaint.handle"
RULE = "complaint.rule"


def install() -> None:
    """Declare the resources and register the rule of every model."""
    from . import models

    declare(
        "after_sale", _("售后"),
        {
            "view": _("查看"), "apply": _("代客申请与代办"), "decide": _("答复、验货与退款"),
            "approve": _("审批超限退款"), "export": _("导出"),
        },
    )  # fmt: skip
    declare(
        "complaint", _("投诉"),
        {
            "view": _("查看"), "answer": _("代表商家申诉"), "handle": _("受理与调解"), "rule": _("最终裁决"),
        },
    )  # fmt: skip
    declare(
        "after_sale_rule",
        _("售后计时规则"),
        {"view": _("查看"), "create": _("新建"), "edit": _("终止")},
    )
    for model, resource, to_order in (
        (models.AfterSale, "after_sale", "order"),
        (models.AfterSaleLine, "after_sale", "after_sale__order"),
        (models.Replacement, "after_sale", "line__after_sale__order"),
        (models.Picture, "after_sale", "order"),
        (models.Complaint, "complaint", "order"),
        (models.Statement, "complaint", "complaint__order"),
    ):
        prefix = f"{to_order}__o2o_attribution"
        scoped(model, resource, unit=f"{prefix}__unit", owner=f"{prefix}__operator_id")
    scoped(models.ClockRule, "after_sale_rule", city_wide=True)
