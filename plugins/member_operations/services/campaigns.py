"""A campaign is written, submitted with its members, approved by somebody else, and may be stopped."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from plugins.approvals.interfaces import ApprovalRequest, submit
from plugins.coupons.interfaces import CouponTemplate, is_given_now
from plugins.members.interfaces import Member
from plugins.org_hierarchy.interfaces import may_at
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.numbering import next_number
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import NotAllowed, get_row
from saleor_o2o.kernel.states import move_locked

from ..conditions import in_words
from ..errors import OperationsError
from ..errors import OperationsErrorCode as Code
from ..kinds import CampaignState, MessageState, Way
from ..models import Campaign, CampaignMessage, Segment
from ..models.campaigns import HOME
from ..numbers import CAMPAIGN
from ..permissions import CAMPAIGN_CREATE, CAMPAIGN_STOP, desk_of
from ..selectors import audience
from ..texts import MOST

MATTER = "member_operations.campaign"
WRITTEN = audit.action("member_operations.campaign_written", _("保存营销活动"))
SUBMITTED = audit.action("member_operations.campaign_submitted", _("提交营销活动"))
STOPPED = audit.action("member_operations.campaign_stopped", _("停止营销活动"))
MOST_PEOPLE = 200_000
#: How far ahead a campaign may be planned.
AHEAD = timedelta(days=90)
SHORTEST = 4
#: A page of the shop; nothing that could lead elsewhere.
_PAGE = re.compile(r"/h5/(?:[A-Za-z0-9_-]+/?)*(?:\?[A-Za-z0-9_=&%-]*)?")


def save_campaign(
    by: Any,
    *,
    name: str,
    segment: Segment,
    way: str,
    text: str = "",
    coupon: CouponTemplate | None = None,
    starts_at: datetime | None = None,
    page: str = HOME,
    falls_back: bool = False,
    campaign: Campaign | None = None,
) -> Campaign:
    """Write a campaign of the own unit, or change a draft in reach. Locks: its row.

    Raises OutOfScope, NotAllowed, OperationsError: REQUIRED, INVALID, NOT_NOW (no longer a draft).
    """
    found = get_row(by, Segment, pk=segment.pk)
    values = {
        "name": " ".join(name.split())[:40], "segment": found, "way": way, "text": text.strip(), "coupon": coupon,
        "starts_at": starts_at or now(), "page": page.strip() or HOME, "falls_back": falls_back,
    }  # fmt: skip
    _check(values)
    with transaction.atomic():
        if campaign is None:
            row = Campaign(unit=desk_of(by, CAMPAIGN_CREATE), made_by=by, number=next_number(CAMPAIGN))
            before: dict[str, Any] = {}
        else:
            row = _locked(by, campaign, CAMPAIGN_CREATE, CampaignState.DRAFT)
            before = audit.snapshot(row)
        for field, value in values.items():
            setattr(row, field, value)
        row.save()
        audit.record(
            WRITTEN,
            row,
            before=before,
            after=audit.snapshot(row),
            actor=actor_label(by),
            org_path=row.unit.path,
        )
    return row


def _check(values: dict[str, Any]) -> None:
    if not values["name"]:
        raise OperationsError(Code.REQUIRED, _("请填写名称"), "name")
    if not values["segment"].is_active:
        raise OperationsError(Code.INVALID, _("这个分群已停用"), "segment")
    if values["way"] not in Way.values:
        raise OperationsError(Code.INVALID, _("请选择方式"), "way")
    if values["way"] == Way.COUPON:
        values["text"] = ""
        if values["coupon"] is None or not is_given_now(values["coupon"]):
            raise OperationsError(
                Code.REQUIRED, _("请选择发放中的优惠券"), "coupon", _("优惠券须先“开始发放”")
            )
    else:
        values["coupon"] = None
        if not values["text"]:
            raise OperationsError(Code.REQUIRED, _("请填写内容"), "text")
        if len(values["text"]) > MOST:
            raise OperationsError(Code.INVALID, _("内容最多 %(most)d 字") % {"most": MOST}, "text")
    if values["way"] != Way.WECHAT:
        values["page"], values["falls_back"] = HOME, False
    elif not _PAGE.fullmatch(values["page"]):
        raise OperationsError(
            Code.INVALID, _("只能是商城自己的页面"), "page", _("以 /h5/ 开头，例如 /h5/coupons")
        )
    if values["starts_at"] > now() + AHEAD:
        raise OperationsError(Code.INVALID, _("发送时间最远 90 天以后"), "starts_at")


def submit_campaign(by: Any, campaign: Campaign, note: str = "") -> Campaign:
    """Write its members down as they are now, in the reach of who submits, and ask for approval; one transaction.

    Locks: the campaign. Raises OutOfScope, NotAllowed, OperationsError: NOBODY, TOO_MANY, NOT_NOW, INVALID, and what
    the approval flow raises.
    """
    with transaction.atomic():
        row = _locked(by, campaign, CAMPAIGN_CREATE, CampaignState.DRAFT)
        segment = row.segment
        _check({"name": row.name, "segment": segment, "way": row.way, "text": row.text, "coupon": row.coupon,
                "starts_at": row.starts_at, "page": row.page, "falls_back": row.falls_back})  # fmt: skip
        people = _write_down(row, by)
        if not people:
            raise OperationsError(
                Code.NOBODY, _("现在没有符合条件的会员"), None, _("请放宽分群的条件，或换一个分群")
            )
        if people > MOST_PEOPLE:
            raise OperationsError(
                Code.TOO_MANY, _("一次活动最多 %(most)d 人，现在有 %(people)d 人") % {
                    "most": MOST_PEOPLE, "people": people,
                }, None, _("请缩小分群"),
            )  # fmt: skip
        move_locked(
            row,
            "submit",
            actor=actor_label(by),
            said=in_words(segment.conditions, segment.match),
            planned=people,
        )
        submit(MATTER, row, row.unit, by, note=note)
        audit.record(
            SUBMITTED, row, after={"segment": segment.name, "people": people}, actor=actor_label(by),
            org_path=row.unit.path,
        )  # fmt: skip
    return row


def _write_down(row: Campaign, by: Any) -> int:
    """A message for each member of the segment, in one statement; returns how many."""
    members = audience(by, row.segment.conditions, row.segment.match).order_by().values("pk")
    sql, params = members.query.sql_with_params()
    table = connection.ops.quote_name(CampaignMessage._meta.db_table)
    write = (
        f"INSERT INTO {table} (campaign_id, member_id, state, why, reference, by_text, told) "  # noqa: S608 - ours
        f"SELECT %s, found.id, %s, '', '', false, '' FROM ({sql}) AS found(id)"
    )
    with connection.cursor() as cursor:
        cursor.execute(write, [row.pk, MessageState.PLANNED.value, *params])
        return int(cursor.rowcount)


def approved(request: ApprovalRequest) -> None:
    """What follows the last decision, in its transaction. Locks: the campaign."""
    row = lock_rows(Campaign.objects.filter(pk=request.subject_id))[0]
    if row.state == CampaignState.WAITING:
        move_locked(row, "schedule")


def given_back(request: ApprovalRequest) -> None:
    """Rejected, or taken back by who submitted: a draft again, without members. Locks: the campaign."""
    row = lock_rows(Campaign.objects.filter(pk=request.subject_id))[0]
    if row.state == CampaignState.WAITING:
        row.messages.all().delete()
        move_locked(row, "give_back")


def stop_campaign(by: Any, campaign: Campaign, reason: str) -> int:
    """Nobody more is reached, from this moment on; returns how many were still to be. Locks: campaign, messages.

    A message that is being handed over at this moment goes out: the row is locked by who does it.
    Raises OutOfScope, NotAllowed, OperationsError REQUIRED, NOT_NOW; LockTimeout.
    """
    why = reason.strip()[:200]
    if len(why) < SHORTEST:
        raise OperationsError(
            Code.REQUIRED, _("请写明事由（不少于 %(count)s 字）") % {"count": SHORTEST}, "reason"
        )
    with transaction.atomic():
        row = _locked(by, campaign, CAMPAIGN_STOP, CampaignState.SCHEDULED, CampaignState.SENDING)
        move_locked(row, "stop", actor=actor_label(by), reason=why)
        left = row.messages.filter(state=MessageState.PLANNED).update(state=MessageState.STOPPED)
        audit.record(
            STOPPED, row, after={"reason": why, "left": left}, actor=actor_label(by), org_path=row.unit.path
        )
    return int(left)


def _locked(by: Any, campaign: Campaign, permission: str, *states: CampaignState) -> Campaign:
    get_row(by, Campaign, pk=campaign.pk)
    rows = Campaign.objects.filter(pk=campaign.pk).select_related("unit", "segment")
    [row] = lock_rows(rows)
    if not may_at(by, permission, row.unit):
        raise NotAllowed
    if row.state not in states:
        raise OperationsError(
            Code.NOT_NOW, _("活动现在是“%(state)s”，不能这样做") % {"state": row.get_state_display()}, None,
            _("请刷新后查看"),
        )  # fmt: skip
    return row


def preview_of(user: Any, campaign: Campaign, count: int = 3) -> list[Member]:
    """Some of those who are meant: of what was written down, else of what would be."""
    people = Member.objects.select_related("user").order_by("pk")
    if campaign.state != CampaignState.DRAFT:
        return list(people.filter(campaign_messages__campaign=campaign)[:count])
    segment = campaign.segment
    return list(
        audience(user, segment.conditions, segment.match).select_related("user").order_by("pk")[:count]
    )
