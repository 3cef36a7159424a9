"""Vouchers of who bought without an account: with what he holds, or with a code to the telephone of his order."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model

from plugins.members.models import SmsMessage
from plugins.ticketing.admission.models import Voucher
from plugins.ticketing.admission.vouchers.graphql import guests
from plugins.ticketing.kernel.models import TicketOrder
from tests.buying.shopper import ask

from .conftest import MOBILE, World

BY_KEY = """query($n: String!, $k: String, $t: String) {
  ticketVouchers(orderNumber: $n, key: $k, token: $t) { number } }"""
SEND = """mutation($n: String!, $m: String!) { ticketGuestCodeSend(orderNumber: $n, mobile: $m) {
  againAfter errors { code message hint } } }"""
GET = """mutation($n: String!, $m: String!, $c: String!) {
  ticketGuestVouchers(orderNumber: $n, mobile: $m, code: $c) { vouchers { number kept { qr } } errors { code } } }"""


def send(number: str, mobile: str = MOBILE) -> Any:
    return ask(SEND, {"n": number, "m": mobile})["ticketGuestCodeSend"]


def get(number: str, code: str, mobile: str = MOBILE) -> tuple[list[str], list[str]]:
    told = ask(GET, {"n": number, "m": mobile, "c": code})["ticketGuestVouchers"]
    return [one["number"] for one in told["vouchers"] or []], [one["code"] for one in told["errors"]]


def test_a_code_to_the_telephone_of_the_order_opens_its_vouchers_once(world: World) -> None:
    # given: two orders of one telephone, one of them an account's
    order, other = world.order((world.adult, 1)), world.order((world.adult, 1))
    own = get_user_model().objects.create_user("own@example.com", "password")
    TicketOrder.objects.filter(pk=other.pk).update(user=own)
    number = Voucher.objects.get(ticket_order=order).number

    # when
    sent = send(order.number)
    text: Any = SmsMessage.objects.get(template="ticket_guest_code").parameters
    wrong = "000000" if text["code"] != "000000" else "000001"

    # then
    assert (sent["errors"], sent["againAfter"]) == ([], 60)
    assert text["number"] == order.number
    assert get(order.number, wrong) == ([], ["CODE_WRONG"])
    assert get(other.number, text["code"]) == ([], ["NOT_FOUND"])
    assert get(order.number, text["code"]) == ([number], [])
    assert get(order.number, text["code"]) == ([], ["CODE_WRONG"])
    assert send(order.number)["errors"][0]["code"] == "TOO_OFTEN"


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
    assert send(order.number if number is None else number, mobile)["errors"][0]["code"] == code
    assert not SmsMessage.objects.exists()


def test_nobody_tries_numbers_one_after_the_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guests, "TRIES", 2)
    codes = [send(f"PW{n}")["errors"][0]["code"] for n in range(3)]
    assert codes == ["NOT_FOUND", "NOT_FOUND", "TOO_OFTEN"]


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
