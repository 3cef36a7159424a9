"""Rules as an Excel file: what is taken out can be put in again; a file with one wrong row is not taken at all."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import IO, Any
from zipfile import BadZipFile

from django.utils.translation import gettext as _
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font
from openpyxl.utils.exceptions import InvalidFileException

from plugins.org_hierarchy.interfaces import BusinessScope

from ..channel_types import ChannelType
from ..choices import Base, Kind, Rank, TierMeasure, TierMode
from ..engine.facts import Rule, RuleTier
from ..engine.soundness import problems_of
from ..errors import CommissionError, CommissionErrorCode
from ..loading import Categories
from ..models import CommissionPlan
from .changes import for_plan

HEADERS = (
    "业务线", "商品分类", "渠道类型", "计佣方式", "基数", "累进方式", "阶梯依据", "起点",
    "市中心", "片区中心", "区县中心", "支局", "网点/微店", "店员", "每笔封顶", "每笔保底", "生效日期", "失效日期",
)  # fmt: skip
FIRST_RATE = HEADERS.index("市中心")
#: Rows of a file.
MOST_ROWS = 1000


@dataclass(slots=True)
class Row:
    """A rule read from a file (None where it could not be), with the row it begins on and what is wrong with it."""

    number: int
    title: str
    rule: Rule | None = None
    problems: list[str] = field(default_factory=list)


def write(rules: Iterable[Rule]) -> bytes:
    """Rules as a workbook; a tiered rule has a row for each tier."""
    book = Workbook()
    sheet = book.active
    sheet.title = "佣金规则"
    sheet.append(HEADERS)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for rule in rules:
        for at, tier in enumerate(rule.tiers):
            rates = [tier.rates.get(rank) for rank in Rank]
            sheet.append([*(_head(rule) if at == 0 else [None] * 7), tier.start, *rates,
                          *(_tail(rule) if at == 0 else [])])  # fmt: skip
    sheet.freeze_panes = "A2"
    for at in range(1, len(HEADERS) + 1):
        sheet.column_dimensions[sheet.cell(1, at).column_letter].width = 14
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _head(rule: Rule) -> list[Any]:
    return [
        str(BusinessScope(rule.business).label), rule.category_name,
        str(dict(ChannelType.choices).get(rule.channel_type, "")), str(Kind(rule.kind).label),
        str(Base(rule.base).label), str(TierMode(rule.tier_mode).label), str(TierMeasure(rule.tier_measure).label),
    ]  # fmt: skip


def _tail(rule: Rule) -> list[Any]:
    return [rule.cap, rule.floor, rule.valid_from, rule.valid_to]


def read(plan: CommissionPlan, file: IO[bytes]) -> list[Row]:
    """Read a workbook into rules of a plan, each judged by itself. Raises CommissionError for what is no such file."""
    sheet = _sheet(file)
    categories = Categories()
    names = {categories.name(pk): pk for pk in categories.rows}
    rows: list[Row] = []
    for number, cells in enumerate(sheet.iter_rows(min_row=2, max_col=len(HEADERS)), start=2):
        values = [_value(cell) for cell in cells]
        if all(value is None for value in values):
            continue
        if number > MOST_ROWS:
            raise CommissionError(
                CommissionErrorCode.INVALID_FILE, _("文件最多 %(most)s 行") % {"most": MOST_ROWS}, "file"
            )
        if values[0] is None and rows:
            _continue(rows[-1], number, values)
        else:
            rows.append(_begin(plan, number, values, names))
    if not rows:
        raise CommissionError(CommissionErrorCode.INVALID_FILE, _("文件里没有规则"), "file")
    for row in rows:
        if row.rule is not None and not row.problems:
            row.problems += [problem.message for problem in problems_of(row.rule)]
    return rows


def _sheet(file: IO[bytes]) -> Any:
    try:
        sheet = load_workbook(file, data_only=True).worksheets[0]
    except (BadZipFile, InvalidFileException, KeyError, ValueError, OSError, IndexError) as error:
        raise CommissionError(
            CommissionErrorCode.INVALID_FILE, _("这不是 Excel（.xlsx）文件，或文件已损坏"), "file"
        ) from error
    found = [str(cell.value or "").strip() for cell in sheet[1][: len(HEADERS)]]
    if tuple(found) != HEADERS:
        raise CommissionError(
            CommissionErrorCode.INVALID_FILE, _("第一行的列名与模板不符"), "file", _("请下载模板后填写")
        )
    return sheet


def _value(cell: Any) -> Any:
    """A cell's value; a number shown as per cent is what is shown."""
    value = cell.value
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, float | int) and not isinstance(value, bool) and "%" in str(cell.number_format):
        return str(Decimal(str(value)) * 100)
    return value


