"""How tickets are fetched at a supplier (`TicketOrder.pick_code`): words for people, and what the pictures hold."""

from __future__ import annotations

import json
from typing import Any

from .models import TicketOrder

#: The part that is for machines: what the QR code of a ticket's number holds, where it is not the number itself.
QR = "qr"
#: What the parts are called.
LABELS = {
    "number": "取票号",
    "password": "取票密码",
    "address": "取票地址",
    "code": "取票码",
    "phone": "咨询电话",
    "note": "取票说明",
}


def with_pictures(words: dict[str, str], pictures: dict[str, str]) -> dict[str, str]:
    """The `pick` of an answer: words, and the QR codes' texts by number."""
    return {**words, QR: json.dumps(pictures)} if pictures else words


def pick_of(order: TicketOrder) -> dict[str, str]:
    """How the tickets are fetched, as people read it: label and words."""
    return {LABELS.get(key, key): text for key, text in parts_of(order.pick_code).items() if key != QR}


def pictures_of(order: TicketOrder) -> dict[str, str]:
    """What the supplier's QR codes hold, by its ticket number; nothing where they hold the number."""
    try:
        told = json.loads(parts_of(order.pick_code).get(QR, "{}"))
    except ValueError:
        return {}
    return {str(key): str(text) for key, text in told.items()} if isinstance(told, dict) else {}


def parts_of(told: str) -> dict[str, str]:
    """The parts of a pick-up note as an order keeps it: JSON, or one text, which is the code."""
    if not told:
        return {}
    try:
        read: Any = json.loads(told)
    except ValueError:
        read = told
    if not isinstance(read, dict):
        read = {"code": told}
    return {str(key): str(text) for key, text in read.items() if text}
