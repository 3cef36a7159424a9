"""Visits: planned, called off with a reason, and written down when made."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from plugins.org_hierarchy.interfaces import Staff
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now, today
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.photos import Clean, clean_photos
from saleor_o2o.kernel.request import current

from .. import audits
from ..errors import ChannelError, ChannelErrorCode
from ..models import OPEN_PLAN, Channel, Photo, PhotoKind, Visit, VisitKind, VisitResult
from ..types import ChannelStatus

OPENING_RESULTS = (VisitResult.RECOMMEND, VisitResult.REJECT)


def plan_visit(channel: Channel, kind: str, day: date, visitor: Staff | None = None) -> Visit:
    """Write a plan. Raises ChannelError: INVALID for a past day, WRONG_STATE for a channel that left."""
    if day < today():
        raise ChannelError(ChannelErrorCode.INVALID, _("计划日期不能早于今天"), "planned_on")
    with transaction.atomic():
        [channel_now] = lock_rows(Channel.objects.select_related("unit").filter(pk=channel.pk))
        _check_state(channel_now, kind)
        plan = Visit.objects.create(
            channel=channel_now, kind=VisitKind(kind), planned_on=day, visitor=visitor
        )
        audit.record(
            audits.VISIT_PLANNED, channel_now,
            after={"visit": plan.pk, "kind": kind, "planned_on": day, "visitor": visitor and visitor.employee_no},
            org_path=channel_now.unit.path,
        )  # fmt: skip
    return plan


def cancel_plan(plan: Visit, reason: str) -> Visit:
    """Call a plan off; it stays on record with who, when and why.

    Locks: the visit, so that a visit written down at the same moment wins or loses as a whole. Raises ChannelError:
    REQUIRED without a reason, INVALID for one that is too long, WRONG_STATE for what is made or called off already.
    """
    why = reason.strip()
    if not why:
        raise ChannelError(ChannelErrorCode.REQUIRED, _("请填写取消原因"), "reason")
    if len(why) > 200:
        raise ChannelError(ChannelErrorCode.INVALID, _("取消原因不超过 200 字"), "reason")
    with transaction.atomic():
        rows = lock_rows(Visit.objects.select_related("channel__unit").filter(pk=plan.pk))
        if not rows:
            raise ChannelError(ChannelErrorCode.NOT_FOUND, _("记录不存在"))
        found = rows[0]
        if found.done_at is not None:
            raise ChannelError(
                ChannelErrorCode.WRONG_STATE, _("这次拜访已经登记，不能取消"), hint=_("请刷新后查看")
            )
        if found.cancelled_at is not None:
            raise ChannelError(ChannelErrorCode.WRONG_STATE, _("这个计划已经取消"), hint=_("请刷新后查看"))
        _cancel(found, why)
    return found


def close_plans(channel: Channel, reason: str, kinds: Sequence[str] = VisitKind.values) -> int:
    """Call off what is still planned for a locked channel and can no longer be fulfilled; returns how many.

    Locks: the visits, by key.
    """
    open_ = Visit.objects.filter(OPEN_PLAN, channel=channel, kind__in=kinds).select_related("channel__unit")
    found = lock_rows(open_)
    for plan in found:
        _cancel(plan, reason)
    return len(found)


def _cancel(plan: Visit, reason: str) -> None:
    plan.cancelled_at, plan.cancelled_by, plan.cancel_reason = now(), current().actor, reason
    plan.save(update_fields=["cancelled_at", "cancelled_by", "cancel_reason"])
    audit.record(
        audits.VISIT_CANCELLED, plan.channel,
        before={"visit": plan.pk, "kind": plan.kind, "planned_on": plan.planned_on}, after={"reason": reason},
        org_path=plan.channel.unit.path,
    )  # fmt: skip


def record_visit(
    channel: Channel,
    visitor: Staff,
    kind: str,
    result: str,
    findings: str,
    *,
    plan: Visit | None = None,
    photos: Sequence[Any] = (),
) -> Visit:
    """Write what a visit found; `photos` are uploaded files. It fulfils `plan`, else the oldest open plan of its kind.

    Locks: the channel, then the plan. Raises ChannelError: REQUIRED, INVALID, WRONG_STATE, PHOTO_INVALID,
    PHOTO_TOO_LARGE.
    """
    text = findings.strip()
    if not text:
        raise ChannelError(ChannelErrorCode.REQUIRED, _("请填写走访情况"), "findings")
    if len(text) > 500:
        raise ChannelError(ChannelErrorCode.INVALID, _("走访情况不超过 500 字"), "findings")
    if kind not in VisitKind.values or result not in VisitResult.values:
        raise ChannelError(ChannelErrorCode.INVALID, _("请选择走访类型和结论"), "result")
    if (kind == VisitKind.OPENING) != (result in OPENING_RESULTS):
        raise ChannelError(
            ChannelErrorCode.INVALID, _("结论与走访类型不符"), "result",
            _("开店走访选择“建议通过”或“不建议通过”，其他拜访选择“正常”或“有问题”"),
        )  # fmt: skip
    cleaned = clean_photos(photos)  # slow work before the lock
    with transaction.atomic():
        [channel_now] = lock_rows(Channel.objects.select_related("unit").filter(pk=channel.pk))
        _check_state(channel_now, kind)
        visit = _fulfilled(channel_now, kind, plan) or Visit(channel=channel_now)
        visit.kind, visit.result, visit.findings = VisitKind(kind), VisitResult(result), text
        visit.visitor, visit.done_at = visitor, now()
        visit.save()
        keep_photos(channel_now, cleaned, PhotoKind.VISIT, visit)
        audit.record(
            audits.VISITED, channel_now, after={"visit": visit.pk, "kind": kind, "result": result},
            org_path=channel_now.unit.path,
        )  # fmt: skip
    return visit


def _fulfilled(channel: Channel, kind: str, plan: Visit | None) -> Visit | None:
    """The plan that a visit fulfils, locked: the one named, else the oldest open one of the kind.

    Whoever goes there has done what was planned, asked for it or not.
    """
    open_ = Visit.objects.filter(OPEN_PLAN, channel=channel)
    if plan is not None:
        rows = lock_rows(open_.filter(pk=plan.pk))
        if not rows:
            raise ChannelError(ChannelErrorCode.INVALID, _("该拜访计划不存在、已完成或已取消"), "plan")
        return rows[0]
    rows = lock_rows(open_.filter(kind=kind))
    return min(rows, key=lambda one: (one.planned_on or date.max, one.pk), default=None)


def keep_photos(channel: Channel, photos: Sequence[Clean], kind: str, visit: Visit | None = None) -> None:
    """Store cleaned photographs."""
    Photo.objects.bulk_create(
        Photo(
            channel=channel, visit=visit, kind=kind, content=one.content, width=one.width, height=one.height,
            taken_by=current().actor,
        )
        for one in photos
    )  # fmt: skip


def _check_state(channel: Channel, kind: str) -> None:
    if channel.status == ChannelStatus.LEFT:
        raise ChannelError(ChannelErrorCode.WRONG_STATE, _("渠道已退出"))
    if kind == VisitKind.OPENING and channel.status != ChannelStatus.APPLIED:
        raise ChannelError(ChannelErrorCode.WRONG_STATE, _("只有申请中的渠道需要开店走访"))