class _Reader:
    """Reads the cells of one row and gathers what is wrong."""

    def __init__(self, values: Sequence[Any]) -> None:
        self.values = values
        self.problems: list[str] = []

    def _at(self, header: str) -> Any:
        return self.values[HEADERS.index(header)]

    def choice(self, header: str, choices: Sequence[tuple[str, Any]], default: str | None = None) -> str:
        """A code by its Chinese label or by itself."""
        value = self._at(header)
        if value is None and default is not None:
            return default
        found = {str(label): code for code, label in choices} | {code: code for code, _label in choices}
        if str(value) not in found:
            self.problems.append(_("%(header)s“%(value)s”不认识") % {"header": header, "value": value or ""})
            return ""
        return str(found[str(value)])

    def number(self, header: str) -> Decimal | None:
        value = self._at(header)
        if value is None:
            return None
        try:
            found = Decimal(str(value).rstrip("%").replace(",", ""))
        except InvalidOperation:
            found = Decimal("NaN")
        if not found.is_finite() or abs(found) > 10**10:
            self.problems.append(_("%(header)s“%(value)s”不是数字") % {"header": header, "value": value})
            return None
        return found

    def day(self, header: str) -> date | None:
        value = self._at(header)
        if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
            return value
        if isinstance(value, datetime):
            return value.date()
        try:
            return date.fromisoformat(str(value).replace("/", "-"))
        except ValueError:
            self.problems.append(_("%(header)s“%(value)s”不是日期") % {"header": header, "value": value})
            return None

    def tier(self) -> RuleTier:
        rates = {int(rank): self.number(HEADERS[FIRST_RATE + at]) for at, rank in enumerate(Rank)}
        return RuleTier(
            self.number("起点") or Decimal(0),
            {rank: rate for rank, rate in rates.items() if rate is not None},
        )


def _begin(plan: CommissionPlan, number: int, values: Sequence[Any], names: dict[str, int]) -> Row:
    reader = _Reader(values)
    category = str(values[1]) if values[1] is not None else ""
    if category and category not in names:
        reader.problems.append(_("商品分类“%(name)s”不存在，请写完整路径") % {"name": category})
    start = reader.day("生效日期")
    if start is None and not reader.problems:
        reader.problems.append(_("请填写生效日期"))
    rule = Rule(
        business=reader.choice("业务线", BusinessScope.choices),
        kind=reader.choice("计佣方式", Kind.choices),
        base=reader.choice("基数", Base.choices, Base.PAID),
        tier_mode=reader.choice("累进方式", TierMode.choices, TierMode.WHOLE),
        tier_measure=reader.choice("阶梯依据", TierMeasure.choices, TierMeasure.AMOUNT),
        channel_type=reader.choice("渠道类型", ChannelType.choices, ""),
        category_id=names.get(category),
        category_name=category,
        tiers=(reader.tier(),),
        cap=reader.number("每笔封顶"),
        floor=reader.number("每笔保底"),
        valid_from=start or date.max,
        valid_to=reader.day("失效日期"),
    )
    title = " · ".join(str(value or "—") for value in values[:3])
    return Row(number, title, for_plan(plan, rule) if not reader.problems else None, reader.problems)


def _continue(row: Row, number: int, values: Sequence[Any]) -> None:
    """A row without a business line is a further tier of the rule above it."""
    reader = _Reader(values)
    tier = reader.tier()
    row.problems += [
        _("第 %(number)s 行：%(problem)s") % {"number": number, "problem": one} for one in reader.problems
    ]
    if row.rule is not None:
        row.rule = replace(row.rule, tiers=(*row.rule.tiers, tier))
