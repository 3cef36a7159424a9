"""Sessions at resellers: what is put off or cancelled is told, chosen and given back; part of an order is used."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from plugins.ticketing.admission.models import Session, TicketClass, Voucher
from plugins.ticketing.admission.services import limits
from plugins.ticketing.admission.services.catalogue import add_class
from plugins.ticketing.admission.services.sessions import (
    cancel_session,
    make_session,
    move_session,
    postpone_session,
)
from plugins.ticketing.admission.services.stock import make_quota
from plugins.ticketing.admission.vouchers.scanning import Asked
from plugins.ticketing.admission.vouchers.services.redeeming import redeem
from plugins.ticketing.distribution.downstream.models import ResellerNotice
from plugins.ticketing.distribution.downstream.services.prices import set_price
from plugins.ticketing.kernel.models import Ticket, TicketOrder
from plugins.ticketing.kernel.services.batches import go_on
from saleor_o2o.kernel.clock import SHANGHAI, now, today

from .agency import Agency

pytestmark = pytest.mark.django_db(transaction=True)
D = Decimal


@pytest.fixture
def evening(agency: Agency) -> Session:
    """A session of twenty next week, 60 yuan each for the agency."""
    product = agency.adult.product
    kind = add_class(
        None, product, code="night", name="夜场票", price=D("80.00"), settlement_price=D("50.00"), valid_mode="session",
        verify_mode="partial",
    )  # fmt: skip
    start = now().replace(microsecond=0) + timedelta(days=7)
    session = make_session(None, product, starts_at=start, ends_at=start + timedelta(hours=2), name="夜场")
    make_quota(None, product, 20, session=session)
    session = move_session(None, session, "open")
    set_price(agency.manager, agency.reseller.pk, kind, today(), today() + timedelta(days=30), D("60.00"))
    return session


def buy(agency: Agency, session: Session, count: int, number: str) -> dict[str, Any]:
    """Bought, as the interface tells it."""
    code, told = agency.ask(
        "order.create", outOrderNo=number, productCode="karst", session=session.pk, contact="陈渝江",
        mobile="13800000001", lines=[{"classCode": "night", "price": 6000, "quantity": count}],
    )  # fmt: skip
    assert code == "0", told
    return agency.ask("order.query", orderNo=told["orderNo"])[1]


def kinds() -> list[tuple[str, Any]]:
    """Notices of sessions: kind, and when it begins."""
    rows = ResellerNotice.objects.filter(kind__startswith="session.").order_by("pk")
    return [(one.kind, one.body["startsAt"]) for one in rows]


def test_a_session_that_is_put_off_is_chosen_about(agency: Agency, evening: Session) -> None:
    # given two orders
    first, second = (buy(agency, evening, count, f"NIGHT-{number}") for number, count in ((1, 2), (2, 1)))
    assert (agency.balance(), first["postponed"]) == (D("820.00"), None)
    assert agency.ask("postponed.choose", orderNo=first["orderNo"], choice="KEEP")[0] == "WINDOW_OVER"
    # when the session is put off by ten days
    after = evening.starts_at + timedelta(days=10)
    postpone_session(None, evening, after, "舞台检修")
    local = after.astimezone(SHANGHAI).isoformat(timespec="minutes")
    # then the agency is told, and may choose for each order
    assert kinds() == [("session.changed", local)]
    told = agency.ask("order.query", orderNo=first["orderNo"])[1]["postponed"]
    assert (told["startsAt"], told["reason"], told["choice"]) == (local, "舞台检修", "")
    kept = agency.ask("postponed.choose", orderNo=first["orderNo"], choice="KEEP")
    assert kept == ("0", {"choice": "KEEP", "refundNo": "", "status": "", "refundAmount": 0})
    answers = [
        agency.ask("postponed.choose", orderNo=second["orderNo"], choice="REFUND") for _time in range(2)
    ]
    assert [code for code, _one in answers] == ["0", "0"]
    assert [(code, one["choice"], one["refundAmount"]) for code, one in answers] == [
        ("0", "REFUND", 6000)
    ] * 2
    # and what was given back is in the deposit without a fee, once; it cannot be taken back
    assert agency.balance() == D("880.00")
    assert agency.ask("postponed.choose", orderNo=second["orderNo"], choice="KEEP")[0] == "ALREADY"
    # nor is anything else a choice, or somebody else's order one's own
    assert agency.ask("postponed.choose", orderNo=first["orderNo"], choice="MAYBE")[0] == "MALFORMED"
    assert agency.ask("postponed.choose", orderNo="no-such-order", choice="KEEP")[0] == "NOT_FOUND"
    assert TicketOrder.objects.filter(starts_at=after).count() == 2


def test_a_session_that_is_cancelled_goes_back_into_the_deposit(
    agency: Agency,
    evening: Session,
) -> None:
    made = buy(agency, evening, 3, "NIGHT-0001")
    assert agency.balance() == D("820.00")
    cancel_session(None, evening, "演员因病")
    assert [kind for kind, _at in kinds()] == ["session.cancelled"]
    go_on()
    assert agency.balance() == D("1000.00")
    assert set(Ticket.objects.values_list("state", flat=True)) == {"refunded"}
    assert agency.ask("order.query", orderNo=made["orderNo"])[1]["reQuantity"] == 3


def test_a_reseller_sells_its_own_quota(agency: Agency, evening: Session) -> None:
    # given three of each session for a reseller
    limits.set_limit(None, evening.product, "reseller", "session", 3)
    assert buy(agency, evening, 2, "NIGHT-0001")["status"] == "ISSUED"
    # when it wants two more
    failed = buy(agency, evening, 2, "NIGHT-0002")
    # then it hears so, nothing is charged, and one more is sold
    assert (failed["status"], failed["code"]) == ("FAILED", "LIMIT_REACHED")
    assert agency.balance() == D("880.00")
    assert buy(agency, evening, 1, "NIGHT-0003")["status"] == "ISSUED"


def test_part_of_an_order_is_used(agency: Agency) -> None:
    # given a voucher for three
    TicketClass.objects.filter(pk=agency.adult.pk).update(verify_mode="partial")
    made = agency.buy(3)
    [(kind, _body)] = agency.told()
    assert kind == "order.issued"
    [voucher] = made["vouchers"]
    assert voucher["left"] == 3
    # when two come, then one
    for number, people in (("scan-1", 2), ("scan-2", 1)):
        assert redeem(agency.gate, Asked(number, voucher["code"], people=people)).answer == "passed"
        [(kind, body)] = agency.told()
        assert (kind, body["changed"]) == ("order.consumed", people)
    # then all three are used, and nothing is left
    told = agency.ask("order.query", orderNo=made["orderNo"])[1]
    assert (told["orderQuantity"], told["useQuantity"], told["reQuantity"]) == (3, 3, 0)
    assert Voucher.objects.get().left == 0
