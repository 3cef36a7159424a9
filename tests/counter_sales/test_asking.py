"""Refunds above the limit: asked for, decided by somebody else, carried out once; nothing else ever moves."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Callable
from functools import partial
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from django.db.models import Sum
from saleor.account.models import User

from plugins.approvals.interfaces import ApprovalError, ApprovalRequest, RequestState, approve, reject
from plugins.approvals.selectors import waiting_for
from plugins.approvals.todo import todo as approvals_todo
from plugins.counter_sales import checking
from plugins.counter_sales.error_codes import CounterErrorCode as Code
from plugins.counter_sales.errors import CounterError
from plugins.counter_sales.models import (
    CashReceipt,
    CounterRules,
    CounterSale,
    Drawer,
    PosReceipt,
    RefundRequest,
    RefundRequestState,
    SaleRefund,
    SaleState,
)
from plugins.counter_sales.services import asking, refunds
from plugins.counter_sales.services.asking import ask_refund, carry_out, withdraw_refund
from plugins.counter_sales.services.cash import pay_cash
from plugins.counter_sales.services.codes import show_code
from plugins.counter_sales.services.mixed import compose_sale
from plugins.counter_sales.services.pos import pay_pos, read_slip
from plugins.counter_sales.services.refunds import refund_sale
from plugins.counter_sales.services.shifts import count_shift, open_shift
from plugins.counter_sales.todo import todo
from saleor_o2o.cashier.interfaces import Wish
from saleor_o2o.cashier.models import Refund
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope
from saleor_o2o.kernel.states import IllegalMove
from tests.orgs import again
from tests.threads import together

from .conftest import SELLING, Counter, Wechat
from .looking import KEY, D, fresh, refused
from .test_pages import client_of

DECIDING = (*SELLING, "counter_order.approve", "approval.view")
TOTAL = D("119.70")
SALES, ASKED = "/admin/o2o_counter_sales/countersale/", "/admin/o2o_counter_sales/refundrequest/"


@pytest.fixture
def head(colleague: Callable[..., User]) -> User:
    """The county decides from 200 to 500 yuan."""
    return colleague("C11", "head", DECIDING, limits={"refund": "500.00"})


@pytest.fixture
def sale(counter: Counter) -> CounterSale:
    """Three boxes for cash: more than the clerk's hundred."""
    made = counter.place(3)
    pay_cash(counter.clerk, made.pk, TOTAL)
    return made


def ask(counter: Counter, sale: CounterSale, amount: str = "119.70", key: str = f"{KEY}1") -> RefundRequest:
    return ask_refund(again(counter.clerk), sale.pk, D(amount), "整箱坏果", key=key)


def agree(user: User) -> ApprovalRequest:
    return approve(ApprovalRequest.objects.get(), again(user), "同意")


def given() -> Any:
    return SaleRefund.objects.aggregate(sum=Sum("amount"))["sum"]


def test_the_clerk_asks_the_county_decides_the_cash_goes_back(counter: Counter, head: User) -> None:
    # given: six boxes, more than the branch's two hundred
    total = D("239.40")
    sale = counter.place(6)
    pay_cash(counter.clerk, sale.pk, total)

    # when: asked, twice
    with pytest.raises(Exception, match="上限"):
        refund_sale(counter.clerk, sale.pk, total, "整箱坏果", key=f"{KEY}1")
    row = ask(counter, sale, "239.40")
    assert ask(counter, sale, "239.40") == row

    # then: nothing moved; whoever may sees the money
    assert (counter.balance(), fresh(sale).state, SaleRefund.objects.count()) == (D("260.60"), "paid", 0)
    assert [one.amount for one in waiting_for(again(head))] == [total]
    assert f"{sale.number} ¥239.40" in next(one.title for one in approvals_todo(again(head)))
    assert list(waiting_for(again(counter.clerk))) == []

    # when
    agree(head)

    # then: out of the clerk's hand, under the key that he asked by
    row = RefundRequest.objects.get(pk=row.pk)
    refund = SaleRefund.objects.get()
    assert (row.state, row.refund, row.decided_by, row.decision) == ("done", refund, head, "同意")
    assert (refund.amount, refund.operator, refund.request_key) == (
        total,
        counter.clerk,
        f"refund:{sale.pk}:{KEY}1",
    )
    assert (fresh(sale).state, counter.balance()) == (SaleState.REFUNDED, D("500.00"))
    assert carry_out(again(counter.clerk), row.pk).refund == refund
    assert (SaleRefund.objects.count(), checking.check_floats()) == (1, 0)


