"""Events: written with what happened, delivered by the courier."""

from __future__ import annotations

import json
import secrets
from typing import Any

from sandbox import faults
from sandbox.stripe.cards import card_of
from sandbox.stripe.memory import API_VERSION, NAME, Stripe, find_overlay

#: How the next event of a kind is treated on its way.
SHAPING = frozenset({"drop", "duplicate", "late"})
#: What a single delivery may suffer.
SPOILING = frozenset({"bad_signature", "stale"})


def emit(stripe: Stripe, kind: str, subject: dict[str, Any]) -> str:
    """Write an event and its deliveries; the id."""
    intent_id = subject.get("payment_intent") or subject["id"]
    overlay = find_overlay(stripe.store, str(intent_id))
    number = overlay.number if overlay else ""
    card = card_of(overlay.card) if overlay else None
    event_id = f"evt_{secrets.token_hex(12)}"
    now = stripe.clock.now()
    body = {
        "id": event_id,
        "object": "event",
        "api_version": API_VERSION,
        "created": int(now),
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": kind,
        "data": {"object": subject},
    }
    with stripe.store.transaction() as db:
        fault = faults.take(
            db, system=NAME, operation=faults.NOTIFY, kinds=SHAPING, path=kind, subject=number
        )
        copies = 2 if card is not None and card.trick == "twice" else 1
        wait = 0.0
        if fault is not None and fault.kind == "duplicate":
            copies = int(fault.number("copies", 2))
        if fault is not None and fault.kind == "late":
            wait = fault.number("delay", 5)
        db.execute(
            "INSERT INTO str_events (id, type, object_id, body, created_at) VALUES (?, ?, ?, ?, ?)",
            (event_id, kind, str(subject["id"]), json.dumps(body), now),
        )
        dropped = fault is not None and fault.kind == "drop"
        for endpoint in db.execute("SELECT * FROM str_endpoints").fetchall():
            db.execute(
                "INSERT INTO str_deliveries (event_id, url, secret, copies, state, next_at, subject)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    event_id,
                    endpoint["url"],
                    endpoint["secret"],
                    copies,
                    "dropped" if dropped else "pending",
                    None if dropped else stripe.clock.wall() + wait,
                    number,
                ),
            )
    stripe.wake()
    return event_id
