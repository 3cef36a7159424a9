"""What other plugins may use of loyalty.

- `give(member, points, biz_type=…, biz_id=…, unit_id=…)`: points of a campaign, once per business;
- `credit(member, points, …)`, `withdraw(member, entry, points, …)`: points for what another system knows (a service of
  the post), and back, each once per business; `lock_purses(member_id)` first, where rows of one's own are locked too;
- `standing(member_id)`, `rung(member_id)`: what a member has, and where on the ladder;
- `level_of(member_id)`: the level, the lowest for one who never rose; None where there is no ladder;
- `register_offers(name, offers)`: prices that a plugin offers members (`Offer`) for goods (`PricedGoods`); of all
  offers the lowest counts, alone; `leave_out(slug)`: goods of a product type that membership never makes cheaper;
- `liabilities(units, until)`: what units have issued, used, let expire, by a moment;
- `Level`, and `LEVELS`, the lookup from a member to the level row, for conditions on members;
- `burn_for_order(order_id, member_id, points, note)`: points for goods, in the transaction that writes their order;
  `give_back_to(order_id, points)`: so many of them in all are the member's again; `lock_points_of_order(order_id)`;
- `burn_for_gift(biz_id, member_id, points, unit_id, note)`: points for something that is no order, once per number;
- `left_out(slug)`: whether goods of a product type are left out of all that membership makes cheaper;
- `register_boost(name, boost)`: a rate of points that a plugin gives members; of all and the level's the highest;
- `LoyaltyError`, `PointsShort`: refusals. What loyalty tells is in `events.py`.
"""

from __future__ import annotations

from .boosts import register_boost
from .errors import LoyaltyError, LoyaltyErrorCode, PointsShort
from .kinds import EntryKind
from .models import Entry, Level
from .pricing import Offer, PricedGoods, leave_out, left_out, register_offers
from .rules import expiry
from .selectors import Liability, Rung, Standing, liabilities, rung, standing
from .services.exchanging import burn_for_gift, burn_for_order, give_back_to, lock_points_of_order
from .services.giving import give
from .services.ledger import lock_purses
from .services.levels import level_of
from .services.outside import credit, withdraw

#: From a member to where he stands; no row: on the lowest level.
LEVELS = "o2o_level"

__all__ = [
    "LEVELS",
    "Entry",
    "EntryKind",
    "Level",
    "Liability",
    "LoyaltyError",
    "LoyaltyErrorCode",
    "Offer",
    "PointsShort",
    "PricedGoods",
    "Rung",
    "Standing",
    "burn_for_gift",
    "burn_for_order",
    "credit",
    "expiry",
    "give",
    "give_back_to",
    "leave_out",
    "left_out",
    "level_of",
    "liabilities",
    "lock_points_of_order",
    "lock_purses",
    "register_boost",
    "register_offers",
    "rung",
    "standing",
    "withdraw",
]
