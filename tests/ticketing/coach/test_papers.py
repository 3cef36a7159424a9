"""Every numbered sheet is accounted for: taken in, handed out, printed once, spoilt, handed in, counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from pytest_django.plugin import DjangoDbBlocker
from saleor.account.models import User

from plugins.ticketing.coach.access import PAPER_PRINT, PAPER_STOCK, PAPER_VIEW
from plugins.ticketing.coach.choices import PaperState, SheetState
from plugins.ticketing.coach.errors import CoachError
from plugins.ticketing.coach.models import PaperRange, PaperSheet
from plugins.ticketing.coach.services import papers
from plugins.ticketing.coach.services.papers import (
    count,
    give,
    give_back,
    hand_in,
    print_on,
    range_of,
    spoil,
    take_in,
)
from plugins.ticketing.coach.trade import CoachRules
from plugins.ticketing.kernel.access import ORDER_VIEW, SELL
from plugins.ticketing.kernel.models import Ticket, TicketOrder
from saleor_o2o.kernel.clock import frozen
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope
from saleor_o2o.kernel.states import move

from ...orgs import again, person, small_org
from ...threads import meeting, together
from ...wiping import wipe
from .conftest import World, prepare
from .networks import MORNING, Network

RIGHTS = [PAPER_VIEW, PAPER_PRINT, ORDER_VIEW, SELL]


def code_of(refusal: Any) -> str:
    return str(refusal.value.code.value)


def issue(order: TicketOrder) -> list[Ticket]:
    """Its tickets count now."""
    tickets = list(order.tickets.order_by("pk"))
    for ticket in tickets:
        move(ticket, "issue")
    return tickets


@pytest.fixture
def clerk(world: World) -> User:
    return again(person(world.org["B111"], "clerk", RIGHTS))


@pytest.fixture
def keeper(world: World) -> User:
    return again(person(world.org["B111"], "keeper", [PAPER_VIEW, PAPER_STOCK]))


@pytest.fixture
def sheets(world: World, clerk: User, keeper: User) -> PaperRange:
    """Twenty sheets at the branch, the first five in the clerk's hand."""
    stock = take_in(keeper, world.org["B111"], "yu", 1001, 1020)
    return give(keeper, stock.pk, clerk, 5)


def test_sheets_are_split_and_never_twice(
    world: World, clerk: User, keeper: User, sheets: PaperRange
) -> None:
    # then
    assert (str(sheets), sheets.remaining, range_of(clerk)) == ("YU00001001—YU00001005", 5, sheets)
    rest = PaperRange.objects.get(state=PaperState.STORED)
    assert (str(rest), rest.remaining) == ("YU00001006—YU00001020", 15)
    # when somebody takes in what is there already
    with pytest.raises(CoachError) as refusal:
        take_in(keeper, world.org["B111"], "YU", 1020, 1030)
    assert code_of(refusal) == "INVALID_INPUT"
    assert str(take_in(keeper, world.org["B111"], "YA", 1020, 1030)) == "YA00001020—YA00001030"
    # a clerk has one range at a time
    with pytest.raises(CoachError) as refusal:
        give(keeper, rest.pk, clerk, 5)
    assert code_of(refusal) == "PAPER_MISFIT"
    # and what goes back goes out again
    give_back(keeper, sheets.pk)
    assert range_of(clerk) is None
    assert give(keeper, sheets.pk, clerk, 5).pk == sheets.pk


def test_a_ticket_has_one_sheet(world: World, clerk: User, sheets: PaperRange) -> None:
    # given a ticket that is held
    order = world.hold(made_by=clerk, unit=world.org["B111"], user=None, channel="counter")
    ticket = order.tickets.get()
    with pytest.raises(CoachError) as refusal:
        print_on(clerk, ticket.pk)
    assert code_of(refusal) == "NOT_ISSUED"
    issue(order)
    # when it is printed twice
    first, second = print_on(clerk, ticket.pk), print_on(clerk, ticket.pk)
    # then
    assert first == second
    assert first.serial == "YU00001001"
    # when the printer ate it
    spoil(clerk, "卡纸", sheet=first.pk)
    assert print_on(clerk, ticket.pk).serial == "YU00001002"
    assert spoil(clerk, "撕坏").serial == "YU00001003"
    # then the clerk's count at the end of the shift
    with pytest.raises(CoachError) as refusal:
        count(clerk, 1005)
    assert code_of(refusal) == "INVALID_INPUT"
    told = count(clerk, 1004)
    assert (told.difference, told.printed, told.voided) == (0, 1, 2)
    assert count(clerk, 1005, "撕毁一张未登记").difference == -1
    # and the last sheets
    spoil(clerk, "撕坏"), spoil(clerk, "撕坏")
    with pytest.raises(CoachError) as refusal:
        spoil(clerk, "撕坏")
    assert code_of(refusal) == "PAPER_NONE"
    assert PaperRange.objects.get(pk=sheets.pk).state == PaperState.USED_UP


