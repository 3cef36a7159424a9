"""Tickets of buses that left days ago come to an end; what is still owed or still possible stays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from plugins.ticketing.coach.models import ShiftDay
from plugins.ticketing.coach.services import expiring
from plugins.ticketing.coach.services.expiring import GRACE, expire_left
from plugins.ticketing.coach.tasks import expire
from plugins.ticketing.kernel.models import TicketOrder
from plugins.ticketing.kernel.selectors import Tab, page
from saleor_o2o.kernel.clock import frozen
from saleor_o2o.kernel.locks import LockTimeout
from saleor_o2o.kernel.states import move

from .conftest import World
from .test_papers import issue


def issued(world: World, **told: Any) -> TicketOrder:
    order = world.hold(world.rider(), world.rider(), **told)
    issue(order)
    TicketOrder.objects.filter(pk=order.pk).update(state="issued")
    return TicketOrder.objects.get(pk=order.pk)


def states(order: TicketOrder) -> list[str]:
    return list(order.tickets.order_by("pk").values_list("state", flat=True))


def tabs(world: World) -> tuple[int, int]:
    """How many orders the buyer has under 已出票 and 已结束."""
    return tuple(len(page(world.buyer, tab).items) for tab in (Tab.ISSUED, Tab.ENDED))  # type: ignore[return-value]


def test_after_the_time_of_grace_it_is_over(world: World) -> None:
    # given two on a bus, one of whom was let on
    order = issued(world)
    first = order.tickets.order_by("pk")[0]
    move(first, "use")
    over = order.coach_trip.shift_day.departs + GRACE
    # when it left, and the rule of missed buses may still be used
    with frozen(over):
        assert expire_left() == 0
        assert (states(order), tabs(world)) == (["used", "issued"], (1, 0))
    # when nobody comes any more
    with frozen(over + timedelta(seconds=1)):
        assert (expire(), expire()) == (1, 0)
    # then
    assert (states(order), tabs(world)) == (["used", "expired"], (0, 1))


def test_money_that_is_owed_does_not_expire(world: World) -> None:
    # given a bus that did not go
    order = issued(world)
    day = ShiftDay.objects.filter(pk=order.coach_trip.shift_day_id)
    day.update(state="cancelled")
    # then
    with frozen(order.starts_at + GRACE + timedelta(days=1)):
        assert expire_left() == 0
    assert states(order) == ["issued", "issued"]


def test_a_bus_that_was_put_off_counts_from_its_new_time(world: World) -> None:
    # given
    order = issued(world)
    day = order.coach_trip.shift_day
    late = day.departs + timedelta(days=2)
    ShiftDay.objects.filter(pk=day.pk).update(departs=late, last=late)
    # then
    with frozen(day.departs + GRACE + timedelta(hours=1)):
        assert expire_left() == 0
    with frozen(late + GRACE + timedelta(seconds=1)):
        assert expire_left() == 2


def test_one_that_is_taken_stops_nobody_behind_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    # given three orders, looked at one by one, the first of which is taken by somebody
    orders = [issued(world, key=f"key-0000000{at}", found=world.bus()) for at in range(3)]
    monkeypatch.setattr(expiring, "PAGE", 1)
    whole = expiring._expire

    def first_is_taken(pk: int) -> int:
        if pk == orders[0].pk:
            raise LockTimeout
        return whole(pk)

    monkeypatch.setattr(expiring, "_expire", first_is_taken)
    # then
    with frozen(orders[0].starts_at + GRACE + timedelta(hours=1)):
        assert expire_left() == 4
        assert [states(one)[0] for one in orders] == ["issued", "expired", "expired"]
        monkeypatch.setattr(expiring, "_expire", whole)
        assert expire_left() == 2
