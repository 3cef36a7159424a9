"""Points and growth for whoever brought a member along, when the newcomer's first order is done."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from saleor.order.models import Order

from plugins.members.interfaces import Member, MemberStatus, current, referrer_of
from saleor_o2o.kernel.events import publish
from saleor_o2o.ordering.interfaces import profile_of

from ..events import PointsMoved
from ..kinds import Book, EntryKind, Occasion
from ..models import Entry
from ..rules import expiry, rules_in_force
from .giving import issuer_of
from .ledger import Why, grant, lock_purses
from .levels import settle_level

#: The business of the entries; their number is the newcomer's.
REFERRAL = "referral"


@transaction.atomic
def reward(order_id: Any) -> Entry | None:
    """Give what the rule in force gives to whoever brought the buyer along: once for each newcomer, whatever he buys.

    Nothing without a rule, a referrer in good standing, or money that stayed. Locks: the referrer's purses. Returns
    the points' entry, None where nothing (more) is given. Raises LockTimeout.
    """
    buyer = Member.objects.filter(user__orders=order_id).first()
    rule = next(iter(rules_in_force(Occasion.REFERRAL)), None)
    found = referrer_of(buyer) if buyer is not None and rule is not None else None
    if buyer is None or rule is None or found is None or not _stayed(order_id):
        return None
    referrer = current(found)
    issuer = issuer_of(referrer)
    if referrer.pk == current(buyer).pk or referrer.status != MemberStatus.ACTIVE or issuer is None:
        return None
    purses = lock_purses(referrer.pk)[referrer.pk]
    if Entry.objects.filter(biz_type=REFERRAL, biz_id=str(buyer.pk)).exists():
        return None
    why = Why(EntryKind.ACTIVITY, REFERRAL, str(buyer.pk), issuer, note=str(_("推荐好友完成首单")))
    entry = None
    if rule.points:
        entry = grant(purses[Book.POINTS], Decimal(rule.points), why, expires_at=expiry(rule.months))
        moved = PointsMoved(
            member_id=referrer.pk, entry_id=entry.pk, kind=str(entry.kind), points=rule.points
        )
        publish(moved, key=f"member:{referrer.pk}")
    if rule.growth:
        grant(purses[Book.GROWTH], Decimal(rule.growth), why)
        settle_level(referrer.pk)
    return entry


def _stayed(order_id: Any) -> bool:
    """Whether some of what was paid for an order has not gone back."""
    total = Order.objects.filter(pk=order_id).values_list("total_gross_amount", flat=True).first()
    profile = profile_of(order_id)
    return profile is not None and total is not None and total > profile.refunded
