"""Offline transfers: a voucher, the cashier, the accountant; never one person, never one bank number twice."""

from __future__ import annotations

import io
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from saleor.account.models import User

from saleor_o2o.cashier.error_codes import CashierErrorCode as Code
from saleor_o2o.cashier.errors import CashierError
from saleor_o2o.cashier.interfaces import refund_order
from saleor_o2o.cashier.models import OfflineTransfer, OrderRefund, PartRefund, PaymentIntent
from saleor_o2o.cashier.ports import Method
from saleor_o2o.cashier.services import closing
from saleor_o2o.cashier.services.confirming import Confirmation
from saleor_o2o.cashier.services.handing_back import hand_back
from saleor_o2o.cashier.services.paying import start_payment
from saleor_o2o.cashier.services.transfers import (
    check_transfer,
    confirm_transfer,
    refuse_transfer,
    submit_transfer,
)
from saleor_o2o.cashier.tenders import Payer
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.states import IllegalMove
from tests.buying.books import deadline_passes, time_passes
from tests.threads import kinds, together

from .conftest import Till, allocated, balance, state, with_card

D = Decimal


def picture(size: tuple[int, int] = (900, 1600)) -> SimpleUploadedFile:
    """A voucher as a phone would send it."""
    out = io.BytesIO()
    Image.new("RGB", size, "white").save(out, "PNG")
    return SimpleUploadedFile("voucher.png", out.getvalue(), "image/png")


@pytest.fixture
def people(till: Till) -> dict[str, User]:
    """A cashier and an accountant; superusers, so that only the persons count here (permissions: tests/scope)."""
    return {
        name: User.objects.create_superuser(f"{name}@example.com", "pass-word", first_name=name)
        for name in ("cashier", "accountant")
    }


def promise(intent: PaymentIntent, amount: str | None = None) -> OfflineTransfer:
    fresh = PaymentIntent.objects.get(pk=intent.pk)
    return submit_transfer(fresh, Payer(), "王建国", picture(), None if amount is None else D(amount))


def test_two_people_make_a_transfer_money(till: Till, people: dict[str, User]) -> None:
    # given
    intent = till.buy()
    transfer = promise(intent)
    assert (transfer.state, transfer.amount, transfer.masked_payer) == ("submitted", D("89.80"), "王**")
    assert state(intent) == ("pending", D(0), [("held", D("89.80"), D(0))])
    assert PaymentIntent.objects.get(pk=intent.pk).expires_at > now() + timedelta(days=2, hours=23)

    # when
    check_transfer(people["cashier"], transfer.pk, " 2026112800017 ", D("89.80"))
    assert state(intent)[0] == "pending"
    confirm_transfer(people["accountant"], transfer.pk)

    # then
    assert state(intent) == ("paid", D("89.80"), [("captured", D("89.80"), D(0))])
    assert OfflineTransfer.objects.get().bank_ref == "2026112800017"


def test_nobody_agrees_with_himself(till: Till, people: dict[str, User]) -> None:
    # given
    transfer = promise(till.buy())
    with pytest.raises(IllegalMove):
        confirm_transfer(people["accountant"], transfer.pk)
    check_transfer(people["cashier"], transfer.pk, "A1", D("89.80"))

    # when
    with pytest.raises(CashierError) as refused:
        confirm_transfer(people["cashier"], transfer.pk)

    # then
    assert refused.value.code is Code.SAME_PERSON
    assert OfflineTransfer.objects.get().state == "checked"


def test_a_bank_number_counts_once(till: Till, people: dict[str, User]) -> None:
    # given
    first, second = promise(till.buy()), promise(till.buy())
    check_transfer(people["cashier"], first.pk, "A1", D("89.80"))

    # when / then
    with pytest.raises(CashierError) as refused:
        check_transfer(people["cashier"], second.pk, "a1", D("89.80"))
    assert refused.value.code is Code.BANK_REF_USED
    with pytest.raises(CashierError) as less:
        check_transfer(people["cashier"], second.pk, "A2", D("89.79"))
    assert "¥89.80" in less.value.message


def test_two_accountants_at_once_confirm_once(till: Till, people: dict[str, User]) -> None:
    # given
    intent = till.buy()
    transfer = promise(intent)
    check_transfer(people["cashier"], transfer.pk, "A1", D("89.80"))

    # when
    results = together(*[lambda: confirm_transfer(people["accountant"], transfer.pk)] * 3)

    # then
    assert kinds(results) == ["IllegalMove", "IllegalMove", "OfflineTransfer"]
    assert state(intent)[:2] == ("paid", D("89.80"))


def test_the_rest_by_code_waits_for_the_transfer(till: Till, people: dict[str, User]) -> None:
    # given
    intent = till.buy()
    transfer = promise(intent, "50")

    # when / then
    with pytest.raises(CashierError) as early:
        start_payment(PaymentIntent.objects.get(pk=intent.pk), Method.WECHAT_NATIVE)
    assert early.value.code is Code.PART_NOT_READY

    # when
    check_transfer(people["cashier"], transfer.pk, "A1", D("50"))
    confirm_transfer(people["accountant"], transfer.pk)
    attempt = till.scan(intent)

    # then
    assert till.provider.trades[attempt.number].fen == 3980
    assert till.pay(attempt) is Confirmation.PAID
    assert state(intent) == ("paid", D("89.80"), [("captured", D("50.00"), D(0))])


