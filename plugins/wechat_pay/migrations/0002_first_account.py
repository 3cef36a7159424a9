"""The single configuration of the dashboard becomes the first account; what was paid with it remembers it."""

from __future__ import annotations

import hashlib
import logging
from typing import Any

from django.db import migrations

from saleor_o2o.kernel.crypto import DecryptionError, decrypt

logger = logging.getLogger(__name__)

GATEWAY, FIRST = "o2o.wechat_pay", "main"
OFFICIAL = "https://api.mch.weixin.qq.com"
SEALED = "enc:"


def opened(value: Any) -> str:
    """A stored value, decrypted where it was sealed; "" when nobody can."""
    text = str(value or "")
    if not text.startswith(SEALED):
        return text.replace("\\n", "\n").replace("\r", "").strip()
    try:
        return decrypt(text.removeprefix(SEALED))
    except DecryptionError:
        logger.error(
            "a secret of WeChat Pay cannot be decrypted: enter it again on the page of merchant accounts"
        )
        return ""


def forwards(apps: Any, _editor: Any) -> None:
    """Write the account, empty the configuration."""
    configuration = (
        apps.get_model("plugins", "PluginConfiguration").objects.filter(identifier=GATEWAY).first()
    )
    values = (
        {one["name"]: opened(one.get("value")) for one in (configuration.configuration or [])}
        if configuration
        else {}
    )
    if not values.get("商户号") or not values.get("AppID"):
        return
    accounts, keys = (
        apps.get_model("o2o_wechat_pay", "MerchantAccount"),
        apps.get_model("o2o_wechat_pay", "AccountKey"),
    )
    root = (
        apps.get_model("o2o_org_hierarchy", "OrgUnit")
        .objects.filter(parent__isnull=True)
        .order_by("pk")
        .first()
    )
    account = accounts.objects.create(
        code=FIRST,
        name="微信支付",
        mchid=values["商户号"],
        appid=values["AppID"],
        unit=root,
        is_default=True,
        base_url=values.get("接口地址") or OFFICIAL,
        notify_url=values.get("通知地址", ""),
    )
    for kind, serial, value in (
        ("api_certificate", values.get("商户证书序列号", ""), values.get("商户私钥", "")),
        ("apiv3", "", values.get("APIv3密钥", "")),
        ("public_key", values.get("微信支付公钥ID", ""), values.get("微信支付公钥", "")),
    ):
        if value:
            keys.objects.create(
                account=account,
                kind=kind,
                serial=serial,
                value=value,
                fingerprint=hashlib.sha256(value.encode()).hexdigest()[:16],
            )
    attempts = apps.get_model("o2o_cashier", "PaymentAttempt")
    attempts.objects.filter(intent__gateway=GATEWAY, account="").update(account=FIRST)
    configuration.configuration = []
    configuration.save(update_fields=["configuration"])


class Migration(migrations.Migration):
    dependencies = [
        ("o2o_wechat_pay", "0001_accounts_bills_shares"),
        ("o2o_cashier", "0006_accounts_and_sub_trades"),
        ("plugins", "0001_initial"),
    ]

    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
