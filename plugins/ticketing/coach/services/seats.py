"""The seat plan of a bus, where its network tells one, and seats that a station keeps back (预留、工作票)."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Case, When
from django.utils.translation import gettext as _

from plugins.org_hierarchy.interfaces import desk_of, may_at, may_for_city
from plugins.ticketing.kernel.models import SupplierAccount
from plugins.ticketing.kernel.ports import SOLD_OUT, UNREACHABLE, SupplierRefused, SupplierSilent
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.numbering import next_number
from saleor_o2o.kernel.pace import retry_after
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import NotAllowed, get_row

from ..access import RESERVE
from ..choices import BlockState, SeatState
from ..errors import CoachError, TooOften
from ..errors import CoachErrorCode as Code
from ..models import SeatBlock, ShiftDay, Station
from ..numbers import BLOCK
from ..ports import SeatKeeper, source_of
from ..selectors.shifts import Option, found_of

logger = logging.getLogger(__name__)
KEPT = audit.action("coach.seats_kept", "预留座位")
LET_GO = audit.action("coach.seats_let_go", "释放预留座位")
#: Plans that one asker sees in a minute.
PACE = 40
#: Seats of one block.
MOST = 20
#: What a network has not answered is sent again after this.
AGAIN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Plan:
    """Seats of a bus on a stretch by number, in the bus's order, as `network` has them; none: seats are not chosen."""

    network: SupplierAccount | None
    seats: Mapping[str, str]
    product: Mapping[str, Any]

    def count(self, state: str) -> int:
        """How many are in a state."""
        return sum(one == state for one in self.seats.values())


NONE = Plan(None, {}, {})


def plan_of(shift_day: int, goal: int, *, asker: str = "") -> Plan:
    """The seats of a bus to a place, as the network that is asked first has them now; a flow has none.

    Another network's plan is not looked for: a seat is wished for where it will be held. Makes a remote call: never in
    a transaction. Raises CoachError NOT_FOUND, NETWORK_DOWN; TooOften.
    """
    if asker and (seconds := retry_after("coach.seats", asker, PACE)):
        raise TooOften(seconds)
    found = found_of(shift_day, goal)
    if found is None:
        raise CoachError(Code.NOT_FOUND, _("没有这个班次"), "shift", _("请重新查询班次"))
    if found.shift_day.shift.flow or not found.options:
        return NONE
    return _asked(found.first)


def _asked(option: Option) -> Plan:
    try:
        told = source_of(option.supplier.adapter).shift(option.product)
    except SupplierRefused as refusal:
        raise CoachError(Code.NOT_FOUND, refusal.words, "shift", _("请重新查询班次")) from None
    except (SupplierSilent, LookupError):
        raise CoachError(
            Code.NETWORK_DOWN, _("客票网没有应答，看不到座位图"), "shift", _("可以不选座直接购买")
        ) from None
    seats = {one: state for one, state in told.seat_states.items() if state in SeatState.values}
    return Plan(option.supplier, seats, option.product) if seats else NONE


def may_reserve(by: Any, station: Station) -> bool:
    """Whether somebody is of the staff that keeps seats of buses from a station."""
    if station.unit is None:
        return may_for_city(by, RESERVE)
    return bool(by.has_perm(RESERVE)) and may_at(by, RESERVE, station.unit)


def reserve(by: Any, shift_day: int, seats: Sequence[str], reason: str) -> SeatBlock:
    """Keep seats of a bus on its whole way, at the network that is asked first.

    The block is written first, under our own number; a network that is silent is told again with the same number. Call
    outside transactions. Raises NotAllowed; CoachError INVALID_INPUT, NOT_FOUND, NETWORK_DOWN, SEAT_TAKEN.
    """
    day = ShiftDay.objects.select_related("shift__line__start__unit").get(pk=shift_day)
    if not may_reserve(by, day.shift.line.start):
        raise NotAllowed
    if not reason.strip():
        raise CoachError(Code.INVALID_INPUT, _("请填写事由"), "reason")
    chosen = list(dict.fromkeys(seats))
    if not 1 <= len(chosen) <= MOST:
        raise CoachError(
            Code.INVALID_INPUT,
            _("请选择 1 至 %(most)d 个座位") % {"most": MOST},
            "seats",
            _("座位号以空格隔开"),
        )
    plan = plan_of(day.pk, day.shift.line.terminal_id)
    if plan.network is None or not isinstance(source_of(plan.network.adapter), SeatKeeper):
        raise CoachError(Code.INVALID_INPUT, _("这个班次不对号，或客票网不能预留座位"), "seats")
    gone = [one for one in chosen if plan.seats.get(one) != SeatState.FREE]
    if gone:
        raise _taken(gone)
    block = SeatBlock.objects.create(
        number=next_number(BLOCK), shift_day=day, supplier=plan.network, product=dict(plan.product), seats=chosen,
        reason=reason.strip()[:100], unit=day.shift.line.start.unit or desk_of(by, RESERVE), made_by=by,
    )  # fmt: skip
    _tell(block)
    block.refresh_from_db()
    said = {"seats": chosen, "state": block.state, "reason": block.reason}
    with transaction.atomic():
        audit.record(KEPT, block, after=said, actor=actor_label(by))
    if block.state == BlockState.REFUSED:
        raise _taken(chosen) if block.why == SOLD_OUT else CoachError(Code.INVALID_INPUT, block.why, "seats")
    return block


