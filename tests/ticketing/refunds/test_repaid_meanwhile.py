"""All of an order's money went back another way while its tickets were on their way somewhere else."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.cache import cache
from saleor.order.models import Order

from plugins.ticketing.kernel.choices import FeeKind
from plugins.ticketing.kernel.engine import Charge, Rule, Tier
from plugins.ticketing.kernel.models import (
    DeskTask,
    MoneyBack,
    RefundRequest,
    SupplierCall,
    Ticket,
    TicketOrder,
)
from plugins.ticketing.kernel.services import (
    change_following,
    giving_back,
    left_valid,
    refund_outcomes,
    repaid,
)
from plugins.ticketing.kernel.services.expiring import expire_due
from plugins.ticketing.kernel.services.refunding import Wanted, preview_refund, submit_refund
from plugins.ticketing.kernel.tasks import void_left
from saleor_o2o.cashier.interfaces import refund_order
from saleor_o2o.kernel.clock import frozen, now
from saleor_o2o.ordering.interfaces import sub_order_lines_of

from ..orders.trips import person, want
from .changes import CHANGE_RULE, Desk, fresh, tickets_of
from .changes import states as states_of
from .conftest import RULE, Tickets
from .test_changing import desk, sandbox_address, sandbox_folder, sms

__all__ = ["desk", "sandbox_address", "sandbox_folder", "sms"]

D = Decimal


def repay(coach: Tickets, paid: Order | None) -> None:
    """The dashboard gives all of an order's money back."""
    assert paid is not None
    refund_order(paid.pk, paid.total_gross_amount, reason="整单退", key="stock:1")
    coach.arrive("stock:1")


def states(order: TicketOrder) -> list[str]:
    return list(order.tickets.order_by("pk").values_list("state", flat=True))


def test_a_refund_that_the_supplier_refuses_afterwards_leaves_no_valid_ticket(coach: Tickets) -> None:
    # given: one ticket is going back, its supplier works on it; meanwhile all of the money goes back elsewhere
    order = coach.order(count=2)
    coach.supplier.moods = ["working"]
    request = coach.refund(order)
    repay(coach, order.order)
    assert states(order) == ["refunding", "refunded"]

    # when: the supplier refuses the first refund
    refund_outcomes.refused(SupplierCall.objects.get(refund=request).pk, "OTHER", "该票已锁定")

    # then: the ticket does not count again, its money is back; the supplier takes it, nobody is paid twice
    assert states(order) == ["refunded", "refunded"]
    assert [one.due for one in RefundRequest.objects.filter(cause="order")] == [D("0.00"), D("0.00")]
    assert not MoneyBack.objects.exists()


def test_without_money_elsewhere_a_refused_refund_lets_the_ticket_count_again(coach: Tickets) -> None:
    # given: the control
    order = coach.order(count=2)
    coach.supplier.moods = ["working"]
    request = coach.refund(order)

    # when
    refund_outcomes.refused(SupplierCall.objects.get(refund=request).pk, "OTHER", "该票已锁定")

    # then
    assert states(order) == ["issued", "issued"]


def test_a_change_that_does_not_come_about_afterwards_leaves_no_valid_ticket(desk: Desk) -> None:
    # given: a dearer change waits for its money, and all of the first order's money goes back elsewhere
    order = desk.buy()
    change = desk.change(order, desk.target("60.00"))
    assert (change.state, states_of(order)) == ("to_pay", ["changing"])
    paid = order.order
    assert paid is not None
    refund_order(paid.pk, paid.total_gross_amount, reason="整单退", key="stock:1")
    desk.arrive("stock:1")

    # when: nobody pays for the change
    TicketOrder.objects.filter(pk=change.target_id).update(held_until=now())
    with frozen(now() + timedelta(minutes=5)):
        expire_due()
        change_following.follow()

    # then
    assert fresh(change).state == "closed"
    assert states_of(order) == ["refunded"]


