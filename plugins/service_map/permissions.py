"""The map's permissions, and how its rows hang on the tree."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import declare, scoped


def install() -> None:
    """Declare and register; called once when the app is ready."""
    from . import models

    declare(
        "map", _("地图"),
        {
            "view": _("查看"), "create": _("新建"), "edit": _("修改"), "delete": _("删除"),
            "correct": _("纠正位置"), "geocode": _("批量定位"), "heat": _("订单热力图"),
            "calendar": _("维护节假日"), "import": _("导入"), "export": _("导出"),
        },
    )  # fmt: skip
    for model in (models.Place, models.Community, models.PinCorrection, models.ServiceArea):
        scoped(model, "map", unit="unit")
    scoped(models.GeocodeBatch, "map", unit="unit", owner="made_by_id")
    scoped(models.GeocodeRow, "map", unit="batch__unit", owner="batch__made_by_id")
    scoped(models.GeocodeAnswer, "system")
    scoped(models.CalendarDay, "map", city_wide=True)
