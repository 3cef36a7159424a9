"""Accounts are added, edited, given new secrets, tested, retired."""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.states import move

from .. import audits
from ..client import call
from ..configuration import is_allowed_address
from ..errors import Code, OfficialAccountError
from ..models import Account, AccountType, PushMode
from ..permissions import MANAGE, require_at
from ..tokens import forget_token

#: What a form gives of an account beside its unit and secrets.
FIELDS = ("name", "type", "appid", "original_id", "base_url", "push_mode")
#: Numbers of an account that a form may give.
NUMBERS = ("daily_quota",)
_SHAPES = {
    "code": (r"[a-z0-9][a-z0-9-]{0,31}", gettext_lazy("代码用小写字母、数字和短横线")),
    "appid": (r"wx[0-9a-z]{16}", gettext_lazy("AppID 以 wx 开头，共 18 位")),
    "secret": (r"[0-9a-f]{32}", gettext_lazy("AppSecret 是 32 位小写字母和数字")),
    "token": (r"[0-9A-Za-z]{3,32}", gettext_lazy("Token 是 3 到 32 位字母和数字")),
    "original_id": (r"(gh_[0-9a-z]{12})?", gettext_lazy("原始 ID 以 gh_ 开头，共 15 位")),
}


@transaction.atomic
def add_account(user: Any, unit: OrgUnit, values: dict[str, str]) -> Account:
    """Write an account. `values`: `code`, :data:`FIELDS`, `secret`, `token`, `aes_key` (both may be left to us).

    Raises NotAllowed without the right over the unit, OfficialAccountError INVALID, ACCOUNT_TAKEN.
    """
    require_at(user, MANAGE, unit)
    given = {
        **values,
        "token": values.get("token") or new_token(),
        "aes_key": values.get("aes_key") or new_aes_key(),
    }
    for name in ("code", "appid", "original_id", "secret", "token"):
        _check_shape(name, given.get(name, ""))
    _check(given)
    try:
        with transaction.atomic():
            account = Account.objects.create(
                unit=unit,
                **{name: given.get(name, "") for name in ("code", *FIELDS, "secret", "token", "aes_key")},
            )
    except IntegrityError as error:
        raise _taken() from error
    audit.record(audits.ACCOUNT_ADDED, account, after=_shown(account))
    return account


@transaction.atomic
def edit_account(user: Any, account_pk: int, unit: OrgUnit, values: dict[str, str]) -> Account:
    """Change what is no secret; the code stays, for WeChat knows our address by it. Locks: the account.

    Raises NotAllowed, OfficialAccountError INVALID, ACCOUNT_TAKEN, LockTimeout.
    """
    [account] = lock_rows(Account.objects.filter(pk=account_pk).select_related("unit"))
    require_at(user, MANAGE, account.unit)
    require_at(user, MANAGE, unit)
    for name in ("appid", "original_id"):
        _check_shape(name, values.get(name, ""))
    _check({**values, "aes_key": account.aes_key})
    before, appid = _shown(account), account.appid
    for name in FIELDS:
        setattr(account, name, values.get(name, ""))
    account.daily_quota = int(values.get("daily_quota") or account.daily_quota)
    account.unit = unit
    try:
        with transaction.atomic():
            account.save()
    except IntegrityError as error:
        raise _taken() from error
    if account.appid != appid:
        transaction.on_commit(lambda: forget_token(account))
    audit.record(audits.ACCOUNT_EDITED, account, before=before, after=_shown(account))
    return account


