"""Seats by state: told by the province, chosen, kept back by a station's staff, shown on the board; never of a flow."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from saleor.account.models import User

from plugins.org_hierarchy.models import OrgUnit
from plugins.ticketing.coach.access import RESERVE, VIEW
from plugins.ticketing.coach.choices import SeatState
from plugins.ticketing.coach.errors import CoachError
from plugins.ticketing.coach.models import SeatBlock, ShiftDay, Station
from plugins.ticketing.coach.selectors.seats import board
from plugins.ticketing.coach.selectors.shifts import Found
from plugins.ticketing.coach.services.refreshing import freshen
from plugins.ticketing.coach.services.seats import let_go, plan_of, reserve, settle_blocks
from plugins.ticketing.coach.services.selling import Ask, hold_seats
from plugins.ticketing.kernel.models import SupplierAccount
from saleor_o2o.kernel.clock import frozen, now
from saleor_o2o.kernel.scope import NotAllowed
from sandbox.client import SandboxClient
from tests.orgs import again, person

from .sandboxes import A, coach_address, coach_folder, control
from .test_over_http import buses, city, rider

__all__ = ["city", "coach_address", "coach_folder", "control"]


def hold(bus: Found, key: str, *seats: str, free: bool = False) -> list[str]:
    """Seats of a party of as many as wished for, an adult and a pupil at most."""
    user, _new = User.objects.get_or_create(email="buyer@example.com")
    party = [rider(500 + int(key[-2:])), rider(600 + int(key[-2:]), "20180607", "half")][: len(seats)]
    if free:
        party.insert(1, rider(700, "20230607", "free"))
    order = hold_seats(
        Ask(bus.shift_day.pk, bus.goal.pk, party, "联系人", "13800138000", key, seats=seats), user=user
    )
    return [one.seat for one in order.tickets.order_by("pk")]


def test_seats_by_state_chosen_kept_back_and_let_go(
    city: SandboxClient, org: dict[str, OrgUnit], client: Client
) -> None:
    # given a bus that both networks sell: two seats are the station's, one of three the other network's
    Station.objects.filter(code="CQ-LTS").update(unit=org["B111"])
    bus = buses("龙头寺", "sn")[0]
    day = bus.shift_day
    plan = plan_of(day.pk, bus.goal.pk)
    assert [plan.seats[one] for one in ("1", "2", "3", "4", "5")] == ["3", "3", "2", "2", "4"]
    free = plan.count(SeatState.FREE)
    assert free == bus.first.left and plan.count(SeatState.SOLD) == 0

    # when two choose the same one
    with pytest.raises(CoachError) as twice:
        hold(bus, "key-00000009", "9", " 9")
    assert (twice.value.code, twice.value.field) == ("INVALID_INPUT", "seats")

    # when two choose theirs, with a child on the lap
    assert hold(bus, "key-00000001", "9", "12", free=True) == ["9", "12", ""]
    # then who wishes for one of them too gets another one
    assert hold(bus, "key-00000002", "9") == ["3"]
    plan = plan_of(day.pk, bus.goal.pk)
    assert [plan.seats[one] for one in ("3", "9", "12")] == ["5", "5", "5"]

    # when the station's staff keeps two
    keeper = again(person(org["B111"], "keeper", [VIEW, RESERVE]))
    for wrong, seats in (("SEAT_TAKEN", ["9"]), ("INVALID_INPUT", []), ("SEAT_TAKEN", ["99"])):
        with pytest.raises(CoachError) as refusal:
            reserve(keeper, day.pk, seats, "保障任务")
        assert refusal.value.code == wrong
    with pytest.raises(NotAllowed):
        reserve(again(person(org["C12"], "stranger", [VIEW, RESERVE])), day.pk, ["15"], "保障任务")
    client.force_login(keeper)
    page = reverse("admin:o2o_coach_shiftday_plan", args=[day.pk])
    done = client.post(page, {"seats": "15、16", "reason": "工作票"})
    block = SeatBlock.objects.get()
    assert (done.status_code, block.state, block.seats, block.unit) == (
        302,
        "kept",
        ["15", "16"],
        org["B111"],
    )
    # then nobody gets them
    assert hold(bus, "key-00000003", "15") == ["4"]
    assert 'data-seat="15"' in client.get(page).content.decode()
    again_wrong = client.post(page, {"seats": "15", "reason": "再留"})
    assert "座位 15 不能选" in again_wrong.content.decode() and "再留" in again_wrong.content.decode()

    # the board counts them
    freshen([bus.start], day.day, age=now() - now())
    row = next(one for one in board(day.day, bus.start) if one.day.pk == day.pk)
    # (the board is of the whole way; sold ones count on every stretch)
    assert row.counts == {"2": free - 6, "3": 4, "4": plan.count(SeatState.NOT_SOLD), "5": 4}
    shown = client.get(reverse("admin:o2o_coach_shiftday_board"), {"station": "CQ-LTS", "day": str(day.day)})
    assert f">{free - 6}</td>" in shown.content.decode()

    # when the network is silent while they are let go
    city.fault("let_go", "http_500", system=A)
    assert let_go(keeper, block.pk).state == "ending"
    with frozen(now()):
        SeatBlock.objects.update(made_at=now().replace(year=2020))
        assert settle_blocks() == 1
    block.refresh_from_db()
    # then it hears it later, and the seat can be chosen
    assert block.state == "ended"
    assert hold(bus, "key-00000004", "15") == ["15"]


def test_a_flow_has_no_seats(city: SandboxClient, org: dict[str, OrgUnit]) -> None:
    # given
    bus = buses("龙头寺", "sn")[0]
    flow = ShiftDay.objects.filter(day=bus.shift_day.day, shift__flow=True).first()
    if flow is None:
        freshen([Station.objects.get(code="CQ-BZN")], bus.shift_day.day)
        flow = ShiftDay.objects.filter(day=bus.shift_day.day, shift__flow=True)[0]
    # then
    assert plan_of(flow.pk, flow.shift.line.terminal_id).seats == {}
    keeper = again(person(org["CQ"], "keeper", [VIEW, RESERVE]))
    with pytest.raises(CoachError) as refusal:
        reserve(keeper, flow.pk, ["1"], "保障任务")
    assert refusal.value.code == "INVALID_INPUT"


def test_a_dead_network_keeps_no_other_ones_seats_waiting(
    city: SandboxClient, org: dict[str, OrgUnit], monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: many blocks of a network that never answers, and one of another network behind them
    bus = buses("龙头寺", "sn")[0]
    keeper = again(person(org["CQ"], "keeper", [VIEW, RESERVE]))
    dead, living = SupplierAccount.objects.filter(trade="coach").order_by("pk")[:2]
    made = [
        SeatBlock.objects.create(
            number=f"B{at:03d}", shift_day=bus.shift_day, supplier=living if at == 9 else dead, seats=["1"],
            reason="保障", unit=org["CQ"], made_by=keeper, state="ending",
            made_at=now().replace(year=2020),
        )
        for at in range(10)
    ]  # fmt: skip
    asked: list[str] = []

    def tells(block: SeatBlock, **_told: bool) -> bool | None:
        asked.append(block.number)
        if block.number == "B000":
            raise RuntimeError
        return True if block.supplier_id == living.pk else None

    monkeypatch.setattr("plugins.ticketing.coach.services.seats._tell", tells)

    # when, then: the living one is asked at once, the dead one is not asked on and on
    assert settle_blocks(5) == 1
    assert made[9].number in asked and len(asked) <= 3

    # then: each of the dead one's comes round
    for _run in range(300):
        settle_blocks(5)
    assert set(asked) == {one.number for one in made}
