"""The one place that speaks to Stripe: every request of the library passes here, stock's gateway's too.

- address, API version and keys come from the account that is spoken for, never from a global;
- the idempotency key is our own number, written before the call; it also goes along as metadata;
- (connect, read) = (3, 20) seconds; nothing is retried by the library;
- it notes whether a request that moves money stayed without a usable answer: the caller must ask, never send anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
import stripe
from stripe.http_client import RequestsClient

from .configuration import OFFICIAL, Account, address_allowed

API_VERSION = "2020-08-27"  # newer ones drop intent.charges, which stock's gateway reads
TIMEOUT = (3, 20)
NUMBER_KEY = "o2o_number"


@dataclass
class Call:
    """One errand at Stripe: the account, our number (empty for questions), and what came of it.

    ``more`` is added to the form of what moves money. ``silence`` says why the outcome is open; ``refusal`` is
    Stripe's error; ``intent`` the newest PaymentIntent that an answer showed.
    """

    account: Account
    number: str = ""
    step: str = ""
    more: dict[str, str] = field(default_factory=dict)
    silence: str = ""
    unsent: bool = False
    refusal: dict[str, Any] = field(default_factory=dict)
    intent: dict[str, Any] = field(default_factory=dict)
    moved: bool = False


_call: ContextVar[Call | None] = ContextVar("o2o_stripe_call", default=None)


@contextmanager
def speaking(call: Call) -> Iterator[Call]:
    """Within the block the library speaks for this account, under this number."""
    token = _call.set(call)
    stripe.api_key = call.account.secret_key
    try:
        yield call
    finally:
        _call.reset(token)


class WatchedClient(RequestsClient):
    """The library's HTTP client; one that nobody speaks through says nothing."""

    def request(self, method: str, url: str, headers: dict[str, str], post_data: Any = None) -> Any:
        """Send one request. Raises stripe.error.APIConnectionError."""
        call = _call.get()
        if call is None or not address_allowed(call.account.address):
            raise stripe.error.APIConnectionError("Stripe is not spoken to outside of an errand")
        parts = urlsplit(url)
        moves = method.lower() == "post" and _moves_money(parts.path)
        told = {
            **headers,
            "Authorization": f"Bearer {call.account.secret_key}",
            "Stripe-Version": API_VERSION,
        }
        if method.lower() == "post" and call.number:
            told["Idempotency-Key"] = f"{call.number}.{call.step or parts.path.rpartition('/')[2]}"
            if not moves:
                told["Idempotency-Key"] += f".{parts.path.rpartition('/')[2]}"
        if moves:
            post_data = _with(post_data, call.more)
        target = call.account.address + parts.path + (f"?{parts.query}" if parts.query else "")
        try:
            body, status, answered = super().request(method, target, told, post_data)
        except stripe.error.APIConnectionError as error:
            if moves and not _never_sent(error):
                call.silence = "NO_ANSWER"
            elif not call.moved:
                call.unsent = True
            raise
        _note(call, body, status, moves)
        return body, status, answered


def install() -> None:
    """Put the client into the library, once per process."""
    stripe.default_http_client = WatchedClient(timeout=TIMEOUT)
    stripe.api_base = OFFICIAL
    stripe.api_version = API_VERSION
    stripe.enable_telemetry = False
    stripe.max_network_retries = 0


def _moves_money(path: str) -> bool:
    """Whether a POST is the errand itself (a customer that stock makes beside it is not)."""
    return "/payment_intents" in path or path.endswith(("/refund", "/refunds"))


def _with(post_data: Any, more: dict[str, str]) -> Any:
    if not more:
        return post_data
    return "&".join(part for part in (post_data, urlencode(more)) if part)


def _never_sent(error: Exception) -> bool:
    """True when no connection came about, so that nothing can have been done."""
    cause = error.__context__ or error.__cause__
    if isinstance(cause, requests.exceptions.ConnectTimeout):
        return True
    return isinstance(cause, requests.exceptions.ConnectionError) and "NewConnectionError" in repr(cause)


def _note(call: Call, body: Any, status: int, moves: bool) -> None:
    try:
        data = json.loads(body)
    except (ValueError, TypeError):
        data = None
    if moves and (not isinstance(data, dict) or status >= 500 or status == 409):
        call.silence = f"HTTP_{status}"
        return
    if not isinstance(data, dict):
        return
    if status >= 400:
        error = data.get("error")
        call.refusal = error if isinstance(error, dict) else {"code": f"HTTP_{status}"}
        call.refusal.setdefault("code", f"HTTP_{status}")
        shown = call.refusal.get("payment_intent")
        if isinstance(shown, dict) and moves:
            call.intent = shown
        return
    call.moved = call.moved or moves
    if data.get("object") == "payment_intent":
        call.intent = data
