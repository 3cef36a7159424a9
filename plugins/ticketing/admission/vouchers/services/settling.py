"""Settlement T+N: terms are kept, sheets of finished periods are made, confirmed, and marked as paid."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import may_at
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now, today
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.numbering import next_number
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import NotAllowed, get_row, require
from saleor_o2o.kernel.states import move_locked

from ...candidates import OWN
from ...choices import ProductKind
from ...models import Redemption, SettlementItem, SettlementSheet, SettlementTerm
from ..access import SETTLE
from ..choices import SettleCycle, SheetState
from ..errors import VoucherError
from ..errors import VoucherErrorCode as Code
from ..numbers import SHEET

logger = logging.getLogger(__name__)
TERM_SET = audit.action("ticketing.settlement_term_set", _("设置结算约定"))
CONFIRMED = audit.action("ticketing.settlement_confirmed", _("确认结算单"))
PAID = audit.action("ticketing.settlement_paid", _("登记结算付款"))
ZERO = Decimal("0.00")
MOST_DAYS = 180
#: Periods of one payee that one run catches up with.
RUN = 62


def set_term(
    by: Any, unit: Any, *, cycle: str, days: int, reason: str, supplier: Any = None, spot: Any = None, venue: Any = None
) -> SettlementTerm:  # fmt: skip
    """Say how a payee is settled with, or otherwise from now on. Raises NotAllowed, INVALID, REQUIRED, ALREADY."""
    if not may_at(by, SETTLE, unit):
        raise NotAllowed
    chosen = {"supplier": supplier, "spot": spot, "venue": venue}
    named = {name: one for name, one in chosen.items() if one is not None}
    if len(named) != 1:
        raise VoucherError(Code.INVALID, _("请选择供应商、景区、场馆之一"), "supplier")
    if supplier is not None and supplier.adapter == OWN:
        raise VoucherError(Code.INVALID, _("自营票库请按景区或场馆结算"), "supplier")
    if cycle not in SettleCycle.values or not 0 <= days <= MOST_DAYS:
        raise VoucherError(Code.INVALID, _("期后天数应为 0 到 %(most)d") % {"most": MOST_DAYS}, "days")
    if len(reason.strip()) < 2:
        raise VoucherError(Code.REQUIRED, _("请写明依据，例如合同号"), "reason")
    told = {"cycle": cycle, "days": days, "reason": reason.strip()[:200], "made_by": by, "made_at": now()}
    try:
        with transaction.atomic():
            found = next(iter(lock_rows(SettlementTerm.objects.filter(**named))), None)
            if found is not None and found.unit_id != unit.pk:
                raise VoucherError(Code.ALREADY, _("该收款方已由别的机构结算"), hint=_("请联系该机构"))
            term = found or SettlementTerm(unit=unit, **named)
            for name, value in told.items():
                setattr(term, name, value)
            term.save()
            audit.record(TERM_SET, term, after={"cycle": cycle, "days": days}, actor=actor_label(by))
    except IntegrityError:
        raise VoucherError(Code.ALREADY, _("该收款方刚刚被别人设置"), hint=_("请刷新后再试")) from None
    return term


def make_sheets(day: date | None = None) -> int:
    """Sheets of all periods whose T+N has come; returns how many. Twice changes nothing. Locks: term by term."""
    made = 0
    for pk in list(SettlementTerm.objects.order_by("pk").values_list("pk", flat=True)):
        try:
            for _period in range(RUN):
                if not _make_next(pk, day or today()):
                    break
                made += 1
        except Exception:  # the other payees do not wait for one
            logger.exception("settling with payee %s", pk)
    return made


def period_of(cycle: str, day: date) -> tuple[date, date]:
    """The first and the last day of the period that a day is in."""
    if cycle == SettleCycle.WEEK:
        first = day - timedelta(days=day.weekday())
        return first, first + timedelta(days=6)
    if cycle == SettleCycle.MONTH:
        first = day.replace(day=1)
        return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return day, day


@transaction.atomic
def _make_next(pk: int, moment: date) -> bool:
    """The next sheet of a term: of the oldest period that has rows and is due. False where there is none."""
    [term] = lock_rows(SettlementTerm.objects.filter(pk=pk).select_related("unit"))
    waiting = rows_of_payee(term).filter(settled=None)
    before = (
        SettlementSheet.objects.filter(term=term).order_by("-last").values_list("last", flat=True).first()
    )
    oldest = waiting.order_by("day").values_list("day", flat=True).first()
    if oldest is None:
        return False
    # what came to be known late is on the sheet after the last one
    first, last = period_of(term.cycle, max(oldest, before + timedelta(days=1)) if before else oldest)
    if before is not None:
        first = max(first, before + timedelta(days=1))
    due = last + timedelta(days=term.days)
    if last >= moment or due > moment:
        return False
    rows = list(
        waiting.filter(day__lte=last).order_by("pk").values_list("pk", "day", "quantity", "cost", "revenue")
    )
    sheet = SettlementSheet.objects.create(
        number=next_number(SHEET), term=term, unit=term.unit, first=first, last=last, due_on=due,
        quantity=sum(one[2] for one in rows), cost=sum((one[3] for one in rows), ZERO),
        adjusted=sum((one[3] for one in rows if one[1] < first), ZERO),
        revenue=sum((one[4] for one in rows), ZERO),
    )  # fmt: skip
    SettlementItem.objects.bulk_create(
        (SettlementItem(sheet=sheet, redemption_id=one[0]) for one in rows), batch_size=2000
    )
    return True


def rows_of_payee(term: SettlementTerm) -> QuerySet[Redemption]:
    """The rows for which a payee is owed: a supplier's, or those of our own inventory at a place. Of combined tickets a
    place gets what was visited there; what nobody visited is the product's own place's."""
    if term.supplier_id is not None:
        return Redemption.objects.filter(supplier=term.supplier_id)
    own = Redemption.objects.filter(Q(supplier=None) | Q(supplier__adapter=OWN))
    if term.venue_id is not None:
        return own.filter(product__venue=term.venue_id)
    combo = Q(product__kind=ProductKind.COMBO)
    here = Q(product__spot=term.spot_id)
    return own.filter((here & ~combo) | (combo & Q(gate__spot=term.spot_id)) | (combo & here & Q(gate=None)))


def lines_of(sheet: SettlementSheet) -> Sequence[tuple[Any, ...]]:
    """Product, class, kind, visits, cost and revenue of a sheet, summed."""
    names = ("product__name", "ticket_class__name", "kind")
    rows = Redemption.objects.filter(settled__sheet=sheet).order_by(*names).values_list(*names)
    return list(rows.annotate(Sum("quantity"), Sum("cost"), Sum("revenue")))


def confirm(by: Any, pk: int) -> SettlementSheet:
    """Both sides agree. Locks: the sheet. Raises OutOfScope, NotAllowed, STATE, LockTimeout."""
    with transaction.atomic():
        sheet = _locked(by, pk, SheetState.OPEN)
        sheet.confirmed_by = by
        move_locked(sheet, "confirm", actor=actor_label(by))
        audit.record(
            CONFIRMED, sheet, after={"cost": f"{sheet.cost:.2f}"}, actor=actor_label(by), org_path=sheet.unit.path
        )  # fmt: skip
    return sheet


def mark_paid(by: Any, pk: int, paid_on: date, reference: str) -> SettlementSheet:
    """The bank has paid it, by another person than who confirmed. No money moves here. Locks: the sheet.

    Raises OutOfScope, NotAllowed, STATE, SAME_PERSON, INVALID, REQUIRED, LockTimeout.
    """
    told = reference.strip()[:64]
    if not told:
        raise VoucherError(Code.REQUIRED, _("请填写银行流水号"), "reference")
    if paid_on > today():
        raise VoucherError(Code.INVALID, _("付款日不能晚于今天"), "paid_on")
    with transaction.atomic():
        sheet = _locked(by, pk, SheetState.CONFIRMED)
        if sheet.confirmed_by_id == by.pk:
            raise VoucherError(
                Code.SAME_PERSON, _("不能登记本人确认的结算单的付款"), hint=_("请由另一位同事登记")
            )
        if paid_on <= sheet.last:
            raise VoucherError(
                Code.INVALID, _("付款日须晚于结算期的最后一天（%(day)s）") % {"day": sheet.last}, "paid_on"
            )
        sheet.paid_by, sheet.paid_on, sheet.reference = by, paid_on, told
        move_locked(sheet, "pay", actor=actor_label(by))
        audit.record(
            PAID, sheet, after={"cost": f"{sheet.cost:.2f}", "paid_on": str(paid_on)}, actor=actor_label(by),
            org_path=sheet.unit.path,
        )  # fmt: skip
    return sheet


def _locked(by: Any, pk: int, state: SheetState) -> SettlementSheet:
    rows = SettlementSheet.objects.select_related("unit")
    found = get_row(by, rows, pk=pk)
    require(by, SETTLE, found)
    [sheet] = lock_rows(rows.filter(pk=pk))
    if sheet.state != state:
        raise VoucherError(
            Code.STATE,
            _("结算单现在是“%(state)s”") % {"state": sheet.get_state_display()},
            hint=_("请刷新后再看"),
        )
    return sheet