def test_what_is_printed_goes_back_with_its_paper(world: World, clerk: User, sheets: PaperRange) -> None:
    # given
    order = world.hold(made_by=clerk, unit=world.org["B111"], user=None, channel="counter")
    [ticket] = issue(order)
    sheet = print_on(clerk, ticket.pk)
    rules = CoachRules()
    # then nobody gives it back from home
    with pytest.raises(CoachError) as refusal:
        rules.facts(ticket, carriers_fault=False, quantity=1)
    assert (code_of(refusal), refusal.value.message) == (
        "PAPER_PRINTED", "已打印纸票 YU00001001，不能直接退票、改签",
    )  # fmt: skip
    # when the paper is handed in
    hand_in(clerk, sheet.pk, "退票")
    # then
    facts = rules.facts(ticket, carriers_fault=False, quantity=1)
    assert (str(facts.paid), facts.anchors["departure"]) == ("60.00", order.starts_at)
    with pytest.raises(CoachError):
        hand_in(clerk, sheet.pk, "退票")
    assert PaperSheet.objects.get().state == SheetState.HANDED_IN


def test_the_stations_own_paper_comes_first_unless_the_carrier_is_to_blame(world: World) -> None:
    # given a ticket that was fetched at the station
    [ticket] = issue(world.hold())
    ticket.collected_at = MORNING
    rules = CoachRules()
    # then by the buyer's wish it does not go back here
    with pytest.raises(CoachError) as refusal:
        rules.facts(ticket, carriers_fault=False, quantity=1)
    assert (code_of(refusal), str(refusal.value.message)) == (
        "COLLECTED", f"{MORNING:%m-%d %H:%M} 已在车站取纸质车票，须先交回",
    )  # fmt: skip
    # but his money is owed where the bus does not go
    assert rules.facts(ticket, carriers_fault=True, quantity=1).involuntary


def test_other_peoples_paper_and_tickets(world: World, clerk: User, sheets: PaperRange) -> None:
    # given a ticket of the branch, and a clerk of another county
    order = world.hold(made_by=clerk, unit=world.org["B111"], user=None, channel="counter")
    [ticket] = issue(order)
    stranger = again(person(world.org["B121"], "stranger", [*RIGHTS, PAPER_STOCK]))
    # then
    with pytest.raises(OutOfScope):
        print_on(stranger, ticket.pk)
    with pytest.raises(OutOfScope):
        give_back(stranger, sheets.pk)
    with pytest.raises(NotAllowed):
        take_in(stranger, world.org["B111"], "YU", 1, 2)
    assert not PaperSheet.objects.exists()


def test_the_paper_as_it_is_printed(world: World, clerk: User, sheets: PaperRange) -> None:
    # given
    order = world.hold(made_by=clerk, unit=world.org["B111"], user=None, channel="counter")
    issue(order)
    client = Client()
    client.force_login(clerk)
    address = reverse("admin:o2o_coach_papersheet_print", args=[order.number])
    # when somebody only looks, no sheet is used
    assert client.get(address).status_code == 404
    assert not PaperSheet.objects.exists()
    # then
    page = client.post(address).content.decode()
    assert "YU00001001" in page
    assert "龙头寺汽车站 → 遂宁汽车站" in page
    # the name as the gate compares it, the document without its middle (decision 0122)
    assert "测试乘客" in page
    assert order.tickets.get().passenger.document_number not in page  # type: ignore[union-attr]
    assert client.post(address).content.decode().count("YU00001001") == page.count("YU00001001")


