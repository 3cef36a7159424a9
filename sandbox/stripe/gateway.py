"""/stripe/v1/…: who asks, has it been asked before, is something to go wrong, and then the work."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from sandbox import faults
from sandbox.stripe import intents, refunds
from sandbox.stripe.answers import Refused, invalid, listed
from sandbox.stripe.cards import CARDS, card_of
from sandbox.stripe.engine import EngineDown
from sandbox.stripe.memory import API_VERSION, NAME, Stripe, find_overlay

Work = Callable[[Stripe, dict[str, str], str], Awaitable[dict[str, Any]]]

REFUSING = frozenset({"http_500", "http_429", "error"})
ANSWERING = frozenset({"timeout", "answer_lost"})
SLOW = 3.0  # seconds of the card that is slow


async def _make_method(stripe: Stripe, fields: dict[str, str], _subject: str) -> dict[str, Any]:
    number = fields.get("card[number]", "").replace(" ", "")
    token = fields.get("card[token]", "")
    card = card_of(number or token)
    if card is None:
        raise Refused(402, "card_error", "Your card number is incorrect.", code="incorrect_number")
    return await intents.make_method(stripe, card)


async def _list_endpoints(stripe: Stripe, _fields: dict[str, str], _subject: str) -> dict[str, Any]:
    rows = stripe.store.all("SELECT * FROM str_endpoints ORDER BY rowid DESC")
    return listed("/v1/webhook_endpoints", [_endpoint(row["id"], row["url"]) for row in rows], 100)


async def _make_endpoint(stripe: Stripe, fields: dict[str, str], _subject: str) -> dict[str, Any]:
    url = fields.get("url", "")
    if urlsplit(url).hostname not in stripe.settings.http_hosts:
        raise invalid("Invalid URL: the sandbox notifies this machine only.", param="url")
    made, secret = f"we_{secrets.token_hex(12)}", f"whsec_{secrets.token_hex(24)}"
    with stripe.store.transaction() as db:
        db.execute("INSERT INTO str_endpoints (id, url, secret) VALUES (?, ?, ?)", (made, url, secret))
    return {**_endpoint(made, url), "secret": secret}


async def _drop_endpoint(stripe: Stripe, _fields: dict[str, str], subject: str) -> dict[str, Any]:
    with stripe.store.transaction() as db:
        db.execute("DELETE FROM str_endpoints WHERE id = ?", (subject,))
    return {"id": subject, "object": "webhook_endpoint", "deleted": True}


def _endpoint(ident: str, url: str) -> dict[str, Any]:
    return {
        "id": ident,
        "object": "webhook_endpoint",
        "url": url,
        "status": "enabled",
        "enabled_events": ["*"],
    }


async def _see(stripe: Stripe, _fields: dict[str, str], subject: str) -> dict[str, Any]:
    return (await intents.found(stripe, subject))[0]


#: operation, method, path, work. What stands nowhere goes to localstripe as it came.
ROUTES: tuple[tuple[str, str, re.Pattern[str], Work], ...] = tuple(
    (operation, method, re.compile(path), work)
    for operation, method, path, work in (
        ("create", "POST", r"/v1/payment_intents", lambda s, f, _i: intents.create(s, f)),
        ("confirm", "POST", r"/v1/payment_intents/(\w+)/confirm", lambda s, _f, i: intents.confirm(s, i)),
        ("capture", "POST", r"/v1/payment_intents/(\w+)/capture", lambda s, f, i: intents.capture(s, i, f)),
        ("cancel", "POST", r"/v1/payment_intents/(\w+)/cancel", lambda s, _f, i: intents.cancel(s, i)),
        ("retrieve", "GET", r"/v1/payment_intents/(\w+)", _see),
        ("list", "GET", r"/v1/payment_intents", lambda s, f, _i: intents.list_intents(s, f)),
        ("refund", "POST", r"/v1/charges/(\w+)/refund", lambda s, f, i: refunds.refund_charge(s, i, f)),
        ("refund", "POST", r"/v1/refunds", lambda s, f, _i: refunds.create(s, f)),
        ("list_refunds", "GET", r"/v1/refunds", lambda s, f, _i: refunds.list_refunds(s, f)),
        ("payment_method", "POST", r"/v1/payment_methods", _make_method),
        ("endpoints", "GET", r"/v1/webhook_endpoints", _list_endpoints),
        ("endpoints", "POST", r"/v1/webhook_endpoints", _make_endpoint),
        ("endpoints", "DELETE", r"/v1/webhook_endpoints/(\w+)", _drop_endpoint),
    )
)
OPERATIONS = tuple(dict.fromkeys(route[0] for route in ROUTES))
#: A browser may do this with the publishable key.
_PUBLIC = frozenset({"payment_method"})


class Gateway:
    """The endpoint below /stripe/v1."""

    def __init__(self, stripe: Stripe) -> None:
        self._stripe = stripe
        self._working = asyncio.Lock()  # one change at a time: localstripe knows no locks

    async def answer(self, request: Request) -> Response:
        """Any call."""
        path = f"/v1/{request.path_params['path']}"
        raw = (
            request.url.query if request.method == "GET" else (await request.body()).decode(errors="replace")
        )
        fields = dict(parse_qsl(raw, keep_blank_values=True))
        operation, work, subject = _route(request.method, path)
        try:
            self._authenticate(request, fields, operation)
            fault = self._fault(operation, path, subject, fields)
            if fault is not None and fault.kind in REFUSING:
                return _refusal(fault)
            if fault is not None and fault.kind == "timeout" and not fault.params.get("done", True):
                await asyncio.sleep(fault.number("delay", 20))
                return _hung_up()
            status, body, replayed = await self._once(request, path, raw, fields, work, subject)
        except Refused as refusal:
            return _said(refusal.status, json.dumps(refusal.body))
        except EngineDown as down:
            return _said(500, json.dumps({"error": {"type": "api_error", "message": str(down)}}))
        trick = "" if replayed else self._trick(operation, fields)
        if fault is not None and fault.kind == "timeout":
            await asyncio.sleep(fault.number("delay", 20))
        if (fault is not None and fault.kind == "answer_lost") or trick == "lost":
            return _hung_up()
        if trick == "slow":
            await asyncio.sleep(SLOW)
        return _said(status, body, replayed)

    async def _once(
        self, request: Request, path: str, raw: str, fields: dict[str, str], work: Work | None, subject: str
    ) -> tuple[int, str, bool]:
        """Do the work, or give the answer of the first time: Stripe's idempotency keys."""
        key = request.headers.get("Idempotency-Key", "") if request.method == "POST" else ""
        asked = hashlib.sha256(f"{path}\n{raw}".encode()).hexdigest()
        if key:
            known = self._stripe.store.one("SELECT * FROM str_answers WHERE key = ?", key)
            if known is not None and known["asked"] != asked:
                raise Refused(
                    400, "idempotency_error",
                    "Keys for idempotent requests can only be used with the same parameters they were first used with.",
                )  # fmt: skip
            if known is not None and known["status"] is None:
                raise Refused(409, "idempotency_error", "Another request with this key is being processed.")
            if known is not None:
                return int(known["status"]), str(known["body"]), True
            with self._stripe.store.transaction() as db:
                db.execute(
                    "INSERT INTO str_answers (key, asked, at) VALUES (?, ?, ?)",
                    (key, asked, self._stripe.clock.wall()),
                )
        status, body = 500, json.dumps({"error": {"type": "api_error", "message": "interrupted"}})
        try:
            status, body = await self._work(request.method, path, fields, work, subject)
        finally:
            if key:
                with self._stripe.store.transaction() as db:
                    db.execute(
                        "UPDATE str_answers SET status = ?, body = ? WHERE key = ?", (status, body, key)
                    )
        return status, body, False

    async def _work(
        self, method: str, path: str, fields: dict[str, str], work: Work | None, subject: str
    ) -> tuple[int, str]:
        async with self._working:
            if work is None:
                status, answer = await self._stripe.engine.ask(method, path, fields)
                return status, json.dumps(answer)
            try:
                return 200, json.dumps(await work(self._stripe, fields, subject))
            except Refused as refusal:
                return refusal.status, json.dumps(refusal.body)

    def _authenticate(self, request: Request, fields: dict[str, str], operation: str) -> None:
        given = request.headers.get("Authorization", "")
        kind, _blank, key = given.partition(" ")
        if kind == "Basic":
            key = base64.b64decode(key + "==").decode(errors="replace").partition(":")[0]
        key = key or fields.pop("key", "")
        account = self._stripe.account
        if hmac.compare_digest(key.encode(), account["secret_key"].encode()):
            return
        if operation in _PUBLIC and hmac.compare_digest(key.encode(), account["publishable_key"].encode()):
            return
        raise Refused(401, "invalid_request_error", "Invalid API Key provided.")

    def _fault(self, operation: str, path: str, subject: str, fields: dict[str, str]) -> faults.Fault | None:
        overlay = find_overlay(self._stripe.store, subject or fields.get("payment_intent", ""))
        number = overlay.number if overlay else fields.get("metadata[o2o_number]", "")
        with self._stripe.store.transaction() as db:
            return faults.take(
                db, system=NAME, operation=operation, kinds=REFUSING | ANSWERING, path=path, subject=number
            )

    def _trick(self, operation: str, fields: dict[str, str]) -> str:
        """What the card itself makes go wrong, when money is asked for."""
        if operation != "create":
            return ""
        row = self._stripe.store.one(
            "SELECT number FROM str_methods WHERE id = ?", fields.get("payment_method", "")
        )
        card = card_of(row["number"] if row else fields.get("payment_method", "")) or CARDS[0]
        return card.trick


