"""The keys that sign codes for the gate: changed by people, with a time in which both the new and the old ones open it.

Codes lie on telephones without a network and on paper that was printed days before; so what a former key signed stays
good for a while, unless the key got out.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import may_for_city
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import NotAllowed

from ..access import KEYS
from ..codes import gate_code, read_gate_code
from ..errors import CoachError
from ..errors import CoachErrorCode as Code
from ..models import GateKey
from .reasons import reason_of

RENEWED = audit.action("coach.gate_key_renewed", _("更换进站码密钥"))
#: Days in which former codes still open the gate: nobody has a ticket for longer. None: at once, the key got out.
OVERLAP, MOST = 15, 60


def keys_in_force() -> list[str]:
    """The keys whose codes open the gate now, the one that signs first. One statement."""
    found, moment = [], now()
    for row in GateKey.objects.order_by("-pk"):
        found.append(row.secret)
        if row.before_until <= moment:
            return found
    return [*found, ""]


def code_of(ticket_number: str) -> str:
    """A ticket's code, signed by the key of now. One statement."""
    return gate_code(ticket_number, keys_in_force()[0])


def number_in(text: str) -> str | None:
    """The ticket's number of a scanned code; None where it was not made by us, or by a key that is over."""
    return read_gate_code(text, keys_in_force())


@transaction.atomic
def renew(by: Any, reason: str, *, days: int = OVERLAP) -> GateKey:
    """Sign by a new key from now on; what was signed before opens the gate for so many days, with 0 no more.

    Raises NotAllowed (it takes a reach over the whole city), CoachError INVALID_INPUT.
    """
    if not may_for_city(by, KEYS):
        raise NotAllowed
    if not 0 <= days <= MOST:
        raise CoachError(Code.INVALID_INPUT, _("天数须为 0 至 %(most)d") % {"most": MOST}, "days")
    made = GateKey.objects.create(
        secret=secrets.token_hex(32),
        before_until=now() + timedelta(days=days),
        reason=reason_of(reason),
        made_by=by,
    )
    audit.record(RENEWED, made, after={"days": days, "reason": made.reason}, actor=actor_label(by))
    return made
