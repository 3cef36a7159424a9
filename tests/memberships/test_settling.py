"""Settlement sheets: exact, once, never edited; what is late or wrong is on the next one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from io import BytesIO
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from plugins.members.models import Member
from plugins.memberships.choices import Origin
from plugins.memberships.models import (
    Membership,
    Plan,
    PlanBenefit,
    SettlementCorrection,
    SettlementItem,
    SettlementSheet,
)
from plugins.memberships.services import settling
from plugins.memberships.services.redeeming import return_use, write_use
from plugins.memberships.services.settling import answer, confirm, make_monthly, make_sheets, object_to, pay
from plugins.memberships.services.terms import extend
from plugins.memberships.todo import todo
from saleor_o2o.kernel.clock import frozen, today
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope
from saleor_o2o.ordering.models import Seller
from tests.after_sale.conftest import Shop
from tests.orgs import again, person
from tests.threads import kinds, meeting_before_save, together

from .acts import refused
from .test_terms import at

D = Decimal
BRANCH = [f"benefit_settlement.{one}" for one in ("view", "confirm")]
ACCOUNT = [f"benefit_settlement.{one}" for one in ("view", "make", "answer", "pay", "export")]
NOVEMBER = (date(2026, 11, 1), date(2026, 11, 30))
Rendered = Callable[..., Any]


@pytest.fixture
def benefits(plans: dict[str, Plan]) -> dict[str, PlanBenefit]:
    """A wash at 12.50, paid to the branch; towing at 80.00, paid to a garage."""
    garage = Seller.objects.create(code="garage", name="江北汽修")
    told = (("wash", "洗车券", "12.50", None), ("tow", "道路救援", "80.00", garage))
    return {
        code: PlanBenefit.objects.create(
            plan=plans["year"], kind="right", code=code, name=name, settlement=D(price), seller=seller,
            valid_from=at("2026-01-01"),
        )
        for code, name, price, seller in told
    }  # fmt: skip


@pytest.fixture
def rendered(
    shop: Shop, member: Member, plans: dict[str, Plan], benefits: dict[str, PlanBenefit]
) -> Rendered:
    """Write a use of a benefit at a unit on a day."""
    membership = extend(member, plans["year"], origin=Origin.GIVEN, unit_id=shop.org["CQ"].pk).membership

    def write(code: str, unit: str, day: str) -> Any:
        with frozen(at(day)), transaction.atomic():
            benefit = benefits[code]
            row = Membership.objects.select_related("plan", "member").get(pk=membership.pk)
            return write_use(
                row, benefit, key=f"{code}-{unit}-{datetime.now().timestamp()}", unit_id=shop.org[unit].pk,
                cost=benefit.settlement, settlement=benefit.settlement,
            )  # fmt: skip

    return write


def back(use: Any, day: str) -> None:
    """A use is taken back on a day."""
    with frozen(at(day)), transaction.atomic():
        return_use(use, actor="system", reason="办错")


def lines(sheet: SettlementSheet) -> list[tuple[str, int, Decimal, bool]]:
    return list(sheet.lines.order_by("pk").values_list("kind", "count", "amount", "earlier"))


def test_a_month_is_a_sheet_for_each_payee(shop: Shop, rendered: Rendered) -> None:
    # given: two washes and a towing at a branch, a towing of the same garage in another county; one wash in December
    for code, unit, day in (
        ("wash", "B111", "2026-11-03"), ("wash", "B111", "2026-11-29"), ("tow", "B111", "2026-11-05"),
        ("tow", "B121", "2026-11-30"), ("wash", "B111", "2026-12-01"),
    ):  # fmt: skip
        rendered(code, unit, day)

    # when: the job, on the first and again on the second
    with frozen(at("2026-12-01")):
        assert make_monthly() == 2
    with frozen(at("2026-12-02")):
        assert make_monthly() == 0

    # then: the garage's is of the lowest unit above both counties; December waits
    branch, garage = SettlementSheet.objects.order_by("amount")
    assert (branch.payee, branch.unit.code, branch.amount, branch.uses) == (
        "甲县一支局",
        "B111",
        D("25.00"),
        2,
    )
    assert (garage.payee, garage.unit.code, garage.amount, garage.uses) == ("江北汽修", "A1", D("160.00"), 2)
    assert {(one.first, one.last) for one in (branch, garage)} == {NOVEMBER}
    assert (SettlementItem.objects.count(), lines(branch)) == (4, [("used", 2, D("25.00"), False)])


def test_what_is_taken_back_late_is_on_the_next(shop: Shop, rendered: Rendered) -> None:
    # given
    late = rendered("wash", "B111", "2026-11-03")
    with frozen(at("2026-12-01")):
        make_monthly()
    back(late, "2026-12-05")

    # when: nothing but that in December, then two washes in January
    with frozen(at("2027-01-01")):
        assert make_monthly() == 0
    for day in ("2027-01-07", "2027-01-08"):
        rendered("wash", "B111", day)
    with frozen(at("2027-02-01")):
        make_monthly()

    # then: the first stays as it was read; the second is less it
    old, new = SettlementSheet.objects.order_by("pk")
    assert (old.amount, new.amount, new.uses) == (D("12.50"), D("12.50"), 1)
    assert lines(new) == [("returned", 1, D("-12.50"), True), ("used", 2, D("25.00"), False)]


def test_an_objection_is_answered_and_corrected_by_the_next(shop: Shop, rendered: Rendered) -> None:
    # given
    manager = person(shop.org["B111"], "manager", BRANCH)
    accountant = person(shop.org["CQ"], "accountant", ACCOUNT, scope="all")
    rendered("wash", "B111", "2026-11-03")
    with frozen(at("2026-12-01")):
        make_monthly()
        sheet = SettlementSheet.objects.get()
        assert [one.title for one in todo(manager)] == ["确认权益结算单：甲县一支局"]

        # when: one wash too few, says the branch; the accountant looks, and is right
        assert refused(partial(object_to, manager, sheet.pk, "少")) == "REQUIRED"
        object_to(manager, sheet.pk, "11 月 9 日少计一次洗车")
        assert [one.title for one in todo(accountant)] == ["答复结算单异议：甲县一支局"]
        assert refused(partial(confirm, manager, sheet.pk)) == "ILLEGAL_MOVE"
        assert refused(partial(answer, accountant, sheet.pk, D("12.505"), "核对属实")) == "INVALID"
        answer(accountant, sheet.pk, D("12.50"), "核对属实，补计一次")
        confirm(again(manager), sheet.pk)
        confirm(again(manager), sheet.pk)
        assert refused(partial(pay, accountant, sheet.pk, "回单20261201", date(2026, 12, 2))) == "INVALID"
        for _twice in range(2):
            pay(again(accountant), sheet.pk, "回单20261201", date(2026, 12, 1))
        assert (
            refused(partial(pay, again(accountant), sheet.pk, "另一张回单", date(2026, 12, 1)))
            == "ILLEGAL_MOVE"
        )

    # then: the sum is what it was; the correction is on the next sheet, once
    with frozen(at("2027-01-01")):
        assert (make_monthly(), make_monthly()) == (1, 0)
    old, new = SettlementSheet.objects.order_by("pk")
    assert (old.state, old.amount, new.amount) == ("paid", D("12.50"), D("12.50"))
    assert (lines(new), SettlementCorrection.objects.get().line.sheet) == (
        [("correction", 1, D("12.50"), False)],
        new,
    )


def test_a_sheet_is_never_changed(shop: Shop, rendered: Rendered) -> None:
    rendered("wash", "B111", "2026-11-03")
    with frozen(at("2026-12-01")):
        make_monthly()
    sheet = SettlementSheet.objects.get()
    for change in (
        partial(SettlementSheet.objects.update, amount=1),
        partial(SettlementSheet.objects.update, last=date(2026, 12, 1)),
        partial(sheet.lines.update, count=2),
        partial(SettlementItem.objects.all().delete),
        partial(sheet.lines.create, kind="used", unit=sheet.unit, price=1, count=1, amount=1),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_who_may(shop: Shop, rendered: Rendered) -> None:
    # given: a wash of one branch, a towing of the garage
    rendered("wash", "B111", "2026-11-03")
    rendered("tow", "B111", "2026-11-03")
    with frozen(at("2026-12-01")):
        make_monthly()
    wash, tow = SettlementSheet.objects.order_by("amount")
    both = person(shop.org["CQ"], "both", [*BRANCH, *ACCOUNT], scope="all")
    manager, far = person(shop.org["B111"], "manager", BRANCH), person(shop.org["B211"], "far", BRANCH)

    # then
    for by in (shop.shopper, person(shop.org["B111"], "looker", BRANCH[:1]), manager):
        with pytest.raises(NotAllowed):
            make_sheets(by, *NOVEMBER)
    with pytest.raises(OutOfScope):
        confirm(far, wash.pk)
    with pytest.raises(NotAllowed):
        answer(manager, wash.pk, D(0), "自己答复")
    assert refused(partial(confirm, manager, tow.pk)) == "REQUIRED"
    object_to(both, tow.pk, "拖车少计一次")
    assert refused(partial(answer, both, tow.pk, D(0), "自己答复")) == "SAME_PERSON"
    confirm(both, wash.pk)
    assert refused(partial(pay, again(both), wash.pk, "回单1001", date(2026, 11, 29))) == "SAME_PERSON"
    assert {(one.state, one.reference) for one in SettlementSheet.objects.all()} == {
        ("confirmed", ""),
        ("objected", ""),
    }


def _race(shop: Shop, rendered: Rendered) -> list[Any]:
    """Two accountants make the same month's sheets at once."""
    rendered("wash", "B111", "2026-09-03")
    people = [person(shop.org["CQ"], f"accountant{place}", ACCOUNT, scope="all") for place in range(2)]
    return together(*(partial(make_sheets, by, date(2026, 9, 1), date(2026, 9, 30)) for by in people))


