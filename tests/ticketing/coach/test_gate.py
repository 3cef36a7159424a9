"""The gate: by code, document or number; each look has one answer; who passed gives nothing back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from saleor.account.models import User

from plugins.ticketing.coach.access import CHECK, VIEW
from plugins.ticketing.coach.choices import GateAnswer as A
from plugins.ticketing.coach.codes import pick_up
from plugins.ticketing.coach.models import GateCheck, ShiftDay, Station
from plugins.ticketing.coach.services.cancelling import cancel_day
from plugins.ticketing.coach.services.gate import check_in
from plugins.ticketing.coach.services.gate_keys import code_of, number_in
from plugins.ticketing.coach.trade import CoachRules
from plugins.ticketing.kernel.choices import OrderState, TicketState
from plugins.ticketing.kernel.models import Ticket, TicketOrder
from saleor_o2o.kernel.clock import frozen
from saleor_o2o.kernel.scope import NotAllowed
from saleor_o2o.kernel.states import IllegalMove, move

from ...orgs import again, person
from .conftest import World
from .networks import MORNING
from .test_papers import issue

#: Half past seven on the day of travel; the bus leaves at eight.
BOARDING = MORNING.replace(month=12, day=1, hour=7, minute=30)


@pytest.fixture
def guard(world: World) -> User:
    return again(person(world.org["B111"], "guard", [VIEW, CHECK]))


@pytest.fixture
def ticket(world: World) -> Ticket:
    return issue(world.hold())[0]


@pytest.fixture
def boarding(ticket: Ticket) -> Iterator[datetime]:
    with frozen(BOARDING) as moment:
        yield moment


def test_by_code_once(world: World, guard: User, ticket: Ticket, boarding: datetime) -> None:
    # when
    station = world.station("CQ-LTS")
    told = [check_in(guard, station, code_of(ticket.number)).answer for _ in range(2)]
    # then
    assert told == [A.PASSED, A.ALREADY]
    ticket = Ticket.objects.get(pk=ticket.pk)
    assert (ticket.state, ticket.used, ticket.used_at) == (TicketState.USED, 1, BOARDING)
    assert list(GateCheck.objects.order_by("pk").values_list("answer", "way")) == [
        ("passed", "qr"), ("already", "qr"),
    ]  # fmt: skip
    # and it cannot go back any more
    with pytest.raises(IllegalMove):
        move(ticket, "ask_back")


def test_by_document_and_by_number(world: World, guard: User, ticket: Ticket, boarding: datetime) -> None:
    # given
    station, person_ = world.station("CQ-LTS"), ticket.passenger
    assert person_ is not None
    # then
    assert check_in(guard, station, f" {person_.document_number} ").answer == A.PASSED
    assert check_in(guard, station, ticket.number.lower()).answer == A.ALREADY
    assert check_in(guard, station, "500103199003070011").answer == A.NOT_FOUND
    assert check_in(guard, station, "").answer == A.NOT_FOUND


@pytest.mark.parametrize(
    "text", ["KP1.P000000001.0000", "KP1..", "KP1.{number}.{sign}x", "KP2.{number}.{sign}"]
)
def test_codes_that_are_not_ours(
    world: World, guard: User, ticket: Ticket, boarding: datetime, text: str
) -> None:
    # given
    sign = code_of(ticket.number).rsplit(".", 1)[1]
    forged = text.format(number=ticket.number, sign=sign)
    # then
    assert number_in(forged) is None
    assert check_in(guard, world.station("CQ-LTS"), forged).answer == A.NOT_FOUND
    assert Ticket.objects.get().state == TicketState.ISSUED


@pytest.mark.parametrize(
    ("moment", "answer"),
    [
        (BOARDING - timedelta(minutes=31), A.TOO_EARLY),
        (BOARDING - timedelta(minutes=30), A.PASSED),
        (BOARDING + timedelta(minutes=30), A.PASSED),
        (BOARDING + timedelta(minutes=30, seconds=1), A.DEPARTED),
        (BOARDING + timedelta(days=1), A.OTHER_DAY),
    ],
)
def test_when(world: World, guard: User, ticket: Ticket, moment: datetime, answer: A) -> None:
    with frozen(moment):
        assert check_in(guard, world.station("CQ-LTS"), ticket.number).answer == answer


def test_where_and_what(world: World, guard: User, ticket: Ticket, boarding: datetime) -> None:
    # then another station
    assert check_in(guard, world.station("CQ-BZN"), ticket.number).answer == A.OTHER_STATION
    # when it is on its way back
    move(ticket, "ask_back")
    assert check_in(guard, world.station("CQ-LTS"), ticket.number).answer == A.NOT_VALID


def test_a_bus_that_does_not_go(
    world: World, guard: User, ticket: Ticket, boarding: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    order = ticket.ticket_order
    day = ShiftDay.objects.get(shift__departs="08:00")
    sent: list[Any] = []
    monkeypatch.setattr(
        "plugins.ticketing.kernel.telling.send_text", lambda *told, **_more: sent.append(told)
    )
    move(order, "pay")
    move(order, "finish")
    # when the network says so, twice
    told = [cancel_day(day.pk), cancel_day(day.pk)]
    # then everybody on it is told once, and gives back for nothing
    assert (told, [one[1] for one in sent]) == ([1, 0], ["coach_cancelled"])
    assert check_in(guard, world.station("CQ-LTS"), ticket.number).answer == A.CANCELLED
    facts = CoachRules().facts(Ticket.objects.get(pk=ticket.pk), carriers_fault=False, quantity=1)
    assert facts.involuntary


def test_a_bus_that_does_not_go_lets_go_of_who_has_not_paid(
    ticket: Ticket, boarding: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given seats that are held, and not paid
    order = ticket.ticket_order
    assert order.state == OrderState.HELD
    day = ShiftDay.objects.get(shift__departs="08:00")
    sent: list[Any] = []
    monkeypatch.setattr(
        "plugins.ticketing.kernel.telling.send_text", lambda *told, **_more: sent.append(told)
    )
    # when the network says so, twice
    told = [cancel_day(day.pk), cancel_day(day.pk)]
    # then they are free, and who held them is told so, once
    order = TicketOrder.objects.get(pk=order.pk)
    assert (told, order.state, order.no_trip) == ([0, 0], OrderState.CLOSED, True)
    assert [(one[1], one[2]["title"]) for one in sent] == [("ticket_closed", order.title)]


def test_who_may_not(world: World, ticket: Ticket, boarding: datetime) -> None:
    stranger = again(person(world.org["B111"], "stranger", [VIEW]))
    with pytest.raises(NotAllowed):
        check_in(stranger, world.station("CQ-LTS"), ticket.number)
    assert not GateCheck.objects.exists()


def test_the_page(world: World, guard: User, ticket: Ticket, boarding: datetime) -> None:
    # given
    client = Client()
    client.force_login(guard)
    address = reverse("admin:o2o_coach_gatecheck_gate")
    # and who works beside a station need not say which; nobody else is guessed for
    assert client.get(address).context["form"]["station"].value() == ""
    Station.objects.filter(code="CQ-LTS").update(unit=guard.o2o_staff.unit)  # type: ignore[attr-defined]
    assert client.get(address).context["form"]["station"].value() == world.station("CQ-LTS").pk
    # when
    page = client.post(
        address, {"station": world.station("CQ-LTS").pk, "told": code_of(ticket.number)}
    ).content.decode()
    # then the name is masked, the document too
    assert "已检票，请上车" in page
    # and who shows it once more is told when it was, by the clock on the wall
    again_ = client.post(
        address, {"station": world.station("CQ-LTS").pk, "told": ticket.number}
    ).content.decode()
    assert "07:30:00" in again_
    assert "测试乘客" not in page
    assert ticket.passenger is not None
    assert ticket.passenger.document_number not in page
    # and nonsense is an answer, not an error
    for nonsense in ("' OR 1=1", "\x00", "9" * 120):
        answer = client.post(address, {"station": world.station("CQ-LTS").pk, "told": nonsense})
        assert (answer.status_code, "已检票，请上车" in answer.content.decode()) == (200, False)


def test_pick_up_notes() -> None:
    assert pick_up('{"number": "Q1", "password": "842193", "address": "龙头寺"}') == [
        ("取票号", "Q1"), ("取票密码", "842193"), ("取票地址", "龙头寺"),
    ]  # fmt: skip
    assert pick_up("842193") == [("取票码", "842193")]
    assert pick_up("") == []
