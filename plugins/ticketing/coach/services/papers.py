"""Paper tickets: taken in as ranges, handed to clerks, printed on, spoilt, handed in, and counted at a shift's end.

The stock is that of all trades (`kernel.papers`): coach tickets are printed here, others by their own trade's pages.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import OrgUnit, desk_of, may_at
from plugins.ticketing.kernel.access import SELL
from plugins.ticketing.kernel.choices import TicketState, Trade
from plugins.ticketing.kernel.models import Ticket
from plugins.ticketing.kernel.papers import Sheet, sheet_ended
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import SHANGHAI, midnight, now, today
from saleor_o2o.kernel.errors import Text
from saleor_o2o.kernel.locks import advisory_lock, lock_rows
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope, get_row, require

from ..access import PAPER_PRINT, PAPER_STOCK
from ..choices import PaperState, SheetState
from ..errors import CoachError
from ..errors import CoachErrorCode as Code
from ..locks import CoachLock, lock_ranges, lock_sheets
from ..models import PaperCount, PaperRange, PaperSheet
from .reasons import reason_of

TAKEN_IN = audit.action("coach.paper_taken_in", _("纸票入库"))
GIVEN = audit.action("coach.paper_given", _("发放纸票"))
GIVEN_BACK = audit.action("coach.paper_given_back", _("退回纸票"))
PRINTED = audit.action("coach.paper_printed", _("打印纸票"))
SPOILT = audit.action("coach.paper_spoilt", _("作废纸票"))
HANDED_IN = audit.action("coach.paper_handed_in", _("收回纸票"))
COUNTED = audit.action("coach.paper_counted", _("清点纸票"))
SETTLED = audit.action("coach.paper_count_settled", _("处理纸票清点差异"))
MOST = 10_000
_SERIES = re.compile(r"[A-Z0-9]{0,6}")
#: Tickets that may lie on paper.
PRINTABLE = (TicketState.ISSUED, TicketState.USED, TicketState.PART_USED)


@transaction.atomic
def take_in(by: Any, unit: OrgUnit, series: str, first: int, last: int) -> PaperRange:
    """New sheets come to a unit. Raises NotAllowed, CoachError INVALID_INPUT for numbers that somebody has."""
    if not may_at(by, PAPER_STOCK, unit):
        raise NotAllowed
    told = series.strip().upper()
    if not _SERIES.fullmatch(told):
        raise CoachError(Code.INVALID_INPUT, _("字轨由最多 6 位大写字母、数字组成"), "series")
    if not 1 <= first <= last <= 99_999_999 or last - first >= MOST:
        raise CoachError(
            Code.INVALID_INPUT, _("号段须从小到大，一次最多 %(most)d 张") % {"most": MOST}, "last"
        )
    try:
        with transaction.atomic():
            made = PaperRange.objects.create(
                series=told, first=first, last=last, next=first, unit=unit, made_by=by
            )
    except IntegrityError:
        raise CoachError(
            Code.INVALID_INPUT, _("号段与已入库的纸票重复"), "first", _("请核对票号，或查看各机构库存")
        ) from None
    _audit(TAKEN_IN, made, by, {"numbers": str(made), "count": made.remaining})
    return made


@transaction.atomic
def give(by: Any, pk: int, clerk: Any, count: int) -> PaperRange:
    """A clerk gets the first so many sheets of a range to print on; what is left stays in stock.

    Locks: the clerk (a name), the range. Raises OutOfScope, NotAllowed, CoachError INVALID_INPUT, PAPER_MISFIT.
    """
    require(by, PAPER_STOCK, get_row(by, PaperRange, pk=pk))
    advisory_lock(CoachLock.PAPER, f"clerk:{clerk.pk}")
    [row] = lock_ranges([pk])
    if row.state not in (PaperState.STORED, PaperState.RETURNED):
        raise CoachError(Code.PAPER_MISFIT, _("这个号段已发放"), "clerk", _("请选择库存中的号段"))
    if not 1 <= count <= row.remaining:
        raise CoachError(Code.INVALID_INPUT, _("这个号段还有 %(left)d 张") % {"left": row.remaining}, "count")
    if not may_at(clerk, PAPER_PRINT, row.unit):
        raise CoachError(Code.INVALID_INPUT, _("领用人不能在这个机构打印纸票"), "clerk")
    if PaperRange.objects.filter(holder=clerk, state=PaperState.IN_USE).exists():
        raise CoachError(Code.PAPER_MISFIT, _("领用人手上还有未用完的纸票"), "clerk", _("请先用完或退回"))
    given = row if count == row.remaining and row.next == row.first else _split(row, count)
    given.holder, given.state, given.taken_at = clerk, PaperState.IN_USE, now()
    given.save()
    _audit(GIVEN, given, by, {"numbers": str(given), "count": given.remaining, "clerk": actor_label(clerk)})
    return given


def _split(row: PaperRange, count: int) -> PaperRange:
    """Cut blank sheets from the front of a *locked* range: numbers are never in two ranges, not for a moment."""
    cut, last = row.next + count, row.last
    if row.next == row.first:  # nothing of it was used: it becomes the later part
        row.first = row.next = cut
        row.save()
        first = cut - count
        return PaperRange(
            series=row.series, first=first, last=cut - 1, next=first, unit=row.unit, made_by=row.made_by
        )
    first = row.next
    row.last, row.state = first - 1, PaperState.USED_UP
    row.save()
    if cut <= last:
        PaperRange.objects.create(
            series=row.series, first=cut, last=last, next=cut, unit=row.unit, made_by=row.made_by
        )
    return PaperRange(
        series=row.series, first=first, last=cut - 1, next=first, unit=row.unit, made_by=row.made_by
    )


@transaction.atomic
def give_back(by: Any, pk: int) -> PaperRange:
    """A clerk's blank sheets go back to the unit's stock. Locks: the range.

    Raises OutOfScope, NotAllowed, PAPER_MISFIT.
    """
    require(by, PAPER_STOCK, get_row(by, PaperRange, pk=pk))
    [row] = lock_ranges([pk])
    if row.state != PaperState.IN_USE:
        raise CoachError(Code.PAPER_MISFIT, _("这个号段不在使用中"))
    holder = row.holder
    row.holder, row.state = None, PaperState.RETURNED
    row.save()
    _audit(GIVEN_BACK, row, by, {"numbers": str(row), "left": row.remaining, "clerk": actor_label(holder)})
    return row


def range_of(by: Any) -> PaperRange | None:
    """What a clerk prints on now. One statement."""
    return PaperRange.objects.select_related("unit").filter(holder=by, state=PaperState.IN_USE).first()


@transaction.atomic
def print_on(by: Any, ticket_pk: int) -> PaperSheet:
    """Print a ticket on the clerk's next sheet; one that lies printed already is answered again.

    Locks: the ticket, the clerk's range. Raises OutOfScope, NotAllowed, CoachError NOT_ISSUED, COLLECTED, PAPER_NONE,
    LockTimeout.
    """
    unit = desk_of(by, PAPER_PRINT)
    ticket = _ticket(by, ticket_pk)
    [ticket] = lock_rows(Ticket.objects.filter(pk=ticket.pk), no_key=True)
    there = ticket.coach_sheets.filter(state=SheetState.PRINTED).first()
    if there is not None:
        return there
    if ticket.state not in PRINTABLE:
        raise CoachError(Code.NOT_ISSUED, _("还没有出票，或票已退、已改，不能打印"), "ticket")
    _refuse_fetched(ticket, _("%(at)s 已在车站取纸质车票，不能再打印"), _("旅客凭车站的纸质车票乘车"))
    return _put(by, unit, ticket)


def may_lie_printed(ticket: Ticket) -> bool:
    """Whether a ticket counts and has no paper of the station's."""
    return ticket.state in PRINTABLE and ticket.collected_at is None


