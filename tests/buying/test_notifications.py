"""Notifications: believed only when genuine, acted upon once, whatever their number and order."""

from __future__ import annotations

import json
import time
from base64 import b64encode
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.core import mail
from django.test import Client
from saleor.payment import TransactionKind
from saleor.payment.models import Transaction

from plugins.wechat_pay.models import AccountKey
from saleor_o2o.cashier.events import PaymentConfirmed
from saleor_o2o.cashier.models import (
    Notification,
    NotificationState,
    PaymentAttempt,
    PaymentIntent,
    Refund,
)
from saleor_o2o.cashier.services import inbox
from saleor_o2o.kernel.events import capture_events
from saleor_o2o.kernel.models import AuditEntry, EventRecord
from tests.stock.world import World
from tests.threads import together

from . import clerk
from .books import Books, books, paid, time_passes, unpaid
from .conftest import WechatPay
from .shopper import buy, intent_state, start

URL = "/hooks/wechat_pay/notify"


class Forger:
    """Holds the sandbox's own keys: makes genuine notifications with any content."""

    def __init__(self, folder: Path) -> None:
        self.merchant = json.loads((folder / "merchant.json").read_text())
        key = next(path for path in folder.rglob("*.pem") if self._fits(folder, path))
        self.key = load_pem_private_key(key.read_bytes(), None)

    def _fits(self, folder: Path, path: Path) -> bool:
        from cryptography.hazmat.primitives.serialization import load_pem_public_key

        public = load_pem_public_key((folder / self.merchant["public_key_file"]).read_bytes())
        try:
            private = load_pem_private_key(path.read_bytes(), None)
        except ValueError:
            return False
        return bool(private.public_key().public_numbers() == public.public_numbers())

    def make(
        self, event: str, plain: dict[str, Any], ident: str = "EV-forged-1"
    ) -> tuple[bytes, dict[str, str]]:
        nonce = "0123456789ab"
        sealed = AESGCM(self.merchant["apiv3_key"].encode()).encrypt(
            nonce.encode(), json.dumps(plain).encode(), b"transaction"
        )
        body = json.dumps(
            {
                "id": ident,
                "event_type": event,
                "resource_type": "encrypt-resource",
                "resource": {
                    "algorithm": "AEAD_AES_256_GCM",
                    "original_type": "transaction",
                    "associated_data": "transaction",
                    "nonce": nonce,
                    "ciphertext": b64encode(sealed).decode(),
                },
            }
        ).encode()
        return body, self.sign(body)

    def sign(self, body: bytes, stamp: int | None = None) -> dict[str, str]:
        text = f"{stamp or int(time.time())}\nnonce-1\n".encode() + body + b"\n"
        return {
            "Wechatpay-Timestamp": str(stamp or int(time.time())),
            "Wechatpay-Nonce": "nonce-1",
            "Wechatpay-Serial": self.merchant["public_key_id"],
            "Wechatpay-Signature-Type": "WECHATPAY2-SHA256-RSA2048",
            "Wechatpay-Signature": b64encode(self.key.sign(text, PKCS1v15(), SHA256())).decode(),
        }

    def trade(self, number: str, fen: int, **changes: Any) -> dict[str, Any]:
        return {
            "mchid": self.merchant["mchid"],
            "appid": self.merchant["appid"],
            "out_trade_no": number,
            "transaction_id": "4200000000202611220000000001",
            "trade_state": "SUCCESS",
            "success_time": "2026-11-22T12:00:00+08:00",
            "amount": {"total": fen, "payer_total": fen, "currency": "CNY", "payer_currency": "CNY"},
            **changes,
        }


@pytest.fixture
def forger(wechat: WechatPay, sandbox_directory: Path) -> Forger:
    return Forger(sandbox_directory / "wechat_pay")


def post(body: bytes, headers: dict[str, str]) -> int:
    return Client().post(URL, body, content_type="application/json", headers=headers).status_code


def snapshot(order: Any) -> tuple[Books, int, int]:
    """What a notification must not change."""
    return books(order), Transaction.objects.count(), EventRecord.objects.count()


