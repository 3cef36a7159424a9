"""People: hired, changed, moved, switched off and on, gone. Rights follow at once, for the dashboard, too."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from saleor.account.models import User

from saleor_o2o.kernel.audit import action, record, snapshot
from saleor_o2o.kernel.clock import now, today
from saleor_o2o.kernel.crypto import blind_index
from saleor_o2o.kernel.documents import read_id_number
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope, get_row
from saleor_o2o.kernel.states import move

from ..access.grants import forget
from ..errors import OrgError, OrgErrorCode
from ..levels import UnitStatus
from ..models import GrantState, OrgUnit, RoleGrant, Staff, StaffPost, StaffStatus
from .activation import send_activation
from .grants import end_grants
from .holdings import require_nothing_open
from .rights import Actor, may_at
from .rules import LIVE
from .saleor_groups import sync_member

HIRED = action("org_hierarchy.staff.hired", _("录用人员"))
CHANGED = action("org_hierarchy.staff.changed", _("修改人员资料"))
MOVED = action("org_hierarchy.staff.moved", _("调动"))
LEFT = action("org_hierarchy.staff.left", _("离职"))
DISABLED = action("org_hierarchy.staff.disabled", _("停用人员"))
ENABLED = action("org_hierarchy.staff.enabled", _("恢复人员"))
BACK = action("org_hierarchy.staff.back", _("重新入职"))

_EMPLOYEE_NO = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{1,19}")
_MOBILE = re.compile(r"1[3-9]\d{9}")
MOBILE_INDEX = "staff.mobile"
ID_INDEX = "staff.id_number"
_OF_FILE = ("name", "mobile", "mobile_index", "id_number", "id_index", "openid", "joined_on")


def hire(
    by: Actor,
    unit: OrgUnit,
    *,
    employee_no: str,
    name: str,
    email: str,
    mobile: str = "",
    id_number: str = "",
    openid: str = "",
    joined_on: date | None = None,
) -> Staff:
    """Open a person's file and login; the person sets a password by the mail that is sent after the commit.

    A customer's account with this address becomes the login and loses its password, so that nobody who guessed the
    address comes along; a login of the staff without a file keeps it. Raises NotAllowed, OutOfScope, OrgError
    (REQUIRED, INVALID, CODE_TAKEN, UNIT_CLOSED).
    """
    employee_no, name, email = employee_no.strip().upper(), name.strip(), email.strip().lower()
    mobile = clean_mobile(mobile)
    id_number = clean_id_number(id_number)
    _require_no(employee_no)
    _require_name(name)
    _require_address(email)
    _require_open(unit)
    if not may_at(by, "staff.create", unit):
        raise NotAllowed if may_at(by, "staff.view", unit) else OutOfScope
    if Staff.objects.filter(employee_no=employee_no).exists():
        raise _taken("employee_no", _("工号已被使用"))
    _require_one_file(id_number)
    try:
        with transaction.atomic():
            user, fresh = _login(by, email, name)
            staff = Staff.objects.create(
                user=user,
                employee_no=employee_no,
                name=name,
                unit=unit,
                mobile=mobile,
                mobile_index=blind_index(mobile, MOBILE_INDEX) if mobile else "",
                id_number=id_number,
                id_index=blind_index(id_number, ID_INDEX) if id_number else "",
                openid=openid.strip(),
                joined_on=joined_on or today(),
            )
            record(HIRED, staff, after=_story(staff))
            if fresh:
                send_activation(staff)
    except IntegrityError as error:
        raise _taken("employee_no", _("工号或登录邮箱刚被使用")) from error
    return staff


def change_file(by: Actor, staff: Staff, **changes: Any) -> Staff:
    """Change name, mobile, id_number, openid, joined_on. Raises OutOfScope, NotAllowed, OrgError. Locks: the person."""
    with transaction.atomic():
        person = _locked(by, staff, "staff.edit")
        before = _story(person)
        if "name" in changes:
            person.name = changes["name"].strip()
            _require_name(person.name)
            person.user.first_name = person.name
            person.user.last_name = ""
            person.user.save(update_fields=["first_name", "last_name"])
        if "mobile" in changes:
            person.mobile = clean_mobile(changes["mobile"])
            person.mobile_index = blind_index(person.mobile, MOBILE_INDEX) if person.mobile else ""
        if "id_number" in changes:
            person.id_number = clean_id_number(changes["id_number"])
            _require_one_file(person.id_number, person)
            person.id_index = blind_index(person.id_number, ID_INDEX) if person.id_number else ""
        if "openid" in changes:
            person.openid = changes["openid"].strip()
        if changes.get("joined_on"):
            person.joined_on = changes["joined_on"]
        person.save(update_fields=list(_OF_FILE))
        record(CHANGED, person, before=before, after=_story(person))
    return person


def transfer(by: Actor, staff: Staff, unit: OrgUnit, *, reason: str) -> Staff:
    """Move a person's home to another unit; the posts and roles at the old home end today, others stay.

    Needs `staff.edit` at both units. Raises OutOfScope, NotAllowed, OrgError (REQUIRED, UNIT_CLOSED, SAME_PERSON,
    INVALID, STAFF_NOT_ACTIVE), LockTimeout. Locks: the person, the grants that end.
    """
    _require_reason(reason)
    with transaction.atomic():
        person = _locked(by, staff, "staff.edit")
        _require_other(by, person)
        _require_open(unit)
        if person.status != StaffStatus.ACTIVE:
            raise OrgError(OrgErrorCode.STAFF_NOT_ACTIVE, _("只有在职人员可以调动"))
        if unit.pk == person.unit_id:
            raise OrgError(OrgErrorCode.INVALID, _("此人已在该机构"), field="unit")
        if not may_at(by, "staff.edit", unit):
            raise NotAllowed if may_at(by, "staff.view", unit) else OutOfScope
        before = _story(person)
        old = person.unit_id
        _end_posts(person, Q(unit_id=old))
        rows = lock_rows(RoleGrant.objects.filter(staff=person, unit_id=old, state__in=LIVE))
        person.unit = unit
        person.save(update_fields=["unit"])
        end_grants(person, rows, GrantState.REVOKED, reason)
        record(MOVED, person, before=before, after={**_story(person), "reason": reason})
    return person


def leave(by: Actor, staff: Staff, *, reason: str) -> Staff:
    """The person is gone: posts and roles end, the login is off, at once. Refused while anything is still in hand.

    Raises OutOfScope, NotAllowed, IllegalMove, OrgError (REQUIRED, SAME_PERSON, HANDOVER_OPEN), LockTimeout. Locks: the
    person, the grants.
    """
    _require_reason(reason)
    with transaction.atomic():
        person = _locked(by, staff, "staff.leave")
        _require_other(by, person)
        if person.status != StaffStatus.LEFT:
            require_nothing_open(person)
        before = _story(person)
        move(person, "leave", why=reason, reason=reason)
        _end_posts(person, Q())
        end_grants(
            person,
            lock_rows(RoleGrant.objects.filter(staff=person, state__in=LIVE)),
            GrantState.REVOKED,
            reason,
        )
        _login_off(person)
        record(LEFT, person, before=before, after=_story(person))
    return person


def disable(by: Actor, staff: Staff, *, reason: str) -> Staff:
    """Switch a person's login off for a while, at once; posts stay. Errors and locks as `leave`."""
    _require_reason(reason)
    with transaction.atomic():
        person = _locked(by, staff, "staff.edit")
        _require_other(by, person)
        before = _story(person)
        move(person, "disable", why=reason, reason=reason)
        _login_off(person)
        record(DISABLED, person, before=before, after=_story(person))
    return person


