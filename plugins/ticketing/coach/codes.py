"""What a passenger shows: at the gate a signed text as a QR code, at a counter the number by which he fetches."""

from __future__ import annotations

import hmac

from django.utils.translation import gettext_lazy as _

from plugins.ticketing.kernel.picks import parts_of
from saleor_o2o.kernel.crypto import blind_index

PREFIX = "KP1"
_LENGTH = 20
#: What a pick-up note's parts are called.
LABELS = {
    "number": _("取票号"), "password": _("取票密码"), "address": _("取票地址"), "code": _("取票码"), "note": _("说明"),
}  # fmt: skip


def gate_code(ticket_number: str) -> str:
    """The text of a ticket's QR code."""
    return f"{PREFIX}.{ticket_number}.{_sign(ticket_number)}"


def read_gate_code(text: str) -> str | None:
    """The ticket's number of a scanned code; None where it was not made by us."""
    parts = text.strip().split(".")
    if len(parts) != 3 or parts[0] != PREFIX:
        return None
    if not hmac.compare_digest(parts[2].lower().encode(), _sign(parts[1]).encode()):
        return None
    return parts[1]


def _sign(number: str) -> str:
    return blind_index(number, "coach.gate")[:_LENGTH]


def pick_up(told: str) -> list[tuple[str, str]]:
    """A pick-up note as label and words; `told` is what the order keeps (JSON, or one text)."""
    return [(str(LABELS.get(key, key)), words) for key, words in parts_of(told).items()]


def pick_number(told: str) -> str:
    """The number by which an order's tickets are fetched, as it is compared; `told` as `pick_up` takes it."""
    found = parts_of(told)
    return "".join((found.get("number") or found.get("code") or "").split()).upper()[:40]


def pick_secret(told: str) -> str:
    """The password beside that number; empty where the network has none."""
    return "".join(parts_of(told).get("password", "").split())[:20]


def pick_index(number: str) -> str:
    """The blind index by which a pick-up number is found."""
    return blind_index("".join(number.split()).upper()[:40], "coach.pick")