@transaction.atomic
def change_secrets(user: Any, account_pk: int, values: dict[str, str]) -> Account:
    """Put new secrets in force at once; what is left empty stays. Locks: the account.

    Raises NotAllowed, OfficialAccountError INVALID, LockTimeout.
    """
    [account] = lock_rows(Account.objects.filter(pk=account_pk).select_related("unit"))
    require_at(user, MANAGE, account.unit)
    given = {name: values.get(name, "").strip() for name in ("secret", "token", "aes_key")}
    changed = [name for name, value in given.items() if value]
    if not changed:
        raise OfficialAccountError(Code.INVALID, _("没有填写任何新的密钥"), "secret")
    for name in changed:
        if name != "aes_key":
            _check_shape(name, given[name])
        setattr(account, name, given[name])
    _check({"push_mode": account.push_mode, "aes_key": account.aes_key, "base_url": account.base_url,
            "name": account.name, "type": account.type})  # fmt: skip
    account.save(update_fields=changed)
    transaction.on_commit(lambda: forget_token(account))
    audit.record(audits.SECRET_CHANGED, account, after={"changed": changed})
    return account


def retire_account(user: Any, account_pk: int) -> Account:
    """It answers nobody from now on. Raises NotAllowed, IllegalMove."""
    account = Account.objects.select_related("unit").get(pk=account_pk)
    require_at(user, MANAGE, account.unit)
    move(account, "retire")
    return account


def revive_account(user: Any, account_pk: int) -> Account:
    """It answers again. Raises NotAllowed, IllegalMove."""
    account = Account.objects.select_related("unit").get(pk=account_pk)
    require_at(user, MANAGE, account.unit)
    move(account, "revive")
    return account


def test_account(account: Account) -> tuple[bool, str]:
    """Ask WeChat for its own addresses: changes nothing, and needs appid, secret and our place on the white list.

    Whether all fits, and what to say. Calls WeChat: no transaction may be open.
    """
    try:
        call(account, lambda api: api.get("getcallbackip"))
    except OfficialAccountError as error:
        fits, words = False, f"{error.message}{'：' + error.hint if error.hint else ''}"
    else:
        fits, words = True, _("连接正常，AppID 和 AppSecret 有效")
    Account.objects.filter(pk=account.pk).update(tested_at=now(), test_result=words[:120])
    return fits, words


def new_token() -> str:
    """A Token for WeChat's console: 32 letters and digits."""
    return secrets.token_hex(16)


def new_aes_key() -> str:
    """An EncodingAESKey for WeChat's console: 43 characters."""
    return base64.b64encode(secrets.token_bytes(32)).decode().rstrip("=")


def _check(values: dict[str, str]) -> None:
    if not values.get("name", "").strip():
        raise OfficialAccountError(Code.INVALID, _("请填写名称"), "name")
    if values.get("type") not in AccountType.values:
        raise OfficialAccountError(Code.INVALID, _("没有这种公众号类型"), "type")
    if values.get("push_mode") not in PushMode.values:
        raise OfficialAccountError(Code.INVALID, _("没有这种加解密方式"), "push_mode")
    if not is_allowed_address(values.get("base_url", "")):
        raise OfficialAccountError(Code.INVALID, _("只能使用微信官方接口地址"), "base_url")
    key = values.get("aes_key", "")
    if key and not _is_aes_key(key):
        raise OfficialAccountError(Code.INVALID, _("EncodingAESKey 是 43 位字母和数字"), "aes_key")
    if values.get("push_mode") != PushMode.PLAIN and not key:
        raise OfficialAccountError(Code.INVALID, _("加密模式需要 EncodingAESKey"), "aes_key")


def _is_aes_key(key: str) -> bool:
    try:
        return len(key) == 43 and len(base64.b64decode(key + "=", validate=True)) == 32
    except (binascii.Error, ValueError):
        return False


def _check_shape(name: str, value: str) -> None:
    shape, words = _SHAPES[name]
    if not re.fullmatch(shape, value):
        raise OfficialAccountError(Code.INVALID, words, name)


def _taken() -> OfficialAccountError:
    return OfficialAccountError(
        Code.ACCOUNT_TAKEN, _("代码或 AppID 已被另一个公众号使用"), "appid", _("请核对是否已经添加过")
    )


def _shown(account: Account) -> dict[str, Any]:
    return {**{name: getattr(account, name) for name in (*FIELDS, *NUMBERS)}, "unit": account.unit_id}
