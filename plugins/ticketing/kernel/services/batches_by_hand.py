"""A refund of whole sessions that people begin: seen first what it comes to; over a limit a second person agrees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Count, Max, Q
from django.utils.translation import gettext as _

from plugins.org_hierarchy.interfaces import OrgError, OrgErrorCode, OrgUnit, require_limit
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import midnight, now
from saleor_o2o.kernel.locks import advisory_lock, lock_rows
from saleor_o2o.kernel.money import round_yuan
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import NotAllowed, get_row

from ..access import BATCH, may_for_city
from ..choices import BatchState, OrderState
from ..errors import TicketError
from ..errors import TicketErrorCode as Code
from ..legs import column
from ..locks import TicketLock
from ..models import RefundBatch, Ticket
from .batches import has_left, later, refund_all
from .days import refuse_far
from .refunding import LIVE
from .sold_on import DUE, due_on

AGREED = audit.action("ticketing.refund_batch_decided", _("复核批量退票"))
#: Days and sessions that are looked at together at most.
DAYS, MOST = 62, 200
#: Nothing was sold before.
OLDEST = 2000
#: Batches that have not come to their end.
OPEN = (BatchState.PENDING, BatchState.RUNNING)


@dataclass(frozen=True, slots=True)
class Session:
    """A session or shift that people have tickets of. `due`: what its live tickets cost, in yuan (what coupons took off
    is not given back); `waiting`: orders that are paid and have no tickets yet, taken once they have; `batch`: what
    gives it back already, in words."""

    trade: str
    key: str
    starts_at: datetime
    title: str
    orders: int
    tickets: int
    due: Decimal
    waiting: int
    batch: str = ""

    @property
    def name(self) -> str:
        """Names it in a form."""
        return f"{self.trade}|{self.key}|{self.starts_at.isoformat()}"


def sessions_of(trade: str, first: date, last: date, words: str = "") -> list[Session]:
    """Sessions of a trade that begin on these days (both inside), with what giving all back comes to. Three statements.

    `words`: a part of the title or of the product's key. One more than `MOST` tells that there are more. Raises
    TicketError INVALID_INPUT.
    """
    refuse_far(last, "last")
    if last < first or (last - first).days >= DAYS:
        raise TicketError(
            Code.INVALID_INPUT, _("日期须从早到晚，范围最多 %(days)d 天") % {"days": DAYS}, "last"
        )
    if first.year < OLDEST:
        raise TicketError(Code.INVALID_INPUT, _("日期太早"), "first", _("请核对年份"))
    of = Q(
        ticket_order__trade=trade, leaves__gte=midnight(first), leaves__lt=midnight(last + timedelta(days=1))
    )
    if words.strip():
        text = words.strip()[:60]
        of &= Q(called__icontains=text) | Q(trip__icontains=text)
    tickets = Ticket.objects.annotate(
        trip=column("key"), leaves=column("starts_at"), called=column("title")
    ).filter(of)
    rows = (
        tickets.filter(ticket_order__state=OrderState.ISSUED, state__in=LIVE)
        .order_by("leaves", "trip")
        .values("trip", "leaves")
        .annotate(
            title=Max("called"), orders=Count("ticket_order", distinct=True), tickets=Count("pk"),
            due=DUE,
        )[: MOST + 1]
    )  # fmt: skip
    waiting = {
        (row["trip"], row["leaves"]): row["count"]
        for row in tickets.filter(ticket_order__state__in=(OrderState.PAID, OrderState.ISSUING))
        .order_by().values("trip", "leaves").annotate(count=Count("ticket_order", distinct=True))
    }  # fmt: skip
    begun = _begun(trade, [row["leaves"] for row in rows])
    return [
        Session(
            trade, row["trip"], row["leaves"], row["title"], row["orders"], row["tickets"], round_yuan(row["due"]),
            waiting.get((row["trip"], row["leaves"]), 0), begun.get((row["trip"], row["leaves"]), ""),
        )
        for row in rows
    ]  # fmt: skip


def _begun(trade: str, moments: Sequence[datetime]) -> dict[tuple[str, datetime], str]:
    """What gives trips that begin at these moments back already, in words, by the trip. One statement."""
    rows = RefundBatch.objects.filter(trade=trade, state__in=OPEN, starts_at__in=moments).order_by("pk")
    return {(one.key, one.starts_at): f"{one.get_state_display()} {one.number}" for one in rows}


def begin(by: Any, key: str, chosen: Sequence[Session], reason: str, expected: Decimal) -> list[RefundBatch]:
    """Give back all tickets of these sessions; a batch for each. The same key again: the same batches. What is in a
    batch that waits or runs is refused: that one takes all that is sold meanwhile, too.

    `expected`: what all of them were shown to come to together; dearer now is refused. Where that is over the person's
    limit for refunds they wait for somebody else (`agree`). Raises NotAllowed (it takes a reach over the whole city),
    TicketError INVALID_INPUT, QUOTE_CHANGED, CHANGED_MEANWHILE, KEY_INVALID, KEY_REUSED; LockTimeout. Locks: whoever
    else begins one.
    """
    if not may_for_city(by, BATCH):
        raise NotAllowed
    if not chosen:
        raise TicketError(Code.INVALID_INPUT, _("请选择要退的场次（班次）"), "sessions")
    if len(reason.strip()) < 2:
        raise TicketError(Code.INVALID_INPUT, _("请写明事由"), "reason")
    with transaction.atomic():
        advisory_lock(TicketLock.BATCH)
        return _begin(by, key, chosen, reason, expected)


def _begin(by: Any, key: str, chosen: Sequence[Session], reason: str, expected: Decimal) -> list[RefundBatch]:
    total = sum((one.due for one in chosen), Decimal(0))
    known = list(RefundBatch.objects.filter(request_key__startswith=f"{key}:").order_by("pk"))
    if known:
        wanted = {(one.trade, one.key, one.starts_at) for one in chosen}
        if wanted != {(one.trade, one.key, one.starts_at) for one in known}:
            raise TicketError(
                Code.KEY_REUSED, _("该请求号已用于另一批退票"), "key", _("请返回列表核对后重新发起")
            )
        return known
    begun = _begun(chosen[0].trade, [one.starts_at for one in chosen])
    there = next((one for one in chosen if (one.key, one.starts_at) in begun), None)
    if there is not None:
        told = {"title": there.title, "batch": begun[there.key, there.starts_at]}
        raise TicketError(
            Code.CHANGED_MEANWHILE, _("%(title)s 已在批量退票中（%(batch)s）") % told, "sessions",
            _("请去掉这个场次（班次）；待复核的，请复核那一批"),
        )  # fmt: skip
    done = next((one for one in chosen if not has_left(one.trade, one.key, one.starts_at)), None)
    if done is not None:
        raise TicketError(
            Code.CHANGED_MEANWHILE, _("%(title)s 已没有要退的票") % {"title": done.title}, "sessions",
            _("请去掉这个场次（班次）"),
        )  # fmt: skip
    if total > expected:
        raise TicketError(
            Code.QUOTE_CHANGED,
            _("票款合计刚刚变为 %(total)s 元") % {"total": total},
            "sessions",
            _("请核对后再提交"),
        )
    city = OrgUnit.objects.filter(parent__isnull=True)[0]
    state = BatchState.RUNNING if _within(by, total, city) else BatchState.PENDING
    return [
        refund_all(
            by, f"{key}:{position}", trade=one.trade, product=one.key, starts_at=one.starts_at, unit=city,
            reason=reason, due=one.due, state=state,
        )
        for position, one in enumerate(sorted(chosen, key=lambda one: one.name))
    ]  # fmt: skip


def _within(by: Any, amount: Decimal, unit: OrgUnit) -> bool:
    try:
        require_limit(by, "refund", amount, unit)
    except OrgError as refusal:
        if refusal.code != OrgErrorCode.LIMIT_EXCEEDED:
            raise
        return False
    return True


@transaction.atomic
def agree(by: Any, pk: int, *, yes: bool, why: str = "") -> RefundBatch:
    """Somebody else lets a batch run, within his limit for what it comes to by then, or refuses it with a reason.

    Locks: the batch. Raises OutOfScope, NotAllowed, TicketError SAME_PERSON, CHANGED_MEANWHILE, INVALID_INPUT; OrgError
    LIMIT_EXCEEDED.
    """
    found = get_row(by, RefundBatch, pk=pk)
    if not may_for_city(by, BATCH):
        raise NotAllowed
    row = lock_rows(RefundBatch.objects.select_related("unit").filter(pk=found.pk))[0]
    if row.state != BatchState.PENDING:
        told = {"state": row.get_state_display()}
        raise TicketError(
            Code.CHANGED_MEANWHILE,
            _("这批退票已经不用复核（%(state)s）") % told,
            hint=row.why or _("请刷新后查看"),
        )
    if row.asked_by_id == by.pk:
        raise TicketError(Code.SAME_PERSON, _("不能复核自己发起的批量退票"), hint=_("请由其他人员复核"))
    if yes:
        # what was sold while it waited goes back with it
        row.due = max(row.due or Decimal(0), due_on(row.trade, row.key, row.starts_at))
        require_limit(by, "refund", row.due, row.unit)
    elif len(why.strip()) < 2:
        raise TicketError(Code.INVALID_INPUT, _("请写明理由"), "why")
    row.state, row.decided_by, row.why = (
        BatchState.RUNNING if yes else BatchState.REFUSED,
        by,
        why.strip()[:200],
    )
    row.done_at = None if yes else now()
    row.save(update_fields=["state", "decided_by", "why", "done_at", "due"])
    audit.record(
        AGREED, row, after={"number": row.number, "yes": yes, "due": row.due, "why": row.why}, actor=actor_label(by),
        org_path=row.unit.path,
    )  # fmt: skip
    if yes:
        transaction.on_commit(partial(later, row.pk))
    return row