def test_a_change_that_comes_about_afterwards_leaves_no_valid_ticket(desk: Desk) -> None:
    # given: the supplier works on an even change, and all of the money goes back elsewhere
    order, target = desk.buy(), desk.target()
    desk.supplier.will("change", "lost")
    desk.supplier.deaf = True
    change = desk.change(order, target)
    assert (change.state, states_of(order)) == ("at_supplier", ["changing"])
    paid = order.order
    assert paid is not None
    refund_order(paid.pk, paid.total_gross_amount, reason="整单退", key="stock:1")
    desk.arrive("stock:1")

    # when: it turns out to be changed
    desk.supplier.deaf = False
    with frozen(now() + timedelta(minutes=5)):
        change_following.follow()

    # then
    assert (fresh(change).state, states_of(order), states_of(target)) == ("done", ["changed"], ["refunded"])


def test_a_ticket_sold_without_a_rule_goes_back_with_the_money(coach: Tickets) -> None:
    # given
    order = coach.order(count=2)
    order.tickets.update(refund_rule=None)

    # when
    repay(coach, order.order)

    # then
    assert states(order) == ["refunded"] * 2
    assert RefundRequest.objects.get().due == D("0.00")


def test_one_ticket_order_that_cannot_be_taken_back_keeps_no_other_valid(coach: Tickets) -> None:
    # given: two ticket orders of one order; the rule of the first cannot be read
    paid = coach.shop.buy({coach.shop.world.variant: 2})
    broken, other = (coach.issued(paid, 24, count=1) for _at in range(2))
    Ticket.objects.filter(ticket_order=broken).update(refund_rule={**RULE.to_json(), "v": 99})

    # when
    refund_order(paid.pk, paid.total_gross_amount, reason="整单退", key="stock:1")
    coach.arrive("stock:1")

    # then: the other one is taken back, and people are called to the first
    assert (states(broken), states(other)) == (["issued"], ["refunded"])
    assert [one.ticket_order for one in DeskTask.objects.filter(kind="refund")] == [broken]


def test_a_free_ticket_still_counts_when_the_paid_one_beside_it_went_back(desk: Desk) -> None:
    # given: two of one order, of which one cost nothing; the other one goes back whole
    rule = Rule("随时退", "coach", FeeKind.REFUND, (Tier(None, None, Charge()),)).to_json()
    wants = [
        want(desk.till.variant.pk, person(at + 1), price, service=D(0), refund_rule=rule)
        for at, price in enumerate(("50.00", "0.00"))
    ]
    order = desk.till.buy(wants=wants, costs={"full": "0.00"}, starts=now() + timedelta(hours=48))
    [offer] = preview_refund([one for one in tickets_of(order) if one.price])
    request = submit_refund(
        desk.till.shop.shopper, "refund-000001", [Wanted(offer.ticket.pk, offer.quote.token)]
    )
    assert isinstance(request, RefundRequest)
    assert (request.due, states_of(order)) == (D("50.00"), ["refunded", "issued"])

    # when: the money arrives
    desk.arrive(request.number)

    # then
    assert states_of(order) == ["refunded", "issued"]


def test_what_was_asked_for_again_hides_nothing_that_went_back_elsewhere(coach: Tickets) -> None:
    # given: one of two tickets went back; its money failed at first, and was given back anew
    order = coach.order(count=2)
    request = coach.refund(order)
    coach.arrive(request.number, closed=True)
    anew = giving_back.try_again(coach.people["auditor"], MoneyBack.objects.get().pk)
    coach.arrive(anew.key)
    assert states(order) == ["refunded", "issued"]

    # when: the dashboard gives a part of the rest back, as much as failed before
    assert order.order is not None
    refund_order(order.order.pk, request.due, reason="补偿", key="stock:1")
    coach.arrive("stock:1")

    # then: people look
    assert DeskTask.objects.filter(why="订单在别处退过部分款，请核对是否退票").count() == 1


