"""A corrected file is taken, by the job, by a person who asks, or from a file that came by mail."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import Workbook
from saleor.account.models import User

from plugins.ticketing.kernel.models import SupplierStatement
from plugins.ticketing.kernel.ports import SupplierRefused, SupplierSilent
from plugins.ticketing.kernel.services import statements
from plugins.ticketing.kernel.services.statement_files import fetch_again
from saleor_o2o.kernel.clock import frozen, midnight, now, today
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import NotAllowed
from tests.orgs import again

from ..posts import holder
from .conftest import Tickets
from .test_statements import line, matches, sold

__all__ = ["sold"]
D = Decimal
HEADINGS = ("业务", "供应商单号", "供应商票号", "金额")


@pytest.fixture(autouse=True)
def _morning() -> Iterator[None]:
    """Half a day later is the same day."""
    with frozen(midnight(today()) + timedelta(hours=9)):
        yield


@pytest.fixture
def accountant(coach: Tickets) -> User:
    return holder(coach.org["CQ"], "city-accountant")


def yesterday() -> date:
    return today() - timedelta(days=1)


def page(name: str) -> str:
    return reverse(f"admin:o2o_ticketing_supplierstatement_{name}")


def browser(user: User) -> Client:
    client = Client()
    client.force_login(again(user), backend="django.contrib.auth.backends.ModelBackend")
    return client


def book(*rows: tuple[Any, ...], headings: tuple[str, ...] = HEADINGS) -> SimpleUploadedFile:
    made, file = Workbook(), io.BytesIO()
    for row in (headings, *rows):
        made.active.append(row)
    made.save(file)
    return SimpleUploadedFile("账单.xlsx", file.getvalue())


def test_the_job_takes_a_corrected_file_and_keeps_what_was_explained(coach: Tickets, sold: list[Any]) -> None:
    # given a file that says too little of one and misses another, with a word about the first
    first, second, third = sold
    coach.supplier.lines = [line(first, "37.00"), line(second)]
    assert statements.take_due() == statements.BEHIND
    statement = SupplierStatement.objects.get(day=yesterday())
    assert statement.differences == 2
    statements.note(
        coach.people["accountant"], statement.pk, {statement.lines.get(match="amount").pk: "下期更正"}
    )
    # when the supplier corrects it within the hour, nobody asks yet; half a day later it is asked
    coach.supplier.lines = [line(first, "37.00"), line(second), line(third)]
    assert statements.take_due() == 0
    with frozen(now() + statements.AGAIN + timedelta(minutes=1)):
        assert statements.take_due() >= 1
    # then
    statement = SupplierStatement.objects.get(pk=statement.pk)
    assert matches(statement) == [
        (first.their_number, "amount"), (second.their_number, "same"), (third.their_number, "same"),
    ]  # fmt: skip
    assert (statement.differences, statement.lines.get(match="amount").settled_note) == (0, "下期更正")
    # and an empty answer takes nothing away
    coach.supplier.lines = []
    with frozen(now() + 3 * statements.AGAIN):
        statements.take_due()
    assert SupplierStatement.objects.get(pk=statement.pk).lines_count == 3


def test_what_a_file_does_not_have_any_more_is_a_difference_again(coach: Tickets, sold: list[Any]) -> None:
    # given ours of yesterday, theirs of today
    first = statements.take_in(coach.account, yesterday(), [line(sold[0]), line(sold[1])])
    statements.take_in(coach.account, today(), [line(sold[2])])
    first.refresh_from_db()
    assert first.differences == 0
    # when today's is corrected
    statements.take_in(coach.account, today(), [])
    # then
    first.refresh_from_db()
    assert first.differences == 1


def test_a_person_asks_for_a_day_that_was_missed(coach: Tickets, accountant: User) -> None:
    # given a day that the job does not ask for any more
    day = today() - timedelta(days=40)
    coach.supplier.lines = []
    client = browser(accountant)
    assert client.get(page("fetch")).status_code == 200
    # when
    done = client.post(page("fetch"), {"supplier": coach.account.pk, "day": day.isoformat()})
    # then
    statement = SupplierStatement.objects.get(day=day)
    assert done["Location"] == reverse("admin:o2o_ticketing_supplierstatement_change", args=[statement.pk])
    # when it is settled and the supplier says something else
    statements.settle(accountant, statement.pk)
    coach.supplier.lines = [statements.Line("issue", "L9", "T9", D("20.00"))]  # type: ignore[arg-type]
    answer = client.post(page("fetch"), {"supplier": coach.account.pk, "day": day.isoformat()})
    assert "已核销" in answer.content.decode()

    # or says nothing
    def silent(_day: date) -> Any:
        raise SupplierSilent("down")

    coach.supplier.statement = silent  # type: ignore[method-assign]
    answer = client.post(page("fetch"), {"supplier": coach.account.pk, "day": yesterday().isoformat()})
    assert "供应商没有给出这一天的账单" in answer.content.decode()

    # or says why not: its words are told, its code is nothing for people
    def early(_day: date) -> Any:
        raise SupplierRefused("NOT_READY", "次日 6 点后提供")

    coach.supplier.statement = early  # type: ignore[method-assign]
    answer = client.post(page("fetch"), {"supplier": coach.account.pk, "day": yesterday().isoformat()})
    said = answer.content.decode()
    assert "次日 6 点后提供。请稍后再取，或导入供应商邮件给的文件" in said and "NOT_READY" not in said
    assert SupplierStatement.objects.count() == 1


def test_a_file_by_mail_is_taken_and_not_overwritten_by_the_job(
    coach: Tickets, sold: list[Any], accountant: User
) -> None:
    # given
    client = browser(accountant)
    rows = [("出票", "L1", one.their_number, 38) for one in sold[:2]]
    told = {"supplier": coach.account.pk, "day": yesterday().isoformat()}
    # when
    file = book(*rows, ("退票", "L1", sold[2].their_number, -0.1 - 0.2))
    assert client.post(page("upload"), {**told, "file": file}).status_code == 302
    # then
    statement = SupplierStatement.objects.get()
    assert (statement.by_hand, statement.lines_count, statement.total) == (True, 3, D("75.70"))
    assert [match for _ticket, match in matches(statement)] == ["same", "same", "only_theirs", "only_ours"]
    # when the supplier's interface says something else
    coach.supplier.lines = [line(sold[0])]
    with frozen(now() + 2 * statements.AGAIN):
        statements.take_due()
    # then what was brought stays, until somebody asks
    statement.refresh_from_db()
    assert statement.lines_count == 3
    assert fetch_again(accountant, coach.account.pk, yesterday()).lines_count == 1


def test_a_file_may_name_the_leg_of_a_line(coach: Tickets, sold: list[Any], accountant: User) -> None:
    # given: tickets of a single trip; a supplier calls their only coupon the first one, or does not say
    told = {"supplier": coach.account.pk, "day": yesterday().isoformat()}
    legs = ("1", "", 2)
    rows = [("出票", "L1", one.their_number, 38, leg) for one, leg in zip(sold, legs, strict=True)]

    # when
    client = browser(accountant)
    assert (
        client.post(page("upload"), {**told, "file": book(*rows, headings=(*HEADINGS, "航段"))}).status_code
        == 302
    )

    # then: a second coupon there is none
    assert matches(SupplierStatement.objects.get()) == [
        (sold[0].their_number, "same"), (sold[1].their_number, "same"), (sold[2].their_number, "only_theirs"),
        (sold[2].their_number, "only_ours"),
    ]  # fmt: skip
    for bad in ("17", "-1", "一", "1.5"):
        file = book((*rows[0][:4], bad), headings=(*HEADINGS, "航段"))
        answer = client.post(page("upload"), {**told, "file": file})
        assert "第 2 行：航段须是 1 至 16 的数字" in answer.content.decode()


def test_whoever_brings_in_what_the_job_had_taken_has_the_last_word(
    coach: Tickets, sold: list[Any], accountant: User
) -> None:
    # given what the interface said, and the same by mail
    coach.supplier.lines = [line(one) for one in sold]
    statements.take_due()
    rows = [("出票", "L1", one.their_number, 38) for one in sold]
    told = {"supplier": coach.account.pk, "day": yesterday().isoformat(), "file": book(*rows)}
    before = SupplierStatement.objects.get(day=yesterday())
    # when
    assert browser(accountant).post(page("upload"), told).status_code == 302
    # then it is the person's, its lines are the same ones, and the job asks no more
    after = SupplierStatement.objects.get(day=yesterday())
    assert (before.by_hand, after.by_hand) == (False, True)
    assert set(before.lines.all()) == set(after.lines.all())
    coach.supplier.lines = [line(sold[0])]
    with frozen(now() + 2 * statements.AGAIN):
        statements.take_due()
    assert SupplierStatement.objects.get(day=yesterday()).lines_count == 3
    # when somebody asks the interface, and it says what the file said
    coach.supplier.lines = [line(one) for one in sold]
    assert fetch_again(accountant, coach.account.pk, yesterday()).by_hand is False


@pytest.mark.parametrize("count", [1, 3])
def test_the_days_around_take_five_statements_for_any_number_of_lines(
    coach: Tickets, sold: list[Any], count: int
) -> None:
    # given ours of yesterday, which is in today's file, and what an old statement says in the same words
    first = statements.take_in(coach.account, yesterday(), [])
    old = statements.take_in(coach.account, today() - timedelta(days=20), [line(sold[0])])
    words = f"已列在 {today()} 的账单"
    old.lines.update(match="only_ours", settled_note=words)
    with CaptureQueriesContext(connection) as seen:
        today_ = statements.take_in(coach.account, today(), [line(one) for one in sold[:count]])
    first.refresh_from_db()
    assert first.differences == 3 - count
    # when another one of today does not have them; and once more with the next one
    with CaptureQueriesContext(connection) as again_:
        statements.take_in(coach.account, today(), [])
    # then
    first.refresh_from_db()
    assert (first.differences, today_.pk) == (3, SupplierStatement.objects.latest("day").pk)
    assert old.lines.get().settled_note == words
    for captured in (seen, again_):
        around = [one["sql"] for one in captured if words in one["sql"] or 'SET "differences"' in one["sql"]]
        assert len(around) <= 4, around


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([("卖票", "L1", "T1", 38)], "第 2 行：业务须是"),
        ([("出票", "L1", "T1", 38), ("出票", "", "T1", 38)], "第 3 行：没有供应商单号"),
        ([("出票", "L1", "T1", "三十八")], "第 2 行：金额不是数字"),
        ([("出票", "L1", "T1", "NaN")], "第 2 行：金额不是数字"),
        ([("出票", "L1", "T1", 38.005)], "多于两位小数"),
        ([("退票", "L1", "T1", 38)], "退票金额须是负数"),
        ([("出票", "L1", "T1", "=1+1")], "是公式"),
        ([], "文件里没有数据"),
    ],
)
def test_a_bad_line_takes_nothing(
    coach: Tickets, accountant: User, rows: list[tuple[Any, ...]], words: str
) -> None:
    told = {"supplier": coach.account.pk, "day": yesterday().isoformat(), "file": book(*rows)}
    answer = browser(accountant).post(page("upload"), told)
    assert (answer.status_code, words in answer.content.decode()) == (200, True)
    assert not SupplierStatement.objects.exists()


@pytest.mark.parametrize(
    "told",
    [
        {"day": "昨天"}, {"day": "1899-01-01"}, {"day": "2999-01-01"}, {"supplier": "x"}, {"supplier": "0"},
        {"file": SimpleUploadedFile("a.xlsx", b"\x00\x01")}, {"file": book(headings=("甲", "乙"))},
    ],
)  # fmt: skip
def test_rubbish_is_told(coach: Tickets, accountant: User, told: dict[str, Any]) -> None:
    good = {
        "supplier": coach.account.pk,
        "day": yesterday().isoformat(),
        "file": book(("出票", "L1", "T1", 1)),
    }
    assert browser(accountant).post(page("upload"), {**good, **told}).status_code == 200
    assert not SupplierStatement.objects.exists()


def test_who_may_not_bring_a_file(coach: Tickets) -> None:
    for who in ("seller", "auditor"):
        client = browser(coach.people[who])
        assert [client.get(page(name)).status_code for name in ("fetch", "upload")] == [403, 403]
        with pytest.raises((NotAllowed, DomainError)):
            fetch_again(coach.people[who], coach.account.pk, yesterday())
    assert not SupplierStatement.objects.exists()
