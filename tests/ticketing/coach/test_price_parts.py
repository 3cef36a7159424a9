"""燃油附加费 and 站务费: told by each network in its own form, kept with the ticket, shown everywhere, exact."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from saleor.account.models import User

from plugins.ticketing.coach.models import PaperRange
from plugins.ticketing.coach.ports import FREE, FULL, HALF
from plugins.ticketing.coach.suppliers.network import parts_told
from plugins.ticketing.coach.suppliers.province import _parts
from plugins.ticketing.kernel.choices import PricePart
from plugins.ticketing.kernel.parts import labelled, text_of
from plugins.ticketing.kernel.services.refunding import preview_refund
from saleor_o2o.kernel.clock import today
from sandbox.coach.profile import NETWORKS, Profile
from tests.buying.shopper import ask

from .conftest import World
from .networks import DAY
from .sandboxes import A, Desk, coach_address, coach_folder, control, desk, fangbian, province
from .test_api import bus_of
from .test_papers import clerk, issue, keeper, sheets

__all__ = [
    "clerk",
    "coach_address",
    "coach_folder",
    "control",
    "desk",
    "fangbian",
    "keeper",
    "province",
    "sheets",
]

D = Decimal
FUEL, STATION = PricePart.FUEL.value, PricePart.STATION.value


# --- what networks tell


@given(data=st.data(), profile=st.sampled_from(NETWORKS))
def test_parts_of_every_stretch_leave_a_fare(data: st.DataObject, profile: Profile) -> None:
    # given: any bus, any two stops of it
    shift = data.draw(st.sampled_from(profile.shifts(date(2026, 12, 4))))
    alight = data.draw(st.integers(1, len(shift.line.stops) - 1))
    board = data.draw(st.integers(0, alight - 1))
    for kind in (FULL, HALF, FREE):
        # when
        whole, parts = profile.fare(shift, board, alight, kind), profile.parts(shift, board, alight, kind)
        # then: the fare is what is left, and it is the most of it
        assert 0 <= sum(parts.values()) <= whole // 2


def test_every_bus_of_a_network_comes_to_its_price(desk: Desk) -> None:
    # when
    rows = desk.adapter.shifts(desk.station, "", today())

    # then: whole and half of each, in words, are the face value to the fen
    assert len(rows) > 10
    for row in rows:
        assert set(row.parts) == {FULL, HALF}
        for kind, parts in row.parts.items():
            told = labelled(row.prices[kind], parts)
            assert [label for label, _amount in told] == ["票价", "燃油附加费", "站务费"]
            assert sum(amount for _label, amount in told) == row.prices[kind]
    # and one bus by itself says the same
    first = desk.shifts()[0]
    assert first.parts[FULL] == {FUEL: D("3.50"), STATION: D("2.00")}
    assert first.parts[HALF] == {FUEL: D("2.00"), STATION: D("1.00")}
    assert desk.adapter.shift(first.product).parts == first.parts
    assert desk.name == A or first.kilometres == 165


@given(
    face=st.integers(0, 10**6),
    parts=st.dictionaries(st.sampled_from([one.value for one in PricePart]), st.integers(0, 10**6)),
)
def test_what_is_shown_is_exactly_the_face_value(face: int, parts: dict[str, int]) -> None:
    # when
    price, told = D(face) / 100, {name: D(fen) / 100 for name, fen in parts.items()}
    kept = parts_told({FULL: price}, {FULL: told}).get(FULL, {})

    # then: what would be more than the price is not told at all
    words = labelled(price, kept)
    assert sum(amount for _label, amount in words) == (price if words else 0)
    assert all(amount >= 0 for _label, amount in words)
    assert bool(words) == (0 < sum(parts.values()) <= face)


@pytest.mark.parametrize(
    "items",
    [
        [("01", 5600), ("02", 350), ("03", 100)],  # one yuan is missing
        [("01", 5600), ("02", 350), ("09", 200)],  # something that we do not know
    ],
)
def test_a_list_that_does_not_come_to_the_price_tells_nothing(items: list[tuple[str, int]]) -> None:
    # given / when
    told = [
        {"ticketType": "0", "items": [{"itemCode": code, "amount": amount} for code, amount in items]},
        {"ticketType": "1", "items": [{"itemCode": "01", "amount": 2800}, {"itemCode": "02", "amount": 200}]},
    ]

    # then: the other kind is not less true for it
    assert _parts(told, {FULL: D("61.50"), HALF: D("30.00")}) == {HALF: {FUEL: D("2.00")}}


# --- the whole way


def tell(world: World) -> None:
    """Both networks tell the parts, differently."""
    world.networks["a"].parts = {FULL: {FUEL: "3.00", STATION: "2.00"}, HALF: {FUEL: "1.50", STATION: "1.00"}}
    world.networks["b"].parts = {FULL: {FUEL: "4.00"}}


def test_the_ticket_keeps_what_was_shown_and_the_refund_shows_its_share(world: World) -> None:
    # given
    tell(world)
    order = world.hold(world.rider(), world.rider("20180607", "half"))
    issue(order)
    whole, half = order.tickets.order_by("pk")

    # then
    assert (whole.face, text_of(whole)) == (D("60.00"), "票价 55.00，燃油附加费 3.00，站务费 2.00")
    assert (half.face, text_of(half)) == (D("30.00"), "票价 27.50，燃油附加费 1.50，站务费 1.00")
    # and the fee is of all of the face value, as stations keep it
    [offer] = preview_refund([whole], {})
    assert offer.quote.fee == D("6.00")


def test_a_dearer_networks_parts_are_its_own(world: World) -> None:
    # given: the first one has no seat any more
    tell(world)
    world.networks["a"].seats = 0

    # when
    order = world.hold(most_total=D("64.50"))

    # then
    assert (order.supplier.code, text_of(order.tickets.get())) == ("b", "票价 57.50，燃油附加费 4.00")


def test_buyers_see_them_before_and_after(world: World) -> None:
    # given
    tell(world)
    bus = bus_of(world)
    query = """query($id: ID!, $goal: String!) {
      coachShift(id: $id, goal: $goal) { fares { fare parts { label amount } } } }"""

    # when
    fares = ask(query, {"id": bus["id"], "goal": bus["goal"]["code"]}, world.buyer)["coachShift"]["fares"]

    # then
    assert [(one["fare"], [part["amount"] for part in one["parts"]]) for one in fares] == [
        ("FULL", [55.0, 3.0, 2.0]), ("HALF", [27.5, 1.5, 1.0]), ("FREE", []),
    ]  # fmt: skip


def test_clerks_and_the_paper_say_them(world: World, clerk: User, sheets: PaperRange) -> None:
    # given
    tell(world)
    client = Client()
    client.force_login(clerk)

    def counter(name: str, **told: Any) -> Any:
        page = reverse("admin:o2o_coach_shiftday_ask", args=[name])
        return client.post(page, json.dumps(told), content_type="application/json").json()

    # when
    world.bus()
    bus = counter("shifts", start="CQ-LTS", goal="SC-SN", day=str(DAY))["shifts"][0]
    order = world.hold(made_by=clerk, unit=world.org["B111"], user=None, channel="counter")
    issue(order)
    standing = counter("standing", number=order.number)["order"]
    paper = client.post(reverse("admin:o2o_coach_papersheet_print", args=[order.number])).content.decode()

    # then
    words = "票价 55.00，燃油附加费 3.00，站务费 2.00"
    # and at the counter our own fee, so that it comes to what is paid; the paper is the carrier's
    half = "票价 27.50，燃油附加费 1.50，站务费 1.00，服务费 2.00"
    assert [one["parts"] for one in bus["fares"]] == [f"{words}，服务费 2.00", half, ""]
    assert [one["parts"] for one in standing["tickets"]] == [f"{words}，服务费 2.00"]
    assert words in paper and "YU00001001" in paper
