"""A guest's coach tickets: seen, given back, changed, invoiced with the pass of his telephone, and not without."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from saleor.account.models import User

from plugins.members.models import SmsMessage
from plugins.ticketing.coach.journeys.riding import HOLD
from plugins.ticketing.coach.models import CoachInvoice
from plugins.ticketing.coach.services import telling
from plugins.ticketing.kernel.choices import ChangeState, OrderState, TicketState
from plugins.ticketing.kernel.guest_access import link_of, pass_for
from plugins.ticketing.kernel.models import ChangeRequest, RefundRequest, TicketOrder

from ...scope.graphql import asked
from .conftest import World
from .test_changing import sold
from .test_missed import left
from .test_missed_api import GO, LATER

__all__ = ["left"]
PASSES = "query($n: String!, $t: String) { coachPasses(orderNumber: $n, token: $t) { ticket } }"
REFUND_PREVIEW = """mutation($tickets: [String!]!, $t: String) { ticketRefundPreview(tickets: $tickets, token: $t) {
  back quotes { ticket token } errors { code } } }"""
REFUND = """mutation($tickets: [TicketRefundInput!]!, $t: String) {
  ticketRefund(key: "guest-0000000001", tickets: $tickets, token: $t) { refund { number due } errors { code } } }"""
CHANGE_PREVIEW = """mutation($tickets: [String!]!, $new: String!, $k: String, $t: String) {
  ticketChangePreview(tickets: $tickets, target: $new, targetKey: $k, token: $t) {
    toPay back quotes { ticket token allowed } errors { code } } }"""
CHANGE = """mutation($tickets: [TicketChangeInput!]!, $new: String!, $k: String, $t: String) {
  ticketChange(key: "guest-0000000002", tickets: $tickets, target: $new, targetKey: $k, token: $t) {
    change { number state } errors { code } } }"""
HOLD_AGAIN = HOLD.replace("$old: String)", "$old: String, $t: String)").replace(
    "insteadOf: $old)", "insteadOf: $old, token: $t)"
)
INVOICE = """mutation($n: String!, $t: String) { coachInvoiceAsk(number: $n, title: "测试单位", token: $t) {
  invoice { amount } errors { code } } }"""
INVOICES = "query($n: String!, $t: String) { coachInvoices(number: $n, token: $t) { title } }"


@pytest.fixture
def order(world: World, monkeypatch: pytest.MonkeyPatch) -> TicketOrder:
    """Two of a guest's, issued by a network that puts them on later buses."""
    monkeypatch.setattr(world.networks["a"], "reroutes_missed", True, raising=False)
    return sold(world.hold(world.rider(), world.rider(), user=None, unit=world.org["B111"]))


@pytest.fixture
def stranger(world: World) -> str:
    """The pass of another telephone."""
    other = world.hold(user=None, unit=world.org["B111"], key="key-00000009", mobile="13900139000")
    return pass_for(other)[0]


def codes(told: Any) -> list[str]:
    return [one["code"] for one in told["errors"]]


def test_what_a_pass_gives_back_is_what_it_said(world: World, order: TicketOrder, stranger: str) -> None:
    # given
    token, _until = pass_for(order)
    one, other = order.tickets.order_by("pk")
    for bad in (stranger, "", "x"):
        assert codes(asked(None, REFUND_PREVIEW, tickets=[one.number], t=bad)["ticketRefundPreview"]) == [
            "NOT_FOUND"
        ]
        assert asked(None, PASSES, n=order.number, t=bad)["coachPasses"] == []
    assert len(asked(None, PASSES, n=order.number, t=token)["coachPasses"]) == 2
    # when
    told = asked(None, REFUND_PREVIEW, tickets=[one.number], t=token)["ticketRefundPreview"]
    wanted = [{"ticket": quote["ticket"], "token": quote["token"]} for quote in told["quotes"]]
    assert codes(asked(None, REFUND, tickets=wanted, t=stranger)["ticketRefund"]) == ["NOT_FOUND"]
    assert not RefundRequest.objects.exists()
    done = asked(None, REFUND, tickets=wanted, t=token)["ticketRefund"]
    # then: what it said, nobody's account, and the other passenger still goes
    assert (done["errors"], done["refund"]["due"]) == ([], told["back"])
    request = RefundRequest.objects.get()
    assert (request.number, request.asked_by) == (done["refund"]["number"], None)
    states = dict(order.tickets.values_list("pk", "state"))
    assert (states[one.pk] != TicketState.ISSUED, states[other.pk]) == (True, TicketState.ISSUED)


