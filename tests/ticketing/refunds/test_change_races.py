"""Two buses looked at for one change at the same time: one is kept, and what was agreed to is not taken away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from plugins.ticketing.kernel.choices import OrderState
from plugins.ticketing.kernel.models import ChangeRequest, TicketOrder
from plugins.ticketing.kernel.services import holding, wishes
from plugins.ticketing.kernel.services.holding import hold
from saleor_o2o.kernel.clock import now
from tests.threads import kinds, meeting, together

from ..orders.trips import person, want, wish
from .changes import CHANGE_RULE, REFUND_RULE, Desk, fresh
from .test_changing import desk, sandbox_address, sandbox_folder, sms

__all__ = ["desk", "sandbox_address", "sandbox_folder", "sms"]


def look(desk: Desk, old: TicketOrder, at: int, within: Any = None, price: str = "50.00") -> TicketOrder:
    """Hold another bus for the old ticket's passenger."""
    wants = [want(desk.till.variant.pk, person(1), price, refund_rule=REFUND_RULE, change_rule=CHANGE_RULE)]
    trip = wish(wants, ("first",), starts=now() + timedelta(hours=72 + 24 * at))
    shop = desk.till.shop
    return hold(
        trip,
        key=f"race-look-{at:04d}",
        user=shop.shopper,
        unit=shop.org["B111"],
        within=within,
        instead_of=old,
    )


def held(old: TicketOrder) -> list[TicketOrder]:
    return list(TicketOrder.objects.filter(instead_of=old, state=OrderState.HELD).order_by("pk"))


def test_of_buses_looked_at_at_once_the_last_one_is_kept(desk: Desk) -> None:
    # given
    old = desk.buy()

    # when
    found = together(*[lambda at=at: look(desk, old, at) for at in range(5)])  # type: ignore[misc]

    # then: who comes last by the database lets the others go
    assert kinds(found) == ["TicketOrder"] * 5
    assert held(old) == [TicketOrder.objects.filter(instead_of=old).latest("pk")]
    assert TicketOrder.objects.filter(instead_of=old, state=OrderState.CLOSED).count() == 4


def test_without_the_persons_lock_two_buses_are_kept(
    desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # given: the second is written, committed and has looked for others before the first is seen
    old = desk.buy()
    monkeypatch.setattr(wishes, "advisory_lock", lambda *_told: None)
    written, over = meeting(2), meeting(2)

    def first() -> TicketOrder:
        return look(desk, old, 1, within=lambda *_told: (written(), over()))

    def second() -> TicketOrder:
        written()
        found = look(desk, old, 2)
        over()
        return found

    # when
    together(first, second)

    # then: nobody lets the first one go, neither its own hold nor the one after it
    assert len(held(old)) == 2


def _agreed(desk: Desk, old: TicketOrder, target: TicketOrder) -> Callable[[], ChangeRequest]:
    return lambda: desk.change(old, target, f"change-{target.pk:06d}")


def test_agreed_to_or_let_go_never_both(desk: Desk) -> None:
    for at in range(3):
        # given: a dearer bus, held, and its difference known
        old = desk.buy(hours=500 + 24 * at)
        target = look(desk, old, 10 * at, price="62.50")

        # when: it is agreed to while another one is looked at
        agreed, other = together(
            _agreed(desk, old, target), lambda old=old, at=at: look(desk, old, 10 * at + 1)
        )  # type: ignore[misc]

        # then: what a change waits for is held; what was let go nobody agreed to
        assert isinstance(other, TicketOrder) and fresh(other).state == OrderState.HELD
        changes = ChangeRequest.objects.filter(ticket_order=old)
        if isinstance(agreed, ChangeRequest):
            assert (fresh(target).state, changes.get().state) == (OrderState.HELD, "to_pay")
        else:
            assert (fresh(target).state, changes.count()) == (OrderState.CLOSED, 0)


def test_without_the_orders_lock_what_was_agreed_to_is_let_go(
    desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # given: it is agreed to between the look and the deed
    old = desk.buy()
    target = look(desk, old, 1, price="62.50")
    looked, asked = meeting(2), meeting(2)
    really = holding.end

    def end(row: TicketOrder, why: str) -> None:
        looked()
        asked()
        really(row, why)

    def agree() -> ChangeRequest:
        looked()
        change = _agreed(desk, old, target)()
        asked()
        return change

    monkeypatch.setattr(holding, "lock_orders", lambda keys: list(TicketOrder.objects.filter(pk__in=keys)))
    monkeypatch.setattr(holding, "end", end)

    # when
    together(agree, lambda: look(desk, old, 2))

    # then: a change waits for the money of a seat that nobody holds
    assert (ChangeRequest.objects.get().state, fresh(target).state) == ("to_pay", OrderState.CLOSED)
