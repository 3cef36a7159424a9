"""Tickets go back: what it costs, who is asked, both sides' money, and everything that may go wrong between."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from saleor.payment import ChargeStatus

from plugins.after_sale.errors import AfterSaleError
from plugins.org_hierarchy.errors import OrgError
from plugins.ticketing.kernel.errors import TicketError
from plugins.ticketing.kernel.models import (
    DeskTask,
    FeeLine,
    MoneyBack,
    RefundRequest,
    SupplierCall,
    Ticket,
    TicketOrder,
)
from plugins.ticketing.kernel.ports import Refunded
from plugins.ticketing.kernel.services import giving_back, refund_outcomes
from plugins.ticketing.kernel.services.refunding import Stale, Wanted, preview_refund, submit_refund
from saleor_o2o.cashier.models import OrderRefund
from saleor_o2o.kernel.clock import frozen, now
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope
from saleor_o2o.ordering.models import OrderProfile, SubOrderLine

from .conftest import Tickets

D = Decimal
KEY = "key-00000001"


def states(order: TicketOrder) -> list[str]:
    return list(order.tickets.order_by("pk").values_list("state", flat=True))


def lines_of(request: RefundRequest) -> dict[tuple[str, str], Decimal]:
    rows = FeeLine.objects.filter(reference=request.number).values_list("side", "item", "amount")
    found: dict[tuple[str, str], Decimal] = {}
    for side, item, amount in rows:
        found[side, item] = found.get((side, item), D(0)) + amount
    return found


def fresh(row: Any) -> Any:
    return type(row)._default_manager.get(pk=row.pk)


def refusal(act: Any) -> str:
    with pytest.raises(DomainError) as refused:
        act()
    return str(refused.value.code.value)


def test_one_of_three_goes_back_and_the_order_is_refunded_in_part(coach: Tickets) -> None:
    # given: 24 hours before, 10 % of 39.90
    order = coach.order(24)

    # when
    request = coach.refund(order)

    # then: promised what was previewed, the supplier asked once, both sides written
    assert (request.state, request.due, request.supplier_due, request.supplier_back) == (
        "paying", D("35.91"), D("34.01"), D("34.01"),
    )  # fmt: skip
    [item] = request.items.all()
    assert (item.face, item.discount, item.service, item.fee, item.due, item.back) == (
        D("39.90"), D("0.00"), D("0.00"), D("3.99"), D("35.91"), None,
    )  # fmt: skip
    assert "实收 3.99 元" in item.words
    assert item.tier == "1"
    assert lines_of(request) == {
        ("customer", "back"): D("-39.90"), ("customer", "refund_fee"): D("3.99"), ("supplier", "back"): D("-38.00"),
        ("supplier", "refund_fee"): D("3.99"),
    }  # fmt: skip
    assert states(order) == ["refunded", "issued", "issued"]
    assert [one.own for one in coach.supplier.asked] == [SupplierCall.objects.get().number]
    assert [told for _number, told in coach.trade.went] == [{order.tickets.order_by("pk")[0].pk: 1}]

    # when: the money arrives
    coach.arrive(request.number)

    # then
    request = fresh(request)
    assert (request.state, request.items.get().back) == ("done", D("35.91"))
    payment = order.order.payments.get()  # type: ignore[union-attr]
    assert payment.charge_status == ChargeStatus.PARTIALLY_REFUNDED
    assert OrderProfile.objects.get(pk=order.order_id).refunded == D("35.91")
    part = SubOrderLine.objects.get(sub_order__order=order.order)
    assert (part.quantity, part.withdrawn + part.returned) == (3, 1)


def test_the_same_key_is_the_same_refund_and_the_quote_is_used_once(coach: Tickets) -> None:
    # given
    order = coach.order()
    [offer, *_rest] = preview_refund(coach.tickets(order))
    wanted = [Wanted(offer.ticket.pk, offer.quote.token)]

    # when
    first = submit_refund(coach.shopper, KEY, wanted)
    again = submit_refund(coach.shopper, KEY, wanted)

    # then
    assert isinstance(first, RefundRequest) and isinstance(again, RefundRequest)
    assert first.pk == again.pk
    assert OrderRefund.objects.get().amount == D("35.91")
    assert refusal(lambda: submit_refund(coach.shopper, "key-00000002", wanted)) == "NOT_POSSIBLE"


@pytest.mark.parametrize(
    ("seconds", "fee"),
    [(-1, "3.99"), (0, "3.99"), (1, "7.98")],
    ids=["a second earlier", "exactly two hours before", "a second later"],
)
def test_the_border_is_the_kinder_tiers_and_a_quote_holds_over_it(
    coach: Tickets, seconds: int, fee: str
) -> None:
    # given
    order = coach.order(24)
    border = order.starts_at - timedelta(hours=2)
    ticket = coach.tickets(order)[0]

    # when: previewed then, submitted four minutes later
    with frozen(border + timedelta(seconds=seconds)):
        [offer] = preview_refund([ticket])
    with frozen(border + timedelta(seconds=seconds, minutes=4)):
        done = submit_refund(coach.shopper, KEY, [Wanted(ticket.pk, offer.quote.token)])

    # then: preview equals actual
    assert isinstance(done, RefundRequest)
    assert (offer.quote.fee, done.due) == (D(fee), D("39.90") - D(fee))
    assert OrderRefund.objects.get().amount == D("39.90") - D(fee)


def test_an_expired_quote_does_nothing_and_says_what_is_different(coach: Tickets) -> None:
    # given
    order = coach.order(24)
    ticket = coach.tickets(order)[0]
    border = order.starts_at - timedelta(hours=2)
    with frozen(border - timedelta(minutes=1)):
        [offer] = preview_refund([ticket])

    # when
    with frozen(border + timedelta(minutes=5)):
        stale = submit_refund(coach.shopper, KEY, [Wanted(ticket.pk, offer.quote.token)])

    # then
    assert isinstance(stale, Stale)
    assert (
        stale.words
        == "报价已过 5 分钟，手续费由 3.99 元变为 7.98 元，应退由 35.91 元变为 31.92 元，请确认后再提交"
    )
    assert stale.offers[0].quote.fee == D("7.98")
    assert states(order) == ["issued"] * 3
    assert RefundRequest.objects.count() == 0


def test_after_departure_nothing_is_given_back(coach: Tickets) -> None:
    # given
    order = coach.order(24)
    with frozen(order.starts_at + timedelta(seconds=1)):
        [offer] = preview_refund(coach.tickets(order)[:1])

        # when
        code = refusal(
            lambda: submit_refund(coach.shopper, KEY, [Wanted(offer.ticket.pk, offer.quote.token)])
        )

    # then
    assert (offer.quote.allowed, code) == (False, "NOT_POSSIBLE")
    assert states(order) == ["issued"] * 3


def test_service_fee_stays_with_us_and_comes_back_when_the_trip_is_cancelled(coach: Tickets) -> None:
    # given: 39.90 with 2.00 of service
    order = coach.order(service="2.00", cost="37.90")

    # when
    mine = coach.refund(order)
    cancelled = coach.refund(
        order, 2, key="key-00000002", by=coach.people["auditor"], cause="session_cancelled"
    )

    # then
    [one] = mine.items.all()
    assert (one.face, one.service, one.fee, one.due) == (D("37.90"), D("2.00"), D("3.79"), D("34.11"))
    assert cancelled.due == D("79.80")
    assert OrderProfile.objects.get(pk=order.order_id).refunded == D("113.91")


def test_all_tickets_one_after_the_other_never_give_more_than_was_paid(coach: Tickets) -> None:
    # given: an order with freight: 3 × 39.90 + 10.00
    order = coach.order()

    # when
    for at in range(3):
        coach.refund(order, key=f"key-0000000{at}", by=coach.people["auditor"], cause="carrier")

    # then
    assert states(order) == ["refunded"] * 3
    assert sum(one.amount for one in OrderRefund.objects.all()) == D("119.70")
    assert order.order.total_gross_amount == D("129.70")  # type: ignore[union-attr]


def test_supplier_refuses_and_the_tickets_count_again(coach: Tickets) -> None:
    # given
    coach.supplier.moods = ["refused"]
    order = coach.order()

    # when
    request = coach.refund(order)

    # then
    assert (request.state, request.why) == ("refused", "供应商拒绝退票：该票已检票")
    assert states(order) == ["issued"] * 3
    assert MoneyBack.objects.count() == 0
    assert FeeLine.objects.count() == 0


def test_supplier_refuses_after_the_trip_was_cancelled_and_people_decide(coach: Tickets) -> None:
    # given
    coach.supplier.moods = ["refused"]
    order = coach.order()

    # when
    request = coach.refund(order, by=coach.people["auditor"], cause="session_cancelled")

    # then
    assert (request.state, states(order)[0]) == ("audit", "refunding")
    assert DeskTask.objects.get().kind == "refund"
    other = coach.people["auditor"]
    code = refusal(lambda: refund_outcomes.decide(other, request.pk, pay=True, note="客户应得"))
    assert code == "SAME_PERSON"


def test_another_amount_from_the_supplier_waits_for_somebody_else(coach: Tickets) -> None:
    # given: a yuan less than expected
    coach.supplier.moods = ["less"]
    order = coach.order()
    request = coach.refund(order, by=coach.people["seller"])
    assert (request.state, request.supplier_back, request.why) == (
        "audit", D("33.01"), "供应商实退 ¥33.01，应退 ¥34.01",
    )  # fmt: skip
    assert states(order)[0] == "refunding"
    decide = refund_outcomes.decide

    # when: who may not, out of scope, too much; and the tickets are gone at the supplier
    auditor = coach.people["auditor"]
    item = request.items.get()
    with pytest.raises(NotAllowed):
        decide(coach.people["seller"], request.pk, pay=True, note="同意")
    with pytest.raises(OutOfScope):
        decide(coach.people["other"], request.pk, pay=True, note="同意")
    assert refusal(
        lambda: decide(auditor, request.pk, pay=True, note="多退", dues={item.pk: D("39.91")})
    ) == ("AMOUNT_INVALID")
    assert refusal(lambda: decide(auditor, request.pk, pay=False, note="不退")) == "NOT_POSSIBLE"

    # when
    decided = decide(auditor, request.pk, pay=True, note="少退的由我方承担", dues={item.pk: D("38.90")})

    # then
    request = fresh(request)
    assert (decided.state, request.due, request.decided_by) == ("paying", D("38.90"), auditor)
    assert lines_of(request) == {
        ("customer", "back"): D("-39.90"), ("customer", "refund_fee"): D("1.00"), ("supplier", "back"): D("-38.00"),
        ("supplier", "refund_fee"): D("4.99"),
    }  # fmt: skip
    assert OrderRefund.objects.get().amount == D("38.90")
    assert DeskTask.objects.get().state == "done"


def test_working_is_followed_until_the_call_back_and_a_second_one_changes_nothing(coach: Tickets) -> None:
    # given
    coach.supplier.moods = ["working"]
    order = coach.order()
    request = coach.refund(order)
    call = SupplierCall.objects.get()
    assert (request.state, call.state, states(order)[0]) == ("at_supplier", "working", "refunding")
    answer = Refunded(
        amounts={order.tickets.order_by("pk")[0].number: D("34.01")}, document="D1", policy="P1"
    )

    # when
    first = refund_outcomes.said(call.pk, answer)
    again = refund_outcomes.said(call.pk, answer)
    late = refund_outcomes.refused(call.pk, "OTHER", "不行")

    # then
    request = fresh(request)
    assert first is not None and again is None and late is None
    assert (request.state, request.supplier_document) == ("paying", "D1")
    assert OrderRefund.objects.count() == 1


def test_silence_is_asked_about_and_never_told_again(coach: Tickets) -> None:
    # given: the supplier did it, the answer was lost
    coach.supplier.moods = ["lost"]
    order = coach.order()
    request = coach.refund(order)
    assert (request.state, SupplierCall.objects.get().state) == ("at_supplier", "unknown")

    # when
    with frozen(now() + timedelta(minutes=2)):
        refund_outcomes.ask_again()

    # then
    request = fresh(request)
    assert request.state == "paying"
    assert len(coach.supplier.asked) == 1


def test_what_never_arrived_is_sent_under_the_same_number(coach: Tickets) -> None:
    # given
    coach.supplier.moods = ["down"]
    order = coach.order()
    request = coach.refund(order)

    # when: too early, then in time
    refund_outcomes.ask_again()
    assert len(coach.supplier.asked) == 1
    with frozen(now() + timedelta(minutes=2)):
        refund_outcomes.ask_again()

    # then
    request = fresh(request)
    assert request.state == "paying"
    assert len({one.own for one in coach.supplier.asked}) == 1


def test_a_refund_that_fails_is_shown_and_given_back_anew(coach: Tickets) -> None:
    # given
    order = coach.order()
    request = coach.refund(order)

    # when
    coach.arrive(request.number, closed=True)

    # then
    money = MoneyBack.objects.get()
    assert money.state == "failed"
    assert DeskTask.objects.get().kind == "refund"

    # when
    anew = giving_back.try_again(coach.people["seller"], money.pk)
    coach.arrive(anew.key)

    # then
    request = fresh(request)
    assert (request.state, anew.key) == ("done", f"{request.number}#1")
    assert OrderProfile.objects.get(pk=order.order_id).refunded == D("35.91")


def test_who_may_refund_what(coach: Tickets) -> None:
    # given
    order = coach.order()
    ticket = coach.tickets(order)[0]
    [offer] = preview_refund([ticket])
    [free] = preview_refund([ticket], cause="carrier")
    wanted = [Wanted(ticket.pk, offer.quote.token)]

    # then: strangers, another shopper, without the right to the carrier's fault, above the limit
    for who in (coach.people["other"], coach.shop.people["stranger"]):
        with pytest.raises(OutOfScope):
            submit_refund(who, KEY, wanted)
    for who in (coach.people["seller"], coach.shopper):
        with pytest.raises(NotAllowed):
            submit_refund(who, KEY, [Wanted(ticket.pk, free.quote.token)], cause="carrier")
    many = preview_refund(coach.tickets(order), cause="carrier")
    with pytest.raises(OrgError) as refused:
        submit_refund(
            coach.people["faulty"],
            KEY,
            [Wanted(one.ticket.pk, one.quote.token) for one in many],
            cause="carrier",
        )
    assert refused.value.code.value == "LIMIT_EXCEEDED"
    assert states(order) == ["issued"] * 3
    assert RefundRequest.objects.count() == 0

    # when
    done = submit_refund(coach.people["seller"], KEY, wanted)

    # then
    assert isinstance(done, RefundRequest)
    assert (done.unit, done.asked_by) == (coach.org["B111"], coach.people["seller"])


def test_a_group_goes_back_by_people_to_the_fen(coach: Tickets) -> None:
    # given: one ticket of 39.90 for seven people, two of them inside
    order = coach.order(count=1, uses=7, cost="30.00")
    ticket = coach.tickets(order)[0]
    Ticket.objects.filter(pk=ticket.pk).update(state="part_used", used=2)

    # when
    dues = []
    for at, people in enumerate((1, 2, 2)):
        ticket = coach.tickets(order)[0]
        [offer] = preview_refund([ticket], {ticket.pk: people}, "carrier")
        wanted = [Wanted(ticket.pk, offer.quote.token, people)]
        done = submit_refund(coach.people["auditor"], f"key-0000000{at}", wanted, cause="carrier")
        assert isinstance(done, RefundRequest)
        dues.append(done.due)

    # then: five sevenths of 39.90
    ticket = fresh(ticket)
    assert dues == [D("5.70"), D("11.40"), D("11.40")]
    assert (ticket.back, ticket.used, ticket.state) == (5, 2, "used")
    assert refusal(lambda: preview_refund([ticket], {ticket.pk: 1})) == "NOT_POSSIBLE"


def test_more_people_than_are_left_are_refused(coach: Tickets) -> None:
    # given
    order = coach.order(count=1, uses=3)
    ticket = coach.tickets(order)[0]

    # then
    assert refusal(lambda: preview_refund([ticket], {ticket.pk: 4})) == "QUANTITY_INVALID"
    assert refusal(lambda: preview_refund([ticket], {ticket.pk: 0})) == "QUANTITY_INVALID"


def test_a_child_does_not_stay_alone(coach: Tickets) -> None:
    # given
    order = coach.order()
    adult, child, _third = coach.tickets(order)
    Ticket.objects.filter(pk=child.pk).update(carried_by=adult)

    # then
    assert refusal(lambda: preview_refund([adult])) == "NOT_POSSIBLE"
    assert len(preview_refund([adult, child])) == 2


def test_our_own_inventory_answers_in_the_same_breath(coach: Tickets) -> None:
    # given
    coach.supplier.local = True
    order = coach.order()

    # when
    request = coach.refund(order)

    # then
    assert (request.state, SupplierCall.objects.count(), states(order)[0]) == ("paying", 0, "refunded")


def test_refused_by_our_own_inventory_nothing_has_happened(coach: Tickets) -> None:
    # given
    coach.supplier.local, coach.supplier.moods = True, ["refused"]
    order = coach.order()

    # then
    with pytest.raises(TicketError) as refused:
        coach.refund(order)
    assert refused.value.message == "该票已检票"
    assert (states(order), RefundRequest.objects.count()) == (["issued"] * 3, 0)


def test_after_sale_points_to_the_tickets(coach: Tickets) -> None:
    # given
    order = coach.order()

    # then
    with pytest.raises(AfterSaleError) as refused:
        coach.shop.ask(order.order)  # type: ignore[arg-type]
    assert (refused.value.code.value, refused.value.message) == (
        "OWN_WAY", "车票、门票及其保险请在“票务订单”里退票",
    )  # fmt: skip


def test_goods_beside_tickets_still_go_back_as_goods(coach: Tickets) -> None:
    # given
    shop = coach.shop
    paid = shop.buy({shop.world.variant: 3, shop.pomelo: 1})
    coach.order(order=paid)

    # when
    row = shop.ask(paid, lines={shop.line(paid, shop.pomelo).pk: (1, None)})

    # then
    assert row.amount == D("25.00")
    with pytest.raises(AfterSaleError):
        shop.ask(paid, "2", lines={shop.line(paid).pk: (1, None)})


def test_a_whole_refund_elsewhere_takes_the_tickets_along(coach: Tickets) -> None:
    # given
    order = coach.order()
    paid = order.order
    assert paid is not None

    # when: the dashboard gives all of it back
    from saleor_o2o.cashier.interfaces import refund_order

    refund_order(paid.pk, paid.total_gross_amount, reason="整单退", key="stock:1")
    coach.arrive("stock:1")

    # then: the supplier took them back, the customer gets nothing twice
    request = RefundRequest.objects.get()
    assert (request.cause, request.state, request.due) == ("order", "done", D("0.00"))
    assert states(order) == ["refunded"] * 3
    assert len(coach.supplier.asked) == 1
    assert OrderRefund.objects.count() == 1


def test_a_part_given_back_elsewhere_calls_people(coach: Tickets) -> None:
    # given
    order = coach.order()
    from saleor_o2o.cashier.interfaces import refund_order

    # when
    refund_order(order.order_id, D("10.00"), reason="补偿", key="stock:1")  # type: ignore[arg-type]
    coach.arrive("stock:1")

    # then
    assert states(order) == ["issued"] * 3
    assert DeskTask.objects.get().why == "订单在别处退过部分款，请核对是否退票"
