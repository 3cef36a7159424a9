"""What a person may do now: read from the grants once per user object, never kept longer than a request."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, prefetch_related_objects

from saleor_o2o.kernel.clock import today

from ..levels import Level
from ..models import DataScope, GrantState, OrgUnit, RoleGrant, Staff, StaffStatus
from . import among  # noqa: F401 - the lookup

_KEPT = "_o2o_access"


#: A branch's subtree of up to so many units is named unit by unit in a query: the planner then knows how few rows it
#: has, and does not walk a million orders for them. Wider reaches are found by their path, without asking for units.
FEW_UNITS = 2_000


@dataclass(frozen=True, slots=True)
class Reach:
    """How far one permission goes: everything, the subtrees of `paths`, the `units` themselves, one's own rows."""

    everything: bool = False
    paths: frozenset[str] = frozenset()
    units: frozenset[int] = frozenset()
    own: int | None = None
    #: True where every path is that of a branch or an outlet
    narrow: bool = field(default=False, compare=False)
    #: units below `paths` as read for this person in this request; None where they are many
    below: dict[frozenset[str], tuple[int, ...] | None] = field(
        default_factory=dict, compare=False, repr=False
    )

    @property
    def nothing(self) -> bool:
        return not (self.everything or self.paths or self.units or self.own is not None)

    def covers(self, path: str, unit_id: int) -> bool:
        """True when a unit is within; one's own rows are not a matter of units."""
        return self.everything or unit_id in self.units or any(path.startswith(p) for p in self.paths)

    def contains(self, other: Reach) -> bool:
        """True when whoever has this reach has at least the other one."""
        if self.everything:
            return True
        if other.everything or (other.own is not None and self.own != other.own):
            return False
        inside = all(any(path.startswith(p) for p in self.paths) for path in other.paths)
        return inside and other.units <= self.units

    def on_units(self, lookup: str) -> Q:
        """The condition on rows whose unit is found by `lookup` (`""` for units themselves)."""
        prefix = f"{lookup}__" if lookup else ""
        few = self._few() if lookup and self.paths and self.narrow else None
        if few is not None:
            return Q(**{f"{lookup}_id__among": {*few, *self.units}})
        condition = Q()
        for path in sorted(self.paths):
            condition |= Q(**{f"{prefix}path__startswith": path})
        if self.units:
            condition |= Q(
                **{f"{lookup}_id__among": self.units} if lookup else {"pk__in": sorted(self.units)}
            )
        return condition

    def on_units_and_above(self, lookup: str) -> Q:
        """The condition on rows whose unit is in reach, or above it: what a unit decides binds whoever is below."""
        condition = self.on_units(lookup) if self.paths or self.units else Q(pk__in=[])
        above = {int(key) for path in self.paths for key in path.split("/") if key}
        if above:
            condition |= Q(**{f"{lookup}_id__in": sorted(above)})
        if self.units:
            below = OrgUnit.objects.filter(
                pk__in=sorted(self.units), path__startswith=OuterRef(f"{lookup}__path")
            )
            condition |= Q(Exists(below))
        return condition

    def _few(self) -> tuple[int, ...] | None:
        """The units below the paths, unless they are many; one statement, once."""
        if self.paths not in self.below:
            condition = Q()
            for path in sorted(self.paths):
                condition |= Q(path__startswith=path)
            found = OrgUnit.objects.filter(condition).order_by().values_list("pk", flat=True)[: FEW_UNITS + 1]
            keys = tuple(found)
            self.below[self.paths] = keys if len(keys) <= FEW_UNITS else None
        return self.below[self.paths]


NOWHERE = Reach()
EVERYWHERE = Reach(everything=True)


@dataclass(frozen=True, slots=True)
class Seat:
    """One grant as approvals and limits see it: where it is held, what it permits, how far, and up to what sums."""

    level: int
    permissions: frozenset[str]
    reach: Reach
    unit_id: int
    limits: Mapping[str, Decimal]


@dataclass(slots=True)
class Access:
    """Everything a user may do. `staff` is None for people outside the organisation, who have nothing here."""

    user_id: int | None
    staff: Staff | None
    reaches: dict[str, Reach] = field(default_factory=dict)
    limits: dict[str, Decimal] = field(default_factory=dict)
    needs_second_factor: bool = False
    roles: frozenset[str] = frozenset()
    seats: list[Seat] = field(default_factory=list)
    #: answers of the policy for single rows, by permission, model label and key
    seen: dict[tuple[str, str, Any], bool] = field(default_factory=dict)

    def reach(self, permission: str) -> Reach:
        """How far a permission goes; `NOWHERE` when it is not held."""
        return self.reaches.get(permission, NOWHERE)

    def has(self, permission: str) -> bool:
        """True when the permission is held anywhere."""
        return permission in self.reaches

    def may_at(self, permission: str, unit: Any) -> bool:
        """True when the permission covers this unit."""
        return self.reach(permission).covers(unit.path, unit.pk)

    def limit(self, kind: str) -> Decimal:
        """The highest sum in yuan that this person may decide alone (`refund`, `discount`, `cash`); 0 without any."""
        return self.limits.get(kind, Decimal(0))


