"""Reading shifts: whose is open, what one took in and gave back, what is forgotten."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum

from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.kernel.clock import midnight, today

from ..models import (
    RUNNING,
    CounterRules,
    CounterSale,
    Drawer,
    FloatMovement,
    MovementKind,
    PaidBy,
    PosReceipt,
    ReceiptKind,
    SaleRefund,
    Shift,
    ShiftState,
)
from .mixed import mixed_back, mixed_in

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class ShiftSums:
    """What a shift took in and gave back, by tender. Amounts in yuan, `_count` pieces of paper."""

    cash_in: Decimal = ZERO
    cash_in_count: int = 0
    cash_back: Decimal = ZERO
    cash_back_count: int = 0
    pos_in: Decimal = ZERO
    pos_in_count: int = 0
    pos_back: Decimal = ZERO
    pos_back_count: int = 0
    code_in: Decimal = ZERO
    code_in_count: int = 0
    code_back: Decimal = ZERO
    code_back_count: int = 0
    card_in: Decimal = ZERO
    card_in_count: int = 0
    card_back: Decimal = ZERO
    card_back_count: int = 0

    @property
    def cash(self) -> Decimal:
        return self.cash_in - self.cash_back

    @property
    def pos(self) -> Decimal:
        return self.pos_in - self.pos_back

    @property
    def code(self) -> Decimal:
        return self.code_in - self.code_back

    @property
    def sold(self) -> Decimal:
        return self.cash_in + self.pos_in + self.code_in + self.card_in

    @property
    def sold_count(self) -> int:
        return self.cash_in_count + self.pos_in_count + self.code_in_count + self.card_in_count


def sums_of(shift: Shift) -> ShiftSums:
    """What the papers of a shift say, parts of mixed payments included. Six statements, nine with mixed ones.

    Under the shift's lock nothing is added meanwhile.
    """
    moved = FloatMovement.objects.filter(shift=shift).aggregate(
        cash_in=Sum(-F("amount"), filter=Q(kind=MovementKind.SALE)),
        cash_in_count=Count("pk", filter=Q(kind=MovementKind.SALE)),
        cash_back=Sum("amount", filter=Q(kind=MovementKind.REFUND)),
        cash_back_count=Count("pk", filter=Q(kind=MovementKind.REFUND)),
    )
    cards = PosReceipt.objects.filter(shift=shift).aggregate(
        pos_in=Sum("amount", filter=Q(kind=ReceiptKind.TAKEN)),
        pos_in_count=Count("pk", filter=Q(kind=ReceiptKind.TAKEN)),
        pos_back=Sum("amount", filter=Q(kind=ReceiptKind.GIVEN_BACK)),
        pos_back_count=Count("pk", filter=Q(kind=ReceiptKind.GIVEN_BACK)),
    )
    found: dict[str, Any] = {**moved, **cards}
    sales, refunds = CounterSale.objects.filter(shift=shift), SaleRefund.objects.filter(shift=shift)
    found |= sales.filter(paid_by=PaidBy.CODE).aggregate(code_in=Sum("total"), code_in_count=Count("pk"))
    found |= refunds.filter(paid_by=PaidBy.CODE).aggregate(
        code_back=Sum("amount"), code_back_count=Count("pk")
    )
    sums = replace(ShiftSums(), **{name: value for name, value in found.items() if value is not None})
    taken, given = mixed_in(sales), mixed_back(refunds)
    return replace(
        sums,
        code_in=sums.code_in + taken.code,
        code_in_count=sums.code_in_count + taken.code_count,
        code_back=sums.code_back + given.code,
        code_back_count=sums.code_back_count + given.code_count,
        card_in=taken.card,
        card_in_count=taken.card_count,
        card_back=given.card,
        card_back_count=given.card_count,
    )


def running_shift(user: Any) -> Shift | None:
    """The person's shift that is open or being counted; one at most."""
    rows = Shift.objects.filter(clerk=user, state__in=RUNNING).select_related("unit", "drawer", "clerk")
    return rows.first()


def rules_of(unit: OrgUnit | int) -> CounterRules | None:
    """The rules of a unit's own counter; None where there are no shifts."""
    return CounterRules.objects.filter(unit=unit).first()


def needs_shift(unit: OrgUnit | int) -> bool:
    """True where cash and cards are taken within a shift only."""
    return CounterRules.objects.filter(unit=unit, needs_shift=True).exists()


def last_shift(drawer: Drawer) -> Shift | None:
    """The shift at a drawer that nobody has taken over from yet, counted to the end."""
    done = (ShiftState.HELD, ShiftState.CLOSED)
    return Shift.objects.filter(drawer=drawer, state__in=done).order_by("-pk").first()


def forgotten(rows: QuerySet[Shift]) -> QuerySet[Shift]:
    """Shifts of an earlier day that nobody has counted and handed over."""
    return rows.filter(state__in=RUNNING, opened_at__lt=midnight(today()))
