"""The shift's report on paper: every print is counted, and from the second one on it says so."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.scope import get_row

from ..denominations import rows_of
from ..error_codes import CounterErrorCode as Code
from ..errors import CounterError
from ..locks import lock_shift
from ..models import Shift
from ..selectors.shifts import ShiftSums, sums_of

PRINTED = audit.action("counter.shift_printed", _("打印交班单"))
PAPERS = ("80mm", "58mm", "a4")


@dataclass(frozen=True, slots=True)
class ShiftReport:
    """What stands on the paper. Amounts in yuan."""

    shift: Shift
    sums: ShiftSums
    counted: list[tuple[str, int, Decimal]]
    paper: str
    copy: int
    printed_at: Any


@transaction.atomic
def print_report(user: Any, shift_pk: int, paper: str = "80mm") -> ShiftReport:
    """Count one print and give what stands on it. Locks: the shift.

    Raises OutOfScope, CounterError NOT_COUNTED: before the count a report would say what should be there.
    """
    shift = lock_shift(get_row(user, Shift, pk=shift_pk).pk)
    if shift.counted is None:
        raise CounterError(Code.NOT_COUNTED, _("清点之后才能打印交班单"))
    shift.prints += 1
    shift.save(update_fields=["prints"])
    chosen = paper if paper in PAPERS else PAPERS[0]
    audit.record(PRINTED, shift, after={"copy": shift.prints, "paper": chosen}, org_path=shift.unit.path)
    return ShiftReport(shift, sums_of(shift), rows_of(shift.counts), chosen, shift.prints, now())
