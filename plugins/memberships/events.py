"""What memberships tell others, after the commit, under `member:<pk>` or `sheet:<pk>`. None carries personal data."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from saleor_o2o.kernel.events import Event


class MembershipExtended(Event):
    """A membership began or runs longer, or is another plan's; `origin` is an `Origin`."""

    name = "memberships.extended"

    membership_id: int
    member_id: int
    plan: str
    origin: str
    ends_at: datetime


class MembershipExpiring(Event):
    """A membership ends within fifteen days; told once for each end."""

    name = "memberships.expiring"

    membership_id: int
    member_id: int
    ends_at: datetime


class MembershipEnded(Event):
    """A membership is over: its time ran out, or it was refunded or given up. `why` is a `MembershipState`."""

    name = "memberships.ended"

    membership_id: int
    member_id: int
    why: str


class BenefitUsed(Event):
    """A benefit was used once; `benefit` is its code."""

    name = "memberships.benefit_used"

    use_id: int
    membership_id: int
    member_id: int
    benefit: str


class SettlementConfirmed(Event):
    """A settlement sheet was confirmed by its payee: so much is owed, in yuan, and will not change."""

    name = "memberships.settlement_confirmed"

    sheet_id: int
    number: str
    amount: Decimal


class SettlementPaid(Event):
    """The money of a settlement sheet was sent."""

    name = "memberships.settlement_paid"

    sheet_id: int
    number: str
    amount: Decimal
