"""Scratch codes: made from a cryptographic source, kept as a keyed digest of card and code together."""

from __future__ import annotations

import re
import secrets

from saleor_o2o.kernel.crypto import blind_index
from saleor_o2o.kernel.numbering import SHORT_ALPHABET

LENGTH = 12


def new_code() -> str:
    """Twelve letters that survive handwriting, in fours: 55 bits."""
    text = "".join(secrets.choice(SHORT_ALPHABET) for _ in range(LENGTH))
    return f"{text[:4]}-{text[4:8]}-{text[8:]}"


def digest_of(number: str, code: str) -> str:
    """What is kept of a card's code; blanks, dashes and small letters do not matter."""
    plain = re.sub(r"[\s\-－—]", "", code).upper()
    return blind_index(f"{number}:{plain}", "memberships.scratch")
