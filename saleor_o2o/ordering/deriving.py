"""From facts to states: what a sub-order should be, by which moves it gets there, and what its order is then. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from .choices import DeliveryMode, State
from .models.sub_order import ready_state


@dataclass(frozen=True, slots=True)
class Facts:
    """What Saleor's rows say of an order: cancelled, paid once (`paid`), and all of the money given back again."""

    cancelled: bool = False
    paid: bool = False
    given_back: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a sub-order besides: `handed` of `quantity` pieces have left, and whether the buyer has them.

    `withdrawn` pieces will never leave and `returned` ones had left; the money of both went back.
    """

    mode: str
    state: str
    quantity: int
    handed: int
    received: bool = False
    completed: bool = False
    withdrawn: int = 0
    returned: int = 0

    @property
    def all_back(self) -> bool:
        """True when nothing of it is left with the buyer or owed to him."""
        return self.withdrawn + self.returned >= self.quantity > 0


def target(facts: Facts, part: Standing) -> State:
    """Where a sub-order should be."""
    if facts.cancelled or facts.given_back or part.all_back:
        return State.CLOSED
    if part.completed:
        return State.COMPLETED
    if part.handed >= part.quantity - part.withdrawn > 0:
        if part.received or part.mode != DeliveryMode.DELIVERY:
            return State.RECEIVED
        return State.SHIPPED
    if part.handed and part.mode == DeliveryMode.DELIVERY:
        return State.PARTLY_SHIPPED
    waits = part.state in (State.PENDING_PAYMENT, State.CLOSED) and not part.handed
    return State.PENDING_PAYMENT if waits and not facts.paid else ready_state(part.mode)


def moves(state: str, mode: str, to: State) -> list[str]:
    """The names of the moves that lead from a state to a target; none where it is there already."""
    found: list[str] = []
    if state == to:
        return found
    if to is State.CLOSED:
        return ["close"]
    if state == State.CLOSED:
        return ["reopen"]
    if state == State.PENDING_PAYMENT:
        found.append("pay")
        state = ready_state(mode)
        if state == to:
            return found
    if to is State.PARTLY_SHIPPED:
        return [*found, "ship_part"]
    if to is State.SHIPPED:
        return [*found, "ship"]
    if to is State.RECEIVED:
        return [*found, "receive"]
    if to is State.COMPLETED:
        return [*found, "complete"]
    return [*found, "recall"]


def order_state(states: Iterable[str]) -> State:
    """The state of an order by those of its parts: the earliest that still waits, closed parts aside."""
    alive: Collection[str] = {state for state in states if state != State.CLOSED}
    if not alive:
        return State.CLOSED
    if State.PENDING_PAYMENT in alive:
        return State.PENDING_PAYMENT
    gone = {State.PARTLY_SHIPPED, State.SHIPPED, State.RECEIVED, State.COMPLETED} & set(alive)
    if State.PARTLY_SHIPPED in alive or (State.PENDING_SHIPMENT in alive and gone):
        return State.PARTLY_SHIPPED
    for state in (
        State.PENDING_SHIPMENT, State.PENDING_PICKUP, State.PENDING_VERIFICATION, State.SHIPPED, State.RECEIVED,
    ):  # fmt: skip
        if state in alive:
            return state
    return State.COMPLETED
