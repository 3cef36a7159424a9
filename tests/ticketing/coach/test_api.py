"""The API of coach tickets: open to look, held for whoever asks, a clerk at his own counter."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from saleor.account.models import User

from plugins.members.interfaces import bind
from plugins.members.kinds import IdentityKind
from plugins.members.models import Passenger
from plugins.members.services.records import PASSENGER, save_record
from plugins.members.services.registering import ensure_member
from plugins.ticketing.coach.journeys.riding import GOALS, HOLD, SHIFTS, STATIONS
from plugins.ticketing.kernel.access import ORDER_VIEW, SELL
from plugins.ticketing.kernel.models import FeeRule, TicketOrder
from plugins.ticketing.kernel.tiers_text import parse_tiers
from saleor_o2o.kernel.clock import frozen

from ...orgs import again, person
from ...scope.graphql import asked, post
from ..fares import RULES
from .conftest import World
from .networks import DAY, MORNING
from .test_changing import sold
from .test_papers import issue

INVOICE = """mutation($number: String!) { coachInvoiceAsk(number: $number, title: "某某公司") {
  invoice { number state amount } errors { code } } }"""


def bus_of(world: World) -> dict[str, Any]:
    told = asked(None, SHIFTS, start="lts", goal="sn", day=DAY)["coachShifts"]
    assert told["errors"] == []
    found: dict[str, Any] = told["shifts"][0]
    return found


def hold(user: User | None, bus: dict[str, Any], *riders: dict[str, Any], key: str = "key-00000001") -> Any:
    return asked(
        user,
        HOLD,
        key=key,
        shift=bus["id"],
        goal=bus["goal"]["code"],
        passengers=list(riders),
        mobile="13800138000",
    )["coachHold"]


def typed(world: World, born: str = "19900307", fare: str = "FULL") -> dict[str, Any]:
    one = world.rider(born)
    return {"name": one.name, "documentNumber": one.number, "fare": fare}


def test_a_member_need_not_type_the_mobile_that_the_platform_knows(world: World) -> None:
    # given a member with a mobile, and one without
    member = ensure_member(world.buyer)
    bind(member, IdentityKind.MOBILE, "13900001234")
    other = User.objects.create_user("other@example.com", "password")
    ensure_member(other)
    bus = bus_of(world)
    told = {"shift": bus["id"], "goal": bus["goal"]["code"], "passengers": [typed(world)]}

    def held(user: User | None, mobile: str, key: str) -> Any:
        return asked(user, HOLD, key=key, mobile=mobile, **told)["coachHold"]

    # when
    number = held(world.buyer, "", "key-00000001")["number"]
    # then the order has it
    assert TicketOrder.objects.get(number=number).mobile == "13900001234"
    # and whoever has none, or is nobody, is asked for it
    for user in (other, None):
        errors = held(user, " ", "key-00000002")["errors"]
        assert [(one["code"], one["field"]) for one in errors] == [("INVALID_INPUT", "mobile")]
    assert TicketOrder.objects.count() == 1


def test_from_initials_to_a_bus(world: World) -> None:
    # when somebody who is not logged in looks
    assert [one["code"] for one in asked(None, STATIONS, search="龙头")["coachStations"]] == ["CQ-LTS"]
    goals = asked(None, GOALS, start="CQ-LTS", search="")["coachDestinations"]
    assert [one["code"] for one in goals] == ["SC-SN", "CQ-TL"]
    bus = bus_of(world)
    # then
    assert (bus["left"], bus["leftWords"], bus["goal"]["name"]) == (20, "余 20 张", "遂宁汽车站")
    assert [(one["fare"], one["price"]) for one in bus["fares"]] == [
        ("FULL", 62.0),
        ("HALF", 32.0),
        ("FREE", 0.0),
    ]
    assert any("10" in words for words in bus["refundWords"])


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"start": "火星"}, "NOT_FOUND"),
        ({"goal": "火星"}, "NOT_FOUND"),
        ({"day": "2026-12-25"}, "NOT_IN_PRESALE"),
        ({"day": "2026-11-29"}, "NOT_IN_PRESALE"),
    ],
)
def test_searches_that_find_nothing_say_why(world: World, told: dict[str, Any], code: str) -> None:
    answer = asked(None, SHIFTS, **{"start": "CQ-LTS", "goal": "SC-SN", "day": DAY, **told})["coachShifts"]
    assert ([one["code"] for one in answer["errors"]], answer["shifts"]) == ([code], [])


def test_a_member_holds_and_asks_for_an_invoice(world: World) -> None:
    # when
    made = hold(world.buyer, bus_of(world), typed(world))
    # then
    assert (made["errors"], made["state"], made["total"], made["seats"]) == ([], "held", 62.0, ["1号"])
    order = TicketOrder.objects.get(number=made["number"])
    assert (order.user, order.made_by) == (world.buyer, None)
    # not before there are tickets, not for others
    early = asked(world.buyer, INVOICE, number=order.number)["coachInvoiceAsk"]
    assert [one["code"] for one in early["errors"]] == ["NOT_ISSUED"]
    issue(order)
    TicketOrder.objects.filter(pk=order.pk).update(state="issued")
    other = User.objects.create_user("other@example.com", "password")
    for stranger in (None, other):
        answer = asked(stranger, INVOICE, number=order.number)["coachInvoiceAsk"]
        assert [one["code"] for one in answer["errors"]] == ["NOT_FOUND"]
    told = [asked(world.buyer, INVOICE, number=order.number)["coachInvoiceAsk"] for _ in range(2)]
    assert told[0]["invoice"]["amount"] == 62.0
    assert told[0] == told[1]


def test_frequent_passengers_are_ones_own(world: World) -> None:
    # given a member with a frequent passenger, and somebody else
    one = world.rider()
    mine = save_record(
        ensure_member(world.buyer), PASSENGER,
        {"name": one.name, "kind": "adult", "paper": "id_card", "number": one.number, "mobile": ""},
    )  # fmt: skip
    other = User.objects.create_user("other@example.com", "password")
    bus = bus_of(world)
    # then
    for stranger in (None, other):
        refused = hold(stranger, bus, {"savedId": str(mine.pk), "fare": "FULL"})
        assert [(error["code"], error["field"]) for error in refused["errors"]] == [
            ("INVALID_INPUT", "passengers.0.savedId")
        ]
    made = hold(world.buyer, bus, {"savedId": str(mine.pk), "fare": "FULL"})
    assert made["errors"] == []
    assert Passenger.objects.get().number == TicketOrder.objects.get().passengers.get().document_number


def test_who_changes_a_ticket_need_not_type_his_document_again(world: World) -> None:
    # given a half ticket by certificate, and somebody else's order
    one = typed(world, fare="HALF") | {"certificate": "军残字第000001号"}
    old = TicketOrder.objects.get(number=hold(world.buyer, bus_of(world), one)["number"])
    ticket = sold(old).tickets.get()
    bus = bus_of(world)
    same = {"ticket": ticket.number, "fare": "FULL"}

    def changed(user: User, rider: dict[str, Any], before: str | None, key: str) -> Any:
        return asked(
            user, HOLD, key=key, shift=bus["id"], goal=bus["goal"]["code"], passengers=[rider], mobile="13800138000",
            old=before,
        )["coachHold"]  # fmt: skip

    # then a ticket is a passenger only of the order that is changed, and only for its own buyer
    for rider, before in ((same, None), ({**same, "ticket": "T0"}, old.number)):
        refused = changed(world.buyer, rider, before, "key-00000002")
        assert [(error["code"], error["field"]) for error in refused["errors"]] == [
            ("INVALID_INPUT", "passengers.0.ticket")
        ]
    other = User.objects.create_user("other@example.com", "password")
    assert [error["code"] for error in changed(other, same, old.number, "key-00000003")["errors"]] == [
        "NOT_FOUND"
    ]
    # when
    made = changed(world.buyer, same, old.number, "key-00000004")
    # then the same person, fare and certificate
    assert made["errors"] == []
    fresh = TicketOrder.objects.get(number=made["number"]).tickets.get()
    assert fresh.passenger.document_number == ticket.passenger.document_number
    assert (fresh.fare, fresh.coach_proof.certificate) == ("half", "军残字第000001号")


def test_a_clerk_sells_at_his_own_counter(world: World) -> None:
    # given
    clerk = again(person(world.org["O1111"], "clerk", [SELL, ORDER_VIEW]))
    idle = again(person(world.org["O1112"], "idle", [ORDER_VIEW]))
    bus = bus_of(world)
    # then
    refused = hold(idle, bus, typed(world))
    assert [one["code"] for one in refused["errors"]] == ["PERMISSION_DENIED"]
    assert not TicketOrder.objects.exists()
    made = hold(clerk, bus, typed(world))
    order = TicketOrder.objects.get(number=made["number"])
    assert (order.unit, order.made_by, order.user) == (world.org["O1111"], clerk, None)
    assert order.coach_trip.channel == "counter"


@pytest.mark.parametrize(
    "told",
    [
        {"shift": "x"}, {"shift": "9" * 30}, {"shift": "-1"}, {"goal": "火星"}, {"goal": "' OR 1"}, {"key": "短"},
        {"mobile": "1"}, {"mobile": ""}, {"passengers": []}, {"most": "-1"},
        {"passengers": [{"fare": "FULL"}]},
        {"passengers": [{"name": "甲", "documentNumber": "1", "fare": "FULL"}] * 31},
        {"passengers": [{"name": "甲", "document": "PASSPORT", "documentNumber": "\u0000", "fare": "HALF"}]},
    ],
)  # fmt: skip
def test_bad_input_is_a_refusal(world: World, told: dict[str, Any]) -> None:
    # given
    bus = bus_of(world)
    good = {
        "key": "key-00000001", "shift": bus["id"], "goal": "SC-SN", "passengers": [typed(world)],
        "mobile": "13800138000",
    }  # fmt: skip
    # when
    answer = post(None, HOLD, **{**good, **told})
    # then
    assert "errors" not in answer, answer
    assert len(answer["data"]["coachHold"]["errors"]) == 1
    assert answer["data"]["coachHold"]["errors"][0]["message"]
    assert not TicketOrder.objects.exists()


def test_what_is_told_of_buses_costs_the_same_for_many(world: World) -> None:
    # given
    whole = """query($day: Date!) { coachShifts(start: "lts", goal: "sn", day: $day) { shifts {
      terminal number departs last minutes left leftWords stopsAt refundWords changeWords gate vehicle
      start { name lastDay fares } goal { name lastDay } fares { name price parts { label amount } } } } }"""

    def counted() -> tuple[int, int]:
        asked(None, whole, day=DAY)
        with CaptureQueriesContext(connection) as seen:
            found = asked(None, whole, day=DAY)["coachShifts"]["shifts"]
        return len(found), len(seen)

    few = counted()
    for network in world.networks.values():
        network.buses += tuple(
            replace(network.buses[0], number=str(number), leaves=f"{number}:10") for number in range(10, 20)
        )
    # when
    with frozen(MORNING + timedelta(minutes=3)):
        many = counted()
    # then
    assert (few[0], many) == (2, (12, few[1]))


@pytest.mark.parametrize("scope", ["session", "ticket_class"])
def test_what_is_shown_of_a_bus_is_the_rule_that_its_ticket_keeps(world: World, scope: str) -> None:
    # given a rule for one of two buses, or for whole tickets
    number = world.bus().shift_day.shift.number
    rule = replace(RULES["公路客票退票（全国）"], name="节后", tiers=parse_tiers("到点: 33%\n以后: 不办"))
    FeeRule.objects.create(
        name="节后", trade="coach", kind="refund", valid_from=MORNING.date(), says=rule.to_json(), reason="公告",
        state="published", priority=9, **{scope: number if scope == "session" else "full"},
    )  # fmt: skip
    # when
    shown = {
        one["number"]: "33%" in "".join(one["refundWords"])
        for one in asked(None, SHIFTS, start="主城", goal="遂宁", day=DAY)["coachShifts"]["shifts"]
    }
    kept = world.hold().tickets.get().refund_rule["name"]
    # then
    assert (shown[number], kept) == (True, "节后")
    assert sum(shown.values()) == (1 if scope == "session" else 2)
