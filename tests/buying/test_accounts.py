"""Merchant accounts: keys encrypted and shown to nobody, two people for every change, old and new keys side by side."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from saleor.account.models import User
from saleor.plugins.models import PluginConfiguration

from plugins.wechat_pay import client
from plugins.wechat_pay.errors import WechatPayError
from plugins.wechat_pay.keyring import keyring_of
from plugins.wechat_pay.models import AccountKey, Change, KeyKind, MerchantAccount
from plugins.wechat_pay.seeds import account_from_sandbox
from plugins.wechat_pay.services import accounts, changes
from plugins.wechat_pay.services.keys import add_key, retire_key
from saleor_o2o.cashier.errors import CashierError
from saleor_o2o.cashier.models import Notification, PaymentAttempt
from saleor_o2o.cashier.ports import Method
from saleor_o2o.kernel.crypto import encrypt
from saleor_o2o.kernel.models import AuditEntry
from tests.stock.world import World

from .books import again
from .conftest import WechatPay
from .shopper import ask, buy, start


@pytest.fixture
def folder(sandbox_directory: Path) -> Path:
    return sandbox_directory / "wechat_pay"


@pytest.fixture
def second(world: World) -> User:
    """Another superuser: the second person."""
    return User.objects.create_superuser("second@example.com", "pass-word")


def secrets_of(folder: Path) -> list[str]:
    """What must never be seen: the lines of the private key, and the APIv3 key."""
    merchant = json.loads((folder / "merchant.json").read_text())
    pem = (folder / merchant["private_key_file"]).read_text().strip().splitlines()[1:-1]
    return [*pem, merchant["apiv3_key"]]


def test_keys_are_encrypted_at_rest_and_shown_to_nobody(
    world: World, wechat: WechatPay, folder: Path
) -> None:
    # when
    with connection.cursor() as cursor:
        cursor.execute("SELECT value FROM o2o_wechat_pay_accountkey")
        stored = " ".join(row[0] for row in cursor.fetchall())
    browser = Client()
    browser.force_login(world.admin)
    account = MerchantAccount.objects.get(code="main")
    page = browser.get(f"/admin/o2o_wechat_pay/merchantaccount/{account.pk}/change/").content.decode()

    # then
    for text in (stored, page, repr(keyring_of("main"))):
        assert not [secret for secret in secrets_of(folder) if secret in text]
        assert "PRIVATE KEY" not in text
    assert "••••" in page


def test_a_refused_form_does_not_give_the_secret_back(world: World, wechat: WechatPay, folder: Path) -> None:
    # given
    browser = Client()
    browser.force_login(world.admin)
    account = MerchantAccount.objects.get(code="main")
    pem = (folder / "apiclient_key.pem").read_text()

    # when
    page = browser.post(
        f"/admin/o2o_wechat_pay/merchantaccount/{account.pk}/key/",
        {"kind": "api_certificate", "serial": "短", "value": pem, "reason": "年检换证"},
    )

    # then
    text = page.content.decode()
    assert "商户证书序列号是 40 位十六进制" in text
    assert pem.splitlines()[1] not in text
    assert "年检换证" in text
    assert Change.objects.count() == 0


def test_one_person_proposes_another_decides(
    world: World, wechat: WechatPay, folder: Path, second: User
) -> None:
    # given
    account = MerchantAccount.objects.get(code="main")
    made = wechat.control.rotate("merchant")
    pem = (folder / made["file"]).read_text()
    change = changes.propose_key(world.admin, account, KeyKind.API_CERTIFICATE, made["serial"], pem, "换证")

    # when the proposer decides
    with pytest.raises(WechatPayError) as refused:
        changes.decide(world.admin, change.pk, agree=True)

    # then nothing changed
    assert refused.value.code.value == "SAME_PERSON"
    assert account.keys.filter(kind=KeyKind.API_CERTIFICATE).count() == 1

    # when the second person agrees
    changes.decide(second, change.pk, agree=True, note="核对无误")

    # then the new key signs from the next call on, and the proposal holds no secret any more
    change = again(change)
    assert (change.state, change.values) == ("done", None)
    assert keyring_of("main").serial == made["serial"]
    assert start(buy(world))["errors"] == []
    with pytest.raises(WechatPayError, match="已经处理过"):
        changes.decide(second, change.pk, agree=False)


def test_a_second_proposal_of_the_same_waits_for_the_first(world: World, wechat: WechatPay) -> None:
    # given
    account = MerchantAccount.objects.get(code="main")
    changes.propose_state(world.admin, account, retire=True, reason="合并账户")

    # when / then
    with pytest.raises(WechatPayError) as refused:
        changes.propose_state(world.admin, account, retire=True, reason="再来一次")
    assert refused.value.code.value == "ALREADY_PROPOSED"


def test_a_retired_account_takes_no_new_payment_but_ends_old_ones(world: World, wechat: WechatPay) -> None:
    # given
    order = buy(world)
    start(order)
    wechat.pay(order)
    heard = wechat.hear()
    accounts.retire_account(MerchantAccount.objects.get(code="main").pk)

    # when
    refused = start(buy(world))

    # then
    assert [error["code"] for error in refused["errors"]] == ["NOT_CONFIGURED"]
    assert wechat.deliver(heard) == 204
    attempt = PaymentAttempt.objects.get(intent__order=order)
    assert (attempt.account, attempt.state) == ("main", "paid")


@pytest.mark.parametrize("what", ["public", "apiv3"])
def test_old_and_new_keys_of_wechat_count_side_by_side(
    world: World, wechat: WechatPay, folder: Path, what: str
) -> None:
    # given
    first, second = buy(world), buy(world)
    for order in (first, second):
        start(order)
    wechat.pay(first)
    old = wechat.hear()

    # when WeChat changes its key before we know it
    made = wechat.control.rotate(what)
    wechat.pay(second)
    new = wechat.hear()

    # then what the new key signed or sealed is refused, and sent again later; with the new key both are genuine
    assert wechat.deliver(new) in (400, 401)
    account = MerchantAccount.objects.get(code="main")
    if what == "public":
        add_key(account, KeyKind.PUBLIC_KEY, made["serial"], (folder / made["file"]).read_text())
    else:
        rotations = json.loads((folder / "wechat_side/rotations.json").read_text())
        add_key(account, KeyKind.APIV3, "", rotations[-1]["apiv3_key"])
    assert [wechat.deliver(new), wechat.deliver(old)] == [204, 204]
    assert PaymentAttempt.objects.filter(state="paid").count() == 2


def test_an_unknown_certificate_is_fetched_once(
    world: World, wechat: WechatPay, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given certificate mode
    account = MerchantAccount.objects.get(code="main")
    AccountKey.objects.filter(account=account, kind=KeyKind.PUBLIC_KEY).delete()
    wechat.control.options(key_mode="certificate")
    calls: list[str] = []
    fetching = client._Core._update_certificates

    def counted(core: Any) -> None:
        calls.append("fetch")
        fetching(core)

    monkeypatch.setattr(client._Core, "_update_certificates", counted)
    order = buy(world)

    # when
    assert start(order)["errors"] == []
    wechat.pay(order)

    # then
    assert wechat.deliver(wechat.hear()) == 204
    assert calls == ["fetch"]
    assert account.keys.filter(kind=KeyKind.PLATFORM_CERTIFICATE).count() == 1
    assert PaymentAttempt.objects.get().state == "paid"


def test_to_certificates_and_back_to_the_same_public_key(
    world: World, wechat: WechatPay, folder: Path, second: User
) -> None:
    # given: the certificate as a person pastes it, and the public key retired
    merchant = json.loads((folder / "merchant.json").read_text())
    pem = (folder / merchant["platform_certificate_file"]).read_text()
    account = MerchantAccount.objects.get(code="main")
    pasted = f"  {pem.strip()}\n\n\n"
    certificate = add_key(account, KeyKind.PLATFORM_CERTIFICATE, merchant["platform_serial_no"], pasted)
    public = account.keys.get(kind=KeyKind.PUBLIC_KEY)
    retire_key(public.pk)
    wechat.control.options(key_mode="certificate")

    # when: WeChat signs with a certificate that nobody has told us of
    wechat.control.rotate("platform")
    order = buy(world)
    assert start(order)["errors"] == []
    wechat.pay(order)

    # then: both are fetched, the known one is kept once
    assert wechat.deliver(wechat.hear()) == 204
    kept = account.keys.filter(kind=KeyKind.PLATFORM_CERTIFICATE)
    assert (kept.count(), kept.filter(serial=certificate.serial).count()) == (2, 1)

    # when: back to the public key that was retired, by two people
    text = (folder / merchant["public_key_file"]).read_text()
    asked = ("public_key", merchant["public_key_id"], text, "改回公钥")
    change = changes.propose_key(world.admin, account, *asked)
    changes.decide(second, change.pk, agree=True)
    wechat.control.options(key_mode="public_key")

    # then: the same row counts again, and one that counts is refused when it is proposed
    assert account.keys.get(kind=KeyKind.PUBLIC_KEY).pk == public.pk
    assert start(buy(world))["errors"] == []
    with pytest.raises(WechatPayError) as refused:
        changes.propose_key(world.admin, account, *asked)
    assert (refused.value.code.value, refused.value.field) == ("KEY_KNOWN", "value")


@pytest.mark.parametrize("fault", ["bad_signature", "signtest", "stale", "unknown_serial"])
def test_an_answer_that_is_not_wechats_says_nothing(world: World, wechat: WechatPay, fault: str) -> None:
    # given
    order = buy(world)
    wechat.control.fault("prepay", fault)

    # when / then
    assert [error["code"] for error in start(order)["errors"]] == ["PROVIDER_UNREACHABLE"]
    assert start(order)["errors"] == []


def test_the_last_key_of_a_kind_stays(world: World, wechat: WechatPay) -> None:
    for key in AccountKey.objects.filter(account__code="main"):
        with pytest.raises(WechatPayError) as refused:
            retire_key(key.pk)
        assert refused.value.code.value == "LAST_KEY"


def test_the_connection_is_tested_by_a_call_that_changes_nothing(world: World, wechat: WechatPay) -> None:
    # given
    account = MerchantAccount.objects.get(code="main")

    # when / then
    assert accounts.test_account(account) == (True, "连接与验签正常")
    wechat.control.fault("close", "bad_signature")
    assert accounts.test_account(account) == (False, "应答验签失败：请核对微信支付公钥或平台证书")
    assert wechat.control.orders() == []
    account = again(account)
    assert account.test_result.startswith("应答验签失败")


def test_whose_account_takes_the_money(
    world: World, wechat: WechatPay, folder: Path, sandbox_url: str
) -> None:
    # given
    from plugins.org_hierarchy.models import OrderAttribution
    from plugins.wechat_pay.choosing import account_for
    from tests.orgs import unit

    county_unit = unit("5001", unit("50", None))
    branch = unit("5001-01", county_unit)
    account_from_sandbox(
        folder / "merchants/1900009192", sandbox_url, code="fengjie", name="果农", seller="fengjie-orange"
    )
    county = account_from_sandbox(folder / "merchants/1900009193", sandbox_url, code="county", name="区县")
    MerchantAccount.objects.filter(pk=county.pk).update(unit=county_unit)
    order = buy(world)
    OrderAttribution.objects.update_or_create(
        order=order, defaults={"unit": branch, "org_path": branch.path, "basis": "test"}
    )

    # when / then
    assert account_for(order.pk, "fengjie-orange", Method.WECHAT_NATIVE) == "fengjie"
    assert account_for(order.pk, "", Method.WECHAT_NATIVE) == "county"
    assert account_for(order.pk, "unknown", Method.WECHAT_NATIVE) == "county"
    assert account_for(buy(world).pk, "", Method.WECHAT_NATIVE) == "main"
    MerchantAccount.objects.update(mini_appid="")
    with pytest.raises(CashierError):
        account_for(order.pk, "", Method.WECHAT_MINI)


def test_a_mini_program_pays_with_its_own_appid(world: World, wechat: WechatPay) -> None:
    # given
    order = buy(world)
    openid = "oSandboxPersonChenYujiang001"

    # when
    told = start(order, "WECHAT_MINI", openid)

    # then
    assert told["errors"] == []
    assert told["jsapi"]["appId"] == MerchantAccount.objects.get(code="main").mini_appid
    answer = wechat.control.call("POST", "/wechat_pay/jsapi", {**told["jsapi"], "openid": openid})
    assert answer["err_msg"] == "get_brand_wcpay_request:ok"
    assert wechat.deliver(wechat.hear()) == 204
    assert PaymentAttempt.objects.get().state == "paid"


def test_the_dashboard_switches_and_holds_no_key(world: World, wechat: WechatPay) -> None:
    # given
    update = """mutation($id: ID!, $input: PluginUpdateInput!) { pluginUpdate(id: $id, input: $input) {
      plugin { active configuration { name value } } pluginsErrors { field message code } } }"""

    # when
    off = ask(update, {"id": "o2o.wechat_pay", "input": {"active": False}}, world.admin)["pluginUpdate"]

    # then
    assert off["pluginsErrors"] == []
    assert PluginConfiguration.objects.get(identifier="o2o.wechat_pay").configuration in ([], None)
    MerchantAccount.objects.update(is_default=False)
    on = ask(update, {"id": "o2o.wechat_pay", "input": {"active": True}}, world.admin)["pluginUpdate"]
    assert [error["message"] for error in on["pluginsErrors"]] == [
        "还没有默认商户号：请先在管理后台“微信商户号”里添加"
    ]


def test_logs_answers_and_rows_hold_no_secret(
    world: World, wechat: WechatPay, folder: Path, second: User, caplog: pytest.LogCaptureFixture
) -> None:
    # given everything is logged
    caplog.set_level("DEBUG")
    account = MerchantAccount.objects.get(code="main")
    made = wechat.control.rotate("merchant")
    pem = (folder / made["file"]).read_text()

    # when
    change = changes.propose_key(world.admin, account, KeyKind.API_CERTIFICATE, made["serial"], pem, "换证")
    changes.decide(second, change.pk, agree=True)
    order = buy(world)
    wechat.control.fault("prepay", "bad_signature")
    start(order)
    start(order)
    wechat.pay(order)
    wechat.deliver(wechat.hear())

    # then
    change = again(change)
    seen = caplog.text + "".join(str(row.headers) for row in Notification.objects.all())
    seen += "".join(f"{line.before}{line.after}" for line in AuditEntry.objects.all()) + str(change.told)
    hidden = [*secrets_of(folder), *pem.strip().splitlines()[1:-1]]
    assert not [secret for secret in hidden if secret in seen]
    assert "PRIVATE KEY" not in seen


def test_the_configuration_of_the_dashboard_becomes_the_first_account(
    world: World, wechat: WechatPay, folder: Path
) -> None:
    # given a payment made with the former configuration, some of it sealed
    start(buy(world))
    wipe_accounts()
    PaymentAttempt.objects.update(account="")
    merchant = json.loads((folder / "merchant.json").read_text())
    values = {
        "商户号": merchant["mchid"],
        "AppID": merchant["appid"],
        "商户证书序列号": merchant["cert_serial_no"],
        "商户私钥": "enc:" + encrypt((folder / merchant["private_key_file"]).read_text().strip()),
        "APIv3密钥": "enc:" + encrypt(merchant["apiv3_key"]),
        "微信支付公钥ID": merchant["public_key_id"],
        "微信支付公钥": (folder / merchant["public_key_file"]).read_text(),
        "接口地址": "http://127.0.0.1:1/wechat_pay",
        "通知地址": "",
    }
    PluginConfiguration.objects.update(
        configuration=[{"name": name, "value": value} for name, value in values.items()]
    )

    # when
    import_module("plugins.wechat_pay.migrations.0002_first_account").forwards(apps, None)

    # then
    ring = keyring_of("main")
    assert (ring.mchid, ring.serial, ring.apiv3_keys) == (
        merchant["mchid"], merchant["cert_serial_no"], (merchant["apiv3_key"],),
    )  # fmt: skip
    assert ring.base_url == values["接口地址"]
    assert PaymentAttempt.objects.get().account == "main"
    assert PluginConfiguration.objects.get(identifier="o2o.wechat_pay").configuration == []


def wipe_accounts() -> None:
    """As if there had never been any."""
    AccountKey.objects.all().delete()
    MerchantAccount.objects.all().delete()


def test_a_new_account_by_two_people_takes_money(
    world: World, wechat: WechatPay, folder: Path, sandbox_url: str, second: User
) -> None:
    # given
    own = folder / "merchants/1900009192"
    merchant = json.loads((own / "merchant.json").read_text())
    values = {
        "code": "county",
        "name": "区县",
        "mchid": merchant["mchid"],
        "appid": merchant["appid"],
        "mini_appid": "",
        "seller": "",
        "unit_id": None,
        "is_default": True,
        "shares": False,
        "base_url": f"{sandbox_url}/wechat_pay",
        "notify_url": wechat.line.url,
        "serial": merchant["cert_serial_no"],
        "private_key": (own / merchant["private_key_file"]).read_text(),
        "apiv3_key": merchant["apiv3_key"],
        "public_key_id": merchant["public_key_id"],
        "public_key": (own / merchant["public_key_file"]).read_text(),
    }

    # when
    change = changes.propose_account(world.admin, values, "区县单独收款")
    assert not MerchantAccount.objects.filter(code="county").exists()
    changes.decide(second, change.pk, agree=True)
    order = buy(world)
    start(order)
    wechat.pay(order)

    # then
    assert wechat.deliver(wechat.hear()) == 204
    attempt = PaymentAttempt.objects.get()
    assert (attempt.account, attempt.state) == ("county", "paid")
    assert not MerchantAccount.objects.get(code="main").is_default
    assert not [one for one in change.told if values["apiv3_key"] in one[1] or "PRIVATE" in one[1]]


@pytest.mark.parametrize("who", ["nobody", "shopper", "staff"])
def test_who_may_not_touch_accounts_changes_nothing(world: World, wechat: WechatPay, who: str) -> None:
    # given
    account = MerchantAccount.objects.get(code="main")
    browser = Client()
    if who == "shopper":
        browser.force_login(world.customer)
    elif who == "staff":
        browser.force_login(User.objects.create_user("staff@example.com", "pass-word", is_staff=True))
    before = list(AccountKey.objects.values_list("pk", "valid_to"))

    # when
    base = f"/admin/o2o_wechat_pay/merchantaccount/{account.pk}"
    answers = [
        browser.post(f"{base}/{page}/", {"reason": "x", "kind": "apiv3", "value": "x" * 32}).status_code
        for page in ("key", "retire", "edit", "test")
    ]

    # then
    assert set(answers) <= {302, 403, 404}
    assert Change.objects.count() == 0
    assert list(AccountKey.objects.values_list("pk", "valid_to")) == before
    account = again(account)
    assert (account.state, account.tested_at) == ("active", None)
