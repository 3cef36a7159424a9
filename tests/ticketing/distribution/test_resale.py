"""Our tickets sold by others: real commits, signed HTTP, a counterpart that fails, and the sum of every deposit."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from saleor.order.models import Order

from plugins.ticketing.admission.models import Redemption, Voucher
from plugins.ticketing.admission.services.catalogue import move_product
from plugins.ticketing.admission.suppliers import wire
from plugins.ticketing.admission.vouchers.services.redeeming import Asked, redeem
from plugins.ticketing.admission.vouchers.services.reversing import reverse
from plugins.ticketing.distribution.downstream.addresses import check_address, target_of
from plugins.ticketing.distribution.downstream.choices import BuyState, EntryKind, NoticeState
from plugins.ticketing.distribution.downstream.errors import ResaleError
from plugins.ticketing.distribution.downstream.locks import lock_reseller
from plugins.ticketing.distribution.downstream.models import (
    Reseller,
    ResellerEntry,
    ResellerKey,
    ResellerNotice,
    ResellerOffer,
    ResellerOrder,
)
from plugins.ticketing.distribution.downstream.selectors import statements
from plugins.ticketing.distribution.downstream.services import changes, ordering, sending, standing
from plugins.ticketing.distribution.downstream.services.accounts import make_reseller, move_reseller
from plugins.ticketing.distribution.downstream.services.keys import make_key
from plugins.ticketing.distribution.downstream.services.ledger import book
from plugins.ticketing.distribution.downstream.services.prices import set_price
from plugins.ticketing.distribution.downstream.services.topping_up import decide_top_up, write_top_up
from plugins.ticketing.kernel.choices import Mode
from plugins.ticketing.kernel.engine import Charge, Rule, Tier
from plugins.ticketing.kernel.models import FeeRule, Ticket
from saleor_o2o.kernel.clock import frozen, now, today
from saleor_o2o.kernel.scope import OutOfScope
from sandbox.client import SandboxClient
from tests.orgs import person
from tests.threads import meeting, together

from .agency import DOOR, RIGHTS, Agency

D = Decimal


def test_bought_used_and_given_back(agency: Agency) -> None:
    # when: bought under its own number, twice
    made = agency.buy(3, "OTA-000001")
    again = agency.ask("order.create", outOrderNo="OTA-000001", **agency.wish(3))

    # then: one order of ours, paid from the deposit, of the unit of the contract
    assert (made["status"], made["amount"], made["orderQuantity"]) == ("ISSUED", 33000, 3)
    assert (again[0], again[1]["orderNo"]) == ("0", made["orderNo"])
    row = ResellerOrder.objects.select_related("ticket_order").get()
    order = Order.objects.get(pk=row.ticket_order.order_id)
    assert (order.total.gross.amount, order.is_fully_paid(), order.user) == (D("330.00"), True, None)
    assert order.o2o_attribution.unit == agency.reseller.unit
    assert (row.state, row.asked, agency.balance()) == (BuyState.PLACED, {}, D("670.00"))
    assert [kind for kind, _body in agency.told()] == ["order.issued"]
    assert agency.told() == []
    codes = [one["code"] for one in made["vouchers"]]
    assert len(codes) == 3 and all(one["qr"] for one in made["vouchers"])

    # when: somebody comes in
    said = redeem(agency.gate, Asked("scan-1", codes[0]))

    # then
    assert said.answer == "passed"
    [(kind, body)] = agency.told()
    assert (kind, body["useQuantity"], body["changed"]) == ("order.consumed", 1, 1)
    assert Redemption.objects.get().cost == D("100.00")

    # when: a supervisor takes it back
    boss = person(agency.reseller.unit, "boss", ["voucher.view", "voucher.redeem", "voucher.reverse"])
    reverse(
        boss,
        Voucher.objects.get(number=made["vouchers"][0]["voucherNo"]).scans.get().pk,
        "扫错了票，游客未入园",
    )

    # then
    [(kind, body)] = agency.told()
    assert (kind, body["useQuantity"], body["changed"]) == ("order.consumed", 0, -1)

    # when: one ticket goes back, by nobody's rule through people only
    ticket = made["tickets"][2]["ticketNo"]
    refused = agency.ask("refund.preview", orderNo=made["orderNo"], tickets=[{"ticketNo": ticket}])

    # then: without a published rule the answer says so
    assert refused[0] != "0"


def test_a_refund_goes_into_the_deposit(agency: Agency) -> None:
    # given: tickets whose rule keeps a tenth
    _keep_a_tenth()
    made = agency.buy(2)
    number = made["tickets"][0]["ticketNo"]
    assert agency.balance() == D("780.00") and [one[0] for one in agency.told()] == ["order.issued"]

    # when
    code, quoted = agency.ask("refund.preview", orderNo=made["orderNo"], tickets=[{"ticketNo": number}])
    [quote] = quoted["tickets"]
    wish = {"outRefundNo": "R-000001", "orderNo": made["orderNo"],
            "tickets": [{"ticketNo": number, "token": quote["token"]}]}  # fmt: skip
    done, again = agency.ask("refund.create", **wish), agency.ask("refund.create", **wish)
    stands = agency.ask("refund.query", outRefundNo="R-000001")[1]

    # then: once, for what was quoted, into the deposit
    assert (code, quote["fee"], quote["refundAmount"]) == ("0", 1100, 9900)
    assert (done[0], again[1]["refundNo"], stands["status"]) == ("0", done[1]["refundNo"], "DONE")
    assert agency.balance() == D("879.00")
    [(kind, body)] = agency.told()
    assert (kind, body["reQuantity"], body["refundAmount"]) == ("order.refunded", 1, 9900)
    assert Ticket.objects.get(number=number).state == "refunded"

    # and: the month's statement, and what the reseller reads itself
    [month] = statements(ResellerEntry.objects.all(), today(), today())
    assert (month.opening, month.top_up, month.order, month.refund, month.closing) == (
        D(0), D("1000.00"), D("-220.00"), D("99.00"), D("879.00"),
    )  # fmt: skip
    entries = agency.ask("ledger.list")[1]
    assert [(one["kind"], one["amount"], one["balance"]) for one in entries["entries"]] == [
        ("TOP_UP", 100000, 100000), ("ORDER", -22000, 78000), ("REFUND", 9900, 87900),
    ]  # fmt: skip
    assert agency.ask("ledger.list", after=entries["next"])[1]["entries"] == []
    assert agency.ask("balance.get")[1] == {
        "balance": 87900, "credit": 0, "available": 87900, "status": "ACTIVE"
    }  # fmt: skip


def test_what_is_refused(agency: Agency) -> None:
    stranger = make_reseller(
        agency.manager, agency.reseller.unit, "other", name="另一家", contract="HT-2", first_day=today(),
        last_day=today() + timedelta(days=1),
    )  # fmt: skip
    others = make_key(agency.manager, stranger.pk)
    made = agency.buy(1, "OTA-000009")

    # then: its own rows only, the price it knew, its number once, no more than it has
    assert agency.ask("order.query", others, orderNo=made["orderNo"])[0] == "NOT_FOUND"
    assert agency.ask("order.create", others, outOrderNo="OTA-000009", **agency.wish(1))[0] == "NOT_FOUND"
    changed = agency.ask("order.create", outOrderNo="OTA-000010", **agency.wish(1, price=10900))
    assert changed == ("PRICE_CHANGED", {"field": "price", "prices": {"adult": 11000}})
    assert agency.ask("order.create", outOrderNo="OTA-000009", **agency.wish(2))[0] == "NUMBER_REUSED"
    assert agency.ask("order.create", outOrderNo="OTA-000010", **agency.wish(9))[0] == "BALANCE_SHORT"
    assert (
        agency.ask("order.create", outOrderNo="OTA-000011", **agency.wish(1, day="2020-01-01"))[0]
        == "NOT_OFFERED"
    )
    for bad in (
        {"outOrderNo": "x"}, {"outOrderNo": "OTA-000012", "lines": []}, {"outOrderNo": "OTA-000012", "day": "2026-13"},
        {"outOrderNo": "OTA-000012", "lines": [{"classCode": "adult", "price": True, "quantity": 1}]},
        {"outOrderNo": "OTA-000012", "productCode": "\0"}, {"outOrderNo": "OTA-000012", "session": 2**40},
    ):  # fmt: skip
        assert agency.ask("order.create", **{**agency.wish(1), **bad})[0] == "MALFORMED", bad
    assert agency.ask("no.such")[0] == "MALFORMED"

    # and: who cannot sign, is late, or says the same once more
    body = wire.envelope(agency.key.key, agency.key.secret, {}, method="balance.get")
    assert agency.post(body)[0] == "0"
    assert agency.post(body)[0] == "401 REPLAYED"
    assert agency.post({**body, "data": '{"a": 1}'})[0] == "401 BAD_SIGN"
    assert agency.post(wire.envelope("nobody", "x" * 64, {}, method="balance.get"))[0] == "401 BAD_SIGN"
    old = {**body, "timestamp": str(int(body["timestamp"]) - 400), "nonce": "n" * 12}
    assert agency.post({**old, "sign": wire.sign(old, agency.key.secret)})[0] == "401 STALE"
    for raw in (b"", b"[]", b"{", b'{"account": 1}', b'{"account": "\\ud800"}'):
        assert Client().post(DOOR, data=raw, content_type="application/json").status_code in (400, 401)

    # and: suspended, it buys nothing and still sees what it bought
    move_reseller(agency.manager, agency.reseller.pk, "suspend", "逾期未对账")
    assert agency.ask("order.create", outOrderNo="OTA-000013", **agency.wish(1))[0] == "NOT_ACTIVE"
    assert agency.ask("order.query", outOrderNo="OTA-000009")[1]["status"] == "ISSUED"
    assert agency.balance() == D("890.00")


def test_keys_overlap_and_people_are_two(agency: Agency) -> None:
    # when: a new key
    fresh = make_key(agency.manager, agency.reseller.pk)

    # then: both count for three days
    assert agency.ask("balance.get", fresh)[0] == agency.ask("balance.get")[0] == "0"
    agency.key.refresh_from_db()
    assert agency.key.ends_at is not None and agency.key.ends_at > now() + timedelta(hours=71)
    make_key(agency.manager, agency.reseller.pk, at_once=True)
    assert agency.ask("balance.get", fresh)[0] == "401 BAD_SIGN"

    # and: nobody books what he wrote down, and a transfer counts once
    made = write_top_up(agency.manager, agency.reseller.pk, D("50.00"), "BANK-2", today())
    with pytest.raises(ResaleError, match="不能复核本人"):
        decide_top_up(agency.manager, made.pk, found=True)
    with pytest.raises(ResaleError, match="已经登记过"):
        write_top_up(agency.checker, agency.reseller.pk, D("50.00"), "BANK-2", today())
    decide_top_up(agency.checker, made.pk, found=False)
    with pytest.raises(ResaleError, match="刚刚处理过"):
        decide_top_up(agency.checker, made.pk, found=True)
    assert agency.balance() == D("1000.00")

    # and: a price below what we pay ourselves has a reason; another county finds nothing
    days = today(), today() + timedelta(days=3)
    with pytest.raises(ResaleError, match="低于结算价"):
        set_price(agency.manager, agency.reseller.pk, agency.adult, *days, D("99.99"))
    set_price(
        agency.manager, agency.reseller.pk, agency.adult, *days, D("99.99"), "开业促销，差额由营销费承担"
    )
    assert (
        agency.ask("order.create", fresh_key(agency), outOrderNo="OTA-000020", **agency.wish(1))[0]
        == "PRICE_CHANGED"
    )
    next_door = person(agency.shop.org["C12"], "nextdoor", RIGHTS)
    with pytest.raises(OutOfScope):
        write_top_up(next_door, agency.reseller.pk, D("1.00"), "BANK-3", today())


def fresh_key(agency: Agency) -> ResellerKey:
    return ResellerKey.objects.filter(reseller=agency.reseller, ends_at=None).get()


def test_no_more_than_deposit_and_credit(agency: Agency) -> None:
    """Six at once, 110 each, of 300: two. The negative control looks first and writes afterwards."""
    # given
    with transaction.atomic():
        book(lock_reseller(agency.reseller.pk), EntryKind.ADJUST, D("-700.00"), "LESS")

    # when
    answers = together(*(
        lambda number=number: agency.ask("order.create", outOrderNo=f"RACE-{number:04d}", **agency.wish(1))
        for number in range(6)
    ))  # fmt: skip
    ordering.drive_waiting()
    with frozen(now() + timedelta(minutes=2)):  # whoever met a lock comes again
        ordering.drive_waiting()

    # then: every answer is one that was meant, and the deposit is never below zero
    assert all(isinstance(one, tuple) and one[0] in ("0", "BALANCE_SHORT", "BUSY") for one in answers), (
        answers
    )
    assert agency.balance() == D("80.00")
    assert ResellerEntry.objects.filter(kind=EntryKind.ORDER).count() == 2
    assert not ResellerEntry.objects.filter(after__lt=0).exists()
    assert Ticket.objects.filter(state__in=("issued", "held")).count() == 2

    # negative control: without the lock all who looked in time go through
    meet = meeting(2)

    def blind() -> None:
        with transaction.atomic():
            row = Reseller.objects.get(pk=agency.reseller.pk)
            assert row.available >= 80
            meet()
            with connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE o2o_resale_reseller SET balance = balance - 80 WHERE id = %s", [row.pk]
                )

    assert together(blind, blind) == [None, None]
    assert Reseller.objects.get(pk=agency.reseller.pk).balance == D("-80.00")


def test_what_died_on_the_way_goes_on(agency: Agency, monkeypatch: pytest.MonkeyPatch) -> None:
    # given: the process dies after the hold, and after the order was placed
    for step in ("_place", "_pay"):
        with monkeypatch.context() as patch:
            patch.setattr(ordering, step, _dies)
            code, _told = agency.ask("order.create", outOrderNo=f"DIE{step}-1", **agency.wish(1))
            assert code == "UNKNOWN"
    assert agency.balance() == D("1000.00")

    # when
    with frozen(now() + timedelta(minutes=2)):
        assert ordering.drive_waiting() == 2

    # then: bought once each
    assert agency.balance() == D("780.00")
    assert agency.ask("order.query", outOrderNo="DIE_pay-1")[1]["status"] == "ISSUED"
    assert Ticket.objects.count() == 2

    # when: nobody comes before the hold is over
    with monkeypatch.context() as patch:
        patch.setattr(ordering, "_place", _dies)
        agency.ask("order.create", outOrderNo="LATE-0001", **agency.wish(1))
    with frozen(now() + timedelta(hours=1)):
        ordering.drive_waiting()

    # then: it failed, nothing was taken, and the reseller is told
    told = agency.ask("order.query", outOrderNo="LATE-0001")[1]
    assert (told["status"], told["code"], agency.balance()) == ("FAILED", "HOLD_GONE", D("780.00"))
    assert ResellerNotice.objects.filter(kind="order.failed").count() == 1


def _dies(*_told: Any) -> Any:
    raise RuntimeError("killed")


def test_notices_until_they_are_taken(agency: Agency, scenic: SandboxClient, settings: Any) -> None:
    # given: the counterpart fails once
    hook = f"{settings.SANDBOX_URL}/scenic/channel/hook"
    Reseller.objects.update(hook=hook)
    ResellerNotice.objects.all().delete()
    scenic.call("POST", "/scenic/channel", {"key": agency.key.key, "secret": agency.key.secret, "fails": 1})
    made = agency.buy(1)
    redeem(agency.gate, Asked("scan-2", made["vouchers"][0]["code"]))
    standing.tell_all(standing.differing())

    # when: sent, refused, and sent again when its time has come
    [first] = sending.due()
    assert sending.send(first) == NoticeState.WAITING and sending.due() == []
    with frozen(now() + timedelta(minutes=1)):
        states = [sending.send(pk) for pk in sending.due()] + [sending.send(pk) for pk in sending.due()]

    # then: signed, in the order of its subject, the first one twice under one number
    heard = [one for one in scenic.call("GET", "/scenic/received")["received"] if one["signed"]]
    numbers = list(ResellerNotice.objects.order_by("pk").values_list("number", flat=True))
    assert states == ["sent", "sent"]
    assert [(one["number"], one["kind"], one["answered"]) for one in heard] == [
        (numbers[0], "order.issued", 500), (numbers[0], "order.issued", 200), (numbers[1], "order.consumed", 200),
    ]  # fmt: skip
    assert not any(
        "code" in str(one["data"]).lower() and made["vouchers"][0]["code"] in str(one["data"])
        for one in heard
    )

    # and: whoever missed them asks, with a cursor
    listed = agency.ask("notice.list")[1]
    assert [one["noticeNo"] for one in listed["notices"]] == numbers

    # when: nobody takes it for a day
    scenic.call(
        "POST", "/scenic/channel", {"key": agency.key.key, "secret": agency.key.secret, "status": 503}
    )
    set_price(
        agency.manager, agency.reseller.pk, agency.adult, today(), today() + timedelta(days=1), D("111.00")
    )
    [late] = sending.due()
    sending.send(late)
    with frozen(now() + timedelta(hours=25)):
        assert sending.send(late) == NoticeState.GIVEN_UP

    # then: people send it again, under its number
    scenic.call("POST", "/scenic/channel", {"key": agency.key.key, "secret": agency.key.secret})
    assert sending.send(sending.send_again(agency.manager, late).pk) == NoticeState.SENT


def test_products_that_changed(agency: Agency) -> None:
    # given: looked at once
    assert changes.tell_products() == 0 and changes.tell_products() == 0

    # when
    move_product(None, ResellerOffer.objects.get().product, "pause")

    # then
    assert (changes.tell_products(), changes.tell_products()) == (1, 0)
    told = ResellerNotice.objects.get(kind="product.changed")
    assert told.body == {"productCode": "karst", "onSale": False}


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/x", "https://127.0.0.1/x", "https://10.1.2.3/x", "https://[::1]/x", "https://localhost/x",
        "https://169.254.169.254/latest", "https://u:p@example.com/", "https://example.com:22/", "ftp://example.com/",
        "https:///x", "https://exa mple.com/", "https://[::ffff:10.0.0.1]/", "https://0.0.0.0/", "",
    ],
)  # fmt: skip
def test_addresses_inside_are_refused(url: str) -> None:
    with pytest.raises(ResaleError):
        check_address(url)


def test_a_name_that_points_inside_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    # given: one of its addresses is ours
    found = {"evil.example.com": ["203.0.113.9", "10.0.0.5"], "good.example.com": ["93.184.216.34"]}

    def lookup(host: str, port: int, **_told: Any) -> list[Any]:
        return [(2, 1, 6, "", (one, port)) for one in found[host]]

    monkeypatch.setattr("socket.getaddrinfo", lookup)

    # then
    with pytest.raises(ResaleError):
        target_of("https://evil.example.com/hook")
    target = target_of("https://good.example.com/hook?a=1")
    assert (target.url, target.host) == ("https://93.184.216.34:443/hook?a=1", "good.example.com")


def test_pages_and_statement(agency: Agency) -> None:
    # given
    agency.buy(1)
    standing.tell_all(standing.differing())
    browser = Client()
    browser.force_login(agency.manager)

    # then: each list and each page opens; nobody's name or number is whole
    for model in ("reseller", "resellerprice", "resellerorder", "topup", "resellerentry", "resellernotice"):
        listed = browser.get(f"/admin/o2o_resale/{model}/")
        assert listed.status_code == 200, model
        key = _newest(model)
        page = browser.get(f"/admin/o2o_resale/{model}/{key}/change/")
        assert page.status_code == 200, model
        assert not any(one in page.content.decode() for one in ("周经理", "13900000001", agency.key.secret))
    base = f"/admin/o2o_resale/reseller/{agency.reseller.pk}/"
    for name in ("set/", "move/?to=suspend", "key/", "price/", "offer/", "topup/"):
        assert browser.get(base + name).status_code == 200, name
    report = browser.get("/admin/o2o_resale/reseller/report/")
    assert report.status_code == 200 and "¥890.00" in report.content.decode()
    book_ = browser.get("/admin/o2o_resale/reseller/report/?format=xlsx")
    assert book_.status_code == 200 and book_["Content-Disposition"].startswith("attachment")

    # when: done by hand
    done = browser.post(
        base + "topup/", {"amount": "20", "bank_number": "BANK-9", "paid_on": today().isoformat()}
    )
    made = browser.post("/admin/o2o_resale/reseller/make/", {
        "unit": agency.reseller.unit_id, "code": "new-one", "name": "新店", "contract": "HT-3", "credit": "0",
        "first_day": today().isoformat(), "last_day": today().isoformat(), "low_below": "0", "hook": "http://10.0.0.1/",
    })  # fmt: skip
    shown = browser.post(base + "key/", {})

    # then
    assert (
        done.status_code == 302 and made.status_code == 200 and "通知地址须为 https" in made.content.decode()
    )
    assert "no-store" in shown["Cache-Control"] and fresh_key(agency).secret in shown.content.decode()


def _newest(model: str) -> int:
    from django.apps import apps

    return int(
        apps.get_model("o2o_resale", model)._default_manager.order_by("-pk").values_list("pk", flat=True)[0]
    )


def _keep_a_tenth() -> None:
    """The rule of all tickets sold from now on: a tenth of the face value, whenever."""
    charge = Charge(Mode.PERCENT, D(10))
    says = Rule("退票", "scenic", "refund", (Tier(None, None, charge),), anchor="start").to_json()
    FeeRule.objects.create(
        name="退票",
        trade="scenic",
        kind="refund",
        valid_from=today(),
        says=says,
        reason="测试",
        state="published",
    )
