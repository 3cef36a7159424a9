"""Insurances: chosen by nobody but the buyer, issued later over real HTTP, ended with the ticket."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from plugins.ticketing.kernel.models import (
    FeeLine,
    Insurance,
    InsuranceProduct,
    MoneyBack,
    SupplierAccount,
    Ticket,
    TicketOrder,
)
from plugins.ticketing.kernel.services import insuring
from plugins.ticketing.kernel.services.expiring import expire_due
from plugins.ticketing.kernel.services.health import is_well
from saleor_o2o.cashier.services.confirming import confirm_paid
from saleor_o2o.kernel.clock import frozen
from saleor_o2o.kernel.errors import DomainError
from sandbox.client import SandboxClient
from tests.buying.shopper import ask

from .changes import Desk, fresh, tickets_of
from .test_changing import desk, sandbox_address, sandbox_folder, sms  # noqa: F401 - fixtures

D = Decimal


@pytest.fixture
def cover(desk: Desk, sms: SandboxClient) -> InsuranceProduct:  # noqa: F811 - the fixtures
    insurer = SupplierAccount.objects.create(code="INS", name="保险公司", trade="insure", adapter="insurer")
    return InsuranceProduct.objects.create(
        code="coach-3", name="乘意险", trade="coach", insurer=insurer, price=D("3.00"), share=D("2.40"),
        covers="意外身故、伤残 30 万元",
    )  # fmt: skip


def insured(desk: Desk, people: int = 1) -> TicketOrder:  # noqa: F811 - the fixture
    """Held, insured, paid."""
    held = desk.target(people=people, hours=48)
    insuring.choose(held, {one.number: ["coach-3"] for one in tickets_of(held)})
    order = desk.till.place(held)
    assert order.total_gross_amount == D("53.00") * people
    desk.pay(order)
    return desk.till.fresh(held)


def later(**changes: Any) -> None:
    """A minute of the insurer's has gone by, and our job comes."""
    Insurance.objects.filter(ask_at__isnull=False).update(ask_at="2026-01-01T00:00:00+08:00")
    insuring.follow()


def wait_for(sms: SandboxClient) -> None:  # noqa: F811 - the fixture
    import time

    time.sleep(0.2)  # the sandbox's clock runs 600 times as fast
    later()


def test_nothing_is_insured_that_nobody_chose(desk: Desk, cover: InsuranceProduct) -> None:  # noqa: F811
    order = desk.buy()
    assert order.order is not None and order.order.total_gross_amount == D("50.00")
    assert Insurance.objects.count() == 0


def test_bought_beside_the_ticket_and_in_force_later(
    desk: Desk,  # noqa: F811 - the fixture
    cover: InsuranceProduct,
    sms: SandboxClient,  # noqa: F811 - the fixture
) -> None:
    # when
    order = insured(desk)

    # then: taken in at once, the policy's number comes later
    row = Insurance.objects.get()
    assert (row.state, row.policy_number) == ("asked", "")
    wait_for(sms)
    row = fresh(row)
    assert (row.state, row.policy_number[:2]) == ("in_force", "BD")
    assert {(one.side, one.amount) for one in FeeLine.objects.filter(item="insurance")} == {
        ("customer", D("3.00")), ("supplier", D("2.40")),
    }  # fmt: skip
    assert [line.quantity_fulfilled for line in order.order.lines.all()] == [1, 1]  # type: ignore[union-attr]


def test_given_back_with_the_ticket_the_premium_comes_too(
    desk: Desk,  # noqa: F811 - the fixture
    cover: InsuranceProduct,
    sms: SandboxClient,  # noqa: F811 - the fixture
) -> None:
    # given
    order = insured(desk)
    wait_for(sms)

    # when
    refund = desk.refund(order)

    # then: the ticket's money and the premium's, each on its own
    row = Insurance.objects.get()
    assert (row.state, refund.due) == ("cancelled", D("43.20"))
    assert sorted(MoneyBack.objects.values_list("amount", flat=True)) == [D("3.00"), D("43.20")]
    assert sum(one.amount for one in FeeLine.objects.filter(item="insurance")) == D("0.00")


def test_a_refused_insurance_gives_its_premium_back_and_the_ticket_stays(
    desk: Desk,  # noqa: F811 - the fixture
    cover: InsuranceProduct,
    sms: SandboxClient,  # noqa: F811 - the fixture
) -> None:
    # given
    sms.fault("issue", "error", system="insurer")

    # when
    order = insured(desk)

    # then
    row = Insurance.objects.get()
    assert (row.state, row.why) == ("failed", "该险种暂停承保")
    assert [one.state for one in tickets_of(order)] == ["issued"]
    assert MoneyBack.objects.get().amount == D("3.00")


