"""Insurances of changed tickets: put on the new trip by the insurer over real HTTP, or ended with the premium back."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from plugins.ticketing.kernel.models import (
    DeskTask,
    FeeLine,
    Insurance,
    InsuranceProduct,
    MoneyBack,
    Ticket,
    TicketOrder,
)
from plugins.ticketing.kernel.services import insuring
from plugins.ticketing.kernel.tasks import follow_insurances
from sandbox.client import SandboxClient
from tests.buying.shopper import ask

from .changes import Desk, fresh, tickets_of
from .test_changing import desk, sandbox_address, sandbox_folder, sms
from .test_insuring import cover, insured, wait_for
from .test_told import reachable, texts

__all__ = ["cover", "desk", "sandbox_address", "sandbox_folder", "sms", "texts"]
D = Decimal


def in_force(desk: Desk, sms: SandboxClient) -> TicketOrder:
    order = insured(desk)
    wait_for(sms)
    assert Insurance.objects.get().state == "in_force"
    return reachable(order)


def later() -> None:
    Insurance.objects.filter(ask_at__isnull=False).update(ask_at="2026-01-01T00:00:00+08:00")
    follow_insurances()


def premiums() -> dict[int, Decimal]:
    """Both sides of what is booked, by ticket; nothing where they come to nothing."""
    found: dict[int, Decimal] = defaultdict(lambda: D("0.00"))
    for one in FeeLine.objects.filter(item="insurance"):
        found[one.ticket_id] += one.amount
    return {key: amount for key, amount in found.items() if amount}


def policy(sms: SandboxClient) -> dict[str, Any]:
    [found] = sms.call("GET", "/insurer/policies")["policies"]
    return {**found, "starts_at": datetime.fromisoformat(found["starts_at"])}


def test_it_is_for_the_new_trip_and_goes_back_with_the_new_ticket(
    desk: Desk,
    cover: InsuranceProduct,
    sms: SandboxClient,
    texts: list[str],
) -> None:
    # given
    order, target = in_force(desk, sms), desk.target(hours=96)

    # when
    desk.change(order, target)

    # then: the policy, its row and its premium are the new ticket's, and no money goes anywhere
    [new] = tickets_of(target)
    row = Insurance.objects.get()
    assert (row.state, row.ticket_id, row.moves_to_id, row.ask_at) == ("in_force", new.pk, None, None)
    assert (policy(sms)["state"], policy(sms)["starts_at"]) == ("in_force", target.starts_at)
    assert premiums() == {new.pk: D("5.40")}
    assert (MoneyBack.objects.count(), texts) == (0, [])
    shown = "query($order: String!) { ticketInsurances(order: $order) { ticket title } }"
    told = ask(shown, {"order": target.number}, desk.till.shop.shopper)["ticketInsurances"]
    assert told == [{"ticket": new.number, "title": "已承保"}]

    # when
    desk.refund(fresh(target))

    # then
    assert (Insurance.objects.get().state, policy(sms)["state"]) == ("cancelled", "cancelled")
    assert D("3.00") in set(MoneyBack.objects.values_list("amount", flat=True))
    assert premiums() == {}


def test_an_insurer_that_does_not_ends_it_and_the_buyer_is_told_once(
    desk: Desk,
    cover: InsuranceProduct,
    sms: SandboxClient,
    texts: list[str],
) -> None:
    # given: it does not endorse, and does not answer at first when it is to end it
    order, target = in_force(desk, sms), desk.target(hours=96)
    sms.fault("endorse", "error", system="insurer")
    sms.fault("cancel", "http_500", system="insurer")

    # when
    desk.change(order, target)
    assert Insurance.objects.get().state == "in_force"
    for _time in range(2):
        later()

    # then
    row = Insurance.objects.get()
    assert (row.state, row.moves_to_id, row.why) == (
        "cancelled", None, "保险公司不能改到新行程：该险种不能批改",
    )  # fmt: skip
    assert [one.amount for one in MoneyBack.objects.all()] == [D("3.00")]
    assert premiums() == {}
    words = "您的甲县—乙县 08:00：保险公司不能改到新行程：该险种不能批改，保费 ¥3.00 将原路退回。"
    assert texts == [words]


def test_what_is_neither_put_on_the_trip_nor_ended_is_peoples(
    desk: Desk,
    cover: InsuranceProduct,
    sms: SandboxClient,
) -> None:
    # given: for the insurer the trip has begun
    order, target = in_force(desk, sms), desk.target(hours=96)
    sms.set_clock(offset_seconds=30 * 86400)

    # when
    try:
        desk.change(order, target)
        later()
    finally:
        sms.set_clock(offset_seconds=0)

    # then: somebody calls the passenger; nothing is said twice
    row = Insurance.objects.get()
    assert (row.state, row.moves_to_id) == ("in_force", None)
    assert row.why == "不能退保：保险责任已开始，不能退保"
    assert DeskTask.objects.get().why == f"保险 {row.number} 没有改到新行程，也不能退保，请联系旅客"
    assert MoneyBack.objects.count() == 0


@pytest.mark.parametrize("fault", ["answer_lost", "http_500", "not_json"])
def test_silence_is_looked_up(
    desk: Desk,
    cover: InsuranceProduct,
    sms: SandboxClient,
    fault: str,
) -> None:
    # given
    order, target = in_force(desk, sms), desk.target(hours=96)
    sms.fault("endorse", fault, system="insurer")

    # when
    desk.change(order, target)
    row = Insurance.objects.get()
    assert (row.ticket_id, row.moves_to_id) == (tickets_of(order)[0].pk, tickets_of(target)[0].pk)
    later()

    # then
    assert Insurance.objects.get().ticket_id == tickets_of(target)[0].pk
    assert policy(sms)["starts_at"] == target.starts_at


def test_what_the_insurer_has_not_answered_yet_goes_along_afterwards(
    desk: Desk,
    cover: InsuranceProduct,
    sms: SandboxClient,
) -> None:
    # given: taken in, without a policy
    order, target = insured(desk), desk.target(hours=96)
    assert Insurance.objects.get().state == "asked"

    # when: changed, then the policy comes
    desk.change(order, target)
    assert Insurance.objects.get().moves_to_id == tickets_of(target)[0].pk
    wait_for(sms)
    later()

    # then
    row = Insurance.objects.get()
    assert (row.state, row.ticket_id) == ("in_force", tickets_of(target)[0].pk)
    assert policy(sms)["starts_at"] == target.starts_at
    assert premiums() == {row.ticket_id: D("5.40")}


def test_what_nobody_was_asked_for_is_asked_for_the_new_trip(
    desk: Desk,
    cover: InsuranceProduct,
    sms: SandboxClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # given
    with monkeypatch.context() as patched:
        patched.setattr(insuring, "begin", lambda _pk: 0)
        order = insured(desk)
        target = desk.target(hours=96)
        desk.change(order, target)

    # when
    later()

    # then
    assert Insurance.objects.get().ticket == Ticket.objects.get(ticket_order=target)
    assert policy(sms)["starts_at"] == target.starts_at


def test_changed_and_given_back_before_the_insurer_answered_the_premium_comes_back(
    desk: Desk,
    cover: InsuranceProduct,
    sms: SandboxClient,
    texts: list[str],
) -> None:
    # given: on its way to the new ticket
    order, target = in_force(desk, sms), desk.target(hours=96)
    sms.fault("endorse", "http_500", system="insurer")
    desk.change(order, target)

    # when
    desk.refund(fresh(target))
    later()

    # then: whoever gives back knows of it
    row = Insurance.objects.get()
    assert (row.state, row.moves_to_id, policy(sms)["state"]) == ("cancelled", None, "cancelled")
    assert D("3.00") in set(MoneyBack.objects.values_list("amount", flat=True))
    assert [one for one in texts if "保费" in one] == []
