"""The people of a merged unit: where they belong, their posts and their roles, from today on at the successor."""

from __future__ import annotations

from django.db.models import Q

from saleor_o2o.kernel.clock import now, today
from saleor_o2o.kernel.locks import lock_rows

from ..models import GrantState, OrgUnit, RoleGrant, Staff, StaffPost


def hand_over_people(unit: OrgUnit, heir: OrgUnit, actor: str, reason: str) -> int:
    """Move everybody of a unit to its successor; returns how many people. The past of posts and roles stays readable.

    Under the tree's lock, in its transaction. Locks: the people, by key.
    """
    still = Q(valid_to__isnull=True) | Q(valid_to__gte=today())
    posts = list(StaffPost.objects.filter(still, unit=unit).order_by("pk"))
    grants = list(
        RoleGrant.objects.filter(still, unit=unit, state__in=(GrantState.ACTIVE, GrantState.PENDING))
        .prefetch_related("units")
        .order_by("pk")
    )
    keys = {post.staff_id for post in posts} | {grant.staff_id for grant in grants}
    people = lock_rows(Staff.objects.filter(Q(unit=unit) | Q(pk__in=keys)))
    Staff.objects.filter(unit=unit).update(unit=heir)
    followers = {post.pk: _post(post, heir) for post in posts}
    for grant in grants:
        _grant(grant, heir, followers.get(grant.staff_post_id or 0), actor, reason)
    _named_units(unit, heir)
    return len(people)


def _post(post: StaffPost, heir: OrgUnit) -> StaffPost:
    """End a post here and begin it there, unless the person holds it there already."""
    until, first = post.valid_to, max(post.valid_from, today())
    StaffPost.objects.filter(pk=post.pk).update(valid_to=today())
    held = StaffPost.objects.filter(
        staff_id=post.staff_id, post_id=post.post_id, unit=heir, valid_to__isnull=True
    ).first()
    return held or StaffPost.objects.create(
        staff_id=post.staff_id,
        post_id=post.post_id,
        unit=heir,
        is_primary=post.is_primary,
        valid_from=first,
        valid_to=until,
    )


def _grant(grant: RoleGrant, heir: OrgUnit, post: StaffPost | None, actor: str, reason: str) -> None:
    """Revoke a role here and give the same there."""
    RoleGrant.objects.filter(pk=grant.pk).update(state=GrantState.REVOKED, ended_at=now())
    follower = RoleGrant.objects.create(
        staff_id=grant.staff_id,
        role_id=grant.role_id,
        unit=heir,
        scope=grant.scope,
        source=grant.source,
        staff_post=post,
        delegated_by_id=grant.delegated_by_id,
        state=grant.state,
        valid_from=max(grant.valid_from, today()),
        valid_to=grant.valid_to,
        reason=reason,
        granted_by=actor,
        confirmed_by=grant.confirmed_by,
    )
    follower.units.set(grant.units.all())


def _named_units(unit: OrgUnit, heir: OrgUnit) -> None:
    """Whoever was let see this unit by name sees its successor too."""
    for grant in RoleGrant.objects.filter(units=unit).order_by("pk"):
        grant.units.add(heir)