@pytest.mark.parametrize("fetched", [False, True])
def test_who_gave_his_ticket_back_does_not_keep_the_others_from_their_paper(
    world: World, clerk: User, sheets: PaperRange, fetched: bool
) -> None:
    # given: of three the first one has given his ticket back, or has the station's paper
    party = [world.rider() for _ in range(3)]
    order = world.hold(*party, made_by=clerk, unit=world.org["B111"], user=None, channel="counter")
    first, *others = issue(order)
    if fetched:
        Ticket.objects.filter(pk=first.pk).update(collected_at=MORNING)
        with pytest.raises(CoachError) as refusal:
            print_on(clerk, first.pk)
        assert str(refusal.value.message) == f"{MORNING:%m-%d %H:%M} 已在车站取纸质车票，不能再打印"
    else:
        for step in ("ask_back", "give_back"):
            move(first, step)
    client = Client()
    client.force_login(clerk)
    # when
    page = client.post(reverse("admin:o2o_coach_papersheet_print", args=[order.number])).content.decode()
    # then
    assert ("YU00001001" in page, "YU00001002" in page, "YU00001003" in page) == (True, True, False)
    assert [one.ticket for one in PaperSheet.objects.order_by("pk")] == others


# --- races


@pytest.fixture
def crowd(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, networks: dict[str, Network]
) -> Iterator[World]:
    with django_db_blocker.unblock():
        wipe()
        cache.clear()
        with frozen(MORNING):
            org = small_org()
            prepare()
            yield World(org, networks, User.objects.create_user("buyer@example.com", "password"))
        wipe()


def spoil_together(world: World, times: int) -> list[str]:
    """One clerk in several windows spoils the next sheet; the serials, or the refusals."""
    keeper = again(person(world.org["B111"], "keeper", [PAPER_VIEW, PAPER_STOCK]))
    clerk = again(person(world.org["B111"], "clerk", RIGHTS))
    give(keeper, take_in(keeper, world.org["B111"], "YU", 1, 4).pk, clerk, 4)

    def one() -> str:
        with frozen(MORNING):
            return spoil(clerk, "撕坏").serial

    works: list[Callable[[], str]] = [one] * times
    return [told if isinstance(told, str) else type(told).__name__ for told in together(*works)]


def test_six_windows_for_four_sheets(crowd: World) -> None:
    # when
    told = spoil_together(crowd, 6)
    # then each sheet once
    assert sorted(told) == [
        "CoachError",
        "CoachError",
        "YU00000001",
        "YU00000002",
        "YU00000003",
        "YU00000004",
    ]


def test_without_the_lock_a_sheet_would_be_used_twice(crowd: World, monkeypatch: pytest.MonkeyPatch) -> None:
    # given: everybody has read the next number before anybody writes
    meet = meeting(3)

    def unlocked(pks: Any) -> list[PaperRange]:
        found = list(PaperRange.objects.filter(pk__in=pks))
        if found and found[0].state == PaperState.IN_USE:
            meet()
        return found

    monkeypatch.setattr(papers, "lock_ranges", unlocked)
    # then the unique number is all that stands between two sheets of one serial
    assert spoil_together(crowd, 3).count("IntegrityError") == 2


def hand_out_together(world: World) -> list[str]:
    """Two keepers hand one clerk a range each, at the same moment; who has how many, or the refusals."""
    keeper = again(person(world.org["B111"], "keeper", [PAPER_VIEW, PAPER_STOCK]))
    clerk = again(person(world.org["B111"], "clerk", RIGHTS))
    stocks = [take_in(keeper, world.org["B111"], series, 1, 4).pk for series in ("YA", "YB")]

    def one(pk: int) -> Callable[[], str]:
        def hand() -> str:
            with frozen(MORNING):
                return give(keeper, pk, clerk, 4).state

        return hand

    return [told if isinstance(told, str) else type(told).__name__ for told in together(*map(one, stocks))]


def test_a_clerk_is_handed_one_range_however_many_hands_there_are(crowd: World) -> None:
    # when / then: he prints on one, and counts one at the end of his shift
    assert sorted(hand_out_together(crowd)) == ["CoachError", "in_use"]


def test_without_the_lock_nobody_would_be_told_why(crowd: World, monkeypatch: pytest.MonkeyPatch) -> None:
    # given: both have looked, also at what he has in his hands, before either writes
    monkeypatch.setattr(papers, "advisory_lock", lambda *_told: None)
    meet, moment = meeting(2), papers.now

    def handed_at() -> datetime:  # the last thing before it is written
        meet()
        return moment()

    monkeypatch.setattr(papers, "now", handed_at)
    # then the database alone says no
    assert sorted(hand_out_together(crowd)) == ["IntegrityError", "in_use"]
