"""How many codes may be asked for: dated rows, or the platform's own limits where a subject has none."""

from __future__ import annotations

from dataclasses import dataclass

from saleor_o2o.kernel.clock import today

from .kinds import LimitSubject
from .models import SmsLimit

MINUTE, HOUR, DAY = 60, 3600, 86400

#: Most codes within seconds; within a minute, to one number, of one purpose. Many shoppers share an address (carriers,
#: offices): its limits are wide.
DEFAULTS: dict[LimitSubject, dict[int, int]] = {
    LimitSubject.MOBILE: {MINUTE: 1, HOUR: 5, DAY: 10},
    LimitSubject.NETWORK: {HOUR: 60, DAY: 300},
    LimitSubject.DEVICE: {HOUR: 10, DAY: 20},
}


@dataclass(frozen=True, slots=True)
class Limit:
    """No more than `most` within `seconds`."""

    seconds: int
    most: int


def limits_in_force() -> dict[LimitSubject, list[Limit]]:
    """Today's limits by subject, the shortest span first; one statement."""
    told: dict[LimitSubject, dict[int, int]] = {}
    for row in SmsLimit.objects.filter(valid_from__lte=today()).order_by("valid_from", "pk"):
        told.setdefault(LimitSubject(row.subject), {})[row.seconds] = row.most
    return {
        subject: [
            Limit(seconds, most) for seconds, most in sorted((told.get(subject) or spans).items()) if most
        ]
        for subject, spans in DEFAULTS.items()
    }
