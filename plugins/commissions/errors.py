"""The commission plans' refusals."""

from __future__ import annotations

from collections.abc import Sequence

from saleor_o2o.kernel.errors import DomainError, Text

from .error_codes import CommissionErrorCode

__all__ = ["CommissionError", "CommissionErrorCode", "UnsoundRules"]


class CommissionError(DomainError):
    """A rule of the commission plans said no."""

    def __init__(
        self, code: CommissionErrorCode, message: Text, field: str | None = None, hint: Text | None = None
    ) -> None:
        super().__init__(code, message, field, hint)


class UnsoundRules(CommissionError):
    """The rules cannot be taken as they are; `problems` says everything that is wrong, the first is the message."""

    def __init__(self, problems: Sequence[CommissionError]) -> None:
        first = problems[0]
        super().__init__(CommissionErrorCode(first.code.value), first.message, first.field, first.hint)
        self.problems = tuple(problems)
