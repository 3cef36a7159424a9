"""A supplier's day against ours, ticket by ticket."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from plugins.ticketing.kernel import ports
from plugins.ticketing.kernel.choices import CallKind
from plugins.ticketing.kernel.models import FeeLine, SupplierAccount, SupplierStatement
from plugins.ticketing.kernel.ports import Line
from plugins.ticketing.kernel.services import statements
from saleor_o2o.kernel.clock import midnight, today
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import NotAllowed
from tests.orgs import again

from .conftest import Tickets
from .scripted import Scripted

D = Decimal


@pytest.fixture
def sold(coach: Tickets) -> list[Any]:
    """Three tickets that were booked with the supplier yesterday, at 38.00 each."""
    order = coach.order()
    at = midnight(today()) - timedelta(hours=3)
    for one in coach.tickets(order):
        FeeLine.objects.create(
            ticket=one, side="supplier", item="face", amount=D("38.00"), reference="x", at=at
        )
    return coach.tickets(order)


def line(ticket: Any, amount: str = "38.00", kind: CallKind = CallKind.ISSUE) -> Line:
    return Line(kind, "L1", ticket.their_number, D(amount))


def matches(statement: SupplierStatement) -> list[tuple[str, str]]:
    return [(one.their_ticket, one.match) for one in statement.lines.order_by("pk")]


def test_same_another_amount_only_theirs_and_only_ours(coach: Tickets, sold: list[Any]) -> None:
    # given
    day = today() - timedelta(days=1)
    lines = [line(sold[0]), line(sold[1], "37.00"), Line(CallKind.ISSUE, "L9", "T9", D("20.00"))]

    # when
    statement = statements.take_in(coach.account, day, lines)

    # then
    assert matches(statement) == [
        (sold[0].their_number, "same"), (sold[1].their_number, "amount"), ("T9", "only_theirs"),
        (sold[2].their_number, "only_ours"),
    ]  # fmt: skip
    assert (statement.lines_count, statement.total, statement.differences) == (3, D("95.00"), 3)


def test_the_same_file_again_changes_nothing_another_one_replaces_it(coach: Tickets, sold: list[Any]) -> None:
    # given
    day = today() - timedelta(days=1)
    first = statements.take_in(coach.account, day, [line(sold[0]), line(sold[1])])
    kept = list(first.lines.values_list("pk", flat=True))

    # when
    again_ = statements.take_in(coach.account, day, [line(sold[1]), line(sold[0])])

    # then
    assert (again_.pk, list(again_.lines.values_list("pk", flat=True))) == (first.pk, kept)

    # when
    whole = statements.take_in(coach.account, day, [line(one) for one in sold])

    # then
    assert (whole.pk, whole.differences, SupplierStatement.objects.count()) == (first.pk, 0, 1)
    statements.settle(coach.people["accountant"], whole.pk)
    with pytest.raises(DomainError) as refused:
        statements.take_in(coach.account, day, [line(sold[0])])
    assert refused.value.code.value == "CHANGED_MEANWHILE"


def test_a_refund_is_booked_below_zero(coach: Tickets) -> None:
    # given: 34.01 came back today
    order = coach.order()
    coach.refund(order)
    ticket = coach.tickets(order)[0]

    # when
    statement = statements.take_in(coach.account, today(), [line(ticket, "-34.01", CallKind.REFUND)])

    # then
    assert matches(statement) == [(ticket.their_number, "same")]


def test_what_they_book_a_day_later_is_no_difference(coach: Tickets, sold: list[Any]) -> None:
    # given: ours of yesterday, theirs of today
    yesterday = today() - timedelta(days=1)
    first = statements.take_in(coach.account, yesterday, [line(sold[0]), line(sold[1])])
    assert first.differences == 1

    # when
    later = statements.take_in(coach.account, today(), [line(sold[2])])

    # then
    first.refresh_from_db()
    assert (matches(later), first.differences) == ([(sold[2].their_number, "same")], 0)


def test_one_ticket_twice_in_a_file_is_a_difference(coach: Tickets, sold: list[Any]) -> None:
    statement = statements.take_in(
        coach.account, today() - timedelta(days=1), [line(one) for one in (*sold, sold[0])]
    )
    assert [match for _ticket, match in matches(statement)] == ["same", "same", "same", "only_theirs"]


def test_the_job_takes_what_is_missing_once(coach: Tickets, sold: list[Any]) -> None:
    # given
    coach.supplier.lines = [line(one) for one in sold]

    # when
    first, second = statements.take_due(), statements.take_due()

    # then: the supplier tells the same for every day: yesterday agrees, the days before are only theirs
    assert (first, second) == (statements.BEHIND, 0)
    assert SupplierStatement.objects.get(day=today() - timedelta(days=1)).differences == 0


def test_nobody_is_asked_for_a_bill_of_our_own_inventory(coach: Tickets, sold: list[Any]) -> None:
    # given the same tickets, sold out of our own inventory: it is settled by sheets, nobody sends a bill
    coach.supplier.local = True
    page = reverse("admin:o2o_ticketing_supplierstatement_fetch")
    client = Client()
    client.force_login(again(coach.people["accountant"]))

    # when
    taken = statements.take_due()
    offered = client.get(page).context["form"].fields["supplier"].queryset

    # then: our own bookings are no differences
    assert (taken, SupplierStatement.objects.count(), list(offered)) == (0, 0, [])


def test_differences_are_explained_before_it_is_closed(coach: Tickets, sold: list[Any]) -> None:
    # given
    accountant = coach.people["accountant"]
    statement = statements.take_in(
        coach.account, today() - timedelta(days=1), [line(sold[0], "37.00"), line(sold[1]), line(sold[2])]
    )
    with pytest.raises(DomainError) as refused:
        statements.settle(accountant, statement.pk)
    assert refused.value.code.value == "NOT_POSSIBLE"
    client = Client()
    client.force_login(again(accountant), backend="django.contrib.auth.backends.ModelBackend")
    page = reverse("admin:o2o_ticketing_supplierstatement_change", args=[statement.pk])
    assert "金额不符" in strip_tags(client.get(page).content.decode())
    notes = reverse("admin:o2o_ticketing_supplierstatement_notes", args=[statement.pk])
    differing = statement.lines.get(match="amount")
    assert client.get(notes).status_code == 200

    # when
    client.post(notes, {f"line_{differing.pk}": "供应商下期更正", "do": "1"})
    settling = reverse("admin:o2o_ticketing_supplierstatement_settle", args=[statement.pk])
    seen = client.get(settling).context_data["form"].initial  # type: ignore[attr-defined]
    client.post(settling, {**seen, "do": "1"})

    # then
    statement.refresh_from_db()
    differing.refresh_from_db()
    assert (differing.settled_note, statement.differences) == ("供应商下期更正", 0)
    assert statement.settled_at is not None
    report = client.get(reverse("admin:o2o_ticketing_supplierstatement_report"))
    assert "省网" in strip_tags(report.content.decode())


def test_who_may_not(coach: Tickets, sold: list[Any]) -> None:
    statement = statements.take_in(coach.account, today() - timedelta(days=1), [line(one) for one in sold])
    for who in ("seller", "auditor"):
        with pytest.raises((NotAllowed, DomainError)):
            statements.settle(coach.people[who], statement.pk)
    statement.refresh_from_db()
    assert statement.settled_at is None


def test_one_supplier_whose_file_breaks_keeps_no_other_waiting(
    coach: Tickets, sold: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: the first supplier's answer breaks our own code
    class Broken(Scripted):
        def statement(self, day: date) -> Sequence[Line]:
            raise KeyError("amount")

    monkeypatch.setitem(ports._adapters, "broken", Broken())
    SupplierAccount.objects.create(
        pk=coach.account.pk - 1, code="S0", name="坏的", trade="coach", adapter="broken"
    )
    coach.supplier.lines = [line(one) for one in sold]

    # when
    statements.take_due()

    # then
    assert {one.supplier.code for one in SupplierStatement.objects.all()} == {"S1"}
