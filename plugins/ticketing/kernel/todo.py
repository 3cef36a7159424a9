"""What waits for somebody on the home page: rules that he may publish and did not submit himself."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from saleor_o2o.backoffice.todo import Todo
from saleor_o2o.kernel.clock import SHANGHAI, now
from saleor_o2o.kernel.scope import rows_for

from .access import BATCH, DESK, PUBLISH, REFUND_AUDIT, REPLY_ANSWER, SETTLE, SUPPLIER_EDIT, may_for_city
from .choices import BatchState, DeskState, NoticeState, RefundState, ReplyState, RuleState
from .models import (
    AgencyRate,
    DeskTask,
    FeeRule,
    RefundBatch,
    RefundReply,
    RefundRequest,
    SupplierAccount,
    SupplierDeposit,
    SupplierNotice,
)
from .services.notices import kind_words

#: Shown at most; of suppliers' notices.
MOST, FEW = 20, 5


def audits(user: Any) -> list[Todo]:
    """The oldest refunds in reach that wait for an audit and that this user did not ask for."""
    if not user.has_perm(REFUND_AUDIT):
        return []
    waiting = rows_for(user, RefundRequest.objects.filter(state=RefundState.AUDIT), REFUND_AUDIT)
    return [
        Todo(
            _("审核退票 %(number)s") % {"number": one.number},
            one.why,
            reverse("admin:o2o_ticketing_refundrequest_audit", args=[one.pk]),
            one.asked_at,
        )
        for one in waiting.exclude(asked_by_id=user.pk).order_by("pk")[:MOST]
    ]


def replies(user: Any) -> list[Todo]:
    """Refunds that the own unit is asked about, the most urgent first."""
    if not user.has_perm(REPLY_ANSWER):
        return []
    asked = rows_for(user, RefundReply.objects.filter(state=ReplyState.WAITING), REPLY_ANSWER)
    return [
        Todo(
            _("答复退票：%(title)s") % {"title": one.refund.ticket_order.title},
            _("%(until)s 前答复，逾期%(silence)s")
            % {
                "until": f"{one.due_at.astimezone(SHANGHAI):%m-%d %H:%M}",
                "silence": one.get_silence_display(),
            },
            reverse("admin:o2o_ticketing_refundreply_answer", args=[one.pk]),
            one.asked_at,
        )
        for one in asked.select_related("refund__ticket_order").order_by("due_at", "pk")[:MOST]
    ]


def batches(user: Any) -> list[Todo]:
    """Refunds of whole sessions that wait for a second person's word."""
    if not user.has_perm(BATCH):
        return []
    waiting = list(
        rows_for(user, RefundBatch.objects.filter(state=BatchState.PENDING), BATCH)
        .exclude(asked_by_id=user.pk)
        .order_by("pk")[:MOST]
    )
    if not waiting or not may_for_city(user, BATCH):
        return []
    return [
        Todo(
            _("复核批量退票：%(title)s") % {"title": one.title},
            one.reason,
            reverse("admin:o2o_ticketing_refundbatch_change", args=[one.pk]),
            one.made_at,
        )
        for one in waiting
    ]


def desk(user: Any) -> list[Todo]:
    """What waits at the issue desk in reach and nobody has, the most urgent first."""
    if not user.has_perm(DESK):
        return []
    moment = now()
    waiting = (
        rows_for(user, DeskTask.objects.exclude(state=DeskState.DONE), DESK)
        .exclude(taken_until__gt=moment, taken_by__isnull=False)
        .select_related("ticket_order")
        .order_by("due_at", "pk")[:MOST]
    )
    return [
        Todo(
            _("%(kind)s：%(title)s") % {"kind": one.get_kind_display(), "title": one.ticket_order.title},
            _("已超时，%(why)s") % {"why": one.why} if one.due_at < moment else one.why,
            reverse("admin:o2o_ticketing_desktask_change", args=[one.pk]),
            one.made_at,
        )
        for one in waiting
    ]


