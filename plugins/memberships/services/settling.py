"""Settlement sheets: made of what was booked, confirmed by the payee or objected to, paid; never edited.

A sheet takes every entry of its payee up to its last day that no sheet has yet. So what comes late (a use taken back
after its month was settled, a correction) is on the next one by itself, and one that is made twice has nothing to take.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import OrgUnit, keys_of
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import midnight, today
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.numbering import next_number
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import NotAllowed, get_row, policy_for, require, rows_for
from saleor_o2o.kernel.states import move_locked

from ..choices import EntryKind, LineKind, SheetState
from ..errors import MembershipError
from ..errors import MembershipErrorCode as Code
from ..events import SettlementConfirmed, SettlementPaid
from ..locks import lock_payee, lock_sheet
from ..models import BenefitEntry, SettlementCorrection, SettlementItem, SettlementLine, SettlementSheet
from ..numbers import SHEET
from ..permissions import SHEET_ANSWER, SHEET_CONFIRM, SHEET_MAKE, SHEET_PAY
from ..rules import local

MADE = audit.action("memberships.sheet_made", _("开出权益结算单"))
CONFIRMED = audit.action("memberships.sheet_confirmed", _("确认权益结算单"))
OBJECTED = audit.action("memberships.sheet_objected", _("对权益结算单提出异议"))
ANSWERED = audit.action("memberships.sheet_answered", _("答复权益结算单异议"))
PAID = audit.action("memberships.sheet_paid", _("登记权益结算单付款"))
SHORTEST = 4
#: Yuan that one correction may amount to.
MOST = Decimal("100000.00")
ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True, order=True)
class Payee:
    """A seller, or else a unit; keys."""

    seller_id: int | None
    unit_id: int


def make_sheets(by: Any, first: date, last: date) -> list[SettlementSheet]:
    """Make the sheets of a period, both days included, one for each payee to whom something is owed; what is new.

    `by` None: the clock's, of everything; otherwise of what is booked in reach. A payee whom nothing is
    owed, or less, has no sheet; what is booked stays for the next. Locks: each payee, one after the other. Raises
    NotAllowed, INVALID, LockTimeout.
    """
    if by is not None and not policy_for(SettlementSheet).may(by, SHEET_MAKE, SettlementSheet):
        raise NotAllowed
    if last >= today():
        raise MembershipError(Code.INVALID, _("截止日须在今天之前"), "last", _("当天的使用还没有结束"))
    if not first <= last <= first + timedelta(days=366):
        raise MembershipError(Code.INVALID, _("起止日期不对，一次最多一年"), "first")
    return [made for payee in _payees(by, last) if (made := _make(by, payee, first, last)) is not None]


def make_monthly() -> int:
    """The sheets of the month before this one; how many are new. Again: none."""
    last = today().replace(day=1) - timedelta(days=1)
    return len(make_sheets(None, last.replace(day=1), last))


def _open(by: Any, last: date) -> QuerySet[BenefitEntry]:
    """What is booked up to the end of a day that no sheet has."""
    rows = rows_for(by, BenefitEntry, SHEET_MAKE) if by is not None else BenefitEntry.objects.all()
    return rows.filter(at__lt=_until(last), item__isnull=True).exclude(settlement=0)


def _until(last: date) -> datetime:
    return midnight(last + timedelta(days=1))


def _corrections(by: Any, last: date) -> QuerySet[SettlementCorrection]:
    rows = (
        rows_for(by, SettlementCorrection, SHEET_MAKE)
        if by is not None
        else SettlementCorrection.objects.all()
    )
    return rows.filter(at__lt=_until(last), line__isnull=True)


def _payees(by: Any, last: date) -> list[Payee]:
    """Who has something that no sheet has, in a fixed order. Two statements."""
    booked = _open(by, last).order_by().values_list("seller_id", "unit_id").distinct()
    wrong = _corrections(by, last).order_by().values_list("sheet__seller_id", "sheet__unit_id").distinct()
    found = {(seller, 0 if seller else unit) for seller, unit in [*booked, *wrong]}
    return [Payee(seller, unit) for seller, unit in sorted(found, key=lambda one: (one[0] or 0, one[1]))]


@transaction.atomic
def _make(by: Any, payee: Payee, first: date, last: date) -> SettlementSheet | None:
    lock_payee(payee.seller_id, payee.unit_id)
    mine, wrong = _open(by, last), _corrections(by, last)
    if payee.seller_id is not None:
        mine, wrong = mine.filter(seller_id=payee.seller_id), wrong.filter(sheet__seller_id=payee.seller_id)
    else:
        mine = mine.filter(seller__isnull=True, unit_id=payee.unit_id)
        wrong = wrong.filter(sheet__seller__isnull=True, sheet__unit_id=payee.unit_id)
    entries = list(mine.select_related("use", "unit").order_by("pk"))
    corrections = list(wrong.select_related("sheet__unit").order_by("pk"))
    amount = sum((one.settlement for one in entries), ZERO) + sum((one.amount for one in corrections), ZERO)
    if amount <= 0:
        return None
    units = [*(one.unit for one in entries), *(one.sheet.unit for one in corrections)]
    made = SettlementSheet.objects.create(
        number=next_number(SHEET), seller_id=payee.seller_id, unit_id=_above(units), first=first, last=last,
        uses=sum(1 if one.kind == EntryKind.USED else -1 for one in entries), amount=amount, made_by=by,
    )  # fmt: skip
    _write_lines(made, entries, corrections)
    told = {"number": made.number, "first": first, "last": last, "amount": amount}
    actor = actor_label(by) if by is not None else "system"
    audit.record(MADE, made, after=told, actor=actor, org_path=made.unit.path)
    return made


def _above(units: Sequence[OrgUnit]) -> int:
    """The lowest unit that is above all of these, or the one that they are."""
    paths = [keys_of(one.path) for one in units]
    common = [level[0] for level in zip(*paths, strict=False) if len(set(level)) == 1]
    return common[-1]


def _write_lines(
    sheet: SettlementSheet, entries: Sequence[BenefitEntry], corrections: Sequence[SettlementCorrection]
) -> None:
    """A line for each benefit, unit, price and reason, with what is on it; a line for each correction."""
    grouped: dict[tuple[Any, ...], list[BenefitEntry]] = {}
    for one in entries:
        key = (one.use.benefit_id, one.unit_id, one.settlement, one.kind, local(one.at) < sheet.first)
        grouped.setdefault(key, []).append(one)
    lines = [
        SettlementLine(
            sheet=sheet, kind=LineKind(kind), benefit_id=benefit, unit_id=unit, price=price, count=len(rows),
            amount=price * len(rows), earlier=earlier,
        )
        for (benefit, unit, price, kind, earlier), rows in grouped.items()
    ]  # fmt: skip
    lines += [
        SettlementLine(
            sheet=sheet, kind=LineKind.CORRECTION, unit_id=one.sheet.unit_id, price=one.amount, count=1,
            amount=one.amount, correction=one,
        )
        for one in corrections
    ]  # fmt: skip
    SettlementLine.objects.bulk_create(lines)
    SettlementItem.objects.bulk_create(
        SettlementItem(line=line, entry=entry)
        for line, rows in zip(lines, grouped.values(), strict=False)
        for entry in rows
    )


@transaction.atomic
def confirm(by: Any, pk: int, note: str = "") -> SettlementSheet:
    """The payee agrees: a branch itself, a seller by the staff, who note who said so. Again: the same.

    Locks: the sheet. Raises OutOfScope, NotAllowed, REQUIRED, IllegalMove, LockTimeout.
    """
    sheet = _sheet(by, pk, SHEET_CONFIRM)
    if sheet.state in (SheetState.CONFIRMED, SheetState.PAID):
        return sheet
    told = note.strip()[:200]
    if sheet.seller_id is not None and len(told) < SHORTEST:
        raise MembershipError(
            Code.REQUIRED, _("请写明商户由谁、怎样确认的"), "note", _("例如：张店长，已在结算单上签字")
        )
    sheet.confirmed_by = by
    _move(by, sheet, "confirm", CONFIRMED, told)
    publish(
        SettlementConfirmed(sheet_id=sheet.pk, number=sheet.number, amount=sheet.amount),
        key=f"sheet:{sheet.pk}",
    )
    return sheet


@transaction.atomic
def object_to(by: Any, pk: int, reason: str) -> SettlementSheet:
    """The payee does not agree, and says why.

    Locks: the sheet. Raises OutOfScope, NotAllowed, REQUIRED, IllegalMove, LockTimeout.
    """
    sheet = _sheet(by, pk, SHEET_CONFIRM)
    sheet.objection, sheet.objected_by, sheet.answer = _reason(reason), by, ""
    return _move(by, sheet, "dispute", OBJECTED, sheet.objection)


@transaction.atomic
def answer(by: Any, pk: int, amount: Decimal, reason: str) -> SettlementSheet:
    """The accountant answers an objection; `amount` (yuan, more or less; 0: nothing was wrong) is on the next sheet.

    Locks: the sheet. Raises OutOfScope, NotAllowed, SAME_PERSON, REQUIRED, INVALID, IllegalMove, LockTimeout.
    """
    sheet = _sheet(by, pk, SHEET_ANSWER)
    if sheet.objected_by_id == by.pk:
        raise MembershipError(Code.SAME_PERSON, _("提出异议的人不能自己答复"), hint=_("请由会计答复"))
    if abs(amount) > MOST or amount != amount.quantize(ZERO):
        raise MembershipError(
            Code.INVALID, _("更正金额最多 %(most)s 元，两位小数") % {"most": MOST}, "amount"
        )
    sheet.answer = _reason(reason)
    _move(by, sheet, "reply", ANSWERED, sheet.answer, amount=amount)
    if amount:
        SettlementCorrection.objects.create(sheet=sheet, amount=amount, reason=sheet.answer, made_by=by)
    return sheet


@transaction.atomic
def pay(by: Any, pk: int, reference: str, paid_on: date) -> SettlementSheet:
    """The money was sent: under which voucher, when. Not by whoever confirmed. The same voucher again: the same.

    Locks: the sheet. Raises OutOfScope, NotAllowed, SAME_PERSON, REQUIRED, INVALID, IllegalMove, LockTimeout.
    """
    sheet = _sheet(by, pk, SHEET_PAY)
    told = reference.strip()[:40]
    if sheet.state == SheetState.PAID and sheet.reference == told:
        return sheet
    if len(told) < SHORTEST:
        raise MembershipError(Code.REQUIRED, _("请填写付款凭证号"), "reference")
    if sheet.confirmed_by_id == by.pk:
        raise MembershipError(Code.SAME_PERSON, _("确认结算单的人不能登记付款"), hint=_("请由另一位会计登记"))
    if paid_on > today() or (sheet.confirmed_at is not None and paid_on < local(sheet.confirmed_at)):
        raise MembershipError(
            Code.INVALID, _("付款日期须在确认之后、今天或以前"), "paid_on", _("没有确认的结算单不能付款")
        )
    sheet.reference, sheet.paid_on, sheet.paid_by = told, paid_on, by
    _move(by, sheet, "pay", PAID, told)
    publish(
        SettlementPaid(sheet_id=sheet.pk, number=sheet.number, amount=sheet.amount), key=f"sheet:{sheet.pk}"
    )
    return sheet


def _sheet(by: Any, pk: int, right: str) -> SettlementSheet:
    """A sheet in reach that somebody may do this to, locked."""
    found = get_row(by, SettlementSheet, pk=pk)
    require(by, right, found)
    return lock_sheet(pk)


def _move(
    by: Any, sheet: SettlementSheet, step: str, action: audit.Action, why: str, **told: Any
) -> SettlementSheet:
    move_locked(sheet, step, actor=actor_label(by), reason=why)
    after = {"number": sheet.number, "state": str(sheet.state), "reason": why, **told}
    audit.record(action, sheet, after=after, actor=actor_label(by), org_path=sheet.unit.path)
    return sheet


def _reason(text: str) -> str:
    told = text.strip()[:200]
    if len(told) < SHORTEST:
        raise MembershipError(
            Code.REQUIRED, _("请写明事由（不少于 %(count)s 字）") % {"count": SHORTEST}, "reason"
        )
    return told