def _put(by: Any, unit: OrgUnit, ticket: Ticket) -> PaperSheet:
    sheet = _next_sheet(by)
    sheet.ticket = ticket
    sheet.save()
    _audit_sheet(PRINTED, sheet, by, unit.path, {"ticket": ticket.number})
    return sheet


class Papers:
    """The stock as all trades use it (`kernel.papers.PaperStock`)."""

    def put(self, by: Any, ticket: Ticket) -> Sheet:
        """As the protocol; raises CoachError PAPER_NONE."""
        unit = desk_of(by, PAPER_PRINT)
        there = _printed_of([ticket.pk]).get(ticket.pk)
        return there or _as_sheet(_put(by, unit, ticket))

    def lying(self, tickets: Collection[int]) -> dict[int, Sheet]:
        """As the protocol."""
        return _printed_of(tickets)

    def end(self, by: Any, ticket: Ticket, why: str, *, spoilt: bool) -> Sheet | None:
        """As the protocol."""
        found = PaperSheet.objects.filter(ticket=ticket, state=SheetState.PRINTED).first()
        if found is None:
            return None
        [row] = lock_sheets([found.pk])
        if row.state != SheetState.PRINTED:
            return None
        told = _as_sheet(row)
        _end(row, by, row.range.unit.path, why, spoilt=spoilt)
        return told