def test_pieces_come_back_once_where_two_find_that_the_money_was_taken_elsewhere(
    coach: Tickets, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: both were told by the cashier that it has not the money, before either wrote so
    monkeypatch.setattr(giving_back, "_later", lambda _pk: None)
    order = coach.order(count=3)
    coach.refund(order)
    row = MoneyBack.objects.get()

    # when
    for _who in range(2):
        giving_back._elsewhere(row.pk)

    # then
    assert order.order_id is not None
    [part] = sub_order_lines_of(order.order_id)
    assert (part.withdrawn + part.returned, fresh(row).state) == (1, "counter")


def test_a_process_that_dies_after_its_commit_leaves_it_to_the_job(
    coach: Tickets, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: the supplier refuses, the commit is there, and whoever should look at it afterwards is gone
    order, other = coach.order(count=2), coach.order(count=2)
    coach.supplier.moods = ["working"]
    request = coach.refund(order)
    repay(coach, order.order)
    with monkeypatch.context() as dead:
        dead.setattr(repaid, "_void", lambda _order_id: None)
        refund_outcomes.refused(SupplierCall.objects.get(refund=request).pk, "OTHER", "该票已锁定")
    assert states(order) == ["issued", "refunded"]

    # when
    void_left()

    # then: nobody is paid twice, an order whose money is with us is left alone
    assert (states(order), states(other)) == (["refunded", "refunded"], ["issued", "issued"])
    assert not MoneyBack.objects.exists()


@pytest.mark.parametrize("changes", [1, 3, 4])
def test_the_job_follows_tickets_through_as_many_changes_as_there_were(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, changes: int
) -> None:
    # given: changed again and again; the money goes back elsewhere, and whoever should look then is gone
    rule = {**CHANGE_RULE, "most_times": None}
    first = order = desk.buy(change_rule=rule)
    for at in range(changes):
        target = desk.target(hours=72 + 24 * at, change_rule=rule)
        desk.change(order, target, key=f"change-00000{at}")
        assert (states_of(order), states_of(target)) == (["changed"], ["issued"])
        order = target
    cache.delete("o2o.ticketing.left_valid")
    with monkeypatch.context() as dead:
        dead.setattr("plugins.ticketing.kernel.services.voiding._void", lambda *_told: False)
        paid = first.order
        assert paid is not None
        refund_order(paid.pk, paid.total_gross_amount, reason="整单退", key="stock:1")
        desk.arrive("stock:1")
    assert states_of(order) == ["issued"]

    # when
    void_left()

    # then
    assert states_of(order) == ["refunded"]


def test_the_job_comes_round_to_every_such_order(coach: Tickets, monkeypatch: pytest.MonkeyPatch) -> None:
    # given: three orders whose money is back, and each that is looked at breaks
    orders = [coach.order(count=1) for _n in range(3)]
    with monkeypatch.context() as dead:
        dead.setattr("plugins.ticketing.kernel.services.voiding._void", lambda *_told: False)
        for order in orders:
            repay_at(coach, order.order, f"stock:{order.pk}")
    assert [states(one) for one in orders] == [["issued"]] * 3
    cache.delete("o2o.ticketing.left_valid")
    seen: list[int] = []

    def breaks(order_id: int) -> int:
        seen.append(order_id)
        raise RuntimeError

    monkeypatch.setattr(left_valid, "void_if_repaid", breaks)

    # when
    for _run in range(3):
        left_valid.look_at_left(2)

    # then
    keys = [one.order_id for one in orders]
    assert seen == [keys[0], keys[1], keys[2], keys[0], keys[1]]


def repay_at(coach: Tickets, paid: Order | None, key: str) -> None:
    assert paid is not None
    refund_order(paid.pk, paid.total_gross_amount, reason="整单退", key=key)
    coach.arrive(key)
