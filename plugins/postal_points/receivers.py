"""Somebody is known by one more identity: what he did at the post before counts now."""

from __future__ import annotations

from django.db.models import Q

from plugins.members.events import IdentityBound
from plugins.members.interfaces import MemberIdentity, current
from saleor_o2o.kernel.events import receives

from .services.counting import follow
from .who import COLUMNS, KINDS


@receives(IdentityBound, order=60, plugin="postal_points")
def identity_bound(event: IdentityBound) -> None:
    """A mobile, a card, an identity number: businesses that wait for it."""
    if event.kind not in KINDS:
        return
    found = MemberIdentity.objects.filter(pk=event.identity_id, released_at__isnull=True).select_related(
        "member"
    )
    for identity in found:
        column = next(COLUMNS[kind] for kind in KINDS if kind == event.kind)
        follow(current(identity.member), Q(**{column: identity.value_index}))