def _printed_of(tickets: Collection[int]) -> dict[int, Sheet]:
    rows = PaperSheet.objects.filter(ticket__in=tickets, state=SheetState.PRINTED)
    return {row.ticket_id or 0: _as_sheet(row) for row in rows.select_related("range__unit")}


def _as_sheet(row: PaperSheet) -> Sheet:
    return Sheet(row.serial, row.ticket_id or 0, row.printed_by_id, row.range.unit.name, row.printed_at)


def _end(row: PaperSheet, by: Any, path: str, why: str, *, spoilt: bool) -> None:
    """Write the end of a *locked* printed sheet; `by` None: nobody's deed."""
    row.state = SheetState.VOID if spoilt else SheetState.HANDED_IN
    row.ended_by, row.ended_at, row.why = by, now(), why[:200]
    row.save()
    _audit_sheet(SPOILT if spoilt else HANDED_IN, row, by, path, {"reason": why[:200]})


def _lock_printed(by: Any, found: PaperSheet, why: str, *, spoilt: bool) -> PaperSheet:
    """Lock a printed sheet after its ticket, and have the ticket's trade agree that it ends."""
    ticket = found.ticket
    if ticket is not None:
        rows = Ticket.objects.select_related("ticket_order").filter(pk=ticket.pk)
        [ticket] = lock_rows(rows, no_key=True)
    [row] = lock_sheets([found.pk])
    if row.state != SheetState.PRINTED:
        raise CoachError(Code.PAPER_MISFIT, _("这张纸票已作废或已收回"))
    if ticket is not None:
        sheet_ended(by, ticket, _as_sheet(row), why, spoilt=spoilt)
    return row


def _ticket(by: Any, pk: int) -> Ticket:
    """A coach ticket that the clerk may serve: any one that he sees, in his reach."""
    found: Ticket = get_row(by, Ticket.objects.select_related("ticket_order__unit"), pk=pk)
    if found.ticket_order.trade != Trade.COACH:
        raise OutOfScope
    return found


def _next_sheet(by: Any) -> PaperSheet:
    mine = range_of(by)
    if mine is None:
        raise CoachError(
            Code.PAPER_NONE, _("您手上没有可用的纸票"), None,
            _("请先向本机构保管纸票的同事领用（纸票库存），再从票务订单里打印"),
        )  # fmt: skip
    [row] = lock_ranges([mine.pk])
    if row.state != PaperState.IN_USE or row.holder_id != by.pk or row.remaining < 1:
        raise CoachError(Code.PAPER_NONE, _("纸票已用完"), None, _("请领用新的号段"))
    serial = row.serial(row.next)
    row.next += 1
    if row.next > row.last:
        row.state = PaperState.USED_UP
    row.save()
    return PaperSheet(serial=serial, range=row, printed_by=by)


@transaction.atomic
def spoil(by: Any, reason: str, *, sheet: int | None = None) -> PaperSheet:
    """A sheet is spoilt: a printed one, whose ticket may be printed again, or the next blank one (`sheet` None).

    Locks: the ticket and the sheet, or the clerk's range. Raises OutOfScope, NotAllowed, CoachError INVALID_INPUT,
    PAPER_MISFIT, PAPER_NONE, and what the ticket's trade refuses with.
    """
    unit = desk_of(by, PAPER_PRINT)
    why = reason_of(reason)
    if sheet is None:
        row = _next_sheet(by)
    else:
        found = get_row(by, PaperSheet, pk=sheet)
        require(by, PAPER_PRINT, found)
        row = _lock_printed(by, found, why, spoilt=True)
    _end(row, by, unit.path, why, spoilt=True)
    return row


@transaction.atomic
def hand_in(by: Any, pk: int, reason: str) -> PaperSheet:
    """The customer gives the paper back, so that its ticket may be given back or changed. Locks: the ticket, the sheet.

    Raises OutOfScope, NotAllowed, CoachError INVALID_INPUT, PAPER_MISFIT.
    """
    unit = desk_of(by, SELL)
    found = get_row(by, PaperSheet, pk=pk)
    why = reason_of(reason)
    row = _lock_printed(by, found, why, spoilt=False)
    _end(row, by, unit.path, why, spoilt=False)
    return row


