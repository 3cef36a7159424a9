"""One order there and back: held, paid and issued as one, given back and changed leg by leg."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from plugins.ticketing.kernel import trades
from plugins.ticketing.kernel.choices import CallKind, Silence
from plugins.ticketing.kernel.legs import Leg, leg_of, segments
from plugins.ticketing.kernel.models import (
    FeeLine,
    Insurance,
    MoneyBack,
    Segment,
    SupplierAccount,
    Ticket,
    TicketOrder,
)
from plugins.ticketing.kernel.ports import Line
from plugins.ticketing.kernel.services.batches import go_on, refund_all
from plugins.ticketing.kernel.services.batches_by_hand import sessions_of
from plugins.ticketing.kernel.services.changing import Wanted, preview_change, submit_change
from plugins.ticketing.kernel.services.endorsing import go_along
from plugins.ticketing.kernel.services.insuring import words_before_change
from plugins.ticketing.kernel.services.refunding import preview_refund
from plugins.ticketing.kernel.services.statements import take_in
from plugins.ticketing.kernel.services.stopping import stop
from plugins.ticketing.kernel.trades import ReplyTerms
from saleor_o2o.kernel.clock import SHANGHAI, frozen, now
from saleor_o2o.kernel.errors import DomainError

from ..orders.trips import person, want
from ..refunds.changes import fresh, states, tickets_of
from .conftest import Travel

D = Decimal


def refusal(act: Any) -> str:
    with pytest.raises(DomainError) as refused:
        act()
    return str(refused.value.code.value)


def told(order: TicketOrder) -> list[tuple[int, str, str, Decimal]]:
    return [(leg_of(one).position, leg_of(one).title, str(one.cost), one.price) for one in tickets_of(order)]


def test_two_people_there_and_back_are_four_tickets_of_two_passengers(travel: Travel) -> None:
    # given / when
    order = travel.both(people=2)

    # then: everybody has a ticket on each leg, at the leg's price and cost, valid while it runs
    assert (order.state, order.total, order.passengers.count()) == ("issued", D("184.00"), 2)
    assert told(order) == [
        (1, "甲县—乙县 08:00", "45.00", D("50.00")), (2, "乙县—甲县 16:00", "36.00", D("42.00")),
    ] * 2  # fmt: skip
    out, back = segments(order)
    assert (out.number, out.origin, out.goal, back.number, back.product) == (
        "K1",
        "甲县",
        "乙县",
        "K2",
        {"trip": "2"},
    )
    assert (out.starts_at, back.ends_at) == (order.starts_at, order.ends_at)
    assert {(one.valid_from, one.valid_until) for one in tickets_of(order)} == {
        (out.starts_at, out.ends_at), (back.starts_at, back.ends_at),
    }  # fmt: skip
    assert sum(FeeLine.objects.filter(side="supplier", item="face").values_list("amount", flat=True)) == D(
        "162.00"
    )


def test_a_single_trip_is_its_own_leg_and_has_no_row(travel: Travel) -> None:
    # given / when
    order = travel.buy()

    # then
    [leg] = segments(order)
    [ticket] = tickets_of(order)
    assert leg == leg_of(ticket)
    assert (leg.key, leg.title, leg.starts_at, leg.ends_at, leg.position) == (
        "coach:1", "甲县—乙县 08:00", order.starts_at, order.ends_at, 0,
    )  # fmt: skip
    assert Segment.objects.count() == 0


def test_a_leg_goes_back_by_its_own_departure_and_the_other_is_changed(travel: Travel) -> None:
    # given: the way there leaves in an hour, the way back in three days
    order = travel.both(hours=1)
    out, back = tickets_of(order)

    # when
    offers = preview_refund([out, back])

    # then: 20 % of 48.00 an hour before, 10 % of 40.00 days before; two kinds of service stay
    assert [(one.quote.fee, one.quote.back) for one in offers] == [
        (D("9.60"), D("38.40")),
        (D("4.00"), D("36.00")),
    ]

    # when: only the way there goes back
    refund = travel.give_back(out)

    # then: the supplier is told which leg, and the money is of that ticket only
    asked = travel.supplier.asks[-1]
    assert (refund.due, refund.supplier_due, states(order)) == (
        D("38.40"),
        D("35.40"),
        ["refunded", "issued"],
    )
    assert (asked.legs, list(asked.tickets)) == ({out.number: 1}, [out.number])
    assert [one.amount for one in MoneyBack.objects.all()] == [D("38.40")]

    # when: the way back is put on another bus
    target = travel.target("42.00", hours=100, cost="36.00")
    change = travel.change(order, target)

    # then
    assert (change.state, states(order), states(target)) == ("done", ["refunded", "changed"], ["issued"])
    assert travel.supplier.asks[-1].old_legs == {back.number: 2}


def test_a_later_way_back_is_changed_while_the_way_there_has_left(travel: Travel) -> None:
    # given
    order = travel.both(hours=1)
    out, back = tickets_of(order)
    target = travel.target("42.00", hours=100, cost="36.00")

    # when: three hours later the way there is over
    with frozen(now() + timedelta(hours=3)):
        [gone] = preview_refund([out])
        [offer] = preview_change([back], target)

    # then
    assert (gone.quote.allowed, offer.quote.allowed, offer.quote.fee) == (False, True, D("0.00"))


def test_insurances_stay_with_what_left_and_go_along_with_what_has_not(travel: Travel) -> None:
    # given: both legs are insured, and the way there is over
    order = travel.both(hours=1)
    target = travel.target("42.00", hours=100, cost="36.00")
    out, back = tickets_of(order)
    [new] = tickets_of(target)
    insurer = SupplierAccount.objects.create(code="INS", name="保险公司", trade="insure", adapter="insurer")
    for one in (out, back):
        Insurance.objects.create(
            number=f"I{one.pk}", ticket=one, insurer=insurer, product="coach-3", price=D("3.00"), share=D("2.40"),
            order_line=one.order_line, state="wanted",
        )  # fmt: skip

    # when
    with frozen(now() + timedelta(hours=3)):
        words = words_before_change([out, back])
        with transaction.atomic():
            go_along({out.pk: new, back.pk: new})

    # then: as was said
    assert ("已随原车" in words[out.pk], "随票改签" in words[back.pk]) == (True, True)
    assert dict(Insurance.objects.values_list("number", "ticket")) == {
        f"I{out.pk}": out.pk,
        f"I{back.pk}": new.pk,
    }


def test_both_legs_are_changed_against_both_legs_each_in_its_place(travel: Travel) -> None:
    # given
    order = travel.both(people=2, hours=48)
    target = travel.held(wants=travel.wants(2), starts=now() + timedelta(hours=200))

    # when
    offers = preview_change(tickets_of(order), target)
    wanted = [Wanted(one.old.pk, one.quote.token) for one in offers]
    submit_change(travel.till.shop.shopper, "change-000001", wanted, target.pk)

    # then
    pairs = [(leg_of(one.old).position, leg_of(one.new).position, one.old.passenger_id) for one in offers]
    assert [pair[:2] for pair in pairs] == [(1, 1), (2, 2)] * 2
    assert states(target) == ["issued"] * 4
    assert all(one.old.passenger.document_index == one.new.passenger.document_index for one in offers)  # type: ignore[union-attr]


def test_nobody_is_changed_onto_a_bus_that_runs_with_a_leg_that_stays(travel: Travel) -> None:
    # given: the way back leaves 74 hours from now (2 + 72)
    order = travel.both(hours=2)
    out, _back = tickets_of(order)
    target = travel.target(hours=73, instead_of=order)

    # when / then: holding it let the old order pass
    assert target.state == "held"
    assert refusal(lambda: preview_change([out], target)) == "TRIPS_OVERLAP"


@pytest.mark.parametrize(("hours", "free"), [(48, False), (51, True), (72, True), (117, False), (123, True)])
def test_between_the_legs_a_passenger_may_go_elsewhere(travel: Travel, hours: float, free: bool) -> None:
    # given: there from 48 to 51 hours from now, back from 120 to 123
    start = now()
    with frozen(start):
        travel.both(hours=48)

        # when / then
        again = lambda: travel.buy(hours=hours + (0 if free else 1))  # noqa: E731
        if free:
            assert again().state == "issued"
        else:
            assert refusal(again) == "TRIPS_OVERLAP"


def test_legs_that_do_not_follow_one_another_are_refused(travel: Travel) -> None:
    # given
    start = now() + timedelta(days=2)
    hour = timedelta(hours=1)
    backwards = (
        Leg("a", "甲", start + 2 * hour, start + 3 * hour), Leg("b", "乙", start, start + hour),
    )  # fmt: skip
    alone = (Leg("a", "甲", start, start + timedelta(days=3, hours=3)),)
    calls = [
        lambda: travel.held(starts=start, legs=backwards),
        lambda: travel.held(starts=start, legs=alone),
        lambda: travel.held(starts=start, legs=()),
        # nobody goes back; a child on another leg than its adult
        lambda: travel.held(wants=[want(travel.till.variant.pk, person(1), "50.00", leg=0)]),
        lambda: travel.held(
            wants=[*travel.wants(), want(travel.till.variant.pk, person(2), "5", leg=1, carried_by=0)]
        ),
    ]

    # when / then
    assert [refusal(one) for one in calls] == ["INVALID_INPUT"] * 5
    assert TicketOrder.objects.count() == 0


def test_a_next_supplier_is_asked_for_both_legs_at_its_costs(travel: Travel) -> None:
    # given
    travel.supplier.will("lock", "SOLD_OUT")

    # when
    order = travel.held("first", "second")

    # then
    assert (order.supplier.code, [one.cost for one in tickets_of(order)]) == (
        "second",
        [D("45.00"), D("36.00")],
    )


def test_a_leg_that_does_not_run_goes_back_and_frees_the_other(travel: Travel) -> None:
    # given: two orders, on buses of different days
    order = travel.both(hours=48)
    other = travel.both(hours=200)
    out, back = tickets_of(order)
    city = travel.till.shop.org["CQ"]
    leg = leg_of(back)

    # when: the way back is cancelled
    refund_all(
        None,
        "batch-000001",
        trade="coach",
        product=leg.key,
        starts_at=leg.starts_at,
        unit=city,
        reason="停班",
    )
    go_on()

    # then: whole price with the service fee, of this leg only
    assert states(order) == ["issued", "refunded"]
    request = order.refunds.get()
    assert (request.due, request.cause, request.batch.title) == (
        D("42.00"),
        "session_cancelled",
        "乙县—甲县 16:00",
    )  # type: ignore[union-attr]
    assert [one.no_trip for one in order.segments.all()] == [False, True]
    # and of the other order nothing: its bus is another day's
    assert states(other) == ["issued", "issued"]

    # when: who does not want to go without coming back
    [offer] = preview_refund([Ticket.objects.get(pk=out.pk)])
    refund = travel.give_back(out)

    # then: without a fee and with the service fee, and the supplier is told that it is not the passenger's
    assert (offer.quote.fee, refund.due, refund.cause) == (D("0.00"), D("50.00"), "passenger")
    assert travel.supplier.asks[-1].carriers_fault is True
    assert refund.supplier_due == D("45.00")


def test_what_left_before_is_not_freed_by_a_way_back_that_does_not_run(travel: Travel) -> None:
    # given: the way there has left without him
    order = travel.both(hours=1)
    out, back = tickets_of(order)
    Segment.objects.filter(pk=back.segment_id).update(no_trip=True)

    # when
    [before] = preview_refund([out])
    with frozen(now() + timedelta(hours=2)):
        [offer] = preview_refund([fresh(out)])

    # then
    assert (before.quote.fee, before.quote.allowed, offer.quote.allowed) == (D("0.00"), True, False)


def test_what_has_no_ticket_ends_whole_where_a_leg_does_not_run(travel: Travel) -> None:
    # given
    held = travel.held()

    # when
    closed = stop(TicketOrder.objects.filter(segments__key="coach:2"), "停班")

    # then
    assert (closed, fresh(held).state, states(held)) == (1, "closed", ["void", "void"])


def test_sessions_by_hand_are_counted_leg_by_leg(travel: Travel) -> None:
    # given
    order = travel.both(people=2, hours=48)
    first = order.starts_at.astimezone(SHANGHAI).date()
    back = segments(order)[1]

    # when
    found = sessions_of("coach", first, first + timedelta(days=5))

    # then
    assert [(one.key, one.title, one.orders, one.tickets, one.due) for one in found] == [
        ("coach:1", "甲县—乙县 08:00", 1, 2, D("100.00")), ("coach:2", "乙县—甲县 16:00", 1, 2, D("84.00")),
    ]  # fmt: skip
    assert [
        one.key
        for one in sessions_of("coach", back.starts_at.astimezone(SHANGHAI).date(), first + timedelta(5))
    ] == ["coach:2"]


@pytest.mark.parametrize("by_leg", [True, False])
def test_coupons_of_one_ticket_number_are_matched_in_a_statement(travel: Travel, by_leg: bool) -> None:
    # given: both coupons have one number, as air tickets do
    order = travel.both()
    Ticket.objects.filter(ticket_order=order).update(their_number="999-2342455793")
    account, day = SupplierAccount.objects.get(code="first"), now().astimezone(SHANGHAI).date()
    amounts = [("45.00", 1), ("36.00", 2)] if by_leg else [("81.00", 0)]
    lines = [
        Line(CallKind.ISSUE, order.their_number, "999-2342455793", D(amount), leg) for amount, leg in amounts
    ]

    # when
    right = take_in(account, day, lines)
    wrong = take_in(account, day, [Line(CallKind.ISSUE, order.their_number, "999-2342455793", D("45.00"), 2)])

    # then
    assert (right.lines_count, right.pk) == (len(lines), wrong.pk)
    assert sorted(wrong.lines.values_list("match", "amount", "ours")) == [
        ("amount", D("45.00"), D("36.00")), ("only_ours", D("0.00"), D("45.00")),
    ]  # fmt: skip
    assert take_in(account, day, lines).differences == 0


def test_a_word_about_one_coupon_is_none_about_the_other(travel: Travel) -> None:
    # given: for both coupons of one number something that we did not book, the same amount; one of them explained
    order = travel.both()
    Ticket.objects.filter(ticket_order=order).update(their_number="999-2342455793")
    account, day = SupplierAccount.objects.get(code="first"), now().astimezone(SHANGHAI).date()
    lines = [Line(CallKind.CHANGE, order.their_number, "999-2342455793", D("5.00"), leg) for leg in (1, 2)]
    statement = take_in(account, day, lines)
    first = statement.lines.filter(kind=CallKind.CHANGE, ticket__segment__position=1)
    first.update(settled_note="下期更正")

    # when: the supplier gives another file, in which both are again
    take_in(account, day, [*lines, Line(CallKind.ISSUE, "L-9", "999-0", D("1.00"))])

    # then
    again = statement.lines.filter(kind=CallKind.CHANGE).order_by("ticket__segment__position")
    assert list(again.values_list("settled_note", flat=True)) == ["下期更正", ""]


def test_a_leg_whose_refund_waits_for_a_merchant_goes_back_with_its_trip(
    travel: Travel, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: the way back is asked back, and its merchant has not answered
    order = travel.both(hours=48)
    _out, back = tickets_of(order)
    city, leg = travel.till.shop.org["CQ"], leg_of(back)
    terms = ReplyTerms(city.pk, 24, Silence.AUDIT)
    monkeypatch.setitem(trades._replies, "coach", lambda _order: terms)
    waiting = travel.give_back(back)
    assert waiting.state == "merchant"

    # when: it does not run
    batch = refund_all(
        None,
        "batch-000001",
        trade="coach",
        product=leg.key,
        starts_at=leg.starts_at,
        unit=city,
        reason="停班",
    )
    go_on()

    # then: nobody is waited for
    assert (states(order), fresh(waiting).state, fresh(batch).state) == (
        ["issued", "refunded"],
        "refused",
        "done",
    )
