"""Locks of memberships: the member, then his memberships; a card, where there is one, before both."""

from __future__ import annotations

from plugins.members.interfaces import Member
from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.ordering.models import Seller

from .models import Card, Membership, SettlementSheet


def lock_shelf(member_id: int) -> list[Membership]:
    """All memberships of a member, none of which can be made meanwhile. Locks: the member, his memberships."""
    lock_rows(Member.objects.filter(pk=member_id), no_key=True)
    return lock_rows(Membership.objects.select_related("plan").filter(member_id=member_id))


def lock_memberships(keys: list[int]) -> dict[int, Membership]:
    """Memberships as they are now, by key. Locks: their rows, in primary-key order."""
    rows = lock_rows(Membership.objects.select_related("plan", "member").filter(pk__in=keys))
    return {one.pk: one for one in rows}


def lock_membership(pk: int) -> Membership:
    """One membership as it is now: what is counted of it (quotas) is counted under this lock. Locks: its row."""
    return lock_rows(Membership.objects.select_related("plan", "member").filter(pk=pk))[0]


def lock_cards(keys: list[int]) -> list[Card]:
    """Cards as they are now, in primary-key order. Locks: their rows."""
    rows = Card.objects.select_related("plan", "batch", "unit", "membership__member").filter(pk__in=keys)
    return lock_rows(rows)


def lock_payee(seller_id: int | None, unit_id: int) -> None:
    """Whoever is paid for benefits; nobody else makes a sheet for him meanwhile. Locks: the seller, or the unit."""
    if seller_id is not None:
        lock_rows(Seller.objects.filter(pk=seller_id), no_key=True)
    else:
        lock_rows(OrgUnit.objects.filter(pk=unit_id), no_key=True)


def lock_sheet(pk: int) -> SettlementSheet:
    """A settlement sheet as it is now. Locks: its row."""
    return lock_rows(SettlementSheet.objects.select_related("seller", "unit").filter(pk=pk))[0]
