"""Accounts are written, tested, retired. Who may do so is the caller's question (`services.changes`)."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from saleor_o2o.cashier.errors import CashierError
from saleor_o2o.cashier.ports import ProviderRefused, ProviderUnknown
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.numbering import external_number
from saleor_o2o.kernel.states import move

from ..checks import check_account
from ..client import api_of, call
from ..error_codes import WechatPayErrorCode as Code
from ..errors import WechatPayError
from ..models import KeyKind, MerchantAccount
from .keys import add_key

ACCOUNT_ADDED = audit.action("wechat_pay.account_added", gettext_lazy("新增微信商户号"))
ACCOUNT_EDITED = audit.action("wechat_pay.account_edited", gettext_lazy("修改微信商户号"))

#: What a form gives of an account, beside its keys.
FIELDS = ("code", "name", "mchid", "appid", "mini_appid", "seller", "base_url", "notify_url")


@transaction.atomic
def add_account(values: dict[str, Any]) -> MerchantAccount:
    """Write an account with its first keys. ``values``: :data:`FIELDS`, `unit_id`, `is_default`, `shares`, and the keys
    `serial`, `private_key`, `apiv3_key`, `public_key_id`, `public_key` (both empty: platform certificates are fetched).

    Raises WechatPayError INVALID, ACCOUNT_TAKEN.
    """
    check_account(values)
    if values.get("is_default"):
        lock_rows(MerchantAccount.objects.filter(is_default=True))
        MerchantAccount.objects.filter(is_default=True).update(is_default=False)
    try:
        with transaction.atomic():
            account = MerchantAccount.objects.create(
                **{name: values.get(name, "") for name in FIELDS},
                unit_id=values.get("unit_id"),
                is_default=bool(values.get("is_default")),
                shares=bool(values.get("shares")),
            )
    except IntegrityError as error:
        raise WechatPayError(Code.ACCOUNT_TAKEN, "code") from error
    add_key(account, KeyKind.API_CERTIFICATE, values.get("serial", ""), values.get("private_key", ""))
    add_key(account, KeyKind.APIV3, "", values.get("apiv3_key", ""))
    if values.get("public_key_id") or values.get("public_key"):
        add_key(account, KeyKind.PUBLIC_KEY, values.get("public_key_id", ""), values.get("public_key", ""))
    audit.record(ACCOUNT_ADDED, account, after={name: values.get(name, "") for name in FIELDS})
    return account


@transaction.atomic
def edit_account(account_pk: int, values: dict[str, Any]) -> MerchantAccount:
    """Change what is not a key; code and merchant number stay, for trades were made with them. Locks: the accounts.

    Raises WechatPayError INVALID, ACCOUNT_TAKEN.
    """
    accounts = lock_rows(MerchantAccount.objects.all())
    account = next(one for one in accounts if one.pk == account_pk)
    given = {**values, "code": account.code, "mchid": account.mchid}
    check_account(given)
    before = {name: getattr(account, name) for name in FIELDS}
    if values.get("is_default") and not account.is_default:
        MerchantAccount.objects.filter(is_default=True).update(is_default=False)
    for name in FIELDS:
        setattr(account, name, given.get(name, ""))
    account.unit_id = values.get("unit_id")
    account.is_default, account.shares = bool(values.get("is_default")), bool(values.get("shares"))
    try:
        with transaction.atomic():
            account.save()
    except IntegrityError as error:
        raise WechatPayError(Code.ACCOUNT_TAKEN, "unit") from error
    audit.record(
        ACCOUNT_EDITED, account, before=before, after={name: getattr(account, name) for name in FIELDS}
    )
    return account


def retire_account(account_pk: int) -> MerchantAccount:
    """No new payments; what was begun goes on. Raises IllegalMove."""
    account = MerchantAccount.objects.get(pk=account_pk)
    move(account, "retire")
    return account


def revive_account(account_pk: int) -> MerchantAccount:
    """Payments again. Raises IllegalMove, WechatPayError ACCOUNT_TAKEN."""
    account = MerchantAccount.objects.get(pk=account_pk)
    try:
        with transaction.atomic():
            move(account, "revive")
    except IntegrityError as error:
        raise WechatPayError(Code.ACCOUNT_TAKEN) from error
    return account


def test_account(account: MerchantAccount) -> tuple[bool, str]:
    """A signed call that changes nothing: close a number that nobody uses. Whether all fits, and what to say.

    WeChat verifies our signature, we verify WeChat's. Calls the provider: no transaction may be open.
    """
    try:
        api = api_of(account.code)
        call(lambda: api.pay.close(out_trade_no=external_number("TEST")))
        if not api.ring.public_keys:
            api.ready_to_encrypt()
    except CashierError:
        fits, words = False, _("密钥不完整或无法解密，请重新录入")
    except ProviderRefused as refusal:
        told = {"code": refusal.code, "message": refusal.message}
        fits, words = False, _("微信支付拒绝：%(code)s %(message)s") % told
    except ProviderUnknown as silence:
        fits, words = (
            False,
            _words_of(silence.code),
        )
    else:
        fits, words = True, _("连接与验签正常")
    MerchantAccount.objects.filter(pk=account.pk).update(tested_at=now(), test_result=words[:120])
    return fits, words


def _words_of(code: str) -> str:
    return str(_TOLD.get(code) or _("没有得到有效答复：%(code)s") % {"code": code})


_TOLD = {
    "UNVERIFIABLE_ANSWER": gettext_lazy("应答验签失败：请核对微信支付公钥或平台证书"),
    "TIMEOUT": gettext_lazy("连接超时"),
    "UNREACHABLE": gettext_lazy("连不上接口地址"),
    "NO_PLATFORM_CERTIFICATE": gettext_lazy("没有取到平台证书：请核对 APIv3 密钥，或改用微信支付公钥"),
}
