"""Whatever happens to an order, in any sequence: its parts go where they should, by moves that the table allows."""

from __future__ import annotations

from itertools import combinations_with_replacement

from django_fsm import can_proceed
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from saleor_o2o.kernel.clock import now
from saleor_o2o.ordering.choices import State
from saleor_o2o.ordering.deriving import Facts, Standing, moves, order_state, target
from saleor_o2o.ordering.models import SubOrder

QUANTITY = 3
STEPS = st.sampled_from(
    ["pay", "send", "send", "take_back", "cancel", "refund", "refund_failed", "receive", "complete"]
)


def standing(part: SubOrder, handed: int) -> Standing:
    return Standing(
        part.mode, part.state, QUANTITY, handed,
        received=part.received_at is not None, completed=part.completed_at is not None,
    )  # fmt: skip


def run(part: SubOrder, name: str, to: State) -> None:
    """One move on a row in memory, as `services.moving` makes it."""
    method = getattr(part, name)
    assert can_proceed(method), f"{part.state} cannot {name} to {to}"
    match name:
        case "pay":
            method(paid_at=now())
        case "ship":
            method(receive_by=now())
        case "receive":
            method(by="buyer", after_sale_until=now(), review_until=None, complaint_until=None)
        case "reopen":
            method(target=to.value)
        case _:
            method()


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(["delivery", "pickup", "virtual"]), st.lists(STEPS, max_size=14))
def test_walk(mode: str, steps: list[str]) -> None:
    part = SubOrder(mode=mode)
    handed, paid, cancelled, back = 0, False, False, False
    for step in steps:
        # when something happens that can happen
        match step:
            case "pay":
                paid = paid or not cancelled
            case "send" if not cancelled:
                handed = min(handed + 1, QUANTITY)
            case "take_back":
                handed = max(handed - 1, 0)
            case "cancel":
                cancelled = cancelled or handed == 0
            case "refund":
                back = paid
            case "refund_failed":
                back = False
            case "receive" if part.state == State.SHIPPED:
                run(part, "receive", State.RECEIVED)
            case "complete" if part.state == State.RECEIVED:
                run(part, "complete", State.COMPLETED)
        facts = Facts(cancelled, paid, back)
        to = target(facts, standing(part, handed))
        for name in moves(part.state, part.mode, to):
            run(part, name, to)

        # then it is where it should be, stays there, and says so of itself
        assert part.state == to
        assert target(facts, standing(part, handed)) == to
        assert (part.state == State.CLOSED) == (cancelled or back)
        if part.state == State.PENDING_PAYMENT:
            assert not paid
            assert handed == 0
        if part.state in (State.SHIPPED, State.RECEIVED):
            assert handed == QUANTITY


def test_an_order_is_where_its_slowest_part_is() -> None:
    assert order_state(["closed", "closed"]) is State.CLOSED
    assert order_state(["closed", "completed"]) is State.COMPLETED
    assert order_state(["shipped", "pending_shipment"]) is State.PARTLY_SHIPPED
    assert order_state(["received", "pending_pickup"]) is State.PENDING_PICKUP
    assert order_state(["shipped", "received"]) is State.SHIPPED
    for pair in combinations_with_replacement(State.values, 2):
        alive = {one for one in pair if one != State.CLOSED}
        assert order_state(pair) == order_state(reversed(pair))
        assert len(alive) != 1 or order_state(pair) == next(iter(alive))