def test_a_refusal_leaves_everything_as_it_was(counter: Counter, sale: CounterSale, head: User) -> None:
    # given
    row = ask(counter, sale)

    # when
    reject(ApprovalRequest.objects.get(), again(head), "请先核实批次")

    # then
    row = RefundRequest.objects.get(pk=row.pk)
    assert (row.state, row.decision) == (RefundRequestState.REFUSED, "请先核实批次")
    assert (fresh(sale).state, fresh(sale).refunded, counter.balance()) == ("paid", D("0.00"), D("380.30"))
    assert (SaleRefund.objects.count(), CashReceipt.objects.count()) == (0, 1)
    assert refused(partial(carry_out, again(counter.clerk), row.pk)).code == Code.REFUND_NOT_APPROVED
    assert ask(counter, sale, key=f"{KEY}2").state == RefundRequestState.ASKED


def test_what_cannot_be_asked_for(counter: Counter, sale: CounterSale) -> None:
    # given
    asked = partial(ask_refund, again(counter.clerk), sale.pk)

    # then
    for amount, reason, code in (
        ("100.00", "坏果", Code.WITHIN_LIMIT),
        ("119.71", "坏果", Code.REFUND_INVALID),
        ("0.00", "坏果", Code.REFUND_INVALID),
        ("119.70", "  ", Code.REASON_REQUIRED),
    ):
        assert refused(lambda a=amount, r=reason: asked(D(a), r, key=f"{KEY}1")).code == code
    assert refused(lambda: asked(TOTAL, "坏果", key="x")).code == Code.REQUEST_KEY_INVALID
    assert RefundRequest.objects.count() == ApprovalRequest.objects.count() == 0

    # when: one is open; a direct refund has used a key
    asked(D("110.00"), "坏果", key=f"{KEY}1")
    refund_sale(again(counter.clerk), sale.pk, D("5.00"), "压坏一个", key=f"{KEY}3")

    # then
    assert refused(lambda: asked(D("110.00"), "坏果", key=f"{KEY}2")).code == Code.REFUND_ASKED
    assert refused(lambda: asked(D("105.00"), "坏果", key=f"{KEY}1")).code == Code.KEY_REUSED
    assert refused(lambda: asked(D("110.00"), "坏果", key=f"{KEY}3")).code == Code.KEY_REUSED


def test_small_pieces_add_up(counter: Counter, sale: CounterSale) -> None:
    # given: 60 of the clerk's 100 are used
    refund_sale(again(counter.clerk), sale.pk, D("60.00"), "坏果", key=f"{KEY}3")

    # when
    row = ask(counter, sale, "50.00")

    # then: routed by what goes back in all
    assert (row.amount, ApprovalRequest.objects.get().amount) == (D("50.00"), D("110.00"))


def test_a_card_waits_for_the_terminal(counter: Counter, head: User) -> None:
    # given
    sale = counter.place(3)
    pay_pos(counter.clerk, sale.pk, TOTAL, read_slip("30010001", "000123"))
    row = ask(counter, sale)
    agree(head)
    assert RefundRequest.objects.get().state == RefundRequestState.APPROVED
    assert [one.title for one in todo(again(counter.clerk))] == [f"已批准，请退款给顾客 {sale.number}"]
    done = partial(carry_out, again(counter.clerk), row.pk)

    # then
    assert refused(done).code == Code.POS_INVALID
    assert refused(lambda: done(pos=read_slip("30010001", "000123"))).code == Code.POS_SLIP_USED
    assert fresh(sale).refunded == D("0.00")
    for _click in range(2):
        done(pos=read_slip("30010001", "000124"))
    assert (given(), PosReceipt.objects.filter(kind="given_back").count()) == (TOTAL, 1)
    assert fresh(sale).state == SaleState.REFUNDED


