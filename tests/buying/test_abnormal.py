"""A refund that bounces: two people send it to a bank card, under the same number."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client
from saleor.account.models import User
from saleor.order.models import Order

from plugins.wechat_pay.errors import WechatPayError
from plugins.wechat_pay.models import Change
from plugins.wechat_pay.services import changes
from saleor_o2o.cashier.models import PaymentIntent, Refund
from saleor_o2o.cashier.services.refunding import drive_due_refunds
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.models import AuditEntry
from tests.stock.world import World

from . import clerk
from .books import again, books
from .conftest import WechatPay
from .shopper import buy, start

CARD = {
    "type": "USER_BANK_CARD",
    "bank_type": "PSBC_DEBIT",
    "bank_account": "6217991234567890123",
    "real_name": "李桂英",
}


@pytest.fixture
def bounced(world: World, wechat: WechatPay) -> Refund:
    """Ten yuan that the payer's account does not take."""
    order = buy(world, 2)
    start(order)
    wechat.pay(order)
    wechat.deliver(wechat.hear())
    clerk.refund(world, order, "10.00")
    refund = Refund.objects.get()
    wechat.control.finish_refund(refund.number, "ABNORMAL")
    wechat.deliver(wechat.hear())
    refund = again(refund)
    assert refund.state == "abnormal"
    return refund


@pytest.fixture
def second(world: World) -> User:
    return User.objects.create_superuser("second@example.com", "pass-word")


def test_two_people_send_it_to_a_card(world: World, wechat: WechatPay, bounced: Refund, second: User) -> None:
    # when
    change = changes.propose_redirect(world.admin, bounced, CARD, "零钱账户已注销")
    changes.decide(second, change.pk, agree=True)
    wechat.control.finish_refund(bounced.number)
    wechat.deliver(wechat.hear())

    # then
    bounced = again(bounced)
    change = again(change)
    assert (bounced.state, change.state, change.values) == ("succeeded", "done", None)
    assert wechat.control.call("GET", "/wechat_pay/refunds")["refunds"][0]["channel"] == "OTHER_BANKCARD"
    assert PaymentIntent.objects.get().attention == ""
    seen = str(change.told) + "".join(f"{one.before}{one.after}" for one in AuditEntry.objects.all())
    assert CARD["bank_account"] not in seen
    assert CARD["real_name"] not in seen


def test_one_person_cannot_do_it_alone(world: World, wechat: WechatPay, bounced: Refund) -> None:
    # given
    change = changes.propose_redirect(world.admin, bounced, CARD, "零钱账户已注销")

    # when / then
    with pytest.raises(WechatPayError):
        changes.decide(world.admin, change.pk, agree=True)
    bounced = again(bounced)
    assert bounced.state == "abnormal"


def test_only_a_bounced_refund_can_be_sent_elsewhere(
    world: World, wechat: WechatPay, bounced: Refund, second: User
) -> None:
    # given
    change = changes.propose_redirect(world.admin, bounced, CARD, "零钱账户已注销")
    Refund.objects.update(state="succeeded")

    # when / then
    with pytest.raises(WechatPayError) as refused:
        changes.decide(second, change.pk, agree=True)
    assert refused.value.code.value == "NOT_ABNORMAL"


@pytest.mark.parametrize(
    ("field", "value"), [("bank_account", "62179"), ("real_name", "1"), ("bank_type", ""), ("type", "")]
)
def test_a_wrong_card_is_told_at_its_field(
    world: World, wechat: WechatPay, bounced: Refund, field: str, value: str
) -> None:
    with pytest.raises(WechatPayError) as refused:
        changes.propose_redirect(world.admin, bounced, {**CARD, field: value}, "零钱账户已注销")
    assert refused.value.field == field
    assert Change.objects.count() == 0


def test_the_door_stands_on_the_refunds_page(world: World, wechat: WechatPay, bounced: Refund) -> None:
    # given
    browser = Client()
    browser.force_login(world.admin)

    # when
    page = browser.get(f"/admin/o2o_cashier/refund/{bounced.pk}/change/").content.decode()
    form = browser.get(f"/admin/o2o_wechat_pay/change/refund/{bounced.pk}/").content.decode()

    # then
    assert "改退到银行卡" in page
    assert "持卡人姓名" in form


def test_a_closed_refund_takes_its_booking_back(world: World, wechat: WechatPay) -> None:
    # given
    order: Order = buy(world, 2)
    start(order)
    wechat.pay(order)
    wechat.deliver(wechat.hear())
    clerk.refund(world, order, "10.00")
    wechat.control.finish_refund(Refund.objects.get().number, "CLOSED")

    # when the notification is lost and we ask
    Refund.objects.update(next_try_at=now())
    drive_due_refunds()

    # then
    assert Refund.objects.get().state == "failed"
    assert books(order).captured == Decimal("89.80")
