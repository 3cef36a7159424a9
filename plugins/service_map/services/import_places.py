"""Places from an Excel file: each row is tried by the service that the form uses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from plugins.org_hierarchy.interfaces import BusinessScope, Datum, OrgUnit
from saleor_o2o.backoffice.imports import Line, SheetColumn
from saleor_o2o.backoffice.sheets import Row
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import rows_for

from ..kinds import MIRRORED, PlaceKind, PlaceStatus
from ..models import Place
from .places import write_place
from .rights import Actor

#: The export has the same headings.
COLUMNS = (
    SheetColumn("id", "编号", "修改已有地点时填写，见导出的文件；新建的留空"),
    SheetColumn(
        "kind",
        "类别",
        "商户、车站、机场、景区、自提点、智能柜、其他；网点和支局在机构里维护",
        True,
        choices=[str(kind.label) for kind in PlaceKind if kind not in MIRRORED],
    ),
    SheetColumn("name", "名称", "", True),
    SheetColumn("aliases", "别名", "用顿号分开"),
    SheetColumn("unit", "管理机构代码", "如 5001-01-01-001", True),
    SheetColumn("address", "地址"),
    SheetColumn("phone", "电话"),
    SheetColumn("lng", "经度", "度，如 106.577033", True),
    SheetColumn("lat", "纬度", "度，如 29.557236", True),
    SheetColumn("datum", "坐标系", "GCJ-02（高德、腾讯，默认）、WGS-84（GPS）或 BD-09（百度）"),
    SheetColumn("hours", "营业时间", "如 周一至周五 08:30-17:30；周六 09:00-12:00；节假日 休息"),
    SheetColumn("business_scope", "业务范围", "用顿号分开"),
    SheetColumn("status", "状态", "显示或不显示，默认显示", choices=[str(one.label) for one in PlaceStatus]),
)
TITLES = {str(column.title): column.key for column in COLUMNS}
NEEDED = ("名称", "管理机构代码")
#: Rows of one file: each is tried against the database twice.
MOST = 1000
_OF_KEY = {key: title for title, key in TITLES.items()}
_FIELDS = (
    "kind", "name", "aliases", "unit_id", "address", "phone", "lng", "lat", "hours", "business_scope", "status",
)  # fmt: skip


def try_places(rows: Iterable[Row], by: Actor) -> list[Line]:
    """Write each row that can be written and say what it did, or why not; the caller keeps it all or undoes it.

    Must run in a transaction. A handful of statements for each row.
    """
    listed = list(rows)
    units = {
        unit.code: unit
        for unit in OrgUnit.objects.filter(code__in={row["cells"].get("unit", "").upper() for row in listed})
    }
    keys = {int(key) for row in listed if (key := row["cells"].get("id", "")).isdecimal() and len(key) < 15}
    places = Place.objects.select_related("unit").filter(pk__in=keys)
    known = {place.pk: place for place in (places if by is None else rows_for(by, places))}
    names = Counter((row["cells"].get("name"), row["cells"].get("unit")) for row in listed)
    there = set(
        Place.objects.filter(name__in=[name for name, _unit in names if name], unit__in=units.values())
        .order_by()
        .values_list("name", "unit__code")
    )
    return [_try(row, units, known, names, there, by) for row in listed]


def _try(
    row: Row,
    units: dict[str, OrgUnit],
    known: dict[int, Place],
    names: Counter[Any],
    there: set[Any],
    by: Actor,
) -> Line:
    cells: dict[str, str] = row["cells"]
    line = Line(row["n"], cells.get("id", ""), cells.get("name", ""))
    line.errors += [(title, words) for title, words in row["bad"]]
    place: Place | None = None
    if line.key:
        place = known.get(int(line.key)) if line.key.isdecimal() and len(line.key) < 15 else None
        if place is None:
            line.wrong("编号", _("没有这个地点，或不在您的范围内"))
        elif place.mirrors_unit:
            line.action = "skip"
            return line
    unit = units.get(cells.get("unit", "").upper())
    if unit is None:
        line.wrong("管理机构代码", _("没有这个机构") if cells.get("unit") else _("请填写此项"))
    if place is None and not line.key and unit is not None:
        if names[cells.get("name"), cells.get("unit")] > 1:
            line.wrong("名称", _("同一机构下的同名地点在文件里出现了两次"))
        elif (line.title, unit.code) in there:
            line.wrong("名称", _("这个机构下已有同名地点；要修改它请填编号"))
    values = _values(cells, unit, line)
    if line.errors:
        return line
    before = {name: getattr(place, name) for name in _FIELDS} if place is not None else None
    try:
        with transaction.atomic():
            made = write_place(values, place=place, by=by)
    except DomainError as error:
        line.wrong(_OF_KEY.get(error.field or "", ""), error.message)
        return line
    if before is not None:
        same = before == {name: getattr(made, name) for name in _FIELDS}
        line.action = "same" if same else "change"
    return line


def _values(cells: dict[str, str], unit: OrgUnit | None, line: Line) -> dict[str, Any]:
    """What the service takes, from what was written; words that are none are errors of the line."""
    kinds = {str(kind.label): kind.value for kind in PlaceKind}
    kind = kinds.get(cells.get("kind", ""))
    if kind is None:
        line.wrong("类别", _("没有这种地点") if cells.get("kind") else _("请填写此项"))
    elif kind in MIRRORED:
        line.wrong("类别", _("网点和支局的信息在机构里维护"))
    for key in ("name", "lng", "lat"):
        if not cells.get(key):
            line.wrong(_OF_KEY[key], _("请填写此项"))
    scopes = {str(scope.label): scope.value for scope in BusinessScope}
    words = cells.get("business_scope", "").replace("，", "、").replace(",", "、").split("、")
    wanted = [word.strip() for word in words if word.strip()]
    if unknown := [word for word in wanted if word not in scopes]:
        line.wrong("业务范围", _("没有这种业务：%(names)s") % {"names": "、".join(unknown)[:60]})
    statuses = {str(one.label): one.value for one in PlaceStatus}
    status = statuses.get(cells.get("status") or str(PlaceStatus.LISTED.label))
    if status is None:
        line.wrong("状态", _("请填写“显示”或“不显示”"))
    datum = _datum(cells.get("datum", ""))
    if datum is None:
        line.wrong("坐标系", _("没有这个坐标系"))
    return {
        "kind": kind, "name": cells.get("name"), "aliases": cells.get("aliases", ""), "unit": unit,
        "address": cells.get("address"), "phone": cells.get("phone"), "lng": cells.get("lng"), "lat": cells.get("lat"),
        "datum": datum, "hours": cells.get("hours"), "business_scope": [scopes.get(word, "") for word in wanted],
        "status": status,
    }  # fmt: skip


def _datum(text: str) -> str | None:
    plain = text.lower().replace("-", "").replace(" ", "")
    if not plain:
        return Datum.GCJ02.value
    return next((one.value for one in Datum if plain == one.value or text == str(one.label)), None)
