"""Goods come back: the customer sends them, the staff opens the parcel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.money import format_yuan, to_fen
from saleor_o2o.kernel.states import move

from ..checking import clean, for_staff, mine, read_waybill
from ..choices import SWAPS, Clock, State
from ..clocks import clock
from ..errors import AfterSaleError
from ..errors import AfterSaleErrorCode as Code
from ..models import AfterSale
from ..noting import note
from ..permissions import DECIDE
from ..selectors import offers_of
from .deciding import wrong_state
from .refunding import settle

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Found:
    """What was in the parcel of a line: pieces accepted, such of them that cannot be sold again, yuan to give back."""

    accepted: int
    damaged: int
    amount: Decimal


@transaction.atomic
def ship_back(user: Any, number: str, carrier: str, waybill: str) -> AfterSale:
    """The customer has sent the goods. The same waybill again: no change; another one corrects it while they travel.

    Locks: the after-sale. Raises OutOfScope, AfterSaleError REQUIRED, WRONG_STATE; LockTimeout.
    """
    row = mine(user, number)
    carrier, code = read_waybill(carrier, waybill)
    if row.state == State.TO_RECEIVE:
        if (row.carrier, row.waybill) != (carrier, code):
            row.carrier, row.waybill = carrier, code
            row.save(update_fields=["carrier", "waybill"])
            note(row, f"买家更正退货运单：{carrier} {code}")
        return row
    if row.state != State.TO_RETURN:
        raise wrong_state(row)
    due = clock(Clock.INSPECT, row.sub_order.line).until
    move(row, "ship_back", carrier=carrier, waybill=code, due_at=due)
    note(row, f"买家已寄回：{carrier} {code}")
    return row


@transaction.atomic
def inspect(
    user: Any,
    pk: int,
    found: Mapping[int, Found],
    *,
    freight: Decimal = Decimal(0),
    why: str = "",
    seen: str = "",
) -> AfterSale:
    """Accept what came, in full or in part (with a reason), by line of the after-sale; the money goes back.

    `freight` (yuan) goes back on top, at most what the customer paid for it. Locks: the after-sale, then as
    `refunding.start`. Raises OutOfScope, NotAllowed, AfterSaleError (CHANGED_MEANWHILE, WRONG_STATE, REQUIRED,
    QUANTITY_INVALID, AMOUNT_INVALID), and what `refunding.settle` raises.
    """
    row: AfterSale = for_staff(user, AfterSale, pk, DECIDE, seen)
    if row.state != State.TO_RECEIVE or row.kind in SWAPS:
        raise wrong_state(row)
    row.decided_by = user
    return accept_locked(row, user, found, freight, why)


def accept_locked(
    row: AfterSale,
    user: Any,
    found: Mapping[int, Found],
    freight: Decimal = Decimal(0),
    why: str = "",
    *,
    at_counter: bool = False,
) -> AfterSale:
    """Accept the goods of a *locked* after-sale; a line that is not named is accepted in full."""
    lines = list(row.lines.select_related("part_line__order_line").order_by("pk"))
    total = Decimal(0)
    part = False
    for line in lines:
        one = found.get(line.pk) or Found(line.quantity, 0, line.amount)
        _check(line, one)
        line.accepted, line.damaged, line.agreed = one.accepted, one.damaged, one.amount
        part = part or one.accepted < line.quantity or one.amount < line.amount
        total += one.amount
    reason = clean(why, "why", required=_("部分接受须写明原因，买家会看到") if part else "")
    # what was asked for without money (points paid) is accepted by its pieces
    if not total and not any(line.accepted and not line.amount for line in lines):
        raise AfterSaleError(Code.AMOUNT_INVALID, _("一件都不接受时，请选择“拒绝收货”"), "amount")
    _check_freight(row, freight)
    for line in lines:
        line.save(update_fields=["accepted", "damaged", "agreed"])
    row.agreed, row.freight, row.answer = total + freight, freight, reason
    row.save(update_fields=["agreed", "freight", "answer", "decided_by"])
    note(
        row, f"已验货，同意退款 {format_yuan(row.agreed)}{'：' + reason if reason else ''}", amount=row.agreed
    )
    return settle(row, user, reason, at_counter=at_counter)


def _check(line: Any, one: Found) -> None:
    name = line.part_line.order_line.product_name
    if not 0 <= one.accepted <= line.quantity or not 0 <= one.damaged <= one.accepted:
        raise AfterSaleError(
            Code.QUANTITY_INVALID,
            _("“%(name)s”的数量须在 0 到 %(most)s 之间，损坏不多于接受")
            % {"name": name, "most": line.quantity},
            f"accepted_{line.pk}",
        )
    if not 0 <= to_fen(one.amount) <= to_fen(line.amount) or (one.amount and not one.accepted):
        raise AfterSaleError(
            Code.AMOUNT_INVALID,
            _("“%(name)s”最多退 %(most)s，不接受的不退") % {"name": name, "most": format_yuan(line.amount)},
            f"amount_{line.pk}",
        )


def _check_freight(row: AfterSale, freight: Decimal) -> None:
    offer = next(one for one in offers_of(row.order_id) if one.part.pk == row.sub_order_id)
    most = offer.freight + row.freight
    if not 0 <= to_fen(freight) <= to_fen(most):
        raise AfterSaleError(
            Code.AMOUNT_INVALID, _("运费最多退 %(most)s") % {"most": format_yuan(most)}, "freight"
        )
