"""The adapter against the pretended distributor: what it holds, issues, takes back and changes, and its silences."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from plugins.ticketing.admission.suppliers.distributor import Distributor, resend
from plugins.ticketing.kernel import ports
from plugins.ticketing.kernel.choices import CallKind, ChangeState, OrderState
from plugins.ticketing.kernel.models import ChangeRequest, SupplierCall, Ticket, TicketOrder
from plugins.ticketing.kernel.numbers import CALL, CHANGE, TICKET, TICKET_ORDER
from plugins.ticketing.kernel.ports import (
    ChangeAsk,
    IssueAsk,
    Issued,
    LockAsk,
    Locked,
    Person,
    Refunded,
    SupplierRefused,
    SupplierSilent,
    Unit,
)
from saleor_o2o.kernel.clock import now, today
from saleor_o2o.kernel.numbering import next_number
from sandbox.client import SandboxClient

from .conftest import CONTACT, Buy, person, price_of, trip, weekday

pytestmark = pytest.mark.django_db
D = Decimal
DAY = weekday()


def asked(
    code: str, count: int, *, people: bool = False, slot: str = "", day: Any = DAY, off: int = 0
) -> LockAsk:
    """A hold of one class; `off` fen more than it costs."""
    cost = price_of(code, day, slot) + D(off) / 100
    units = [
        Unit(f"P{index}", code.lower(), cost, person(index) if people else None) for index in range(count)
    ]
    return LockAsk(next_number(CALL), trip(day, code, slot=slot), units, 15, CONTACT)


def refused(call: Any, *args: Any) -> str:
    with pytest.raises(SupplierRefused) as refusal:
        call(*args)
    return refusal.value.code


def silent(call: Any, *args: Any) -> str:
    with pytest.raises(SupplierSilent) as silence:
        call(*args)
    return silence.value.words


def test_held_paid_and_known_by_our_numbers(adapter: Distributor, scenic: SandboxClient) -> None:
    # given
    ask, pay = asked("DZ01-A", 2, people=True, slot="10:30-12:30"), next_number(CALL)

    # when
    locked = adapter.lock(ask)
    issued = adapter.issue(IssueAsk(pay, locked.their_number, ask.product, ask.units, D(0)))

    # then: the price is ours, each ticket has a code of its own, and asking by number says the same
    cost = price_of("DZ01-A", DAY, "10:30-12:30")
    assert locked.prices == {"P0": cost, "P1": cost}
    assert timedelta(minutes=14) < locked.until - now() <= timedelta(minutes=15)
    assert sorted(issued.tickets) == ["P0", "P1"] and len(set(issued.tickets.values())) == 2
    there = scenic.call("GET", f"/scenic/orders/{ask.own}")
    assert [voucher["code"] for voucher in there["vouchers"]] == list(issued.tickets.values())
    assert adapter.find(CallKind.ISSUE, pay) == issued
    found = adapter.find(CallKind.LOCK, ask.own)
    assert isinstance(found, Locked) and found.their_number == locked.their_number
    assert adapter.issue(IssueAsk(pay, locked.their_number, ask.product, ask.units, D(0))) == issued


def test_several_classes_in_one_hold_and_a_family_of_three(adapter: Distributor) -> None:
    # given: two adults and a child have one code each class; a family ticket lets three in and is one piece
    adult, child = price_of("FJ01-A", DAY), price_of("FJ01-E", DAY)
    units = [
        Unit("A1", "fj01-a", adult, person(1)), Unit("A2", "fj01-a", adult), Unit("C1", "fj01-e", child),
    ]  # fmt: skip
    family = Unit("F1", "wl01-f", price_of("WL01-F", DAY), person(2), uses=3)

    # when
    first = adapter.lock(LockAsk(next_number(CALL), trip(DAY, "FJ01-A", "FJ01-E"), units, 15, CONTACT))
    second = adapter.lock(LockAsk(next_number(CALL), trip(DAY, "WL01-F", people=3), [family], 15, CONTACT))
    issued = adapter.issue(IssueAsk(next_number(CALL), first.their_number, {}, units, D(0)))

    # then
    assert first.prices == {"A1": adult, "A2": adult, "C1": child}
    assert second.prices == {"F1": price_of("WL01-F", DAY)}
    assert issued.tickets["A1"] == issued.tickets["A2"] != issued.tickets["C1"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"off": 1}, ports.PRICE_CHANGED),
        ({"day": today() - timedelta(days=1)}, ports.NOT_ON_SALE),
        ({"people": False}, ports.PASSENGER_REFUSED),
    ],
)
def test_refusals_in_the_kernels_words(adapter: Distributor, change: dict[str, Any], code: str) -> None:
    # given
    given = {"people": True, **change}
    if "day" in given:
        ask = asked("WL01-A", 1, people=True)
        ask = LockAsk(ask.own, {**ask.product, "date": str(given["day"])}, ask.units, 15, CONTACT)
    else:
        ask = asked("WL01-A", 1, **given)

    # when, then
    assert refused(adapter.lock, ask) == code
    assert adapter.find(CallKind.LOCK, ask.own) is None


def test_sold_out_and_nobody_to_give_it_to(adapter: Distributor, scenic: SandboxClient) -> None:
    # given
    scenic.call("POST", "/scenic/stock", {"product": "WL02-A", "day": str(DAY), "total": 1})
    ask = asked("WL02-A", 2, people=True)

    # when, then
    assert refused(adapter.lock, ask) == ports.SOLD_OUT
    nobody = LockAsk(next_number(CALL), ask.product, [Unit("P0", "wl02-a", D(1))], 15)
    assert refused(adapter.lock, nobody) == ports.PASSENGER_REFUSED
    # a mobile without a name is enough for what is not by name
    free = asked("FJ01-E", 1)
    assert adapter.lock(LockAsk(free.own, free.product, free.units, 15, Person("", "", "", CONTACT.mobile)))


def test_a_hold_that_is_released_or_lost(adapter: Distributor, scenic: SandboxClient) -> None:
    # given
    freed, late = asked("WL02-A", 1, people=True), asked("WL02-A", 1, people=True)
    first, second = adapter.lock(freed), adapter.lock(late)

    # when
    for _twice in range(2):
        adapter.release(next_number(CALL), first.their_number, freed.own)
    adapter.release(next_number(CALL), "", next_number(CALL))  # one that never was
    scenic.set_clock(offset_seconds=901)

    # then
    assert refused(adapter.find, CallKind.LOCK, freed.own) == ports.HOLD_LOST
    pay = IssueAsk(next_number(CALL), second.their_number, late.product, late.units, D(0))
    assert refused(adapter.issue, pay) == ports.HOLD_LOST


@pytest.mark.parametrize("kind", ["down", "http_500", "http_429", "not_json", "answer_lost"])
def test_silences_are_asked_about(adapter: Distributor, scenic: SandboxClient, kind: str) -> None:
    # given
    ask = asked("WL02-A", 1, people=True)
    scenic.fault("order.create", kind, system="scenic")

    # when
    assert silent(adapter.lock, ask)

    # then: what was done is found, what was not is not there; the same number again never makes two
    found = adapter.find(CallKind.LOCK, ask.own)
    assert (found is not None) == (kind in ("not_json", "answer_lost"))
    assert adapter.lock(ask).their_number
    assert len(scenic.call("GET", "/scenic/orders")["orders"]) == 1


def test_a_code_that_we_do_not_know_is_silence(adapter: Distributor, scenic: SandboxClient) -> None:
    # given
    scenic.fault("balance.get", "error", system="scenic", code="SYSTEM_BUSY")

    # when, then
    assert silent(adapter.ping) == "SYSTEM_BUSY"
    adapter.ping()


def test_a_key_that_is_not_accepted_did_nothing(adapter: Distributor, settings: Any) -> None:
    # given
    settings.O2O_SCENIC_DISTRIBUTOR = {"URL": f"{settings.SANDBOX_URL}/scenic", "KEY": "x", "SECRET": "y"}

    # when, then
    assert refused(adapter.ping) == "HTTP_401"


def test_production_asks_over_https_only(adapter: Distributor, settings: Any) -> None:
    # given
    settings.O2O_SCENIC_DISTRIBUTOR = {"URL": "http://somewhere.example", "KEY": "x", "SECRET": "y"}
    settings.O2O_SANDBOX_ALLOWED = False

    # when, then
    assert refused(adapter.ping) == "NOT_HTTPS"


def test_issued_later(adapter: Distributor, scenic: SandboxClient) -> None:
    # given
    ask, pay = asked("NC01-A", 1, people=True), next_number(CALL)
    scenic.fault("order.pay", "late_confirm", system="scenic", delay=3600)
    locked = adapter.lock(ask)

    # when
    told = adapter.issue(IssueAsk(pay, locked.their_number, ask.product, ask.units, D(0)))

    # then
    assert told == Issued(working=True, their_number=locked.their_number)
    assert adapter.find(CallKind.ISSUE, pay) == told
    assert adapter.find(CallKind.ISSUE, next_number(CALL)) is None


def test_a_part_of_an_order_goes_back_to_the_fen(buy: Buy, adapter: Distributor) -> None:
    # given: three tickets that are one code there
    bought = buy("FJ01-E", 3, DAY)

    # when
    own, told = bought.refund(adapter, tickets=bought.tickets[:2])

    # then
    assert told.amounts == {ticket.number: ticket.cost for ticket in bought.tickets[:2]}
    assert not told.working and told.document
    assert adapter.find(CallKind.REFUND, own) == told
    assert adapter.find(CallKind.REFUND, next_number(CALL)) is None


def test_a_refund_with_a_fee_and_an_audit(buy: Buy, adapter: Distributor, scenic: SandboxClient) -> None:
    # given: twenty per cent stay there, and somebody looks first
    bought = buy("YZ02-A", 2, DAY, slot="20:00-21:00", people=True)

    # when
    own, told = bought.refund(adapter)
    waiting = adapter.find(CallKind.REFUND, own)
    scenic.call("POST", "/scenic/refunds/decide", {"number": own})
    done = adapter.find(CallKind.REFUND, own)

    # then
    assert isinstance(waiting, Refunded) and told.working and waiting.working and isinstance(done, Refunded)
    kept = (bought.tickets[0].cost * 100 * 20 // 100) / 100
    assert done.amounts == {ticket.number: ticket.cost - kept for ticket in bought.tickets}


def test_a_refund_that_is_rejected(buy: Buy, adapter: Distributor, scenic: SandboxClient) -> None:
    # given
    bought = buy("YZ02-A", 1, DAY, slot="20:00-21:00", people=True)
    own, _told = bought.refund(adapter)

    # when
    scenic.call("POST", "/scenic/refunds/decide", {"number": own, "approve": False, "remark": "已登船"})

    # then
    with pytest.raises(SupplierRefused) as refusal:
        adapter.find(CallKind.REFUND, own)
    assert (refusal.value.code, refusal.value.words) == ("REJECTED", "已登船")


def test_another_day_for_the_whole_order(buy: Buy, adapter: Distributor, scenic: SandboxClient) -> None:
    # given: the new day is held first
    bought, other = buy("DZ02-A", 2, DAY, people=True), DAY + timedelta(days=1)
    target = TicketOrder.objects.create(
        number=next_number(TICKET_ORDER), request_key="k", trade="scenic", title="", key="", starts_at=now(),
        ends_at=now(), supplier=bought.order.supplier, unit=bought.order.unit, face=0, total=0,
        state=OrderState.HELD,
    )  # fmt: skip
    new = [
        Ticket.objects.create(
            number=next_number(TICKET), ticket_order=target, fare="dz02-a", fare_name="", face=1, price=1,
            full_fare=1, valid_from=now(), valid_until=now(),
        )
        for _index in range(2)
    ]  # fmt: skip
    change = ChangeRequest.objects.create(
        number=next_number(CHANGE), key="k", ticket_order=bought.order, target=target, cause="passenger",
        unit=bought.order.unit, state=ChangeState.AT_SUPPLIER,
    )  # fmt: skip
    change.tickets.set(bought.tickets)
    call = SupplierCall.objects.create(
        number=next_number(CALL), supplier=bought.order.supplier, ticket_order=target, kind=CallKind.CHANGE
    )
    units = [
        Unit(ticket.number, "dz02-a", bought.tickets[0].cost, person(5 + index))
        for index, ticket in enumerate(new)
    ]
    held = adapter.lock(LockAsk(next_number(CALL), trip(other, "DZ02-A"), units, 15, CONTACT))
    old = {ticket.number: ticket.their_number for ticket in bought.tickets}

    # when
    told = adapter.change(
        ChangeAsk(
            call.number, bought.order.their_number, old, held.their_number, trip(other, "DZ02-A"), units, D(0)
        )
    )

    # then: the codes stay, with the new tickets
    assert dict(told.tickets) == dict(zip([one.number for one in new], old.values(), strict=True))
    assert scenic.call("GET", f"/scenic/orders/{bought.lock_own}")["date"] == str(other)
    assert adapter.find(CallKind.CHANGE, call.number) == told
    assert adapter.find(CallKind.CHANGE, next_number(CALL)) is None


def test_the_statement_of_a_day(buy: Buy, adapter: Distributor, scenic: SandboxClient) -> None:
    # given
    bought = buy("YB01-A", 2, DAY, people=True)
    _own, told = bought.refund(adapter, tickets=bought.tickets[:1])
    early = refused(adapter.statement, today())

    # when
    scenic.set_clock(offset_seconds=2 * 86400)
    lines = adapter.statement(today())

    # then: ticket by ticket, what came back below zero
    number, first, second = bought.order.their_number, *bought.tickets
    assert early == "NOT_READY"
    assert [(line.kind, line.their_number, line.their_ticket, line.amount) for line in lines] == [
        (CallKind.ISSUE, number, first.their_number, first.cost),
        (CallKind.ISSUE, number, second.their_number, second.cost),
        (CallKind.REFUND, number, first.their_number, -told.amounts[first.number]),
    ]


def test_codes_once_more_but_not_at_once(buy: Buy) -> None:
    # given
    bought = buy("FJ01-E", 1, DAY)
    resend(bought.order.their_number)

    # when, then
    assert refused(resend, bought.order.their_number) == "TOO_OFTEN"


def test_who_it_is_for_is_never_printed() -> None:
    # when, then
    assert "游客" not in repr(person(1)) and "50010" not in repr(
        LockAsk("x", {}, [Unit("P", "f", D(1), person(1))], 1)
    )


def test_what_is_left_of_the_deposit_and_whether_an_order_would_be_taken(
    adapter: Distributor, scenic: SandboxClient
) -> None:
    # given
    fine, dear = asked("FJ01-A", 1, people=True), asked("FJ01-A", 1, people=True, off=100)
    scenic.call("POST", "/scenic/balance", {"amount": 12345})

    # then: asking holds nothing, and says what create would say
    assert adapter.balance() == adapter.check(fine) == D("123.45")
    assert adapter.find(CallKind.LOCK, fine.own) is None
    assert refused(adapter.check, dear) == ports.PRICE_CHANGED
    scenic.fault("balance.get", "down", system="scenic")
    assert silent(adapter.balance) == "HTTP_503"

    # when: the deposit is gone between hold and payment
    locked = adapter.lock(fine)
    scenic.call("POST", "/scenic/balance", {"amount": 0})

    # then: certainly not issued
    pay = IssueAsk(next_number(CALL), locked.their_number, fine.product, fine.units, D(0))
    assert refused(adapter.issue, pay) == ports.NO_DEPOSIT
