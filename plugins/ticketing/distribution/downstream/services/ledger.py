"""The deposit: one entry per business number, under the reseller's lock, never beyond the credit."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now, today
from saleor_o2o.kernel.locks import require_transaction
from saleor_o2o.kernel.money import format_yuan

from ..choices import EntryKind
from ..errors import ResaleError
from ..errors import ResaleErrorCode as Code
from ..models import Reseller, ResellerEntry


def check_enough(reseller: Reseller, amount: Decimal) -> None:
    """Refuse what deposit and credit do not cover. Exact for a *locked* reseller. Raises BALANCE_SHORT."""
    if amount > reseller.available:
        raise ResaleError(
            Code.BALANCE_SHORT, _("预存款与授信额度不足，还可用 %(left)s") % {"left": format_yuan(reseller.available)},
            "amount", _("请先充值"),
        )  # fmt: skip


def book(
    reseller: Reseller, kind: EntryKind, amount: Decimal, reference: str, *, order_id: int | None = None,
    words: Any = "",
) -> ResellerEntry:  # fmt: skip
    """Write a change (yuan, signed) of a *locked* reseller's deposit; the same kind and reference again: no change.

    Raises BALANCE_SHORT for what goes out beyond the credit.
    """
    require_transaction()
    known = ResellerEntry.objects.filter(kind=kind, reference=reference).first()
    if known is not None:
        return known
    if kind in (EntryKind.ORDER, EntryKind.ADJUST) and amount < 0:
        check_enough(reseller, -amount)
    reseller.balance += amount
    reseller.save(update_fields=["balance"])
    return ResellerEntry.objects.create(
        reseller=reseller, kind=kind, amount=amount, after=reseller.balance, reference=reference, order_id=order_id,
        words=str(words)[:120], day=today(), at=now(),
    )  # fmt: skip
