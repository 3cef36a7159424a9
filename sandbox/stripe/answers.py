"""Answers and refusals in Stripe's words."""

from __future__ import annotations

from typing import Any


class Refused(Exception):
    """The API says no."""

    def __init__(self, status: int, kind: str, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, Any] = {
            "error": {
                "type": kind,
                "message": message,
                **{name: value for name, value in more.items() if value},
            }
        }


def invalid(message: str, *, status: int = 400, **more: Any) -> Refused:
    """An invalid request."""
    return Refused(status, "invalid_request_error", message, **more)


def unexpected_state(intent: dict[str, Any], doing: str) -> Refused:
    """The intent cannot be moved that way now."""
    return invalid(
        f"This PaymentIntent could not be {doing} because it has a status of {intent['status']}.",
        code="payment_intent_unexpected_state",
        payment_intent=intent,
    )


def whole(fields: dict[str, str], name: str) -> int | None:
    """An amount in the smallest unit; None where it is not given. Raises Refused."""
    text = fields.get(name, "")
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise invalid(f"Invalid positive integer: {name}", code="parameter_invalid_integer", param=name)
    return int(text)


def nested(fields: dict[str, str], name: str) -> dict[str, str]:
    """The entries `name[...]` of a form."""
    start = f"{name}["
    return {
        key[len(start) : -1]: value
        for key, value in fields.items()
        if key.startswith(start) and key.endswith("]")
    }


def listed(url: str, rows: list[dict[str, Any]], limit: int) -> dict[str, Any]:
    """A list object."""
    return {"object": "list", "url": url, "has_more": len(rows) > limit, "data": rows[:limit]}
