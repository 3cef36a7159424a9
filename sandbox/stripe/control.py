"""/_sim/stripe: the payer and the courier, driven by tests and journeys."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.control_api import Asked, ControlError, asked
from sandbox.stripe import intents
from sandbox.stripe.answers import Refused
from sandbox.stripe.courier import Courier
from sandbox.stripe.engine import EngineDown
from sandbox.stripe.events import emit
from sandbox.stripe.memory import Stripe, overlay_of


class StripeControl:
    """Control routes."""

    def __init__(self, stripe: Stripe, courier: Courier) -> None:
        self._stripe = stripe
        self._courier = courier

    def routes(self) -> list[BaseRoute]:
        """All of them."""
        return [
            Route("/intents", self._told(self.list), methods=["GET"]),
            Route("/intents/{ident}", self._told(self.one), methods=["GET"]),
            Route("/challenge", self._told(self.challenge), methods=["POST"]),
            Route("/dispute", self._told(self.dispute), methods=["POST"]),
            Route("/events", self._told(self.events), methods=["GET"]),
            Route("/events/send", self._told(self.send), methods=["POST"]),
        ]

    def _told(self, work: Callable[[Request], Awaitable[Any]]) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            try:
                return JSONResponse(await work(request))
            except Refused as refusal:
                error = refusal.body["error"]
                raise ControlError(
                    str(error.get("code", "REFUSED")).upper(), error["message"], 409
                ) from refusal
            except EngineDown as down:
                raise ControlError("ENGINE_DOWN", str(down), 503) from down

        return endpoint

    async def list(self, request: Request) -> Any:
        """GET intents?number=: newest first."""
        number = request.query_params.get("number", "")
        rows = self._stripe.store.all(
            "SELECT * FROM str_intents WHERE ? IN ('', number) ORDER BY rowid DESC LIMIT 200", number
        )
        return {"intents": [await self._see(overlay_of(row).id) for row in rows]}

    async def one(self, request: Request) -> Any:
        """GET intents/{id or our number}."""
        return await self._see(self._id(request.path_params["ident"]))

    async def challenge(self, request: Request) -> Any:
        """POST challenge {intent, answer: yes|no}: the payer answers the bank."""
        data = await asked(request)
        ident = self._id(data.text("intent"))
        yes = data.choice("answer", "yes", ("yes", "no")) == "yes"
        intent, _overlay = await intents.found(self._stripe, ident)
        await intents.challenge(self._stripe, ident, intent["client_secret"], yes)
        return await self._see(ident)

    async def dispute(self, request: Request) -> Any:
        """POST dispute {intent}: the payer's bank takes the money back (a chargeback)."""
        data = await asked(request)
        intent = await self._see(self._id(data.text("intent")))
        if intent["status"] != "succeeded":
            raise ControlError("NOT_PAID", "没有扣款，谈不上拒付", 409)
        charge = intent["charges"]["data"][-1]
        dispute = {
            "id": f"dp_{charge['id'][3:]}",
            "object": "dispute",
            "amount": charge["amount_captured"],
            "currency": charge["currency"],
            "charge": charge["id"],
            "payment_intent": intent["id"],
            "reason": "fraudulent",
            "status": "needs_response",
        }
        return {"event": emit(self._stripe, "charge.dispute.created", dispute)}

    async def events(self, request: Request) -> Any:
        """GET events?number=: with their deliveries, oldest first."""
        rows = self._stripe.store.all(
            "SELECT e.id, e.type, e.object_id, d.state, d.attempts, d.status, d.subject FROM str_events e"
            " LEFT JOIN str_deliveries d ON d.event_id = e.id ORDER BY e.rowid LIMIT 500"
        )
        number = request.query_params.get("number", "")
        return {"events": [dict(row) for row in rows if number in ("", row["subject"])]}

    async def send(self, request: Request) -> Any:
        """POST events/send {number, type?, copies?}: deliver again and wait; the statuses that came back."""
        data: Asked = await asked(request)
        rows = self._stripe.store.all(
            "SELECT d.*, e.body, e.type FROM str_deliveries d JOIN str_events e ON e.id = d.event_id"
            " WHERE d.subject = ? AND ? IN ('', e.type) ORDER BY e.rowid",
            data.text("number"),
            data.text("type"),
        )
        copies = data.whole("copies", 1, least=1, most=20)
        statuses = [await self._courier.post(row) for row in rows for _ in range(copies)]
        return {"statuses": statuses, "events": [json.loads(row["body"])["id"] for row in rows]}

    async def _see(self, ident: str) -> dict[str, Any]:
        intent, overlay = await intents.found(self._stripe, ident)
        return {**intent, "number": overlay.number}

    def _id(self, text: str) -> str:
        row = self._stripe.store.one(
            "SELECT id FROM str_intents WHERE id = ? OR (number = ? AND number != '') ORDER BY rowid DESC",
            text,
            text,
        )
        if row is None:
            raise ControlError("NOT_FOUND", "没有这笔付款", 404)
        return str(row["id"])