def test_a_genuine_notification_books_the_money(world: World, wechat: WechatPay) -> None:
    # given
    order = buy(world, 2)
    start(order)
    assert mail.outbox == []
    number = wechat.pay(order)

    # when
    with capture_events() as events:
        assert wechat.deliver(wechat.hear()) == 204

    # then
    assert books(order) == paid("89.80", 2)
    intent, attempt = PaymentIntent.objects.get(), PaymentAttempt.objects.get()
    trade = wechat.control.order(number)
    assert attempt.provider_ref == trade["transaction_id"]
    assert attempt.paid_at.isoformat(timespec="seconds") == intent.paid_at.isoformat(timespec="seconds")
    assert [event for event in events if event.name.startswith("cashier.")] == [
        PaymentConfirmed(
            intent_id=intent.pk,
            order_id=order.pk,
            amount=Decimal("89.80"),
            gateway="o2o.wechat_pay",
            paid_at=attempt.paid_at,
        )
    ]
    captures = Transaction.objects.filter(kind=TransactionKind.CAPTURE, is_success=True)
    assert [(txn.amount, txn.token) for txn in captures] == [(Decimal("89.80"), intent.number)]
    order.refresh_from_db()
    assert order.is_fully_paid()
    assert [event.type for event in order.events.filter(type="order_fully_paid")] == ["order_fully_paid"]
    assert intent_state(order)["state"] == "PAID"
    row = Notification.objects.get()
    assert (row.state, row.times_seen, row.kind) == (
        NotificationState.PROCESSED,
        1,
        "TRANSACTION.SUCCESS",
    )


def test_the_mails_wait_for_the_money(world: World, wechat: WechatPay) -> None:
    # given
    order = buy(world)
    start(order)
    before = len(mail.outbox)
    wechat.pay(order)

    # when
    wechat.deliver(wechat.hear())

    # then
    assert before == 0
    assert {address for sent in mail.outbox for address in sent.to} == {"li@example.com"}
    assert len(mail.outbox) == 2  # the order's confirmation and the payment's


def test_the_same_notification_twice_is_counted_and_nothing_more(world: World, wechat: WechatPay) -> None:
    # given
    order = buy(world)
    start(order)
    wechat.pay(order)
    heard = wechat.hear()
    wechat.deliver(heard)
    before = snapshot(order)

    # when
    assert wechat.deliver(heard) == 204

    # then
    assert snapshot(order) == before
    assert Notification.objects.get().times_seen == 2


def test_ten_copies_at_once_are_one_transaction(world: World, wechat: WechatPay) -> None:
    # given
    order = buy(world)
    start(order)
    wechat.pay(order)
    heard = wechat.hear()

    # when
    answers = together(*[lambda: wechat.deliver(heard)] * 10)

    # then
    assert answers == [204] * 10
    assert books(order) == paid("49.90", 1)
    assert Transaction.objects.filter(kind=TransactionKind.CAPTURE).count() == 1
    assert EventRecord.objects.filter(name=PaymentConfirmed.name).count() == 1
    assert Notification.objects.get().times_seen == 10
    assert order.events.filter(type="order_fully_paid").count() == 1


def test_two_notifications_and_a_query_at_once_are_one_transaction(
    world: World, wechat: WechatPay, forger: Forger
) -> None:
    # given
    from saleor_o2o.cashier.services import watching

    order = buy(world)
    start(order)
    number = wechat.pay(order)
    heard = wechat.hear()
    other = forger.make("TRANSACTION.SUCCESS", forger.trade(number, 4990))
    time_passes()

    # when
    results = together(lambda: wechat.deliver(heard), lambda: post(*other), watching.query_silent)

    # then
    time_passes()
    inbox.process_due()
    assert results[:2] == [204, 204]
    assert books(order) == paid("49.90", 1)
    assert Transaction.objects.filter(kind=TransactionKind.CAPTURE).count() == 1


