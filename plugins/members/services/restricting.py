"""The blacklist: a member may not log in, buy, take coupons, ask for after-sale, be written to; lifted by another."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import Deed, bar, is_barred, staff_of
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now, today
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import require
from saleor_o2o.kernel.sweeping import sum_each

from ..errors import MemberError
from ..errors import MemberErrorCode as Code
from ..kinds import Barred, MemberStatus
from ..models import Member, Restriction
from ..permissions import FREEZE
from .status import change_status, end_restriction, put_status, written_reason

PLACED = audit.action("members.restricted", _("列入黑名单"))
LIFTED = audit.action("members.restriction_lifted", _("解除黑名单"))
ENDED = audit.action("members.restriction_ended", _("黑名单到期"))


def restrict(
    by: Any, member: Member, deeds: Iterable[str], reason: str, until: date | None = None
) -> Restriction:
    """Put a member on the blacklist; where logging in is forbidden, he is logged out everywhere at once.

    Locks: the member, the user. Raises OutOfScope, NotAllowed, REQUIRED, INVALID, DUPLICATE, IllegalMove, LockTimeout.
    """
    require(by, FREEZE, member)
    wanted = [one for one in Barred.values if one in set(deeds)]
    if not wanted:
        raise MemberError(Code.REQUIRED, _("请选择至少一项限制"), "deeds")
    why = written_reason(reason)
    if until is not None and until < today():
        raise MemberError(Code.INVALID, _("有效期不能早于今天"), "until")
    staff = staff_of(by)
    with transaction.atomic():
        [row] = lock_rows(Member.objects.filter(pk=member.pk).select_related("user"), no_key=True)
        if row.status not in (MemberStatus.ACTIVE, MemberStatus.FROZEN):
            raise MemberError(Code.MEMBER_NOT_ACTIVE, _("当前状态不能列入黑名单"), hint=_("请刷新后查看"))
        if Restriction.objects.filter(member=row, ended_at__isnull=True).exists():
            raise MemberError(
                Code.DUPLICATE, _("这个会员已经在黑名单里"), hint=_("要改限制，请先由另一位同事解除")
            )
        made = Restriction.objects.create(
            member=row, unit=staff.unit if staff is not None else None, deeds=wanted, reason=why, until=until,
            was_frozen=row.status == MemberStatus.FROZEN, placed_by=by,
        )  # fmt: skip
        bar(row.user_id, [Deed(one) for one in wanted])
        if Barred.LOGIN in wanted:
            change_status(by, row, "blacklist", why)
        audit.record(
            PLACED, row, after={"deeds": wanted, "reason": why, "until": until}, actor=actor_label(by)
        )
    return made


def lift(by: Any, restriction: Restriction, reason: str) -> Restriction:
    """Take a member off the blacklist, by another person than who put him there; he is what he was before.

    Locks: the member, the restriction. Raises OutOfScope, NotAllowed, REQUIRED, SECOND_PERSON, LockTimeout.
    """
    member = restriction.member
    require(by, FREEZE, member)
    why = written_reason(reason)
    with transaction.atomic():
        [row] = lock_rows(Member.objects.filter(pk=member.pk), no_key=True)
        if row.status == MemberStatus.BLACKLISTED:
            change_status(by, row, "restore", why)
        elif end_restriction(row, by, why) is None:
            raise MemberError(Code.NOT_FOUND, _("已经解除"), hint=_("请刷新后查看"))
        audit.record(LIFTED, row, after={"reason": why}, actor=actor_label(by))
    return Restriction.objects.get(pk=restriction.pk)


def end_due() -> int:
    """Take members off whose last day is over; returns how many. A busy one is tried again next time."""
    rows = Restriction.objects.filter(ended_at__isnull=True, until__lt=today())
    return sum_each(rows.order_by("pk").values_list("pk", flat=True)[:500], _end)


def _end(pk: int) -> int:
    with transaction.atomic():
        member_id = Restriction.objects.values_list("member_id", flat=True).get(pk=pk)
        [member] = lock_rows(Member.objects.filter(pk=member_id), no_key=True)
        for row in lock_rows(Restriction.objects.filter(pk=pk, ended_at__isnull=True, until__lt=today())):
            row.ended_at = now()
            row.save(update_fields=["ended_at"])
            bar(member.user_id, ())
            if member.status == MemberStatus.BLACKLISTED:
                put_status(member, "unlist" if row.was_frozen else "restore", str(_("黑名单到期")), "system")
            audit.record(ENDED, member, after={"until": row.until})
            return 1
    return 0


def order_written(order: Any, _origin: Any) -> None:
    """An order of somebody who may not buy is not made, whoever makes it for him. No statement for a cart of a user."""
    if order.user_id is not None and is_barred(order.user, Deed.BUY):
        raise MemberError(
            Code.BARRED, _("您的账号已被限制购买"), hint=_("如有疑问，请到网点或拨打 11185 咨询")
        )
