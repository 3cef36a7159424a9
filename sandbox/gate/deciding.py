"""What a gate decides alone: by the signature, its list, its clock, and what it has let in itself."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

STEP = 30
#: Places in a line of the list.
KEY, DIGEST, NONCE, LEFT, FROM, UNTIL, PRODUCT, SESSION, FLAGS = range(9)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer, which voucher it is of, and how many come in."""

    answer: str
    voucher: int = 0
    people: int = 0
    left: int = 0


def proven(packed: Mapping[str, Any], known: Mapping[str, str] | None) -> bool:
    """Whether a list was signed by a key that it, or the list before it, names."""
    try:
        keys = json.loads(packed["list"])["keys"]
        public = (known or keys).get(packed["key"]) or keys[packed["key"]]
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(
            bytes.fromhex(packed["signature"]), packed["list"].encode()
        )
    except (KeyError, ValueError, TypeError, InvalidSignature):
        return False
    return True


def decide(
    told: Mapping[str, Any],
    secret: str,
    text: str,
    people: int | None,
    moment: float,
    used: Mapping[int, int],
) -> Verdict:
    """Whether people come in by this list at this moment (seconds, corrected). `used`: let in since it was made."""
    if not told["is_open"]:
        return Verdict("gate_closed")
    if moment >= told["good_until"]:
        return Verdict("list_too_old")
    if text.startswith("v1."):
        return _by_qr(told, text, people, moment, used)
    digits = "".join(one for one in text if one.isdigit())
    key = hmac.new(secret.encode(), b"list", hashlib.sha256).digest()
    digest = hmac.new(key, digits.encode(), hashlib.sha256).hexdigest()[:24]
    line = next((one for one in told["vouchers"] if one[DIGEST] == digest), None)
    return Verdict("unknown") if line is None else _counted(line, people, moment, used)


def _by_qr(
    told: Mapping[str, Any], text: str, people: int | None, moment: float, used: Mapping[int, int]
) -> Verdict:
    try:
        _version, terms, nonce, signature, *more = text.split(".")
        fields = terms.split("-")
        key, product, session, start, until, uses = (int(one, 36) for one in fields[:6])
        base = f"v1.{terms}.{nonce}"
        code = nonce.partition("-")[0]
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(told["keys"][code]))
        public.verify(base64.urlsafe_b64decode(signature + "=="), base.encode())
    except (ValueError, KeyError, InvalidSignature):
        return Verdict("unknown")
    line = next((one for one in told["vouchers"] if one[KEY] == key), None)
    if line is None:
        if product not in told["products"]:
            return Verdict("other_gate", key)
        if not told["trusts"]:
            return Verdict("not_on_list", key)
        line = [key, "", nonce, uses, start, until, product, session, "r" if fields[6] == "r" else ""]
    if line[NONCE] != nonce:
        return Verdict("void", key)
    if "r" in line[FLAGS] and not _of_now(told, code, line, base, more[0] if more else "", moment):
        return Verdict("picture", key)
    return _counted(line, people, moment, used)


def _counted(line: list[Any], people: int | None, moment: float, used: Mapping[int, int]) -> Verdict:
    key = int(line[KEY])
    if moment < line[FROM]:
        return Verdict("early", key)
    if moment >= line[UNTIL]:
        return Verdict("expired", key)
    if "d" in line[FLAGS]:
        return Verdict("document", key)
    left = int(line[LEFT]) - used.get(key, 0)
    wanted = people or left
    if left <= 0:
        return Verdict("used", key)
    if wanted > left:
        return Verdict("too_many", key, 0, left)
    if "w" in line[FLAGS] and wanted != left:
        return Verdict("whole", key, 0, left)
    return Verdict("passed", key, wanted, left - wanted)


def _of_now(
    told: Mapping[str, Any], code: str, line: list[Any], base: str, given: str, moment: float
) -> bool:
    secrets = {(one[0], one[1], one[2]): one[3] for one in told["secrets"]}
    of_session = secrets.get((code, line[PRODUCT], line[SESSION]))
    if of_session is None:
        return False
    secret = hmac.new(bytes.fromhex(of_session), base.encode(), hashlib.sha256).digest()
    return any(given == _digits(secret, int(moment // STEP) + shift) for shift in (-1, 0, 1))


def _digits(secret: bytes, step: int) -> str:
    digest = hmac.new(secret, step.to_bytes(8, "big"), hashlib.sha256).digest()
    place = digest[-1] & 15
    return f"{(int.from_bytes(digest[place : place + 4], 'big') & 0x7FFFFFFF) % 10**8:08d}"