def _tampered(heard: Any) -> str:
    return heard.body.replace("TRANSACTION.SUCCESS", "TRANSACTION.SUCCES5")


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ("body", 401, "BAD_SIGNATURE"),
        ("signature", 401, "BAD_SIGNATURE"),
        ("signtest", 401, "BAD_SIGNATURE"),
        ("no_signature", 401, "BAD_SIGNATURE"),
        ("key", 401, "BAD_SIGNATURE"),
        ("algorithm", 401, "BAD_SIGNATURE"),
        ("stale", 401, "STALE"),
        ("future", 401, "STALE"),
        ("no_time", 400, "MALFORMED"),
        ("odd_time", 400, "MALFORMED"),
        ("long_time", 400, "MALFORMED"),
    ],
)
def test_what_is_not_genuine_is_refused_and_kept(
    world: World, wechat: WechatPay, change: str, status: int, code: str
) -> None:
    # given
    order = buy(world)
    start(order)
    wechat.pay(order)
    heard = wechat.hear()
    body = _tampered(heard) if change == "body" else None
    signature = {name.lower(): value for name, value in heard.headers.items()}["wechatpay-signature"]
    headers = {
        "signature": {"Wechatpay_Signature": "AAAA" + signature[4:]},
        "signtest": {"Wechatpay_Signature": "WECHATPAY/SIGNTEST/" + signature},
        "no_signature": {"Wechatpay_Signature": ""},
        "key": {"Wechatpay_Serial": "PUB_KEY_ID_0000000000000000000000000000"},
        "algorithm": {"Wechatpay_Signature_Type": "none"},
        "stale": {"Wechatpay_Timestamp": str(int(time.time()) - 301)},
        "future": {"Wechatpay_Timestamp": str(int(time.time()) + 360)},
        "no_time": {"Wechatpay_Timestamp": ""},
        "odd_time": {"Wechatpay_Timestamp": "yesterday"},
        "long_time": {"Wechatpay_Timestamp": "9" * 900},
    }.get(change, {})
    before = snapshot(order)

    # when
    answer = wechat.deliver(heard, body, **headers)

    # then
    assert answer == status
    assert snapshot(order) == before
    row = Notification.objects.get()
    assert (row.state, row.last_error) == (NotificationState.REFUSED, code)
    assert AuditEntry.objects.filter(action="cashier.notification_refused").count() == 1

    # and the genuine one is still believed
    assert wechat.deliver(heard) == 204
    assert books(order) == paid("49.90", 1)


@pytest.mark.parametrize("kind", ["bad_signature", "signtest", "stale"])
def test_the_sandboxs_own_spoilt_notifications_are_refused(
    world: World, wechat: WechatPay, kind: str
) -> None:
    # given
    order = buy(world)
    start(order)
    wechat.control.fault("notify", kind)

    # when
    wechat.pay(order)

    # then
    assert wechat.deliver(wechat.hear()) == 401
    assert books(order) == unpaid(1, "open")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "MALFORMED"),
        (b"{", "MALFORMED"),
        (b"[]", "MALFORMED"),
        (b"\xff\xfe", "MALFORMED"),
        (b"[" * 60000, "MALFORMED"),
        (b'{"id": 1}', "MALFORMED"),
        (b'{"id": ""}', "MALFORMED"),
        (b'{"id": "a\\u0000b", "event_type": "x\\u0000"}', "MALFORMED"),
        (b'{"id": "\\ud800"}', "MALFORMED"),
        (json.dumps({"id": "E" * 65}).encode(), "MALFORMED"),
        (b'{"id": "EV-1", "event_type": "a\\u0000"}', "BAD_SIGNATURE"),
        (b'{"id": "EV-1", "event_type": {"a": 1}}', "BAD_SIGNATURE"),
    ],
)
def test_garbage_is_a_4xx_and_kept(world: World, wechat: WechatPay, body: bytes, code: str) -> None:
    # when
    headers = {"Wechatpay-Timestamp": str(int(time.time())), "Wechatpay-Signature": "a\x00b"}
    status = post(body, headers)

    # then
    assert status == (400 if code == "MALFORMED" else 401)
    row = Notification.objects.get()
    assert (row.state, row.last_error, bytes(row.body)) == (NotificationState.REFUSED, code, body)
    assert AuditEntry.objects.filter(action="cashier.notification_refused").count() == 1


