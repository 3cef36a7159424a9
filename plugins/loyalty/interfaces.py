"""What other plugins may use of loyalty.

- `give(member, points, biz_type=…, biz_id=…, unit_id=…)`: points of a campaign, once per business;
- `standing(member_id)`, `rung(member_id)`: what a member has, and where on the ladder;
- `level_of(member_id)`: the level, the lowest for one who never rose; None where there is no ladder;
- `LoyaltyError`, `PointsShort`: refusals. What loyalty tells is in `events.py`.
"""

from __future__ import annotations

from .errors import LoyaltyError, LoyaltyErrorCode, PointsShort
from .selectors import Rung, Standing, rung, standing
from .services.giving import give
from .services.levels import level_of

__all__ = [
    "LoyaltyError",
    "LoyaltyErrorCode",
    "PointsShort",
    "Rung",
    "Standing",
    "give",
    "level_of",
    "rung",
    "standing",
]
