"""The access token: one for all workers, in the cache, encrypted, for as long as WeChat says.

A new token makes the one before it invalid, so that workers who each fetch their own fight for ever. Here one fetches
under a lock in the cache while the others wait for what it gets. Why no row is locked: the lock is held over a remote
call, and a row's lock never is.
"""

from __future__ import annotations

import secrets
import time

from django.core.cache import cache

from saleor_o2o.kernel.crypto import DecryptionError, decrypt, encrypt

from .client import fetch_token
from .errors import OfficialAccountError, WechatRefused, WechatSilent
from .models import Account

#: Seconds that a token is given up before WeChat ends it: a call begun with it still arrives in time.
MARGIN = 300
#: Seconds a lock lasts should its holder die; longer than a fetch may take.
LOCKED = 20
#: Seconds to wait for somebody else's fetch.
PATIENCE = 8.0
#: Seconds that a failed fetch is not tried again: those who wait fail with it.
FAILED = 2
_STEP = 0.05


def current_token(account: Account) -> str:
    """The token in force; fetched if there is none.

    Raises WechatRefused, WechatSilent. May call WeChat: never under a lock.
    """
    return _cached(account) or renewed_token(account, "")


def renewed_token(account: Account, rejected: str) -> str:
    """A token other than the rejected one: what somebody else has got meanwhile, else a new one.

    However many ask at once, one of them fetches. Raises WechatRefused, WechatSilent. May call WeChat.
    """
    deadline = time.monotonic() + PATIENCE
    while True:
        held = _cached(account)
        if held and held != rejected:
            return held
        _raise_failure(account)
        mine = _take(account)
        if mine:
            try:
                held = _cached(account)  # whoever was before us has just put it there
                return held if held and held != rejected else _fetched(account)
            finally:
                _release(account, mine)
        if time.monotonic() > deadline:
            raise WechatSilent("TOKEN_BUSY")
        time.sleep(_STEP)


def forget_token(account: Account) -> None:
    """The secret has changed: what was got with the old one does not count."""
    cache.delete_many([_key(account, "token"), _key(account, "failed")])


def _fetched(account: Account) -> str:
    try:
        token, seconds = fetch_token(account)
    except OfficialAccountError as error:
        told = error.errcode if isinstance(error, WechatRefused) else str(getattr(error, "detail", ""))
        cache.set(_key(account, "failed"), told, FAILED)
        raise
    cache.set(_key(account, "token"), encrypt(token), max(1, seconds - min(MARGIN, seconds // 2)))
    return token


def _raise_failure(account: Account) -> None:
    told = cache.get(_key(account, "failed"))
    if isinstance(told, int):
        raise WechatRefused(told)
    if told is not None:
        raise WechatSilent(told)


def _cached(account: Account) -> str:
    kept = cache.get(_key(account, "token"))
    if not kept:
        return ""
    try:
        return decrypt(kept)
    except DecryptionError:  # the field keys were changed: as if there were none
        return ""


def _take(account: Account) -> str:
    mine = secrets.token_hex(8)
    return mine if cache.add(_key(account, "lock"), mine, LOCKED) else ""


def _release(account: Account, mine: str) -> None:
    # a lock that ran out and was taken by another is not ours to give back
    if cache.get(_key(account, "lock")) == mine:
        cache.delete(_key(account, "lock"))


def _key(account: Account, what: str) -> str:
    return f"o2o-official-account-{account.pk}-{what}"