def test_an_oversized_notification_is_noted_without_its_body(world: World, wechat: WechatPay) -> None:
    # when
    status = post(b"x" * (64 * 1024 + 1), {})

    # then
    assert status == 413
    row = Notification.objects.get()
    assert (row.state, row.last_error, bytes(row.body)) == (NotificationState.REFUSED, "TOO_LARGE", b"")


def test_other_methods_are_not_allowed(world: World, wechat: WechatPay) -> None:
    assert [Client().get(URL).status_code, Client().put(URL).status_code] == [405, 405]
    assert not Notification.objects.exists()


def test_a_notification_before_the_keys_are_entered_is_to_be_sent_again(
    world: World, wechat: WechatPay
) -> None:
    # given
    order = buy(world)
    start(order)
    wechat.pay(order)
    heard = wechat.hear()
    kept = list(AccountKey.objects.all())
    AccountKey.objects.all().delete()

    # when / then
    assert wechat.deliver(heard) == 503
    assert books(order) == unpaid(1, "open")

    # when
    AccountKey.objects.bulk_create(kept)

    # then
    assert wechat.deliver(heard) == 204
    assert books(order) == paid("49.90", 1)


def test_an_unknown_number_is_tried_again_then_left_to_people_then_replayed(
    world: World, wechat: WechatPay, forger: Forger
) -> None:
    # given a payment of an order that our database does not have (yet)
    order = buy(world)
    start(order)
    attempt = PaymentAttempt.objects.get()
    number = attempt.number
    PaymentAttempt.objects.update(number="WX000000000000000000000000")

    # when
    assert post(*forger.make("TRANSACTION.SUCCESS", forger.trade(number, 4990))) == 204
    tries = []
    for _ in range(9):
        tries.append(Notification.objects.get().attempts)
        time_passes()
        inbox.process_due()

    # then
    assert tries == [1, 2, 3, 4, 5, 6, 7, 8, 8]
    row = Notification.objects.get()
    assert (row.state, row.last_error) == (NotificationState.DEAD, "NOT_FOUND")
    assert AuditEntry.objects.filter(action="cashier.notification_given_up").count() == 1
    assert books(order) == unpaid(1, "open")

    # when a person has put it right
    PaymentAttempt.objects.update(number=number)
    inbox.replay(row.pk)

    # then
    assert Notification.objects.get().state == NotificationState.PROCESSED
    assert books(order) == paid("49.90", 1)


@pytest.mark.parametrize(
    "amount",
    [
        {"total": 4989, "currency": "CNY"},
        {"total": 4991, "currency": "CNY"},
        {"total": 4990, "currency": "USD"},
    ],
)
def test_another_amount_is_not_booked_and_people_are_called(
    world: World, wechat: WechatPay, forger: Forger, amount: dict[str, Any]
) -> None:
    # given
    order = buy(world)
    start(order)

    # when
    trade = forger.trade(wechat.number(order), 4990, amount=amount)
    assert post(*forger.make("TRANSACTION.SUCCESS", trade)) == 204

    # then
    assert books(order) == unpaid(1, "open")
    assert PaymentIntent.objects.get().attention == "AMOUNT_MISMATCH"
    line = AuditEntry.objects.get(action="cashier.amount_mismatch")
    assert line.after in ({"fen": amount["total"]}, {"currency": "USD"})


@pytest.mark.parametrize("who", [{"mchid": "1900000000"}, {"appid": "wx0000000000000000"}, {"mchid": None}])
def test_another_merchants_payment_is_refused(
    world: World, wechat: WechatPay, forger: Forger, who: dict[str, Any]
) -> None:
    # given
    order = buy(world)
    start(order)

    # when
    status = post(*forger.make("TRANSACTION.SUCCESS", forger.trade(wechat.number(order), 4990, **who)))

    # then
    assert status == 400
    assert Notification.objects.get().last_error == "WRONG_MERCHANT"
    assert books(order) == unpaid(1, "open")


