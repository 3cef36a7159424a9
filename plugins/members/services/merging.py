"""Two members who are one person become one: everything of the second moves to the first, and is written down.

It is not undone: orders, identities and what other plugins keep are the first's afterwards. The second stays as a row
that leads to the first (`current`), with its number, its history and its moves of state.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _
from saleor.account.models import User
from saleor.order.models import Order

from plugins.org_hierarchy.interfaces import OrgUnit, customer_moves, staff_of
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import require
from saleor_o2o.kernel.states import move_locked

from ..errors import MemberError
from ..errors import MemberErrorCode as Code
from ..events import MembersMerged
from ..kinds import EndedWhy, IdentityKind, MemberStatus
from ..models import Member, MemberIdentity, MemberMerge, MemberVisit
from ..permissions import MERGE
from .liking import move_liking
from .profiles import take_over
from .records import move_records
from .sessions import end_all
from .status import written_reason
from .tagging import move_tags

MERGED = audit.action("members.merged", _("合并会员"))
#: How long after a merge rows that came late are still moved.
FOLLOWED = timedelta(days=3)


def merge(by: Any, kept: Member, absorbed: Member, reason: str) -> MemberMerge:
    """Merge a member into another, for somebody of the staff with the right over both.

    Locks: both members, in the order of their keys. Raises OutOfScope, NotAllowed, REQUIRED, and as `merge_proven`.
    """
    for member in (kept, absorbed):
        require(by, MERGE, member)
    told = written_reason(reason)
    staff = staff_of(by)
    return merge_proven(kept, absorbed, told, by=by, unit=staff.unit if staff is not None else None)


def merge_proven(
    kept: Member, absorbed: Member, reason: str, *, by: Any = None, unit: OrgUnit | None = None
) -> MemberMerge:
    """Merge two members whom the caller has made sure to be one person.

    One transaction: stock's rows, identities, visits, and whatever other plugins registered
    (`plugins.org_hierarchy.interfaces.register_customer_move`). Of two merges that cross, or that want the same member,
    the second is refused. Raises MemberError MERGE_REFUSED, LockTimeout.
    """
    if kept.pk == absorbed.pk:
        raise _refused(_("不能与自己合并"))
    with transaction.atomic():
        rows = {row.pk: row for row in lock_rows(Member.objects.filter(pk__in=(kept.pk, absorbed.pk)))}
        if len(rows) < 2:
            raise _refused(_("会员不存在"))
        one, two = rows[kept.pk], rows[absorbed.pk]
        _check(one, two)
        moved = _move_all(one, two)
        end_all(two, EndedWhy.STATUS)
        move_locked(two, "absorb", actor=actor_label(by) if by is not None else None, reason=reason)
        User.objects.filter(pk=two.user_id).update(is_active=False)
        one.home_unit_id = one.home_unit_id or two.home_unit_id
        if not one.agreement:
            one.agreement, one.agreed_at = two.agreement, two.agreed_at
        one.save(update_fields=["home_unit", "agreement", "agreed_at"])
        actor = actor_label(by) if by is not None else f"user:{one.user_id}"
        made = MemberMerge.objects.create(
            kept=one, absorbed=two, moved=moved, reason=reason, actor=actor, unit=unit, made_by=by
        )
        audit.record(
            MERGED, one, after={"absorbed": two.number, "moved": moved, "reason": reason}, actor=actor,
            org_path=unit.path if unit is not None else None,
        )  # fmt: skip
        publish(
            MembersMerged(
                kept_id=one.pk, absorbed_id=two.pk, kept_user_id=one.user_id, absorbed_user_id=two.user_id
            ),
            key=f"member:{one.pk}",
        )
    return made


def preview(kept: Member, absorbed: Member) -> str:
    """Why these two could not be merged as things are now; empty when they could. Locks nothing."""
    try:
        if kept.pk == absorbed.pk:
            raise _refused(_("不能与自己合并"))
        _check(kept, absorbed)
    except MemberError as error:
        return error.message
    return ""


def current(member: Member) -> Member:
    """The member that this one is now: itself, or whom it was merged into, however often."""
    seen = {member.pk}
    while member.status == MemberStatus.MERGED:
        found = MemberMerge.objects.select_related("kept__user").filter(absorbed=member).first()
        if found is None or found.kept_id in seen:
            return member
        member = found.kept
        seen.add(member.pk)
    return member


def follow() -> int:
    """Move what a request that was under way during a merge still wrote for the absorbed; returns how many rows.

    Looks at the merges of the last days; again changes nothing. Locks: both members of a merge that has something left.
    """
    moved = 0
    recent = MemberMerge.objects.filter(at__gt=now() - FOLLOWED).select_related(
        "kept__user", "absorbed__user"
    )
    for one in recent.filter(Exists(Order.objects.filter(user_id=OuterRef("absorbed__user_id")))):
        with transaction.atomic():
            lock_rows(Member.objects.filter(pk__in=(one.kept_id, one.absorbed_id)))
            moved += sum(
                move(one.absorbed.user, current(one.kept).user) for move in customer_moves().values()
            )
    return moved


def _check(kept: Member, absorbed: Member) -> None:
    for member in (kept, absorbed):
        if member.status == MemberStatus.MERGED:
            raise _refused(_("会员 %(number)s 已经合并过") % {"number": member.number})
        if member.status != MemberStatus.ACTIVE:
            raise _refused(_("会员 %(number)s 不是正常状态，不能合并") % {"number": member.number})
        if member.restrictions.filter(ended_at__isnull=True).exists():
            raise _refused(_("会员 %(number)s 在黑名单里，解除后才能合并") % {"number": member.number})
    papers = MemberIdentity.objects.filter(
        member__in=(kept, absorbed), kind=IdentityKind.ID_NUMBER, released_at__isnull=True
    )
    if len(set(papers.values_list("value_index", flat=True))) > 1:
        raise _refused(_("两个会员的证件号不同，是两个人"))


def _move_all(kept: Member, absorbed: Member) -> dict[str, int]:
    old, new = absorbed.user, kept.user
    moved = {name: move(old, new) for name, move in customer_moves().items()}
    has_primary = kept.identities.filter(released_at__isnull=True, is_primary=True).exists()
    if has_primary:
        absorbed.identities.filter(is_primary=True).update(is_primary=False)
    moved["members.identities"] = absorbed.identities.filter(released_at__isnull=True).update(member=kept)
    moved["members.profile"] = take_over(kept, absorbed)
    moved["members.records"] = (
        move_records(kept, absorbed) + move_liking(kept, absorbed) + move_tags(kept, absorbed)
    )
    visits = 0
    there = set(kept.visits.values_list("unit_id", flat=True))
    for visit in absorbed.visits.exclude(unit_id__in=there):
        MemberVisit.objects.filter(pk=visit.pk).update(member=kept)
        visits += 1
    moved["members.visits"] = visits
    return {name: count for name, count in moved.items() if count}


def _refused(message: Any) -> MemberError:
    return MemberError(Code.MERGE_REFUSED, message, hint=_("没有任何变更；请核对两个会员"))