def test_a_refused_voucher_lets_the_payer_pay_otherwise(till: Till, people: dict[str, User]) -> None:
    # given: beside a card, which stays
    intent, card = till.buy(), till.card(20)
    till.compose(intent, with_card(card))
    transfer = promise(intent)

    # when
    with pytest.raises(CashierError) as silent:
        refuse_transfer(people["cashier"], transfer.pk, "")
    refuse_transfer(people["cashier"], transfer.pk, "金额不清楚")

    # then
    assert silent.value.code is Code.REASON_REQUIRED
    assert state(intent) == ("pending", D(0), [("held", D("20.00"), D(0)), ("released", D("69.80"), D(0))])
    assert PaymentIntent.objects.get(pk=intent.pk).expires_at < now() + timedelta(minutes=20)
    assert till.pay(till.scan(intent)) is Confirmation.PAID


def test_three_days_without_money_free_the_stock(till: Till, people: dict[str, User]) -> None:
    # given
    intent = till.buy()
    transfer = promise(intent)
    closing.expire_due()
    assert state(intent)[0] == "pending"

    # when
    deadline_passes(intent.order)
    closing.expire_due()
    time_passes()
    closing.expire_due()

    # then
    assert (state(intent)[0], allocated(intent.order)) == ("closed", 0)
    assert OfflineTransfer.objects.get().state == "cancelled"
    with pytest.raises(IllegalMove):
        check_transfer(people["cashier"], transfer.pk, "A1", D("89.80"))


def test_money_that_was_seen_is_never_forgotten(till: Till, people: dict[str, User]) -> None:
    # given: seen by the cashier, the accountant is on leave
    intent = till.buy()
    transfer = promise(intent)
    deadline_passes(intent.order)
    check_transfer(people["cashier"], transfer.pk, "A1", D("89.80"))
    closing.expire_due()
    assert state(intent)[0] == "pending"

    # when: another three days later
    deadline_passes(intent.order)
    for _ in range(2):
        time_passes()
        closing.expire_due()

    # then
    assert (state(intent)[0], OfflineTransfer.objects.get().state) == ("closed", "cancelled")
    assert (PartRefund.objects.get().state, PartRefund.objects.get().amount) == ("waiting", D("89.80"))


def test_a_confirmed_transfer_of_a_cancelled_order_goes_back_by_hand(
    till: Till, people: dict[str, User]
) -> None:
    # given: confirmed, the rest never paid
    intent = till.buy()
    transfer = promise(intent, "50")
    check_transfer(people["cashier"], transfer.pk, "A1", D("50"))
    confirm_transfer(people["accountant"], transfer.pk)

    # when
    deadline_passes(intent.order)
    for _ in range(2):
        time_passes()
        closing.expire_due()

    # then
    assert state(intent) == ("closed", D(0), [("released", D("50.00"), D(0))])
    waiting = PartRefund.objects.get()
    assert (waiting.state, waiting.amount, waiting.order_refund_id) == ("waiting", D("50.00"), None)
    assert hand_back(people["accountant"], waiting.pk, "回单 77").state == "done"


def test_a_refund_of_a_transfer_waits_for_the_bank(till: Till, people: dict[str, User]) -> None:
    # given
    intent = till.buy()
    transfer = promise(intent)
    check_transfer(people["cashier"], transfer.pk, "A1", D("89.80"))
    confirm_transfer(people["accountant"], transfer.pk)

    # when
    refund_order(intent.order_id, D("9.80"), reason="少件", key="k")

    # then
    share = PartRefund.objects.get()
    assert (share.state, OrderRefund.objects.get().state) == ("waiting", "processing")
    hand_back(people["accountant"], share.pk, "回单 78")
    assert OrderRefund.objects.get().state == "succeeded"


@pytest.mark.parametrize("content", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n" + b"0" * 50])
def test_what_is_no_picture_is_refused_and_promises_nothing(till: Till, content: bytes) -> None:
    # given
    intent = till.buy()

    # when
    with pytest.raises(CashierError) as refused:
        submit_transfer(intent, Payer(), "王建国", SimpleUploadedFile("a.png", content))

    # then
    assert refused.value.code is Code.PICTURE_UNUSABLE
    assert (OfflineTransfer.objects.count(), state(intent)[2]) == (0, [])


def test_a_promise_that_is_refused_leaves_nothing(till: Till) -> None:
    # given
    intent = till.buy()

    # when
    with pytest.raises(CashierError) as refused:
        promise(intent, "100")

    # then
    assert refused.value.code is Code.NOTHING_LEFT
    assert OfflineTransfer.objects.count() == 0


def test_the_picture_is_made_anew(till: Till) -> None:
    # when
    transfer = promise(till.buy())

    # then: small, and without what the phone wrote into it
    kept = Image.open(io.BytesIO(bytes(transfer.voucher)))
    assert (kept.format, max(kept.size)) == ("JPEG", 1600)
    assert not kept.getexif()


def test_the_name_is_not_readable_in_the_table(till: Till) -> None:
    # given
    from django.db import connection

    promise(till.buy())

    # when
    with connection.cursor() as cursor:
        cursor.execute("SELECT payer_name FROM o2o_cashier_offlinetransfer")
        [[stored]] = cursor.fetchall()

    # then
    assert "王" not in stored


def test_choosing_otherwise_cancels_the_promise(till: Till) -> None:
    # given
    intent, card = till.buy(), till.card(100)
    promise(intent)

    # when
    till.compose(intent, with_card(card))

    # then
    assert OfflineTransfer.objects.get().state == "cancelled"
    assert (state(intent)[0], balance(card)) == ("paid", D("10.20"))


def test_another_amount_is_refused_in_its_own_words(till: Till, people: dict[str, User]) -> None:
    # given
    transfer = promise(till.buy())

    # when
    with pytest.raises(CashierError) as refused:
        check_transfer(people["cashier"], transfer.pk, "A1", D("80.00"))

    # then: what to do is in the message; the usual hint about decimals is not added
    assert refused.value.in_words == "到账金额与应付 ¥89.80 不符，请退回并联系顾客"
    assert OfflineTransfer.objects.get().state == "submitted"
