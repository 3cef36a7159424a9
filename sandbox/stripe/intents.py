"""PaymentIntents as the API of 2020-08-27 has them: created, confirmed, captured, cancelled, seen."""

from __future__ import annotations

from typing import Any

from sandbox.stripe.answers import Refused, invalid, listed, nested, unexpected_state, whole
from sandbox.stripe.cards import BY_TOKEN, CARDS, Card, card_of
from sandbox.stripe.events import emit
from sandbox.stripe.memory import Overlay, Stripe, find_overlay, overlay_of, save_overlay

WAITING, PASSED, FAILED = "waiting", "passed", "failed"
_TAKEN = ("confirmation_method", "setup_future_usage")


async def create(stripe: Stripe, fields: dict[str, str]) -> dict[str, Any]:
    """POST /v1/payment_intents. Raises Refused, a decline among it."""
    amount = whole(fields, "amount")
    if amount is None or not fields.get("currency"):
        raise invalid("Missing required param: amount or currency.", code="parameter_missing")
    if fields.get("confirmation_method", "automatic") not in ("automatic", "manual"):
        raise invalid("Invalid confirmation_method", param="confirmation_method")
    method = fields.get("payment_method", "")
    card = await _card(stripe, method)
    told = {
        "amount": str(amount),
        "currency": fields["currency"].lower(),
        "payment_method": await _played(stripe, method, card),
        "capture_method": fields.get("capture_method", "automatic"),
    }
    told |= {f"metadata[{key}]": value for key, value in nested(fields, "metadata").items()}
    if fields.get("customer"):
        told["customer"] = fields["customer"]
    intent = await asked(stripe, "POST", "/v1/payment_intents", told)
    overlay = Overlay(
        id=intent["id"],
        number=nested(fields, "metadata").get("o2o_number", ""),
        card=card.number,
        fields={
            **{name: fields[name] for name in _TAKEN if name in fields},
            "shipping": nested(fields, "shipping"),
            "payment_method": method,
        },
        challenge="",
        error={},
        created_at=stripe.clock.now(),
    )
    save_overlay(stripe.store, overlay)
    if fields.get("confirm") in ("true", "True"):
        return await confirm(stripe, intent["id"])
    return shaped(intent, overlay)


async def confirm(stripe: Stripe, intent_id: str) -> dict[str, Any]:
    """POST /v1/payment_intents/{id}/confirm: charge, ask for the payer, or go on after the payer's yes."""
    intent, overlay = await found(stripe, intent_id)
    card = card_of(overlay.card) or CARDS[0]
    if intent["status"] == "requires_action":
        return intent  # the payer has not answered yet
    if intent["status"] != "requires_confirmation":
        raise unexpected_state(intent, "confirmed")
    if overlay.challenge == PASSED:
        told = {"client_secret": intent["client_secret"], "success": "true"}
        status, answer = await stripe.engine.ask(
            "POST", f"/v1/payment_intents/{intent_id}/_authenticate", told
        )
    else:
        status, answer = await stripe.engine.ask("POST", f"/v1/payment_intents/{intent_id}/confirm")
    if status == 402:
        raise await _declined(stripe, overlay, card)
    if status >= 400:
        raise invalid(str(answer.get("error", {}).get("message", "refused")), status=status)
    if answer["status"] == "requires_action":
        overlay.challenge = WAITING
    overlay.error = {}
    save_overlay(stripe.store, overlay)
    now = shaped(answer, overlay)
    if now["status"] == "succeeded":
        emit(stripe, "payment_intent.succeeded", now)
    elif now["status"] == "requires_capture":
        emit(stripe, "payment_intent.amount_capturable_updated", now)
    elif now["status"] == "requires_action":
        emit(stripe, "payment_intent.requires_action", now)
    return now


