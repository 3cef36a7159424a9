"""Logging in through WeChat: out with a signed state, back with a code, once, in the same browser.

The state is signed, runs out after ten minutes and names the browser by a digest of a key that never leaves it but to
come here: a state that somebody else is made to open is of no use to whoever made it. A login is finished once. The
code is exchanged once, too; where the agreement is still missing, what WeChat said is kept for the second try.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.cache import cache
from django.db import models, transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from plugins.channels.interfaces import bind_on_visit
from plugins.members.interfaces import (
    Device,
    IdentityKind,
    Member,
    MemberError,
    MemberErrorCode,
    Source,
    bind,
    current_agreement,
    member_by,
    member_of,
    register,
    sign_in,
)
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import decrypt, encrypt

from ..client import exchange_code, user_of
from ..configuration import open_address
from ..errors import Code, OfficialAccountError, WechatRefused
from ..models import Account, AccountState, Fan
from ..pages import check_page
from ..payers import sealed
from . import following
from .syncing import unionid_index

_SALT = "o2o.official_account.login"
#: Seconds between setting out and coming back, as WeChat's codes live: five minutes, and as much to type.
MAX_AGE = 600


class Scope(models.TextChoices):
    """What WeChat is asked for."""

    BASE = "snsapi_base", gettext_lazy("只要 openid")
    USERINFO = "snsapi_userinfo", gettext_lazy("用户同意后的资料")


@dataclass(frozen=True)
class Begun:
    """Where the browser goes, and what it keeps meanwhile."""

    url: str
    browser_key: str


@dataclass(frozen=True)
class Done:
    """A login; `token` is empty where somebody logged in has bound WeChat."""

    token: str
    user: Any
    created: bool
    follows: bool


def begin(account: Account, return_to: str, scope: Scope = Scope.BASE) -> Begun:
    """Set out. Raises OfficialAccountError FOREIGN_PAGE for a page that is not ours."""
    page = check_page(return_to)
    key = secrets.token_urlsafe(24)
    state = _signed(f"{account.pk:x}x{secrets.token_hex(8)}x{_digest(key)}x{int(now().timestamp()):x}")
    asked = {
        "appid": account.appid,
        "redirect_uri": page,
        "response_type": "code",
        "scope": str(scope),
        "state": state,
    }
    address = f"{open_address(account.base_url)}/connect/oauth2/authorize"
    return Begun(f"{address}?{urlencode(asked)}#wechat_redirect", key)


def finish(
    code: str, state: str, browser_key: str, *, device: Device, user: Any = None, agreement: str = ""
) -> Done:
    """Come back. A member logs in, a newcomer registers, whoever is logged in has WeChat bound to the account.

    Calls WeChat: no transaction may be open. Raises OfficialAccountError STATE_INVALID, STATE_USED, CODE_INVALID,
    OTHER_MEMBER; WechatRefused, WechatSilent; MemberError AGREEMENT_REQUIRED (try again with the same code), NotActive.
    """
    account, nonce, openid, unionid = _came_back(code, state, browser_key)
    here = user if user is not None and user.is_authenticated and not user.is_staff else None
    identities: list[tuple[str, str, str]] = [(str(IdentityKind.OPENID), openid, account.appid)]
    if unionid:
        identities.append((str(IdentityKind.UNIONID), unionid, ""))
    known = next((one for one in (member_by(*identity) for identity in identities) if one), None)
    if here is None and known is None and agreement != current_agreement():
        raise MemberError(
            MemberErrorCode.AGREEMENT_REQUIRED, _("首次登录将为您注册会员，请先阅读并同意会员协议"), "agreement",
            _("同意后再次提交"),
        )  # fmt: skip
    _use(nonce)
    if here is not None:
        member = member_of(here)
        if member is None or (known is not None and known.pk != member.pk):
            raise OfficialAccountError(
                Code.OTHER_MEMBER,
                _("这个微信已经绑定了另一个会员账号"),
                None,
                _("请先用微信登录，或到网点合并账号"),
            )
        fan = _bound(account, member, openid, unionid, identities)
        return Done("", here, False, fan.is_following)
    member, created = (known, False) if known else _registered(identities, agreement)
    fan = _bound(account, member, openid, unionid, identities)
    tokens = sign_in(member, device, created=created)
    return Done(tokens.token, tokens.user, created, fan.is_following)


def name_payer(code: str, state: str, browser_key: str) -> str:
    """Come back without becoming a member: a pass with which this browser pays inside WeChat, for an hour (0148).

    Nobody is registered, logged in or bound. Calls WeChat: no transaction may be open. Raises OfficialAccountError
    STATE_INVALID, STATE_USED, CODE_INVALID; WechatRefused, WechatSilent.
    """
    account, nonce, openid, _unionid = _came_back(code, state, browser_key)
    _use(nonce)
    return sealed(account.appid, openid)


def _came_back(code: str, state: str, browser_key: str) -> tuple[Account, str, str, str]:
    """Account, number of the trip, openid and unionid of who comes back from WeChat."""
    account, nonce = _opened(state, browser_key)
    if not 1 <= len(code) <= 128:
        raise OfficialAccountError(Code.CODE_INVALID, _("微信登录已失效"), "code", _("请重新打开页面登录"))
    if cache.get(_key(nonce, "used")):
        raise _used()
    return (account, nonce, *_exchanged(account, nonce, code))


def _use(nonce: str) -> None:
    """A trip ends once."""
    if not cache.add(_key(nonce, "used"), 1, 2 * MAX_AGE):
        raise _used()
    cache.delete(_key(nonce, "told"))


def _registered(identities: list[tuple[str, str, str]], agreement: str) -> tuple[Member, bool]:
    """A new member; or, where two tabs came back at once, the one whom the other has made."""
    try:
        return register(Source.WECHAT, identities=identities, agreement=agreement), True
    except MemberError as error:
        other = next((one for one in (member_by(*identity) for identity in identities) if one), None)
        if other is None or error.code != MemberErrorCode.IDENTITY_TAKEN:
            raise
        return other, False


def _bound(
    account: Account, member: Member, openid: str, unionid: str, identities: list[tuple[str, str, str]]
) -> Fan:
    """The fan is the member from now on; the shop by whose code he first came has a customer. Locks: member, fan,
    customer."""
    with transaction.atomic():
        for identity in identities:
            bind(member, *identity)
        fan = following.fan_of(account, openid)
        is_new, fan.user_id = fan.user_id != member.user_id, member.user_id
        if unionid:
            fan.unionid, fan.unionid_index = unionid, unionid_index(unionid)
        fan.save(update_fields=["user", "unionid", "unionid_index"])
        code = fan.first_code
        if code is not None and code.channel is not None:
            bind_on_visit(member.user, code.channel, fan.first_code_at)
            if is_new:  # he scanned it before anybody knew who he was
                following.tell_scanned(member.user_id, code)
    return fan


def _opened(state: str, browser_key: str) -> tuple[Account, str]:
    text, _x, _told = state.rpartition("x")
    if not text or not hmac.compare_digest(_signed(text).encode(), state.encode()):
        raise _not_ours()
    account_pk, nonce, browser, begun = text.split("x")
    age = now().timestamp() - int(begun, 16)
    if not 0 <= age <= MAX_AGE or not hmac.compare_digest(browser, _digest(browser_key[:256])):
        raise _not_ours()
    account = Account.objects.filter(pk=int(account_pk, 16), state=AccountState.ACTIVE).first()
    if account is None:
        raise OfficialAccountError(Code.NO_ACCOUNT, _("公众号不存在或已停用"))
    return account, nonce


def _exchanged(account: Account, nonce: str, code: str) -> tuple[str, str]:
    """Openid and unionid that a code stands for; of a second try with the same code, what WeChat said to the first."""
    kept = cache.get(_key(nonce, "told"))
    if kept:
        told_code, openid, unionid = json.loads(decrypt(kept))
        if hmac.compare_digest(str(told_code), _digest(code)):
            return openid, unionid
    try:
        got = exchange_code(account, code)
    except WechatRefused as refused:
        if refused.errcode in (40029, 40163):
            raise OfficialAccountError(Code.CODE_INVALID, refused.message, "code", refused.hint) from None
        raise
    openid, unionid = str(got["openid"]), str(got.get("unionid") or "")
    if not unionid and Scope.USERINFO in str(got.get("scope", "")).split(","):
        unionid = str(user_of(account, openid, str(got.get("access_token", ""))).get("unionid") or "")
    told = json.dumps([_digest(code), openid, unionid[:64]])
    cache.set(_key(nonce, "told"), encrypt(told), MAX_AGE)
    return openid, unionid[:64]


def _signed(text: str) -> str:
    """With its signature behind it: letters and digits alone, 128 at most, as WeChat wants a state."""
    return f"{text}x{salted_hmac(_SALT, text, algorithm='sha256').hexdigest()[:40]}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _key(nonce: str, what: str) -> str:
    return f"o2o-official-account-login-{nonce}-{what}"


def _used() -> OfficialAccountError:
    return OfficialAccountError(Code.STATE_USED, _("这次微信登录已经用过"), "state", _("请重新打开页面登录"))


def _not_ours() -> OfficialAccountError:
    return OfficialAccountError(
        Code.STATE_INVALID, _("微信登录已失效，或不是从本机开始的"), "state", _("请重新打开页面登录")
    )
