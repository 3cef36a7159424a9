"""The gate of /cgi-bin: who calls, ordered faults, then the work; errors are numbers in a body with status 200."""

from __future__ import annotations

import asyncio
import email
import json
from collections.abc import Callable
from email.message import Message
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from sandbox import faults
from sandbox.faults import Fault
from sandbox.official_account.keys import Account
from sandbox.official_account.system import NAME, OfficialAccounts

KINDS = frozenset({"http_500", "http_429", "error", "timeout", "answer_lost", "not_json"})
DEFAULT_DELAY = 8.0  # real seconds, longer than the platform waits

SAID = {
    -1: "system error", 40001: "invalid credential, access_token is invalid or not latest", 40002: "invalid grant_type",
    40007: "invalid media_id", 40013: "invalid appid", 40016: "invalid button size", 40017: "invalid button type",
    40018: "invalid button name size", 40019: "invalid button key size", 40020: "invalid button url size",
    40003: "invalid openid", 40125: "invalid appsecret", 40164: "invalid ip, not in whitelist",
    41001: "access_token missing",
    42001: "access_token expired", 43002: "require POST method", 44002: "empty post data",
    45009: "reach max api daily quota limit",
    46003: "menu no exist", 47001: "data format error",
    48001: "api unauthorized", 65301: "no such conditional menu",
    65303: "there is no selfmenu, please create selfmenu first", 65320: "matchrule contains privacy",
    40053: "invalid action info", 40029: "invalid code", 40037: "invalid template_id",
    43004: "require subscribe", 47003: "argument invalid",
    40032: "invalid openid list size", 45056: "too many tags", 45157: "invalid tag name", 45158: "tag name too long",
    45058: "can't modify sys tag", 45059: "too many tags on one user",
    45159: "invalid tag id", 49003: "not match openid",
    45015: "response out of time limit or subscription is canceled", 45047: "out of response count limit",
    40004: "invalid media type", 40005: "invalid file type", 40009: "invalid image size",
    45002: "content size out of limit",
    40030: "invalid refresh_token", 43101: "user refuse to accept the msg",
    61500: "date format error", 61501: "date range error",
    40163: "code been used", 40097: "invalid args",
}  # fmt: skip


#: Calls that show the secret instead of a token, and what they ask for.
_BY_SECRET = {"token": "client_credential", "oauth_token": "authorization_code"}


class Refused(Exception):
    """A call that is answered with a number."""

    def __init__(self, errcode: int) -> None:
        super().__init__(errcode)
        self.errcode = errcode


Work = Callable[[OfficialAccounts, Account, dict[str, Any]], dict[str, Any]]


def endpoint(system: OfficialAccounts, operation: str, work: Work) -> Any:
    """A Starlette endpoint: `work(system, account, what was asked)` gives the answer or raises Refused."""

    async def answer(request: Request) -> Response:
        asked = dict(request.query_params)
        fault: Fault | None = None
        appid = ""
        try:
            account = _account_of(system, operation, asked)
            appid = account.appid
            with system.store.transaction() as db:
                fault = faults.take(db, system=NAME, operation=operation, kinds=KINDS, subject=account.code)
            if fault is not None and (broken := _before(fault)) is not None:
                _note(system, appid, operation, -2)
                return broken
            found = work(system, account, {**asked, "body": _body(request, await request.body())})
            told = {"errcode": 0, "errmsg": "ok", **found} if request.method == "POST" or not found else found
        except Refused as refused:
            _note(system, appid, operation, refused.errcode)
            return JSONResponse({"errcode": refused.errcode, "errmsg": SAID.get(refused.errcode, "error")})
        _note(system, appid, operation, 0)
        if fault is not None:
            await asyncio.sleep(fault.number("delay", DEFAULT_DELAY) if fault.kind == "timeout" else 0)
            if fault.kind == "answer_lost":
                return PlainTextResponse("Bad Gateway", status_code=502)
        return JSONResponse(told)

    return answer


def _account_of(system: OfficialAccounts, operation: str, asked: dict[str, str]) -> Account:
    if operation in _BY_SECRET:
        account = system.by_appid(asked.get("appid", ""))
        if asked.get("grant_type") != _BY_SECRET[operation]:
            raise Refused(40002)
        if account is None:
            raise Refused(40013)
        if asked.get("secret") != account.secret:
            raise Refused(40125)
        return account
    token = asked.get("access_token", "")
    if operation == "oauth_refresh":
        account = system.by_appid(asked.get("appid", ""))
        if account is None or asked.get("grant_type") != "refresh_token":
            raise Refused(40013 if account is None else 40002)
        return account
    if operation in ("oauth_user", "oauth_check"):
        row = system.store.one("SELECT * FROM oa_oauth WHERE token = ? AND token != ''", token)
        account = system.by_appid(row["appid"]) if row is not None else None
        if account is None:
            raise Refused(40001)
        return account
    if not token:
        raise Refused(41001)
    row = system.store.one("SELECT * FROM oa_tokens WHERE token = ?", token)
    if row is None or row["dead"]:
        raise Refused(40001)
    if row["expires_at"] <= system.clock.now():
        raise Refused(42001)
    account = system.by_appid(row["appid"])
    if account is None:
        raise Refused(40001)
    return account


def _before(fault: Fault) -> Response | None:
    """Faults that strike before anything is done."""
    if fault.kind == "error":
        raise Refused(int(fault.params.get("code", -1)))
    if fault.kind == "http_500":
        return PlainTextResponse("Internal Server Error", status_code=500)
    if fault.kind == "http_429":
        return PlainTextResponse("Too Many Requests", status_code=429)
    if fault.kind == "not_json":
        return PlainTextResponse("<html>maintenance</html>")
    return None


def _body(request: Request, raw: bytes) -> Any:
    if not raw:
        return None
    kind = request.headers.get("Content-Type", "")
    if kind.startswith("multipart/form-data"):
        return uploaded(kind, raw)
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        raise Refused(47001) from None


def uploaded(kind: str, raw: bytes) -> dict[str, Any]:
    """The file of an upload: `filename`, `type`, `content`; empty where there is none."""
    whole = email.message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + raw)
    parts = whole.get_payload() if whole.is_multipart() else []
    for part in parts:
        if isinstance(part, Message) and part.get_param("name", header="content-disposition") == "media":
            content = part.get_payload(decode=True)
            return {
                "filename": part.get_filename() or "",
                "type": part.get_content_type(),
                "content": content,
            }
    return {}


def _note(system: OfficialAccounts, appid: str, operation: str, errcode: int) -> None:
    with system.store.transaction() as db:
        db.execute(
            "INSERT INTO oa_calls (appid, operation, errcode, at) VALUES (?, ?, ?, ?)",
            (appid, operation, errcode, system.clock.now()),
        )