async def challenge(stripe: Stripe, intent_id: str, client_secret: str, yes: bool) -> dict[str, Any]:
    """The payer answers the bank. After a yes the shop confirms; after a no the method is gone."""
    intent, overlay = await found(stripe, intent_id)
    if client_secret != intent["client_secret"]:
        raise invalid("The client secret does not match.", status=401)
    if intent["status"] != "requires_action":
        raise unexpected_state(intent, "authenticated")
    card = card_of(overlay.card) or CARDS[0]
    if yes and card.trick != "unauthenticated":
        overlay.challenge = PASSED
        save_overlay(stripe.store, overlay)
        if overlay.fields.get("confirmation_method") != "manual":
            return await confirm(stripe, intent_id)
        return (await found(stripe, intent_id))[0]
    told = {"client_secret": client_secret, "success": "false"}
    await asked(stripe, "POST", f"/v1/payment_intents/{intent_id}/_authenticate", told)
    overlay.challenge = FAILED
    overlay.error = {
        "type": "invalid_request_error",
        "code": "payment_intent_authentication_failure",
        "message": "The provided PaymentMethod has failed authentication.",
    }
    save_overlay(stripe.store, overlay)
    now, _overlay = await found(stripe, intent_id)
    emit(stripe, "payment_intent.payment_failed", now)
    return now


async def capture(stripe: Stripe, intent_id: str, fields: dict[str, str]) -> dict[str, Any]:
    """POST /v1/payment_intents/{id}/capture: all, or a part whose rest is released."""
    intent, overlay = await found(stripe, intent_id)
    if intent["status"] != "requires_capture":
        raise unexpected_state(intent, "captured")
    amount = whole(fields, "amount_to_capture")
    if amount is not None and amount > intent["amount"]:
        raise invalid("The amount to capture is larger than the amount authorised.", code="amount_too_large")
    told = {} if amount is None else {"amount_to_capture": str(amount)}
    answer = await asked(stripe, "POST", f"/v1/payment_intents/{intent_id}/capture", told)
    overlay.fields["captured"] = amount or intent["amount"]
    save_overlay(stripe.store, overlay)
    now = shaped(answer, overlay)
    emit(stripe, "payment_intent.succeeded", now)
    return now


async def cancel(stripe: Stripe, intent_id: str) -> dict[str, Any]:
    """POST /v1/payment_intents/{id}/cancel."""
    intent, overlay = await found(stripe, intent_id)
    if intent["status"] in ("succeeded", "canceled", "processing"):
        raise unexpected_state(intent, "canceled")
    now = shaped(await asked(stripe, "POST", f"/v1/payment_intents/{intent_id}/cancel"), overlay)
    emit(stripe, "payment_intent.canceled", now)
    return now


async def found(stripe: Stripe, intent_id: str) -> tuple[dict[str, Any], Overlay]:
    """An intent as it is now. Raises Refused."""
    overlay = find_overlay(stripe.store, intent_id)
    if overlay is None:
        raise invalid(f"No such payment_intent: '{intent_id}'", status=404, code="resource_missing")
    return shaped(await asked(stripe, "GET", f"/v1/payment_intents/{intent_id}"), overlay), overlay


async def list_intents(stripe: Stripe, fields: dict[str, str]) -> dict[str, Any]:
    """GET /v1/payment_intents?created[gte]=&limit=&starting_after=, newest first."""
    since, limit = float(fields.get("created[gte]") or 0), min(int(fields.get("limit") or 10), 100)
    rows = stripe.store.all(
        "SELECT * FROM str_intents WHERE created_at >= ? AND rowid < coalesce("
        "(SELECT rowid FROM str_intents WHERE id = ?), 9e18) ORDER BY rowid DESC LIMIT ?",
        since,
        fields.get("starting_after", ""),
        limit + 1,
    )
    intents = [
        shaped(await asked(stripe, "GET", f"/v1/payment_intents/{row['id']}"), overlay_of(row))
        for row in rows
    ]
    return listed("/v1/payment_intents", intents, limit)


async def asked(
    stripe: Stripe, method: str, path: str, fields: dict[str, str] | None = None
) -> dict[str, Any]:
    """Ask localstripe for what it must be able to do. Raises Refused with its words."""
    status, answer = await stripe.engine.ask(method, path, fields)
    if status >= 400:
        error = answer.get("error", {})
        raise invalid(str(error.get("message", "Bad request")), status=status, code=error.get("code"))
    return answer


