"""Lists of addresses as people bring them: lines of text, or an Excel table made from our template."""

from __future__ import annotations

import csv
from io import StringIO
from typing import Any

from django.http import FileResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from saleor_o2o.backoffice.admin.export import XLSX_TYPE
from saleor_o2o.backoffice.admin.imports import template_file
from saleor_o2o.backoffice.imports import SheetColumn
from saleor_o2o.backoffice.sheets import read_sheet

from ..errors import MapError, MapErrorCode
from ..services.geocoding import LABELS, MAX_ROWS

COLUMNS = (
    SheetColumn("name", LABELS["name"], gettext_lazy("小区的名称，不超过 80 字"), required=True),
    SheetColumn(
        "address", LABELS["address"], gettext_lazy("到门牌号最准，如“中山四路 81 号”"), required=True
    ),
    SheetColumn(
        "district", LABELS["district"], gettext_lazy("如“渝中区”；找到的地址在别的区县时留给人工核对")
    ),
    SheetColumn("aliases", LABELS["aliases"], gettext_lazy("居民的叫法，用顿号分开，最多 10 个")),
)
MAX_FILE = 2 * 1024 * 1024


def template() -> FileResponse:
    """The template to fill in."""
    title = _("批量定位")
    return FileResponse(
        template_file(title, COLUMNS), as_attachment=True, filename=f"{title}{_('模板')}.xlsx",
        content_type=XLSX_TYPE,
    )  # fmt: skip


def text_rows(text: str) -> list[dict[str, Any]]:
    """Rows from lines of `名称, 地址, 区县, 别名`, each with its line; Chinese commas and tabs count as commas."""
    tidy = text.replace("，", ",").replace("\t", ",")
    keys = [column.key for column in COLUMNS]
    return [
        {**dict(zip(keys, (cell.strip() for cell in line), strict=False)), "line": number}
        for number, line in enumerate(csv.reader(StringIO(tidy)), start=1)
        if any(cell.strip() for cell in line)
    ]


def table_rows(file: Any) -> list[dict[str, Any]]:
    """Rows of an Excel table, each with its line in the file. Raises MapError INVALID for what is no such table,
    TOO_MANY for a file that is too large."""
    if file.size > MAX_FILE:
        raise MapError(MapErrorCode.TOO_MANY, _("文件太大（最多 2 MB）"), field="file")
    rows = read_sheet(
        file, file.size, {str(one.title): one.key for one in COLUMNS},
        needed=[str(one.title) for one in COLUMNS if one.required], most=MAX_ROWS, refuse=_refused,
    )  # fmt: skip
    for row in rows:
        for title, words in row["bad"]:
            raise _refused(
                _("第 %(line)s 行“%(title)s”：%(words)s") % {"line": row["n"], "title": title, "words": words}
            )
    return [{**row["cells"], "line": row["n"]} for row in rows]


def _refused(message: Any, hint: Any = None) -> MapError:
    return MapError(MapErrorCode.INVALID, message, field="file", hint=hint)