def test_a_code_goes_back_by_itself(counter: Counter, wechat: Wechat, head: User) -> None:
    # given
    sale = counter.place(3)
    show_code(again(counter.clerk), sale.pk)
    wechat.notify(wechat.pay(sale))
    ask(counter, sale)

    # when
    agree(head)

    # then
    assert Refund.objects.get().amount == TOTAL
    assert RefundRequest.objects.get().state == RefundRequestState.DONE


def test_a_sale_paid_in_several_ways_goes_back_out_of_the_clerks_drawer(
    counter: Counter, wechat: Wechat, head: User
) -> None:
    # given
    sale = counter.place(3)
    wishes = [Wish("cash", "", D("60.00")), Wish("pos", "30010001/000123", D("59.70"))]
    compose_sale(again(counter.clerk), sale.pk, wishes)
    ask(counter, sale)

    # when
    agree(head)

    # then: the notes at once, and by the clerk; the card by hand
    assert counter.balance() == D("500.00")
    assert CashReceipt.objects.get(kind="given_back").operator == counter.clerk
    assert fresh(sale).refunded == TOTAL


def test_without_the_askers_shift_the_money_waits(counter: Counter, head: User) -> None:
    # given: asked in a shift that is counted before anybody decides
    CounterRules.objects.create(unit=counter.org["B111"])
    drawer = Drawer.objects.create(unit=counter.org["B111"], name="1号台")
    shift = open_shift(counter.clerk, drawer.pk, {"100": 2})
    sale = counter.place(3)
    pay_cash(again(counter.clerk), sale.pk, TOTAL)
    row = ask(counter, sale)
    count_shift(again(counter.clerk), shift.pk, {"100": 3}, D("0.00"))

    # when
    agree(head)

    # then: approved, and not out of anybody's drawer
    row = RefundRequest.objects.get(pk=row.pk)
    assert (row.state, given(), counter.balance()) == (RefundRequestState.APPROVED, None, D("380.30"))
    assert refused(partial(carry_out, again(counter.clerk), row.pk)).code == Code.SHIFT_REQUIRED
    assert refused(partial(ask, counter, sale, key=f"{KEY}2")).code == Code.REFUND_ASKED

    # when: not wanted any more
    withdraw_refund(again(counter.clerk), row.pk)
    assert RefundRequest.objects.get().state == RefundRequestState.WITHDRAWN


def test_who_may_do_what(
    counter: Counter, sale: CounterSale, head: User, colleague: Callable[..., User]
) -> None:
    # given
    stranger = colleague("B121", "stranger", DECIDING, limits={"refund": "10.00"})
    looker = colleague("B111", "looker", ("counter_order.view", "counter_order.create"))
    other = colleague("B111", "other")
    row = ask(counter, sale)
    asked = ApprovalRequest.objects.get()

    # then: asking
    for person, error in ((stranger, OutOfScope), (looker, NotAllowed)):
        with pytest.raises(error):
            ask_refund(again(person), sale.pk, TOTAL, "x", key=f"{KEY}5")
    # deciding: not by whoever asked, nor from below or beside
    for person in (counter.clerk, other, stranger, looker):
        with pytest.raises((ApprovalError, OutOfScope)):
            approve(ApprovalRequest.objects.get(), again(person))
    # carrying out and taking back
    for call in (carry_out, withdraw_refund):
        with pytest.raises(OutOfScope):
            call(again(stranger), row.pk)
        with pytest.raises(NotAllowed):
            call(again(looker), row.pk)
    with pytest.raises(NotAllowed):
        withdraw_refund(again(other), row.pk)
    asked = ApprovalRequest.objects.get()
    assert (asked.state, given(), fresh(sale).refunded) == (RequestState.PENDING, None, D("0.00"))

    # when
    withdraw_refund(again(counter.clerk), row.pk)

    # then
    asked = ApprovalRequest.objects.get()
    row = RefundRequest.objects.get(pk=row.pk)
    assert (asked.state, row.state) == (RequestState.WITHDRAWN, RefundRequestState.WITHDRAWN)
    with pytest.raises(IllegalMove):
        withdraw_refund(again(counter.clerk), row.pk)