def shaped(intent: dict[str, Any], overlay: Overlay) -> dict[str, Any]:
    """An intent of localstripe as the API of 2020-08-27 shows it."""
    shown = {name: value for name, value in intent.items() if name != "latest_charge"}
    card = card_of(overlay.card) or CARDS[0]
    shown["payment_method"] = intent["payment_method"] and overlay.fields.get("payment_method")
    shown["confirmation_method"] = overlay.fields.get("confirmation_method", "automatic")
    shown["setup_future_usage"] = overlay.fields.get("setup_future_usage")
    shown["shipping"] = overlay.fields.get("shipping") or None
    shown["last_payment_error"] = overlay.error or None
    shown["charges"] = {
        **intent["charges"],
        "data": [_charge(charge, card, overlay) for charge in intent["charges"]["data"]],
    }
    if overlay.challenge == PASSED and intent["status"] == "requires_action":
        shown["status"], shown["next_action"] = "requires_confirmation", None
    elif intent["status"] == "requires_action":
        shown["next_action"] = {
            "type": "use_stripe_sdk",
            "use_stripe_sdk": {
                "type": "three_d_secure_redirect",
                "stripe_js": f"/stripe/challenge/{intent['id']}?client_secret={intent['client_secret']}",
            },
        }
    shown["amount_received"] = _captured(intent, overlay) if shown["status"] == "succeeded" else 0
    shown["amount_capturable"] = intent["amount"] if shown["status"] == "requires_capture" else 0
    return shown


def _captured(intent: dict[str, Any], overlay: Overlay) -> int:
    return int(overlay.fields.get("captured") or intent["amount"])


def _charge(charge: dict[str, Any], card: Card, overlay: Overlay) -> dict[str, Any]:
    shown = dict(charge)
    shown["amount_captured"] = _captured(charge, overlay) if charge["captured"] else 0
    shown["payment_method"] = overlay.fields.get("payment_method")
    shown["payment_method_details"] = {
        "type": "card",
        "card": {
            "brand": card.brand,
            "country": "CN",
            "exp_month": 12,
            "exp_year": 2030,
            "funding": "credit",
            "last4": card.number[-4:],
            "three_d_secure": {"result": "authenticated"} if overlay.challenge == PASSED else None,
        },
    }
    return shown


async def _card(stripe: Stripe, method: str) -> Card:
    ready = BY_TOKEN.get(method)
    if ready is not None:
        return ready
    row = stripe.store.one("SELECT number FROM str_methods WHERE id = ?", method)
    if row is None:
        raise invalid(f"No such PaymentMethod: '{method}'", code="resource_missing", param="payment_method")
    return card_of(row["number"]) or CARDS[0]


async def _played(stripe: Stripe, method: str, card: Card) -> str:
    """A payment method of localstripe that does what the card does."""
    if method not in BY_TOKEN:
        return method
    return str((await make_method(stripe, card))["id"])


async def make_method(stripe: Stripe, card: Card) -> dict[str, Any]:
    """A payment method of localstripe for a card; it shows the card's own last digits."""
    told = {"type": "card", "card[number]": card.plays, "card[cvc]": "123"}
    told |= {"card[exp_month]": "12", "card[exp_year]": "2030"}
    made = await asked(stripe, "POST", "/v1/payment_methods", told)
    with stripe.store.transaction() as db:
        db.execute("INSERT INTO str_methods (id, number) VALUES (?, ?)", (made["id"], card.number))
    made["card"] = {**made["card"], "last4": card.number[-4:], "brand": card.brand}
    return made


async def _declined(stripe: Stripe, overlay: Overlay, card: Card) -> Refused:
    overlay.error = {
        "type": "card_error",
        "code": card.code or "card_declined",
        "decline_code": card.decline_code or None,
        "message": card.message or "Your card was declined.",
    }
    save_overlay(stripe.store, overlay)
    now, _overlay = await found(stripe, overlay.id)
    emit(stripe, "payment_intent.payment_failed", now)
    error = overlay.error
    return Refused(
        402,
        "card_error",
        error["message"],
        code=error["code"],
        decline_code=error["decline_code"],
        charge=now["charges"]["data"][-1]["id"] if now["charges"]["data"] else "",
        payment_intent=now,
    )
