"""An uploaded file of units as rows of text: nothing of what it says is believed yet."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from typing import IO, Any

from django.utils.translation import gettext_lazy as _
from openpyxl import load_workbook

from saleor_o2o.backoffice.admin.export import FORMULA

from ..errors import OrgError, OrgErrorCode
from .columns import COLUMNS

MAX_ROWS = 10_000
MAX_BYTES = 8 * 1024 * 1024
#: Bytes that the parts of a file may unpack to.
MAX_UNPACKED = 160 * 1024 * 1024
MAX_TEXT = 2000
#: Rows in which the headings are looked for: an export has a line about itself on top.
_HEADING_ROWS = 5

#: A row: its number in the file, its cells by key, and what is wrong with cells as such, `[title, words]`.
Row = dict[str, Any]


def refused(message: Any, hint: Any = None) -> OrgError:
    """A file that cannot be taken."""
    return OrgError(OrgErrorCode.FILE_INVALID, message, field="file", hint=hint)


def read(file: IO[bytes], size: int) -> list[Row]:
    """Return the rows of an xlsx file, blank ones left out. Raises OrgError(FILE_INVALID)."""
    if size > MAX_BYTES:
        raise refused(_("文件超过 8 MB"), _("请分成几个文件"))
    _check_archive(file)
    try:
        book = load_workbook(file, read_only=True, data_only=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what a file says of its own size may be wrong
        rows = list(_rows(sheet.iter_rows(max_col=60)))
        book.close()
    except OrgError:
        raise
    except Exception as error:
        raise _unreadable() from error
    if not rows:
        raise refused(_("文件里没有数据"), _("请从模板的第二行起填写"))
    return rows


def _unreadable() -> OrgError:
    return refused(_("文件不是 Excel（xlsx），或已损坏"), _("请用 Excel 另存为 xlsx 后再上传"))


def _check_archive(file: IO[bytes]) -> None:
    try:
        with zipfile.ZipFile(file) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise _unreadable() from error
    if unpacked > MAX_UNPACKED:
        raise refused(_("文件展开后过大"), _("请只保留机构数据，分成几个文件"))
    file.seek(0)


def _rows(lines: Iterator[Any]) -> Iterator[Row]:
    keys: dict[int, str] = {}
    found = 0
    for number, line in enumerate(lines, start=1):
        if not keys:
            keys = _headings(line)
            if not keys and number >= _HEADING_ROWS:
                break
            continue
        row = _row(number, line, keys)
        if row is None:
            continue
        found += 1
        if found > MAX_ROWS:
            raise refused(_("最多 %(most)s 行") % {"most": MAX_ROWS}, _("请分成几个文件"))
        yield row
    if not keys:
        raise refused(_("没有找到表头“机构代码、机构名称”"), _("请下载模板，不要改动表头"))


def _headings(line: Any) -> dict[int, str]:
    """The columns' keys by place, empty when this line is not the headings."""
    titles = {str(column.title): column.key for column in COLUMNS}
    texts = {
        place: str(cell.value).strip().removesuffix("*").strip()
        for place, cell in enumerate(line)
        if cell.value not in (None, "")
    }
    if not {"机构代码", "机构名称"} <= set(texts.values()):
        return {}
    unknown = [text for text in texts.values() if text not in titles]
    if unknown:
        raise refused(
            _("不认识的列：%(names)s") % {"names": "、".join(unknown)[:100]}, _("请按模板的表头填写")
        )
    if len(set(texts.values())) < len(texts):
        raise refused(_("表头里有重复的列"))
    return {place: titles[text] for place, text in texts.items()}


def _row(number: int, line: Any, keys: dict[int, str]) -> Row | None:
    titles = {column.key: str(column.title) for column in COLUMNS}
    cells: dict[str, str] = {}
    bad: list[list[str]] = []
    for place, key in keys.items():
        cell = line[place] if place < len(line) else None
        if cell is None or cell.value in (None, ""):
            continue
        problem = _problem(cell)
        if problem:
            bad.append([titles[key], str(problem)])
            continue
        text = _text(cell.value)
        if text:
            cells[key] = text
    return {"n": number, "cells": cells, "bad": bad} if cells or bad else None


def _problem(cell: Any) -> Any:
    if cell.data_type == "f":
        return _("是公式，请粘贴为数值")
    if cell.data_type == "e":
        return _("是错误值")
    if len(str(cell.value)) > MAX_TEXT:
        return _("文字过长")
    return None


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value).strip()
    # the mark that an export puts before what would be a formula
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA) else text
