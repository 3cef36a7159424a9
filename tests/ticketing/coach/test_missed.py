"""A missed bus: a later one of the same day by the rule of the day of sale; two clicks; one network does it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from saleor.account.models import User

from plugins.ticketing.coach.errors import CoachError
from plugins.ticketing.coach.models import ShiftDay
from plugins.ticketing.coach.services.gate import check_in
from plugins.ticketing.coach.services.missing import later_buses, of_passengers, reroute
from plugins.ticketing.coach.services.moving import follow_bus
from plugins.ticketing.coach.services.refreshing import freshen
from plugins.ticketing.coach.showing import passes_of
from plugins.ticketing.coach.trade import words_of
from plugins.ticketing.kernel import seeds
from plugins.ticketing.kernel.access import ORDER_VIEW, REFUND
from plugins.ticketing.kernel.choices import ChangeState, FeeKind, OrderState, TicketState, Trade
from plugins.ticketing.kernel.errors import TicketError
from plugins.ticketing.kernel.models import ChangeRequest, FeeLine, Ticket, TicketOrder
from plugins.ticketing.kernel.ports import ChangeAsk, Issued, SupplierRefused
from plugins.ticketing.kernel.services.change_asking import send
from plugins.ticketing.kernel.services.change_paying import give_up
from plugins.ticketing.kernel.services.refunding import preview_refund
from saleor_o2o.kernel.clock import frozen, now
from saleor_o2o.kernel.states import move

from ...orgs import again, person
from .conftest import World
from .networks import MORNING
from .sandboxes import A, Desk, coach_address, coach_folder, control, fangbian, own, province
from .test_gate import guard
from .test_papers import issue

__all__ = ["coach_address", "coach_folder", "control", "fangbian", "guard", "province"]
#: Ten past eight on the day of travel; the bus left at eight, the next one goes at two.
LEFT = MORNING.replace(month=12, day=1, hour=8, minute=10)


@pytest.fixture
def clerk(world: World) -> User:
    return again(person(world.org["B111"], "missed", [REFUND, ORDER_VIEW]))


@pytest.fixture
def order(world: World, monkeypatch: pytest.MonkeyPatch) -> TicketOrder:
    """Two on the bus at eight, issued by a network that puts them on later ones."""
    network = world.networks["a"]

    def change(ask: ChangeAsk) -> Issued:
        network.asked.append(("change", str(ask.missed)))
        return Issued(False, ask.new_number, {unit.ticket: f"M{unit.ticket}" for unit in ask.units})

    monkeypatch.setattr(network, "change", change)
    monkeypatch.setattr(network, "reroutes_missed", True, raising=False)
    made = world.hold(world.rider(), world.rider(), unit=world.org["B111"])
    issue(made)
    for step in ("pay", "issue", "finish"):
        move(TicketOrder.objects.get(pk=made.pk), step)
    return TicketOrder.objects.get(pk=made.pk)


@pytest.fixture
def left(order: TicketOrder) -> Iterator[datetime]:
    with frozen(LEFT) as moment:
        yield moment


def free_for_hours(hours: int) -> None:
    """A rule of the line's own."""
    template = seeds.Template(
        "误班（龙头寺—遂宁）", Trade.COACH, FeeKind.NOSHOW, f"后{hours}小时: 免费; 以后: 不办",
        {"line": "CQ-LTS-SC-SN"},
        {"most_times": 1, "back_down": True},
    )  # fmt: skip
    seeds._written(template)


def afternoon() -> ShiftDay:
    return ShiftDay.objects.get(shift__departs="14:00", day=LEFT.date())