def test_made_twice_at_once_is_one(shop: Shop, rendered: Rendered) -> None:
    results = _race(shop, rendered)
    assert sorted(len(one) for one in results) == [0, 1], results
    assert SettlementSheet.objects.count() == 1


def test_without_the_lock_one_would_fail(
    shop: Shop, rendered: Rendered, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: both have read what is open before either writes
    monkeypatch.setattr(settling, "lock_payee", lambda *_payee: None)

    # when
    with meeting_before_save(SettlementSheet, 2):
        results = _race(shop, rendered)

    # then: only the unique key of what is on sheets keeps it from being owed twice
    assert (kinds(results), SettlementSheet.objects.count()) == (["IntegrityError", "list"], 1), results


def test_statements_do_not_grow_with_uses(shop: Shop, rendered: Rendered) -> None:
    counts = []
    for month, uses in ((9, 1), (10, 6)):
        for day in range(1, uses + 1):
            rendered("wash", "B111", f"2026-{month:02d}-{day:02d}")
        with frozen(at(f"2026-{month + 1:02d}-01")), CaptureQueriesContext(connection) as told:
            assert make_monthly() == 1
        counts.append(len(told))
    assert counts[0] == counts[1], counts


def test_pages_from_the_form_to_the_workbook(shop: Shop, rendered: Rendered) -> None:
    # given
    rendered("wash", "B111", "2026-09-03")
    rendered("tow", "B111", "2026-09-03")
    manager = person(shop.org["B111"], "manager", BRANCH)
    accountant = person(shop.org["CQ"], "accountant", ACCOUNT, scope="all")
    books, desk = Client(), Client()
    books.force_login(accountant)
    desk.force_login(manager)

    def page(name: str, *args: Any) -> str:
        return reverse(f"admin:o2o_memberships_settlementsheet_{name}", args=args)

    # when: a wrong day keeps the form; then made, objected, answered, confirmed, paid
    kept = books.post(page("make"), {"first": "2026-09-01", "last": "2999-01-01", "do": "1"}).content.decode()
    assert "截止日须在今天之前" in kept and 'value="2026-09-01"' in kept
    said = books.post(page("make"), {"first": "2026-09-01", "last": "2026-09-30", "do": "1"}, follow=True)
    assert "已开 2 张，共 ¥92.50" in said.content.decode()
    wash, tow = SettlementSheet.objects.order_by("amount")
    for client, name, told in (
        (desk, "dispute", {"reason": "少计一次洗车"}),
        (books, "answer", {"amount": "-2.50", "reason": "其中一次价格有误"}), (desk, "confirm", {"note": ""}),
        (books, "pay", {"reference": "回单0001", "paid_on": str(today())}),
    ):  # fmt: skip
        assert client.post(page(name, wash.pk), {**told, "do": "1"}).status_code == 302, name
    assert desk.get(page("pay", tow.pk)).status_code == desk.get(page("book", tow.pk)).status_code == 403

    # then
    wash = SettlementSheet.objects.get(pk=wash.pk)
    assert (wash.state, wash.reference) == ("paid", "回单0001")
    shown = books.get(page("change", wash.pk)).content.decode()
    assert "其中一次价格有误" in shown and "下一张" in shown and "-¥2.50" in shown
    assert "江北汽修" in books.get(page("changelist")).content.decode()
    book = load_workbook(BytesIO(b"".join(books.get(page("book", tow.pk)).streaming_content)))
    assert book.sheetnames == ["结算单", "明细", "逐笔"]
    assert [row[5] for row in book["明细"].iter_rows(min_row=3, values_only=True)] == [80, 80]
