"""Refunds: of a part, of all, and of a charge that is only authorised (which releases it)."""

from __future__ import annotations

from typing import Any

from sandbox.stripe.answers import invalid, listed, nested, whole
from sandbox.stripe.events import emit
from sandbox.stripe.intents import asked, found
from sandbox.stripe.memory import Stripe


async def refund_charge(stripe: Stripe, charge_id: str, fields: dict[str, str]) -> dict[str, Any]:
    """POST /v1/charges/{id}/refund, which the library of 2020 calls; answers with the charge."""
    intent_id = str((await asked(stripe, "GET", f"/v1/charges/{charge_id}"))["payment_intent"])
    await create(stripe, {**fields, "payment_intent": intent_id})
    intent, _overlay = await found(stripe, intent_id)
    charge: dict[str, Any] = intent["charges"]["data"][-1]
    return charge


async def create(stripe: Stripe, fields: dict[str, str]) -> dict[str, Any]:
    """POST /v1/refunds {payment_intent | charge, amount?, metadata?}."""
    intent_id = fields.get("payment_intent", "")
    if not intent_id:
        charge_id = fields.get("charge", "")
        intent_id = str((await asked(stripe, "GET", f"/v1/charges/{charge_id}"))["payment_intent"])
    intent, _overlay = await found(stripe, intent_id)
    charges = intent["charges"]["data"]
    if not charges or intent["status"] not in ("succeeded", "requires_capture"):
        raise invalid(f"This PaymentIntent has a status of {intent['status']} and cannot be refunded.")
    charge, amount = charges[-1], whole(fields, "amount")
    left = charge["amount"] - charge["amount_refunded"]
    if left <= 0:
        raise invalid(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    if not charge["captured"] and amount not in (None, charge["amount"]):
        raise invalid(
            "You cannot partially refund an uncaptured charge. Instead, capture the charge for less."
        )
    if amount is not None and amount > left:
        raise invalid(
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})", param="amount"
        )
    told = {"charge": charge["id"], "amount": str(amount or left)}
    told |= {f"metadata[{key}]": value for key, value in nested(fields, "metadata").items()}
    made = await asked(stripe, "POST", "/v1/refunds", told)
    if not charge["captured"]:
        await asked(stripe, "POST", f"/v1/payment_intents/{intent_id}/cancel")
    now, _overlay = await found(stripe, intent_id)
    emit(stripe, "charge.refunded", now["charges"]["data"][-1])
    return {**made, "payment_intent": intent_id}


async def list_refunds(stripe: Stripe, fields: dict[str, str]) -> dict[str, Any]:
    """GET /v1/refunds?payment_intent=|charge=&limit=."""
    limit = min(int(fields.get("limit") or 10), 100)
    told = {name: fields[name] for name in ("payment_intent", "charge") if fields.get(name)} | {
        "limit": "100"
    }
    answer = await asked(stripe, "GET", "/v1/refunds", told)
    return listed("/v1/refunds", list(answer["data"]), limit)