def test_shown_with_the_fee_and_done_for_nothing_else(
    order: TicketOrder, left: datetime, clerk: User
) -> None:
    # given what the page shows: the bus at two, a fifth of sixty yuan for each
    tickets = of_passengers(order)
    [later] = later_buses(order, tickets)
    assert (later.bus.shift_day, later.net([one.pk for one in tickets])) == (afternoon(), Decimal("24.00"))
    one = [tickets[0].pk]
    # when another sum was shown: nothing is changed, nothing stays held
    with pytest.raises(TicketError, match=r"12\.00"):
        reroute(clerk, order.pk, one, later.bus.shift_day.pk, "missed-000000001", Decimal("10.00"))
    assert {one.state for one in tickets} == {TicketState.ISSUED}
    assert list(TicketOrder.objects.exclude(pk=order.pk).values_list("state", flat=True)) == [
        OrderState.CLOSED
    ]
    # when it is as shown
    done = reroute(clerk, order.pk, one, later.bus.shift_day.pk, "missed-000000002", Decimal("12.00"))
    # then the fee is to be paid, and the old ticket waits; the same key is the same change
    assert (done.state, done.cause, done.to_pay, done.fee) == (
        ChangeState.TO_PAY,
        "missed",
        Decimal(12),
        Decimal(12),
    )
    assert reroute(clerk, order.pk, one, later.bus.shift_day.pk, "missed-000000002").pk == done.pk
    assert Ticket.objects.get(pk=one[0]).state == TicketState.CHANGING
    # when the customer does not want to pay it
    assert give_up(done.pk).state == ChangeState.CLOSED
    # then the old ticket counts, and the new seat is free
    assert Ticket.objects.get(pk=one[0]).state == TicketState.ISSUED
    assert TicketOrder.objects.get(pk=done.target_id).state == OrderState.CLOSED


@pytest.mark.parametrize(("before", "free", "shown"), [(119, False, 0), (119, True, 1), (121, False, 1)])
def test_no_bus_that_leaves_before_the_fee_is_paid(
    before: int, free: bool, shown: int, order: TicketOrder, world: World
) -> None:
    # given: the station sells until departure
    network = world.networks["a"]
    network.stop_sale = 0
    type(world.station("CQ-LTS")).objects.update(stop_minutes=0)
    if free:
        free_for_hours(8)
    freshen([world.station("CQ-LTS")], LEFT.date(), age=timedelta(0))

    # then
    with frozen(LEFT.replace(hour=14, minute=0) - timedelta(seconds=before)):
        assert len(later_buses(order, of_passengers(order))) == shown


def test_on_the_later_bus_once(order: TicketOrder, left: datetime, clerk: User, world: World) -> None:
    # given a rule that takes nothing
    free_for_hours(4)
    keys = [one.pk for one in of_passengers(order)]
    # when: one click for the page, one for the bus
    client = Client()
    client.force_login(clerk)
    address = reverse("admin:o2o_coach_gatecheck_missed", args=[order.pk])
    button = client.get(reverse("admin:o2o_ticketing_ticketorder_change", args=[order.pk])).content.decode()
    assert address in button
    form = client.get(address).context["form"]
    told = {"tickets": form.initial["tickets"], "key": form.initial["key"], "shown": form.initial["shown"]}
    answer = client.post(address, {**told, "bus": str(afternoon().pk)})
    # then
    assert answer.status_code == 302
    change = ChangeRequest.objects.get()
    send(change.pk)
    change = ChangeRequest.objects.get(pk=change.pk)
    assert (change.state, world.networks["a"].asked[-1]) == (ChangeState.DONE, ("change", "True"))
    assert {one.state for one in Ticket.objects.filter(pk__in=keys)} == {TicketState.CHANGED}
    target = change.target
    assert target is not None
    assert (target.state, target.user, target.coach_trip.shift_day) == (
        OrderState.ISSUED,
        order.user,
        afternoon(),
    )
    assert not FeeLine.objects.filter(reference=change.number).exists()
    # and both orders' pages lead to the change
    for one, words in ((order, "改签"), (target, "由改签而来")):
        shown = client.get(reverse("admin:o2o_ticketing_ticketorder_change", args=[one.pk])).content.decode()
        address = reverse("admin:o2o_ticketing_changerequest_change", args=[change.pk])
        assert (shown.count(f'href="{address}"'), words in shown) == (1, True)
    # and the bus at two is missed, too: not again
    ShiftDay.objects.filter(pk=afternoon().pk).update(departs=LEFT + timedelta(minutes=1))
    with frozen(LEFT + timedelta(minutes=2)):
        with pytest.raises(CoachError) as refusal:
            reroute(
                clerk, target.pk, [target.tickets.order_by("pk")[0].pk], afternoon().pk, "missed-000000003"
            )
        assert refusal.value.code.value in {"NOT_MISSED", "NOT_FOUND", "STOPPED_SALE"}