def access_of(user: Any) -> Access:
    """Return what the user may do now, kept on `user`. Staff: one statement, one more where units are named."""
    kept = getattr(user, _KEPT, None)
    if kept is None:
        kept = _read(user)
        # a lazy request.user hands the attribute to the user behind it
        setattr(user, _KEPT, kept)
    return kept


def forget(user: Any) -> None:
    """Read anew at the next question: for whoever changes grants and goes on with the same user object."""
    if hasattr(user, _KEPT):
        delattr(user, _KEPT)


def staff_of(user: Any) -> Staff | None:
    """Return the person of the company behind a user, if active."""
    return access_of(user).staff


def counts_now() -> Q:
    """The condition on grants that count today."""
    day = today()
    return Q(state=GrantState.ACTIVE, role__is_active=True, valid_from__lte=day) & (
        Q(valid_to__isnull=True) | Q(valid_to__gte=day)
    )


def is_outsider(user: Any) -> bool:
    """True for superusers, for staff without a file of ours where settings let them be, and for shoppers."""
    if getattr(user, "is_superuser", False):
        return True
    if not getattr(user, "is_staff", False):
        return True
    return bool(settings.O2O_UNASSIGNED_STAFF_GLOBAL) and not _has_file(user)


def _has_file(user: Any) -> bool:
    return access_of(user).staff is not None or Staff.objects.filter(user_id=user.pk).exists()


def _read(user: Any) -> Access:
    pk = getattr(user, "pk", None)
    if pk is None or not user.is_active or not user.is_staff:
        return Access(pk, None)
    found = list(
        RoleGrant.objects.filter(
            counts_now(), staff__user_id=pk, staff__status=StaffStatus.ACTIVE
        ).select_related("role", "unit", "staff__unit")
    )
    staff = found[0].staff if found else _without_roles(pk)
    if staff is None:
        return Access(pk, None)
    prefetch_related_objects([grant for grant in found if scope_of(grant) == DataScope.UNITS], "units")
    return gather(pk, staff, found)


def _without_roles(user_id: int) -> Staff | None:
    return Staff.objects.select_related("unit").filter(user_id=user_id, status=StaffStatus.ACTIVE).first()


def gather(user_id: int | None, staff: Staff, grants: Iterable[RoleGrant]) -> Access:
    """Join the grants of one person: the union of what each permits."""
    reaches: dict[str, list[Reach]] = defaultdict(list)
    access = Access(user_id, staff)
    roles = set()
    for grant in grants:
        roles.add(grant.role.code)
        access.needs_second_factor |= grant.role.needs_second_factor
        reach = reach_of(grant, user_id)
        limits = {kind: decimal_of(amount) for kind, amount in grant.role.money_limits.items()}
        held = frozenset(grant.role.permissions)
        access.seats.append(Seat(grant.unit.level, held, reach, grant.unit_id, limits))
        for permission in grant.role.permissions:
            reaches[permission].append(reach)
        for kind, amount in limits.items():
            access.limits[kind] = max(access.limits.get(kind, Decimal(0)), amount)
    access.roles = frozenset(roles)
    below: dict[frozenset[str], tuple[int, ...] | None] = {}
    # the permissions of one role reach equally far: hundreds, joined once
    joined: dict[tuple[int, ...], Reach] = {}
    for permission, parts in reaches.items():
        same = tuple(map(id, parts))
        if same not in joined:
            joined[same] = replace(union(parts), below=below)
        access.reaches[permission] = joined[same]
    return access


def scope_of(grant: RoleGrant) -> str:
    """The scope of one grant: its own, else its role's."""
    return grant.scope or grant.role.scope


def reach_of(grant: RoleGrant, user_id: int | None) -> Reach:
    """How far one grant goes."""
    scope = scope_of(grant)
    if scope == DataScope.ALL:
        return EVERYWHERE
    if scope == DataScope.UNIT_AND_BELOW:
        return Reach(paths=frozenset({grant.unit.path}), narrow=grant.unit.level >= Level.BRANCH)
    if scope == DataScope.UNIT:
        return Reach(units=frozenset({grant.unit_id}))
    if scope == DataScope.UNITS:
        return Reach(units=frozenset(unit.pk for unit in grant.units.all()))
    return Reach(own=user_id)


def union(parts: Iterable[Reach]) -> Reach:
    """Join reaches; a path inside another one is left out."""
    listed = list(parts)
    if any(part.everything for part in listed):
        return EVERYWHERE
    paths = {path for part in listed for path in part.paths}
    outer = frozenset(p for p in paths if not any(p != q and p.startswith(q) for q in paths))
    own = next((part.own for part in listed if part.own is not None), None)
    narrow = all(part.narrow for part in listed if part.paths & outer)
    return Reach(False, outer, frozenset(unit for part in listed for unit in part.units), own, narrow)


def decimal_of(value: Any) -> Decimal:
    """A stored limit in yuan; 0 for what is no number."""
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return Decimal(0)
