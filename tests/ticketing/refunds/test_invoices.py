"""Invoices of coach tickets say what was paid, and finance's list says what became of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from saleor.account.models import User
from saleor.discount import DiscountValueType, VoucherType
from saleor.discount.models import Voucher

from plugins.members.interfaces import text_of
from plugins.members.models import SmsMessage
from plugins.ticketing.coach.access import INVOICE_ISSUE, INVOICE_VIEW
from plugins.ticketing.coach.models import CoachInvoice
from plugins.ticketing.coach.services.invoices import (
    mark_failed,
    mark_issued,
    take_back,
    want_invoice,
)
from plugins.ticketing.coach.services.invoices import (
    reverse as reverse_invoice,
)
from plugins.ticketing.coach.todo import invoices
from plugins.ticketing.kernel import ports, trades
from plugins.ticketing.kernel.models import Ticket, TicketOrder
from plugins.ticketing.kernel.services.goods import ticket_variant
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope
from tests.after_sale.conftest import Shop
from tests.members.conftest import sandbox_address, sandbox_folder, sms  # noqa: F401 - fixtures
from tests.orgs import again, person
from tests.scope.graphql import asked

from ..orders.conftest import open_accounts
from ..orders.till import Till
from ..posts import holder
from .changes import CHANGE_RULE, REFUND_RULE, Changing, Desk, tickets_of
from .scripted import PlainTrade

D = Decimal
NUMBER = "26500000000000000001"
OF_ORDER = """query($number: String!) { coachInvoices(number: $number) {
  kind state stateLabel title amount invoiceNumber issuedOn why } }"""


class Invoicing(PlainTrade):
    """A coach whose invoices follow its tickets."""

    def gone(self, order: TicketOrder, tickets: Sequence[Ticket], quantities: dict[int, int]) -> None:
        super().gone(order, tickets, quantities)
        take_back(order, tickets)


@pytest.fixture
def desk(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Desk:
    suppliers = {"first": Changing(prefix="A"), "second": Changing(prefix="B")}
    for code, supplier in suppliers.items():
        monkeypatch.setitem(ports._adapters, f"test-{code}", supplier)
    trade = Invoicing()
    monkeypatch.setitem(trades._trades, "coach", trade)  # type: ignore[arg-type]
    line = ticket_variant("coach", "test-line", "甲县—乙县", "full", "全票")
    return Desk(Till(shop, suppliers, open_accounts(suppliers), trade, line))  # type: ignore[arg-type]


@pytest.fixture
def accountant(desk: Desk) -> User:
    """Whoever holds the post of the city's accountant, as the company sets it up."""
    return holder(desk.till.shop.org["CQ"], "city-accountant")


def three_with_ten_off(desk: Desk) -> TicketOrder:
    """Three tickets at 50.00 of which a voucher takes 10.00: 46.67, 46.67, 46.66."""
    Voucher.objects.create(
        code="TEN", type=VoucherType.ENTIRE_ORDER, discount_value_type=DiscountValueType.FIXED,
        discount_value=D("10.00"),
    )  # fmt: skip
    rules = {"refund_rule": REFUND_RULE, "change_rule": CHANGE_RULE}
    held = desk.till.hold(
        wants=desk._wants("50.00", 3, **rules), costs={"full": "45.00"}, starts=desk._at(48)
    )
    desk.till.pay(desk.till.place(held, promo_code="TEN"))
    return desk.till.fresh(held)


def give_back(desk: Desk, order: TicketOrder, count: int, key: str) -> None:
    from plugins.ticketing.kernel.services.refunding import Wanted, preview_refund, submit_refund

    offers = preview_refund([one for one in tickets_of(order) if one.state == "issued"][:count])
    submit_refund(desk.till.shop.shopper, key, [Wanted(one.ticket.pk, one.quote.token) for one in offers])


def refused(act: Callable[[], Any]) -> str:
    with pytest.raises(DomainError) as refusal:
        act()
    return str(refusal.value.code.value)


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(name: str, *args: Any) -> str:
    return reverse(f"admin:o2o_coach_coachinvoice_{name}", args=args)


def test_what_a_coupon_took_off_is_on_no_invoice(desk: Desk) -> None:
    # given
    order = three_with_ten_off(desk)
    # when
    made = want_invoice(order, title="某某公司", by=desk.till.shop.shopper)
    # then
    assert (made.amount, made.state) == (D("140.00"), "wanted")