def enable(by: Actor, staff: Staff, *, reason: str = "") -> Staff:
    """Switch a person's login on again, with the posts and roles still running. Errors and locks as `leave`."""
    with transaction.atomic():
        person = _locked(by, staff, "staff.edit")
        _require_other(by, person)
        before = _story(person)
        move(person, "enable", reason=reason)
        _login_on(person)
        record(ENABLED, person, before=before, after=_story(person))
    return person


def come_back(by: Actor, staff: Staff, *, reason: str) -> Staff:
    """Hire somebody again who left: no posts, no roles, and a new password to be set. Errors and locks as `leave`."""
    _require_reason(reason)
    with transaction.atomic():
        person = _locked(by, staff, "staff.create")
        _require_other(by, person)
        _require_open(person.unit)
        before = _story(person)
        move(person, "come_back", reason=reason)
        person.user.set_unusable_password()
        person.user.save(update_fields=["password"])
        _login_on(person)
        send_activation(person)
        record(BACK, person, before=before, after=_story(person))
    return person


def clean_mobile(mobile: str) -> str:
    """Eleven digits, or nothing. Raises OrgError INVALID."""
    digits = re.sub(r"[\s-]", "", mobile or "").removeprefix("+86")
    if digits and not _MOBILE.fullmatch(digits):
        raise OrgError(OrgErrorCode.INVALID, _("手机号应为 11 位数字，以 1 开头"), field="mobile")
    return digits


