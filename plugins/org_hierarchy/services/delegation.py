"""Lending a role for some days: only what one holds in one's own right, never lent on, ended by itself."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope, get_row

from ..access.grants import access_of, counts_now
from ..errors import OrgError, OrgErrorCode
from ..models import GrantSource, GrantState, RoleGrant, Staff, StaffStatus
from .grants import lock_for, place
from .rules import LIVE, require_compatible, require_days


def lendable(user: Any) -> list[RoleGrant]:
    """What a person holds today in his own right."""
    staff = access_of(user).staff
    if staff is None:
        return []
    rows = RoleGrant.objects.filter(counts_now(), staff=staff).exclude(source=GrantSource.DELEGATION)
    return list(rows.select_related("role", "unit").order_by("pk"))


def delegate(
    by: Any, grant: RoleGrant, to: Staff, *, valid_from: date, valid_to: date, reason: str
) -> RoleGrant:
    """Lend a role that one holds to a colleague until a day; a sensitive one waits for a second person.

    At most setting `O2O_DELEGATION_MAX_DAYS` days. Raises OutOfScope, NotAllowed, OrgError (SAME_PERSON,
    STAFF_NOT_ACTIVE, INVALID, REQUIRED, DATE_IN_PAST, CODE_TAKEN, ROLES_INCOMPATIBLE), LockTimeout. Locks: both
    people, the role, the lent grant.
    """
    if not reason.strip():
        raise OrgError(OrgErrorCode.REQUIRED, _("请填写委托事由"), field="reason")
    require_days(valid_from, valid_to)
    most = settings.O2O_DELEGATION_MAX_DAYS
    if valid_to > valid_from + timedelta(days=most - 1):
        raise OrgError(OrgErrorCode.INVALID, _("临时委托最长 %(days)s 天") % {"days": most}, field="valid_to")
    with transaction.atomic():
        person, role = lock_for(by, to, grant.role)
        lender = access_of(by).staff
        if lender is None:
            raise NotAllowed
        rows = lock_rows(RoleGrant.objects.filter(counts_now(), pk=grant.pk, staff=lender))
        if not rows:
            raise OutOfScope
        held = rows[0]
        if held.source == GrantSource.DELEGATION:
            raise OrgError(
                OrgErrorCode.INVALID, _("他人委托给您的角色不能再委托"), hint=_("请由原持有人办理委托")
            )
        if not access_of(by).may_at("staff.delegate", held.unit):
            raise NotAllowed
        if person.pk == lender.pk:
            raise OrgError(OrgErrorCode.SAME_PERSON, _("不能委托给自己"), field="to")
        get_row(by, Staff, pk=person.pk)
        if person.status != StaffStatus.ACTIVE:
            raise OrgError(
                OrgErrorCode.STAFF_NOT_ACTIVE,
                _("%(name)s已停用或离职，不能接受委托") % {"name": person.name},
                field="to",
            )
        if held.valid_to is not None and valid_to > held.valid_to:
            raise OrgError(
                OrgErrorCode.INVALID,
                _("委托不能晚于您自己的期限 %(day)s") % {"day": held.valid_to},
                field="valid_to",
            )
        same = RoleGrant.objects.filter(staff=person, role=role, unit=held.unit, delegated_by=lender)
        if same.filter(state__in=LIVE, valid_to__gte=valid_from, valid_from__lte=valid_to).exists():
            raise OrgError(OrgErrorCode.CODE_TAKEN, _("这段时间内已有同样的委托"), field="valid_from")
        require_compatible(person, role)
        return place(
            by,
            person,
            role,
            held.unit,
            source=GrantSource.DELEGATION,
            scope=held.scope,
            units=held.units.all(),
            valid_from=valid_from,
            valid_to=valid_to,
            reason=reason.strip(),
            delegated_by=lender,
        )


def lent_by(staff: Staff) -> list[RoleGrant]:
    """What a person has lent out and still runs or waits."""
    rows = RoleGrant.objects.filter(delegated_by=staff, state__in=(GrantState.ACTIVE, GrantState.PENDING))
    return list(rows.select_related("staff", "role", "unit").order_by("pk"))
