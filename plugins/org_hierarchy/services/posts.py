"""Posts: taken up, changed, ended. The role comes and goes with the post."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.audit import action, record, snapshot
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope, get_row

from ..access.grants import forget
from ..errors import OrgError, OrgErrorCode
from ..levels import Level
from ..models import Department, GrantSource, GrantState, OrgUnit, Post, Role, RoleGrant, Staff, StaffPost
from .grants import end_grants, lock_for, place, require_fits, require_giver
from .rights import Actor, may_at
from .rules import LIVE, require_compatible, require_days
from .width import span_of, too_wide

ASSIGNED = action("org_hierarchy.post.assigned", _("任职"))
ENDED = action("org_hierarchy.post.ended", _("结束任职"))


def assign(
    by: Actor,
    staff: Staff,
    post: Post,
    unit: OrgUnit,
    *,
    primary: bool = False,
    valid_from: date | None = None,
    valid_to: date | None = None,
    department: Department | None = None,
    reason: str = "",
    leaving_out: tuple[int, ...] = (),
) -> StaffPost:
    """Put a person into a post at a unit; its role follows.

    Whoever holds less than the post's role may propose, and the role waits for somebody who holds as much, as one with
    sensitive permissions does. Raises OutOfScope, NotAllowed, OrgError (SAME_PERSON, STAFF_NOT_ACTIVE, UNIT_CLOSED,
    WRONG_LEVEL, INVALID, CODE_TAKEN, ROLES_INCOMPATIBLE, DATE_IN_PAST), LockTimeout. Locks: both people, the role.
    """
    first = valid_from or today()
    require_days(first, valid_to)
    with transaction.atomic():
        person, role = lock_for(by, staff, post.role)
        require_giver(by, person, "staff.edit", unit)
        # whoever changes or retires the post has locked its role
        post = _as_it_is(post, role)
        if not post.is_active:
            raise OrgError(
                OrgErrorCode.INVALID, _("岗位“%(post)s”已停用") % {"post": post.name}, field="post"
            )
        if post.level != unit.level:
            raise OrgError(
                OrgErrorCode.WRONG_LEVEL,
                _("岗位“%(post)s”属于%(level)s，不能设在“%(unit)s”")
                % {"post": post.name, "level": Level(post.level).label, "unit": unit.name},
                field="post",
            )
        if post.owner is not None and not unit.path.startswith(post.owner.path):
            raise OrgError(
                OrgErrorCode.INVALID,
                _("岗位“%(post)s”由“%(owner)s”设立，只能用于其本级和下级机构")
                % {"post": post.name, "owner": post.owner.name},
                field="post",
            )
        require_fits(role, unit)
        require_compatible(person, role, leaving_out)
        chosen = _department(unit, post, department)
        running = Q(valid_to__isnull=True) | Q(valid_to__gte=first)
        live = RoleGrant.objects.filter(staff_post=OuterRef("pk"), state__in=LIVE)
        same = StaffPost.objects.filter(running, staff=person, post=post, unit=unit)
        if same.exclude(~Exists(live), valid_to=today()).exists():  # one ended today may be taken up again
            raise OrgError(
                OrgErrorCode.CODE_TAKEN,
                _("%(name)s已在该机构任“%(post)s”") % {"name": person.name, "post": post.name},
                field="post",
            )
        held = StaffPost.objects.filter(running, staff=person)
        main = primary or not held.filter(is_primary=True).exists()
        if main:
            held.filter(is_primary=True).update(is_primary=False)
        made = _write(person, post, unit, chosen, main, first, valid_to)
        wide = bool(too_wide(by, role, span_of(role.scope, unit)))
        place(
            by,
            person,
            role,
            unit,
            source=GrantSource.POST,
            valid_from=first,
            valid_to=valid_to,
            reason=reason,
            wide=wide,
            staff_post=made,
        )
        record(ASSIGNED, made, after={**snapshot(made), "reason": reason})
    return made


def end_post(by: Actor, held: StaffPost, *, last_day: date | None = None, reason: str = "") -> StaffPost:
    """End a post: at once without a last day (the role is gone with the next request), else after that day.

    Raises OutOfScope, NotAllowed, OrgError (INVALID, DATE_IN_PAST, CHANGED_MEANWHILE, SAME_PERSON), LockTimeout. Locks:
    the person, the grants.
    """
    with transaction.atomic():
        rows = lock_rows(Staff.objects.filter(pk=held.staff_id))
        post = StaffPost.objects.filter(pk=held.pk).select_related("unit", "post").first()
        if not rows or post is None:
            raise OutOfScope
        person = rows[0]
        if by is not None:
            forget(by)
            get_row(by, StaffPost, pk=post.pk)
            if person.user_id == by.pk:
                raise OrgError(OrgErrorCode.SAME_PERSON, _("不能办理自己的任职"), hint=_("请由上级办理"))
        if not may_at(by, "staff.edit", post.unit):
            raise NotAllowed
        day = today()
        if post.valid_to is not None and post.valid_to < day:
            raise OrgError(OrgErrorCode.CHANGED_MEANWHILE, _("该任职已经结束"))
        before = snapshot(post)
        grants = lock_rows(RoleGrant.objects.filter(staff_post=post, state__in=LIVE))
        if last_day is None or last_day < day:
            if last_day is not None:
                raise OrgError(OrgErrorCode.DATE_IN_PAST, _("结束日期已经过去"), field="last_day")
            post.valid_from = min(post.valid_from, day)
            post.valid_to = day
            end_grants(person, grants, GrantState.REVOKED, reason)
        else:
            require_days(post.valid_from, last_day)
            post.valid_to = last_day
            RoleGrant.objects.filter(pk__in=[grant.pk for grant in grants]).update(valid_to=last_day)
        post.save(update_fields=["valid_from", "valid_to"])
        record(ENDED, post, before=before, after={**snapshot(post), "reason": reason})
    return post


def change_post(
    by: Actor, held: StaffPost, post: Post, unit: OrgUnit, *, valid_from: date | None = None, reason: str = ""
) -> StaffPost:
    """End one post and take up another in one step: today, or the old one until the day before. Errors as both."""
    first = valid_from or today()
    require_days(first, None)
    with transaction.atomic():
        leaving = tuple(
            RoleGrant.objects.filter(staff_post=held, state__in=LIVE).values_list("pk", flat=True)
        )
        last = None if first <= today() else date.fromordinal(first.toordinal() - 1)
        was_primary = held.is_primary
        end_post(by, held, last_day=last, reason=reason)
        return assign(
            by,
            held.staff,
            post,
            unit,
            primary=was_primary,
            valid_from=first,
            reason=reason,
            leaving_out=leaving,
        )


def held_still() -> Q:
    """The condition on posts of people that run on; one that was ended today does not."""
    day = today()
    live = RoleGrant.objects.filter(staff_post=OuterRef("pk"), state__in=LIVE)
    return Q(valid_to__isnull=True) | Q(valid_to__gt=day) | (Q(valid_to=day) & Q(Exists(live)))


def with_people(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Departments or posts with the number of people in each as `held_`, in the same statement."""
    field = "department" if rows.model is Department else "post"
    held = StaffPost.objects.filter(held_still(), **{field: OuterRef("pk")}).order_by().values(field)
    # a subquery: a join would count people once for each grant
    return rows.annotate(held_=Subquery(held.annotate(n=Count("staff", distinct=True)).values("n")))


