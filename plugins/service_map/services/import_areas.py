"""Service areas and outlines from GeoJSON: each is checked like a drawn one, beside all others of the file."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from plugins.org_hierarchy.interfaces import OrgUnit, area_km2, check_polygon, edit_unit, shape_of
from saleor_o2o.backoffice.imports import Line
from saleor_o2o.backoffice.sheets import Row
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope, rows_for

from ..errors import MapError, MapErrorCode
from ..locks import lock_areas
from ..sync import sync_units
from .areas import DRAWN, inspect_area
from .rights import Actor

#: Features of one file, and bytes of it.
MOST, MAX_BYTES = 500, 8 * 1024 * 1024
#: Properties in which a feature's unit is looked for, in this order.
CODES = ("机构代码", "code", "unit_code", "CODE")
REASON = "GeoJSON 导入：%(name)s"


def read_features(text: bytes) -> list[Row]:
    """The features of a FeatureCollection (or one Feature) as rows. Raises MapError(FILE_INVALID)."""
    if len(text) > MAX_BYTES:
        raise _refused(gettext_lazy("文件超过 8 MB"), gettext_lazy("请分成几个文件，或先简化边界"))
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise _refused(
            gettext_lazy("文件不是 GeoJSON"), gettext_lazy("请从地图软件导出 GeoJSON（UTF-8）后再上传")
        ) from None
    if isinstance(data, Mapping) and data.get("type") == "Feature":
        data = {"type": "FeatureCollection", "features": [data]}
    features = data.get("features") if isinstance(data, Mapping) else None
    if not isinstance(features, list) or not features:
        raise _refused(
            gettext_lazy("文件里没有图形"),
            gettext_lazy("应为 FeatureCollection，每个图形的属性里写“机构代码”"),
        )
    if len(features) > MOST:
        raise _refused(gettext_lazy("一个文件最多 500 个图形"), gettext_lazy("请分成几个文件"))
    return [_row(number, feature) for number, feature in enumerate(features, start=1)]


def _row(number: int, feature: Any) -> Row:
    given = feature if isinstance(feature, Mapping) else {}
    told = given.get("properties")
    properties = told if isinstance(told, Mapping) else {}
    code = next((str(properties[name]).strip()[:40] for name in CODES if properties.get(name)), "")
    return {"n": number, "cells": {"code": code}, "area": given.get("geometry"), "bad": []}


def try_areas(rows: Iterable[Row], by: Actor, *, datum: str, filename: str) -> list[Line]:
    """Write each area that can be written, then look at all of them together; the caller keeps it all or undoes it.

    Must run in a transaction. Takes the lock of the areas, then the units'. An overlap with a neighbour, of the file or
    not, is an error of the row: what overlaps on purpose is drawn, with a reason.
    """
    lock_areas()
    listed = list(rows)
    codes = Counter(row["cells"]["code"].upper() for row in listed)
    units = OrgUnit.objects.select_related("parent").filter(code__in=codes)
    known = {unit.code: unit for unit in (units if by is None else rows_for(by, units))}
    lines, saved = [], []
    for row in listed:
        code = row["cells"]["code"].upper()
        line = Line(row["n"], code, "")
        lines.append(line)
        unit = known.get(code)
        if unit is None:
            words = _("没有这个机构，或不在您的范围内") if code else _("属性里没有“机构代码”")
            line.wrong("机构代码", words)
            continue
        line.title = unit.name
        if unit.level not in DRAWN:
            line.wrong("机构代码", _("只有支局和区县可以划定范围"))
        elif codes[code] > 1:
            line.wrong("机构代码", _("同一机构在文件里出现了两次"))
        elif (made := _write(line, unit, row["area"], datum, filename, by)) is not None:
            saved.append((line, made))
    sync_units(unit.pk for _line, unit in saved)
    for line, unit in saved:
        seen = inspect_area(unit, unit.service_area)
        for finding in seen.findings:
            if finding.kind == "overlap":
                line.wrong("范围", finding.text)
        odd = [finding.text for finding in seen.findings if finding.kind not in ("overlap", "gap")]
        line.note = "；".join([f"{seen.km2:.2f} km²", *odd])
    return lines


def _write(line: Line, unit: OrgUnit, area: Any, datum: str, filename: str, by: Actor) -> OrgUnit | None:
    before = unit.service_area
    try:
        checked = check_polygon(area, datum)
        # one and the same area may begin at another corner, or go round the other way
        if before and shape_of(before).equals(shape_of(checked)):
            line.action, line.note = "same", f"{area_km2(shape_of(checked)):.2f} km²"
            return None
        line.action = "change" if before else "create"
        with transaction.atomic():
            made = edit_unit(
                unit, {"service_area": checked}, revision=unit.revision, by=by,
                reason=(REASON % {"name": filename})[:200],
            )  # fmt: skip
    except (OutOfScope, NotAllowed):
        line.wrong("机构代码", _("您不能修改这个机构"))
    except DomainError as error:
        line.wrong("范围", error.message)
    else:
        return OrgUnit.objects.select_related("parent").get(pk=made.pk)
    return None


def _refused(message: Any, hint: Any) -> MapError:
    return MapError(MapErrorCode.FILE_INVALID, message, field="file", hint=hint)
