"""What is booked in parts, or later than the supplier books it, agrees with the supplier's file nevertheless."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from plugins.ticketing.kernel.choices import CallKind
from plugins.ticketing.kernel.models import FeeLine, SupplierStatement, Ticket
from plugins.ticketing.kernel.services import statements
from saleor_o2o.kernel.clock import frozen, midnight, now, today

from .conftest import Tickets
from .test_refund_pages import browser, text_of
from .test_statement_files import accountant, book, page, yesterday
from .test_statements import line, matches

__all__ = ["accountant"]
D = Decimal


@pytest.fixture(autouse=True)
def _morning() -> Iterator[None]:
    """Half a day later is the same day."""
    with frozen(midnight(today()) + timedelta(hours=9)):
        yield


@pytest.fixture
def ticket(coach: Tickets) -> Ticket:
    return coach.tickets(coach.order(count=1))[0]


def booked(ticket: Ticket, amount: str, reference: str, days: int = 1, item: str = "back") -> None:
    """Ours, so many days ago."""
    at = midnight(today()) - timedelta(days=days) + timedelta(hours=21)
    FeeLine.objects.create(
        ticket=ticket, side="supplier", item=item, amount=D(amount), reference=reference, at=at
    )


def back(ticket: Ticket, amount: str) -> Any:
    return line(ticket, amount, CallKind.REFUND)


def told(statement: SupplierStatement) -> list[tuple[str, Decimal, Decimal | None]]:
    return [(one.match, one.amount, one.ours) for one in statement.lines.order_by("pk")]


@pytest.mark.parametrize("swapped", [False, True])
def test_a_ticket_that_goes_back_in_two_parts_on_a_day_is_two_lines(
    coach: Tickets, ticket: Ticket, swapped: bool
) -> None:
    # given: one of three people gave his part back, the two others theirs an hour later
    booked(ticket, "-10.00", "R1")
    booked(ticket, "-1.00", "R2", item="refund_fee")
    booked(ticket, "-19.00", "R2")
    lines = [back(ticket, "-10.00"), back(ticket, "-20.00")]

    # when
    found = statements.take_in(coach.account, yesterday(), lines[::-1] if swapped else lines)

    # then
    same = [("same", D("-10.00"), D("-10.00")), ("same", D("-20.00"), D("-20.00"))]
    assert (told(found), found.differences) == (same[::-1] if swapped else same, 0)


def test_a_supplier_may_tell_both_parts_in_one_line(coach: Tickets, ticket: Ticket) -> None:
    # given
    booked(ticket, "-10.00", "R1")
    booked(ticket, "-20.00", "R2")

    # when
    found = statements.take_in(coach.account, yesterday(), [back(ticket, "-30.00")])

    # then
    assert told(found) == [("same", D("-30.00"), D("-30.00"))]


def test_parts_that_go_back_on_two_days_are_of_their_own_days(coach: Tickets, ticket: Ticket) -> None:
    # given: a part the day before yesterday, the rest yesterday
    booked(ticket, "-10.00", "R1", days=2)
    booked(ticket, "-20.00", "R2", days=1)

    # when: of the second day the supplier says a fen too little
    first = statements.take_in(coach.account, today() - timedelta(days=2), [back(ticket, "-10.00")])
    second = statements.take_in(coach.account, yesterday(), [back(ticket, "-19.99")])

    # then: ours of the first day is not counted once more
    assert told(first) == [("same", D("-10.00"), D("-10.00"))]
    assert told(second) == [("amount", D("-19.99"), D("-20.00"))]


def test_a_part_that_the_supplier_does_not_have_is_only_ours(coach: Tickets, ticket: Ticket) -> None:
    # given
    booked(ticket, "-10.00", "R1")
    booked(ticket, "-20.00", "R2")

    # when
    found = statements.take_in(coach.account, yesterday(), [back(ticket, "-10.00")])

    # then
    assert told(found) == [("same", D("-10.00"), D("-10.00")), ("only_ours", D("0.00"), D("-20.00"))]


def test_what_we_book_after_the_file_was_taken_is_no_difference_for_ever(
    coach: Tickets, ticket: Ticket
) -> None:
    # given: issued before midnight, as the supplier says; its answer came to us after the file was taken
    coach.supplier.lines = [line(ticket)]
    statements.take_due()
    statement = SupplierStatement.objects.get(day=yesterday())
    assert matches(statement) == [(ticket.their_number, "only_theirs")]
    FeeLine.objects.create(ticket=ticket, side="supplier", item="face", amount=D("38.00"), reference="x")

    # when the job asks again, and the file is the same
    with frozen(now() + statements.AGAIN + timedelta(minutes=1)):
        statements.take_due()

    # then
    statement.refresh_from_db()
    assert (matches(statement), statement.differences) == ([(ticket.their_number, "same")], 0)


def test_what_was_explained_stays_while_nothing_else_is_known(coach: Tickets, ticket: Ticket) -> None:
    # given a difference with a word, in a file that comes again
    first = statements.take_in(coach.account, yesterday(), [line(ticket, "37.00")])
    kept = first.lines.get()
    statements.note(coach.people["accountant"], first.pk, {kept.pk: "补记"})

    # when
    again = statements.take_in(coach.account, yesterday(), [line(ticket, "37.00")])

    # then the very same line
    assert (again.differences, again.lines.get().pk, again.lines.get().settled_note) == (0, kept.pk, "补记")


def test_the_page_tells_what_is_to_be_decided_first(coach: Tickets, ticket: Ticket, accountant: Any) -> None:
    # given: a ticket that was sold and went back, both with a wrong amount, and more differences than a page has
    booked(ticket, "38.00", "x", item="face")
    booked(ticket, "-38.00", "R1")
    lines = [line(ticket, "37.00"), back(ticket, "-36.00")]
    lines += [statements.Line(CallKind.ISSUE, f"L{at}", f"T{at}", D("1.00")) for at in range(120)]
    statement = statements.take_in(coach.account, yesterday(), lines)
    client = browser(accountant)

    # when
    seen = client.get(reverse("admin:o2o_ticketing_supplierstatement_change", args=[statement.pk]))
    noting = client.get(reverse("admin:o2o_ticketing_supplierstatement_notes", args=[statement.pk]))

    # then
    text = text_of(seen)
    assert "差异（122 笔，列出 100 笔）" in text
    assert text.index("核对业务供应商金额我方金额差额处理说明") < text.index("供应商票号供应商单号")
    assert "金额不符出票¥37.00¥38.00-¥1.00" in text and "金额不符退票-¥36.00-¥38.00¥2.00" in text
    labels = [str(one.label) for one in noting.context_data["form"]]  # type: ignore[attr-defined]
    assert labels[:2] == [f"金额不符 · {kind} {ticket.their_number}" for kind in ("出票", "退票")]


def test_a_file_that_sums_up_to_more_than_can_be_kept_is_told(coach: Tickets, accountant: Any) -> None:
    # given a column of numbers that are no amounts
    rows = [("出票", f"L{at}", f"T{at}", 10**9) for at in range(1001)]

    # when
    sent = {"supplier": coach.account.pk, "day": yesterday().isoformat(), "file": book(*rows)}
    answer = browser(accountant).post(page("upload"), sent)

    # then
    assert (answer.status_code, "金额太大" in text_of(answer)) == (200, True)
    assert not SupplierStatement.objects.exists()


def test_who_closes_a_statement_closes_what_he_saw(coach: Tickets, ticket: Ticket, accountant: Any) -> None:
    # given: it agrees, and an accountant looks at it
    booked(ticket, "38.00", "x", item="face")
    statement = statements.take_in(coach.account, yesterday(), [line(ticket)])
    address = reverse("admin:o2o_ticketing_supplierstatement_settle", args=[statement.pk])
    client = browser(accountant)
    seen = client.get(address).context_data["form"].initial["seen"]

    # when another file of the day comes meanwhile, which agrees, too, with what was booked meanwhile
    booked(ticket, "2.00", "y", item="difference")
    statements.take_in(coach.account, yesterday(), [line(ticket), line(ticket, "2.00", CallKind.CHANGE)])
    answer = client.post(address, {"do": "1", "seen": seen})

    # then he looks at the other sum first
    statement.refresh_from_db()
    assert (statement.differences, statement.settled_at) == (0, None)
    assert "对账单刚刚有更新" in text_of(answer) and "¥40.00" in text_of(answer)

    # when
    client.post(address, {"do": "1", "seen": answer.context_data["form"]["seen"].value()})

    # then
    statement.refresh_from_db()
    assert statement.settled_at is not None
