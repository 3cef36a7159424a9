"""How much of a sale has left the counter, by the order's own count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from .error_codes import CounterErrorCode as Code
from .errors import CounterError
from .models import CounterSale


@dataclass(frozen=True, slots=True)
class Handing:
    """The lines of a sale's order with what of them was handed over."""

    lines: list[Any]

    @property
    def handed(self) -> int:
        """Pieces that the customer has."""
        return sum(line.quantity_fulfilled for line in self.lines)

    @property
    def left(self) -> int:
        """Pieces that wait."""
        return sum(self.open_lines.values())

    @property
    def is_partial(self) -> bool:
        """True when something has left and something waits."""
        return self.handed > 0 and self.left > 0

    @property
    def open_lines(self) -> dict[int, int]:
        """What waits, by the line's key."""
        return {line.pk: line.quantity_unfulfilled for line in self.lines if line.quantity_unfulfilled > 0}

    def check(self, quantities: Mapping[int, int]) -> None:
        """Raise CounterError QUANTITY_INVALID unless so much of these lines waits, and at least one piece is asked."""
        if not quantities:
            raise CounterError(Code.QUANTITY_INVALID, _("请填写要交付的数量"), "quantities")
        names = {line.pk: line.product_name for line in self.lines}
        for pk, quantity in quantities.items():
            most = self.open_lines.get(pk, 0)
            if pk not in names or not 1 <= quantity <= most:
                raise CounterError(
                    Code.QUANTITY_INVALID,
                    _("“%(name)s”还剩 %(most)s 件未取，不能交付 %(quantity)s 件")
                    % {"name": names.get(pk, pk), "most": most, "quantity": quantity},
                    "quantities",
                )


def handing_of(sale: CounterSale) -> Handing:
    """Read the lines of a sale. One statement."""
    return Handing(list(sale.order.lines.order_by("pk")))
