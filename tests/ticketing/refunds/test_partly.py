"""A supplier takes some of a refund's tickets and not the others: each goes its own way, and the money is exact."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse

from plugins.ticketing.kernel.errors import TicketError
from plugins.ticketing.kernel.models import DeskTask, RefundRequest, Ticket, TicketOrder
from plugins.ticketing.kernel.ports import Refunded
from plugins.ticketing.kernel.services.refund_outcomes import decide, said
from plugins.ticketing.kernel.services.refunding import Wanted, refund_without_asking, submit_refund
from saleor_o2o.cashier.models import OrderRefund
from saleor_o2o.kernel.models import AuditEntry
from saleor_o2o.ordering.models import OrderProfile, SubOrderLine
from tests.buying.shopper import ask

from .conftest import Tickets
from .test_refund_pages import browser, text_of
from .test_refunding import fresh, lines_of, refusal, states

D = Decimal
#: Both sides of one ticket of 39.90 (cost 38.00) that goes back at 10 %.
ONE = {
    ("customer", "back"): D("-39.90"), ("customer", "refund_fee"): D("3.99"), ("supplier", "back"): D("-38.00"),
    ("supplier", "refund_fee"): D("3.99"),
}  # fmt: skip


def waiting(coach: Tickets) -> tuple[TicketOrder, RefundRequest]:
    """A refund of which the supplier took the first ticket and said nothing about the others."""
    coach.supplier.moods = ["half told"]
    order = coach.order()
    return order, coach.refund(order, 2, by=coach.people["seller"])


def test_what_was_taken_is_paid_and_what_was_refused_counts_again(coach: Tickets) -> None:
    # given: three tickets, two of them asked back, of which the network takes one
    coach.supplier.moods = ["partly"]
    order = coach.order()

    # when
    request = coach.refund(order, 2)

    # then: nobody has to decide, and only the one is paid and booked
    taken, refused = request.items.order_by("pk")
    assert states(order) == ["refunded", "issued", "issued"]
    assert (request.state, request.due, request.supplier_due, request.supplier_back) == (
        "paying", D("35.91"), D("34.01"), D("34.01"),
    )  # fmt: skip
    assert (taken.answer, taken.kept, taken.due) == ("taken", False, D("35.91"))
    assert (refused.answer, refused.kept, refused.said, refused.due, refused.fee) == (
        "refused", True, "该票已取纸质票", D("0.00"), D("0.00"),
    )  # fmt: skip
    assert request.why == f"{refused.ticket.number} 未退成：该票已取纸质票"
    assert lines_of(request) == ONE
    assert OrderRefund.objects.get().amount == D("35.91")
    assert coach.trade.went[-1][1] == {taken.ticket_id: 1}
    assert DeskTask.objects.count() == 0

    # when: the refused one is asked back again, and taken now
    again = coach.refund(order, key="key-00000002")
    for number in (request.number, again.number):
        coach.arrive(number)

    # then: one of three is left, and not a fen went twice
    assert fresh(again).items.get().ticket_id == refused.ticket_id
    assert states(order) == ["refunded", "refunded", "issued"]
    assert OrderProfile.objects.get(pk=order.order_id).refunded == D("71.82")
    part = SubOrderLine.objects.get(sub_order__order=order.order)
    assert (part.quantity, part.withdrawn + part.returned) == (3, 2)


def test_the_buyer_reads_which_ticket_still_counts(coach: Tickets) -> None:
    # given
    coach.supplier.moods = ["partly"]
    order = coach.order()
    coach.refund(order, 2)
    numbers = [one.number for one in coach.tickets(order)]

    # when
    query = "query($order: String!) { ticketRefunds(order: $order) { due items { ticket due kept said } } }"
    [seen] = ask(query, {"order": order.number}, coach.shopper)["ticketRefunds"]

    # then
    assert seen == {
        "due": 35.91,
        "items": [
            {"ticket": numbers[0], "due": 35.91, "kept": False, "said": ""},
            {"ticket": numbers[1], "due": 0.0, "kept": True, "said": "该票已取纸质票"},
        ],
    }


def test_the_taken_ticket_comes_with_another_amount(coach: Tickets) -> None:
    # given: one taken with a yuan less, one refused
    coach.supplier.moods = ["working"]
    order = coach.order()
    request = coach.refund(order, 2, by=coach.people["seller"])
    first, second = (one.number for one in coach.tickets(order)[:2])
    said(request.calls.get().pk, Refunded(amounts={first: D("33.01")}, refused={second: "已取票"}))
    assert fresh(request).why == "供应商实退 ¥33.01，应退 ¥34.01"

    # when: the auditor pays
    decide(coach.people["auditor"], request.pk, pay=True, note="差额我方承担")

    # then: for the taken one alone, whatever was in the form for the other
    request = fresh(request)
    assert (request.state, request.due) == ("paying", D("35.91"))
    assert states(order) == ["refunded", "issued", "issued"]


def test_where_nothing_was_said_an_auditor_decides_ticket_by_ticket(coach: Tickets) -> None:
    # given: the first one taken, of the second one nothing is known
    order, request = waiting(coach)
    taken, unknown = request.items.order_by("pk")
    assert (request.state, request.why) == ("audit", f"供应商没有说 {unknown.ticket.number} 退没退")
    assert states(order) == ["refunding", "refunding", "issued"]
    auditor = coach.people["auditor"]

    # when: what the supplier has taken cannot count again
    both = {taken.pk, unknown.pk}
    assert refusal(lambda: decide(auditor, request.pk, pay=True, note="不退", keep=both)) == "NOT_POSSIBLE"
    assert refusal(lambda: decide(auditor, request.pk, pay=False, note="不退")) == "NOT_POSSIBLE"
    decide(auditor, request.pk, pay=True, note="车站查明未退", keep={unknown.pk})

    # then
    request = fresh(request)
    assert states(order) == ["refunded", "issued", "issued"]
    assert (request.state, request.due, lines_of(request)) == ("paying", D("35.91"), ONE)
    assert OrderRefund.objects.get().amount == D("35.91")


def test_the_auditors_page_asks_what_became_of_the_ticket(coach: Tickets) -> None:
    # given
    order, request = waiting(coach)
    taken, unknown = request.items.order_by("pk")
    address = reverse("admin:o2o_ticketing_refundrequest_audit", args=[request.pk])
    client = browser(coach.people["auditor"])
    page = client.get(address)
    assert f"{unknown.ticket.number} 供应商退了没有" in text_of(page)
    assert f"what_{taken.pk}" not in page.content.decode()
    told = {
        "decision": "pay", f"due_{taken.pk}": "35.91", f"due_{unknown.pk}": "35.91", "note": "已向车站查明", "do": "1",
    }  # fmt: skip

    # when: unsaid; then it was taken as well
    unsaid = client.post(address, told)
    done = client.post(address, {**told, f"what_{unknown.pk}": "back"})

    # then
    assert unsaid.status_code == 200 and done.status_code == 302
    assert states(order) == ["refunded", "refunded", "issued"]
    assert OrderRefund.objects.get().amount == D("71.82")


def test_whoever_pays_and_keeps_every_ticket_pays_nothing_and_is_told_so(coach: Tickets) -> None:
    # given: the first one refused, of the second one nothing is known
    order = coach.order()
    coach.supplier.moods = ["working"]
    request = coach.refund(order, 2, by=coach.people["seller"])
    first, _second = (one.number for one in coach.tickets(order)[:2])
    said(request.calls.get().pk, Refunded(refused={first: "已取票"}))
    _refused, unknown = request.items.order_by("pk")
    address = reverse("admin:o2o_ticketing_refundrequest_audit", args=[request.pk])
    client = browser(coach.people["auditor"])
    told = {
        "decision": "pay",
        f"what_{unknown.pk}": "keep",
        f"due_{unknown.pk}": "35.91",
        "note": "都没有退",
        "do": "1",
    }

    # when
    page = text_of(client.post(address, told, follow=True))

    # then: the page and the audit say what came of it
    assert (fresh(request).state, states(order)) == ("refused", ["issued"] * 3)
    assert "已决定不退，票恢复有效" in page and "已决定退款" not in page
    [noted] = AuditEntry.objects.filter(action="ticketing.refund_decided")
    assert noted.after["pay"] is False
    assert not OrderRefund.objects.exists()


def test_without_a_trip_every_ticket_is_paid_whatever_the_supplier_took(coach: Tickets) -> None:
    # given: the bus does not go, and the supplier takes one of two
    coach.supplier.moods = ["partly"]
    order = coach.order()
    cancelled = refund_without_asking(
        order,
        "cancelled-1",
        cause="session_cancelled",
        reason="停运",
        tickets=[one.pk for one in coach.tickets(order)[:2]],
    )
    assert cancelled is not None
    cancelled = fresh(cancelled)
    assert (cancelled.state, cancelled.why) == ("audit", "供应商拒绝退票：该票已取纸质票")

    # when: a ticket without a bus cannot count again
    auditor = coach.people["auditor"]
    refused = cancelled.items.order_by("pk")[1]
    code = refusal(lambda: decide(auditor, cancelled.pk, pay=True, note="不退", keep={refused.pk}))
    decide(auditor, cancelled.pk, pay=True, note="停运，全退")

    # then
    assert code == "NOT_POSSIBLE"
    assert states(order) == ["refunded", "refunded", "issued"]
    assert OrderRefund.objects.get().amount == D("79.80")


def test_an_adult_is_gone_and_the_child_is_not(coach: Tickets) -> None:
    # given
    coach.supplier.moods = ["partly"]
    order = coach.order()
    adult, child, _third = coach.tickets(order)
    Ticket.objects.filter(pk=child.pk).update(carried_by=adult)

    # when
    coach.refund(order, 2)

    # then: somebody calls them, until it is done
    task = DeskTask.objects.get()
    assert (task.kind, task.state) == ("other", "waiting")
    assert task.why == f"随行儿童票 {child.number} 未退成，大人的票已退，请联系旅客"


@pytest.mark.parametrize("cause", ["order", "issue_failed", "nonsense"])
def test_what_is_found_out_is_no_cause_that_anybody_may_say(coach: Tickets, cause: str) -> None:
    # given: somebody with every right, and no quote
    order = coach.order()
    wanted = [Wanted(coach.tickets(order)[0].pk)]

    # then
    with pytest.raises(TicketError) as refused:
        submit_refund(coach.people["auditor"], "key-00000001", wanted, cause=cause)
    assert (refused.value.code.value, refused.value.field) == ("INVALID_INPUT", "cause")
    assert states(order) == ["issued"] * 3


def test_the_api_knows_only_what_people_may_say(coach: Tickets) -> None:
    # given
    query = """{ __type(name: "TicketRefundCause") { enumValues { name } } }"""

    # when
    known = ask(query, {}, coach.shopper)["__type"]["enumValues"]

    # then
    assert [one["name"] for one in known] == ["PASSENGER", "CARRIER", "SESSION_CANCELLED"]


def test_without_a_quote_nothing_goes_back_even_without_a_fee(coach: Tickets) -> None:
    # given
    order = coach.order()
    wanted = [Wanted(coach.tickets(order)[0].pk)]

    # then
    code = refusal(lambda: submit_refund(coach.people["auditor"], "key-00000001", wanted, cause="carrier"))
    assert code == "QUOTE_UNKNOWN"
    assert states(order) == ["issued"] * 3
