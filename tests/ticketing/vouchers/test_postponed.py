"""Who may choose about a session that was put off: guests, the staff for buyers at a counter; holds made then."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from saleor.account.models import User

from plugins.ticketing.admission.models import Session, SessionChoice, Voucher
from plugins.ticketing.admission.vouchers.access import VIEW
from plugins.ticketing.admission.vouchers.services import changing
from plugins.ticketing.admission.vouchers.services.changing import session_postponed
from plugins.ticketing.kernel.access import ORDER_VIEW, REFUND
from plugins.ticketing.kernel.models import Ticket, TicketOrder
from saleor_o2o.kernel.clock import midnight, today
from tests.buying.shopper import ask
from tests.orgs import person

from .conftest import World
from .test_sessions import order_for, session_of

CHOOSE = """mutation($n: String!, $c: TicketPostponedChoice!, $k: String, $t: String) {
  ticketPostponedChoose(orderNumber: $n, choice: $c, key: $k, token: $t) { choice refundNumber errors { code } } }"""
POSTPONED = """query($n: String!, $k: String, $t: String) {
  ticketPostponed(orderNumber: $n, key: $k, token: $t) { reason choice } }"""


@pytest.fixture
def evening(world: World) -> Session:
    return session_of(world, midnight(today()) + timedelta(days=3, hours=19))


@pytest.fixture
def refunds(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, Any]]:
    """What was given back: order and by whom."""
    found: list[tuple[int, Any]] = []

    class Made:
        number = "TP1"

    def refund(of: TicketOrder, _key: str, **told: Any) -> Any:
        found.append((of.pk, told["by"]))
        return Made

    monkeypatch.setattr(changing, "refund_without_asking", refund)
    return found


def put_off(session: Session, days: int = 10) -> None:
    after = session.starts_at + timedelta(days=days)
    Session.objects.filter(pk=session.pk).update(
        starts_at=after, ends_at=after + timedelta(hours=2), postponed_from=session.starts_at
    )
    session_postponed(session.pk, session.starts_at, after, "舞台检修")


def test_a_guest_chooses_with_the_key_of_his_request(
    world: World, evening: Session, refunds: list[Any]
) -> None:
    # given a guest, who has no account
    order = order_for(world, evening, (world.adult, 1))
    TicketOrder.objects.filter(pk=order.pk).update(request_key="guest:key-12345678")
    put_off(evening)
    told = {"n": order.number, "k": "key-12345678"}
    # then with the key it is his, without it nobody's
    assert ask(POSTPONED, told)["ticketPostponed"] == {"reason": "舞台检修", "choice": None}
    for other in ({"k": "key-12345679"}, {"k": None}, {"k": None, "t": "x" * 36}, {"k": "\x00"}):
        assert ask(POSTPONED, {**told, **other})["ticketPostponed"] is None
        said = ask(CHOOSE, {**told, **other, "c": "REFUND"})["ticketPostponedChoose"]
        assert said["errors"] == [{"code": "NOT_FOUND"}]
    # nor is it the staff's this way
    assert ask(POSTPONED, {"n": order.number}, world.clerk)["ticketPostponed"] is None
    assert refunds == []
    said = ask(CHOOSE, {**told, "c": "REFUND"})["ticketPostponedChoose"]
    assert said == {"choice": "REFUND", "refundNumber": "TP1", "errors": []}
    assert refunds == [(order.pk, None)]
    assert ask(POSTPONED, told)["ticketPostponed"] == {"reason": "舞台检修", "choice": "REFUND"}


@pytest.mark.parametrize(
    ("rights", "status"), [([VIEW, REFUND, ORDER_VIEW], 302), ([VIEW, ORDER_VIEW], 403), ([REFUND], 404)]
)
def test_the_staff_choose_for_who_asks_at_the_counter(
    world: World, evening: Session, refunds: list[Any], rights: list[str], status: int
) -> None:
    # given somebody who bought at the counter, and a clerk there
    order = order_for(world, evening, (world.adult, 1))
    voucher = Voucher.objects.get()
    clerk: User = person(world.org["C11"], "clerk", rights)
    client = Client()
    client.force_login(clerk)
    page = reverse("admin:o2o_admission_voucher_change", args=[voucher.pk])
    address = reverse("admin:o2o_admission_voucher_postponed", args=[voucher.pk])
    if status == 302:
        assert "延期选择" not in client.get(page).content.decode()
    put_off(evening)
    if status == 302:
        assert "延期选择" in client.get(page).content.decode()
        assert client.get(address).status_code == 200
        assert client.post(address, {"do": "1", "choice": "maybe"}).status_code == 200
    # when
    answer = client.post(address, {"do": "1", "choice": "refund"})
    # then
    assert answer.status_code == status
    assert refunds == ([(order.pk, clerk)] if status == 302 else [])
    assert SessionChoice.objects.count() == (1 if status == 302 else 0)


def test_a_hold_of_the_time_before_is_issued_for_the_new_time(world: World, evening: Session) -> None:
    # given that the session was put off, and a hold that was made of the time before and came too late to be moved
    put_off(evening)
    order_for(world, evening, (world.adult, 1))
    stale = order_for(world, evening, (world.adult, 1))
    TicketOrder.objects.filter(pk=stale.pk).update(starts_at=evening.starts_at, ends_at=evening.ends_at)
    stale.tickets.update(valid_from=evening.starts_at, valid_until=evening.ends_at)
    stale = TicketOrder.objects.get(pk=stale.pk)
    # when it is issued
    Voucher.objects.all().delete()
    from django.db import transaction

    from plugins.ticketing.kernel.trades import trade_of

    with transaction.atomic():
        tickets = list(stale.tickets.order_by("pk"))
        trade_of("scenic").issued(stale, tickets)
    # then everything is of the new time
    after = evening.starts_at + timedelta(days=10)
    fresh = TicketOrder.objects.get(pk=stale.pk)
    assert (fresh.starts_at, fresh.ends_at) == (after, after + timedelta(hours=2))
    ticket = Ticket.objects.get(ticket_order=stale)
    assert (ticket.valid_from, ticket.valid_until) == (after, after + timedelta(hours=2))
    assert Voucher.objects.get().valid_until >= after
