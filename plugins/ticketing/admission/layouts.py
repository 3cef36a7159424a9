"""Seat plans as files and as the editor's grid: read, checked, written. Pure: no rows are read or written here.

A plan is zones of rows of cells; a cell is a seat or nothing (an aisle). Zones and rows are in their order from the
stage, which is what the best seats go by. In JSON a row's cells may be a word: a letter per seat (its category,
small where the seat is not sold), `_` where there is none.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from saleor_o2o.backoffice.sheets import read_sheet
from saleor_o2o.kernel.errors import Text

from .errors import AdmissionError
from .errors import AdmissionErrorCode as Code

MOST_SEATS = 6000
MOST_PLACES = 200
TITLES = {
    "区域": "zone", "排": "row", "座": "number", "等级": "category", "不售": "blocked", "列序": "place",
}  # fmt: skip
COLOURS = ("#b91c1c", "#c2410c", "#a16207", "#15803d", "#0e7490", "#1d4ed8", "#7e22ce", "#be185d")


@dataclass(frozen=True, slots=True)
class SeatAt:
    """A seat of a plan; fields as on `models.Seat`."""

    zone: str
    row: str
    number: str
    line: int
    place: int
    category: str
    blocked: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """A plan that is sound: at least one seat, no two in one place or of one name."""

    seats: tuple[SeatAt, ...]
    categories: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def invalid(message: Text, hint: Text | None = None) -> AdmissionError:
    """A plan cannot be taken as it is."""
    return AdmissionError(Code.MAP_INVALID, message, "file", hint or _("请改正后重新提交"))


def read_layout(name: str, data: bytes) -> Layout:
    """A plan from an uploaded file: .csv (UTF-8 or GBK), .xlsx or .json. Raises MAP_INVALID."""
    ending = name.rsplit(".", 1)[-1].lower()
    if ending == "json":
        try:
            told = json.loads(data.decode("utf-8-sig"))
        except (ValueError, RecursionError):
            raise invalid(_("不是有效的 JSON 文件"), _("请用导出的文件作样板")) from None
        return from_json(told)
    if ending == "xlsx":
        rows = read_sheet(
            io.BytesIO(data), len(data), {title: title for title in TITLES}, needed=("区域", "排", "座", "等级"),
            most=MOST_SEATS, refuse=invalid,
        )  # fmt: skip
        return from_rows([(row["number"], {key: str(row.get(key) or "") for key in TITLES}) for row in rows])
    if ending == "csv":
        return from_rows(_csv(data))
    raise invalid(_("只能导入 CSV、Excel（.xlsx）或 JSON 文件"))


def _csv(data: bytes) -> list[tuple[int, dict[str, str]]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise invalid(_("文件编码无法识别"), _("请存为 UTF-8 编码的 CSV"))
    try:
        reader = csv.DictReader(io.StringIO(text))
        missing = {"区域", "排", "座", "等级"} - set(reader.fieldnames or ())
        if missing:
            raise invalid(_("缺少列：%(names)s") % {"names": "、".join(sorted(missing))})
        return [
            (at, {key: (row.get(key) or "").strip() for key in TITLES}) for at, row in enumerate(reader, start=2)
        ]  # fmt: skip
    except csv.Error:
        raise invalid(_("CSV 文件格式不正确")) from None


def from_rows(rows: Iterable[tuple[int, Mapping[str, str]]]) -> Layout:
    """A plan from lines of a table, a seat each, in the file's order. Raises MAP_INVALID with the line's number."""
    lines: dict[tuple[str, str], int] = {}
    nexts: dict[int, int] = {}
    seats = []
    for at, row in rows:
        if not any(row.values()):
            continue
        line = lines.setdefault((row["区域"], row["排"]), len(lines) + 1)
        place = nexts.get(line, 1)
        if row["列序"]:
            if not (row["列序"].isascii() and row["列序"].isdigit()):
                raise invalid(_("第 %(line)d 行：列序须为数字") % {"line": at})
            place = int(row["列序"])
        nexts[line] = place + 1
        blocked = row["不售"] in {"是", "1", "Y", "y", "true", "TRUE"}
        seats.append(SeatAt(row["区域"], row["排"], row["座"], line, place, row["等级"], blocked))
    return sound(seats, {})


def from_json(told: Any) -> Layout:
    """A plan from the editor's or a file's JSON. Raises MAP_INVALID."""
    seats: list[SeatAt] = []
    line = 0
    try:
        for zone in _list(told["zones"]):
            for row in _list(zone["rows"]):
                line += 1
                name, number = str(row["row"]), 0
                for place, cell in enumerate(_cells(row), start=1):
                    if cell is None:
                        continue
                    number += 1
                    seats.append(
                        SeatAt(
                            str(zone["name"]), name, str(cell.get("n") or number), line, place, str(cell["c"]),
                            bool(cell.get("b")),
                        )
                    )  # fmt: skip
        categories = told.get("categories") or {}
        told_names = {
            str(key): {"name": str(one["name"])[:20], "colour": _colour(one.get("colour"), at)}
            for at, (key, one) in enumerate(categories.items())
        }
    except (KeyError, TypeError, AttributeError, ValueError):
        raise invalid(_("座位图内容不完整"), _("请用导出的文件作样板")) from None
    return sound(seats, told_names)


def _list(told: Any) -> list[Any]:
    if not isinstance(told, list):
        raise TypeError
    return told


def _cells(row: Mapping[str, Any]) -> Sequence[Mapping[str, Any] | None]:
    word = row.get("seats")
    if isinstance(word, str):
        return [None if one in "_ " else {"c": one.upper(), "b": one.islower()} for one in word]
    return _list(row["cells"])


def _colour(told: Any, at: int) -> str:
    text = str(told or "")
    good = len(text) == 7 and text[0] == "#" and all(one in "0123456789abcdefABCDEF" for one in text[1:])
    return text if good else COLOURS[at % len(COLOURS)]


def sound(seats: Sequence[SeatAt], categories: Mapping[str, Mapping[str, str]]) -> Layout:
    """The plan, with a name and a colour for every category. Raises MAP_INVALID."""
    if not seats:
        raise invalid(_("座位图里没有座位"))
    if len(seats) > MOST_SEATS:
        raise invalid(_("一个厅最多 %(most)d 个座位") % {"most": MOST_SEATS})
    names: set[tuple[str, str, str]] = set()
    places: set[tuple[str, int, int]] = set()
    for seat in seats:
        label = f"{seat.zone}{seat.row}排{seat.number}座"
        for text, most in ((seat.zone, 20), (seat.row, 10), (seat.number, 10), (seat.category, 10)):
            if not text.strip() or len(text) > most:
                raise invalid(_("%(seat)s：区域、排、座、等级都要填，且不能太长") % {"seat": label[:40]})
        if not 1 <= seat.place <= MOST_PLACES:
            raise invalid(_("%(seat)s：列序须为 1 至 %(most)d") % {"seat": label, "most": MOST_PLACES})
        if (seat.zone, seat.row, seat.number) in names:
            raise invalid(_("%(seat)s 出现了两次") % {"seat": label})
        if (seat.zone, seat.line, seat.place) in places:
            raise invalid(_("%(seat)s 与另一个座位在同一位置") % {"seat": label})
        names.add((seat.zone, seat.row, seat.number))
        places.add((seat.zone, seat.line, seat.place))
    known = dict(categories)
    for key in dict.fromkeys(seat.category for seat in seats):
        known.setdefault(key, {"name": f"{key} 等", "colour": COLOURS[len(known) % len(COLOURS)]})
    return Layout(tuple(seats), known)


def to_json(seats: Iterable[SeatAt], categories: Mapping[str, Any]) -> dict[str, Any]:
    """A plan as JSON, as `from_json` reads it."""
    zones: dict[str, dict[int, list[SeatAt]]] = {}
    for seat in seats:
        zones.setdefault(seat.zone, {}).setdefault(seat.line, []).append(seat)
    told = []
    for zone, lines in sorted(zones.items(), key=lambda one: min(one[1])):
        rows = []
        for _line, row in sorted(lines.items()):
            at = {seat.place: seat for seat in row}
            rows.append({
                "row": row[0].row,
                "cells": [
                    {"n": at[place].number, "c": at[place].category, **({"b": 1} if at[place].blocked else {})}
                    if place in at else None
                    for place in range(1, max(at) + 1)
                ],
            })  # fmt: skip
        told.append({"name": zone, "rows": rows})
    return {"categories": dict(categories), "zones": told}