def suppliers(user: Any) -> list[Todo]:
    """Suppliers that failed again and again, for those who may set them up."""
    if not user.has_perm(SUPPLIER_EDIT):
        return []
    tired = list(
        rows_for(user, SupplierAccount).filter(active=True, rests_until__isnull=False).order_by("pk")[:MOST]
    )
    if not tired or not may_for_city(user, SUPPLIER_EDIT):
        return []
    return [
        Todo(
            _("供应商“%(name)s”连续失败，已暂停使用") % {"name": one.name},
            _("连续失败 %(count)d 次，系统每分钟试一次") % {"count": one.failures},
            reverse("admin:o2o_ticketing_supplieraccount_change", args=[one.pk]),
            one.last_failure or now(),
        )
        for one in tired
    ]


def deposits(user: Any) -> list[Todo]:
    """Deposits that have to be filled, for those who may set suppliers up or settle with them."""
    if not (user.has_perm(SUPPLIER_EDIT) or user.has_perm(SETTLE)):
        return []
    low = list(
        rows_for(user, SupplierDeposit).filter(low_since__isnull=False, supplier__active=True)
        .select_related("supplier").order_by("low_since")[:MOST]
    )  # fmt: skip
    if not low or not (may_for_city(user, SUPPLIER_EDIT) or may_for_city(user, SETTLE)):
        return []
    return [
        Todo(
            _("供应商“%(name)s”预存款不足，请充值") % {"name": one.supplier.name},
            _("余额 %(amount)s 元，低于 %(least)s 元")
            % {"amount": "—" if one.amount is None else one.amount, "least": one.alarm_below}
            if one.refused_at is None or one.low_since is None or one.refused_at < one.low_since
            else _("余额 %(amount)s 元，已有订单因此出不了票")
            % {"amount": "—" if one.amount is None else one.amount},
            reverse("admin:o2o_ticketing_supplieraccount_change", args=[one.supplier_id]),
            one.low_since or now(),
        )
        for one in low
    ]


def rates(user: Any) -> list[Todo]:
    """What suppliers shall pay us, submitted by somebody else."""
    if not user.has_perm(SETTLE):
        return []
    waiting = list(
        rows_for(user, AgencyRate.objects.filter(state=RuleState.PENDING))
        .exclude(made_by_id=user.pk)
        .select_related("supplier")
        .order_by("pk")[:MOST]
    )
    if not waiting or not may_for_city(user, SETTLE):
        return []
    return [
        Todo(
            _("复核代理费率：%(name)s") % {"name": one.supplier.name},
            one.reason,
            reverse("admin:o2o_ticketing_agencyrate_change", args=[one.pk]),
            one.made_at,
        )
        for one in waiting
    ]


def notices(user: Any) -> list[Todo]:
    """What suppliers told and nothing could be done with, the oldest first."""
    if not user.has_perm(SUPPLIER_EDIT):
        return []
    stuck = list(
        rows_for(user, SupplierNotice, SUPPLIER_EDIT).filter(state=NoticeState.STUCK).order_by("pk")[:FEW]
    )
    if not stuck or not may_for_city(user, SUPPLIER_EDIT):
        return []
    return [
        Todo(
            _("供应商通知处理不了：%(what)s") % {"what": kind_words(notice)},
            notice.why,
            reverse("admin:o2o_ticketing_suppliernotice_change", args=[notice.pk]),
            notice.received_at,
        )
        for notice in stuck
    ]


def todo(user: Any) -> list[Todo]:
    """The oldest rules that wait for this user's decision."""
    if not user.has_perm(PUBLISH):
        return []
    waiting = list(
        rows_for(user, FeeRule)
        .filter(state=RuleState.PENDING)
        .exclude(made_by_id=user.pk)
        .order_by("pk")[:MOST]
    )
    if not waiting or not may_for_city(user, PUBLISH):
        return []
    return [
        Todo(
            _("复核退改规则：%(name)s") % {"name": rule.name},
            rule.reason,
            reverse("admin:o2o_ticketing_feerule_decide", args=[rule.pk]),
            rule.made_at,
        )
        for rule in waiting
    ]
