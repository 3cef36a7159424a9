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

from plugins.org_hierarchy.interfaces import Level, OrgUnit, city_bounds
from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.labels import yuan
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import policy_for, rows_for

from ..heat import LEAST, Heat, heat_of
from ..models import Place

PERIOD = 30
#: Degrees left around what is shown.
MARGIN = 0.1


def heat_page(request: HttpRequest) -> HttpResponse:
    """The heat map of a period; wrong days are told, and the last month is shown."""
    if not policy_for(Place).may(request.user, "map.heat", Place):
        raise PermissionDenied
    last = _day(request, "last", today())
    first = _day(request, "first", last - timedelta(days=PERIOD))
    error = ""
    try:
        found = heat_of(request.user, first, last)
    except DomainError as refused:
        error, found = refused.message, Heat([], [], 0, 0)
    counties = rows_for(request.user, OrgUnit.objects.filter(level__lte=Level.COUNTY), "org_unit.view")
    summary = _(
        "共 %(orders)d 单；另有 %(hidden)d 单所在格子不足 %(least)d 单或机构没有位置，为保护隐私不在图上显示。"
    )
    context = {
        **admin.site.each_context(request), "title": _("订单热力图"), "first": first.isoformat(),
        "last": last.isoformat(), "error": error, "o2o_sketch": _sketch(found, list(counties)),
        "summary": summary % {"orders": found.orders, "hidden": found.hidden, "least": LEAST},
        "o2o_tables": [_table(found)],
    }  # fmt: skip
    return TemplateResponse(request, "o2o_service_map/heat.html", context)


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
        str(_("各机构")),
        [str(_("机构代码")), str(_("机构")), str(_("订单")), str(_("金额"))],
        [[one.unit.code, one.unit.name, one.orders, yuan(one.turnover)] for one in found.units[:100]],
    )