def test_a_networks_own_rule_comes_before_the_stations(
    order: TicketOrder, left: datetime, clerk: User
) -> None:
    # given: what the network of the tickets keeps, beside the station's fifth
    template = seeds.Template(
        "误班（客票网a）", Trade.COACH, FeeKind.NOSHOW, "后4小时: 30%; 以后: 不办", {"supplier": "a"},
        {"most_times": 1, "back_down": True},
    )  # fmt: skip
    seeds._written(template)

    # when
    tickets = of_passengers(order)
    [later] = later_buses(order, tickets)
    done = reroute(clerk, order.pk, [tickets[0].pk], later.bus.shift_day.pk, "missed-000000001")

    # then: three tenths of sixty, as when a ticket of this network is given back or changed
    assert later.net([tickets[0].pk]) == Decimal("18.00")
    assert (done.fee, done.to_pay) == (Decimal("18.00"), Decimal("18.00"))


def test_what_was_another_sum_is_done_by_the_next_press(
    order: TicketOrder, left: datetime, clerk: User
) -> None:
    # given: the page was opened before the fee went up
    free_for_hours(4)
    client = Client()
    client.force_login(clerk)
    address = reverse("admin:o2o_coach_gatecheck_missed", args=[order.pk])
    form = client.get(address).context["form"]
    told = {"tickets": form.initial["tickets"], "key": form.initial["key"]}
    cheaper = json.dumps({str(afternoon().pk): dict.fromkeys(told["tickets"], "-5.00")})

    # when
    refused = client.post(address, {**told, "shown": cheaper, "bus": str(afternoon().pk)})
    assert "应补金额刚刚变为 0.00 元" in refused.content.decode()
    # as the page that is shown then sends it
    form = refused.context["form"]
    sent = {name: form[name].value() for name in ("tickets", "key", "shown")}
    done = client.post(address, {**sent, "bus": str(afternoon().pk)})

    # then
    assert done.status_code == 302
    assert ChangeRequest.objects.get().to_pay == 0
    # and the same change by the same key, however often
    reroute(clerk, order.pk, [int(pk) for pk in told["tickets"]], afternoon().pk, sent["key"])
    assert ChangeRequest.objects.count() == 1


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("early", "还没有发车"), ("tomorrow", "当日"), ("station", "不办理误班"), ("network", "不办理误班"),
        ("late", "不予改乘"), ("aboard", "没有上车"), ("earlier", "后面的班次"),
    ],
)  # fmt: skip
def test_refused(
    what: str, words: str, order: TicketOrder, clerk: User, world: World, guard: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    # given
    free_for_hours(4)
    moment = {
        "early": LEFT - timedelta(minutes=11), "tomorrow": LEFT + timedelta(days=1), "late": LEFT + timedelta(hours=5),
    }.get(what, LEFT)  # fmt: skip
    keys = [one.pk for one in of_passengers(order)]
    bus = afternoon().pk
    if what == "station":
        type(world.station("CQ-LTS")).objects.update(missed_same_day=False)
    if what == "network":
        monkeypatch.setattr(world.networks["a"], "reroutes_missed", False)
    if what == "aboard":
        with frozen(LEFT - timedelta(minutes=30)):
            check_in(guard, world.station("CQ-LTS"), Ticket.objects.get(pk=keys[0]).number)
    if what == "earlier":
        bus = order.coach_trip.shift_day_id
    # when
    with frozen(moment), pytest.raises(CoachError) as refusal:
        reroute(clerk, order.pk, keys, bus, "missed-000000001")
    # then nothing is changed, and nothing is held
    assert words in refusal.value.in_words or refusal.value.code.value == "STOPPED_SALE"
    assert not ChangeRequest.objects.exists()
    assert not TicketOrder.objects.filter(state=OrderState.HELD).exists()


def test_a_moved_bus_is_told_once_and_not_missed(
    order: TicketOrder, world: World, clerk: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: the network's bus leaves at a quarter to nine now
    told: list[tuple[str, str]] = []
    monkeypatch.setattr(
        "plugins.ticketing.kernel.telling.send_text",
        lambda mobile, text, words: told.append((text, words["leaves"])),
    )
    network = world.networks["a"]
    network.buses = (replace(network.buses[0], leaves="08:45"), *network.buses[1:])
    day = order.coach_trip.shift_day_id
    freshen([world.station("CQ-LTS")], LEFT.date(), age=timedelta(0))
    # when it says so twice
    counts = [follow_bus(day, "test-coach-a", "A-1") for _ in range(2)]
    # then
    assert (counts, told) == ([1, 0], [("coach_moved", "12-01 08:45")])
    # then the order says it, too: on its page, on paper, at the gate, and for its fees
    order = TicketOrder.objects.get(pk=order.pk)
    assert (order.starts_at, order.title[-5:]) == (LEFT.replace(minute=45), "08:45")
    assert dict(words_of(order))["发车时间"] == "08:45"
    [first, _other] = passes_of(order.user, order.number)
    assert first.order.place["departs"] == order.starts_at.isoformat()
    with frozen(LEFT.replace(hour=6, minute=40)):
        [offer] = preview_refund([Ticket.objects.filter(ticket_order=order).order_by("pk")[0]], {})
    assert offer.quote.fee == Decimal("6.00")  # two hours and five minutes before: a tenth, not a fifth
    # when it moves once more, and says so twice
    network.buses = (replace(network.buses[0], leaves="09:05"), *network.buses[1:])
    freshen([world.station("CQ-LTS")], LEFT.date(), age=timedelta(0))
    counts = [follow_bus(day, "test-coach-a", "A-1") for _ in range(2)]
    # then the second time is told, too
    assert (counts, told[1:]) == ([1, 0], [("coach_moved", "12-01 09:05")])
    # and nobody has missed it at ten past eight
    with frozen(LEFT), pytest.raises(CoachError) as refusal:
        reroute(clerk, order.pk, [one.pk for one in of_passengers(order)], day, "missed-000000009")
    assert "还没有发车" in refusal.value.in_words


def test_the_provincial_network_does_it(province: Desk, control: Any) -> None:
    # given a ticket of the day's first bus, and the next bus held for the same person
    day = (now() + timedelta(days=2)).date()
    first, second = [one for one in province.shifts(day=day) if not one.flow][:2]
    asked, locked = province.lock(first)
    issued = province.adapter.issue(province.issue_ask(asked, locked))
    later, held = province.lock(second)
    old = {"P0": issued.tickets["P0"]}

    def change(*, missed: bool) -> Issued:
        more = second.costs["full"] - first.costs["full"]
        return province.adapter.change(
            ChangeAsk(
                own(), locked.their_number, old, held.their_number, later.product, later.units, more, missed
            )
        )

    # when the bus has not left yet
    with pytest.raises(SupplierRefused) as refusal:
        change(missed=True)
    assert refusal.value.code == "CLOSED_FOR_CHANGE"
    # when it has
    ahead = (first.departs - now()).total_seconds() + 300
    control.set_clock(offset_seconds=ahead)
    control.call("POST", f"/{A}/options", {"hours": "always"})
    later, held = province.lock(second)
    # then not as a usual change, but as a missed one
    with pytest.raises(SupplierRefused):
        change(missed=False)
    assert change(missed=True).tickets["P0"] != old["P0"]
    control.set_clock(offset_seconds=0)


def test_the_other_network_says_where_to_go(fangbian: Desk) -> None:
    # when
    with pytest.raises(SupplierRefused) as refusal:
        fangbian.adapter.change(ChangeAsk(own(), "", {}, "", {}, (), Decimal(0), missed=True))
    # then nothing was asked
    assert (refusal.value.code, "发车站窗口" in str(refusal.value.words)) == ("CLOSED_FOR_CHANGE", True)
    assert fangbian.calls("change") == []
