"""A passenger is served at any counter that he comes to, and nobody's order is opened by guessing."""

from __future__ import annotations

import importlib
import json
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from saleor.account.models import User

from plugins.ticketing.coach.access import PAPER_STOCK, PAPER_VIEW, RECEIVE
from plugins.ticketing.coach.models import CoachTrip, PaperSheet, Reception
from plugins.ticketing.coach.services.papers import give, hand_in, print_on, take_in
from plugins.ticketing.coach.services.receiving import SERVED_FOR, WRONG_AT_ORDER, WRONG_OF_CLERK, receive
from plugins.ticketing.coach.trade import CoachRules
from plugins.ticketing.kernel import lending
from plugins.ticketing.kernel.access import CARRIERS_FAULT, EXPORT, REFUND
from plugins.ticketing.kernel.models import Ticket, TicketOrder
from plugins.ticketing.kernel.services.reach import unit_for
from saleor_o2o.kernel.clock import frozen, now
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.models import AuditEntry
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope, get_row, policy_for, rows_for

from ...orgs import again, person
from ..posts import holder
from .conftest import World
from .test_papers import issue

NUMBER, PASSWORD = "QP20261201", "482913"


def bought(world: World, **told: Any) -> TicketOrder:
    """Bought online: the station is no branch's, so the order is the city's; issued with a number and a password."""
    order = world.hold(**told)
    pick = json.dumps({"number": NUMBER, "password": PASSWORD, "address": "龙头寺汽车站"})
    issue(order)
    TicketOrder.objects.filter(pk=order.pk).update(state="issued", pick_code=pick)
    order = TicketOrder.objects.get(pk=order.pk)
    CoachRules().issued(order, list(order.tickets.all()))
    return order


@pytest.fixture
def order(world: World) -> TicketOrder:
    return bought(world)


@pytest.fixture
def clerk(world: World) -> User:
    """At an outlet that has nothing to do with the sale."""
    return holder(world.org["O1111"], "outlet-clerk")


def refused(act: Any) -> str:
    with pytest.raises(DomainError) as refusal:
        act()
    return str(refusal.value.code.value)


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_another_outlet_prints_and_takes_the_paper_back(
    world: World, order: TicketOrder, clerk: User
) -> None:
    # given blank sheets at the outlet, and an order that is not its own
    keeper = again(person(world.org["O1111"], "keeper", [PAPER_VIEW, PAPER_STOCK]))
    give(keeper, take_in(keeper, world.org["O1111"], "yu", 1, 5).pk, clerk, 5)
    ticket = order.tickets.get()
    assert order.unit == world.org["CQ"]
    with pytest.raises(OutOfScope):
        print_on(clerk, ticket.pk)
    page = reverse("admin:o2o_ticketing_ticketorder_change", args=[order.pk])
    assert browser(clerk).get(page).status_code == 404
    # when
    assert receive(again(clerk), "number", f" {NUMBER.lower()} ", PASSWORD) == [order]
    # then
    here = again(clerk)
    assert browser(here).get(page).status_code == 200
    sheet = print_on(here, ticket.pk)
    assert hand_in(here, sheet.pk, "退票").state == "handed_in"
    # a colleague beside him sees nothing of it
    beside = again(person(world.org["O1111"], "beside", [PAPER_VIEW, "ticket.view", RECEIVE]))
    assert not rows_for(beside, TicketOrder).exists()
    # and half an hour later nobody does
    with frozen(now() + SERVED_FOR + timedelta(seconds=1)):
        later = again(clerk)
        assert not rows_for(later, TicketOrder).filter(pk=order.pk).exists()
        assert not rows_for(later, Ticket).filter(pk=ticket.pk).exists()
        assert rows_for(later, PaperSheet).filter(pk=sheet.pk).exists()  # of his own range


def test_only_what_serves_him_is_lent(world: World, order: TicketOrder) -> None:
    # given somebody with every right of coaches at his own branch, and another one's order beside it
    rights = [RECEIVE, "ticket.view", REFUND, CARRIERS_FAULT, EXPORT]
    clerk = again(person(world.org["B111"], "clerk", rights))
    other = bought(world, key="key-00000002", user=None, mobile="13900139000")
    receive(clerk, "document", order.passengers.get().document_number, "8000")
    clerk = again(clerk)
    # then
    assert list(rows_for(clerk, TicketOrder)) == [order]
    assert unit_for(clerk, order, REFUND) == world.org["B111"]
    policy = policy_for(TicketOrder)
    assert [policy.may(clerk, right, order) for right in (REFUND, CARRIERS_FAULT, EXPORT)] == [
        True,
        False,
        False,
    ]
    with pytest.raises(NotAllowed):
        unit_for(clerk, order, REFUND, cause="carrier")
    assert not rows_for(clerk, TicketOrder, EXPORT).exists()
    with pytest.raises(OutOfScope):
        get_row(clerk, TicketOrder, pk=other.pk)
    # what he may not do at his own desk he may not do for a passenger either
    looker = again(person(world.org["B112"], "looker", [RECEIVE, "ticket.view"]))
    receive(looker, "number", NUMBER, PASSWORD)
    looker = again(looker)
    assert policy.may(looker, "view", order)
    assert not policy.may(looker, REFUND, order)


