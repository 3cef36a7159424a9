"""What may be permitted with postal points: rows are the unit's where the business was done."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import declare, scoped

VIEW = "postal_points.view"
IMPORT = "postal_points.import"
APPROVE = "postal_points.approve"
EXPORT = "postal_points.export"


def install() -> None:
    """Declare the resources and register the rule of every model; called once when the app is ready."""
    from . import models

    declare(
        "postal_points",
        _("邮政业务积分"),
        {
            "view": _("查看"),
            "import": _("导入、冲正邮政业务"),
            "approve": _("复核大额导入"),
            "export": _("导出"),
        },
    )
    declare("postal_rule", _("邮政业务积分规则"), {"view": _("查看"), "create": _("新建"), "edit": _("修改")})
    scoped(models.PostalBusiness, "postal_points", unit="unit")
    scoped(models.PostalBatch, "postal_points", unit="unit", owner="maker_id")
    scoped(models.PostalRule, "postal_rule", city_wide=True)
    scoped(models.PostalImport, "postal_points", owner="maker_id")
