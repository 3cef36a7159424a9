"""Orders that were bought, paid and handed over elsewhere: their rows, many at once, as if they had happened here.

For what came before the platform (and for the demo's past month). The caller has written Saleor's rows: the orders with
their lines, what paid them, and what left. Nothing is announced: no mail, no event, nothing that others would act on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from saleor.order.models import Order, OrderLine

from saleor_o2o.kernel.money import format_yuan, to_yuan

from ..choices import BusinessLine, CancelReason, DeliveryMode, ReceivedBy, State, TimelineKind, TimerKind
from ..deductions.taking import Deducted
from ..deriving import order_state
from ..models import OrderProfile, OrderTimeline, SubOrder, SubOrderLine
from ..numbers import order_numbers, sub_order_number
from ..splitting import Part
from .moving import handed_words
from .timeline import entry_of, note_all
from .writing import amounts_of, fact_of, kinds_of, mode_of_method, profile_of_order, split, timers_for

SOURCE = "历史订单"
_LINES = [line.value for line in BusinessLine]


@dataclass(frozen=True, slots=True)
class Past:
    """One order of the past with what is known of it; moments are aware.

    `lines` have their variants with what `writing.WITH_KINDS` names; `places` as for `writing.write_rows`. Without
    `paid_at` it was never paid and closed at `closed_at`.
    """

    order: Order
    lines: Sequence[OrderLine]
    places: Mapping[int, Sequence[tuple[Any, int]]] = field(default_factory=dict)
    paid_at: datetime | None = None
    sent_at: datetime | None = None
    received_at: datetime | None = None
    received_by: str = ReceivedBy.AUTO.value
    closed_at: datetime | None = None


@transaction.atomic
def take_over(past: Iterable[Past], *, moment: datetime) -> int:
    """Write profile, sub-orders, their lines and the timeline of each; how many orders.

    `moment` is now: an after-sale period that is over by then makes a part completed. Six statements for a few
    hundred. Locks nothing: nobody knows the orders yet. Raises IntegrityError for one that has its rows already.
    """
    known = list(past)
    timers: dict[datetime, dict[str, dict[str, int]]] = {}
    profiles: list[OrderProfile] = []
    parts: list[SubOrder] = []
    splits: list[Part] = []
    numbers = order_numbers((_unit_code(one.order), one.order.created) for one in known)
    for one, number in zip(known, numbers, strict=True):
        kinds = kinds_of(one.lines)
        way = mode_of_method(one.order)
        facts = [fact_of(one.order, line, kinds, way, one.places.get(line.pk, ())) for line in one.lines]
        pieces = split(one.order, facts, one.lines, Deducted())
        # clocks change by the day at most
        day = one.order.created.replace(hour=0, minute=0, second=0, microsecond=0)
        if day not in timers:
            timers[day] = timers_for(_LINES, day)
        profile = profile_of_order(one.order, facts, one.order.created, timers[day], number)
        profile.pay_by = None
        own = [_part(one, profile, piece, position, moment) for position, piece in enumerate(pieces, start=1)]
        _settle(profile, one, own)
        profiles.append(profile)
        parts += own
        splits += pieces
    OrderProfile.objects.bulk_create(profiles, batch_size=500)
    SubOrder.objects.bulk_create(parts, batch_size=500)
    SubOrderLine.objects.bulk_create(
        (row for part, piece in zip(parts, splits, strict=True) for row in _lines(part, piece)),
        batch_size=500,
    )
    of_order: dict[int, list[SubOrder]] = {}
    for part in parts:
        of_order.setdefault(part.order_id, []).append(part)
    note_all(
        entry
        for one, profile in zip(known, profiles, strict=True)
        for entry in _story(one, profile, of_order[one.order.pk])
    )
    return len(known)


def _unit_code(order: Order) -> str:
    found = getattr(order, "o2o_attribution", None)
    return found.unit.code if found is not None else ""


def _part(one: Past, profile: OrderProfile, piece: Part, position: int, moment: datetime) -> SubOrder:
    """A part as it would stand now, had all of it happened here."""
    seller, warehouse, mode, line = piece.key
    state, more = _stand(one, profile, mode, line, moment)
    return SubOrder(
        number=sub_order_number(profile.number, position), order=one.order, position=position, seller_id=seller,
        warehouse_id=warehouse, mode=mode, line=line, created_at=one.order.created, state=state, **amounts_of(piece),
        **more,
    )  # fmt: skip


def _stand(
    one: Past, profile: OrderProfile, mode: str, line: str, moment: datetime
) -> tuple[State, dict[str, Any]]:
    if one.paid_at is None:
        return State.CLOSED, {"closed_at": one.closed_at}
    if one.sent_at is None:
        raise ValueError("an order of the past was handed over; what still waits is placed as a new one")
    times: dict[str, Any] = {"paid_at": one.paid_at, "shipped_at": one.sent_at}
    received_at = one.received_at if mode == DeliveryMode.DELIVERY else one.sent_at

    def until(kind: TimerKind, since: datetime) -> datetime | None:
        minutes = profile.minutes(kind, line)
        return None if minutes is None else since + timedelta(minutes=minutes)

    if received_at is None:
        return State.SHIPPED, {**times, "receive_by": until(TimerKind.RECEIVE, one.sent_at)}
    over = until(TimerKind.AFTER_SALE, received_at) or received_at
    times |= {
        "received_at": received_at,
        "received_by": one.received_by if mode == DeliveryMode.DELIVERY else ReceivedBy.COUNTER,
        "after_sale_until": over,
        "review_until": until(TimerKind.REVIEW, received_at),
        "complaint_until": until(TimerKind.COMPLAINT, received_at),
    }
    return (State.COMPLETED, {**times, "completed_at": over}) if over <= moment else (State.RECEIVED, times)


def _settle(profile: OrderProfile, one: Past, parts: Sequence[SubOrder]) -> None:
    """The order's own moments, from those of its parts."""
    profile.state = order_state(part.state for part in parts)
    profile.paid_at = one.paid_at
    if one.paid_at is None:
        profile.closed_at, profile.cancel_reason = one.closed_at, CancelReason.TIMEOUT
        return
    for name in ("shipped_at", "received_at", "completed_at"):
        moments = [getattr(part, name) for part in parts]
        setattr(profile, name, max(moments) if all(moments) else None)


