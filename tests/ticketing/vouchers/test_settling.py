"""Settlement T+N: each row on one sheet, late ones on the next, two persons, and nobody else's sheets."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from saleor.account.models import User

from plugins.ticketing.admission.models import (
    EntryRule,
    Redemption,
    SettlementItem,
    SettlementSheet,
    SettlementTerm,
)
from plugins.ticketing.admission.services.catalogue import add_class, make_product
from plugins.ticketing.admission.vouchers.errors import VoucherError
from plugins.ticketing.admission.vouchers.services.expiring import expire_due
from plugins.ticketing.admission.vouchers.services.settling import (
    confirm,
    make_sheets,
    mark_paid,
    period_of,
    set_term,
)
from plugins.ticketing.kernel.models import SupplierAccount
from saleor_o2o.kernel.clock import SHANGHAI, frozen, midnight, now, today
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope
from tests.orgs import person
from tests.threads import together

from .conftest import World, scan
from .test_redeeming import qr

D = Decimal
SHEETS = "admin:o2o_admission_settlementsheet_"
#: A Wednesday in the middle of a month, long ago.
DAY = date(2025, 6, 11)
RIGHTS = ["voucher.view", "voucher.report", "voucher.export", "voucher.settle"]


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), tzinfo=SHANGHAI)


def visit(world: World, day: date, people: int = 1) -> None:
    """Somebody who comes on a day."""
    with frozen(noon(day)):
        voucher = world.voucher(
            world.family, 3, starts_at=midnight(day), ends_at=midnight(day + timedelta(days=1))
        )
        assert scan(world.at(world.east), qr(voucher), people=people).answer == "passed"


@pytest.fixture
def finance(world: World) -> User:
    return person(world.org["C11"], "finance", RIGHTS)


@pytest.fixture
def second(world: World) -> User:
    return person(world.org["C11"], "second", RIGHTS)


def term(by: User, world: World, **told: Any) -> SettlementTerm:
    named = {"cycle": "day", "days": 3, "reason": "合同 7 号", "spot": world.spot} | told
    return set_term(by, world.org["C11"], **named)


def figures() -> list[tuple[Any, ...]]:
    rows = SettlementSheet.objects.order_by("pk")
    return list(rows.values_list("first", "last", "due_on", "quantity", "cost", "adjusted", "revenue"))


@pytest.mark.parametrize(
    ("cycle", "first", "last"),
    [
        ("day", DAY, DAY),
        ("week", date(2025, 6, 9), date(2025, 6, 15)),
        ("month", date(2025, 6, 1), date(2025, 6, 30)),
    ],
)
def test_periods(cycle: str, first: date, last: date) -> None:
    # when, then
    assert period_of(cycle, DAY) == (first, last)
    assert period_of("month", date(2024, 2, 29)) == (date(2024, 2, 1), date(2024, 2, 29))
    assert period_of("month", date(2025, 12, 31))[1] == date(2025, 12, 31)


def test_each_row_is_on_one_sheet_and_a_late_one_on_the_next(world: World, finance: User) -> None:
    # given: T+3 by the day; who bought for the first day came with two of three, the third never did
    EntryRule.objects.create(product=world.product, unused="settle", reason="合同")
    term(finance, world)
    visit(world, DAY, people=2)

    # when
    early = make_sheets(DAY + timedelta(days=2))
    made = make_sheets(DAY + timedelta(days=3)), make_sheets(DAY + timedelta(days=3))
    with frozen(noon(DAY + timedelta(days=4))):
        expire_due()  # it belongs to the first day's end, and its sheet is made
    visit(world, DAY + timedelta(days=5), people=1)
    later = make_sheets(DAY + timedelta(days=30))

    # then: all rows are on sheets, each once, and the sums are theirs
    assert (early, made, later) == (0, (1, 0), 2)
    after, end = DAY + timedelta(days=1), DAY + timedelta(days=5)
    assert figures() == [
        (DAY, DAY, DAY + timedelta(days=3), 2, D("66.66"), D("0.00"), D("83.33")),
        (after, after, DAY + timedelta(days=4), 1, D("33.34"), D("0.00"), D("41.67")),
        (end, end, DAY + timedelta(days=8), 1, D("33.33"), D("0.00"), D("41.66")),
    ]  # fmt: skip
    assert SettlementItem.objects.count() == Redemption.objects.count() == 3


def test_what_is_known_later_is_an_adjustment(world: World, finance: User) -> None:
    # given: a month whose sheet is made, with a visit of two; a gate tells of another one of that month afterwards
    term(finance, world, cycle="month", days=10)
    visit(world, DAY, people=2)
    assert make_sheets(date(2025, 7, 10)) == 1
    visit(world, DAY, people=1)
    visit(world, date(2025, 7, 3), people=3)

    # when
    made = make_sheets(date(2025, 8, 9)), make_sheets(date(2025, 8, 10))

    # then
    assert made == (0, 1)
    assert figures()[1] == (
        date(2025, 7, 1), date(2025, 7, 31), date(2025, 8, 10), 4, D("133.33"), D("33.33"), D("166.66"),
    )  # fmt: skip


def test_one_confirms_and_another_one_pays(world: World, finance: User, second: User) -> None:
    # given
    term(finance, world)
    visit(world, DAY)
    make_sheets(DAY + timedelta(days=9))
    sheet = SettlementSheet.objects.get()

    # when
    with pytest.raises(VoucherError) as too_soon:
        mark_paid(second, sheet.pk, today(), "YH1")
    confirm(finance, sheet.pk)
    refused = []
    for by, day, reference in (
        (finance, today(), "YH1"), (second, today() + timedelta(days=1), "YH1"), (second, today(), " "),
        (second, sheet.last, "YH1"),
    ):  # fmt: skip
        with pytest.raises(VoucherError) as error:
            mark_paid(by, sheet.pk, day, reference)
        refused.append(error.value.code)
    mark_paid(second, sheet.pk, today(), "YH1")
    with pytest.raises(VoucherError) as twice:
        confirm(finance, sheet.pk)

    # then
    done = SettlementSheet.objects.get()
    assert (too_soon.value.code, refused, twice.value.code) == (
        "STATE",
        ["SAME_PERSON", "INVALID", "REQUIRED", "INVALID"],
        "STATE",
    )
    assert (done.state, done.confirmed_by, done.paid_by, done.reference) == ("paid", finance, second, "YH1")


def test_terms_are_of_one_payee_and_of_one_unit(world: World, finance: User) -> None:
    # given
    own = world.supplier
    agency = SupplierAccount.objects.create(
        code="agency", name="分销商", trade="scenic", adapter="distributor"
    )
    first = term(finance, world)

    # when: refused
    codes = []
    for told in (
        {"supplier": agency}, {"spot": None}, {"spot": None, "supplier": own}, {"days": -1}, {"days": 181},
        {"cycle": "year"}, {"reason": " "},
    ):  # fmt: skip
        with pytest.raises(VoucherError) as error:
            term(finance, world, **told)
        codes.append(error.value.code)
    other = person(world.org["C21"], "other", RIGHTS)
    with pytest.raises(VoucherError) as theirs:
        set_term(other, world.org["C21"], cycle="day", days=1, reason="合同", spot=world.spot)
    with pytest.raises(NotAllowed):
        term(person(world.org["C11"], "nosy", RIGHTS[:3]), world, spot=world.far.spot)

    # then: another word for the same payee is the same term
    assert codes == ["INVALID", "INVALID", "INVALID", "INVALID", "INVALID", "INVALID", "REQUIRED"]
    assert theirs.value.code == "ALREADY"
    with frozen(now() + timedelta(days=2)):
        again = term(finance, world, days=7)
        assert (again.pk, again.days, again.made_at) == (first.pk, 7, now())
    with pytest.raises(IntegrityError), transaction.atomic():
        SettlementTerm.objects.filter(pk=first.pk).update(supplier=agency)


def test_places_of_a_combined_ticket_have_what_was_visited_there(world: World, finance: User) -> None:
    # given: a ticket for both places of two units, sold by the city; the second one is visited
    dazu = world.far.spot
    assert dazu is not None
    combo = make_product(
        None,
        world.org["CQ"],
        code="combo",
        kind="combo",
        name="联票",
        spots=[world.spot, dazu],
        spot=world.spot,
    )
    kind = add_class(None, combo, code="adult", name="成人", price=D("140.00"), settlement_price=D("126.00"))
    term(finance, world)
    set_term(
        person(world.org["C21"], "dazu", RIGHTS),
        world.org["C21"],
        cycle="day",
        days=0,
        reason="合同",
        spot=dazu,
    )
    with frozen(noon(DAY)):
        voucher = world.voucher(kind, starts_at=midnight(DAY), ends_at=midnight(DAY + timedelta(days=1)))
        scan(world.at(world.far), qr(voucher))

    # when
    make_sheets(DAY + timedelta(days=1))

    # then
    [sheet] = SettlementSheet.objects.all()
    assert (sheet.term.spot, sheet.cost, sheet.revenue) == (dazu, D("63.00"), D("70.00"))


@pytest.mark.django_db(transaction=True)
def test_two_workers_make_one_sheet(world: World, finance: User) -> None:
    # given
    term(finance, world)
    visit(world, DAY, people=3)

    # when
    made = together(*[lambda: make_sheets(DAY + timedelta(days=9))] * 4)

    # then
    assert sum(one for one in made if isinstance(one, int)) == 1
    assert figures()[0][3:5] == (3, D("100.00")) and SettlementSheet.objects.count() == 1


def test_the_pages(world: World, finance: User, second: User) -> None:
    # given
    client, other = Client(), Client()
    client.force_login(finance)
    other.force_login(second)
    begin = reverse("admin:o2o_admission_settlementterm_begin")
    told = {"do": "1", "payee": f"spot-{world.spot.pk}", "cycle": "day", "days": "3", "reason": "合同 7 号"}
    assert (
        client.post(begin, {**told, "days": "x"}).status_code == 200 and not SettlementTerm.objects.exists()
    )
    assert client.post(begin, {**told, "payee": f"spot-{world.far.spot_id}"}).status_code == 200
    assert client.post(begin, told).status_code == 302
    visit(world, DAY, people=2)
    make_sheets(DAY + timedelta(days=9))
    sheet = SettlementSheet.objects.get()

    # when
    listed = client.get(reverse(f"{SHEETS}changelist")).content.decode()
    shown = client.get(reverse(f"{SHEETS}change", args=[sheet.pk])).content.decode()
    client.post(reverse(f"{SHEETS}confirm", args=[sheet.pk]), {"do": "1"})
    mine = client.post(
        reverse(f"{SHEETS}paid", args=[sheet.pk]), {"do": "1", "paid_on": str(today()), "reference": "YH1"}
    ).content.decode()
    done = other.post(
        reverse(f"{SHEETS}paid", args=[sheet.pk]), {"do": "1", "paid_on": str(today()), "reference": "YH1"}
    )

    # then
    assert sheet.number in listed and "天生三桥" in listed and "家庭票" in shown and "¥66.66" in shown
    assert "不能登记本人确认的结算单的付款" in mine and done.status_code == 302
    assert SettlementSheet.objects.get().state == "paid"
    # and not across the border, and not without the right
    stranger, clerk = Client(), Client()
    stranger.force_login(person(world.org["C21"], "stranger", RIGHTS))
    clerk.force_login(person(world.org["C11"], "clerk", RIGHTS[:3]))
    assert sheet.number not in stranger.get(reverse(f"{SHEETS}changelist")).content.decode()
    assert stranger.post(reverse(f"{SHEETS}confirm", args=[sheet.pk])).status_code in (302, 404)
    assert clerk.post(reverse(f"{SHEETS}confirm", args=[sheet.pk])).status_code == 403
    assert clerk.get(begin).status_code == 403
    with pytest.raises(OutOfScope):
        confirm(person(world.org["C21"], "stranger2", RIGHTS), sheet.pk)


def test_the_file(world: World, finance: User) -> None:
    # given
    term(finance, world)
    visit(world, DAY, people=2)
    make_sheets(DAY + timedelta(days=9))
    client = Client()
    client.force_login(finance)

    # when
    answer = client.post(reverse(f"{SHEETS}export"), {"format": "xlsx", "reason": "月结对账"})

    # then
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    sheet = load_workbook(BytesIO(content)).active
    told = [cell.value for row in sheet.iter_rows() for cell in row]
    assert answer.status_code == 200 and SettlementSheet.objects.get().number in told and "天生三桥" in told
