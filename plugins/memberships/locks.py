"""Locks of memberships: the member, then his memberships; a card, where there is one, before both."""

from __future__ import annotations

from plugins.members.interfaces import Member
from saleor_o2o.kernel.locks import lock_rows

from .models import Membership


def lock_shelf(member_id: int) -> list[Membership]:
    """All memberships of a member, none of which can be made meanwhile. Locks: the member, his memberships."""
    lock_rows(Member.objects.filter(pk=member_id), no_key=True)
    return lock_rows(Membership.objects.select_related("plan").filter(member_id=member_id))


def lock_membership(pk: int) -> Membership:
    """One membership as it is now: what is counted of it (quotas) is counted under this lock. Locks: its row."""
    return lock_rows(Membership.objects.select_related("plan", "member").filter(pk=pk))[0]
