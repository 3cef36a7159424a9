"""The gate every API call passes: signature, key choice, ordered faults, the work, the signed answer."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from sandbox import faults
from sandbox.faults import Fault
from sandbox.wechat_pay.errors import CODES, ApiError
from sandbox.wechat_pay.keys import Merchant, Signer
from sandbox.wechat_pay.signing import Signed, Spoil, choose_signer, newest, signed_headers, verify_request
from sandbox.wechat_pay.system import NAME, WechatPay

# Nothing is done, only refused.
REFUSING = frozenset({"http_500", "http_429", "error"})
# The work is done; only the answer suffers.
ANSWERING = frozenset({"timeout", "answer_lost", *(spoil.value for spoil in Spoil)})
DEFAULT_DELAY = 15.0  # real seconds, longer than the platform's read timeout


@dataclass(frozen=True, slots=True)
class Call:
    """One API call after its signature was accepted."""

    system: WechatPay
    request: Request
    body: bytes
    merchant: Merchant

    def path(self, name: str) -> str:
        """A part of the path."""
        return str(self.request.path_params[name])

    def asked(self, name: str) -> str:
        """A parameter of the query, "" when left out."""
        return str(self.request.query_params.get(name, ""))

    def api_url(self) -> str:
        """The gateway's address as the merchant called it."""
        here = str(self.request.base_url).rstrip("/").removesuffix(f"/{NAME}")
        return f"{here}/{NAME}"

    def public_url(self) -> str:
        """How a browser reaches the sandbox."""
        here = str(self.request.base_url).rstrip("/").removesuffix(f"/{NAME}")
        return self.system.settings.public_url or here


@dataclass(frozen=True, slots=True)
class Said:
    """An answer with a status of its own, for work that was done nevertheless."""

    status: int
    content: dict[str, Any]


Work = Callable[[Call, sqlite3.Connection], dict[str, Any] | Said | Response | None]
Subject = Callable[[Call, sqlite3.Connection], str]


class BrokenAnswer(Response):
    """An answer whose connection breaks before its end: the client knows nothing."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"application/json"), (b"content-length", b"4096")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})
        # The server closes the connection of an answer that stays unfinished.
        raise ConnectionAbortedError("sandbox: answer lost on request")


def endpoint(
    system: WechatPay, operation: str, work: Work, subject: Subject
) -> Callable[[Request], Awaitable[Response]]:
    """A Starlette endpoint for one operation. subject: the out_trade_no the call is about, for faults."""

    async def answer(request: Request) -> Response:
        body = await request.body()
        mode = system.options().key_mode
        try:
            merchant = verify_request(_signed(request, body), system.keys, system.clock.wall())
        except ApiError as error:
            return _reply(system, error.status, error.as_dict(), None)
        call = Call(system, request, body, merchant)
        signer = newest(system.keys, mode)
        spoil: Spoil | None = None
        try:
            signer = choose_signer(request.headers.get("wechatpay-serial", ""), system.keys, mode)
            _check_headers(request)
            fault = _take_fault(call, operation, subject)
            if fault and (broken := await _refuse(fault)):
                return broken
            with system.store.transaction() as db:
                result = work(call, db)
            system.wake()
            if fault and (broken := await _suffer(fault)):
                return broken
            spoil = _spoil(fault)
        except ApiError as error:
            return _reply(system, error.status, error.as_dict(), signer)
        if isinstance(result, Response):
            return result
        if isinstance(result, Said):
            return _reply(system, result.status, result.content, signer, spoil)
        return _reply(system, 204 if result is None else 200, result, signer, spoil)

    return answer


def target(request: Request) -> str:
    """The raw path and query the client signed: without the sandbox's own prefix."""
    raw: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    path = raw.split(b"?", 1)[0].decode("latin-1")
    path = path.removeprefix(request.scope.get("root_path", ""))
    query: bytes = request.scope["query_string"]
    return f"{path}?{query.decode('latin-1')}" if query else path


def _signed(request: Request, body: bytes) -> Signed:
    return Signed(request.method, target(request), body, request.headers.get("authorization", ""))


def _check_headers(request: Request) -> None:
    accept = request.headers.get("accept", "")
    if "application/json" not in accept and "*/*" not in accept:
        raise ApiError("PARAM_ERROR", "请求头 Accept 应为 application/json")
    if not request.headers.get("user-agent", "").strip():
        raise ApiError("PARAM_ERROR", "请求头 User-Agent 不能为空")
    content_type = request.headers.get("content-type", "")
    if request.method == "POST" and not content_type.startswith("application/json"):
        raise ApiError("PARAM_ERROR", "请求头 Content-Type 应为 application/json")


def _take_fault(call: Call, operation: str, subject: Subject) -> Fault | None:
    with call.system.store.transaction() as db:
        return faults.take(
            db,
            system=NAME,
            operation=operation,
            kinds=REFUSING | ANSWERING,
            path=target(call.request).split("?", 1)[0],
            subject=subject(call, db),
        )


async def _refuse(fault: Fault) -> Response | None:
    """Faults that strike before the work: raise their error, or break the connection."""
    if fault.kind == "http_500":
        raise ApiError("SYSTEM_ERROR")
    if fault.kind == "http_429":
        raise ApiError("FREQUENCY_LIMITED")
    if fault.kind == "error":
        code = str(fault.params.get("code", "SYSTEM_ERROR"))
        raise ApiError(code if code in CODES else "SYSTEM_ERROR", str(fault.params.get("message", "")))
    if fault.kind == "timeout" and fault.params.get("done") is False:
        await asyncio.sleep(fault.number("delay", DEFAULT_DELAY))
        return BrokenAnswer()
    return None


async def _suffer(fault: Fault) -> Response | None:
    """Faults that strike after the work: a late answer, a broken one, or a 500 for work that was done."""
    if fault.kind == "timeout":
        await asyncio.sleep(fault.number("delay", DEFAULT_DELAY))
    if fault.kind == "answer_lost":
        if fault.params.get("answer") == "http_500":
            raise ApiError("SYSTEM_ERROR")
        return BrokenAnswer()
    return None


def _spoil(fault: Fault | None) -> Spoil | None:
    return Spoil(fault.kind) if fault and fault.kind in {spoil.value for spoil in Spoil} else None


def _reply(
    system: WechatPay,
    status: int,
    content: dict[str, Any] | None,
    signer: Signer | None,
    spoil: Spoil | None = None,
) -> Response:
    """The answer; unsigned when `signer` is None."""
    body = b"" if content is None else json.dumps(content, ensure_ascii=False).encode(errors="replace")
    headers = {"Request-ID": uuid.uuid4().hex.upper(), "Cache-Control": "no-cache, must-revalidate"}
    if signer is not None:
        headers |= signed_headers(body, signer, system.clock.wall(), spoil)
    if content is not None:
        headers["Content-Type"] = "application/json; charset=utf-8"
    return Response(body, status_code=status, headers=headers)
