"""Demo: configure WeChat Pay with the sandbox's merchant."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from saleor.plugins.manager import get_plugins_manager

from . import configuration as c


def seed(context: Any) -> None:
    """Switch WeChat Pay on with the sandbox's key material; says so and does nothing where there is none."""
    folder = Path(settings.SANDBOX_DIR) / "wechat_pay"
    manifest = folder / "merchant.json"
    if not settings.O2O_SANDBOX_ALLOWED or not manifest.is_file():
        context.say("微信支付：没有找到沙箱的商户密钥，跳过")
        return
    configure_from_sandbox(folder, settings.SANDBOX_URL)
    context.say("微信支付：已接入沙箱商户")


def configure_from_sandbox(folder: Path, sandbox_url: str, notify_url: str = "") -> None:
    """Write the plugin's configuration from a sandbox's folder, through the same path as the dashboard's."""
    merchant = json.loads((folder / "merchant.json").read_text())
    values = {
        c.MCHID: merchant["mchid"],
        c.APPID: merchant["appid"],
        c.SERIAL: merchant["cert_serial_no"],
        c.PRIVATE_KEY: (folder / merchant["private_key_file"]).read_text(),
        c.APIV3_KEY: merchant["apiv3_key"],
        c.PUBLIC_KEY_ID: merchant["public_key_id"],
        c.PUBLIC_KEY: (folder / merchant["public_key_file"]).read_text(),
        c.BASE_URL: f"{sandbox_url.rstrip('/')}/wechat_pay",
        c.NOTIFY_URL: notify_url,
    }
    get_plugins_manager().save_plugin_configuration(
        c.GATEWAY,
        {"active": True, "configuration": [{"name": name, "value": value} for name, value in values.items()]},
    )