def test_who_may_not_receive(world: World, order: TicketOrder) -> None:
    clerk = again(person(world.org["B111"], "clerk", ["ticket.view", REFUND]))
    with pytest.raises(NotAllowed):
        receive(clerk, "number", NUMBER, PASSWORD)
    assert browser(clerk).get(reverse("admin:o2o_coach_reception_new")).status_code == 403
    assert not Reception.objects.exists()


def test_it_is_written_down_without_what_was_typed(world: World, order: TicketOrder, clerk: User) -> None:
    # when
    receive(clerk, "document", order.passengers.get().document_number, "8000")
    # then for the unit whose it is and for the one that served
    rows = AuditEntry.objects.filter(action="coach.passenger_received").order_by("pk")
    assert {one.org_path for one in rows} == {world.org["CQ"].path, world.org["O1111"].path}
    text = str(list(rows.values()))
    assert order.passengers.get().document_number not in text
    row = Reception.objects.get()
    assert (row.by, row.unit, row.way, row.ticket_order) == (clerk, world.org["O1111"], "document", order)


def test_guesses_of_a_clerk_are_bounded(world: World, order: TicketOrder, clerk: User) -> None:
    # when he guesses at numbers that nobody has
    for at in range(WRONG_OF_CLERK):
        assert refused(lambda at=at: receive(clerk, "number", f"QP{at}", PASSWORD)) == "NOT_FOUND"
    # then the right one does not help any more, until an hour has gone
    with pytest.raises(DomainError) as refusal:
        receive(clerk, "number", NUMBER, PASSWORD)
    assert (str(refusal.value.code.value), refusal.value.seconds) == ("TOO_OFTEN", 3600)
    with frozen(now() + timedelta(hours=1, seconds=1)):
        assert receive(clerk, "number", NUMBER, PASSWORD) == [order]


def test_guesses_at_an_order_are_bounded_whoever_guesses(world: World, order: TicketOrder) -> None:
    # given clerks who try a password each
    for at in range(WRONG_AT_ORDER):
        guesser = again(person(world.org["O1111"], f"guesser{at}", [RECEIVE]))
        assert refused(lambda g=guesser, at=at: receive(g, "number", NUMBER, f"00000{at}")) == "NOT_FOUND"
    # then the password itself is refused, in the same words
    honest = again(person(world.org["B121"], "honest", [RECEIVE, "ticket.view"]))
    assert refused(lambda: receive(honest, "number", NUMBER, PASSWORD)) == "NOT_FOUND"
    with frozen(now() + timedelta(days=1, seconds=1)):
        assert receive(honest, "number", NUMBER, PASSWORD) == [order]


@pytest.mark.parametrize(
    ("way", "told", "proof", "code"),
    [
        ("number", "", "1", "INVALID_INPUT"), ("number", NUMBER, " ", "INVALID_INPUT"),
        ("number", "\x00", "\x00", "NOT_FOUND"), ("document", "不是证件", "8000", "NOT_FOUND"),
        ("number", NUMBER, "482914", "NOT_FOUND"), ("nonsense", NUMBER, PASSWORD, "INVALID_INPUT"),
    ],
)  # fmt: skip
def test_what_is_wrong_says_nothing(
    world: World, order: TicketOrder, clerk: User, way: str, told: str, proof: str, code: str
) -> None:
    assert refused(lambda: receive(clerk, way, told, proof)) == code


