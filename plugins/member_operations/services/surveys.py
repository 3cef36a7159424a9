"""Asking whoever has an order behind him, not too often; and what he answers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from saleor.order.models import Order

from plugins.members.interfaces import Member, MemberStatus
from plugins.official_account.interfaces import tell
from plugins.org_hierarchy.interfaces import OrderAttribution
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.ordering.interfaces import profile_of

from ..errors import OperationsError, OperationsErrorCode
from ..models import Survey

#: Nobody is asked more often, and nobody's question stands longer.
EVERY = timedelta(days=90)
OPEN_FOR = timedelta(days=30)
MOST = 200


def ask_of_order(order_id: Any) -> Survey | None:
    """Ask the member of a completed order, by WeChat if he follows, else on his pages; None where nobody is asked.

    Once for an order, at most once in ninety days. Locks: the member. Raises LockTimeout.
    """
    order = Order.objects.filter(pk=order_id, user__isnull=False).first()
    if order is None:
        return None
    with transaction.atomic():
        rows = lock_rows(
            Member.objects.filter(user_id=order.user_id, status=MemberStatus.ACTIVE), no_key=True
        )
        if not rows or Survey.objects.filter(member=rows[0], asked_at__gt=now() - EVERY).exists():
            return None
        if Survey.objects.filter(order=order).exists():
            return None
        unit = OrderAttribution.objects.filter(order=order).values_list("unit_id", flat=True).first()
        made = Survey.objects.create(member=rows[0], order=order, unit_id=unit)
        profile = profile_of(order.pk)
        values = {
            "number": profile.number if profile is not None else str(order.pk), "title": str(_("您愿意推荐我们吗？")),
            "text": str(_("请打 0 到 10 分")), "time": f"{now():%Y-%m-%d %H:%M}",
        }  # fmt: skip
        tell(rows[0].user_id, "survey", f"survey:{made.pk}", values)
    return made


def survey_of(member: Member) -> Survey | None:
    """The question that waits for a member's answer, if any. One statement."""
    rows = Survey.objects.filter(member=member, answered_at__isnull=True, asked_at__gt=now() - OPEN_FOR)
    return rows.select_related("order__o2o_profile").order_by("-pk").first()


def answer(member: Member, survey_pk: int, score: int, word: str = "") -> Survey:
    """Answer once; the same answer again is the same. Locks: the survey.

    Raises OperationsError INVALID (the score, the length), NOT_NOW (nobody's, too late, answered); LockTimeout.
    """
    told = word.strip()
    if not 0 <= score <= 10:
        raise OperationsError(OperationsErrorCode.INVALID, _("请打 0 到 10 分"), "score")
    if len(told) > MOST:
        raise OperationsError(OperationsErrorCode.INVALID, _("最多 %(most)d 字") % {"most": MOST}, "word")
    with transaction.atomic():
        rows = lock_rows(Survey.objects.filter(pk=survey_pk, member=member))
        row = rows[0] if rows else None
        if row is not None and row.answered_at is not None and (row.score, row.word) == (score, told):
            return row
        if row is None or row.answered_at is not None or row.asked_at <= now() - OPEN_FOR:
            raise OperationsError(
                OperationsErrorCode.NOT_NOW, _("这次评价已经结束"), None, _("谢谢，下次再听您说")
            )
        row.score, row.word, row.answered_at = score, told, now()
        row.save(update_fields=["score", "word", "answered_at"])
    return row
