"""Lists of members: asked for with a reason, approved by one (unmasked: by two), taken once within hours."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from plugins.approvals.interfaces import ApprovalRequest, submit
from plugins.members.interfaces import Member, MemberStatus
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.numbering import next_number
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope, get_row, rows_for
from saleor_o2o.kernel.states import move_locked

from ..conditions import asked
from ..errors import OperationsError
from ..errors import OperationsErrorCode as Code
from ..kinds import ExportState
from ..models import MemberExport, Segment
from ..numbers import EXPORT
from ..permissions import MEMBER_EXPORT, MEMBER_UNMASK, desk_of

MATTER, MATTER_WHOLE = "member_operations.export", "member_operations.export_whole"
ASKED = audit.action("member_operations.export_asked", _("申请导出会员名单"))
TAKEN = audit.action("member_operations.export_taken", _("下载会员名单"))
HOURS = 24
MOST = 50_000
SHORTEST = 4


def ask_export(by: Any, reason: str, *, segment: Segment | None = None, whole: bool = False) -> MemberExport:
    """Ask for a list of the members in reach, or of a segment among them.

    Raises OutOfScope, NotAllowed (also for `whole` without the right to see members unmasked), OperationsError:
    REQUIRED, NOBODY, TOO_MANY, and what the approval flow raises.
    """
    unit = desk_of(by, MEMBER_EXPORT)
    if whole and not by.has_perm(MEMBER_UNMASK):
        raise NotAllowed
    found = get_row(by, Segment, pk=segment.pk) if segment is not None else None
    why = reason.strip()[:200]
    if len(why) < SHORTEST:
        raise OperationsError(
            Code.REQUIRED, _("请写明用途（不少于 %(count)s 字）") % {"count": SHORTEST}, "reason"
        )
    count = _counted(by, found)
    with transaction.atomic():
        row = MemberExport.objects.create(
            number=next_number(EXPORT),
            unit=unit,
            segment=found,
            whole=whole,
            reason=why,
            rows=count,
            asked_by=by,
        )
        submit(MATTER_WHOLE if whole else MATTER, row, unit, by, note=why)
        audit.record(
            ASKED,
            row,
            after={"rows": count, "whole": whole, "reason": why},
            actor=actor_label(by),
            org_path=unit.path,
        )
    return row


def members_of(by: Any, segment: Segment | None) -> QuerySet[Member]:
    """Whom a list would name now."""
    rows = rows_for(
        by, Member.objects.exclude(status__in=(MemberStatus.CLOSED, MemberStatus.MERGED)), MEMBER_EXPORT
    )
    return rows.filter(asked(segment.conditions, segment.match)) if segment is not None else rows


def approved(request: ApprovalRequest) -> None:
    """What follows the last decision, in its transaction. Locks: the export."""
    row = lock_rows(MemberExport.objects.filter(pk=request.subject_id))[0]
    if row.state == ExportState.WAITING:
        move_locked(row, "allow", expires_at=now() + timedelta(hours=HOURS))


def refused(request: ApprovalRequest) -> None:
    """Rejected, or taken back. Locks: the export."""
    row = lock_rows(MemberExport.objects.filter(pk=request.subject_id))[0]
    if row.state == ExportState.WAITING:
        move_locked(row, "refuse")


def take_export(by: Any, export: MemberExport) -> QuerySet[Member]:
    """Take a list, once, by whoever asked for it: the rows to be written. Locks: the export.

    Raises OutOfScope, OperationsError: NOT_NOW (not approved, taken, too late), NOBODY, TOO_MANY; LockTimeout.
    """
    get_row(by, MemberExport, pk=export.pk)
    if export.asked_by_id != by.pk:
        raise OutOfScope
    if export.whole and not by.has_perm(MEMBER_UNMASK):
        raise NotAllowed
    count = _counted(by, export.segment)
    with transaction.atomic():
        [row] = lock_rows(MemberExport.objects.filter(pk=export.pk).select_related("unit"))
        if row.state != ExportState.READY or row.expires_at is None or row.expires_at <= now():
            raise OperationsError(
                Code.NOT_NOW, _("不能下载：没有批准、已经下载过，或过了时限"), None, _("需要时请重新申请")
            )
        move_locked(row, "take", actor=actor_label(by), rows=count)
        audit.record(
            TAKEN,
            row,
            after={"rows": count, "whole": row.whole},
            actor=actor_label(by),
            org_path=row.unit.path,
        )
    return members_of(by, export.segment)


def expire_due() -> int:
    """Close what nobody took in time; returns how many."""
    done = 0
    for pk in list(
        MemberExport.objects.filter(state=ExportState.READY, expires_at__lte=now()).values_list(
            "pk", flat=True
        )[:500]
    ):
        with transaction.atomic():
            for row in lock_rows(MemberExport.objects.filter(pk=pk, state=ExportState.READY)):
                move_locked(row, "expire")
                done += 1
    return done


def _counted(by: Any, segment: Segment | None) -> int:
    count = members_of(by, segment).count()
    if not count:
        raise OperationsError(Code.NOBODY, _("没有可以导出的会员"), None, _("请换一个分群"))
    if count > MOST:
        raise OperationsError(
            Code.TOO_MANY, _("一次最多导出 %(most)d 人，现在有 %(count)d 人") % {"most": MOST, "count": count}, None,
            _("请先建一个小一些的分群"),
        )  # fmt: skip
    return count