def test_the_page(world: World, order: TicketOrder, clerk: User) -> None:
    # given
    client, page = browser(clerk), reverse("admin:o2o_coach_reception_new")
    assert client.get(page).status_code == 200
    # when wrong, then right
    wrong = client.post(page, {"way": "number", "told": NUMBER, "proof": "000000"})
    assert "没有找到车票，或凭证不对" in wrong.content.decode()
    assert NUMBER not in wrong.request["QUERY_STRING"]
    right = client.post(page, {"way": "number", "told": NUMBER, "proof": PASSWORD})
    # then
    assert right.status_code == 302
    assert right["Location"] == reverse("admin:o2o_ticketing_ticketorder_change", args=[order.pk])
    assert order.number in client.get(page).content.decode()
    listed = client.get(reverse("admin:o2o_coach_reception_changelist")).content.decode()
    assert ("已接待" in listed, "凭证不对" in listed) == (True, True)


def test_a_number_without_a_password_takes_the_documents_end(world: World, clerk: User) -> None:
    # given a network that tells one code only
    order = bought(world)
    TicketOrder.objects.filter(pk=order.pk).update(pick_code=json.dumps({"code": "8812"}))
    order = TicketOrder.objects.get(pk=order.pk)
    CoachRules().issued(order, [])
    document = order.passengers.get().document_number
    # then
    assert refused(lambda: receive(clerk, "number", "8812", "0000")) == "NOT_FOUND"
    assert receive(clerk, "number", "8812", document[-4:].lower()) == [order]


@pytest.mark.parametrize(
    ("number", "password", "found"),
    [
        ("0000000011", "111111", True),
        ("0000000013", "333333", True),
        ("0000000011、0000000012、0000000013", "111111、222222、333333", True),
        ("0000000012", "111111", False),
        ("0000000014", "111111", False),
    ],
)
def test_each_of_a_party_is_found_by_his_own_number(
    world: World, clerk: User, number: str, password: str, found: bool
) -> None:
    # given a network whose tickets are fetched one by one
    order = bought(world)
    pick = {"number": "0000000011、0000000012、0000000013", "password": "111111、222222、333333"}
    TicketOrder.objects.filter(pk=order.pk).update(pick_code=json.dumps(pick))
    order = TicketOrder.objects.get(pk=order.pk)
    CoachRules().issued(order, [])
    # then
    if found:
        assert receive(clerk, "number", number, password) == [order]
    else:
        assert refused(lambda: receive(clerk, "number", number, password)) == "NOT_FOUND"


def test_parties_of_before_are_found_by_each_number_after_the_migration(world: World, clerk: User) -> None:
    # given as it was: one index over all of the numbers
    order = bought(world)
    pick = json.dumps({"number": "0000000011、0000000012", "password": "111111、222222"})
    TicketOrder.objects.filter(pk=order.pk).update(pick_code=pick)
    CoachTrip.objects.update(pick_index="0" * 64, pick_more=[])
    # when
    importlib.import_module("plugins.ticketing.coach.migrations.0012_pick_more").fill(apps, None)
    # then
    assert receive(clerk, "number", "0000000012", "222222") == [order]


def test_orders_of_before_are_found_after_the_migration(
    world: World, order: TicketOrder, clerk: User
) -> None:
    # given as it was: nothing written beside the trip, one trip long gone
    CoachTrip.objects.update(pick_index="")
    assert refused(lambda: receive(clerk, "number", NUMBER, PASSWORD)) == "NOT_FOUND"
    # when
    migration = importlib.import_module("plugins.ticketing.coach.migrations.0005_pick_numbers")
    migration.fill(apps, None)
    # then
    assert receive(clerk, "number", NUMBER, PASSWORD) == [order]
    CoachTrip.objects.update(pick_index="")
    with frozen(order.starts_at + timedelta(days=3)):
        migration.fill(apps, None)
    assert CoachTrip.objects.get(ticket_order=order).pick_index == ""


def test_without_lending_every_other_branch_is_closed(
    world: World, order: TicketOrder, clerk: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: it is the lending that opens, nothing beside it."""
    monkeypatch.setattr(lending, "_lenders", [])
    receive(clerk, "number", NUMBER, PASSWORD)
    with pytest.raises(OutOfScope):
        get_row(again(clerk), TicketOrder, pk=order.pk)


def test_who_receives_nobody_asks_no_more(world: World, order: TicketOrder) -> None:
    # given one who may receive, and one who may not
    other = again(person(world.org["B121"], "other", ["ticket.view"]))
    clerk = again(person(world.org["B111"], "clerk", ["ticket.view", RECEIVE]))
    counts = []
    for user in (other, clerk):
        for _time in range(2):
            with CaptureQueriesContext(connection) as seen:
                list(rows_for(user, TicketOrder))
            counts.append(len(seen))
    # then one statement more, once in a request
    assert counts[2] - counts[0] == 1
    assert counts[3] == counts[1]
