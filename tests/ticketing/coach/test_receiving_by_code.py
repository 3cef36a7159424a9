"""A passenger without paper or document: the code on the telephone with which he bought opens his trips, no other."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from saleor.account.models import User

from plugins.members.interfaces import NOWHERE, Purpose
from plugins.members.interfaces import send_code as other_code
from plugins.members.models import SmsMessage
from plugins.ticketing.coach.access import RECEIVE
from plugins.ticketing.coach.models import Reception
from plugins.ticketing.coach.services.receiving import SERVED_FOR, WRONG_OF_CLERK
from plugins.ticketing.coach.services.receiving_by_code import receive_by_code, send_code
from plugins.ticketing.kernel.access import REFUND
from plugins.ticketing.kernel.models import TicketOrder
from saleor_o2o.kernel.clock import frozen, now
from saleor_o2o.kernel.models import AuditEntry
from saleor_o2o.kernel.scope import NotAllowed, rows_for

from ...orgs import again, person
from ..posts import holder
from .conftest import World
from .test_receiving import bought, browser, refused

MOBILE, OTHER = "13800138000", "13900139000"


@pytest.fixture
def order(world: World) -> TicketOrder:
    return bought(world)


@pytest.fixture
def clerk(world: World) -> User:
    return holder(world.org["O1111"], "outlet-clerk")


def on_the_phone() -> str:
    text: Any = SmsMessage.objects.filter(template="coach_receive_code").latest("pk").parameters
    return str(text["code"])


def test_the_code_opens_what_was_bought_with_the_telephone_for_half_an_hour(
    world: World, order: TicketOrder, clerk: User
) -> None:
    # given another telephone's order
    bought(world, key="key-00000002", user=None, mobile=OTHER)
    page = reverse("admin:o2o_coach_reception_code")
    client = browser(clerk)
    assert "发送验证码" in client.get(page).content.decode()
    # when it is sent, and read out
    sent = client.post(page, {"mobile": MOBILE, "code": "", "do": "send"})
    assert "验证码已发送" in sent.content.decode()
    code = on_the_phone()
    wrong = "000000" if code != "000000" else "000001"
    assert "验证码" in client.post(page, {"mobile": MOBILE, "code": wrong, "do": "find"}).content.decode()
    assert not Reception.objects.exclude(until=None).exists()
    done = client.post(page, {"mobile": MOBILE, "code": code, "do": "find"})
    # then his order, and no other
    assert done.headers["Location"] == reverse("admin:o2o_ticketing_ticketorder_change", args=[order.pk])
    assert client.get(done.headers["Location"]).status_code == 200
    here = again(clerk)
    assert list(rows_for(here, TicketOrder)) == [order]
    assert [(one.way, one.ticket_order, one.until is None) for one in Reception.objects.order_by("pk")] == [
        ("code", order, True), ("code", order, False),
    ]  # fmt: skip
    actions = ("coach.receive_code_sent", "coach.passenger_received")
    written = AuditEntry.objects.filter(action__in=actions)
    assert {(one.action, one.org_path) for one in written} == {
        (action, world.org[unit].path) for action in actions for unit in ("CQ", "O1111")
    }
    assert MOBILE not in str(list(written.values()))
    # and the code is used up, and the half hour ends
    assert "验证码" in client.post(page, {"mobile": MOBILE, "code": code, "do": "find"}).content.decode()
    with frozen(now() + SERVED_FOR + timedelta(seconds=1)):
        assert not rows_for(again(clerk), TicketOrder).exists()


def test_a_code_for_something_else_and_another_clerks_open_nothing(
    world: World, order: TicketOrder, clerk: User
) -> None:
    # given a code of this telephone for something else at a counter
    other_code(MOBILE, Purpose.COUNTER, NOWHERE)
    text: Any = SmsMessage.objects.latest("pk").parameters
    # then
    assert refused(lambda: receive_by_code(clerk, MOBILE, text["code"], "", NOWHERE)) == "CODE_WRONG"
    assert refused(lambda: receive_by_code(clerk, MOBILE, text["code"], "x", NOWHERE)) == "CODE_WRONG"
    assert Reception.objects.filter(until=None).count() == 2
    # and one that was sent from another counter
    with frozen(now() + timedelta(minutes=2)):
        sent = send_code(clerk, MOBILE, NOWHERE)
        assert (
            refused(lambda: receive_by_code(clerk, OTHER, on_the_phone(), str(sent.ticket), NOWHERE))
            == "CODE_WRONG"
        )
        assert receive_by_code(clerk, MOBILE, on_the_phone(), str(sent.ticket), NOWHERE) == [order]


def test_who_may_not_and_who_guesses(world: World, order: TicketOrder, clerk: User) -> None:
    # given
    looker = again(person(world.org["B111"], "looker", ["ticket.view", REFUND]))
    with pytest.raises(NotAllowed):
        send_code(looker, MOBILE, NOWHERE)
    assert browser(looker).get(reverse("admin:o2o_coach_reception_code")).status_code == 403
    # when a clerk tries telephones one after the other
    told = [refused(partial(send_code, clerk, f"1370000{n:04d}", NOWHERE)) for n in range(WRONG_OF_CLERK + 1)]
    # then
    assert told == ["NOT_FOUND"] * WRONG_OF_CLERK + ["TOO_OFTEN"]
    assert refused(lambda: send_code(clerk, MOBILE, NOWHERE)) == "TOO_OFTEN"
    assert refused(lambda: receive_by_code(clerk, MOBILE, "000000", "x", NOWHERE)) == "TOO_OFTEN"
    assert not SmsMessage.objects.filter(template="coach_receive_code").exists()
    other = again(person(world.org["B112"], "other", [RECEIVE]))
    assert refused(lambda: send_code(other, "call me", NOWHERE)) == "MOBILE_INVALID"


def test_a_wrong_code_is_one_try_however_many_orders_it_would_open(world: World, clerk: User) -> None:
    # given: five trips of one telephone
    for n in range(5):
        bought(world, key=f"key-0000001{n}", found=world.bus("08:00" if n % 2 else "14:00"))
    sent = send_code(clerk, MOBILE, NOWHERE)
    code = on_the_phone()

    # when: misheard three times
    wrong = ["000000" if code != "000000" else "999999"] * 3
    told = [refused(partial(receive_by_code, clerk, MOBILE, one, str(sent.ticket), NOWHERE)) for one in wrong]

    # then: the clerk has three tries behind him, not fifteen, and the right one still opens them
    assert told == ["CODE_WRONG"] * 3
    assert len(receive_by_code(clerk, MOBILE, code, str(sent.ticket), NOWHERE)) == 5


def test_the_page_in_another_browser_does_not_know_the_code(
    world: World, order: TicketOrder, clerk: User
) -> None:
    page = reverse("admin:o2o_coach_reception_code")
    browser(clerk).post(page, {"mobile": MOBILE, "code": "", "do": "send"})
    fresh = Client()
    fresh.force_login(clerk)
    told = fresh.post(page, {"mobile": MOBILE, "code": on_the_phone(), "do": "find"})
    assert told.status_code == 200
    assert not Reception.objects.exclude(until=None).exists()
