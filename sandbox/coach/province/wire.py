"""The province's dress: JSON by path, HMAC-SHA256 over timestamp, nonce and body in the headers, both ways."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import httpx
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox import signed
from sandbox.coach.gateway import run
from sandbox.coach.memory import Network, Refused
from sandbox.coach.province import words
from sandbox.coach.refusals import REFUSALS
from sandbox.coach.refusals import words as said

PATHS = {
    "/api/v2/ping": "ping", "/api/v2/station/list": "stations", "/api/v2/stop/list": "stops",
    "/api/v2/shift/query": "search", "/api/v2/shift/seats": "left",
    "/api/v2/seat/reserve": "keep", "/api/v2/seat/free": "let_go", "/api/v2/order/lock": "lock",
    "/api/v2/order/query": "query", "/api/v2/order/release": "release", "/api/v2/order/issue": "issue",
    "/api/v2/refund/preview": "preview", "/api/v2/refund/apply": "refund", "/api/v2/refund/query": "query_refund",
    "/api/v2/ticket/change": "change", "/api/v2/ticket/changeQuery": "query_change", "/api/v2/bill/daily": "daily",
}  # fmt: skip
MAX_BODY = 64 * 1024
EVENTS = {
    "locked": "ORDER_LOCKED", "released": "ORDER_RELEASED", "issued": "ORDER_ISSUED", "issue_failed": "ISSUE_FAILED",
    "refunded": "REFUND_DONE", "refund_rejected": "REFUND_REJECTED", "changed": "TICKET_CHANGED",
    "shift_cancelled": "SHIFT_CANCELLED", "shift_changed": "SHIFT_CHANGED", "checked": "TICKET_CHECKED",
    "collected": "TICKET_PRINTED",
}  # fmt: skip


class Province:
    """Reads what is asked, dresses what is answered and what is called back."""

    def routes(self, net: Network) -> list[Route]:
        """An address for every operation."""
        return [Route(path, self._endpoint(net, name), methods=["POST"]) for path, name in PATHS.items()]

    def _endpoint(self, net: Network, operation: str) -> Callable[[Request], Awaitable[Response]]:
        async def ask(request: Request) -> Response:
            body = await request.body()
            wrong = signed.flaw(request, body, net.profile.name, "x-coach", net.application, net.store)
            if wrong:
                return self.refusal(net, wrong, {}, "", status=401)
            try:
                told = json.loads(body or b"{}") if len(body) <= MAX_BODY else None
                if not isinstance(told, dict):
                    raise Refused("BAD_REQUEST", field="")
                plain = words.told(operation, told)
            except (ValueError, RecursionError):
                return self.refusal(net, "BAD_REQUEST", {}, "")
            except Refused as refused:
                return self.refusal(net, refused.code, refused.more, "")
            return await run(net, self, operation, plain)

        return ask

    def answer(self, net: Network, operation: str, data: dict[str, Any], spoil: str) -> Response:
        """Code 0000 and the data; a bill is a file."""
        if operation == "daily":
            return self._signed(net, words.bill(data), "text/csv; charset=gb18030", spoil)
        return self._json(
            net, {"code": "0000", "message": "成功", "data": words.answer(operation, data)}, spoil
        )

    def refusal(
        self, net: Network, code: str, more: dict[str, Any], spoil: str, status: int = 200
    ) -> Response:
        """Another code, with words."""
        extra = {"settlePrices": more["settles"]} if "settles" in more else {}
        told = {"code": REFUSALS[code][0], "message": said(code, more), "data": extra}
        return self._json(net, told, spoil, status)

    def notice(
        self, net: Network, key: int, event: str, data: dict[str, Any], spoil: str
    ) -> tuple[bytes, Mapping[str, str]]:
        """A call-back, signed as a question of ours would be."""
        if event in ("refunded", "refund_rejected"):
            shown = words.refund(data)
        elif event == "changed":
            shown = words.change(data)
        else:
            shown = words.order(data)
        if event == "checked":
            shown |= {"checkedTicketNo": data["checked"]}
        if event == "collected":
            shown |= {"printedTicketNo": data["fetched"]}
        if event == "shift_changed":
            shown |= {"delayMinutes": data["later"]}
        told = {"eventId": f"P{key:012d}", "event": EVENTS[event], "data": shown}
        body = json.dumps(told, ensure_ascii=False).encode()
        stamp = str(int(time.time()) - (3600 if spoil == "stale" else 0))
        nonce = secrets.token_hex(8)
        path = httpx.URL(net.hook).path
        lines = b"\n".join((b"POST", path.encode(), stamp.encode(), nonce.encode(), body))
        signature = hmac.new(net.application.secret.encode(), lines, hashlib.sha256).hexdigest()
        return body, {
            "Content-Type": "application/json; charset=utf-8", "X-Coach-Key": net.application.key,
            "X-Coach-Timestamp": stamp, "X-Coach-Nonce": nonce,
            "X-Coach-Signature": signature[::-1] if spoil == "bad_signature" else signature,
        }  # fmt: skip

    def taken(self, status: int, body: bytes) -> bool:
        """`{"code": "0000"}` with 200."""
        try:
            return status == 200 and json.loads(body)["code"] == "0000"
        except (ValueError, TypeError, KeyError):
            return False

    def _json(self, net: Network, told: dict[str, Any], spoil: str, status: int = 200) -> Response:
        body = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
        return self._signed(net, body, "application/json; charset=utf-8", spoil, status)

    def _signed(self, net: Network, body: bytes, kind: str, spoil: str, status: int = 200) -> Response:
        stamp, nonce = str(int(time.time())), secrets.token_hex(8)
        lines = b"\n".join((stamp.encode(), nonce.encode(), body))
        signature = hmac.new(net.application.secret.encode(), lines, hashlib.sha256).hexdigest()
        headers = {
            "X-Coach-Timestamp": stamp, "X-Coach-Nonce": nonce,
            "X-Coach-Signature": signature[::-1] if spoil else signature,
        }  # fmt: skip
        return Response(body, status_code=status, media_type=kind, headers=headers)
