"""What suppliers pay us for selling (代理费): rates by two persons, booked with every ticket, given back with it.

The fee lines are the ledger: on the supplier's side, since what it pays us is less that we owe it. Statements name them
by kinds of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q, Sum
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import SHANGHAI, today
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.money import round_yuan
from saleor_o2o.kernel.states import move

from ..access import SETTLE, SUPPLIER_EDIT, may_for_city
from ..choices import INSURANCE, AgencyMode, FeeItem, RuleState, Side
from ..errors import TicketError
from ..errors import TicketErrorCode as Code
from ..legs import leg_of, with_segments
from ..models import AgencyRate, FeeLine, SupplierAccount, Ticket, TicketOrder
from ..parts import fare_of
from ..ports import own_adapters
from ..trades import sold_as
from .days import refuse_far
from .paid import ZERO, portion
from .rules import reason_of

SUBMITTED = audit.action("ticketing.agency_rate.submitted", _("提交代理费率"))
PUBLISHED = audit.action("ticketing.agency_rate.published", _("发布代理费率"))
REFUSED = audit.action("ticketing.agency_rate.refused", _("驳回代理费率"))
WITHDRAWN = audit.action("ticketing.agency_rate.withdrawn", _("撤回代理费率"))


# -- booking ---------------------------------------------------------------------------


def earned(order: TicketOrder, tickets: Sequence[Ticket], reference: str) -> list[FeeLine]:
    """What the supplier pays for tickets of an order, by the rates of the day it was made; not saved. One statement."""
    day = order.made_at.astimezone(SHANGHAI).date()
    rates = {
        one.key: one
        for one in AgencyRate.objects.filter(
            Q(valid_to=None) | Q(valid_to__gte=day), supplier=order.supplier_id, state=RuleState.PUBLISHED,
            valid_from__lte=day,
        )
    }  # fmt: skip
    if not rates:
        return []
    found = []
    for one in with_segments(tickets):
        rate = rates.get(leg_of(one).key) or rates.get("")
        amount = amount_of(rate, one) if rate is not None else ZERO
        if amount:
            found.append(_line(one, FeeItem.AGENCY, -amount, reference))
    return found


def amount_of(rate: AgencyRate, ticket: Ticket) -> Decimal:
    """What a ticket earns by a rate, in yuan: never more than its face value, nothing for one that costs nothing."""
    if rate.mode == AgencyMode.PERCENT:
        return round_yuan(fare_of(ticket) * rate.value / 100)
    return min(rate.value, ticket.face)


def given_back(quantities: Iterable[tuple[Ticket, int]], reference: str) -> list[FeeLine]:
    """What goes back to the supplier with tickets (and how many of their people), before `Ticket.back` is moved; not
    saved. One statement."""
    going = list(quantities)
    booked = dict(
        FeeLine.objects.filter(ticket__in=[one for one, _count in going], item=FeeItem.AGENCY)
        .order_by().values_list("ticket").annotate(Sum("amount"))
    )  # fmt: skip
    found = []
    for ticket, count in going:
        share = portion(-booked.get(ticket.pk, ZERO), ticket, count)
        if share:
            found.append(_line(ticket, FeeItem.AGENCY_BACK, share, reference))
    return found


def _line(ticket: Ticket, item: FeeItem, amount: Decimal, reference: str) -> FeeLine:
    return FeeLine(ticket=ticket, side=Side.SUPPLIER, item=item, amount=amount, reference=reference)


# -- rates -----------------------------------------------------------------------------


@transaction.atomic
def submit(
    user: Any,
    supplier: SupplierAccount,
    *,
    key: str,
    mode: str,
    value: Decimal,
    valid_from: date,
    reason: str,
) -> AgencyRate:
    """Submit a rate. Raises TicketError NOT_ALLOWED, INVALID_INPUT, TOO_LATE."""
    _require(user, SUPPLIER_EDIT)
    key = " ".join(key.split())[:60]
    _check(supplier, key, mode, value, valid_from)
    row = AgencyRate.objects.create(
        supplier=supplier, key=key, mode=mode, value=value, valid_from=valid_from,
        reason=reason_of(reason), made_by=user,
    )  # fmt: skip
    audit.record(SUBMITTED, row, after=_told(row))
    return row


def _check(supplier: SupplierAccount, key: str, mode: str, value: Decimal, valid_from: date) -> None:
    if supplier.trade == INSURANCE:
        raise TicketError(
            Code.INVALID_INPUT, _("保险公司的所得在保险产品里设置"), "supplier", _("请选择售票的供应商")
        )
    if supplier.adapter in own_adapters():
        raise TicketError(Code.INVALID_INPUT, _("自营的票没有代理费"), "supplier", _("请选择售票的供应商"))
    if key and sold_as(supplier.trade, key) == "":  # it would earn nothing, and nobody would hear of it
        raise TicketError(
            Code.INVALID_INPUT, _("没有这个产品（线路）：%(key)s") % {"key": key}, "key",
            _("汽车票填 coach:线路代码，门票填 product:产品编号，演出填 session:场次编号"),
        )  # fmt: skip
    if not value.is_finite() or value < 0 or round_yuan(value) != value:
        raise TicketError(Code.INVALID_INPUT, _("数值须不小于 0，最多两位小数"), "value")
    if mode == AgencyMode.PERCENT and value > 100:
        raise TicketError(Code.INVALID_INPUT, _("比例不超过 100%"), "value")
    refuse_far(valid_from, "valid_from")
    if valid_from <= today():
        raise TicketError(
            Code.TOO_LATE, _("生效日期最早为明天"), "valid_from", _("今天卖出的票已按现行费率入账")
        )


@transaction.atomic
def publish(user: Any, row: AgencyRate, note: str = "") -> AgencyRate:
    """Let a rate count from its first day; never by whoever submitted it. The one before it ends the day before.

    Locks: the supplier, the rate. Raises TicketError NOT_ALLOWED, SAME_PERSON, TOO_LATE, OVERLAP; IllegalMove when it
    was decided before; LockTimeout.
    """
    _require(user, SETTLE)
    lock_rows(SupplierAccount.objects.filter(pk=row.supplier_id))
    row = lock_rows(AgencyRate.objects.filter(pk=row.pk))[0]
    if row.made_by_id == user.pk:
        raise TicketError(Code.SAME_PERSON, _("不能复核自己提交的费率"), hint=_("请由另一位对账人员复核"))
    if row.valid_from <= today():
        raise TicketError(
            Code.TOO_LATE, _("生效日期已过，不能发布"), "valid_from", _("请驳回后按新的日期重新提交")
        )
    same = AgencyRate.objects.filter(supplier=row.supplier_id, key=row.key, state=RuleState.PUBLISHED)
    if same.filter(valid_from__gte=row.valid_from).exists():
        raise TicketError(
            Code.OVERLAP, _("同一范围在这一天或以后已有发布的费率"), "valid_from", _("请选择更晚的日期")
        )
    same.filter(Q(valid_to=None) | Q(valid_to__gte=row.valid_from)).update(
        valid_to=row.valid_from - timedelta(days=1)
    )
    move(row, "publish", user=user, note=note.strip()[:200])
    audit.record(PUBLISHED, row, after=_told(row))
    return row


@transaction.atomic
def refuse(user: Any, row: AgencyRate, note: str) -> AgencyRate:
    """Decline, with a reason. Raises TicketError NOT_ALLOWED, SAME_PERSON, INVALID_INPUT; IllegalMove."""
    _require(user, SETTLE)
    if row.made_by_id == user.pk:
        raise TicketError(Code.SAME_PERSON, _("自己提交的费率请撤回"))
    move(row, "refuse", user=user, note=reason_of(note, "note"))
    audit.record(REFUSED, row, after={**_told(row), "note": row.note})
    return row


@transaction.atomic
def withdraw(user: Any, row: AgencyRate) -> AgencyRate:
    """Take one's own back. Raises TicketError NOT_ALLOWED, IllegalMove."""
    if row.made_by_id != user.pk:
        raise TicketError(Code.NOT_ALLOWED, _("只能撤回自己提交的费率"))
    move(row, "withdraw", user=user, note="")
    audit.record(WITHDRAWN, row, after=_told(row))
    return row


def _require(user: Any, permission: str) -> None:
    if not may_for_city(user, permission):
        raise TicketError(Code.NOT_ALLOWED, _("您没有设置全市代理费的权限"))


def _told(row: AgencyRate) -> Mapping[str, Any]:
    return {
        "supplier": row.supplier.code, "key": row.key, "mode": row.mode, "value": row.value,
        "valid_from": row.valid_from, "reason": row.reason,
    }  # fmt: skip