# -- at the same moment ---------------------------------------------------------------------


def ask_in_a_crowd(counter: Counter, sale: CounterSale) -> Tally[str]:
    results = together(*[partial(ask, counter, sale, key=f"{KEY}{number}") for number in range(6)])
    return Tally(str(getattr(one, "code", type(one).__name__)) for one in results)


def test_two_asks_for_one_sale_are_one(counter: Counter, sale: CounterSale, settings: Any) -> None:
    # given
    settings.O2O_LOCK_TIMEOUT = 60

    # then
    assert ask_in_a_crowd(counter, sale) == {"RefundRequest": 1, "REFUND_ASKED": 5}
    assert RefundRequest.objects.count() == ApprovalRequest.objects.count() == 1


def test_without_the_lock_the_database_has_to_stop_them(
    counter: Counter, sale: CounterSale, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: all look before anybody writes
    unlocked(monkeypatch, 6, asking)

    # when
    results = ask_in_a_crowd(counter, sale)

    # then: the belt holds, without words for people
    assert results["IntegrityError"] > 0
    assert RefundRequest.objects.count() == 1


def approve_and_refund(sale: CounterSale, head: User, chief: User) -> list[Any]:
    direct = partial(refund_sale, again(chief), sale.pk, D("60.00"), "x", key=f"{KEY}8")
    return together(partial(agree, head), direct)


@pytest.fixture
def chief(colleague: Callable[..., User]) -> User:
    return colleague("B111", "chief", limits={"refund": "500.00"})


@pytest.mark.parametrize("_round", range(3))
def test_an_approval_and_a_direct_refund_do_not_both_pay(
    counter: Counter, sale: CounterSale, head: User, chief: User, settings: Any, _round: int
) -> None:
    # given
    settings.O2O_LOCK_TIMEOUT = 60
    ask(counter, sale, "110.00")

    # when
    results = approve_and_refund(sale, head, chief)

    # then: one of both, the other is told; 60 + 110 are more than the sale's
    [error] = [one for one in results if isinstance(one, Exception)]
    assert isinstance(error, CounterError), error
    assert error.code == Code.REFUND_INVALID
    assert given() in (D("60.00"), D("110.00"))
    assert counter.balance() == D("380.30") + given()
    approved = RefundRequest.objects.get().state == RefundRequestState.DONE
    assert (ApprovalRequest.objects.get().state == RequestState.APPROVED) is approved
    assert approved is (given() == D("110.00"))
    assert (fresh(sale).refunded, checking.check_floats()) == (given(), 0)


def test_without_the_lock_both_pay(
    counter: Counter, sale: CounterSale, head: User, chief: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    ask(counter, sale, "110.00")
    unlocked(monkeypatch, 2, asking, refunds)

    # when
    results = approve_and_refund(sale, head, chief)

    # then
    assert [one for one in results if isinstance(one, Exception)] == []
    assert given() == D("170.00") > TOTAL


def unlocked(monkeypatch: pytest.MonkeyPatch, people: int, *modules: Any) -> None:
    """Read the sale without its lock, and go on when everybody has."""
    gate = Barrier(people)

    def look(pk: int) -> CounterSale:
        found = CounterSale.objects.get(pk=pk)
        try:
            gate.wait(timeout=10)
        except BrokenBarrierError:
            return found
        return found

    for module in modules:
        monkeypatch.setattr(module, "lock_sale", look)


def test_two_who_approve_pay_once(
    counter: Counter, sale: CounterSale, head: User, colleague: Callable[..., User], settings: Any
) -> None:
    # given
    settings.O2O_LOCK_TIMEOUT = 60
    second = colleague("C11", "second", DECIDING)
    ask(counter, sale)

    # when
    results = together(*[partial(agree, one) for one in (head, second, head, second)])

    # then
    assert len([one for one in results if isinstance(one, ApprovalRequest)]) == 1
    assert (given(), counter.balance()) == (TOTAL, D("500.00"))


def test_clicks_on_an_approved_one_pay_once(counter: Counter, head: User, settings: Any) -> None:
    # given
    settings.O2O_LOCK_TIMEOUT = 60
    sale = counter.place(3)
    pay_pos(counter.clerk, sale.pk, TOTAL, read_slip("30010001", "000123"))
    row = ask(counter, sale)
    agree(head)

    # when
    slip = read_slip("30010001", "000124")
    results = together(*[lambda: carry_out(again(counter.clerk), row.pk, pos=slip)] * 4)

    # then
    assert [type(one).__name__ for one in results] == ["RefundRequest"] * 4
    assert (given(), SaleRefund.objects.count()) == (TOTAL, 1)


# -- on the pages ------------------------------------------------------------------------------


def test_asked_and_approved_on_the_pages(counter: Counter, sale: CounterSale, head: User) -> None:
    # given
    clerk, county = client_of(counter.clerk), client_of(head)
    typed = {"amount": "119.70", "reason": "整箱坏果", "key": f"{KEY}1"}

    # when: refused with what was typed, then asked for
    over = clerk.post(f"{SALES}{sale.pk}/refund/", typed).content.decode()
    asked = clerk.post(f"{SALES}{sale.pk}/refund/", {**typed, "ask": "1"})
    day = clerk.get(f"{SALES}day/").content.decode()
    waiting = clerk.post(f"{SALES}ask/waiting/", "{}", content_type="application/json").json()
    request = ApprovalRequest.objects.get()
    page = county.get(f"/admin/o2o_approvals/approvalrequest/{request.pk}/change/").content.decode()

    # then
    row = RefundRequest.objects.get()
    assert "超过您的上限" in over and "整箱坏果" in over and "提交审批" in over
    assert asked.status_code == 302
    assert row.number in day and "审批中" in day
    assert [(one["amount"], one["state"]) for one in waiting["refunds"]] == [("119.70", "asked")]
    assert "¥119.70" in page and "整箱坏果" in page and sale.number in page

    # when
    county.post(
        f"/admin/o2o_approvals/approvalrequest/{request.pk}/change/",
        {"act": "approve", "version": request.version, "note": "同意"},
    )

    # then
    shown = clerk.get(f"{ASKED}{row.pk}/change/").content.decode()
    assert "已退款" in shown and "同意" in shown
    assert fresh(sale).state == SaleState.REFUNDED
    assert "已退款" in clerk.get(f"{SALES}{sale.pk}/change/").content.decode()


def test_the_terminals_slip_on_the_page(counter: Counter, head: User) -> None:
    # given
    sale = counter.place(3)
    pay_pos(counter.clerk, sale.pk, TOTAL, read_slip("30010001", "000123"))
    row = ask(counter, sale)
    agree(head)
    clerk = client_of(counter.clerk)
    address = f"{ASKED}{row.pk}/carry-out/"

    # when
    wrong = clerk.post(address, {"terminal": "30010001", "slip": "000123"}).content.decode()
    right = clerk.post(address, {"terminal": "30010001", "slip": "000124"})

    # then
    assert "已经登记过" in wrong and "30010001" in wrong
    assert (right.status_code, fresh(sale).state) == (302, SaleState.REFUNDED)
    assert clerk.get(address).status_code == 302
    assert client_of(head).get(f"{ASKED}{row.pk}/change/").status_code == 200
