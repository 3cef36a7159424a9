"""缴款: closed shifts become a slip, the slip a deposit, the deposit a movement of the float; each once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import OrgUnit, staff_of
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.numbering import next_number
from saleor_o2o.kernel.scope import get_row, require
from saleor_o2o.kernel.states import move

from ..denominations import read_counts, rows_of, worth_of
from ..error_codes import CounterErrorCode as Code
from ..errors import CounterError
from ..locks import lock_account, lock_remittance
from ..models import MovementKind, Remittance, RemittanceState, Shift, ShiftState
from ..numbers import REMITTANCE
from ..permissions import MAKE_REMITTANCE, VERIFY_REMITTANCE, require_at
from ..places import Place, float_of
from .floats import post
from .shift_reports import PAPERS

MADE = audit.action("remittance.made", _("制缴款单"))
SUBMITTED = audit.action("remittance.submitted", _("提交缴款单"))
CHECKED = audit.action("remittance.checked", _("核对缴款单"))
BOOKED = audit.action("remittance.booked", _("缴款入账"))
RETURNED = audit.action("remittance.returned", _("退回缴款单"))
PRINTED = audit.action("remittance.printed", _("打印缴款单"))


@dataclass(frozen=True, slots=True)
class RemittancePaper:
    """What stands on the printed slip. Amounts in yuan."""

    slip: Remittance
    shifts: list[Shift]
    counted: list[tuple[str, int, Decimal]]
    paper: str
    copy: int
    printed_at: Any


@transaction.atomic
def make_remittance(user: Any, unit: OrgUnit) -> Remittance:
    """Make a draft of all closed shifts of a unit that no slip has yet. Locks: the shifts, in primary-key order.

    Raises NotAllowed, CounterError: NOTHING_TO_REMIT, NO_FLOAT.
    """
    require_at(user, MAKE_REMITTANCE, unit)
    shifts = lock_rows(Shift.objects.filter(unit=unit, state=ShiftState.CLOSED, remittance=None))
    if not shifts:
        raise CounterError(
            Code.NOTHING_TO_REMIT,
            _("没有已交班、未缴款的班次"),
            hint=_("请先交班；差异待确认的班次确认后才能缴款"),
        )
    account = float_of(Place(unit))
    if account is None:
        raise CounterError(Code.NO_FLOAT, _("这个销售点没有备付金账户，请区县财务开户"))
    slip = Remittance.objects.create(
        number=next_number(REMITTANCE),
        unit=unit,
        account=account,
        expected=sum((shift.to_remit for shift in shifts), Decimal(0)),
        made_by=user,
    )
    Shift.objects.filter(pk__in=[shift.pk for shift in shifts]).update(remittance=slip)
    audit.record(
        MADE,
        slip,
        after={"expected": slip.expected, "shifts": [shift.number for shift in shifts]},
        org_path=unit.path,
    )
    return slip


def submit_remittance(
    user: Any, pk: int, counts: Mapping[str, Any], *, bank: str, reference: str, explanation: str = ""
) -> Remittance:
    """Enter what was counted and banked, and send the slip to the county; the same again changes nothing.

    Whoever sends a returned slip again becomes its maker. Locks: the slip. Raises OutOfScope, NotAllowed, IllegalMove,
    CounterError: COUNT_INVALID, REASON_REQUIRED (another sum than the shifts'), DEPOSIT_REQUIRED, DEPOSIT_USED.
    """
    try:
        with transaction.atomic():
            return _submit(
                user, pk, counts, bank.strip()[:60], reference.strip()[:40], explanation.strip()[:200]
            )
    except IntegrityError as error:
        if "o2o_counter_deposit_once" not in str(error):
            raise
        raise CounterError(
            Code.DEPOSIT_USED, _("这张存款回单已经登记在另一张缴款单上"), "reference"
        ) from error


def _submit(
    user: Any, pk: int, counts: Mapping[str, Any], bank: str, reference: str, explanation: str
) -> Remittance:
    found = get_row(user, Remittance, pk=pk)
    require(user, MAKE_REMITTANCE, found)
    pieces = read_counts(counts)
    slip = lock_remittance(found.pk)
    told = (pieces, bank, reference, explanation)
    if slip.state == RemittanceState.SUBMITTED and told == (
        slip.counts, slip.bank, slip.reference, slip.explanation,
    ):  # fmt: skip
        return slip
    amount = worth_of(pieces)
    if amount != slip.expected and not explanation:
        raise CounterError(Code.REASON_REQUIRED, _("实缴与班次应缴不一致，请填写差异说明"), "explanation")
    for name, value in (("bank", bank), ("reference", reference)):
        if amount and not value:
            raise CounterError(Code.DEPOSIT_REQUIRED, _("请填写存款银行和回单号"), name)
    move(slip, "submit")
    slip.counts, slip.amount, slip.made_by = pieces, amount, user
    slip.bank, slip.reference, slip.explanation = bank, reference, explanation
    slip.save(update_fields=["counts", "amount", "made_by", "bank", "reference", "explanation"])
    audit.record(
        SUBMITTED,
        slip,
        after={"expected": slip.expected, "amount": amount, "bank": bank, "reference": reference},
        org_path=slip.unit.path,
    )
    return slip


@transaction.atomic
def check_remittance(user: Any, pk: int) -> Remittance:
    """The county has compared slip, shifts and deposit. Locks: the slip.

    Raises OutOfScope, NotAllowed, IllegalMove, CounterError SAME_PERSON, OWN_PLACE.
    """
    slip = _verifiable(user, pk)
    move(slip, "verify", user_id=user.pk)
    audit.record(CHECKED, slip, after={"amount": slip.amount}, org_path=slip.unit.path)
    return slip


@transaction.atomic
def book_remittance(user: Any, pk: int) -> Remittance:
    """The bank has the money: the float moves by the slip's amount, once. Locks: the slip, then the account.

    A repetition is answered with the slip. Raises as `check_remittance`.
    """
    slip = _verifiable(user, pk)
    if slip.state == RemittanceState.BOOKED:
        return slip
    move(slip, "book", user_id=user.pk)
    if slip.amount:  # a day of cards alone hands no cash in
        slip.movement = post(
            lock_account(slip.account_id),
            MovementKind.REMIT,
            slip.amount,
            biz_type="remittance",
            biz_id=slip.number,
            operator=slip.made_by,
            confirmed_by=user,
            note=f"{slip.bank} {slip.reference}",
        )
        slip.save(update_fields=["movement"])
    audit.record(BOOKED, slip, after={"amount": slip.amount, "bank": slip.bank}, org_path=slip.unit.path)
    return slip


@transaction.atomic
def return_remittance(user: Any, pk: int, why: str) -> Remittance:
    """Send a slip back to the branch, with the reason. Locks: the slip.

    Raises as `check_remittance`, and CounterError REASON_REQUIRED.
    """
    slip = _verifiable(user, pk)
    if not why.strip():
        raise CounterError(Code.REASON_REQUIRED, _("请填写退回原因"), "why")
    move(slip, "send_back", why=why.strip()[:200], reason=why)
    audit.record(RETURNED, slip, after={"why": slip.return_reason}, org_path=slip.unit.path)
    return slip


@transaction.atomic
def print_remittance(user: Any, pk: int, paper: str = "a4") -> RemittancePaper:
    """Count one print and give what stands on it; it goes to the county with the bank's paper. Locks: the slip.

    Raises OutOfScope, CounterError NOT_COUNTED: a draft says nothing yet.
    """
    slip = lock_remittance(get_row(user, Remittance, pk=pk).pk)
    if slip.state == RemittanceState.DRAFT:
        raise CounterError(Code.NOT_COUNTED, _("清点并提交之后才能打印缴款单"))
    slip.prints += 1
    slip.save(update_fields=["prints"])
    chosen = paper if paper in PAPERS else PAPERS[-1]
    audit.record(PRINTED, slip, after={"copy": slip.prints, "paper": chosen}, org_path=slip.unit.path)
    shifts = list(slip.shifts.select_related("drawer", "clerk").order_by("pk"))
    return RemittancePaper(slip, shifts, rows_of(slip.counts), chosen, slip.prints, now())


def _verifiable(user: Any, pk: int) -> Remittance:
    found = get_row(user, Remittance, pk=pk)
    require(user, VERIFY_REMITTANCE, found)
    staff = staff_of(user)
    if staff is not None and staff.unit_id == found.unit_id and not user.is_superuser:
        raise CounterError(Code.OWN_PLACE, _("不能核对本机构自己的缴款单"), hint=_("请由上级机构财务办理"))
    slip = lock_remittance(found.pk)
    if slip.made_by_id == user.pk:
        raise CounterError(Code.SAME_PERSON, _("制单人不能核对自己的缴款单，须由另一人办理"))
    return slip