def let_go(by: Any, pk: int) -> SeatBlock:
    """Kept seats are sold again; again: the same. Call outside transactions. Raises OutOfScope, NotAllowed, CoachError.

    Locks: the block.
    """
    seen = get_row(by, SeatBlock, pk=pk)
    if not may_reserve(by, seen.shift_day.shift.line.start):
        raise NotAllowed
    with transaction.atomic():
        [block] = lock_rows(SeatBlock.objects.filter(pk=pk))
        if block.state in (BlockState.REFUSED, BlockState.ENDED):
            return block
        if block.state == BlockState.ASKED:
            # let go now, and a question that is still on its way would keep them for ever
            raise CoachError(
                Code.INVALID_INPUT, _("客票网还没有答复预留"), None, _("系统每分钟再问一次，请稍后再释放")
            )
        block.state, block.ended_by, block.ended_at = BlockState.ENDING, by, now()
        block.save(update_fields=["state", "ended_by", "ended_at"])
        audit.record(LET_GO, block, after={"seats": block.seats}, actor=actor_label(by))
    _tell(block)
    block.refresh_from_db()
    return block


def settle_blocks(limit: int = 50) -> int:
    """Tell networks again what they have not answered; how many are settled. Outside transactions.

    At most `limit` of a network, those that it has not refused before the others, else in no order, so that none is
    always the first; one that is silent is left until the next time, so that nobody waits for it.
    """
    waiting = SeatBlock.objects.filter(
        state__in=(BlockState.ASKED, BlockState.ENDING), made_at__lt=now() - AGAIN
    )
    settled = 0
    for supplier in sorted(set(waiting.order_by().values_list("supplier", flat=True))):
        rows = waiting.filter(supplier=supplier).select_related("supplier")
        for block in rows.order_by(Case(When(why="", then=0), default=1), "?")[:limit]:
            try:
                told = _tell(block, again=True)
            except Exception:
                logger.exception("telling of seats %s", block.number)
                continue
            if told is None:
                break
            settled += told
    return settled


def _tell(block: SeatBlock, *, again: bool = False) -> bool | None:
    """Tell the network how a block stands here, and note what it answers; False: that settles nothing, None: it is
    silent. Both are repeatable. `again`: it was told before and may have kept the seats without a word."""
    before = block.state
    why = ""
    try:
        source = source_of(block.supplier.adapter)
        if not isinstance(source, SeatKeeper):
            raise SupplierSilent(_("客票网接口不能预留座位"))
        if before == BlockState.ASKED:
            source.keep_seats(block.number, block.product, block.seats, block.reason)
            after = BlockState.KEPT
        else:
            source.let_go(block.number)
            after = BlockState.ENDED
    except SupplierRefused as refusal:
        if before == BlockState.ENDING:
            _note(block, before, BlockState.ENDING, str(refusal.words))
            return None if refusal.code == UNREACHABLE else False
        if again and refusal.code != SOLD_OUT and not _surely_free(block):
            # only that they are sold says that they were not kept before
            _note(block, before, BlockState.ASKED, str(refusal.words))
            return None if refusal.code == UNREACHABLE else False
        after, why = BlockState.REFUSED, refusal.code if refusal.code == SOLD_OUT else str(refusal.words)
    except (SupplierSilent, LookupError) as silence:
        _note(block, before, BlockState(before), str(silence))
        return None
    return _note(block, before, after, why)


def _surely_free(block: SeatBlock) -> bool:
    """Have the network sell the seats of a block that it refused now, whatever it did before; False: it did not say."""
    try:
        source = source_of(block.supplier.adapter)
        if not isinstance(source, SeatKeeper):
            return False
        source.let_go(block.number)
    except (SupplierRefused, SupplierSilent, LookupError):
        return False
    return True


def _note(block: SeatBlock, before: str, after: BlockState, why: str) -> bool:
    """Only from the state that the network was told of: somebody may have let the seats go meanwhile."""
    rows = SeatBlock.objects.filter(pk=block.pk, state=before)
    return bool(rows.update(state=after, why=why[:200]))


def _taken(seats: Sequence[str]) -> CoachError:
    return CoachError(
        Code.SEAT_TAKEN,
        _("座位 %(seats)s 不能选：已售、预留或不售") % {"seats": "、".join(seats)},
        "seats",
        _("请按新的座位图重选"),
    )
