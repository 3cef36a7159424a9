"""Setting Stripe up: secrets are sealed, and production speaks to Stripe alone."""

from __future__ import annotations

from typing import Any

import pytest
import stripe
from django.core.exceptions import ValidationError
from saleor.plugins.manager import get_plugins_manager
from saleor.plugins.models import PluginConfiguration

from plugins.stripe_pay.configuration import ADDRESS, GATEWAY, OFFICIAL, address_allowed, load_account
from plugins.stripe_pay.wire import Call, speaking
from saleor_o2o.cashier.errors import CashierError

from .conftest import Cards

ADDRESSES = [
    (OFFICIAL, True, True),
    ("http://127.0.0.1:8100/stripe", True, False),
    ("https://api.stripe.com.evil.example", False, False),
    ("http://api.stripe.com", False, False),
    ("https://evil.example", False, False),
    ("http://[", False, False),
]


@pytest.mark.parametrize(("address", "with_sandbox", "without"), ADDRESSES)
def test_only_stripe_is_spoken_to(settings: Any, address: str, with_sandbox: bool, without: bool) -> None:
    # then
    settings.O2O_SANDBOX_ALLOWED = True
    assert address_allowed(address) is with_sandbox
    settings.O2O_SANDBOX_ALLOWED = False
    assert address_allowed(address) is without


def test_production_refuses_the_sandbox_at_every_door(cards: Cards, settings: Any) -> None:
    # given
    account = load_account()
    settings.O2O_SANDBOX_ALLOWED = False

    # then: to be read, to be saved, to be spoken to
    with pytest.raises(CashierError):
        load_account()
    with pytest.raises(ValidationError, match="只能使用 Stripe 官方接口地址"):
        get_plugins_manager().save_plugin_configuration(GATEWAY, {"active": True})
    with speaking(Call(account)), pytest.raises(stripe.error.APIConnectionError):
        stripe.PaymentIntent.list()
    done = cards.buy()
    assert done["checkoutErrors"][0]["message"] == "刷卡支付尚未配置好，请换一种支付方式"


def test_secrets_are_sealed(cards: Cards) -> None:
    # given
    stored = {
        item["name"]: item["value"]
        for item in PluginConfiguration.objects.get(identifier=GATEWAY).configuration
    }
    account = load_account()

    # then
    assert account.secret_key.startswith("sk_test_") and account.signing_secret.startswith("whsec_")
    assert stored["Secret API key"].startswith("enc:") and stored["Webhook signing secret"].startswith("enc:")
    assert account.secret_key not in repr(account) and account.signing_secret not in repr(account)
    assert (
        get_plugins_manager().get_plugin(GATEWAY).config.connection_params["private_key"]
        == account.secret_key
    )


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("Public API key", "sk_test_x", "应为 pk_ 开头的公钥"),
        ("Secret API key", "pk_test_x", "应为 sk_ 或 rk_ 开头的密钥"),
        ("Webhook signing secret", "secret", "应为 whsec_ 开头的通知签名密钥"),
        (ADDRESS, "https://evil.example", "只能使用 Stripe 官方接口地址"),
    ],
)
def test_a_wrong_field_is_named(cards: Cards, name: str, value: str, told: str) -> None:
    # when
    with pytest.raises(ValidationError) as refused:
        get_plugins_manager().save_plugin_configuration(
            GATEWAY, {"active": True, "configuration": [{"name": name, "value": value}]}
        )

    # then
    assert refused.value.messages == [f"{name}：{told}"]


def test_it_is_off_until_somebody_sets_it_up(world: Any) -> None:
    # then
    assert get_plugins_manager().get_plugin(GATEWAY).active is False
    with pytest.raises(CashierError):
        load_account()


def test_the_library_is_silent_outside_of_an_errand() -> None:
    # when / then
    with pytest.raises(stripe.error.APIConnectionError, match="outside of an errand"):
        stripe.PaymentIntent.list(api_key="sk_test_x")
