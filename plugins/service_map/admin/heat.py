"""订单热力图: fields of a grid and units, in reach of whoever looks."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import BusinessScope, Level, OrgUnit, city_bounds
from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.labels import yuan
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import policy_for, rows_for

from ..errors import MapError, MapErrorCode
from ..heat import LEAST, Heat, Wanted, heat_of
from ..models import Place

PERIOD = 30
#: Degrees left around what is shown.
MARGIN = 0.1
DAYS: dict[str, tuple[Any, tuple[int, ...]]] = {
    "work": (_("周一至周五"), (1, 2, 3, 4, 5)),
    "weekend": (_("周末"), (6, 7)),
    **{str(day): (f"周{name}", (day,)) for day, name in enumerate("一二三四五六日", 1)},
}
TIMES: dict[str, tuple[Any, tuple[int, int]]] = {
    "morning": (_("上午 6–12 点"), (6, 12)),
    "afternoon": (_("下午 12–18 点"), (12, 18)),
    "evening": (_("晚上 18–22 点"), (18, 22)),
    "night": (_("夜间 22–6 点"), (22, 6)),
}


def heat_page(request: HttpRequest) -> HttpResponse:
    """The heat map of a period; wrong days or hours are told, and what was chosen stays."""
    if not policy_for(Place).may(request.user, "map.heat", Place):
        raise PermissionDenied
    last = _day(request, "last", today())
    first = _day(request, "first", last - timedelta(days=PERIOD))
    units = list(
        rows_for(request.user, OrgUnit.objects.filter(level__lte=Level.COUNTY), "org_unit.view").order_by(
            "level", "code"
        )
    )
    asked = {name: request.GET.get(name, "") for name in ("unit", "days", "time", "scope")}
    error = ""
    try:
        found = heat_of(request.user, first, last, _wanted(asked, units))
    except DomainError as refused:
        error, found = refused.message, Heat([], [], 0, 0)
    summary = _(
        "共 %(orders)d 单；另有 %(hidden)d 单所在格子不足 %(least)d 单或机构没有位置，为保护隐私不在图上显示。"
        "图上按机构所在的格子（约 5 公里）计数，不使用顾客地址。"
    )
    context = {
        **admin.site.each_context(request), "title": _("订单热力图"), "first": first.isoformat(),
        "last": last.isoformat(), "error": error, "o2o_sketch": _sketch(found, units),
        "summary": summary % {"orders": found.orders, "hidden": found.hidden, "least": LEAST},
        "o2o_tables": [_table(found)], "asked": asked, "units": units,
        "days": [(key, label) for key, (label, _days) in DAYS.items()],
        "times": [(key, label) for key, (label, _hours) in TIMES.items()], "scopes": BusinessScope.choices,
    }  # fmt: skip
    return TemplateResponse(request, "o2o_service_map/heat.html", context)


def _wanted(asked: dict[str, str], units: list[OrgUnit]) -> Wanted:
    """The filters that were chosen. Raises MapError(INVALID) for what is not on offer."""
    unit = next((one for one in units if str(one.pk) == asked["unit"]), None)
    known = (
        (not asked["unit"] or unit is not None)
        and (not asked["days"] or asked["days"] in DAYS)
        and (not asked["time"] or asked["time"] in TIMES)
        and (not asked["scope"] or asked["scope"] in BusinessScope.values)
    )
    if not known:
        raise MapError(MapErrorCode.INVALID, _("筛选条件不对，请重新选择"))
    return Wanted(
        unit,
        DAYS[asked["days"]][1] if asked["days"] else (),
        TIMES[asked["time"]][1] if asked["time"] else None,
        asked["scope"],
    )


def _day(request: HttpRequest, name: str, default: date) -> date:
    try:
        return date.fromisoformat(request.GET.get(name, ""))
    except ValueError:
        return default


def _sketch(found: Heat, counties: list[OrgUnit]) -> dict[str, Any]:
    most = max((cell.orders for cell in found.cells), default=1)
    cells = [
        {
            "west": cell.west, "south": cell.south, "east": cell.east, "north": cell.north,
            "weight": round(math.sqrt(cell.orders / most), 3), "label": f"{cell.orders} 单",
        }
        for cell in found.cells
    ]  # fmt: skip
    names = [
        {"lng": unit.lng, "lat": unit.lat, "label": unit.short_name}
        for unit in counties
        if unit.level == Level.COUNTY and unit.lng is not None
    ]
    return {"bounds": _bounds(found, names), "cells": cells, "names": names}


def _bounds(found: Heat, names: list[dict[str, Any]]) -> list[float]:
    """What there is to see, with a margin; the whole city where there is nothing."""
    lngs = [name["lng"] for name in names] + [edge for cell in found.cells for edge in (cell.west, cell.east)]
    lats = [name["lat"] for name in names] + [
        edge for cell in found.cells for edge in (cell.south, cell.north)
    ]
    if not lngs:
        return list(city_bounds())
    return [min(lngs) - MARGIN, min(lats) - MARGIN, max(lngs) + MARGIN, max(lats) + MARGIN]


def _table(found: Heat) -> Table:
    return Table(
        str(_("各机构（不足 3 单的不单列）")),
        [str(_("机构代码")), str(_("机构")), str(_("订单")), str(_("金额"))],
        [[one.unit.code, one.unit.name, one.orders, yuan(one.turnover)] for one in found.units[:100]],
    )
