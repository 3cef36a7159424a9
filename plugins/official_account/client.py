"""The one place that speaks to WeChat, through wechatpy, whose traps it closes.

- a lasting 40001 recurses without end: `auto_retry` is off, a rejected token is renewed once (`call`);
- `fetch_access_token` has a fixed address and no timeout: not used, `fetch_token` instead;
- a token per process in memory: the client is given the one that all share (`tokens`);
- addresses are constants of the class: set to the account's;
- what is not JSON comes back as the bare response: told apart as "no usable answer";
- errors carry the request with token and secret in its address: they are never logged nor kept.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import requests
from urllib3.exceptions import NewConnectionError
from wechatpy import WeChatClient
from wechatpy.exceptions import WeChatException

from .errors import TOKEN_REJECTED, WechatRefused, WechatSilent
from .models import Account

#: (connect, read) in seconds.
TIMEOUT = (3, 5)
#: WeChat is busy: says nothing about what we asked.
BUSY = frozenset({-1, 50002})


class _Client(WeChatClient):
    """The library's client for one account and one token."""

    def __init__(self, account: Account, token: str) -> None:
        self._token = token
        super().__init__(account.appid, "", timeout=TIMEOUT, auto_retry=False)
        self.API_BASE_URL = f"{account.base_url}/cgi-bin/"
        self._http.trust_env = False

    @property
    def access_token(self) -> str:
        """The token that all workers share; the library looks for one before the constructor has run."""
        return str(getattr(self, "_token", ""))


def fetch_token(account: Account) -> tuple[str, int]:
    """Ask for a new token; the former one ends. The token, and for how many seconds it is good.

    Raises WechatRefused, WechatSilent. Everybody but `tokens` uses :func:`call`.
    """
    asked = {"grant_type": "client_credential", "appid": account.appid, "secret": account.secret}
    got = _outcome(lambda: _get_json(f"{account.base_url}/cgi-bin/token", asked))
    token, seconds = got.get("access_token"), got.get("expires_in")
    if not isinstance(token, str) or not token or not isinstance(seconds, int) or seconds < 1:
        raise WechatSilent("NO_TOKEN")
    return token, seconds


def fetch_ticket(account: Account) -> tuple[str, int]:
    """Ask for a JS-SDK ticket; it, and for how many seconds it is good. Everybody but `tokens` leaves it alone."""
    got = call(account, lambda api: api.get("ticket/getticket", params={"type": "jsapi"}))
    ticket, seconds = got.get("ticket"), got.get("expires_in")
    if not isinstance(ticket, str) or not ticket or not isinstance(seconds, int) or seconds < 1:
        raise WechatSilent("NO_TICKET")
    return ticket, seconds


def exchange_code(account: Account, code: str) -> dict[str, Any]:
    """Whose login a code is: `openid`, `access_token`, `scope`, perhaps `unionid`. A code is good once.

    Raises WechatRefused 40163 (used), 40029 (none of this account's); WechatSilent.
    """
    asked = {
        "appid": account.appid, "secret": account.secret, "code": code, "grant_type": "authorization_code",
    }  # fmt: skip
    got = _outcome(lambda: _get_json(f"{account.base_url}/sns/oauth2/access_token", asked))
    if not isinstance(got.get("openid"), str) or not 10 <= len(got["openid"]) <= 64:
        raise WechatSilent("NO_OPENID")
    return got


def user_of(account: Account, openid: str, access_token: str) -> dict[str, Any]:
    """What WeChat tells of somebody who has agreed to it (scope userinfo): of use is the `unionid`."""
    asked = {"access_token": access_token, "openid": openid, "lang": "zh_CN"}
    return _outcome(lambda: _get_json(f"{account.base_url}/sns/userinfo", asked))


def call(account: Account, work: Callable[[Any], Any]) -> dict[str, Any]:
    """Run one call of the library (`lambda api: api.menu.create(data)`) and give WeChat's answer.

    A rejected token is renewed once and the call made again once. Raises WechatRefused with WeChat's number, and
    WechatSilent for everything that leaves the outcome open; its `unsent` says that WeChat has not done it for sure.
    Never inside a transaction, never under a lock.
    """
    from . import tokens

    token = _before_sending(lambda: tokens.current_token(account))
    try:
        return _outcome(lambda: work(_Client(account, token)))
    except WechatRefused as refused:
        if refused.errcode not in TOKEN_REJECTED:
            raise
    rejected = token
    token = _before_sending(lambda: tokens.renewed_token(account, rejected))
    return _outcome(lambda: work(_Client(account, token)))


def _before_sending(work: Callable[[], str]) -> str:
    try:
        return work()
    except WechatSilent as silence:
        silence.unsent = True
        raise


def _get_json(address: str, asked: dict[str, str]) -> Any:
    with requests.Session() as session:
        session.trust_env = False
        answer = session.get(address, params=asked, timeout=TIMEOUT, allow_redirects=False)
    if answer.status_code != 200:
        raise WechatSilent(f"HTTP_{answer.status_code}")
    return answer.json()


def _outcome(work: Callable[[], Any]) -> dict[str, Any]:
    """What came of it: a JSON object, a refusal, or silence.

    No error of the library's is kept, not even as the cause of ours: it holds the address with token and secret.
    """
    verdict: WechatRefused | WechatSilent | None = None
    got: Any = None
    try:
        got = work()
    except WeChatException as error:
        status = getattr(getattr(error, "response", None), "status_code", "")
        verdict = WechatSilent(f"HTTP_{status}") if error.errcode is None else _told(int(error.errcode))
    except requests.Timeout:
        verdict = WechatSilent("TIMEOUT")
    except requests.JSONDecodeError:
        verdict = WechatSilent("NOT_JSON")
    except requests.ConnectionError as error:
        verdict = WechatSilent("UNREACHABLE" if _never_connected(error) else "BROKEN")
        verdict.unsent = _never_connected(error)
    except requests.RequestException:
        verdict = WechatSilent("BROKEN")
    except (ValueError, TypeError):
        verdict = WechatSilent("NOT_JSON")
    if verdict is not None:
        raise verdict
    if got is None:  # the library's word for "there is no menu"
        return {}
    if not isinstance(got, dict):
        raise WechatSilent("NOT_JSON")
    errcode = got.get("errcode", 0)
    if isinstance(errcode, int) and errcode != 0:
        raise _told(errcode)
    return got


def _never_connected(error: requests.ConnectionError) -> bool:
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(reason, NewConnectionError)


def _told(errcode: int) -> WechatRefused | WechatSilent:
    if errcode not in BUSY:
        return WechatRefused(errcode)
    silence = WechatSilent(f"BUSY_{errcode}")
    silence.unsent = True  # it says so itself: "try again later"
    return silence
