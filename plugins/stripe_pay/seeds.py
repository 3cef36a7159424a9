"""Demo: configure Stripe with the sandbox's account and register the platform's address for notifications there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import stripe
from django.conf import settings
from saleor.plugins.manager import get_plugins_manager

from . import configuration as c
from .wire import Call, speaking


def seed(context: Any) -> None:
    """Switch Stripe on with the sandbox's keys; says so and does nothing where there are none."""
    folder = Path(settings.SANDBOX_DIR) / "stripe"
    if (
        not settings.O2O_SANDBOX_ALLOWED
        or not settings.SANDBOX_URL
        or not (folder / "account.json").is_file()
    ):
        context.say("银行卡（Stripe）：没有找到沙箱的密钥，跳过")
        return
    try:
        configure_from_sandbox(
            folder, settings.SANDBOX_URL, f"{settings.PUBLIC_URL.rstrip('/')}/hooks/stripe_pay/notify"
        )
    except stripe.error.StripeError as down:
        context.say(f"银行卡（Stripe）：沙箱没有应答（{type(down).__name__}），跳过")
        return
    context.say("银行卡（Stripe）：已接入沙箱账户")


def configure_from_sandbox(
    folder: Path, sandbox_url: str, notify_url: str, *, auto_capture: bool = True
) -> None:
    """Register ``notify_url`` through Stripe's API and save the configuration as the dashboard does."""
    keys = json.loads((folder / "account.json").read_text())
    address = f"{sandbox_url.rstrip('/')}/stripe"
    account = c.Account(keys["publishable_key"], keys["secret_key"], "", address, False, auto_capture)
    with speaking(Call(account)):
        for known in stripe.WebhookEndpoint.list(limit=100).data:
            stripe.WebhookEndpoint.delete(known.id)
        endpoint = stripe.WebhookEndpoint.create(url=notify_url, enabled_events=["*"])
    values = {
        c.PUBLIC_KEY: account.public_key,
        c.SECRET_KEY: account.secret_key,
        c.STORE_CARDS: False,
        c.AUTO_CAPTURE: auto_capture,
        c.SIGNING_SECRET: endpoint.secret,
        c.ADDRESS: address,
    }
    get_plugins_manager().save_plugin_configuration(
        c.GATEWAY,
        {"active": True, "configuration": [{"name": name, "value": value} for name, value in values.items()]},
    )
