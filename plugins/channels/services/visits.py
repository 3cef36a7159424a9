"""Visits: planned, and written down when made."""

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
from ..models import Channel, Photo, PhotoKind, Visit, VisitKind, VisitResult
from ..types import ChannelStatus

OPENING_RESULTS = (VisitResult.RECOMMEND, VisitResult.REJECT)


def plan_visit(channel: Channel, kind: str, day: date, visitor: Staff | None = None) -> Visit:
    """Write a plan. Raises ChannelError: INVALID for a past day, WRONG_STATE for a channel that left."""
    if day < today():
        raise ChannelError(ChannelErrorCode.INVALID, _("计划日期不能早于今天"), "planned_on")
    _check_state(channel, kind)
    return Visit.objects.create(channel=channel, kind=VisitKind(kind), planned_on=day, visitor=visitor)


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

    Locks: the channel. Raises ChannelError: REQUIRED, INVALID, WRONG_STATE, PHOTO_INVALID, PHOTO_TOO_LARGE.
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
        visit = plan or _planned(channel_now, kind) or Visit(channel=channel_now)
        if visit.channel_id != channel_now.pk or visit.done_at is not None:
            raise ChannelError(ChannelErrorCode.INVALID, _("该拜访计划不存在或已完成"), "plan")
        visit.kind, visit.result, visit.findings = VisitKind(kind), VisitResult(result), text
        visit.visitor, visit.done_at = visitor, now()
        visit.save()
        keep_photos(channel_now, cleaned, PhotoKind.VISIT, visit)
        audit.record(
            audits.VISITED, channel_now, after={"visit": visit.pk, "kind": kind, "result": result},
            org_path=channel_now.unit.path,
        )  # fmt: skip
    return visit


def _planned(channel: Channel, kind: str) -> Visit | None:
    """The oldest open plan of this kind: whoever goes there has done what was planned, asked for it or not."""
    plans = Visit.objects.filter(channel=channel, kind=kind, done_at__isnull=True)
    return plans.order_by("planned_on", "pk").first()


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
