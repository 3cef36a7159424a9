"""The access token: one for all workers, in the cache, encrypted, for as long as WeChat says.

A new token makes the one before it invalid, so that workers who each fetch their own fight for ever. Here one fetches
under a lock in the cache while the others wait for what it gets. Why no row is locked: the lock is held over a remote
call, and a row's lock never is.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable

from django.core.cache import cache

from saleor_o2o.kernel.crypto import DecryptionError, decrypt, encrypt

from .client import fetch_ticket, fetch_token
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


#: What is kept of an account: the access token, and the ticket that pages inside WeChat are signed with.
TOKEN, TICKET = "token", "ticket"
Fetch = Callable[[Account], tuple[str, int]]


def current_token(account: Account) -> str:
    """The token in force; fetched if there is none.

    Raises WechatRefused, WechatSilent. May call WeChat: never under a lock.
    """
    return _kept(account, TOKEN, fetch_token, "")


def renewed_token(account: Account, rejected: str) -> str:
    """A token other than the rejected one: what somebody else has got meanwhile, else a new one.

    However many ask at once, one of them fetches. Raises WechatRefused, WechatSilent. May call WeChat.
    """
    return _kept(account, TOKEN, fetch_token, rejected)


def current_ticket(account: Account) -> str:
    """The ticket for signing pages (JS-SDK), kept in the same way: WeChat counts its fetches, too.

    Raises WechatRefused, WechatSilent. May call WeChat: never under a lock.
    """
    return _kept(account, TICKET, fetch_ticket, "")


def forget_token(account: Account) -> None:
    """The secret has changed: what was got with the old one does not count."""
    cache.delete_many([_key(account, what, part) for what in (TOKEN, TICKET) for part in ("", "failed")])


def _kept(account: Account, what: str, fetch: Fetch, rejected: str) -> str:
    deadline = time.monotonic() + PATIENCE
    while True:
        held = _cached(account, what)
        if held and held != rejected:
            return held
        _raise_failure(account, what)
        mine = _take(account, what)
        if mine:
            try:
                held = _cached(account, what)  # whoever was before us has just put it there
                return held if held and held != rejected else _fetched(account, what, fetch)
            finally:
                _release(account, what, mine)
        if time.monotonic() > deadline:
            raise WechatSilent("TOKEN_BUSY")
        time.sleep(_STEP)


def _fetched(account: Account, what: str, fetch: Fetch) -> str:
    try:
        token, seconds = fetch(account)
    except OfficialAccountError as error:
        told = error.errcode if isinstance(error, WechatRefused) else str(getattr(error, "detail", ""))
        cache.set(_key(account, what, "failed"), told, FAILED)
        raise
    cache.set(_key(account, what), encrypt(token), max(1, seconds - min(MARGIN, seconds // 2)))
    return token


def _raise_failure(account: Account, what: str) -> None:
    told = cache.get(_key(account, what, "failed"))
    if isinstance(told, int):
        raise WechatRefused(told)
    if told is not None:
        raise WechatSilent(told)


def _cached(account: Account, what: str) -> str:
    kept = cache.get(_key(account, what))
    if not kept:
        return ""
    try:
        return decrypt(kept)
    except DecryptionError:  # the field keys were changed: as if there were none
        return ""


def _take(account: Account, what: str) -> str:
    mine = secrets.token_hex(8)
    return mine if cache.add(_key(account, what, "lock"), mine, LOCKED) else ""


def _release(account: Account, what: str, mine: str) -> None:
    # a lock that ran out and was taken by another is not ours to give back
    if cache.get(_key(account, what, "lock")) == mine:
        cache.delete(_key(account, what, "lock"))


def _key(account: Account, what: str, part: str = "") -> str:
    return f"o2o-official-account-{account.pk}-{what}{'-' if part else ''}{part}"
