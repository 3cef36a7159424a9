"""What a passenger shows: at the gate a signed text as a QR code, at a counter the number by which he fetches."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from plugins.ticketing.kernel.picks import parts_of
from saleor_o2o.kernel.crypto import blind_index

PREFIX = "KP1"
_LENGTH = 20
#: What a pick-up note's parts are called.
LABELS = {
    "number": _("取票号"), "password": _("取票密码"), "address": _("取票地址"), "code": _("取票码"), "note": _("说明"),
}  # fmt: skip


def gate_code(ticket_number: str, secret: str) -> str:
    """The text of a ticket's QR code, signed by a key (`services.gate_keys`); "" is the platform's own."""
    return f"{PREFIX}.{ticket_number}.{_sign(ticket_number, secret)}"


def read_gate_code(text: str, secrets: Sequence[str]) -> str | None:
    """The ticket's number of a scanned code; None where none of these keys signed it."""
    parts = text.strip().split(".")
    if len(parts) != 3 or parts[0] != PREFIX:
        return None
    told = parts[2].lower().encode()
    good = [hmac.compare_digest(told, _sign(parts[1], secret).encode()) for secret in secrets]
    return parts[1] if any(good) else None


def _sign(number: str, secret: str) -> str:
    if not secret:
        return blind_index(number, "coach.gate")[:_LENGTH]
    return hmac.new(bytes.fromhex(secret), number.encode(), hashlib.sha256).hexdigest()[:_LENGTH]


def pick_up(told: str) -> list[tuple[str, str]]:
    """A pick-up note as label and words; `told` is what the order keeps (JSON, or one text)."""
    return [(str(LABELS.get(key, key)), words) for key, words in parts_of(told).items()]


#: Between the numbers of an order whose tickets are fetched one by one.
BETWEEN = "、"
#: Numbers of one order that are kept.
MOST_NUMBERS = 30


def pick_numbers(told: str) -> dict[str, str]:
    """The numbers by which an order's tickets are fetched, as they are compared, with the password of each (empty where
    the network has none); `told` as `pick_up` takes it."""
    found = parts_of(told)
    numbers = [one_number(one) for one in (found.get("number") or found.get("code") or "").split(BETWEEN)]
    secrets = ["".join(one.split())[:20] for one in found.get("password", "").split(BETWEEN)]
    if len(secrets) < len(numbers):  # one for all of them
        secrets = secrets[:1] * len(numbers)
    return {one: secret for one, secret in zip(numbers, secrets, strict=False) if one}


def one_number(typed: str) -> str:
    """A number as somebody types it, as it is compared; of several the first."""
    return "".join(typed.split(BETWEEN)[0].split()).upper()[:40]


def pick_index(number: str) -> str:
    """The blind index by which a pick-up number is found."""
    return blind_index(one_number(number), "coach.pick")