@pytest.mark.parametrize("fault", ["answer_lost", "http_500", "not_json"])
def test_silence_is_looked_up_and_one_insurance_is_made(
    desk: Desk,  # noqa: F811 - the fixture
    cover: InsuranceProduct,
    sms: SandboxClient,  # noqa: F811 - the fixture
    fault: str,
) -> None:
    # given
    sms.fault("issue", fault, system="insurer")
    insured(desk)
    assert Insurance.objects.get().state == "asked"
    # the insurer's own health knows
    assert SupplierAccount.objects.get(code="INS").failures == 1
    assert is_well(SupplierAccount.objects.get(code="INS"))

    # when: what never arrived is sent again, then asked about
    wait_for(sms)
    wait_for(sms)

    # then
    policies: list[dict[str, Any]] = sms.call("GET", "/insurer/policies")["policies"]
    assert Insurance.objects.get().state == "in_force"
    assert len(policies) == 1


def test_choosing_is_for_the_holder_while_it_is_held(desk: Desk, cover: InsuranceProduct) -> None:  # noqa: F811
    # given
    held = desk.target()
    number = tickets_of(held)[0].number
    mutation = """mutation($hold: String!, $choices: [TicketInsureInput!]!) {
      ticketInsure(hold: $hold, choices: $choices) { insurances { ticket price state } errors { code } } }"""
    told = {"hold": held.number, "choices": [{"ticket": number, "products": ["coach-3"]}]}

    # when
    mine = ask(mutation, told, desk.till.shop.shopper)["ticketInsure"]
    theirs = ask(mutation, told, desk.till.shop.people["clerk"])["ticketInsure"]
    nobody = ask(mutation, told)["ticketInsure"]

    # then
    assert (mine["errors"], mine["insurances"]) == ([], [{"ticket": number, "price": 3.0, "state": "WANTED"}])
    assert [one["code"] for one in theirs["errors"]] == ["NOT_FOUND"]
    assert [one["code"] for one in nobody["errors"]] == ["NOT_FOUND"]

    # when: changed his mind; something that is not sold; afterwards
    insuring.choose(held, {})
    assert Insurance.objects.count() == 0
    for wanted in ({number: ["x"]}, {"P0": ["coach-3"]}):
        with pytest.raises(DomainError):
            insuring.choose(held, wanted)
    desk.pay(desk.till.place(held))
    with pytest.raises(DomainError) as refused:
        insuring.choose(held, {number: ["coach-3"]})
    assert refused.value.code.value == "HOLD_GONE"


def test_offers_are_those_on_sale(desk: Desk, cover: InsuranceProduct) -> None:  # noqa: F811
    query = "query { ticketInsuranceProducts(trade: COACH) { code name price insurer covers } }"
    assert [one["code"] for one in ask(query, {})["ticketInsuranceProducts"]] == ["coach-3"]
    InsuranceProduct.objects.update(active=False)
    assert ask(query, {})["ticketInsuranceProducts"] == []


def test_money_that_comes_after_the_seat_was_given_up_still_insures(
    desk: Desk,  # noqa: F811 - the fixture
    cover: InsuranceProduct,
) -> None:
    # given: paid in the last second; the seat is let go, and our jobs come before the news
    held = desk.target(hours=48)
    insuring.choose(held, {one.number: ["coach-3"] for one in tickets_of(held)})
    number = desk.till.trade_of(desk.till.place(held))
    assert held.held_until is not None
    with frozen(held.held_until + timedelta(minutes=3)):
        expire_due()
        insuring.follow()
        assert Insurance.objects.get().state == "cancelled"

        # when
        confirm_paid(desk.till.shop.provider.fact(number))

    # then: the ticket is issued, and what was paid for with it is asked for
    assert desk.till.fresh(held).state == "issued"
    assert (Insurance.objects.get().state, MoneyBack.objects.count()) == ("asked", 0)


def test_a_silent_insurer_keeps_no_other_one_waiting(
    desk: Desk,  # noqa: F811 - the fixture
    cover: InsuranceProduct,
    sms: SandboxClient,  # noqa: F811 - the fixture
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # given: three insurances of a ticket that is gone, two of them at an insurer that never answers
    order = insured(desk, people=3)
    wait_for(sms)
    dead = SupplierAccount.objects.create(
        code="DEAD", name="停机的保险公司", trade="insure", adapter="nobody"
    )
    rows = list(Insurance.objects.order_by("pk"))
    assert {one.state for one in rows} == {"in_force"}
    Insurance.objects.filter(pk__in=[one.pk for one in rows[:2]]).update(insurer=dead)
    Ticket.objects.filter(ticket_order=order).update(state="refunded")
    monkeypatch.setattr(insuring, "MOST", 2)

    # when: the first run is full of silent ones
    insuring.follow()
    insuring.follow()

    # then
    assert fresh(rows[2]).state == "cancelled"
    assert {fresh(one).state for one in rows[:2]} == {"in_force"}
