"""岗位: which posts there are, for whom, and the role that comes with each. No post brings more than its maker has.

Locks, in this order: the roles concerned by key, the post. Whoever appoints somebody to a post holds its role's lock,
so that nobody is appointed to a post that is being retired.
"""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.audit import action, record, snapshot
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.scope import OutOfScope

from ..access.grants import forget
from ..errors import OrgError, OrgErrorCode
from ..levels import Level, UnitStatus
from ..models import OrgUnit, Post, Role, StaffPost
from .posts import held_still
from .rights import Actor
from .roles import CODE, require_maker
from .width import require_width, span_of

CREATED = action("org_hierarchy.post.created", _("新建岗位"))
CHANGED = action("org_hierarchy.post.changed", _("修改岗位"))
SWITCHED = action("org_hierarchy.post.switched", _("启用或停用岗位"))


def create_post(
    by: Actor, owner: OrgUnit | None, *, code: str, name: str, role: Role, department: str = ""
) -> Post:
    """Set up a post of the role's level at and below `owner`; `owner` None makes one of the company (the city's right).

    Needs `role.create` at the owner, and the role must be within the maker's own rights there. Raises OutOfScope,
    NotAllowed, OrgError (REQUIRED, INVALID, CODE_TAKEN, WRONG_LEVEL, UNIT_CLOSED, ROLE_TOO_WIDE), LockTimeout.
    Locks: the role.
    """
    code = code.strip()
    if not CODE.fullmatch(code):
        raise OrgError(
            OrgErrorCode.INVALID, _("岗位代码由小写字母、数字和短横线组成，2 至 40 位"), field="code"
        )
    with transaction.atomic():
        if by is not None:
            forget(by)
        require_maker(by, "role.create", owner)
        [held] = _roles(role.pk)
        post = Post(
            code=code,
            name=_name(name),
            level=held.level,
            owner=owner,
            role=held,
            department=department.strip(),
        )
        _require_role(by, post, held)
        try:
            with transaction.atomic():
                post.save(force_insert=True)
        except IntegrityError as error:
            raise OrgError(OrgErrorCode.CODE_TAKEN, _("岗位代码已被使用"), field="code") from error
        record(CREATED, post, after=_story(post), org_path=owner.path if owner else None)
    return post


def change_post_kind(by: Actor, post: Post, **changes: Any) -> Post:
    """Change a post: name, department (a code), role. Another role only while nobody holds the post.

    With holders it would change what they may do past the second person. Needs `role.edit` at the owner. Raises
    OutOfScope, NotAllowed, OrgError (REQUIRED, HAS_BLOCKERS, and as `create_post`), LockTimeout. Locks: the roles, the
    post.
    """
    with transaction.atomic():
        role = changes.get("role")
        locked, roles = _locked(by, post, role)
        before = _story(locked)
        if "name" in changes:
            locked.name = _name(changes["name"])
        if "department" in changes:
            locked.department = changes["department"].strip()
        if role is not None and role.pk != locked.role_id:
            _require_nobody(locked, _("更换角色"))
            if roles[role.pk].level != locked.level:
                raise OrgError(
                    OrgErrorCode.WRONG_LEVEL,
                    _("角色“%(role)s”适用于%(level)s，与岗位的级别不同")
                    % {"role": role.name, "level": Level(role.level).label},
                    field="role",
                )
            locked.role = roles[role.pk]
            _require_role(by, locked, locked.role)
        after = _story(locked)
        if after != before:
            locked.save(update_fields=["name", "department", "role"])
            record(CHANGED, locked, before=before, after=after, org_path=_path(locked))
    return locked


def switch_post(by: Actor, post: Post, on: bool) -> Post:
    """Retire a post that nobody holds any more, or bring it back. Errors and locks as `change_post_kind`."""
    with transaction.atomic():
        locked, _held = _locked(by, post)
        if locked.is_active == on:
            return locked
        if on:
            _require_role(by, locked, locked.role)
        else:
            _require_nobody(locked, _("停用"))
        locked.is_active = on
        locked.save(update_fields=["is_active"])
        record(
            SWITCHED, locked, before={"is_active": not on}, after={"is_active": on}, org_path=_path(locked)
        )
    return locked


def holders(post: Post) -> int:
    """How many hold the post today or will."""
    return StaffPost.objects.filter(held_still(), post=post).values("staff").distinct().count()


def _locked(by: Actor, post: Post, role: Role | None = None) -> tuple[Post, dict[int, Role]]:
    held = Post.objects.filter(pk=post.pk).values_list("role_id", flat=True).first()
    if held is None:
        raise OutOfScope
    roles = {one.pk: one for one in _roles(held, *([role.pk] if role else []))}
    rows = lock_rows(Post.objects.filter(pk=post.pk).select_related("owner", "role"))
    if not rows:
        raise OutOfScope
    if rows[0].role_id not in roles:  # changed between the two statements
        raise OrgError(
            OrgErrorCode.CHANGED_MEANWHILE, _("岗位的角色刚被更改"), field="role", hint=_("请刷新后重试")
        )
    if by is not None:
        forget(by)
    require_maker(by, "role.edit", rows[0].owner)
    return rows[0], roles


def _roles(*keys: int) -> list[Role]:
    found = lock_rows(Role.objects.filter(pk__in=keys).select_related("owner"))
    if len(found) < len(set(keys)):
        raise OutOfScope
    return found


def _require_role(by: Actor, post: Post, role: Role) -> None:
    """Raise unless the role may come with the post: on, usable where the post is, no wider than the maker."""
    if not role.is_active:
        raise OrgError(OrgErrorCode.INVALID, _("角色“%(role)s”已停用") % {"role": role.name}, field="role")
    owner = post.owner
    if owner is not None and owner.status == UnitStatus.CLOSED:
        raise OrgError(
            OrgErrorCode.UNIT_CLOSED, _("机构“%(unit)s”已撤并") % {"unit": owner.name}, field="owner"
        )
    if owner is not None and role.level < owner.level:
        raise OrgError(
            OrgErrorCode.WRONG_LEVEL, _("不能为上级机构设立岗位：角色应适用于本级或下级"), field="role"
        )
    if role.owner is not None and (owner is None or not owner.path.startswith(role.owner.path)):
        raise OrgError(
            OrgErrorCode.INVALID,
            _("角色“%(role)s”由“%(owner)s”设立，只能用于其本级和下级机构的岗位")
            % {"role": role.name, "owner": role.owner.name},
            field="role",
        )
    at = owner or OrgUnit.objects.filter(parent__isnull=True).first()
    if at is not None:
        try:
            require_width(by, role, span_of(role.scope, at))
        except OrgError as error:
            error.field = "role"
            raise


def _require_nobody(post: Post, deed: Any) -> None:
    count = holders(post)
    if count:
        raise OrgError(
            OrgErrorCode.HAS_BLOCKERS,
            _("岗位“%(post)s”还有 %(count)s 人在岗，不能%(deed)s")
            % {"post": post.name, "count": count, "deed": deed},
            field="role" if str(deed) == str(_("更换角色")) else None,
            hint=_("请先为他们变更岗位或结束任职；也可以另设一个岗位"),
        )


def _name(name: str) -> str:
    name = " ".join(name.split())
    if not 1 <= len(name) <= 60:
        raise OrgError(OrgErrorCode.REQUIRED, _("请填写岗位名称（不超过 60 字）"), field="name")
    return name


def _path(post: Post) -> str | None:
    return post.owner.path if post.owner else None


def _story(post: Post) -> dict[str, Any]:
    return snapshot(post, ("code", "name", "level", "owner", "department", "role", "is_active"))
