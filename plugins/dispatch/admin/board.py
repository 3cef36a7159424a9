"""派单看板: units with what is open there, whose turn it is, and what is late in red."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import Level, OrgUnit, keys_of
from saleor_o2o.kernel.scope import rows_for

from ..models import DispatchTask
from ..selectors import BoardRow, board

#: Column, heading, and what the list is filtered by.
COLUMNS = (
    ("late", _("超时"), "late"),
    ("to_grab", _("待抢单"), "grab"),
    ("manager", _("待支局长"), "manager"),
    ("county", _("待区县"), "county"),
    ("area", _("待片区"), "area"),
    ("offered", _("转派待接受"), "offered"),
    ("taken", _("办理中"), "taken"),
    ("locating", _("定位中"), "locating"),
    ("done", _("今日发出"), "done"),
)
_STATES = ("offered", "taken", "locating", "done")


def board_view(page: Any, request: HttpRequest) -> HttpResponse:
    """The units in reach, the latest first. Two statements, whatever the number of tasks."""
    if not page.has_view_permission(request):
        raise PermissionDenied
    user: Any = request.user
    rows = board(rows_for(user, DispatchTask))
    above = _counties(rows)
    listed = reverse(f"admin:{page._page('changelist')}")
    context = {
        **page.admin_site.each_context(request),
        "opts": page.opts,
        "title": _("派单看板"),
        "headings": [heading for _name, heading, _filter in COLUMNS],
        "totals": [
            (heading, sum(getattr(row, name) for row in rows), f"{listed}?{_query(kind)}", name == "late")
            for name, heading, kind in COLUMNS
        ],
        "rows": [
            {
                "name": row.name,
                "county": above.get(row.unit_id, ""),
                "href": f"{listed}?unit={row.code}&turn=open",
                "late": row.late,
                "cells": [
                    (getattr(row, name), f"{listed}?unit={row.code}&{_query(kind)}", name == "late", heading)
                    for name, heading, kind in COLUMNS
                ],
            }
            for row in rows
        ],
    }
    return TemplateResponse(request, "o2o_dispatch/board.html", context)


def _query(kind: str) -> str:
    return f"state__exact={kind}" if kind in _STATES else f"turn={kind}"


def _counties(rows: list[BoardRow]) -> dict[int, str]:
    """The county's name over each branch. One statement."""
    keys = {key for row in rows for key in keys_of(row.path)}
    names = {
        unit.pk: unit.short_name or unit.name
        for unit in OrgUnit.objects.filter(pk__in=keys, level=Level.COUNTY).only("pk", "short_name", "name")
    }
    return {
        row.unit_id: next(
            (names[key] for key in keys_of(row.path) if key in names and key != row.unit_id), ""
        )
        for row in rows
    }
