"""The ticketing kernel's refusals."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.errors import DomainError, Text

from .error_codes import TicketErrorCode

__all__ = ["PriceRose", "TicketError", "TicketErrorCode", "UnsoundRule"]


class TicketError(DomainError):
    """A rule of ticketing said no."""

    def __init__(
        self, code: TicketErrorCode, message: Text, field: str | None = None, hint: Text | None = None
    ) -> None:
        super().__init__(code, message, field, hint)


class PriceRose(TicketError):
    """It costs more than the buyer was shown; `total` is what it costs now, in yuan (in `details` for counters)."""

    def __init__(self, shown: Decimal, total: Decimal) -> None:
        super().__init__(
            TicketErrorCode.PRICE_CHANGED,
            _("票价已变，合计由 %(old)s 元变为 %(new)s 元") % {"old": f"{shown:.2f}", "new": f"{total:.2f}"},
            "mostTotal", _("接受新价格请再次确认"),
        )  # fmt: skip
        self.total = total
        self.details = {"total": f"{total:.2f}"}


class UnsoundRule(TicketError):
    """A fee rule cannot be taken as it is; `problems` says everything that is wrong, the first is the message."""

    def __init__(self, problems: Sequence[TicketError]) -> None:
        first = problems[0]
        super().__init__(TicketErrorCode(first.code.value), first.message, first.field, first.hint)
        self.problems = tuple(problems)