def test_what_goes_back_is_taken_back_as_it_was_paid(desk: Desk, accountant: User) -> None:
    # given one of three went back before
    order = three_with_ten_off(desk)
    give_back(desk, order, 1, "refund-000001")
    blue = want_invoice(order, title="某某公司", by=desk.till.shop.shopper)
    assert blue.amount == D("93.33")
    # when another one goes back before it is issued
    give_back(desk, order, 1, "refund-000002")
    # then it has to be asked for anew
    blue.refresh_from_db()
    assert (blue.state, blue.why) == ("cancelled", "开具前已退票（改签），如仍需要请重新申请")
    blue = want_invoice(order, title="某某公司", by=desk.till.shop.shopper)
    assert blue.amount == D("46.66")
    # when it is issued, and the last one goes back
    mark_issued(accountant, blue.pk, NUMBER, today())
    give_back(desk, order, 1, "refund-000003")
    # then
    red = CoachInvoice.objects.get(red_of=blue)
    assert (red.kind, red.amount, red.state, red.title) == ("red", D("-46.66"), "wanted", "某某公司")
    take_back(order, tickets_of(order)[2:])
    assert CoachInvoice.objects.filter(red_of=blue).count() == 1


def test_a_changed_ticket_is_invoiced_at_what_both_orders_paid(desk: Desk) -> None:
    # given 50.00 and 12.50 more
    order, target = desk.buy(), desk.target("62.50", cost="56.00")
    change = desk.change(order, target)
    assert refused(lambda: want_invoice(order, title="某某公司")) == "IN_AFTER_SALE"
    desk.pay(desk.place(change))
    # when, then
    assert want_invoice(target, title="某某公司").amount == D("62.50")
    assert refused(lambda: want_invoice(order, title="某某公司")) == "INVALID_INPUT"


def test_a_cheaper_trip_is_invoiced_at_what_was_kept(desk: Desk) -> None:
    # given 50.00, of which 12.00 come back
    order, target = desk.buy(), desk.target("38.00", cost="34.00")
    desk.change(order, target)
    # when, then
    assert want_invoice(target, title="某某公司").amount == D("38.00")


def test_finance_issues_and_the_buyer_reads_it(desk: Desk, accountant: User) -> None:
    # given
    order = desk.buy()
    buyer = again(desk.till.shop.shopper)
    blue = want_invoice(
        order, title="某某公司", tax_number="91500000MA5U12345P", email="buyer@example.com", by=buyer
    )
    client = browser(accountant)
    [waiting] = invoices(accountant)
    assert waiting.title == "开具汽车票发票：1 张"
    listed = client.get(waiting.href).content.decode()
    assert blue.number in listed
    shown = client.get(page("change", blue.pk)).content.decode()
    assert ("b***@example.com" in shown, "buyer@example.com" in shown) == (True, False)
    # then wrong numbers and days are said
    for told in (
        {"invoice_number": "12345", "issued_on": today().isoformat()},
        {"invoice_number": NUMBER, "issued_on": (today() + timedelta(days=1)).isoformat()},
        {"invoice_number": NUMBER, "issued_on": "昨天"},
    ):
        assert client.post(page("issued", blue.pk), told).status_code == 200
    blue.refresh_from_db()
    assert blue.state == "wanted"
    # when
    told = {"invoice_number": f"{NUMBER[:10]} {NUMBER[10:]}", "issued_on": today().isoformat()}
    assert client.post(page("issued", blue.pk), told).status_code == 302
    # then
    assert invoices(accountant) == []
    assert asked(buyer, OF_ORDER, number=order.number)["coachInvoices"] == [
        {
            "kind": "BLUE", "state": "ISSUED", "stateLabel": "已开具", "title": "某某公司", "amount": 50.0,
            "invoiceNumber": NUMBER, "issuedOn": today().isoformat(), "why": "",
        }
    ]  # fmt: skip
    stranger = User.objects.create_user("other@example.com", "password")
    for other in (None, stranger):
        assert asked(other, OF_ORDER, number=order.number)["coachInvoices"] == []
    # and taken out as a file, whole for whoever may see it whole
    answer = client.post(page("export"), {"format": "csv"})
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))  # type: ignore[attr-defined]
    assert {NUMBER, "buyer@example.com", "50.00"} <= set(rows[-1])