def test_a_guest_goes_with_another_bus(world: World, order: TicketOrder, stranger: str) -> None:
    # given
    token, _until = pass_for(order)
    bus = world.bus("14:00")
    tickets = [one.number for one in order.tickets.order_by("pk")]
    told: dict[str, Any] = {
        "shift": str(bus.shift_day.pk), "goal": bus.goal.code, "mobile": "", "old": order.number,
        "passengers": [{"ticket": one, "fare": "FULL"} for one in tickets],
    }  # fmt: skip
    # then nobody else holds seats in their place
    for bad in (stranger, "x", None):
        refused = asked(None, HOLD_AGAIN, key="guest-key-0001", t=bad, **told)["coachHold"]
        assert (codes(refused), refused["number"]) == (["NOT_FOUND"], None)
    # when
    held = asked(None, HOLD_AGAIN, key="guest-key-0001", t=token, **told)["coachHold"]
    assert held["errors"] == []
    new = TicketOrder.objects.get(number=held["number"])
    assert (new.user, new.instead_of, new.mobile, new.mobile_index) == (
        None, order, order.mobile, order.mobile_index,
    )  # fmt: skip
    target = {"new": new.number, "k": "guest-key-0001"}
    for bad in ({"t": stranger}, {"t": token, "k": "guest-key-0002"}):
        refused = asked(None, CHANGE_PREVIEW, tickets=tickets, **{**target, **bad})["ticketChangePreview"]
        assert codes(refused) == ["NOT_FOUND"]
    quoted = asked(None, CHANGE_PREVIEW, tickets=tickets, t=token, **target)["ticketChangePreview"]
    assert (quoted["errors"], [one["allowed"] for one in quoted["quotes"]]) == ([], [True, True])
    wanted = [{"ticket": one["ticket"], "token": one["token"]} for one in quoted["quotes"]]
    assert codes(asked(None, CHANGE, tickets=wanted, t=stranger, **target)["ticketChange"]) == ["NOT_FOUND"]
    done = asked(None, CHANGE, tickets=wanted, t=token, **target)["ticketChange"]
    # then
    assert done["errors"] == []
    change = ChangeRequest.objects.get()
    assert (change.target, change.asked_by) == (new, None)
    assert change.state in {ChangeState.ASKED, ChangeState.AT_SUPPLIER, ChangeState.DONE}


def test_a_guest_who_missed_his_bus(world: World, order: TicketOrder, left: Any) -> None:
    # given
    token, _until = pass_for(order)
    [first, _second] = [one.number for one in order.tickets.order_by("pk")]
    later = LATER.replace("$n: String!)", "$n: String!, $t: String)").replace(
        "Number: $n)", "Number: $n, token: $t)"
    )
    go = GO.replace("$e: Decimal!)", "$e: Decimal!, $p: String)").replace(
        "expected: $e)", "expected: $e, token: $p)"
    )
    assert codes(asked(None, later, n=order.number)["coachLaterBuses"]) == ["NOT_FOUND"]
    # when
    told = asked(None, later, n=order.number, t=token)["coachLaterBuses"]
    [bus] = told["buses"]
    done = asked(
        None, go, k="missed-key-0001", n=order.number, t=[first], s=bus["id"], e="12.00", p=token
    )["coachMissedChange"]  # fmt: skip
    # then
    assert (told["errors"], done["errors"], done["change"]["state"]) == ([], [], "TO_PAY")
    change = ChangeRequest.objects.get()
    assert change.target is not None
    assert (change.target.user, change.target.made_by, change.target.state) == (None, None, OrderState.HELD)


def test_an_invoice_for_a_guest(world: World, order: TicketOrder, stranger: str) -> None:
    token, _until = pass_for(order)
    assert codes(asked(None, INVOICE, n=order.number, t=stranger)["coachInvoiceAsk"]) == ["NOT_FOUND"]
    done = asked(None, INVOICE, n=order.number, t=token)["coachInvoiceAsk"]
    assert (done["errors"], Decimal(str(done["invoice"]["amount"]))) == ([], order.total)
    assert CoachInvoice.objects.get().asked_by is None
    assert asked(None, INVOICES, n=order.number, t=token)["coachInvoices"] == [{"title": "测试单位"}]
    assert asked(None, INVOICES, n=order.number, t=stranger)["coachInvoices"] == []


def test_the_text_says_where(world: World, order: TicketOrder) -> None:
    # when: a guest's, then an account's
    telling.tell_issued(order, 2)
    own = sold(world.hold(key="key-00000002", found=world.bus("14:00"), mobile="13900139000"))
    telling.tell_issued(own, 1)
    # then
    said: list[Any] = [
        one.parameters for one in SmsMessage.objects.filter(template="coach_issued").order_by("pk")
    ]
    links = [one["link"] for one in said][-2:]
    assert links == [link_of(order), link_of(own)]
    assert "/h5/g/" in links[0]
    assert links[1].endswith(f"/h5/ticket-orders/{own.number}")


def test_what_is_an_accounts_is_no_guests(world: World) -> None:
    # given an account's order with the telephone of a guest's
    own = sold(world.hold(world.rider()))
    guest = world.hold(user=None, key="key-00000002", found=world.bus("14:00"))
    token, _until = pass_for(guest)
    [ticket] = own.tickets.all()
    other = User.objects.create_user("other@example.com", "password")
    # then
    for user in (None, other):
        told = asked(user, REFUND_PREVIEW, tickets=[ticket.number], t=token)["ticketRefundPreview"]
        assert codes(told) == ["NOT_FOUND"]
