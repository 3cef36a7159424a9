"""What a distributor tells: the door, tickets in step with its gates, its catalogue in ours."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from plugins.org_hierarchy.models import OrgUnit
from plugins.ticketing.admission.choices import ProductState, RealName, ValidMode
from plugins.ticketing.admission.models import (
    AdmissionProduct,
    PriceDay,
    Quota,
    Redemption,
    ScenicSpot,
    Slot,
    TicketClass,
)
from plugins.ticketing.admission.suppliers import wire
from plugins.ticketing.admission.suppliers.distributor import Distributor, ask_order
from plugins.ticketing.distribution.access import SYNC, VIEW
from plugins.ticketing.distribution.models import UpstreamStanding
from plugins.ticketing.distribution.seeds import seed
from plugins.ticketing.distribution.tasks import poll_upstream, sync_upstream
from plugins.ticketing.distribution.todo import todo
from plugins.ticketing.distribution.upstream.catalogue import take_over
from plugins.ticketing.distribution.upstream.using import reconcile
from plugins.ticketing.kernel.access import SUPPLIER_EDIT, SUPPLIER_VIEW
from plugins.ticketing.kernel.choices import TicketState
from plugins.ticketing.kernel.models import SupplierAccount, SupplierNotice, Ticket
from plugins.ticketing.kernel.services import notices
from plugins.ticketing.kernel.tasks import work_notices
from saleor_o2o.kernel.clock import frozen, now, today
from sandbox.client import SandboxClient

from ...orgs import again, person
from .conftest import Buy, price_of, weekday

pytestmark = pytest.mark.django_db
D = Decimal
DAY, TODAY = weekday(), today()
Knock = Callable[..., tuple[int, str]]


def consume(scenic: SandboxClient, code: str, quantity: int, gate: str = "南门") -> dict[str, Any]:
    return scenic.call("POST", "/scenic/consume", {"code": code, "quantity": quantity, "gate": gate})


def work() -> str:
    return notices.work(SupplierNotice.objects.get(state="waiting").pk)


def standing_of(tickets: list[Ticket]) -> list[tuple[str, int]]:
    return [(ticket.state, ticket.used) for ticket in tickets]


# -- the door ------------------------------------------------------------------------------------------------------


def test_a_notice_is_kept_once_however_often_it_comes(buy: Buy, scenic: SandboxClient, knock: Knock) -> None:
    # given
    consume(scenic, buy("FJ01-E", 2, TODAY).code, 1)

    # when
    answers = [knock() for _ in range(3)]

    # then
    assert answers == [(200, "0")] * 3
    [notice] = SupplierNotice.objects.all()
    assert (notice.copies, notice.kind, notice.state) == (3, "order.consumed", "waiting")


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (b"", (400, "MALFORMED")), (b"[]", (400, "MALFORMED")), (b"\xff\x00", (400, "MALFORMED")),
        (b'{"method": "order.consumed", "data": "{}"}', (400, "MALFORMED")),
        (b'{"method": "order.consumed", "data": "{\\"noticeNo\\": \\"N1\\"}"}', (401, "BAD_ACCOUNT")),
        (b'{"method": "x", "data": "{\\"noticeNo\\": \\"N1\\"}"}', (400, "MALFORMED")),
        (
            b'{"method": "order.consumed", "account": "\\ud800", "data": "{\\"noticeNo\\": \\"N1\\"}"}',
            (401, "BAD_ACCOUNT"),
        ),
        (b"[" * 60_000, (400, "MALFORMED")),
        (b"x" * 70_000, (413, "TOO_LARGE")),
    ],
)  # fmt: skip
def test_what_nobody_signed(
    scenic: SandboxClient, db: None, body: bytes, answer: tuple[int, str], knock: Knock
) -> None:
    # when, then
    assert knock(body=body) == answer
    assert not SupplierNotice.objects.exclude(state="refused").exists()


def test_a_wrong_signature_and_an_old_one(buy: Buy, scenic: SandboxClient, knock: Knock) -> None:
    # given
    consume(scenic, buy("FJ01-E", 1, TODAY).code, 1)
    told = scenic.call("GET", "/scenic/notices")["notices"][-1]
    config = wire.load()
    fields = wire.envelope(config.account, config.secret, told["data"], method=told["kind"])
    old = {**fields, "timestamp": str(int(fields["timestamp"]) - 400)}
    old["sign"] = wire.sign(old, config.secret)

    # when, then: they are kept as refused, and nothing of them counts
    assert knock(spoil="0" * 64) == (401, "BAD_SIGN")
    assert knock(body=json.dumps(old).encode()) == (401, "STALE")
    assert set(SupplierNotice.objects.values_list("state", "number")) == {("refused", "")}
    assert notices.forget() == 0
    with frozen(now() + timedelta(days=31)):
        assert notices.forget() == 2


def test_without_a_key_the_door_is_closed(settings: Any, db: None) -> None:
    # given
    settings.SANDBOX_URL = ""

    # when
    answer = Client().post("/hooks/ticketing/distributor", data=b"{}", content_type="application/json")

    # then
    assert (answer.status_code, answer.json()) == (404, {"code": "NOT_READY"})
    assert Client().get("/hooks/ticketing/distributor").status_code == 405


# -- tickets in step -----------------------------------------------------------------------------------------------


def test_people_at_their_gate_are_counted_once(buy: Buy, scenic: SandboxClient, knock: Knock) -> None:
    # given: three tickets that are one code there
    bought = buy("FJ01-E", 3, TODAY)
    consume(scenic, bought.code, 2)

    # when: told twice
    knock()
    first = work()
    SupplierNotice.objects.update(state="waiting")
    second = work()

    # then
    assert (first, second) == ("done", "done")
    assert standing_of(bought.fresh()) == [("used", 1), ("used", 1), ("issued", 0)]
    rows = Redemption.objects.order_by("pk")
    assert [(row.quantity, row.cost, row.revenue) for row in rows] == [
        (1, ticket.cost, ticket.price) for ticket in bought.tickets[:2]
    ]
    assert "南门" in rows[0].reason
    standing = UpstreamStanding.objects.get()
    assert (standing.ordered, standing.used, standing.refunded, standing.attention) == (3, 2, 0, "")
    assert sum(voucher.used for voucher in bought.order.vouchers.all()) == 2


def test_a_mistake_of_their_gate_is_taken_back_even_when_it_is_told_first(
    buy: Buy, scenic: SandboxClient, knock: Knock
) -> None:
    # given
    bought = buy("FJ01-E", 1, TODAY)
    used = consume(scenic, bought.code, 1)
    knock(-1)
    work()
    scenic.call("POST", "/scenic/reverse", {"use": int(used["useNo"])})

    # when: the reversal overtakes a second telling of the entry
    knock(-1)
    work()
    SupplierNotice.objects.filter(
        number=scenic.call("GET", "/scenic/notices")["notices"][0]["number"]
    ).update(state="waiting")
    work()

    # then
    assert standing_of(bought.fresh()) == [("issued", 0)]
    assert [row.quantity for row in Redemption.objects.order_by("pk")] == [1, -1]
    assert sum(row.cost for row in Redemption.objects.all()) == 0


def test_a_family_goes_in_as_three(buy: Buy, scenic: SandboxClient, knock: Knock) -> None:
    # given
    bought = buy("WL01-F", 1, TODAY, people=True)
    consume(scenic, bought.code, 1)

    # when
    knock()
    work()

    # then
    assert standing_of(bought.fresh()) == [("used", 3)]
    [row] = Redemption.objects.all()
    assert (row.quantity, row.cost) == (3, bought.tickets[0].cost)


def test_used_there_though_given_back_here_is_for_people(
    buy: Buy, scenic: SandboxClient, org: dict[str, OrgUnit], knock: Knock
) -> None:
    # given: our ticket is on its way back when somebody comes to their gate with it
    bought = buy("FJ01-E", 1, TODAY)
    Ticket.objects.update(state=TicketState.REFUNDING)
    consume(scenic, bought.code, 1)

    # when
    knock()
    work()

    # then
    standing = UpstreamStanding.objects.get()
    assert standing_of(bought.fresh()) == [("refunding", 0)] and "相差 1 人次" in standing.attention
    keeper = again(person(org["CQ"], "keeper", [VIEW, SYNC]))
    assert [one.href for one in todo(keeper)] == [
        reverse("admin:o2o_distribution_upstreamstanding_change", args=[standing.pk])
    ]
    assert todo(again(person(org["CQ"], "reader", [VIEW]))) == []


def test_what_our_own_gates_let_in_stays(buy: Buy, adapter: Distributor) -> None:
    # given: let in by ours, which the distributor does not know
    bought = buy("FJ01-E", 2, TODAY)
    Ticket.objects.filter(pk=bought.tickets[0].pk).update(used=1, state=TicketState.USED)

    # when
    reconcile(bought.order, ask_order(bought.order.their_number))

    # then
    assert standing_of(bought.fresh()) == [("used", 1), ("issued", 0)]


def test_given_back_there_but_not_here_is_for_people(
    buy: Buy, adapter: Distributor, scenic: SandboxClient
) -> None:
    # given
    bought = buy("FJ01-E", 2, DAY)
    wire.ask(
        "order.refund", {"orderNo": bought.order.their_number, "outRefundNo": "OTHER0001", "quantity": 1}
    )

    # when
    standing = reconcile(bought.order, ask_order(bought.order.their_number))

    # then
    assert (standing.refunded, standing.refund_status, standing.attention) == (
        1,
        "PART",
        "上游已退的票在平台上没有退",
    )


@hypothesis(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(counts=st.lists(st.integers(0, 5), min_size=1, max_size=8))
def test_whatever_their_counter_says_ours_follows(buy: Buy, counts: list[int]) -> None:
    # given
    bought = buy("FJ01-E", 5, TODAY)
    told = ask_order(bought.order.their_number)

    # when: it goes up and down
    for count in counts:
        told["useQuantity"] = told["vouchers"][0]["used"] = count
        reconcile(bought.order, told)
        reconcile(bought.order, told)

        # then
        tickets = bought.fresh()
        assert sum(ticket.used for ticket in tickets) == count
        rows = Redemption.objects.filter(ticket__in=tickets)
        assert sum(row.quantity for row in rows) == count
        assert sum(row.cost for row in rows) == sum(ticket.cost for ticket in tickets if ticket.used)


def test_notices_may_be_lost(buy: Buy, scenic: SandboxClient) -> None:
    # given: nobody told us
    bought, later = buy("FJ01-E", 2, TODAY), buy("FJ01-E", 1, DAY)
    consume(scenic, bought.code, 2)

    # when: what may be used today is asked for, and not again at once
    first, second = poll_upstream(), poll_upstream()
    with frozen(now() + timedelta(minutes=6)):
        third = poll_upstream()

    # then: what is used up is not asked for any more
    assert (first, second, third) == (1, 0, 0)
    assert standing_of(bought.fresh()) == [("used", 1), ("used", 1)]
    assert standing_of(later.fresh()) == [("issued", 0)]


def test_a_silent_distributor_is_asked_again_until_people_look(
    buy: Buy, scenic: SandboxClient, knock: Knock
) -> None:
    # given
    bought = buy("FJ01-E", 1, TODAY)
    consume(scenic, bought.code, 1)
    knock()
    scenic.fault("order.query", "down", system="scenic", times=None)

    # when
    states, moment = [], now()
    for _try in range(13):
        moment += timedelta(hours=2)
        with frozen(moment):
            work_notices()
        states.append(SupplierNotice.objects.get().state)

    # then
    assert states == ["waiting"] * 11 + ["stuck"] * 2
    scenic.clear_faults()
    notices.again(SupplierNotice.objects.get().pk)
    assert work() == "done" and standing_of(bought.fresh()) == [("used", 1)]


def test_of_what_we_never_bought_we_are_told_in_vain(scenic: SandboxClient, db: None, knock: Knock) -> None:
    # given
    config = wire.load()
    data = {"noticeNo": "N77", "orderNo": "SC0", "outOrderNo": "PW0"}

    # when
    knock(
        body=json.dumps(wire.envelope(config.account, config.secret, data, method="order.consumed")).encode()
    )

    # then
    assert work() == "waiting"
    assert SupplierNotice.objects.get().why == "没有这个订单"


# -- the catalogue -------------------------------------------------------------------------------------------------


def test_a_spot_is_taken_over_and_again_only_what_changed(
    account: SupplierAccount, scenic: SandboxClient
) -> None:
    # when
    first = take_over(account, spot="DZ01")
    product = AdmissionProduct.objects.get()
    before = (
        Quota.objects.count(),
        Slot.objects.count(),
        PriceDay.objects.count(),
        TicketClass.objects.count(),
    )
    second = take_over(account, spot="DZ01")

    # then
    assert (first.products, first.classes, first.days) == (1, 3, 3 * 92) and second == first
    assert (product.name, product.spot.level, product.supplier, product.state) == (  # type: ignore[union-attr]
        "大足石刻宝顶山", 5, account, ProductState.DRAFT,
    )  # fmt: skip
    assert before == (
        Quota.objects.count(),
        Slot.objects.count(),
        PriceDay.objects.count(),
        TicketClass.objects.count(),
    )
    adult = product.classes.get(supplier_code="DZ01-A")
    assert (adult.valid_mode, adult.real_name, adult.max_per_person) == (ValidMode.SLOT, RealName.EACH, 1)
    day = adult.days.get(day=DAY)
    assert (day.settlement_price, day.closed) == (
        price_of("DZ01-A", DAY),
        False,
    ) and day.price > day.settlement_price
    left = adult.quotas.filter(day=DAY).order_by("slot__starts")
    assert [(quota.slot.starts.hour, quota.capacity, quota.left) for quota in left] == [  # type: ignore[union-attr]
        (8, 400, 400), (10, 400, 400), (12, 400, 400), (14, 400, 400),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("ours", "same"),
    [("大足石刻·宝顶山", True), ("大足石刻宝顶山景区", True), ("大足石刻·北山", False), ("宝顶山", False)],
)
def test_a_spot_that_we_have_by_another_spelling_is_not_made_again(
    ours: str, same: bool, account: SupplierAccount, scenic: SandboxClient
) -> None:
    # given
    unit = OrgUnit.objects.get(parent__isnull=True)
    spot = ScenicSpot.objects.create(unit=unit, code="ours", name=ours, level=5)

    # when
    take_over(account, spot="DZ01")

    # then
    assert (AdmissionProduct.objects.get().spot == spot) is same


def test_a_changed_price_and_stock_come_by_notice(
    account: SupplierAccount, scenic: SandboxClient, knock: Knock
) -> None:
    # given
    take_over(account, spot="WL02")
    row = TicketClass.objects.get()
    row.name, row.price = "自己起的名字", D(99)
    row.save()
    scenic.call("POST", "/scenic/stock", {"product": "WL02-A", "day": str(DAY), "total": 7, "settle": 4321})

    # when
    knock()
    assert work() == "done"

    # then: what people here decided stays
    row.refresh_from_db()
    day = row.days.get(day=DAY)
    assert (row.name, row.price, day.settlement_price) == ("自己起的名字", D(99), D("43.21"))
    assert row.quotas.get(day=DAY).left == 7


def test_what_is_taken_off_sale_there_is_not_sold_here(
    account: SupplierAccount, scenic: SandboxClient
) -> None:
    # given
    take_over(account, spot="HC01")

    # when
    scenic.call("POST", "/scenic/product", {"product": "HC01-A", "on_sale": False})
    take_over(account, spot="HC01")
    off = TicketClass.objects.get().active
    scenic.call("POST", "/scenic/product", {"product": "HC01-A", "on_sale": True})
    take_over(account, spot="HC01")

    # then
    assert (off, TicketClass.objects.get().active) == (False, True)


def test_all_of_it_by_the_job(account: SupplierAccount, scenic: SandboxClient) -> None:
    # when
    classes = sync_upstream()

    # then
    assert classes == TicketClass.objects.count() == 27
    assert AdmissionProduct.objects.count() == 18
    scenic.fault("*", "down", system="scenic", times=None)
    assert sync_upstream() == 0


def test_the_seed_is_one_account(db: None) -> None:
    # when
    for _twice in range(2):
        seed(None)  # type: ignore[arg-type]

    # then
    assert SupplierAccount.objects.filter(adapter="distributor").count() == 1


# -- pages ---------------------------------------------------------------------------------------------------------


def test_pages_for_those_who_may(
    buy: Buy, scenic: SandboxClient, org: dict[str, OrgUnit], knock: Knock
) -> None:
    # given
    bought = buy("FJ01-E", 1, TODAY)
    consume(scenic, bought.code, 1)
    knock()
    notice = SupplierNotice.objects.get()
    browsers = {}
    for name, rights in (
        ("keeper", [VIEW, SYNC, SUPPLIER_VIEW, SUPPLIER_EDIT]),
        ("viewer", [VIEW, SUPPLIER_VIEW]),
        ("nobody", []),
    ):
        browsers[name] = Client()
        browsers[name].force_login(
            again(person(org["CQ"], name, rights)), backend="django.contrib.auth.backends.ModelBackend"
        )

    def at(page: str, *args: Any) -> str:
        app = "o2o_ticketing" if page.startswith("suppliernotice") else "o2o_distribution"
        return reverse(f"admin:{app}_{page}", args=args)

    # when
    looks = {name: one.get(at("suppliernotice_changelist")).status_code for name, one in browsers.items()}
    acts = {
        name: one.post(at("suppliernotice_again", notice.pk)).status_code for name, one in browsers.items()
    }
    standing = UpstreamStanding.objects.get()
    asks = {
        name: one.post(at("upstreamstanding_ask", standing.pk)).status_code for name, one in browsers.items()
    }
    syncs = {name: one.get(at("upstreamstanding_sync")).status_code for name, one in browsers.items()}
    page = browsers["viewer"].get(at("suppliernotice_change", notice.pk))

    # then
    assert looks == {"keeper": 200, "viewer": 200, "nobody": 403}
    assert acts["keeper"] == asks["keeper"] == 302 and syncs["keeper"] == 200
    assert {acts["viewer"], asks["viewer"], syncs["viewer"], syncs["nobody"]} == {403}
    assert {acts["nobody"], asks["nobody"]} <= {403, 404}
    assert page.status_code == 200 and bought.code not in page.content.decode()
    assert standing_of(bought.fresh()) == [("used", 1)]
