"""Moving sub-orders: each move with its line in the timeline, its event, and the order's own state after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.events import Event, publish_all
from saleor_o2o.kernel.states import move_locked

from ..choices import CancelReason, DeliveryMode, ReceivedBy, State, TimelineKind, TimerKind
from ..deriving import moves, order_state
from ..events import (
    OrderClosed,
    OrderCompleted,
    OrderPaid,
    SubOrderClosed,
    SubOrderCompleted,
    SubOrderReady,
    SubOrderReceived,
    SubOrderReopened,
)
from ..models import OrderProfile, OrderTimeline, SubOrder
from .timeline import entry_of, note_all

#: What of the profile follows the sub-orders.
_FOLLOWS = (
    "state", "total", "refunded", "paid_at", "shipped_at", "received_at", "completed_at", "closed_at", "last_event",
)  # fmt: skip
_CLOSED_WORDS = dict(CancelReason.choices)


@dataclass
class Change:
    """What one transaction does to an order's parts: entries and events are collected, and written by `finish`."""

    profile: OrderProfile
    parts: Sequence[SubOrder]
    entries: list[OrderTimeline] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    by: str = ReceivedBy.COUNTER.value
    source: str = ""
    _reason: str = field(init=False)

    def __post_init__(self) -> None:
        self._reason = self.profile.cancel_reason

    def to(self, part: SubOrder, target: State) -> None:
        """Bring a *locked* part to a state, over as many moves as it takes; nothing where it is there already."""
        for name in moves(part.state, part.mode, target):
            before = part.state
            reason = self.profile.cancel_reason if name == "close" else ""
            move_locked(part, name, reason=reason, **self._with(part, name, target))
            self._tell(part, name, before)

    def note(self, part: SubOrder | None, kind: TimelineKind, text: str, **told: Any) -> None:
        """Add an entry about a part, or about the order."""
        self.entries.append(
            entry_of(
                self.profile.order_id, kind, text, sub_order_id=part.pk if part is not None else None,
                source=self.source, **told,
            )
        )  # fmt: skip

    def finish(self) -> None:
        """Write the order's state, the timeline's entries and the events."""
        self._settle_order()
        if self.entries:
            note_all(self.entries)
        publish_all(self.events, key=f"order:{self.profile.order_id}")

    # -- the moves ---------------------------------------------------------------------------

    def _with(self, part: SubOrder, name: str, target: State) -> dict[str, Any]:
        """What a move wants to know."""
        if name == "pay":
            return {"paid_at": self.profile.paid_at}
        if name == "ship":
            return {"receive_by": self._until(part, TimerKind.RECEIVE)}
        if name == "reopen":
            return {"target": target.value}
        if name == "receive":
            return {
                "by": self.by,
                # no time for after-sale: over at once
                "after_sale_until": self._until(part, TimerKind.AFTER_SALE) or now(),
                "review_until": self._until(part, TimerKind.REVIEW),
                "complaint_until": self._until(part, TimerKind.COMPLAINT),
            }
        return {}

    def _until(self, part: SubOrder, kind: TimerKind) -> datetime | None:
        minutes = self.profile.minutes(kind, part.line)
        return None if minutes is None else now() + timedelta(minutes=minutes)

    def _tell(self, part: SubOrder, name: str, before: str) -> None:
        ids = {"sub_order_id": part.pk, "order_id": part.order_id}
        told = {"before": {"state": before}, "after": {"state": part.state}}
        which = self.called(part)
        match name:
            case "pay":
                self.events.append(SubOrderReady(**ids, mode=part.mode))
            case "receive":
                self.events.append(SubOrderReceived(**ids, by=part.received_by))
                how = part.get_received_by_display()
                self.note(part, TimelineKind.RECEIVED, f"{which}已收货（{how}）", **told)
            case "complete":
                self.events.append(SubOrderCompleted(**ids))
                self.note(part, TimelineKind.COMPLETED, f"{which}已完成，售后期已过", **told)
            case "close":
                # a part whose goods and money all went back; the order may go on without it
                reason = self.profile.cancel_reason or CancelReason.REFUNDED.value
                self.events.append(SubOrderClosed(**ids, reason=reason))
                self.note(
                    part, TimelineKind.CLOSED, f"{which}已关闭：{_CLOSED_WORDS.get(reason, reason)}", **told
                )
            case "reopen":
                self.events.append(SubOrderReopened(**ids, state=part.state))
                self.note(part, TimelineKind.REOPENED, f"{which}恢复为{part.get_state_display()}", **told)

    def called(self, part: SubOrder) -> str:
        """What the timeline calls a part: the order, where it is the only one."""
        return "订单" if len(self.parts) == 1 else f"子订单 {part.position:02d} "

    # -- the order -----------------------------------------------------------------------------

    def _settle_order(self) -> None:
        profile, moment = self.profile, now()
        if not self.parts:
            return
        before, after = profile.state, order_state(part.state for part in self.parts)
        alive = [part for part in self.parts if part.state != State.CLOSED]
        profile.shipped_at = _when(alive, "shipped_at")
        profile.received_at = _when(alive, "received_at")
        profile.completed_at = _when(alive, "completed_at")
        profile.closed_at = None if alive else profile.closed_at or moment
        if alive and before == State.CLOSED:
            profile.cancel_reason = ""
        if not alive and not profile.cancel_reason:
            profile.cancel_reason = CancelReason.REFUNDED.value
        profile.state = after
        # not the whole row: remarks and flags are written without our lock
        told = ["cancel_reason"] if profile.cancel_reason != self._reason else []
        profile.save(update_fields=[*_FOLLOWS, *told])
        if before == after:
            return
        if after is State.COMPLETED:
            self.events.append(OrderCompleted(order_id=profile.order_id))
        elif after is State.CLOSED:
            self.events.append(OrderClosed(order_id=profile.order_id, reason=profile.cancel_reason))


def _when(parts: Sequence[SubOrder], name: str) -> datetime | None:
    """When the last of the parts did it; None while one has not."""
    times = [getattr(part, name) for part in parts]
    return max(times) if times and all(times) else None


def paid(change: Change, moment: datetime, total: Any) -> None:
    """Note once that the order's money is here."""
    change.profile.paid_at = moment
    change.note(None, TimelineKind.PAID, "已付款", after={"total": total})
    change.events.append(OrderPaid(order_id=change.profile.order_id, total=total))


def handed_words(part: SubOrder, moved: int, handed: int, quantity: int) -> tuple[TimelineKind, str]:
    """How the timeline calls that pieces of a part left, or came back."""
    name = "发货" if part.mode == DeliveryMode.DELIVERY else "交付"
    kind = TimelineKind.SHIPPED if part.mode == DeliveryMode.DELIVERY else TimelineKind.HANDED_OVER
    if moved < 0:
        return TimelineKind.SHIPMENT_CANCELLED, f"撤销{name} {-moved} 件（已{name} {handed}/{quantity} 件）"
    return kind, f"{name} {moved} 件（已{name} {handed}/{quantity} 件）"