def _lines(part: SubOrder, piece: Part) -> Iterable[SubOrderLine]:
    gone = part.shipped_at is not None
    for line in piece.lines:
        yield SubOrderLine(
            sub_order=part, order_line_id=line.key, quantity=line.quantity, shipped=line.quantity if gone else 0,
            goods=to_yuan(line.goods), discount=to_yuan(line.discount), prepaid=to_yuan(line.prepaid),
            total=to_yuan(line.total),
        )  # fmt: skip


def _story(one: Past, profile: OrderProfile, parts: Sequence[SubOrder]) -> Iterable[OrderTimeline]:
    """What the timeline would tell, in the order in which it happened."""
    told: list[tuple[datetime, int, TimelineKind, str, int | None]] = []
    total = format_yuan(one.order.total_gross_amount)
    told.append((one.order.created, 0, TimelineKind.PLACED, f"下单，应付 {total}", None))
    if one.paid_at is not None:
        told.append((one.paid_at, 1, TimelineKind.PAID, "已付款", None))
    for part in parts:
        which = "订单" if len(parts) == 1 else f"子订单 {part.position:02d} "
        if part.shipped_at is not None:
            pieces = sum(line.quantity for line in one.lines) if len(parts) == 1 else None
            kind, words = handed_words(part, pieces or 1, pieces or 1, pieces or 1)
            told.append((part.shipped_at, 2, kind, f"{which}{words if pieces else '已全部交付'}", part.pk))
        if part.received_at is not None:
            how = part.get_received_by_display()
            told.append((part.received_at, 3, TimelineKind.RECEIVED, f"{which}已收货（{how}）", part.pk))
        if part.completed_at is not None:
            told.append((part.completed_at, 4, TimelineKind.COMPLETED, f"{which}已完成，售后期已过", part.pk))
        if part.closed_at is not None:
            told.append((part.closed_at, 5, TimelineKind.CLOSED, f"{which}已关闭：超时未支付", part.pk))
    for at, _place, kind, text, part_id in sorted(told, key=lambda entry: entry[:2]):
        yield entry_of(one.order.pk, kind, text, sub_order_id=part_id, source=SOURCE, at=at)
