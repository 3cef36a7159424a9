"""The merchant's secrets: encrypted at rest, shown to nobody, refused when wrong."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest
from saleor.plugins.models import PluginConfiguration

from plugins.wechat_pay import client, configuration
from saleor_o2o.cashier.models import Notification, PaymentAttempt
from saleor_o2o.kernel.models import AuditEntry
from tests.stock.world import World

from . import clerk
from .conftest import WechatPay
from .shopper import GATEWAY, ask, buy, post, start

UPDATE = """mutation($id: ID!, $input: PluginUpdateInput!) { pluginUpdate(id: $id, input: $input) {
  plugin { active configuration { name value } } pluginsErrors { field message code } } }"""
READ = """query($id: ID!) { plugin(id: $id) { active configuration { name value type helpText label } } }"""


@pytest.fixture
def secrets(wechat: WechatPay, sandbox_directory: Path) -> list[str]:
    """What must never be seen: the lines of the private key, and the APIv3 key."""
    folder = sandbox_directory / "wechat_pay"
    merchant = json.loads((folder / "merchant.json").read_text())
    pem = (folder / merchant["private_key_file"]).read_text().strip().splitlines()[1:-1]
    return [*pem, merchant["apiv3_key"]]


def stored() -> str:
    row = PluginConfiguration.objects.get(identifier=GATEWAY)
    return json.dumps(row.configuration, ensure_ascii=False)


def update(world: World, active: bool | None = None, **values: str | None) -> dict[str, Any]:
    given: dict[str, Any] = {"configuration": [{"name": n, "value": v} for n, v in values.items()]}
    if active is not None:
        given["active"] = active
    return ask(UPDATE, {"id": GATEWAY, "input": given}, world.admin)["pluginUpdate"]


def test_secrets_are_encrypted_at_rest(world: World, wechat: WechatPay, secrets: list[str]) -> None:
    text = stored()
    assert not [secret for secret in secrets if secret in text]
    assert "PRIVATE KEY" not in text
    sealed = {item["name"]: item["value"] for item in PluginConfiguration.objects.get().configuration}
    assert sealed["商户私钥"].startswith("enc:")
    assert sealed["APIv3密钥"].startswith("enc:")


def test_the_dashboard_shows_no_secret(world: World, wechat: WechatPay, secrets: list[str]) -> None:
    # when
    shown = ask(READ, {"id": GATEWAY}, world.admin)["plugin"]
    updated = update(world, True)

    # then
    for answer in (json.dumps(shown), json.dumps(updated)):
        assert not [secret for secret in secrets if secret in answer]
        assert "PRIVATE KEY" not in answer
    sealed = {item["name"]: item["value"] for item in PluginConfiguration.objects.get().configuration}
    for item in shown["configuration"]:
        if item["name"] in ("商户私钥", "APIv3密钥"):
            assert item["type"] == "SECRET"
            assert len(item["value"]) <= 4
            assert item["value"] != sealed[item["name"]]


def test_saving_without_touching_the_secrets_keeps_them(
    world: World, wechat: WechatPay, secrets: list[str]
) -> None:
    # when
    assert update(world, True, 商户证书序列号=configuration.load_merchant().serial)["pluginsErrors"] == []

    # then
    assert configuration.load_merchant().apiv3_key == secrets[-1]
    assert start(buy(world))["errors"] == []


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("商户私钥", "not a key", "商户私钥：不是有效的 PEM 私钥，请粘贴 apiclient_key.pem 的全文"),
        ("商户私钥", "enc:forged", "商户私钥：必填"),
        ("商户私钥", "", "商户私钥：必填"),
        ("APIv3密钥", "short", "APIv3密钥：APIv3 密钥必须正好 32 位"),
        (
            "微信支付公钥",
            "-----BEGIN PUBLIC KEY-----\nAA==\n-----END PUBLIC KEY-----",
            "微信支付公钥：不是有效的 PEM 公钥",
        ),
        ("微信支付公钥", "", "微信支付公钥：微信支付公钥和公钥ID要么都填，要么都不填"),
        ("商户号", None, "商户号：必填"),
    ],
)
def test_a_wrong_value_is_told_and_nothing_changes(
    world: World, wechat: WechatPay, name: str, value: str | None, message: str
) -> None:
    # given
    before = stored()

    # when
    answer = update(world, True, **{name: value})

    # then
    assert [(error["field"], error["message"]) for error in answer["pluginsErrors"]] == [
        ("configuration", message)
    ]
    assert stored() == before
    assert start(buy(world))["errors"] == []


def test_every_wrong_field_is_told_at_once(world: World, wechat: WechatPay) -> None:
    # when
    answer = update(world, True, 商户私钥="x", APIv3密钥="y", AppID="")

    # then
    assert sorted(error["message"].split("：")[0] for error in answer["pluginsErrors"]) == [
        "APIv3密钥",
        "AppID",
        "商户私钥",
    ]


def test_an_elliptic_key_is_no_merchants_key(world: World, wechat: WechatPay) -> None:
    # given
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )

    # when
    answer = update(world, True, 商户私钥=pem.decode())

    # then
    assert len(answer["pluginsErrors"]) == 1
    assert "不是有效的 PEM 私钥" in answer["pluginsErrors"][0]["message"]


def test_a_key_pasted_with_escaped_line_ends_works(
    world: World, wechat: WechatPay, sandbox_directory: Path
) -> None:
    # given
    folder = sandbox_directory / "wechat_pay"
    merchant = json.loads((folder / "merchant.json").read_text())
    pem = (folder / merchant["private_key_file"]).read_text()

    # when
    answer = update(world, True, 商户私钥="  " + pem.replace("\n", "\\n") + "\r\n")

    # then
    assert answer["pluginsErrors"] == []
    assert start(buy(world))["errors"] == []


def test_a_field_key_that_is_gone_says_not_configured(world: World, wechat: WechatPay, settings: Any) -> None:
    # given
    order = buy(world)
    settings.O2O_FIELD_KEYS = ["YW5vdGhlci1rZXktYW5vdGhlci1rZXktYW5vdGhlcj0="]

    # when / then
    assert [error["code"] for error in start(order)["errors"]] == ["NOT_CONFIGURED"]


def test_a_new_key_counts_from_the_next_call_on(world: World, wechat: WechatPay) -> None:
    # given
    order = buy(world)
    made, config = client.client()

    # when
    assert update(world, True, 接口地址=config.base_url + "/")["pluginsErrors"] == []
    same, _config = client.client()
    assert update(world, True, 接口地址="http://127.0.0.1:1")["pluginsErrors"] == []
    other, _config = client.client()

    # then
    assert made is same
    assert other is not made
    assert [error["code"] for error in start(order)["errors"]] == ["PROVIDER_UNREACHABLE"]


def test_production_talks_to_wechat_only(world: World, wechat: WechatPay, settings: Any) -> None:
    # given
    settings.O2O_SANDBOX_ALLOWED = False

    # when
    answer = update(world, True)

    # then
    assert [error["message"] for error in answer["pluginsErrors"]] == [
        "接口地址：生产环境只能使用微信支付官方接口地址"
    ]


def test_certificate_mode_pays_too(
    world: World, wechat: WechatPay, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    settings.VAR_DIR = tmp_path
    monkeypatch.setattr(client, "_clients", {})
    wechat.control.options(key_mode="certificate")
    assert update(world, True, 微信支付公钥="", 微信支付公钥ID="")["pluginsErrors"] == []
    order = buy(world)

    # when
    assert start(order)["errors"] == []
    wechat.pay(order)

    # then
    assert wechat.deliver(wechat.hear()) == 204
    assert PaymentAttempt.objects.get().state == "paid"


def test_logs_answers_and_rows_hold_no_secret(
    world: World, wechat: WechatPay, secrets: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    # given everything is logged
    caplog.set_level(logging.DEBUG)
    order = buy(world)
    wechat.control.fault("prepay", "bad_signature")

    # when
    start(order)
    start(order)
    wechat.pay(order)
    heard = wechat.hear()
    wechat.deliver(heard, "{}")
    wechat.deliver(heard)
    clerk.refund(world, order, "1.00")
    post(READ, {"id": GATEWAY}, world.admin)

    # then
    seen = caplog.text + "".join(str(row.headers) for row in Notification.objects.all())
    seen += "".join(f"{line.before}{line.after}" for line in AuditEntry.objects.all())
    seen += "".join(str(txn.gateway_response) for txn in order.payments.get().transactions.all())
    assert not [secret for secret in secrets if secret in seen]
    assert "PRIVATE KEY" not in seen
    assert repr(configuration.load_merchant()).count("key") == 0
