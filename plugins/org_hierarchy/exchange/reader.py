"""An uploaded file of units as rows of text: nothing of what it says is believed yet."""

from __future__ import annotations

from typing import IO, Any

from saleor_o2o.backoffice.sheets import Row, read_sheet

from ..errors import OrgError, OrgErrorCode
from .columns import COLUMNS

__all__ = ["MAX_ROWS", "Row", "read", "refused"]

MAX_ROWS = 10_000
#: Without these two a sheet is not one of units.
NEEDED = ("机构代码", "机构名称")


def refused(message: Any, hint: Any = None) -> OrgError:
    """A file that cannot be taken."""
    return OrgError(OrgErrorCode.FILE_INVALID, message, field="file", hint=hint)


def read(file: IO[bytes], size: int) -> list[Row]:
    """Return the rows of an xlsx file, blank ones left out. Raises OrgError(FILE_INVALID)."""
    titles = {str(column.title): column.key for column in COLUMNS}
    return read_sheet(file, size, titles, needed=NEEDED, most=MAX_ROWS, refuse=refused)
