"""An uploaded Excel file as rows of text: nothing of what it says is believed yet."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date, datetime
from typing import IO, Any

from django.utils.translation import gettext_lazy as _
from openpyxl import load_workbook

from .admin.export import FORMULA

MAX_BYTES = 8 * 1024 * 1024
#: Bytes that the parts of a file may unpack to.
MAX_UNPACKED = 160 * 1024 * 1024
MAX_TEXT = 2000
#: Rows in which the headings are looked for: an export has a line about itself on top.
_HEADING_ROWS = 5

#: A row: its number in the file, its cells by key, and what is wrong with cells as such, `[title, words]`.
Row = dict[str, Any]
#: Makes the caller's error from a message and what to do next.
Refuse = Callable[[Any, Any], Exception]


class _Refused(Exception):
    """Carries a refusal out of the reading."""

    def __init__(self, message: Any, hint: Any = None) -> None:
        super().__init__(message)
        self.told = (message, hint)


def read_sheet(
    file: IO[bytes],
    size: int,
    titles: Mapping[str, str],
    *,
    needed: Collection[str],
    most: int,
    refuse: Refuse,
) -> list[Row]:
    """Return the rows of an xlsx file, blank ones left out.

    `titles` gives a column's key by its heading, `needed` are headings that must be there, `most` is a number of rows.
    Raises what `refuse(message, hint)` makes.
    """
    try:
        return _read(file, size, titles, needed, most)
    except _Refused as refused:
        raise refuse(*refused.told) from None


def _read(
    file: IO[bytes], size: int, titles: Mapping[str, str], needed: Collection[str], most: int
) -> list[Row]:
    if size > MAX_BYTES:
        raise _Refused(_("文件超过 8 MB"), _("请分成几个文件"))
    _check_archive(file)
    try:
        book = load_workbook(file, read_only=True, data_only=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what a file says of its own size may be wrong
        rows = list(_rows(sheet.iter_rows(max_col=60), titles, needed, most))
        book.close()
    except _Refused:
        raise
    except Exception as error:
        raise _unreadable() from error
    if not rows:
        raise _Refused(_("文件里没有数据"), _("请从模板的第二行起填写"))
    return rows


def _unreadable() -> _Refused:
    return _Refused(_("文件不是 Excel（xlsx），或已损坏"), _("请用 Excel 另存为 xlsx 后再上传"))


def _check_archive(file: IO[bytes]) -> None:
    try:
        with zipfile.ZipFile(file) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise _unreadable() from error
    if unpacked > MAX_UNPACKED:
        raise _Refused(_("文件展开后过大"), _("请只保留要导入的数据，分成几个文件"))
    file.seek(0)


def _rows(
    lines: Iterator[Any], titles: Mapping[str, str], needed: Collection[str], most: int
) -> Iterator[Row]:
    keys: dict[int, str] = {}
    found = 0
    for number, line in enumerate(lines, start=1):
        if not keys:
            keys = _headings(line, titles, needed)
            if not keys and number >= _HEADING_ROWS:
                break
            continue
        row = _row(number, line, keys, {key: title for title, key in titles.items()})
        if row is None:
            continue
        found += 1
        if found > most:
            raise _Refused(_("最多 %(most)s 行") % {"most": most}, _("请分成几个文件"))
        yield row
    if not keys:
        raise _Refused(
            _("没有找到表头“%(names)s”") % {"names": "、".join(needed)}, _("请下载模板，不要改动表头")
        )


def _headings(line: Any, titles: Mapping[str, str], needed: Collection[str]) -> dict[int, str]:
    """The columns' keys by place, empty when this line is not the headings."""
    texts = {
        place: str(cell.value).strip().removesuffix("*").strip()
        for place, cell in enumerate(line)
        if cell.value not in (None, "")
    }
    if not set(needed) <= set(texts.values()):
        return {}
    unknown = [text for text in texts.values() if text not in titles]
    if unknown:
        raise _Refused(
            _("不认识的列：%(names)s") % {"names": "、".join(unknown)[:100]}, _("请按模板的表头填写")
        )
    if len(set(texts.values())) < len(texts):
        raise _Refused(_("表头里有重复的列"))
    return {place: titles[text] for place, text in texts.items()}


def _row(number: int, line: Any, keys: dict[int, str], titles: Mapping[str, str]) -> Row | None:
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