@transaction.atomic
def count(by: Any, counted: int, note: str = "") -> PaperCount:
    """What the clerk finds as the next blank sheet at a shift's end. A difference needs a word. Locks: the range.

    Raises NotAllowed, CoachError PAPER_NONE, INVALID_INPUT.
    """
    desk_of(by, PAPER_PRINT)
    mine = range_of(by)
    if mine is None:
        raise CoachError(Code.PAPER_NONE, _("您手上没有可用的纸票"), "counted")
    [row] = lock_ranges([mine.pk])
    if not row.first <= counted <= row.last + 1:
        raise CoachError(
            Code.INVALID_INPUT, _("票号不在您领用的号段 %(range)s 里") % {"range": str(row)}, "counted"
        )
    if counted != row.next and len(note.strip()) < 4:
        raise CoachError(
            Code.INVALID_INPUT,
            _("系统当前号是 %(next)s，与实物不一致") % {"next": row.serial(row.next)},
            "note",
            _("请写明原因，例如哪几张撕毁未登记"),
        )
    sheets = row.sheets.filter(printed_at__gte=midnight(today()))
    states = list(sheets.values_list("state", flat=True))
    made = PaperCount.objects.create(
        range=row, expected=row.next, counted=counted, by=by, note=note.strip()[:200],
        printed=sum(one != SheetState.VOID for one in states), voided=sum(one == SheetState.VOID for one in states),
    )  # fmt: skip
    _audit(COUNTED, row, by, {"expected": row.next, "counted": counted, "note": made.note})
    return made


def apart(rows: QuerySet[PaperCount]) -> QuerySet[PaperCount]:
    """Counts that found something else than the system."""
    return rows.exclude(expected=F("counted"))


def differing(rows: QuerySet[PaperCount]) -> QuerySet[PaperCount]:
    """Those of them that nobody has dealt with."""
    return apart(rows).filter(settled_at=None)


@transaction.atomic
def settle_count(by: Any, pk: int, note: str) -> PaperCount:
    """Whoever keeps the stock says what became of a difference; not of his own count. Locks: the count.

    Raises OutOfScope, NotAllowed, CoachError INVALID_INPUT, PAPER_MISFIT.
    """
    require(by, PAPER_STOCK, get_row(by, PaperCount, pk=pk))
    why = reason_of(note)
    [row] = lock_rows(PaperCount.objects.select_related("range__unit").filter(pk=pk))
    if not row.difference or row.settled_at is not None:
        raise CoachError(Code.PAPER_MISFIT, _("没有差异，或已处理"), "reason")
    if row.by_id == by.pk:
        raise CoachError(
            Code.PAPER_MISFIT, _("不能处理自己清点的差异"), "reason", _("请由另一位管理库存的人处理")
        )
    row.settled_by, row.settled_at, row.settled_note = by, now(), why
    row.save()
    _audit(SETTLED, row.range, by, {"difference": row.difference, "note": why, "clerk": actor_label(row.by)})
    return row


def refuse_printed(ticket: Ticket) -> None:
    """A ticket that lies printed is given back or changed only after its paper. Raises CoachError PAPER_PRINTED."""
    sheet = ticket.coach_sheets.filter(state=SheetState.PRINTED).first()
    if sheet is not None:
        raise CoachError(
            Code.PAPER_PRINTED,
            _("已打印纸票 %(serial)s，不能直接退票、改签") % {"serial": sheet.serial},
            "ticket",
            _("请带纸票到网点柜台，由营业员收回后办理"),
        )


def refuse_collected(ticket: Ticket) -> None:
    """A ticket that was fetched on the station's paper goes back at its window. Raises CoachError COLLECTED."""
    _refuse_fetched(
        ticket, _("%(at)s 已在车站取纸质车票，须先交回"), _("请带纸质车票和证件到车站窗口办理退票、改签")
    )


def _refuse_fetched(ticket: Ticket, words: Text, hint: Text) -> None:
    """`words` say %(at)s when it was fetched."""
    if ticket.collected_at is not None:
        at = f"{ticket.collected_at.astimezone(SHANGHAI):%m-%d %H:%M}"
        raise CoachError(Code.COLLECTED, words % {"at": at}, "ticket", hint)


def _audit(action: audit.Action, row: PaperRange, by: Any, told: dict[str, Any]) -> None:
    audit.record(action, row, after=told, actor=actor_label(by), org_path=row.unit.path)


def _audit_sheet(action: audit.Action, row: PaperSheet, by: Any, path: str, told: dict[str, Any]) -> None:
    audit.record(action, row, after={"serial": row.serial, **told}, actor=actor_label(by), org_path=path)
