"""Stock's permission groups of our roles, so that the dashboard opens to people what their roles open here.

A role with stock's permissions has a group; who has the role now is a member. Written in the transaction that changes
grants or roles; `sync_all` repairs what somebody changed behind our back and what a day brought or ended.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from saleor.account.models import User

from saleor_o2o.kernel.locks import AdvisoryKey, advisory_lock

from ..access.grants import counts_now
from ..access.registry import permissions
from ..models import Role, RoleGrant, Staff, StaffStatus

#: Groups of ours are told by their role; the name is for people.
NAME = "岗位·{name}（{code}）"


class GroupLock(AdvisoryKey):
    """ALL: one repair of all groups at a time."""

    ALL = "org_hierarchy.saleor_groups"


def stock_permissions(role: Role) -> set[str]:
    """Stock's permissions (`order.manage_orders`) that a role's own stand for; none for a role that is off."""
    known = permissions()
    if not role.is_active:
        return set()
    return {stock for code in role.permissions if code in known for stock in known[code].saleor}


def sync_role(role: Role) -> None:
    """Bring a role's group in line: made, named, permitted, filled, or taken away. In the caller's transaction."""
    _sync_group(role)
    users = _holders([role.pk])
    if role.group is not None:
        _fill(role.group, users)


def sync_member(staff: Staff) -> None:
    """Put a person into the groups of the roles held now and out of the others. In the caller's transaction."""
    held = RoleGrant.objects.none()
    if staff.status == StaffStatus.ACTIVE:
        held = RoleGrant.objects.filter(counts_now(), staff=staff)
    roles = list(Role.objects.filter(pk__in=held.values("role_id")).select_related("group"))
    for role in roles:
        if role.group_id is None:
            _sync_group(role)
    wanted = {role.group_id for role in roles if role.group_id is not None}
    through = User.groups.through
    have = set(
        through.objects.filter(user_id=staff.user_id, group__o2o_role__isnull=False).values_list(
            "group_id", flat=True
        )
    )
    through.objects.filter(user_id=staff.user_id, group_id__in=have - wanted).delete()
    through.objects.bulk_create(
        [through(user_id=staff.user_id, group_id=group) for group in sorted(wanted - have)],
        ignore_conflicts=True,
    )


def sync_all() -> dict[str, int]:
    """Repair every group and membership; returns how many rows were put right. A handful of statements.

    One transaction. Locks: the advisory lock of the groups.
    """
    counts = {"groups": 0, "added": 0, "removed": 0}
    with transaction.atomic():
        advisory_lock(GroupLock.ALL, timeout=30)
        for role in Role.objects.select_related("group").prefetch_related("group__permissions__content_type"):
            counts["groups"] += _sync_group(role)
        through = User.groups.through
        wanted = set(
            RoleGrant.objects.filter(
                counts_now(), staff__status=StaffStatus.ACTIVE, role__group__isnull=False
            ).values_list("staff__user_id", "role__group_id")
        )
        have = {
            (user, group): pk
            for user, group, pk in through.objects.filter(group__o2o_role__isnull=False).values_list(
                "user_id", "group_id", "pk"
            )
        }
        missing = sorted(wanted - have.keys())
        through.objects.bulk_create(
            [through(user_id=user, group_id=group) for user, group in missing],
            batch_size=2000,
            ignore_conflicts=True,
        )
        extra = [pk for pair, pk in have.items() if pair not in wanted]
        through.objects.filter(pk__in=extra).delete()
        counts["added"], counts["removed"] = len(missing), len(extra)
    return counts


def _sync_group(role: Role) -> bool:
    """Make, rename, permit or delete the role's group; True when anything changed."""
    wanted = stock_permissions(role)
    if not wanted:
        if role.group is None:
            return False
        group, role.group = role.group, None
        role.save(update_fields=["group"])
        group.delete()
        return True
    name = NAME.format(name=role.name, code=role.code)
    changed = False
    if role.group is None:
        role.group, _made = Group.objects.get_or_create(name=name)
        role.save(update_fields=["group"])
        changed = True
    elif role.group.name != name:
        role.group.name = name
        role.group.save(update_fields=["name"])
        changed = True
    have = {f"{one.content_type.app_label}.{one.codename}" for one in _permitted(role.group)}
    if have != wanted:
        role.group.permissions.set(_stock(wanted))
        changed = True
    return changed


def _permitted(group: Group) -> Iterable[Permission]:
    if "permissions" in getattr(group, "_prefetched_objects_cache", {}):
        return group.permissions.all()
    return group.permissions.select_related("content_type")


def _stock(codes: Iterable[str]) -> list[Permission]:
    wanted = set(codes)
    found = Permission.objects.filter(codename__in=[code.partition(".")[2] for code in wanted])
    return [
        one
        for one in found.select_related("content_type")
        if f"{one.content_type.app_label}.{one.codename}" in wanted
    ]


def _holders(roles: Iterable[int]) -> set[int]:
    held = RoleGrant.objects.filter(counts_now(), role_id__in=list(roles), staff__status=StaffStatus.ACTIVE)
    return set(held.values_list("staff__user_id", flat=True))


def _fill(group: Group, users: set[int]) -> None:
    through = User.groups.through
    have = set(through.objects.filter(group=group).values_list("user_id", flat=True))
    through.objects.filter(group=group, user_id__in=have - users).delete()
    through.objects.bulk_create(
        [through(user_id=user, group_id=group.pk) for user in sorted(users - have)], ignore_conflicts=True
    )
