"""The other network: when the first one refuses late, is silent, raises its price, or loses a hold that is paid."""

from __future__ import annotations

from datetime import time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from plugins.ticketing.coach.errors import CoachError
from plugins.ticketing.coach.models import FareProof
from plugins.ticketing.kernel.choices import OrderState, TicketState
from plugins.ticketing.kernel.models import SupplierAccount, SupplierCall, TicketOrder
from plugins.ticketing.kernel.services.calls import sweep
from plugins.ticketing.kernel.services.holding import close
from plugins.ticketing.kernel.services.issuing import drive
from saleor_o2o.kernel.clock import frozen
from saleor_o2o.kernel.states import move

from .conftest import World
from .networks import MORNING

D = Decimal
#: When the sweep asks what became of a silent hold.
LATER = MORNING + timedelta(minutes=2)


def fresh(order: TicketOrder) -> TicketOrder:
    return TicketOrder.objects.get(pk=order.pk)


def silent(world: World, step: str, **told: Any) -> TicketOrder:
    """A hold about which the first network says nothing: "silent" it was not done, "lost" it was."""
    found = world.bus()
    world.networks["a"].will("lock", step)
    world.networks["a"].deaf = True
    order = world.hold(found=found, **told)
    assert order.state == OrderState.HOLDING
    world.networks["a"].deaf = False
    return order


def asked_again() -> None:
    SupplierCall.objects.update(ask_at=MORNING)
    with frozen(LATER):
        sweep()


def test_refused_late_the_other_network_sells_at_its_price(world: World) -> None:
    # given a buyer who agreed to what the dearer one asks: 64.50
    order = silent(world, "silent", most_total=D("64.50"))
    # when it turns out that the first network holds nothing
    asked_again()
    # then the other one does, at its fare, its charge and its cost
    order = fresh(order)
    assert (order.state, order.supplier.code) == (OrderState.HELD, "b")
    assert (order.total, order.face, order.service) == (D("64.50"), D("61.50"), D("3.00"))
    ticket = order.tickets.get()
    assert (ticket.price, ticket.cost, ticket.full_fare) == (D("64.50"), D("61.50"), D("61.50"))


def test_refused_late_nobody_pays_more_than_he_agreed_to(world: World) -> None:
    # given
    order = silent(world, "silent")
    # when
    asked_again()
    # then the dearer one is not even asked
    assert (fresh(order).state, world.networks["b"].count("lock")) == (OrderState.HOLD_FAILED, 0)


def paid(order: TicketOrder) -> None:
    """The money is here; no Saleor order stands behind it."""
    move(fresh(order), "pay")


@pytest.mark.parametrize("late", [False, True])
def test_a_paid_hold_that_is_lost_goes_to_the_other_network(world: World, late: bool) -> None:
    # given a hold that came at once, or by the sweep
    order = silent(world, "lost") if late else world.hold()
    if late:
        asked_again()
    assert fresh(order).state == OrderState.HELD
    paid(order)
    # when the first network has lost it, and sold its seats
    world.networks["a"].lose()
    world.networks["a"].seats = 0
    drive(order.pk)
    # then the passenger has a ticket at the price that he paid; what is dearer is ours
    order = fresh(order)
    assert (order.state, order.supplier.code, order.total) == (OrderState.ISSUED, "b", D("62.00"))
    assert order.tickets.get().cost == D("61.50")


def test_a_price_that_rose_is_said_as_what_it_is(world: World) -> None:
    # given: shown at 62.00; the first network asks 2.00 more by now, the other one 3.00
    found = world.bus()
    world.networks["a"].dearer, world.networks["b"].dearer = "2.00", "3.00"
    world.networks["a"].prices = {"full": D("62.00")}
    world.networks["b"].prices = {"full": D("63.00")}
    # when it is found out by the hold
    with pytest.raises(CoachError) as refusal:
        world.hold(found=found, most_total=D("62.00"))
    assert (refusal.value.code.value, refusal.value.details) == (
        "PRICE_CHANGED", {"total": "64.00", "why": "票价已变"},
    )  # fmt: skip
    assert refusal.value.message == "票价已变，合计由 62.00 元变为 64.00 元"
    # when it is known before
    with pytest.raises(CoachError) as refusal:
        world.hold(key="key-00000002", most_total=D("62.00"))
    assert refusal.value.message == "票价已变，合计由 62.00 元变为 64.00 元"
    # then it is sold to whoever agrees
    order = world.hold(key="key-00000003", most_total=D("64.00"))
    assert (order.supplier.code, order.total) == ("a", D("64.00"))


def test_sold_out_at_this_price_is_said_where_it_is_so(world: World) -> None:
    # given
    world.networks["a"].left["1"] = 0
    # then
    with pytest.raises(CoachError) as refusal:
        world.hold(most_total=D("62.00"))
    assert refusal.value.message == "这个价格的票已售完，另一客票网还有，合计由 62.00 元变为 64.50 元"


def test_a_network_that_has_closed_is_not_called_sold_out(world: World) -> None:
    # given: the first one refuses at night, which nobody knew
    world.networks["a"].will("lock", "OUT_OF_HOURS")
    # then
    with pytest.raises(CoachError) as refusal:
        world.hold(most_total=D("62.00"))
    assert (
        refusal.value.message == "这个价格的客票网现在不能出票，另一客票网还有，合计由 62.00 元变为 64.50 元"
    )
    # and the same where it is known before
    SupplierAccount.objects.filter(code="a").update(opens=time(6), closes=time(8))
    with pytest.raises(CoachError) as refusal:
        world.hold(key="key-00000002", most_total=D("62.00"))
    assert (
        refusal.value.message == "这个价格的客票网现在不能出票，另一客票网还有，合计由 62.00 元变为 64.50 元"
    )


def test_children_on_a_lap_are_counted_again_when_the_money_comes_late(world: World) -> None:
    # given a family whose hold is over, and others who took the four places for children meanwhile
    found = world.bus()
    family = world.hold(world.rider(), world.rider("20220607", "free"), found=found)
    close(family.pk, "未付款")
    for serial in range(2):
        world.hold(
            world.rider(), world.rider(), world.rider("20220607", "free"), world.rider("20220607", "free"),
            key=f"key-1000000{serial}", found=found,
        )  # fmt: skip
    # when their money comes after all
    move(fresh(family), "reopen")
    for ticket in family.tickets.all():
        move(ticket, "reopen")
    asked = world.networks["a"].count("lock")
    drive(family.pk)
    # then nobody is asked for seats, the money goes back, and they read why
    family = fresh(family)
    assert (family.state, world.networks["a"].count("lock")) == (OrderState.ISSUE_FAILED, asked)
    assert "携童名额" in family.why
    assert set(family.tickets.values_list("state", flat=True)) == {TicketState.VOID}


def test_with_places_left_the_late_family_rides(world: World) -> None:
    # given
    family = world.hold(world.rider(), world.rider("20220607", "free"))
    close(family.pk, "未付款")
    move(fresh(family), "reopen")
    for ticket in family.tickets.all():
        move(ticket, "reopen")
    # when
    drive(family.pk)
    # then
    assert fresh(family).state == OrderState.ISSUED
    assert FareProof.objects.filter(ticket__ticket_order=family).count() == 1
