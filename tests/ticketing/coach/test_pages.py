"""The staff's pages: the counter by the keyboard, boards, stations, the report; nobody sees what is not his."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from saleor.account.models import User

from plugins.ticketing.coach.access import (
    EXPORT,
    REPORT,
    STATION_EDIT,
    STATION_VIEW,
    VIEW,
)
from plugins.ticketing.coach.models import ShiftDay, Station, SupplierStation
from plugins.ticketing.kernel.access import ORDER_VIEW, SELL
from plugins.ticketing.kernel.models import TicketOrder

from ...orgs import again, person
from .conftest import World
from .networks import DAY
from .test_papers import issue


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(name: str, *args: Any) -> str:
    return reverse(f"admin:o2o_coach_{name}", args=args)


@pytest.fixture
def clerk(world: World) -> User:
    return again(person(world.org["B111"], "clerk", [SELL, ORDER_VIEW, VIEW]))


def ask(client: Client, name: str, **told: Any) -> Any:
    response = client.post(page("shiftday_ask", name), json.dumps(told), content_type="application/json")
    return response.status_code, response.json()


def test_a_sale_by_the_keyboard(world: World, clerk: User) -> None:
    # given the counter
    client = browser(clerk)
    shown = client.get(page("shiftday_counter"))
    assert shown.status_code == 200
    # when: s n Enter
    _status, told = ask(client, "goals", start="CQ-LTS")
    assert [one["initials"] for one in told["goals"]] == ["snqcz", "tlqcz"]
    _status, told = ask(client, "shifts", start="CQ-LTS", goal="SC-SN", day=str(DAY))
    bus = told["shifts"][0]
    assert (bus["departs"], bus["left"], bus["fares"][0]["price"]) == ("08:00", 20, "62.00")
    # Enter, the card reader, Enter
    one = world.rider()
    sold = {
        "key": "counter-00000001", "shift": bus["id"], "goal": "SC-SN",
        "riders": [{"name": one.name, "number": one.number, "fare": "full"}],
    }  # fmt: skip
    status, told = ask(client, "hold", **sold)
    # then
    assert (status, told["order"]["state"], told["order"]["total"]) == (200, "held", "62.00")
    assert one.number not in json.dumps(told)
    again_ = ask(client, "hold", **sold)[1]
    assert again_["order"]["number"] == told["order"]["number"]
    order = TicketOrder.objects.get()
    assert (order.unit, order.made_by) == (world.org["B111"], clerk)
    # and how it stands
    assert ask(client, "standing", number=order.number)[1]["order"]["stateLabel"] == "待支付"


@pytest.mark.parametrize(
    ("name", "told", "status"),
    [
        ("shifts", {"start": "CQ-LTS", "goal": "SC-SN", "day": "明天"}, 409),
        ("shifts", {"start": 5, "goal": None, "day": str(DAY)}, 409),
        ("hold", {}, 409),
        ("hold", {"goal": "SC-SN", "riders": "x"}, 409),
        ("hold", {"goal": "SC-SN", "shift": "x", "riders": [{"name": "甲"}], "key": "counter-00000001"}, 409),
        ("hold", {"goal": "SC-SN", "riders": [{"birth": "x"}], "key": "counter-00000001"}, 409),
        ("hold", {"goal": "SC-SN", "riders": [{"saved": 1}], "key": "counter-00000001"}, 409),
        ("standing", {"number": "PW0"}, 404),
        ("nothing", {}, 404),
    ],
)
def test_what_cannot_be_read_is_said(
    world: World, clerk: User, name: str, told: dict[str, Any], status: int
) -> None:
    # when
    answer = ask(browser(clerk), name, **told)
    # then
    assert answer[0] == status
    assert answer[1]["error"]["message"]


def test_who_may_not_sell(world: World) -> None:
    # given
    client = browser(again(person(world.org["B111"], "looker", [VIEW])))
    # then
    assert client.get(page("shiftday_counter")).status_code == 403
    assert ask(client, "goals", start="CQ-LTS")[0] == 403


def test_orders_of_others_are_not_there(world: World, clerk: User) -> None:
    # given an order of a branch in another county
    order = world.hold(unit=world.org["B121"], user=None, made_by=None)
    # then
    assert ask(browser(clerk), "standing", number=order.number)[0] == 404


def test_the_board_and_its_queries(world: World, clerk: User) -> None:
    # given
    world.bus()
    client = browser(clerk)
    day = ShiftDay.objects.get(shift__departs="08:00")
    # then
    shown = client.get(page("shiftday_change", day.pk)).content.decode()
    assert all(word in shown for word in ("客票网a", "客票网b", "¥60.00", "¥61.50"))

    def counted() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(page("shiftday_changelist")).status_code == 200
        return len(seen)

    few = counted()
    ShiftDay.objects.bulk_create(
        ShiftDay(shift=day.shift, day=day.day.replace(day=number), departs=day.departs, last=day.last)
        for number in range(2, 12)
    )
    assert counted() == few


def test_stations_lines_and_what_networks_call_them(world: World) -> None:
    # given
    keeper = again(
        person(world.org["CQ"], "keeper", [VIEW, STATION_VIEW, STATION_EDIT, "coach_station.create"])
    )
    client = browser(keeper)
    row = SupplierStation.objects.get(supplier__code="b", name="重庆涪陵")
    SupplierStation.objects.filter(pk=row.pk).update(station=None, matched_by="")
    # then
    for name in ("station", "supplierstation", "supplierline", "line", "season", "salelimit"):
        assert client.get(page(f"{name}_changelist")).status_code == 200, name
    assert (
        "去掉“汽车站”等字样后一致" not in client.get(page("supplierstation_change", row.pk)).content.decode()
    )
    assert "名称或别名一致" in client.get(page("supplierstation_change", row.pk)).content.decode()
    # when
    client.post(page("supplierstation_match", row.pk), {"station": world.station("CQ-FL").pk, "do": "1"})
    # then
    row.refresh_from_db()
    assert row.station == world.station("CQ-FL")
    assert Station.objects.get(code="CQ-FL").initials == "flqcz"


def test_a_station_is_kept_by_words_not_by_codes(world: World) -> None:
    # given
    keeper = again(person(world.org["CQ"], "keeper", [VIEW, STATION_VIEW, STATION_EDIT]))
    client, station = browser(keeper), world.station("CQ-FL")
    address = page("station_change", station.pk)
    shown = client.get(address)
    form = shown.context["adminform"].form
    told = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    told = {name: value for name, value in told.items() if value not in (None, False)}
    # then
    assert "刷身份证进站" in shown.content.decode() and "通用规则" in shown.content.decode()
    # when
    wrong = client.post(address, {**told, "pick_modes": ["qr", "by_pigeon"], "rule_key": ""})
    right = client.post(address, {**told, "pick_modes": ["qr", "outlet"], "rule_key": ""})
    # then
    assert wrong.status_code == 200 and right.status_code == 302
    station.refresh_from_db()
    assert (station.pick_modes, station.rule_key, station.name) == (["qr", "outlet"], "", "涪陵汽车站")


def test_the_report_counts_what_is_in_reach(world: World) -> None:
    # given a ticket sold here, another one next door
    here = again(person(world.org["C11"], "here", [REPORT, EXPORT, ORDER_VIEW]))
    there = again(person(world.org["C12"], "there", [REPORT, EXPORT, ORDER_VIEW]))
    issue(world.hold(unit=world.org["B111"], user=None))
    issue(world.hold(unit=world.org["B121"], user=None, key="key-00000002", mobile="13900139000"))
    issue(world.hold(unit=world.org["B121"], user=None, key="key-00000003", mobile="13900139000"))
    # then
    for who, count in ((here, "1 张"), (there, "2 张")):
        shown = browser(who).get(page("shiftday_report")).content.decode()
        assert count in shown
        assert "龙头寺汽车站" in shown
    assert "乙县一支局" not in browser(here).get(page("shiftday_report")).content.decode()
    # a unit means those below it, too
    for unit, count in (("C12", "2 张"), ("B121", "2 张"), ("B122", "0 张")):
        assert count in browser(there).get(page("shiftday_report"), {"unit": unit}).content.decode()
    book = browser(here).get(page("shiftday_report"), {"format": "xlsx"})
    assert book.status_code == 200
    nosy = again(person(world.org["C11"], "nosy", [VIEW]))
    assert browser(nosy).get(page("shiftday_report")).status_code == 403
