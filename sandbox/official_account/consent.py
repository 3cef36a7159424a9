"""The page that people are sent to when a page wants to know who they are: at once for the openid, asked for more."""

from __future__ import annotations

import secrets
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from sandbox.official_account.keys import Account
from sandbox.official_account.system import OfficialAccounts
from sandbox.pages import form, owner, page
from sandbox.people import Person

#: Seconds that a code is good for.
CODE_LIVES = 300
SCOPES = ("snsapi_base", "snsapi_userinfo")


class Consent:
    """GET asks, POST answers; whoever holds the telephone (`?person=` or its cookie) is who logs in."""

    def __init__(self, system: OfficialAccounts) -> None:
        self._system = system

    async def ask(self, request: Request) -> Response:
        """/connect/oauth2/authorize."""
        asked = request.query_params
        account, back = self._system.by_appid(asked.get("appid", "")), asked.get("redirect_uri", "")
        problem = ""
        if account is None:
            problem = "appid 参数错误（10013）"
        elif urlsplit(back).scheme not in ("http", "https") or not urlsplit(back).hostname:
            problem = "redirect_uri 域名与后台配置不一致（10003）"
        elif asked.get("response_type") != "code" or asked.get("scope") not in SCOPES:
            problem = "scope 参数错误（10005）"
        if account is None or problem:
            return page(
                request, "official_account/consent.html", status=400, tab="", problem=problem, account=None
            )
        if asked["scope"] == "snsapi_userinfo":
            if request.method == "GET":
                return page(request, "official_account/consent.html", tab="", problem="", account=account)
            if (await form(request)).get("answer") != "yes":
                return page(
                    request, "official_account/consent.html", tab="", problem="您没有同意登录", account=None
                )
        code = self._code(account, owner(request), asked["scope"])
        return RedirectResponse(_with(back, code=code, state=asked.get("state", "")), status_code=303)

    def _code(self, account: Account, person: Person, scope: str) -> str:
        code = f"0{secrets.token_hex(15)}"
        with self._system.store.transaction() as db:
            db.execute(
                "INSERT INTO oa_oauth (code, appid, openid, scope, expires_at) VALUES (?, ?, ?, ?, ?)",
                (code, account.appid, account.openid(person), scope, self._system.clock.now() + CODE_LIVES),
            )
        return code


def _with(address: str, **more: str) -> str:
    parts = urlsplit(address)
    return urlunsplit(parts._replace(query=urlencode([*parse_qsl(parts.query), *more.items()])))