def _route(method: str, path: str) -> tuple[str, Work | None, str]:
    for operation, wanted, pattern, work in ROUTES:
        match = pattern.fullmatch(path) if method == wanted else None
        if match:
            return operation, work, match.group(1) if match.groups() else ""
    return "other", None, ""


def _refusal(fault: faults.Fault) -> Response:
    if fault.kind == "http_429":
        return _said(
            429, json.dumps({"error": {"type": "rate_limit_error", "code": "rate_limit", "message": "busy"}})
        )
    if fault.kind == "error":
        code = str(fault.params.get("code", "processing_error"))
        return _said(
            400, json.dumps({"error": {"type": "invalid_request_error", "code": code, "message": code}})
        )
    return _said(500, json.dumps({"error": {"type": "api_error", "message": "An unknown error occurred"}}))


def _said(status: int, body: str, replayed: bool = False) -> Response:
    headers = {"Request-Id": f"req_{secrets.token_hex(7)}", "Stripe-Version": API_VERSION}
    if replayed:
        headers["Idempotent-Replayed"] = "true"
    return Response(body, status, headers, media_type="application/json")


class _HangUp(Response):
    """Promises an answer and ends the connection: the caller cannot know what was done."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"64")]})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})
        raise ConnectionAbortedError("a fault was ordered")


def _hung_up() -> Response:
    return _HangUp()