def test_a_failed_one_is_asked_for_again_and_a_wrong_title_is_reversed(desk: Desk, accountant: User) -> None:
    # given
    order = desk.buy()
    first = want_invoice(order, title="某某公司")
    # when
    mark_failed(accountant, first.pk, "税号有误，请核对后重新申请")
    second = want_invoice(order, title="某某有限公司")
    mark_issued(accountant, second.pk, NUMBER, today())
    # then once is enough, and a number belongs to one
    assert mark_issued(accountant, second.pk, NUMBER, today()).pk == second.pk
    assert refused(lambda: mark_failed(accountant, second.pk, "不对")) == "INVOICE_MISFIT"
    assert refused(lambda: want_invoice(order, title="另一公司")) == "INVOICE_THERE"
    # when
    red = reverse_invoice(accountant, second.pk, "抬头有误")
    # then
    assert red is not None
    assert (red.amount, red.state) == (D("-50.00"), "wanted")
    assert refused(lambda: mark_failed(accountant, red.pk, "不开")) == "INVOICE_MISFIT"
    third = want_invoice(order, title="另一公司")
    assert third.amount == D("50.00")
    assert refused(lambda: mark_issued(accountant, third.pk, NUMBER, today())) == "INVALID_INPUT"
    mark_issued(accountant, red.pk, "26500000000000000002", today())
    assert [one.state for one in CoachInvoice.objects.order_by("pk")] == [
        "failed", "reversed", "issued", "wanted",
    ]  # fmt: skip


def test_whoever_only_looks_issues_nothing(desk: Desk) -> None:
    # given
    org = desk.till.shop.org
    blue = want_invoice(desk.buy(), title="某某公司")
    looker = again(person(org["B111"], "looker", [INVOICE_VIEW]))
    other = again(person(org["C12"], "other", [INVOICE_VIEW, INVOICE_ISSUE]))
    # then
    client = browser(looker)
    assert client.get(page("change", blue.pk)).status_code == 200
    assert [client.get(page(name, blue.pk)).status_code for name in ("issued", "failed", "reverse")] == [
        403
    ] * 3
    assert browser(other).get(page("issued", blue.pk)).status_code == 404
    with pytest.raises(NotAllowed):
        mark_issued(looker, blue.pk, NUMBER, today())
    with pytest.raises(OutOfScope):
        mark_issued(other, blue.pk, NUMBER, today())


def test_the_buyer_is_told_what_and_where(desk: Desk, accountant: User) -> None:
    # given: with a mail and a telephone, one of two given back later
    order = three_with_ten_off(desk)
    TicketOrder.objects.filter(pk=order.pk).update(mobile="13800138000")
    made = want_invoice(order, title="某某公司", email="buyer@example.com", by=desk.till.shop.shopper)

    def said() -> list[str]:
        rows: Any = SmsMessage.objects.filter(template="coach_invoice").order_by("pk")
        return [text_of(one.template, one.parameters) for one in rows]

    # when: noted twice
    for _ in range(2):
        mark_issued(accountant, made.pk, NUMBER, today())
    # then once
    [first] = said()
    assert f"发票已开具 ¥140.00，号码 {NUMBER}。已发到 b***@example.com。" in first
    assert f"/h5/ticket-orders/{order.number}" in first
    assert "buyer@example.com" not in first
    # when a ticket goes back, its red one waits and nobody is told yet; then it is issued
    give_back(desk, order, 1, "refund-000001")
    red = CoachInvoice.objects.get(red_of=made)
    assert len(said()) == 1
    mark_issued(accountant, red.pk, f"{NUMBER[:-1]}9", today())
    # then
    assert f"发票已冲红 ¥{-red.amount}，红字发票号码 {NUMBER[:-1]}9" in said()[1]
    # and what cannot be issued is told with the reason
    other = desk.buy(people=2, hours=300)
    TicketOrder.objects.filter(pk=other.pk).update(mobile="13800138000")
    mark_failed(accountant, want_invoice(other, title="某某公司").pk, "税号有误。")
    assert "发票没有开成。原因：税号有误；可在订单里重新申请。" in said()[2]
