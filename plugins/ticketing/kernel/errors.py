"""The ticketing kernel's refusals."""

from __future__ import annotations

from collections.abc import Sequence

from saleor_o2o.kernel.errors import DomainError, Text

from .error_codes import TicketErrorCode

__all__ = ["TicketError", "TicketErrorCode", "UnsoundRule"]


class TicketError(DomainError):
    """A rule of ticketing said no."""

    def __init__(
        self, code: TicketErrorCode, message: Text, field: str | None = None, hint: Text | None = None
    ) -> None:
        super().__init__(code, message, field, hint)


class UnsoundRule(TicketError):
    """A fee rule cannot be taken as it is; `problems` says everything that is wrong, the first is the message."""

    def __init__(self, problems: Sequence[TicketError]) -> None:
        first = problems[0]
        super().__init__(TicketErrorCode(first.code.value), first.message, first.field, first.hint)
        self.problems = tuple(problems)
