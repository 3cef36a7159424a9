"""Our deposits at suppliers: asked by a job, kept, told when they run low; and no hold that they do not cover (0140).

Suppliers are asked outside transactions. What they say is written under the row's lock.
"""

from __future__ import annotations

import logging
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import NotAllowed
from saleor_o2o.kernel.sweeping import sum_each

from ..access import SUPPLIER_EDIT, may_for_city
from ..choices import CallState, OrderState
from ..errors import TicketError
from ..errors import TicketErrorCode as Code
from ..events import DepositLow
from ..models import DepositReading, SupplierAccount, SupplierCall, SupplierDeposit, Ticket
from ..ports import NO_DEPOSIT, LockAsk, Prepaid, SupplierRefused, SupplierSilent, supplier_of

logger = logging.getLogger(__name__)
SET = audit.action("ticketing.deposit_alarm_set", _("设置预存款提醒"))
ZERO = Decimal("0.00")
#: What a supplier has promised us and not taken its money for yet.
_NOT_PAID_FOR = (OrderState.HELD, OrderState.PAID, OrderState.ISSUING)


def prepaid_of(account: SupplierAccount) -> Prepaid | None:
    """The adapter of an account that is paid from a deposit; None for others."""
    try:
        adapter = supplier_of(account.adapter)
    except LookupError:
        return None
    return adapter if isinstance(adapter, Prepaid) else None


def look(account: SupplierAccount) -> SupplierDeposit | None:
    """Ask what is left and keep it; None where there is no deposit. A supplier that does not say keeps what it said.

    Call outside transactions. Locks: the deposit.
    """
    adapter = prepaid_of(account)
    if adapter is None:
        return None
    try:
        return keep(account, adapter.balance())
    except (SupplierRefused, SupplierSilent) as error:
        words = str(error.words)[:200]
        logger.warning("deposit at %s: %s", account.code, words)
        with transaction.atomic():
            row = _locked(account)
            row.trouble = words
            row.save(update_fields=["trouble"])
        return row


def look_all() -> int:
    """Ask every supplier in use that has a deposit of ours; how many said what is left."""

    def told(account: SupplierAccount) -> bool:
        row = look(account)
        return row is not None and not row.trouble

    # an answer that breaks our own code, or somebody at the row: the others are asked
    return sum_each(SupplierAccount.objects.filter(active=True).order_by("pk"), told, "deposit")


@transaction.atomic
def keep(account: SupplierAccount, amount: Decimal, *, refused: bool = False) -> SupplierDeposit:
    """Write what is left, and tell people once when it has become too little. Locks: the deposit."""
    row = _locked(account)
    moment = now()
    if row.amount != amount:
        DepositReading.objects.create(supplier=account, amount=amount, at=moment)
    risen = row.amount is not None and amount > row.amount
    row.amount, row.asked_at, row.trouble = amount, moment, ""
    if refused:
        row.refused_at = moment
    _alarm(row, refused=refused, risen=risen)
    row.save()
    return row


@transaction.atomic
def refused_for_it(account: SupplierAccount) -> None:
    """A supplier said that our deposit does not cover something; the job asks what is left. Locks: the deposit."""
    row = _locked(account)
    row.refused_at = now()
    _alarm(row, refused=True)
    row.save()


def set_alarm(
    by: Any, account: SupplierAccount, *, alarm_below: Decimal, check_first: bool
) -> SupplierDeposit:
    """From how little on people are told, and whether each hold is asked about first. Locks: the deposit.

    Raises NotAllowed; TicketError NOT_POSSIBLE for a supplier without a deposit, AMOUNT_INVALID.
    """
    if not may_for_city(by, SUPPLIER_EDIT):
        raise NotAllowed
    if prepaid_of(account) is None:
        raise TicketError(Code.NOT_POSSIBLE, _("这家供应商没有预存款接口"))
    if not ZERO <= alarm_below < Decimal(10**9):
        raise TicketError(Code.AMOUNT_INVALID, _("提醒金额不正确"), "alarm_below")
    with transaction.atomic():
        row = _locked(account)
        row.alarm_below, row.check_first, row.set_by = alarm_below, check_first, by
        _alarm(row)
        row.save()
        told = {"alarm_below": str(alarm_below), "check_first": check_first}
        audit.record(SET, account, after=told, actor=actor_label(by))
    return row


def _alarm(row: SupplierDeposit, *, refused: bool = False, risen: bool = False) -> None:
    """Too little: below what people want, or what something was refused for and has not risen since."""
    since = row.low_since
    was_refused = since is not None and row.refused_at is not None and row.refused_at >= since and not risen
    low = refused or was_refused or (row.amount is not None and row.amount < row.alarm_below)
    if not low:
        row.low_since = None
        return
    if row.low_since is not None:
        return
    row.low_since = (row.refused_at if refused else None) or now()
    logger.error("deposit at %s is low: %s", row.supplier.code, row.amount)
    publish(
        DepositLow(
            supplier=row.supplier.code, amount=str(row.amount) if row.amount is not None else "",
            alarm_below=str(row.alarm_below),
        ),
        key=f"ticket_supplier:{row.supplier_id}",
    )  # fmt: skip


def _locked(account: SupplierAccount) -> SupplierDeposit:
    SupplierDeposit.objects.get_or_create(supplier=account)
    [row] = lock_rows(SupplierDeposit.objects.select_related("supplier").filter(supplier=account))
    return row


def owed_for(account: SupplierAccount) -> Decimal:
    """What its holds and paid orders that it has not issued yet will take of the deposit; yuan."""
    rows = Ticket.objects.filter(ticket_order__supplier=account, ticket_order__state__in=_NOT_PAID_FOR)
    told: Decimal | None = rows.aggregate(sum=Sum("cost"))["sum"]
    return told or ZERO


def cost_of(ask: LockAsk) -> Decimal:
    """What a hold will take of the deposit once it is issued; yuan."""
    return sum((unit.price for unit in ask.units), ZERO)


def refusal_before(call: SupplierCall, ask: LockAsk) -> tuple[str, str] | None:
    """Code and words of a hold that must not be asked for: after the payment it would certainly not be issued.

    A supplier is asked (order.check) where every hold is to be, or where its deposit as it was told last does not cover
    what is promised already and this. It costs nothing where the deposit is large. Silence is no refusal. None: ask.
    Call outside transactions. Locks: the deposit.
    """
    account = call.supplier
    adapter = prepaid_of(account)
    if adapter is None:
        return None
    row = SupplierDeposit.objects.filter(supplier=account).first()
    if row is None:
        return None
    # of a paid order that lost its hold, the cost is among what is owed already
    own = ZERO if call.ticket_order.state == OrderState.PAID else cost_of(ask)
    needed = owed_for(account) + own
    if not row.check_first and (row.amount is None or row.amount >= needed):
        return None
    try:
        left = adapter.check(ask)
    except SupplierRefused as refusal:
        return refusal.code[:40], str(refusal.words)[:200]
    except SupplierSilent:
        return None
    if left >= needed:
        keep(account, left)
        return None
    keep(account, left, refused=True)
    told = {"left": left, "needed": needed}
    return NO_DEPOSIT, _("预存款余额 %(left)s 元，不够支付已占和本单的 %(needed)s 元") % told


def note_refusal(call: SupplierCall, state: str, code: str) -> None:
    """A call was refused because of our deposit: people are told, whatever the figure of before was."""
    if state == CallState.REFUSED and code == NO_DEPOSIT:
        refused_for_it(call.supplier)
