"""What people see of Stripe: the bank's question (3-D Secure), the test cards, and what happened."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from sandbox.pages import form, page
from sandbox.stripe import intents
from sandbox.stripe.answers import Refused
from sandbox.stripe.cards import CARDS
from sandbox.stripe.engine import EngineDown
from sandbox.stripe.memory import Stripe, overlay_of

MERCHANT = "重庆邮政便民生活"
STATES = {
    "requires_payment_method": "需要换卡",
    "requires_confirmation": "验证通过，等商家确认",
    "requires_action": "等持卡人验证",
    "requires_capture": "已授权，待请款",
    "processing": "处理中",
    "succeeded": "已扣款",
    "canceled": "已取消",
}


class Pages:
    """Pages below /stripe."""

    def __init__(self, stripe: Stripe) -> None:
        self._stripe = stripe

    async def index(self, request: Request) -> Response:
        """Test cards, payments, events."""
        rows = self._stripe.store.all("SELECT * FROM str_intents ORDER BY rowid DESC LIMIT 30")
        shown = []
        for row in rows:
            overlay = overlay_of(row)
            try:
                shown.append((overlay, (await intents.found(self._stripe, overlay.id))[0]))
            except (Refused, EngineDown):
                continue
        events = self._stripe.store.all(
            "SELECT e.type, e.object_id, e.created_at, d.state, d.status, d.attempts FROM str_events e"
            " LEFT JOIN str_deliveries d ON d.event_id = e.id ORDER BY e.rowid DESC LIMIT 30"
        )
        return page(request, "stripe/index.html", cards=CARDS, intents=shown, events=events, states=STATES)

    async def ask(self, request: Request) -> Response:
        """GET /stripe/challenge/{id}?client_secret=&back=: the bank asks the card's owner."""
        intent = await self._intent(request, request.query_params.get("client_secret", ""))
        if intent is None:
            return self._nothing(request)
        back = safe(request.query_params.get("back", ""))
        return page(
            request, "stripe/challenge.html", intent=intent, merchant=MERCHANT, states=STATES, back=back,
            waiting=intent["status"] == "requires_action",
        )  # fmt: skip

    async def answer(self, request: Request) -> Response:
        """POST: yes or no."""
        fields = await form(request)
        secret, back = fields.get("client_secret", ""), safe(fields.get("back", ""))
        intent = await self._intent(request, secret)
        if intent is None:
            return self._nothing(request)
        if intent["status"] == "requires_action":
            try:
                await intents.challenge(self._stripe, intent["id"], secret, fields.get("answer") == "yes")
            except Refused:
                pass_on = f"?{urlencode({'client_secret': secret, 'back': back})}"
                return RedirectResponse(f"/stripe/challenge/{intent['id']}{pass_on}", status_code=303)
        if back:
            return RedirectResponse(back, status_code=303)
        query = urlencode({"client_secret": secret})
        return RedirectResponse(f"/stripe/challenge/{intent['id']}?{query}", status_code=303)

    async def _intent(self, request: Request, client_secret: str) -> dict[str, Any] | None:
        try:
            intent, _overlay = await intents.found(self._stripe, request.path_params["intent_id"])
        except (Refused, EngineDown):
            return None
        return intent if intent["client_secret"] == client_secret else None

    def _nothing(self, request: Request) -> Response:
        return page(
            request, "wechat_pay/nothing.html", 404, tab="home", words="没有找到这笔付款，或链接已失效"
        )


def safe(url: str) -> str:
    """The shop's own page to return to; empty unless it is a plain http(s) address."""
    return url if url.startswith(("http://", "https://")) else ""
