"""安全验证: before a hot sale a client does some work that a person does not notice and thousands of bots do (0142).

The puzzle is ALTCHA's (version 2, made and checked by their library): find the counter whose derived key begins as
told. It is signed by us, for one product and session and some minutes, and good once. Nothing is kept until it is
solved; nobody else is asked.
"""

from __future__ import annotations

import json
import secrets
from datetime import timedelta
from typing import Any

from altcha import Payload, create_challenge, verify_solution
from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import blind_index

from ..errors import AdmissionError
from ..errors import AdmissionErrorCode as Code
from ..models import AdmissionProduct

ALGORITHM = "PBKDF2/SHA-256"
#: Rounds of one try, and the last counter: half of them are tried on the average, a second of an old telephone.
COST, HIGHEST = 2_000, 400
#: So long a puzzle is good.
GOOD = timedelta(minutes=10)
_MOST = 2_000


def puzzle_for(product: AdmissionProduct, session: int = 0) -> str:
    """A new puzzle for a hold of this session, or (0) of what has none and for a number in the queue: JSON as ALTCHA's
    solvers take it. No statement; a try's work."""
    made = create_challenge(
        ALGORITHM, COST, counter=secrets.randbelow(HIGHEST + 1), expires_at=now() + GOOD,
        data=_good_for(product, session), hmac_secret=_secret("puzzle"), hmac_key_secret=_secret("answer"),
    )  # fmt: skip
    return json.dumps(made.to_dict())


def check_proof(product: AdmissionProduct, told: str, session: int = 0) -> None:
    """Refuse whoever has not solved a puzzle of this product and session, or has used it before. Nothing where none is
    needed. Raises PROOF_NEEDED.
    """
    if not product.proof_needed:
        return
    found = _read(told)
    if found is None:
        raise _needed(_("请先完成安全验证"))
    seen = verify_solution(found, _secret("puzzle"), hmac_key_secret=_secret("answer"))
    told_of = found.challenge.parameters
    if not seen.expired and (not seen.verified or told_of.data != _good_for(product, session)):
        raise _needed(_("安全验证没有通过"))
    left = (told_of.expires_at or 0) - now().timestamp()
    if seen.expired or left <= 0:
        raise _needed(_("安全验证已过期"))
    # whoever comes second with it finds it there
    if not cache.add(f"admission-proof:{told_of.nonce}", 1, int(left) + 1):
        raise _needed(_("安全验证已用过"))


def _read(told: str) -> Payload | None:
    """An answer; None for what is none."""
    if not told or len(told) > _MOST:
        return None
    try:
        return Payload.from_base64(told)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _good_for(product: AdmissionProduct, session: int) -> dict[str, Any]:
    return {"product": product.code, "session": session}


def _secret(name: str) -> str:
    return blind_index(name, "admission.proof")


def _needed(words: Any) -> AdmissionError:
    return AdmissionError(Code.PROOF_NEEDED, words, "proof", _("请在页面上重新验证后再试"))
