"""安全验证: before a hot sale a client does some work that a person does not notice and thousands of bots do (0142).

The puzzle is ALTCHA's (version 1): find the number for which SHA-256 of salt and number is the challenge. It is signed
by us, for one product and some minutes, and good once. Nothing is kept until it is solved; nobody else is asked.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
import secrets
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import blind_index

from ..errors import AdmissionError
from ..errors import AdmissionErrorCode as Code
from ..models import AdmissionProduct

ALGORITHM = "SHA-256"
#: The number is at most this: half of it is tried on the average, a second of an old telephone.
HIGHEST = 60_000
#: Seconds that a puzzle is good.
GOOD = 600
_MOST = 1000
# the last character keeps digits of the number from being told as digits of the time
_SALT = re.compile(r"[0-9a-f]{24}\?expires=(\d{1,12})&product=([-\w]{1,40})&", re.ASCII)
_PURPOSE = "admission.proof"


@dataclass(frozen=True, slots=True)
class Puzzle:
    """What a client is asked to find out."""

    algorithm: str
    challenge: str
    salt: str
    signature: str
    highest: int


def puzzle_for(product: AdmissionProduct) -> Puzzle:
    """A new puzzle. No statement."""
    expires = int(now().timestamp()) + GOOD
    salt = f"{secrets.token_hex(12)}?expires={expires}&product={product.code}&"
    challenge = _digest(salt, secrets.randbelow(HIGHEST + 1))
    return Puzzle(ALGORITHM, challenge, salt, _sign(challenge), HIGHEST)


def check_proof(product: AdmissionProduct, told: str) -> None:
    """Refuse whoever has not solved a puzzle of this product, or has used it before. Nothing where none is needed.

    Raises PROOF_NEEDED.
    """
    if not product.proof_needed:
        return
    found = _read(told)
    if found is None:
        raise _needed(_("请先完成安全验证"))
    challenge, salt, number, signature = found
    shape = _SALT.fullmatch(salt)
    genuine = (
        shape is not None
        and hmac.compare_digest(_sign(challenge).encode(), signature.encode())
        and hmac.compare_digest(_digest(salt, number).encode(), challenge.encode())
    )
    if shape is None or not genuine or shape[2] != product.code:
        raise _needed(_("安全验证没有通过"))
    left = int(shape[1]) - now().timestamp()
    if left <= 0:
        raise _needed(_("安全验证已过期"))
    # whoever comes second with it finds it there
    if not cache.add(f"admission-proof:{challenge}", 1, int(left) + 1):
        raise _needed(_("安全验证已用过"))


def _read(told: str) -> tuple[str, str, int, str] | None:
    """Challenge, salt, number and signature of an answer; None for what is none."""
    if not told or len(told) > _MOST:
        return None
    try:
        found: Any = json.loads(base64.b64decode(told, validate=True))
    except (binascii.Error, ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or found.get("algorithm") != ALGORITHM:
        return None
    texts = [found.get(name) for name in ("challenge", "salt", "signature")]
    number = found.get("number")
    if not all(isinstance(one, str) and one.isascii() for one in texts):
        return None
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number <= HIGHEST:
        return None
    return texts[0], texts[1], number, texts[2]  # type: ignore[return-value]


def _digest(salt: str, number: int) -> str:
    return hashlib.sha256(f"{salt}{number}".encode()).hexdigest()


def _sign(challenge: str) -> str:
    return blind_index(challenge, _PURPOSE)


def _needed(words: Any) -> AdmissionError:
    return AdmissionError(Code.PROOF_NEEDED, words, "proof", _("请在页面上重新验证后再试"))