def _as_it_is(post: Post, role: Role) -> Post:
    """The post as it is under its role's lock. Raises OutOfScope, CHANGED_MEANWHILE."""
    found = Post.objects.select_related("owner").filter(pk=post.pk).first()
    if found is None:
        raise OutOfScope
    if found.role_id != role.pk:
        raise OrgError(
            OrgErrorCode.CHANGED_MEANWHILE,
            _("岗位“%(post)s”的角色刚被更改") % {"post": found.name},
            field="post",
            hint=_("请核对后再办理一次"),
        )
    return found


def _department(unit: OrgUnit, post: Post, wanted: Department | None) -> Department | None:
    """The department of a post at a unit: the wanted one, else the post's usual one if it is there. Locks: it."""
    rows = Department.objects.filter(pk=wanted.pk) if wanted else Department.objects.filter(
        unit=unit, code=post.department or "-", is_active=True
    )  # fmt: skip
    found = lock_rows(rows)
    if wanted is None:
        return found[0] if found else None
    if not found or found[0].unit_id != unit.pk:
        raise OrgError(OrgErrorCode.INVALID, _("所选部门不属于该机构"), field="department")
    if not found[0].is_active:
        raise OrgError(
            OrgErrorCode.INVALID, _("部门“%(name)s”已停用") % {"name": found[0].name}, field="department"
        )
    return found[0]


def _write(
    staff: Staff,
    post: Post,
    unit: OrgUnit,
    department: Department | None,
    primary: bool,
    first: date,
    last: date | None,
) -> StaffPost:
    try:
        with transaction.atomic():
            return StaffPost.objects.create(
                staff=staff,
                post=post,
                unit=unit,
                department=department,
                is_primary=primary,
                valid_from=first,
                valid_to=last,
            )
    except IntegrityError as error:
        raise OrgError(OrgErrorCode.CODE_TAKEN, _("已有相同的任职"), field="post") from error
