"""Both networks' adapters against the pretended networks: what is done, what is refused, what nobody knows."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal as D
from typing import Any

import pytest

from plugins.ticketing.coach.ports import CANCELLED, FREE, FULL, HALF
from plugins.ticketing.kernel import ports
from plugins.ticketing.kernel.choices import CallKind as K
from plugins.ticketing.kernel.ports import (
    ChangeAsk,
    Issued,
    Person,
    Refunded,
    SupplierRefused,
    SupplierSilent,
    Unit,
)
from saleor_o2o.kernel.clock import now, today

from .sandboxes import IDS, A, B, Desk, coach_address, coach_folder, control, desk, fangbian, own, province

__all__ = ["coach_address", "coach_folder", "control", "desk", "fangbian", "province"]


def until(find: Callable[[], Any]) -> Any:
    """What is found once the network is not working on it any more."""
    for _ in range(300):
        found = find()
        if not getattr(found, "working", False):
            return found
        time.sleep(0.02)
    raise AssertionError("still working")


def issued(desk: Desk, fares: str = "F", goal: str = "", at: int = 0) -> tuple[Issued, D]:
    """Tickets, and what we owe for them."""
    ask, locked = desk.lock(desk.shifts(goal)[at], fares)
    wanted = desk.issue_ask(ask, locked)
    first = desk.adapter.issue(wanted)
    done = until(lambda: desk.adapter.find(K.ISSUE, wanted.own)) if first.working else first
    return done, wanted.amount


def test_stations_stops_and_buses_are_read(desk: Desk) -> None:
    # when
    stations = {one.code: one for one in desk.adapter.stations()}
    stops = {one.name for one in desk.adapter.stops(desk.station)}
    first = desk.shifts()[0]

    # then
    province = desk.name == A
    home = stations[desk.station]
    assert home.name == ("重庆龙头寺汽车站" if province else "龙头寺站")
    assert (home.presale_days, home.stop_sale, home.most) == ((10, 30, 5) if province else (7, 60, 3))
    assert (home.half, home.free) == (True, province)
    assert (home.opens.hour, home.closes.minute) == ((5, 0) if province else (6, 30))  # type: ignore[union-attr]
    assert ("铜梁" if province else "重庆铜梁") in stops
    assert (first.departs.hour, first.departs.minute, first.departs.utcoffset()) == (
        7,
        30,
        timedelta(hours=8),
    )
    assert (first.prices[FULL], first.prices[HALF]) == (D("61.50"), D("31.00"))
    assert first.costs[FULL] == (D("62.30") if province else D("63.00"))
    assert (FREE in first.prices) == province
    assert first.left == (29 if province else 14)
    assert (first.stop_sale, first.state, first.flow) == (30 if province else 60, "on_sale", False)


def test_one_bus_is_asked_for_again(desk: Desk) -> None:
    shift = desk.shifts()[0]
    again = desk.adapter.shift(shift.product)
    assert (again.shift, again.departs, again.prices) == (shift.shift, shift.departs, shift.prices)
    assert ("3" in again.free_seats) == (desk.name == A)


def test_a_day_outside_the_presale_is_refused(desk: Desk) -> None:
    with pytest.raises(SupplierRefused) as refusal:
        desk.shifts(day=today() + timedelta(days=30))
    assert refusal.value.code == ports.NOT_ON_SALE and "不在预售期" in str(refusal.value.words)


def test_seats_are_held_until_a_moment_at_the_price_that_was_shown(desk: Desk) -> None:
    # when
    ask, locked = desk.lock(desk.shifts()[0], "FH")

    # then
    minutes = (locked.until - now()).total_seconds() / 60
    assert minutes == pytest.approx(15 if desk.name == A else 10, abs=0.5)
    assert locked.seats == ({"P0": "3", "P1": "4"} if desk.name == A else {"P0": "5", "P1": "8"})
    assert locked.prices == {unit.ticket: unit.price for unit in ask.units}
    assert desk.adapter.lock(ask) == locked == desk.adapter.find(K.LOCK, ask.own)
    assert desk.calls("lock") == ["OK", "OK"]


def test_tickets_are_made_once(desk: Desk) -> None:
    # given
    ask, locked = desk.lock(desk.shifts()[0], "FF")
    wanted = desk.issue_ask(ask, locked)

    # when
    first = desk.adapter.issue(wanted)
    done = until(lambda: desk.adapter.find(K.ISSUE, wanted.own))

    # then: this network answers at once, the other one later
    assert first.working == (desk.name == B)
    assert desk.adapter.issue(wanted) == done
    assert set(done.tickets) == {"P0", "P1"} and len(set(done.tickets.values())) == 2
    assert done.seats == locked.seats and done.their_number == locked.their_number
    assert set(done.pick) == {"number", "password", "address"} and all(done.pick.values())
    with pytest.raises(SupplierRefused):
        desk.adapter.release(own(), locked.their_number, ask.own)


def test_a_hold_is_given_back_once_and_again(desk: Desk) -> None:
    # given
    ask, locked = desk.lock(desk.shifts()[0])

    # when: by its number there, by ours, and what never was
    desk.adapter.release(own(), locked.their_number, ask.own)
    desk.adapter.release(own(), "", ask.own)
    desk.adapter.release(own(), "", own())

    # then
    with pytest.raises(SupplierRefused) as refusal:
        desk.adapter.find(K.LOCK, ask.own)
    assert refusal.value.code == ports.HOLD_LOST
    assert desk.shifts()[0].left == (29 if desk.name == A else 14)


def test_numbers_that_never_arrived_are_not_known(desk: Desk) -> None:
    assert [desk.adapter.find(kind, own()) for kind in (K.LOCK, K.ISSUE, K.REFUND, K.CHANGE, K.RELEASE)] == [
        None
    ] * 5


def test_a_hold_that_ran_out_is_lost(desk: Desk) -> None:
    # given
    ask, locked = desk.lock(desk.shifts()[0])
    wanted = desk.issue_ask(ask, locked)

    # when
    desk.control.set_clock(offset_seconds=16 * 60)

    # then
    with pytest.raises(SupplierRefused) as refusal:
        desk.adapter.issue(wanted)
    assert refusal.value.code == ports.HOLD_LOST
    assert desk.adapter.find(K.ISSUE, wanted.own) is None


@pytest.mark.parametrize(
    ("kind", "code"),
    [("sold_out", ports.SOLD_OUT), ("price_changed", ports.PRICE_CHANGED), ("out_of_hours", ports.OUT_OF_HOURS),
     ("error", ports.OTHER), ("down", ports.UNREACHABLE), ("http_429", ports.UNREACHABLE)],
)  # fmt: skip
def test_a_hold_that_was_certainly_not_made_is_refused(desk: Desk, kind: str, code: str) -> None:
    # given
    shift = desk.shifts()[0]
    desk.fault("lock", kind)
    ask = desk.ask(shift)

    # when
    with pytest.raises(SupplierRefused) as refusal:
        desk.adapter.lock(ask)

    # then
    assert refusal.value.code == code and str(refusal.value.words)
    assert desk.adapter.find(K.LOCK, ask.own) is None


@pytest.mark.parametrize(
    ("kind", "done"),
    [("answer_lost", True), ("not_json", True), ("bad_signature", True), ("http_500", False), ("late", True)],
)
def test_silence_is_looked_up_by_our_number(desk: Desk, kind: str, done: bool) -> None:
    # given
    shift = desk.shifts()[0]
    desk.fault("lock", kind, delay=0.2)
    ask = desk.ask(shift)

    # when
    with pytest.raises(SupplierSilent) as silence:
        desk.adapter.lock(ask)
    time.sleep(0.5)

    # then
    assert silence.value.words and "乘客" not in silence.value.words
    assert (desk.adapter.find(K.LOCK, ask.own) is not None) == done


def test_an_answer_that_takes_too_long_is_silence(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    from plugins.ticketing.coach.suppliers import speaking

    ask, locked = desk.lock(desk.shifts()[0])
    wanted = desk.issue_ask(ask, locked)
    desk.fault("issue", "timeout", delay=1.5)
    monkeypatch.setattr(speaking, "TIMEOUT", 0.5)

    # when
    with pytest.raises(SupplierSilent) as silence:
        desk.adapter.issue(wanted)
    time.sleep(1.2)

    # then: it was done, once
    assert silence.value.words == "TIMEOUT"
    assert until(lambda: desk.adapter.find(K.ISSUE, wanted.own)).tickets
    assert desk.calls("issue") == ["OK"]


def test_whatever_may_have_been_issued_is_never_called_refused(desk: Desk) -> None:
    # given: a door that turns away says nothing certain about money
    ask, locked = desk.lock(desk.shifts()[0])
    desk.fault("issue", "down")

    # then
    with pytest.raises(SupplierSilent):
        desk.adapter.issue(desk.issue_ask(ask, locked))


@pytest.mark.parametrize("kind", ["down", "error", "out_of_hours", "http_500", "not_json"])
def test_looking_up_never_takes_trouble_for_not_done(desk: Desk, kind: str) -> None:
    # given
    ask, _locked = desk.lock(desk.shifts()[0])
    desk.fault("query", kind)

    # then
    with pytest.raises(SupplierSilent):
        desk.adapter.find(K.LOCK, ask.own)
    assert desk.adapter.find(K.LOCK, ask.own) is not None


def test_nobody_there_is_a_refusal_but_not_when_looking(desk: Desk, settings: Any) -> None:
    # given
    shift = desk.shifts()[0]
    settings.SANDBOX_URL = "http://127.0.0.1:9"

    # then
    with pytest.raises(SupplierRefused) as refusal:
        desk.adapter.lock(desk.ask(shift))
    assert refusal.value.code == ports.UNREACHABLE
    with pytest.raises(SupplierSilent):
        desk.adapter.find(K.LOCK, own())
    with pytest.raises(SupplierSilent):  # it is told again until it has heard
        desk.adapter.release(own(), "L1", own())


@pytest.mark.parametrize("wrong", ["NO_URL", "NOT_HTTPS", "NO_SANDBOX_KEY"])
def test_a_network_without_a_key_is_asked_nothing(
    desk: Desk, settings: Any, wrong: str, tmp_path: Any
) -> None:
    # given
    if wrong == "NO_URL":
        settings.SANDBOX_URL = ""
    elif wrong == "NO_SANDBOX_KEY":
        settings.SANDBOX_DIR = tmp_path
    else:
        settings.O2O_SANDBOX_ALLOWED = False
        settings.O2O_COACH_NETWORKS = {desk.name: {"URL": "http://plain.example", "KEY": "k", "SECRET": "s"}}

    # then
    with pytest.raises(SupplierRefused) as refusal:
        desk.adapter.ping()
    assert refusal.value.code == wrong


def test_another_key_is_refused_in_words(desk: Desk, settings: Any) -> None:
    settings.O2O_COACH_NETWORKS = {
        desk.name: {"URL": f"{settings.SANDBOX_URL}/{desk.name}", "KEY": "other", "SECRET": "other"}
    }
    # the province turns away at the door; the other network's answer is signed with a secret that is not ours
    with pytest.raises(SupplierRefused if desk.name == A else SupplierSilent):
        desk.adapter.ping()


@pytest.mark.parametrize(
    "person",
    [
        None,
        Person("乘客", "driving_licence", "1"),
        Person("乘客", "id_card", "123"),
        Person("", "id_card", IDS[0]),
    ],
)
def test_a_passenger_that_the_network_does_not_take(desk: Desk, person: Person | None) -> None:
    # given
    shift = desk.shifts()[0]
    unit = Unit("P0", FULL, shift.costs[FULL], person)

    # then
    with pytest.raises(SupplierRefused) as refusal:
        desk.adapter.lock(desk.ask(shift, units=[unit]))
    assert refusal.value.code == ports.PASSENGER_REFUSED


def test_carried_children_go_with_the_province_only(province: Desk, fangbian: Desk) -> None:
    # when
    shift = province.shifts()[0]
    _ask, locked = province.lock(shift, "FC")

    # then
    assert locked.seats == {"P0": "3", "P1": ""} and locked.prices == {"P0": D("62.30"), "P1": D("0.00")}
    other = fangbian.shifts()[0]
    units = [*fangbian.ask(other, "F").units, Unit("P9", FREE, D(0), Person("小孩", "", ""))]
    with pytest.raises(SupplierRefused) as refusal:
        fangbian.adapter.lock(fangbian.ask(other, units=units))
    assert refusal.value.code == ports.PASSENGER_REFUSED


def test_issuing_later_and_failing(desk: Desk) -> None:
    # given
    desk.control.call("POST", f"/{desk.name}/options", {"issue_delay": 0})
    (late_ask, late), (bad_ask, bad) = desk.lock(desk.shifts()[0]), desk.lock(desk.shifts()[1])
    late_one, bad_one = desk.issue_ask(late_ask, late), desk.issue_ask(bad_ask, bad)
    desk.fault("issue", "late", delay=0.3)
    desk.fault("issue", "issue_failed")

    # when
    first = desk.adapter.issue(late_one)
    with pytest.raises(SupplierRefused) as refusal:
        desk.adapter.issue(bad_one)

    # then
    assert first == Issued(working=True, their_number=late.their_number)
    assert until(lambda: desk.adapter.find(K.ISSUE, late_one.own)).tickets
    assert refusal.value.code == ports.OTHER and "出票失败" in str(refusal.value.words)
    with pytest.raises(SupplierRefused):
        desk.adapter.find(K.ISSUE, bad_one.own)


def test_another_amount_makes_no_tickets(desk: Desk) -> None:
    ask, locked = desk.lock(desk.shifts()[0])
    wanted = replace(desk.issue_ask(ask, locked), amount=D("1.00"))
    with pytest.raises(SupplierRefused) as refusal:
        desk.adapter.issue(wanted)
    assert refusal.value.code == ports.OTHER and desk.adapter.find(K.ISSUE, wanted.own) is None


def test_tickets_go_back_by_the_networks_own_fees(desk: Desk) -> None:
    # given
    tickets = dict(issued(desk, "FF")[0].tickets)
    one = {"P0": tickets["P0"]}

    # when
    shown = desk.adapter.preview_refund(one, carriers_fault=False)
    ask = desk.refund_ask(one)
    first = desk.adapter.refund(ask)
    done = until(lambda: desk.adapter.find(K.REFUND, ask.own))

    # then: ten per cent there, five here; the service charge stays
    assert shown == {"P0": D("55.30") if desk.name == A else D("58.50")}
    assert first.working == (desk.name == B)
    assert done.amounts == shown and done.document.startswith("R")
    assert desk.adapter.refund(ask) == done
    with pytest.raises(SupplierRefused) as refusal:
        desk.adapter.refund(desk.refund_ask(one))
    assert refusal.value.code == ports.CLOSED_FOR_CHANGE


def test_a_cancelled_bus_gives_everything_back(desk: Desk) -> None:
    # given
    shift = desk.shifts()[0]
    done, owed = issued(desk)
    with pytest.raises(SupplierRefused):  # it goes, so far
        desk.adapter.refund(desk.refund_ask(dict(done.tickets), fault=True))

    # when
    where = {"date": shift.day.isoformat(), "shift": shift.shift}
    desk.control.call("POST", f"/{desk.name}/shifts/cancel", where)
    ask = desk.refund_ask(dict(done.tickets), fault=True)
    desk.adapter.refund(ask)

    # then
    assert until(lambda: desk.adapter.find(K.REFUND, ask.own)).amounts == {"P0": owed}
    assert desk.shifts()[0].state == CANCELLED and desk.shifts()[0].left == 0


def test_refunds_that_are_rejected_or_partial(desk: Desk) -> None:
    # given
    tickets = dict(issued(desk, "FF")[0].tickets)
    rejected, partial = desk.refund_ask({"P0": tickets["P0"]}), desk.refund_ask(tickets)

    # when
    desk.fault("refund", "refund_rejected")
    with pytest.raises(SupplierRefused) as refusal:
        desk.adapter.refund(rejected)
        until(lambda: desk.adapter.find(K.REFUND, rejected.own))
    desk.fault("refund", "partial_refund")
    desk.adapter.refund(partial)
    done: Refunded = until(lambda: desk.adapter.find(K.REFUND, partial.own))

    # then: who was not taken back is named
    assert refusal.value.code == ports.OTHER and "窗口" in str(refusal.value.words)
    assert set(done.amounts) == {"P0"} and done.refused == {"P1": str(refusal.value.words)}


def test_a_ticket_is_changed_to_a_bus_that_is_held(desk: Desk) -> None:
    # given
    done, _owed = issued(desk)
    goal_ask, goal = desk.lock(desk.shifts()[1])
    units = [replace(unit, ticket="P0") for unit in goal_ask.units]
    ask = ChangeAsk(
        own(), done.their_number, dict(done.tickets), goal.their_number, goal_ask.product, units, D(0)
    )

    # when
    changed = desk.adapter.change(ask)

    # then
    assert changed.tickets["P0"] != done.tickets["P0"] and changed.their_number == goal.their_number
    assert desk.adapter.change(ask) == changed == desk.adapter.find(K.CHANGE, ask.own)
    with pytest.raises(SupplierRefused) as refusal:
        desk.adapter.refund(desk.refund_ask(dict(done.tickets)))
    assert refusal.value.code == ports.CLOSED_FOR_CHANGE
    third_ask, third = desk.lock(desk.shifts()[2])
    again = replace(
        ask, own=own(), old=dict(changed.tickets), new_number=third.their_number, product=third_ask.product
    )
    with pytest.raises(SupplierRefused) as once:
        desk.adapter.change(again)
    assert once.value.code == ports.CLOSED_FOR_CHANGE


def test_the_days_statement_sums_up(desk: Desk) -> None:
    # given
    done, owed = issued(desk, "FF")
    ask = desk.refund_ask({"P0": done.tickets["P0"]})
    desk.adapter.refund(ask)
    back = until(lambda: desk.adapter.find(K.REFUND, ask.own)).amounts["P0"]
    with pytest.raises(SupplierRefused) as early:
        desk.adapter.statement(today())

    # when
    desk.control.call("POST", f"/{desk.name}/age", {"days": 1})
    lines = list(desk.adapter.statement(today() - timedelta(days=1)))

    # then
    assert "尚未生成" in str(early.value.words)
    assert sorted((one.kind, one.their_ticket) for one in lines) == sorted(
        [(K.ISSUE, done.tickets["P0"]), (K.ISSUE, done.tickets["P1"]), (K.REFUND, done.tickets["P0"])]
    )
    assert sum(one.amount for one in lines) == owed - back
    assert {one.their_number for one in lines if one.kind == K.ISSUE} == {done.their_number}
    assert list(desk.adapter.statement(date(today().year, 1, 1) - timedelta(days=3))) == []


def test_the_statement_has_what_the_network_pays_its_agent(desk: Desk) -> None:
    # given: two per cent of 56.00, the price of 61.50 without fuel and the station's; one of two tickets goes back
    desk.control.call("POST", f"/{desk.name}/options", {"agency": 2})
    try:
        done, _owed = issued(desk, "FF")
        ask = desk.refund_ask({"P0": done.tickets["P0"]})
        desk.adapter.refund(ask)
        until(lambda: desk.adapter.find(K.REFUND, ask.own))

        # when
        desk.control.call("POST", f"/{desk.name}/age", {"days": 1})
        lines = list(desk.adapter.statement(today() - timedelta(days=1)))
    finally:
        desk.control.call("POST", f"/{desk.name}/options", {"agency": 0})

    # then
    paid = [
        (one.kind, one.their_ticket, one.amount) for one in lines if one.kind in (K.AGENCY, K.AGENCY_BACK)
    ]
    assert sorted(paid) == sorted([
        (K.AGENCY, done.tickets["P0"], D("-1.12")), (K.AGENCY, done.tickets["P1"], D("-1.12")),
        (K.AGENCY_BACK, done.tickets["P0"], D("1.12")),
    ])  # fmt: skip


def test_a_flow_and_an_evening_far_away(desk: Desk) -> None:
    # given
    station = "CQ02" if desk.name == A else "230100"
    [flow] = desk.adapter.shifts(
        station, "涪陵" if desk.name == A else "重庆涪陵", today() + timedelta(days=1)
    )

    # then
    assert flow.flow and (flow.departs.hour, flow.last.hour) == (6, 21)
    assert isinstance(flow.last, datetime) and flow.last > flow.departs
    _ask, locked = desk.lock(flow)
    assert locked.seats == {"P0": ""}
