"""What a row of an uploaded file would do."""

from __future__ import annotations

from dataclasses import dataclass, field

from saleor_o2o.kernel.errors import Text


@dataclass(slots=True)
class Line:
    """One row: what it does (`create`, `change`, `same`, `skip`), and its errors as (column, words)."""

    number: int
    key: str
    title: str
    action: str = "create"
    errors: list[tuple[str, str]] = field(default_factory=list)
    note: str = ""

    def wrong(self, column: str, message: Text) -> None:
        """Note an error of a column; without one, of the row."""
        self.errors.append((column, str(message)))
