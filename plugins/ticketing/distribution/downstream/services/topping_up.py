"""Top-ups: written down by one person, booked by another one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.numbering import next_number
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import get_row, require
from saleor_o2o.kernel.states import move_locked

from ..access import CONFIRM, TOP_UP
from ..choices import EntryKind, ResellerState
from ..errors import ResaleError
from ..errors import ResaleErrorCode as Code
from ..locks import lock_reseller
from ..models import Reseller, TopUp
from ..numbers import TOP_UP as NUMBER
from .ledger import book

WRITTEN = audit.action("resale.top_up_written", _("登记分销商充值"))
BOOKED = audit.action("resale.top_up_booked", _("分销商充值入账"))
REFUSED = audit.action("resale.top_up_refused", _("驳回分销商充值"))
MOST = Decimal("9999999.99")


def write_top_up(
    by: Any, reseller_pk: int, amount: Decimal, bank_number: str, paid_on: date, note: str = ""
) -> TopUp:
    """Write a transfer down; it counts when somebody else has booked it. Yuan.

    Raises OutOfScope, NotAllowed, INVALID (also for a bank number that was written down before).
    """
    reseller = get_row(by, Reseller, pk=reseller_pk)
    require(by, TOP_UP, reseller)
    number = bank_number.strip()
    if not Decimal(0) < amount <= MOST:
        raise ResaleError(Code.INVALID, _("金额不正确"), "amount")
    if not number or paid_on > today():
        raise ResaleError(Code.INVALID, _("请填写银行流水号和到账日期"), "bank_number")
    if reseller.state == ResellerState.CLOSED:
        raise ResaleError(Code.NOT_ACTIVE, _("已终止合作，不能充值"))
    try:
        with transaction.atomic():
            made = TopUp.objects.create(
                reseller=reseller, number=next_number(NUMBER), amount=amount, bank_number=number[:64],
                paid_on=paid_on, made_by=by, note=note.strip()[:200],
            )  # fmt: skip
            audit.record(
                WRITTEN, made, after={"number": made.number, "amount": amount}, actor=actor_label(by),
                org_path=reseller.unit.path,
            )  # fmt: skip
            return made
    except IntegrityError:
        raise ResaleError(
            Code.INVALID, _("这笔银行流水已经登记过"), "bank_number", _("请核对流水号")
        ) from None


def decide_top_up(by: Any, pk: int, *, found: bool, note: str = "") -> TopUp:
    """Book it, for who has found the money in our account; or refuse it.

    Raises OutOfScope, NotAllowed, SAME_PERSON, CHANGED_MEANWHILE. Locks: the top-up, the reseller.
    """
    seen = get_row(by, TopUp, pk=pk)
    require(by, CONFIRM, seen)
    if seen.made_by_id == by.pk:
        raise ResaleError(
            Code.SAME_PERSON, _("不能复核本人登记的充值"), hint=_("请由另一位同事核对银行流水后复核")
        )
    with transaction.atomic():
        [row] = lock_rows(TopUp.objects.filter(pk=pk))
        if row.state != seen.state or row.done_at is not None:
            raise ResaleError(Code.CHANGED_MEANWHILE, _("这笔充值刚刚处理过"), hint=_("请刷新后查看"))
        row.done_by, row.note = by, note.strip()[:200] or row.note
        move_locked(row, "book" if found else "refuse", actor=actor_label(by))
        if found:
            book(
                lock_reseller(row.reseller_id), EntryKind.TOP_UP, row.amount, row.number,
                words=_("银行流水 %(number)s") % {"number": row.bank_number},
            )  # fmt: skip
        audit.record(
            BOOKED if found else REFUSED, row, after={"number": row.number, "amount": row.amount},
            actor=actor_label(by), org_path=seen.reseller.unit.path,
        )  # fmt: skip
    return row