@pytest.mark.parametrize(
    ("event", "plain", "code"),
    [
        ("PAYSCORE.USER_PAID", {"mchid": "1"}, "UNKNOWN_EVENT"),
        ("TRANSACTION.SUCCESS", {"amount": {}}, "MALFORMED"),
        ("TRANSACTION.SUCCESS", {"amount": {"total": "4990"}}, "MALFORMED"),
        ("REFUND.SUCCESS", {"refund_status": "SUCCESS"}, "MALFORMED"),
        ("REFUND.SUCCESS", {"refund_status": "DONE", "out_refund_no": "RF1"}, "MALFORMED"),
    ],
)
def test_genuine_but_useless_is_refused(
    world: World, wechat: WechatPay, forger: Forger, event: str, plain: dict[str, Any], code: str
) -> None:
    # given
    order = buy(world)
    start(order)

    # when
    status = post(*forger.make(event, forger.trade(wechat.number(order), 4990) | plain))

    # then
    assert (status, Notification.objects.get().last_error) == (400, code)
    assert books(order) == unpaid(1, "open")


@pytest.mark.parametrize(
    ("result", "state", "captured"),
    [
        ("SUCCESS", "succeeded", Decimal("29.90")),
        ("CLOSED", "failed", Decimal("49.90")),
        ("ABNORMAL", "abnormal", Decimal("29.90")),
    ],
)
def test_how_a_refund_ended(
    world: World, wechat: WechatPay, result: str, state: str, captured: Decimal
) -> None:
    # given
    order = buy(world)
    start(order)
    wechat.pay(order)
    wechat.deliver(wechat.hear())
    assert clerk.refund(world, order, "20.00") == []
    assert Refund.objects.get().state == "processing"

    # when it is told twice
    wechat.control.finish_refund(Refund.objects.get().number, result)
    heard = wechat.hear()
    assert [wechat.deliver(heard), wechat.deliver(heard)] == [204, 204]

    # then
    assert heard.event["event_type"] == f"REFUND.{result}"
    after = books(order)
    assert (after.refunds, after.captured) == (((state, Decimal("20.00")),), captured)


def test_a_late_processing_answer_does_not_undo_a_success(world: World, wechat: WechatPay) -> None:
    # given
    from saleor_o2o.cashier.ports import RefundFact, RefundState
    from saleor_o2o.cashier.services.refunding import apply_refund_fact

    order = buy(world)
    start(order)
    wechat.pay(order)
    wechat.deliver(wechat.hear())
    clerk.refund(world, order, "20.00")
    number = Refund.objects.get().number
    wechat.control.finish_refund(number)
    wechat.deliver(wechat.hear())

    # when
    for told in (RefundState.PROCESSING, RefundState.ABNORMAL, RefundState.CLOSED):
        apply_refund_fact(RefundFact(number=number, state=told))

    # then
    assert books(order).refunds == (("succeeded", Decimal("20.00")),)
    assert books(order).captured == Decimal("29.90")


def test_the_refunds_notification_before_the_payments(world: World, wechat: WechatPay) -> None:
    # given a payment found by query, refunded, and its notification only now
    from saleor_o2o.cashier.services import watching

    order = buy(world)
    start(order)
    wechat.pay(order)
    payment_heard = wechat.hear()
    time_passes()
    watching.query_silent()
    clerk.refund(world, order, "49.90")
    wechat.control.finish_refund(Refund.objects.get().number)
    refund_heard = wechat.hear()

    # when
    assert [wechat.deliver(refund_heard), wechat.deliver(payment_heard)] == [204, 204]

    # then
    after = books(order)
    assert (after.charge, after.captured) == ("fully-refunded", Decimal("0.00"))
    assert after.refunds == (("succeeded", Decimal("49.90")),)
    assert Transaction.objects.filter(kind=TransactionKind.CAPTURE).count() == 1
