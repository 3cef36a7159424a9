"""The other network's dress: one address, a form; HMAC-SHA256 over the sorted parameters as one of them, both ways."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox import signed
from sandbox.clock import CHINA
from sandbox.coach.fangbian import words
from sandbox.coach.gateway import run
from sandbox.coach.memory import Network, Refused
from sandbox.coach.refusals import REFUSALS
from sandbox.coach.refusals import words as said

METHODS = {
    "fb.ping": "ping", "fb.station.list": "stations", "fb.arrive.list": "stops", "fb.bus.list": "search",
    "fb.bus.remain": "left", "fb.order.lock": "lock", "fb.order.query": "query", "fb.order.cancel": "release",
    "fb.order.pay": "issue", "fb.refund.try": "preview", "fb.refund.apply": "refund",
    "fb.refund.query": "query_refund", "fb.change.apply": "change", "fb.change.query": "query_change",
    "fb.bill.day": "daily",
}  # fmt: skip
EVENTS = {
    "locked": "fb.notify.lock", "released": "fb.notify.cancel", "issued": "fb.notify.ticket",
    "issue_failed": "fb.notify.ticket", "refunded": "fb.notify.refund", "refund_rejected": "fb.notify.refund",
    "changed": "fb.notify.change", "shift_cancelled": "fb.notify.bus_stop", "shift_changed": "fb.notify.bus_change",
    "checked": "fb.notify.board", "collected": "fb.notify.fetch",
}  # fmt: skip
MAX_BODY = 64 * 1024
FRESH = 300


def sign(params: Mapping[str, str], secret: str) -> str:
    """HMAC-SHA256 over `name=value` joined by & in the names' order, upper case; not `sign`, not empty ones."""
    text = "&".join(
        f"{name}={params[name]}" for name in sorted(params) if name != "sign" and params[name] != ""
    )
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest().upper()


class Fangbian:
    """Reads what is asked, dresses what is answered and what is called back."""

    def routes(self, net: Network) -> list[Route]:
        """The one address."""

        async def gateway(request: Request) -> Response:
            body = await request.body()
            if len(body) > MAX_BODY:
                return self.refusal(net, "BAD_REQUEST", {"field": ""}, "")
            params = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
            wrong = self._flaw(net, params)
            if wrong:
                return self.refusal(net, wrong, {}, "")
            operation = METHODS.get(params.get("method", ""))
            try:
                biz = json.loads(params.get("biz") or "{}")
                if operation is None or not isinstance(biz, dict):
                    raise Refused("BAD_REQUEST", field="method" if operation is None else "biz")
                plain = words.told(operation, biz)
            except (ValueError, RecursionError):
                return self.refusal(net, "BAD_REQUEST", {"field": "biz"}, "")
            except Refused as refused:
                return self.refusal(net, refused.code, refused.more, "")
            return await run(net, self, operation, plain)

        return [Route("/gateway.do", gateway, methods=["POST"])]

    def _flaw(self, net: Network, params: dict[str, str]) -> str:
        expected = sign(params, net.application.secret)
        try:
            at = datetime.strptime(params.get("timestamp", ""), "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA)
        except ValueError:
            return "BAD_SIGNATURE"
        well = (
            params.get("partner") == net.application.key
            and params.get("sign_type") == "HMAC-SHA256"
            and hmac.compare_digest(expected.encode(), params.get("sign", "").encode())
            and abs(at.timestamp() - time.time()) <= FRESH
        )
        if not well:
            return "BAD_SIGNATURE"
        return "" if signed.first_time(net.store, net.profile.name, params.get("nonce", "")) else "REPLAYED"

    def answer(self, net: Network, operation: str, data: dict[str, Any], spoil: str) -> Response:
        """success "true", the data as JSON text."""
        shown = json.dumps(words.answer(operation, data), ensure_ascii=False, separators=(",", ":"))
        return self._signed(net, {"success": "true", "code": "0", "msg": "ok", "data": shown}, spoil)

    def refusal(self, net: Network, code: str, more: dict[str, Any], spoil: str) -> Response:
        """success "false" with a number and words."""
        extra = ""
        if "settles" in more:
            extra = json.dumps({"agent_prices": [words.yuan(one) for one in more["settles"]]})
        told = {"success": "false", "code": REFUSALS[code][1], "msg": said(code, more), "data": extra}
        return self._signed(net, told, spoil)

    def notice(
        self, net: Network, key: int, event: str, data: dict[str, Any], spoil: str
    ) -> tuple[bytes, Mapping[str, str]]:
        """A call-back as a form."""
        if event in ("refunded", "refund_rejected"):
            shown = words.refund(data)
        elif event == "changed":
            shown = words.change(data)
        else:
            shown = words.order(data)
        if event == "collected":
            shown |= {"fetched_ticket_id": data["fetched"]}
        if event == "checked":
            shown |= {"boarded_ticket_id": data["checked"]}
        if event == "shift_changed":
            shown |= {"delay": str(data["later"])}
        stamp = time.time() - (3600 if spoil == "stale" else 0)
        params = {
            "method": EVENTS[event], "notify_id": f"FB{key:010d}", "partner": net.application.key,
            "timestamp": datetime.fromtimestamp(stamp, CHINA).strftime("%Y-%m-%d %H:%M:%S"),
            "nonce": secrets.token_hex(8), "sign_type": "HMAC-SHA256",
            "biz": json.dumps(shown, ensure_ascii=False, separators=(",", ":")),
        }  # fmt: skip
        right = sign(params, net.application.secret)
        params["sign"] = right[::-1] if spoil == "bad_signature" else right
        return urlencode(params).encode(), {
            "Content-Type": "application/x-www-form-urlencoded; charset=utf-8"
        }

    def taken(self, status: int, body: bytes) -> bool:
        """The word success."""
        return status == 200 and body.strip() == b"success"

    def _signed(self, net: Network, told: dict[str, str], spoil: str) -> Response:
        stamp = datetime.fromtimestamp(time.time(), CHINA).strftime("%Y-%m-%d %H:%M:%S")
        params = {**told, "timestamp": stamp, "nonce": secrets.token_hex(8)}
        right = sign(params, net.application.secret)
        return JSONResponse({**params, "sign": right[::-1] if spoil else right})