def clean_id_number(text: str) -> str:
    """Eighteen characters that check, or nothing. Raises OrgError INVALID."""
    if not (text or "").strip():
        return ""
    read = read_id_number(text)
    if read is None:
        raise OrgError(
            OrgErrorCode.INVALID, _("身份证号不正确"), field="id_number", hint=_("请对照证件核对 18 位号码")
        )
    return read[0]


def _require_one_file(id_number: str, mine: Staff | None = None) -> None:
    """Nobody has two files. Raises CODE_TAKEN, without saying whose it is."""
    if not id_number:
        return
    others = Staff.objects.filter(id_index=blind_index(id_number, ID_INDEX))
    if (others.exclude(pk=mine.pk) if mine is not None else others).exists():
        raise OrgError(
            OrgErrorCode.CODE_TAKEN,
            _("这个身份证号已有人员档案"),
            field="id_number",
            hint=_("离职后回来的，请在原档案办理“重新入职”"),
        )


def _locked(by: Actor, staff: Staff, permission: str) -> Staff:
    rows = lock_rows(Staff.objects.filter(pk=staff.pk))
    if not rows:
        raise OutOfScope
    if by is not None:
        forget(by)
        get_row(by, Staff, pk=staff.pk)
    if not may_at(by, permission, rows[0].unit):
        raise NotAllowed
    return rows[0]


def _login(by: Actor, email: str, name: str) -> tuple[User, bool]:
    """The user of a new file, and whether a password has to be set."""
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        made: User = User.objects.create_user(email, is_staff=True, first_name=name)  # type: ignore[no-untyped-call]
        made.set_unusable_password()  # stock leaves it empty
        made.save(update_fields=["password"])
        return made, True
    if Staff.objects.filter(user=user).exists():
        raise _taken("email", _("该邮箱已是其他人员的登录账号"))
    if user.is_superuser and not (by is None or by.is_superuser):
        raise _taken("email", _("该邮箱已是系统管理员的账号"))
    fresh = not user.is_staff
    if fresh:
        user.set_unusable_password()
    user.is_staff = user.is_active = True
    user.first_name, user.last_name = name, ""
    user.save(update_fields=["password", "is_staff", "is_active", "first_name", "last_name"])
    return user, fresh


def _end_posts(staff: Staff, which: Q) -> None:
    day = today()
    running = Q(valid_to__isnull=True) | Q(valid_to__gt=day)
    StaffPost.objects.filter(which & running, staff=staff, valid_from__lte=day).update(valid_to=day)
    # one that has not begun never will
    StaffPost.objects.filter(which, staff=staff, valid_from__gt=day).update(valid_from=day, valid_to=day)


def _login_off(staff: Staff) -> None:
    staff.user.is_active = False
    staff.user.save(update_fields=["is_active"])
    sync_member(staff)


def _login_on(staff: Staff) -> None:
    staff.enabled_at = now()
    staff.save(update_fields=["enabled_at"])
    staff.user.is_active = True
    staff.user.save(update_fields=["is_active"])
    sync_member(staff)


def _require_no(employee_no: str) -> None:
    if not _EMPLOYEE_NO.fullmatch(employee_no):
        raise OrgError(
            OrgErrorCode.INVALID, _("工号由字母、数字和短横线组成，2 至 20 位"), field="employee_no"
        )


def _require_name(name: str) -> None:
    if not 1 <= len(name) <= 60:
        raise OrgError(OrgErrorCode.REQUIRED, _("请填写姓名（不超过 60 字）"), field="name")


def _require_address(email: str) -> None:
    try:
        validate_email(email)
    except ValidationError as error:
        raise OrgError(OrgErrorCode.INVALID, _("请填写有效的登录邮箱"), field="email") from error


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise OrgError(OrgErrorCode.REQUIRED, _("请填写事由"), field="reason")


def _require_open(unit: OrgUnit) -> None:
    if unit.status == UnitStatus.CLOSED:
        raise OrgError(
            OrgErrorCode.UNIT_CLOSED, _("机构“%(unit)s”已撤并") % {"unit": unit.name}, field="unit"
        )


def _require_other(by: Actor, staff: Staff) -> None:
    if by is not None and staff.user_id == by.pk:
        raise OrgError(OrgErrorCode.SAME_PERSON, _("不能办理自己的人事变更"), hint=_("请由上级办理"))


def _taken(field: str, message: Any) -> OrgError:
    return OrgError(OrgErrorCode.CODE_TAKEN, message, field=field)


def _story(staff: Staff) -> dict[str, Any]:
    return snapshot(
        staff,
        (
            "employee_no",
            "name",
            "unit",
            "mobile",
            "id_number",
            "status",
            "status_reason",
            "joined_on",
            "left_on",
        ),
    )
