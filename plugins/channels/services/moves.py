"""A channel's moves, with what the state table does not know."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.states import move

from .. import audits
from ..blockers import blockers_of
from ..errors import ChannelError, ChannelErrorCode
from ..events import ChannelMoved
from ..models import Channel, Visit, VisitKind, VisitResult
from ..types import OWN_TYPES, ChannelStatus
from .binding import BINDING_TYPES
from .shops import make_shop
from .training import missing_courses
from .visits import close_plans

#: What people may do by hand, with the permission it takes. The approval flow does the rest.
BY_HAND = {
    "begin_trial": "channel.edit",
    "confirm": "channel.edit",
    "pause": "channel.edit",
    "resume": "channel.edit",
    "leave": "channel.edit",
}


def change_state(channel: Channel, name: str, *, reason: str, actor: str | None = None) -> Channel:
    """Run a transition with its checks, audit and event; `reason` is for the history.

    Locks: the channel, then the visits that it calls off. Raises IllegalMove, LockTimeout, and ChannelError: REQUIRED
    without a reason where it is needed,
    VISIT_MISSING, TRAINING_MISSING, AGREEMENT_MISSING, HAS_BLOCKERS.
    """
    if name in ("refuse", "send_back", "pause", "leave") and not reason.strip():
        raise ChannelError(ChannelErrorCode.REQUIRED, _("请填写原因"), "reason")
    with transaction.atomic():
        rows = lock_rows(Channel.objects.select_related("unit").filter(pk=channel.pk))
        if not rows:
            raise ChannelError(ChannelErrorCode.NOT_FOUND, _("记录不存在"))
        check = _CHECKS.get(name)
        # what the table forbids is said first: no list of papers for a move that cannot be
        if check is not None and allows(rows[0], name):
            check(rows[0])
        before = rows[0].status
        move(channel, name, reason=reason.strip(), actor=actor)
        audit.record(
            audits.MOVED, channel, before={"status": before},
            after={"status": channel.status, "reason": reason.strip()},
            actor=actor, org_path=channel.unit.path,
        )  # fmt: skip
        publish(
            ChannelMoved(
                channel_id=channel.pk,
                code=channel.code,
                type=channel.type,
                source=str(before),
                target=str(channel.status),
            ),
            key=f"channel:{channel.pk}",
        )
        if name == "admit" and channel.type in BINDING_TYPES:
            # whoever sells in his own name needs goods: a station and an agent as much as a micro-shop
            make_shop(channel)
        if name == "admit":
            close_plans(channel, _("开店申请已审核通过"), (VisitKind.OPENING,))
        if channel.status == ChannelStatus.LEFT:
            close_plans(channel, _("渠道已退出"))
    return channel


def allows(channel: Channel, name: str) -> bool:
    """True when the state table knows this move from where the channel is."""
    return bool(_meta(name).has_transition(channel.status))


def _meta(name: str) -> Any:
    return getattr(Channel, name)._django_fsm


def recommended_visit(channel: Channel) -> Visit | None:
    """The latest opening visit that was made, if it recommends."""
    made = Visit.objects.filter(channel=channel, kind=VisitKind.OPENING, done_at__isnull=False)
    latest = made.order_by("-done_at", "-pk").first()
    return latest if latest is not None and latest.result == VisitResult.RECOMMEND else None


def _to_review(channel: Channel) -> None:
    if channel.type not in OWN_TYPES and recommended_visit(channel) is None:
        raise ChannelError(
            ChannelErrorCode.VISIT_MISSING,
            _("还没有“建议通过”的开店走访记录"),
            hint=_("请先由支局走访并登记结论"),
        )


def _to_trial(channel: Channel) -> None:
    missing = missing_courses(channel)
    if missing:
        raise ChannelError(
            ChannelErrorCode.TRAINING_MISSING,
            _("培训未完成：%(courses)s") % {"courses": "、".join(course.name for course in missing)},
            hint=_("考试合格后才能开始试营"),
        )
    if channel.type not in OWN_TYPES and not (channel.agreement_no and channel.agreement_from):
        raise ChannelError(
            ChannelErrorCode.AGREEMENT_MISSING,
            _("还没有登记合作协议"),
            hint=_("请在渠道资料里填写协议编号和起止日期"),
        )


def _to_leave(channel: Channel) -> None:
    found = blockers_of(channel)
    if found:
        raise ChannelError(
            ChannelErrorCode.HAS_BLOCKERS,
            _("还有未了事项：%(list)s") % {"list": "；".join(map(str, found))},
            hint=_("请先办结、收回或移交后再退出"),
        )


_CHECKS = {"submit": _to_review, "begin_trial": _to_trial, "leave": _to_leave}


def end_counter(channel: Channel, reason: str) -> None:
    """End an outlet's own channel with its unit, which has settled its open matters. Locks: the channel."""
    waiting = channel.status in (ChannelStatus.APPLIED, ChannelStatus.REVIEW)
    move(channel, "refuse" if waiting else "leave", reason=reason)
    close_plans(channel, _("渠道已退出"))
