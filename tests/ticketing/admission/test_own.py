"""Our own inventory as the kernel's supplier: held, sold, given back and changed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import transaction
from saleor.account.models import User

from plugins.ticketing.admission.models import LimitUse, SessionSeat, Taking
from plugins.ticketing.admission.own import OwnInventory
from plugins.ticketing.admission.services import limits
from plugins.ticketing.admission.services.selling import hold_admission
from plugins.ticketing.admission.services.sessions import cancel_session
from plugins.ticketing.admission.services.wishing import Ask, TicketAsk
from plugins.ticketing.kernel.asks import candidate_of, lock_ask
from plugins.ticketing.kernel.choices import CallKind
from plugins.ticketing.kernel.models import TicketOrder
from plugins.ticketing.kernel.ports import ChangeAsk, IssueAsk, RefundAsk, SupplierRefused, Unit

from .conftest import Show
from .test_selling import person

pytestmark = pytest.mark.django_db(transaction=True)
D = Decimal


def held(show: Show, key: str, count: int = 3, user: User | None = None) -> TicketOrder:
    tickets = [TicketAsk(show.front.pk, passenger=person(sequence=12 + at)) for at in range(count)]
    ask = Ask(show.product.pk, tickets, "online", session=show.session.pk)
    return hold_admission(ask, key=key, user=user)


def units(order: TicketOrder) -> list[Unit]:
    return [Unit(one.number, one.fare, one.cost, seat=one.seat) for one in order.tickets.order_by("pk")]


def refund(order: TicketOrder, tickets: dict[str, str], *, partly: dict[str, int] | None = None) -> RefundAsk:
    return RefundAsk("TP1", order.their_number, order.product, tickets, partly or {}, False, D("100.00"))


def test_seats_are_sold_and_single_ones_given_back(show: Show) -> None:
    # given three a document per session, and a hold of three people
    limits.set_limit(None, show.product, "document", "session", 1)
    limits.set_limit(None, show.product, "account", "session", 3)
    fan = User.objects.create_user("fan@example.com", "pass-word")
    order = held(show, "key-00000001", user=fan)
    own = OwnInventory()
    assert own.find(CallKind.LOCK, order.number) is not None
    assert own.find(CallKind.LOCK, "nothing") is None
    # when they are issued
    with transaction.atomic():
        issued = own.issue(IssueAsk("GY1", order.their_number, order.product, units(order), D(0)))
    seats = {seat.label: seat.seat_id for seat in SessionSeat.objects.filter(hold=order.number, state="sold")}
    assert issued.tickets == {one.ticket: f"{show.front.pk}-{seats[one.seat]}" for one in units(order)}
    # letting go of what is sold changes nothing
    with transaction.atomic():
        own.release("GY2", order.their_number, order.number)
    assert SessionSeat.objects.filter(state="sold").count() == 3
    # when one comes back, its seat is free, and its holder and the account may buy one again
    first = units(order)[0]
    with transaction.atomic():
        back = own.refund(refund(order, {first.ticket: issued.tickets[first.ticket]}))
    assert back.amounts == {first.ticket: D("100.00")}
    assert SessionSeat.objects.filter(state="sold").count() == 2
    assert Taking.objects.get().quantity == 2
    assert sorted(LimitUse.objects.values_list("taken", flat=True)) == [0, 1, 1, 2]
    # and the same ticket does not come back twice
    with pytest.raises(SupplierRefused), transaction.atomic():
        own.refund(refund(order, {first.ticket: issued.tickets[first.ticket]}))
    # a part of a ticket for several frees nothing
    other = units(order)[1]
    with transaction.atomic():
        own.refund(refund(order, {other.ticket: issued.tickets[other.ticket]}, partly={other.ticket: 1}))
    assert SessionSeat.objects.filter(state="sold").count() == 2


def test_a_change_sells_the_new_and_frees_the_old(show: Show) -> None:
    old = held(show, "key-00000001", 2)
    own = OwnInventory()
    with transaction.atomic():
        issued = own.issue(IssueAsk("GY1", old.their_number, old.product, units(old), D(0)))
    ask = Ask(show.product.pk, [TicketAsk(show.back.pk)] * 2, "online", session=show.session.pk)
    new = hold_admission(ask, key="key-00000002", user=None)
    with transaction.atomic():
        changed = own.change(
            ChangeAsk(
                "GQ1", old.their_number, issued.tickets, new.their_number, new.product, units(new), D(0)
            )
        )
    assert set(changed.tickets) == {one.ticket for one in units(new)}
    sold = SessionSeat.objects.filter(state="sold")
    assert (set(sold.values_list("category", flat=True)), sold.count()) == ({"B"}, 2)


def test_what_is_lost_is_refused_in_the_kernels_words(show: Show) -> None:
    order = held(show, "key-00000001", 1)
    own = OwnInventory()
    with transaction.atomic():
        own.release("GY1", order.their_number, order.number)
    with pytest.raises(SupplierRefused) as refused, transaction.atomic():
        own.issue(IssueAsk("GY2", order.their_number, order.product, units(order), D(0)))
    assert refused.value.code == "HOLD_LOST"
    assert own.statement(date(2026, 12, 1)) == ()


def test_nothing_of_a_cancelled_session_is_sold(show: Show, keeper: User) -> None:
    # given somebody who has a hold when the session is cancelled
    order = held(show, "key-00000001", 2)
    cancel_session(keeper, show.session, "演员生病，无法演出")
    own = OwnInventory()
    # when he pays after all, it is not issued
    with pytest.raises(SupplierRefused), transaction.atomic():
        own.issue(IssueAsk("GY1", order.their_number, order.product, units(order), D(0)))
    # and his seats, free again, are not taken anew
    with transaction.atomic():
        own.release("GY2", order.their_number, order.number)
        assert SessionSeat.objects.filter(state="sold").count() == 0
    ask = lock_ask(order, list(order.tickets.order_by("pk")), "GY3", candidate_of(order, order.supplier.code))
    with pytest.raises(SupplierRefused), transaction.atomic():
        own.lock(ask)
    assert Taking.objects.exclude(state="released").count() == 0
