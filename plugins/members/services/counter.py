"""At the counter and on the telephone: the staff register a person, or show that the person is a member."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import Level, OrgUnit, staff_of
from plugins.org_hierarchy.interfaces import desk_of as own_desk
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import rows_for

from ..devices import NOWHERE, Device
from ..errors import MemberError
from ..errors import MemberErrorCode as Code
from ..kinds import Purpose, Source
from ..models import Member, MemberVisit
from ..permissions import CREATE
from ..selectors import member_with
from ..values import clean_mobile
from . import codes
from .registering import current_agreement, mobile_value, register

SERVED = audit.action("members.served", _("柜台核验会员"))
CONSENTED = audit.action("members.consented_by_phone", _("电话同意会员协议"))
SHORTEST = 4


@dataclass(frozen=True, slots=True)
class Found:
    """A member at the counter, and whether he was made just now."""

    member: Member
    created: bool


def desk_of(by: Any) -> OrgUnit:
    """The unit at which somebody of the staff registers people: the own one; a superuser's without one is the city's.

    Raises NotAllowed.
    """
    if getattr(by, "is_superuser", False) and by.is_active and staff_of(by) is None:
        return OrgUnit.objects.get(parent__isnull=True)
    return own_desk(by, CREATE)


def ask_code(by: Any, mobile: str, device: Device) -> codes.Asked:
    """Send a code to the person at the counter, to be read out. Raises NotAllowed, MOBILE_INVALID, TooOften."""
    desk_of(by)
    return codes.ask(clean_mobile(mobile), Purpose.COUNTER, device)


def at_counter(
    by: Any, mobile: str, code: str, *, name: str = "", agreed: bool = False, device: Device = NOWHERE
) -> Found:
    """Register the person who read the code out, or show that he is a member; then the clerk's unit sees the member.

    A new member belongs to the clerk's unit. The code is used in the same transaction. Raises NotAllowed, CodeWrong,
    LOCKED_OUT, AGREEMENT_REQUIRED (the code stays good).
    """
    unit = desk_of(by)
    number = clean_mobile(mobile)
    checked = codes.check(number, Purpose.COUNTER, code, device)
    value = mobile_value(number)
    with transaction.atomic():
        member = member_with(value)
        created = member is None
        if member is None:
            if not agreed:
                raise MemberError(
                    Code.AGREEMENT_REQUIRED, _("请先让顾客阅读并同意会员协议"), "agreed",
                    _("勾选后用同一个验证码再次提交"),
                )  # fmt: skip
            codes.use(checked)
            member = register(
                [value], source=Source.COUNTER, name=name, verified=True,
                home_unit=unit if unit.level >= Level.COUNTY else None, registered_unit=unit, by=by,
                agreement=current_agreement(),
            )  # fmt: skip
        else:
            codes.use(checked)
        _note_visit(by, member, unit)
    return Found(member, created)


def by_telephone(by: Any, mobile: str, *, name: str = "", recording: str = "") -> Found:
    """Register a caller, who agreed by word of mouth: `recording` names the recording or the call.

    The mobile is not verified: the first login by a code does that. Whoever is in the agent's reach already is found.
    Raises NotAllowed, REQUIRED, IDENTITY_TAKEN for a member out of reach.
    """
    unit = desk_of(by)
    number = clean_mobile(mobile)
    noted = recording.strip()[:100]
    if len(noted) < SHORTEST:
        raise MemberError(
            Code.REQUIRED, _("请填写录音编号或通话记录"), "recording", _("顾客口头同意会员协议的凭据")
        )
    value = mobile_value(number)
    member = member_with(value)
    if member is not None:
        if not rows_for(by, Member).filter(pk=member.pk).exists():
            raise MemberError(
                Code.IDENTITY_TAKEN,
                _("该手机号已是会员"),
                "mobile",
                _("不在您的管辖范围，请顾客到网点或由市中心客服办理"),
            )
        return Found(member, created=False)
    with transaction.atomic():
        member = register(
            [value], source=Source.PHONE, name=name, verified=False, registered_unit=unit, by=by,
            agreement=current_agreement(),
        )  # fmt: skip
        audit.record(CONSENTED, member, after={"recording": noted}, actor=actor_label(by), org_path=unit.path)
    return Found(member, created=True)


def _note_visit(by: Any, member: Member, unit: OrgUnit) -> None:
    MemberVisit.objects.update_or_create(member=member, unit=unit, defaults={"last_at": now(), "last_by": by})
    audit.record(SERVED, member, after={"unit": unit.code}, actor=actor_label(by), org_path=unit.path)
