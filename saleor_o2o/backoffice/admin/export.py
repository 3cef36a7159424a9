"""Taking rows out as a file: a right of its own, on the rows in reach, masked, watermarked and audited.

A page offers it by naming its columns:

```python
export = Export("机构", "org_unit.export", (Cell("代码", "code"), Cell("电话", masked_tel, whole="tel")), unmask="…")
```
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import reduce
from itertools import islice
from typing import IO, Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, StreamingHttpResponse
from django.utils import timezone, translation
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _
from openpyxl import Workbook

from saleor_o2o.kernel.audit import action, record
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.errors import DomainError, Text
from saleor_o2o.kernel.redaction import redact_text
from saleor_o2o.kernel.scope import rows_for

from ..error_codes import BackofficeErrorCode

#: Rows read, masked and written at a time.
CHUNK = 500
#: Rows of an Excel file; more go as CSV, which is never held as a whole.
XLSX_ROWS = 100_000
#: A cell that begins with one of these is a formula to a spreadsheet (the wide ones to a Chinese one).
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

EXPORTED = action("backoffice.export.made", _("导出数据"))

Reader = str | Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Cell:
    """A column: `read` is a path (`order__pk`) or a function of the row, masked where it is about a person.

    `whole` is read instead by those who may see the row unmasked.
    """

    title: Text
    read: Reader
    whole: Reader | None = None


@dataclass(frozen=True, slots=True)
class Export:
    """What a page exports: the title, the permission, the columns, and the permission to see personal data whole.

    `related` and `prefetched` are read along, so that the number of statements grows with the chunks, not the rows.
    """

    title: Text
    permission: str
    columns: Sequence[Cell]
    unmask: str = ""
    related: Sequence[str] = ()
    prefetched: Sequence[Any] = ()
    #: Asked with each chunk of rows before they are read, to look up for all what is no column of theirs.
    prepare: Callable[[Sequence[Any]], None] | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """One export that somebody asked for: the rows of the page as filtered, and the filter in words."""

    what: Export
    rows: QuerySet[Any]
    user: Any
    filters: dict[str, str]

    def count(self) -> int:
        """How many rows there are now."""
        return int(self.rows.count())

    def send(self, kind: str) -> StreamingHttpResponse | FileResponse:
        """Write the audit line, then answer with the file: `csv` or `xlsx`.

        Raises DomainError where there are too many rows for an Excel file.
        """
        count = self.count()
        if kind == "xlsx" and count > XLSX_ROWS:
            raise DomainError(
                BackofficeErrorCode.EXPORT_TOO_LARGE,
                _("Excel 文件最多 %(most)s 行，当前有 %(count)s 行") % {"most": XLSX_ROWS, "count": count},
                hint=_("请缩小筛选范围，或改用 CSV 格式"),
            )
        whole = bool(self.what.unmask) and self.user.has_perm(self.what.unmask)
        # Before the first byte leaves: an export broken off half-way has been seen too.
        entry = record(
            EXPORTED,
            after={
                "page": self.rows.model._meta.label_lower,
                "filters": self.filters,
                "rows": count,
                "format": kind,
                "unmasked": whole,
            },
        )
        name = f"{self.what.title}-{timezone.localtime(now()):%Y%m%d-%H%M%S}.{kind}"
        lines = self._lines(count, entry.pk)
        if kind == "xlsx":
            return FileResponse(_workbook(lines), as_attachment=True, filename=name, content_type=XLSX_TYPE)
        return StreamingHttpResponse(
            _csv(lines),
            content_type="text/csv; charset=utf-8",
            headers={
                "Content-Disposition": content_disposition_header(True, name),
                "Cache-Control": "no-store",
            },
        )

    def _lines(self, count: int, number: int) -> Iterator[list[Any]]:
        yield [self.watermark(count, number)]
        yield [str(cell.title) for cell in self.what.columns]
        found = self.rows.select_related(*self.what.related) if self.what.related else self.rows
        if self.what.prefetched:
            found = found.prefetch_related(*self.what.prefetched)
        stream = found[:count].iterator(chunk_size=CHUNK)
        while chunk := list(islice(stream, CHUNK)):
            # not around the yield: the language would stay with the thread
            with translation.override(settings.LANGUAGE_CODE):
                lines = self._chunk(chunk)
            yield from lines

    def _chunk(self, rows: Sequence[Any]) -> list[list[Any]]:
        whole = self._unmasked(rows)
        if self.what.prepare is not None:
            self.what.prepare(rows)
        return [
            [
                written(_read(cell.whole if cell.whole and row.pk in whole else cell.read, row))
                for cell in self.what.columns
            ]
            for row in rows
        ]

    def _unmasked(self, rows: Sequence[Any]) -> frozenset[Any]:
        if not self.what.unmask or not self.user.has_perm(self.what.unmask):
            return frozenset()
        mine = self.rows.model._default_manager.filter(pk__in=[row.pk for row in rows])
        return frozenset(rows_for(self.user, mine, self.what.unmask).values_list("pk", flat=True))

    def watermark(self, count: int, number: int) -> str:
        """Who took this, when, what part, under which audit line."""
        filters = "；".join(f"{key}={value}" for key, value in in_words(self.filters).items()) or str(_("无"))
        words = _(
            "内部资料 %(title)s 导出人：%(who)s 时间：%(when)s 条件：%(filters)s 行数：%(rows)s 审计号：%(audit)s"
        )
        values = {
            "title": self.what.title,
            "who": self.user.get_username(),
            "when": timezone.localtime(now()).strftime("%Y-%m-%d %H:%M:%S"),
            "filters": filters,
            "rows": count,
            "audit": number,
        }
        return redact_text(str(words) % values)


def written(value: Any) -> Any:
    """A value as a cell: numbers stay numbers, times are local, and no text is a formula."""
    if value is None or value == "—":
        return ""
    if isinstance(value, bool):
        return str(_("是")) if value else str(_("否"))
    if isinstance(value, int | float | Decimal):
        return value
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def _read(reader: Reader, row: Any) -> Any:
    if callable(reader):
        return reader(row)
    found = reduce(lambda at, name: getattr(at, name, None), reader.split("__"), row)
    return found() if callable(found) else found


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def _csv(lines: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    writer = csv.writer(_Echo())
    yield b"\xef\xbb\xbf"  # tells Excel that this is UTF-8
    for line in lines:
        yield str(writer.writerow(line)).encode()


def _workbook(lines: Iterable[Sequence[Any]]) -> IO[bytes]:
    book = Workbook(write_only=True)  # keeps its rows in a file of its own
    sheet = book.create_sheet()
    for line in lines:
        sheet.append([_legal(cell) for cell in line])
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    book.save(file)
    file.seek(0)
    return file


def _legal(cell: Any) -> Any:
    """XML knows no control characters."""
    if not isinstance(cell, str):
        return cell
    return "".join(one for one in cell if one >= " " or one in "\t\n\r")


def in_words(filters: dict[str, str]) -> dict[str, str]:
    """Filters as people read them: the search has a name of its own."""
    return {str(_("搜索")) if key == "q" else key: value for key, value in filters.items()}


def filters_of(request: HttpRequest) -> dict[str, str]:
    """The page's search and filters as the address names them, without what only arranges the list."""
    arranging = {"p", "o", "all", "e", "_changelist_filters", "_facets"}
    return {
        key: "、".join(values)
        for key, values in request.GET.lists()
        if key not in arranging and any(values)
    }  # fmt: skip
