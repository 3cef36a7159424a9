"""Orders without an account: opened by a code to their telephone, for an hour; given back as a buyer does it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from plugins.members.models import SmsMessage
from plugins.ticketing.admission.models import Voucher
from plugins.ticketing.admission.vouchers.services.sending import send_again
from plugins.ticketing.kernel import guest_access
from plugins.ticketing.kernel.graphql.orders import guests
from plugins.ticketing.kernel.guest_access import link_of, link_token
from plugins.ticketing.kernel.models import Ticket, TicketOrder
from saleor_o2o.kernel.clock import frozen, now
from tests.buying.shopper import ask

from ..fares import RULES
from .conftest import MOBILE, World

BY_KEY = """query($n: String!, $k: String, $t: String) {
  ticketVouchers(orderNumber: $n, key: $k, token: $t) { number } }"""
LINK = "query($l: String!) { ticketGuestLink(link: $l) { number mobile errors { code message hint } } }"
SEND = """mutation($n: String, $m: String, $l: String) { ticketGuestCodeSend(orderNumber: $n, mobile: $m, link: $l) {
  againAfter errors { code message hint } } }"""
OPEN = """mutation($n: String, $m: String, $l: String, $c: String!) {
  ticketGuestOpen(orderNumber: $n, mobile: $m, link: $l, code: $c) {
    number trade token until onlyShown errors { code message hint } } }"""
SEE = """query($n: String!, $t: String) { ticketOrder(number: $n, token: $t) { number }
  ticketRefunds(order: $n, token: $t) { number } }"""
PREVIEW = """mutation($tickets: [String!]!, $t: String) { ticketRefundPreview(tickets: $tickets, token: $t) {
  back quotes { token allowed } errors { code } } }"""
REFUND = """mutation($tickets: [TicketRefundInput!]!, $t: String) {
  ticketRefund(key: "guest-0000000001", tickets: $tickets, token: $t) { refund { due } errors { code } } }"""

ONE_AGAIN = """mutation($n: String!, $o: String, $t: String) {
  ticketVoucherSend(number: $n, orderNumber: $o, token: $t) { errors { code } } }"""
ALL_AGAIN = (
    "mutation($n: String!, $t: String) { ticketTextSend(orderNumber: $n, token: $t) { errors { code } } }"
)


def send(number: str = "", mobile: str = MOBILE, link: str = "") -> Any:
    return ask(SEND, {"n": number, "m": mobile, "l": link})["ticketGuestCodeSend"]


def opened(code: str, number: str = "", mobile: str = MOBILE, link: str = "") -> Any:
    return ask(OPEN, {"n": number, "m": mobile, "l": link, "c": code})["ticketGuestOpen"]


def codes(told: Any) -> list[str]:
    return [one["code"] for one in told["errors"]]


def on_the_phone() -> dict[str, str]:
    text: Any = SmsMessage.objects.filter(template="ticket_guest_code").latest("pk").parameters
    return dict(text)


def seen(order: TicketOrder, token: str) -> int:
    return len(ask(BY_KEY, {"n": order.number, "t": token})["ticketVouchers"])


def test_a_code_to_the_telephone_of_the_order_opens_it_once(world: World) -> None:
    # given: two orders of one telephone, one of them an account's
    order, other = world.order((world.adult, 1)), world.order((world.adult, 1))
    own = get_user_model().objects.create_user("own@example.com", "password")
    TicketOrder.objects.filter(pk=other.pk).update(user=own)

    # when
    sent = send(order.number)
    text = on_the_phone()
    wrong = "000000" if text["code"] != "000000" else "000001"

    # then
    assert (sent["errors"], sent["againAfter"]) == ([], 60)
    assert text["number"] == order.number
    assert codes(opened(wrong, order.number)) == ["CODE_WRONG"]
    assert codes(opened(text["code"], other.number)) == ["NOT_FOUND"]
    told = opened(text["code"], order.number)
    assert (told["errors"], told["number"], told["trade"], told["onlyShown"]) == (
        [], order.number, "SCENIC", False,
    )  # fmt: skip
    assert codes(opened(text["code"], order.number)) == ["CODE_WRONG"]
    assert codes(send(order.number)) == ["TOO_OFTEN"]
    # and what was opened is his vouchers, not the account's
    assert (seen(order, told["token"]), seen(other, told["token"]), seen(order, "")) == (1, 0, 0)


def test_the_link_of_a_text_asks_for_the_code_and_proves_nothing_itself(world: World) -> None:
    # given
    order = world.order((world.adult, 1))
    token = link_token(order)
    send_again(Voucher.objects.select_related("ticket_order__supplier").get(ticket_order=order))
    said: Any = SmsMessage.objects.get(template="ticket_voucher").parameters
    assert said["link"] == link_of(order)
    assert said["link"].endswith(f"/h5/g/{token}")
    assert MOBILE not in said["link"] and len(token) < 20

    # then: the number and a masked telephone, nothing else; and it is no pass
    assert ask(LINK, {"l": token})["ticketGuestLink"] == {
        "number": order.number, "mobile": "138****1234", "errors": [],
    }  # fmt: skip
    assert seen(order, token) == 0
    for bad in (
        token[:-1] + ("0" if token[-1] != "0" else "1"),
        "",
        "zz",
        f"{'z' * 30}-0",
        "1-\u0131",
        "\x00",
    ):
        assert codes(ask(LINK, {"l": bad})["ticketGuestLink"]) == ["NOT_FOUND"]

    # when
    assert send(link=token, mobile="")["errors"] == []
    told = opened(on_the_phone()["code"], link=token, mobile="")
    # then
    assert (told["number"], seen(order, told["token"])) == (order.number, 1)


def test_who_has_an_account_gets_the_page_of_his_order(world: World) -> None:
    order = world.order((world.adult, 1))
    token = link_token(order)
    own = get_user_model().objects.create_user("own@example.com", "password")
    TicketOrder.objects.filter(pk=order.pk).update(user=own)
    assert link_of(TicketOrder.objects.get(pk=order.pk)).endswith(f"/h5/ticket-orders/{order.number}")
    # and the link from before opens nothing
    assert codes(ask(LINK, {"l": token})["ticketGuestLink"]) == ["NOT_FOUND"]


def test_a_pass_is_the_telephones_and_ends(world: World) -> None:
    # given an order, a later one of the same telephone, and another telephone's
    order, later, others = (world.order((world.adult, 1)) for _n in range(3))
    TicketOrder.objects.filter(pk=others.pk).update(mobile_index="x" * 64)
    token, until = guest_access.pass_for(order)

    # then
    for one, there in ((order, order.number), (later, later.number), (others, None)):
        told = ask(SEE, {"n": one.number, "t": token})
        assert (told["ticketOrder"] or {}).get("number") == there
    assert seen(others, token) == 0
    for bad in (token[:-1], token + "x", "x", "\ud800", until.isoformat()):
        assert ask(SEE, {"n": order.number, "t": bad})["ticketOrder"] is None
    assert timedelta(minutes=59) < until - now() <= timedelta(hours=1)
    with frozen(until):
        assert (seen(order, token), ask(SEE, {"n": order.number, "t": token})["ticketOrder"]) == (0, None)


def test_a_guest_gives_back_by_his_pass_and_nobody_else_does(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: two adults, who may give back
    order = world.order((world.adult, 1), (world.adult, 1))
    other = world.order((world.adult, 1))
    TicketOrder.objects.filter(pk=other.pk).update(mobile_index="x" * 64)
    Ticket.objects.update(refund_rule=RULES["景区门票（随时退，过期退）"].to_json())
    one = order.tickets.order_by("pk")[0]
    token, _until = guest_access.pass_for(order)
    theirs, _until = guest_access.pass_for(TicketOrder.objects.get(pk=other.pk))

    # then: without it, or with another telephone's, the tickets are not there
    for bad in ("", theirs, link_token(order)):
        assert codes(ask(PREVIEW, {"tickets": [one.number], "t": bad})["ticketRefundPreview"]) == [
            "NOT_FOUND"
        ]
        asked = {"tickets": [{"ticket": one.number, "token": "x"}], "t": bad}
        assert codes(ask(REFUND, asked)["ticketRefund"]) == ["NOT_FOUND"]
    # but his own are
    told = ask(PREVIEW, {"tickets": [one.number], "t": token})["ticketRefundPreview"]
    assert told["errors"] == []
    assert Ticket.objects.get(pk=one.pk).state == "issued"

    # when a reseller bought them, the visitor only shows them
    monkeypatch.setattr(guest_access, "_foreign", [lambda row: row.pk == order.pk])
    assert codes(ask(PREVIEW, {"tickets": [one.number], "t": token})["ticketRefundPreview"]) == ["NOT_FOUND"]
    assert ask(SEE, {"n": order.number, "t": token})["ticketOrder"] is None
    assert seen(order, token) == 2


@pytest.mark.parametrize(
    ("number", "mobile", "code"),
    [
        ("", MOBILE, "NOT_FOUND"),
        ("PWT\x000", MOBILE, "NOT_FOUND"),
        (None, "13800001235", "NOT_FOUND"),
        (None, "call me", "MOBILE_INVALID"),
    ],
)
def test_whoever_does_not_know_both_hears_nothing(
    world: World, number: str | None, mobile: str, code: str
) -> None:
    order = world.order((world.adult, 1))
    assert codes(send(order.number if number is None else number, mobile)) == [code]
    assert not SmsMessage.objects.filter(template="ticket_guest_code").exists()


def test_nobody_tries_numbers_one_after_the_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guests, "TRIES", 2)
    assert [codes(send(f"PW{n}"))[0] for n in range(3)] == ["NOT_FOUND", "NOT_FOUND", "TOO_OFTEN"]
    assert codes(ask(LINK, {"l": "1-2"})["ticketGuestLink"]) == ["TOO_OFTEN"]
    assert codes(opened("000000", "PW1")) == ["TOO_OFTEN"]


def test_a_guest_with_the_key_of_his_request(world: World) -> None:
    # given
    order = world.order((world.adult, 1))
    TicketOrder.objects.filter(pk=order.pk).update(request_key="guest:key-12345678")
    asked = {"n": order.number, "k": "key-12345678"}

    # then: nobody else's, neither the staff's nor an account's by its key
    assert len(ask(BY_KEY, asked)["ticketVouchers"]) == 1
    assert ask(BY_KEY, {**asked, "k": "key-12345679"})["ticketVouchers"] == []
    assert ask(BY_KEY, {"n": order.number}, world.clerk)["ticketVouchers"] == []
    own = get_user_model().objects.create_user("own@example.com", "password")
    TicketOrder.objects.filter(pk=order.pk).update(user=own)
    assert ask(BY_KEY, asked)["ticketVouchers"] == []


def test_a_guest_has_his_codes_sent_again(world: World) -> None:
    # given: two tickets of one order, and a stranger's pass
    order = world.order((world.adult, 1), (world.adult, 1))
    send(order.number)
    token = opened(on_the_phone()["code"], order.number)["token"]
    other = world.order((world.adult, 1))
    TicketOrder.objects.filter(pk=other.pk).update(mobile_index="c" * 64)
    stranger = guest_access.pass_for(TicketOrder.objects.get(pk=other.pk))[0]
    mine = list(Voucher.objects.filter(ticket_order=order).order_by("pk"))
    before = SmsMessage.objects.filter(template="ticket_voucher").count()

    # then: one voucher
    told = {"n": mine[0].number, "o": order.number}
    for bad in ("", "x", stranger):
        assert codes(ask(ONE_AGAIN, {**told, "t": bad})["ticketVoucherSend"]) == ["NOT_FOUND"]
    with frozen(now() + timedelta(minutes=2)):
        assert codes(ask(ONE_AGAIN, {**told, "t": token})["ticketVoucherSend"]) == []
    # or the order: all of them, each not sooner than a minute after the last time
    with frozen(now() + timedelta(minutes=5)):
        assert codes(ask(ALL_AGAIN, {"n": order.number, "t": token})["ticketTextSend"]) == []
        assert codes(ask(ALL_AGAIN, {"n": order.number, "t": token})["ticketTextSend"]) == ["TOO_OFTEN"]
    assert SmsMessage.objects.filter(template="ticket_voucher").count() == before + 1 + len(mine)
