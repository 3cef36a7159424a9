"""Handing over: one member at a time, under the member's lock, in the transaction that counts it against the rule.

The message's state alone says whether it is still to go: handed over, it is never handed over again, whoever dies when.
What sends it (text messages, WeChat, coupons) has a number or key of its own, written in the same transaction.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from plugins.coupons.interfaces import CouponError, give_direct
from plugins.members.interfaces import Member, MemberStatus, outcomes_of_texts, text_to
from plugins.official_account.interfaces import outcomes_of_messages, refusals_of_messages, tell
from plugins.org_hierarchy.interfaces import Deed, is_barred
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.states import move_locked
from saleor_o2o.kernel.sweeping import drive_each

from ..kinds import REACHED, CampaignState, MessageState, SkipWhy, Way
from ..models import Campaign, CampaignMessage, ContactRule
from ..selectors import gift_prefix, rule_now
from ..texts import TEMPLATE, rendered

#: Messages of one round; the next round is the next task.
BATCH = 200
#: A text message of a campaign is worth nothing after so long.
WORTH = timedelta(hours=6)
#: So many times `limit` handed messages are looked at in one run.
ROUNDS = 20
DAY, MONTH = timedelta(days=1), timedelta(days=30)


def due() -> list[int]:
    """Campaigns whose time has come and that are not over."""
    rows = Campaign.objects.filter(
        state__in=(CampaignState.SCHEDULED, CampaignState.SENDING), starts_at__lte=now()
    )
    return list(rows.order_by("starts_at", "pk").values_list("pk", flat=True))


def drive(campaign_pk: int) -> int:
    """Hand over a batch; returns how many were dealt with: 0 in quiet hours, and when there is nothing left to do.

    Locks each member and message for itself; the campaign at its beginning and end. Two workers share the work.
    """
    rule = rule_now()
    if rule.is_quiet(now()) or not _begun(campaign_pk):
        return 0
    planned = CampaignMessage.objects.filter(campaign_id=campaign_pk, state=MessageState.PLANNED)
    keys = list(planned.order_by("pk").values_list("pk", flat=True)[:BATCH])
    if not keys:
        _finish(campaign_pk)
        return 0
    return drive_each(keys, lambda pk: hand_over(pk, rule))


def hand_over(message_pk: int, rule: ContactRule) -> MessageState | None:
    """Deal with one message; None where it is somebody else's or over. Repeating it changes nothing.

    Locks: the member, the message; a coupon's template. Raises LockTimeout.
    """
    with transaction.atomic():
        found = CampaignMessage.objects.filter(pk=message_pk).values_list("member_id", flat=True).first()
        members = lock_member(found or 0)
        rows = lock_rows(
            CampaignMessage.objects.filter(pk=message_pk, state=MessageState.PLANNED).select_related(
                "campaign__coupon"
            )
        )
        if not rows or not members or rows[0].member_id != members[0].pk:
            return None
        [row], [member] = rows, members
        why = _unfit(row.campaign, member)
        if why is not None:
            return _settle(row, MessageState.SKIPPED, why)
        if is_capped(member, rule, now()):
            return _settle(row, MessageState.CAPPED)
        reference = _WAYS[Way(row.campaign.way)](row, member)
        if isinstance(reference, SkipWhy):
            return _settle(row, MessageState.SKIPPED, reference)
        row.reference, row.handed_at = reference, now()
        over = MessageState.SENT if row.campaign.way == Way.COUPON else MessageState.HANDED
        return _settle(row, over)


def lock_member(pk: int) -> list[Member]:
    """Lock a member: what reaches him is counted under this lock."""
    return lock_rows(Member.objects.filter(pk=pk).select_related("user"), no_key=True)


def is_capped(member: Member, rule: ContactRule, moment: datetime) -> bool:
    """True when a member has been reached as often as the rule allows, by campaigns of whatever unit; one statement."""
    times = list(
        CampaignMessage.objects.filter(
            member=member, state__in=REACHED, handed_at__gt=moment - MONTH
        ).values_list("handed_at", flat=True)
    )
    today = timezone.localtime(moment).date()
    same_day = [one for one in times if one is not None and timezone.localtime(one).date() == today]
    return len(same_day) >= rule.per_day or len(times) >= rule.per_month


def settle_due(limit: int = 500) -> int:
    """Take over what became of handed messages from those who send them; returns how many are over now.

    What WeChat certainly did not deliver goes as a text message where its campaign says so. Four statements for each
    `limit` messages, and a transaction for each that falls back.
    """
    done, last = 0, 0
    handed = (
        CampaignMessage.objects.filter(state=MessageState.HANDED).select_related("campaign").order_by("pk")
    )
    for _round in range(ROUNDS):
        found = list(handed.filter(pk__gt=last)[:limit])
        if not found:
            break
        last = found[-1].pk
        done += _settle_some(found)
    return done


def _settle_some(found: list[CampaignMessage]) -> int:
    by_way = {
        way: {row.reference: row.pk for row in found if _way_of(row) == way} for way in (Way.SMS, Way.WECHAT)
    }
    told = {
        by_way[way][reference]: arrived
        for way, ask in ((Way.SMS, outcomes_of_texts), (Way.WECHAT, outcomes_of_messages))
        for reference, arrived in (ask(list(by_way[way])) if by_way[way] else {}).items()
    }
    refused = refusals_of_messages(list(by_way[Way.WECHAT])) if by_way[Way.WECHAT] else {}
    quiet = rule_now().is_quiet(now()) if refused else False
    done = 0
    for row in found:
        words = refused.get(row.reference) if _way_of(row) == Way.WECHAT else None
        if words is not None and row.campaign.falls_back:
            if not quiet:  # a text message at night waits for the morning
                done += _fall_back(row.pk, words)
            told.pop(row.pk, None)
        elif words is not None:
            CampaignMessage.objects.filter(pk=row.pk, state=MessageState.HANDED).update(told=words[:160])
    for state, wanted in ((MessageState.SENT, True), (MessageState.FAILED, False)):
        keys = [pk for pk, arrived in told.items() if arrived is wanted]
        rows = CampaignMessage.objects.filter(pk__in=keys, state=MessageState.HANDED)
        done += rows.update(state=state) if keys else 0
    return done


def _way_of(row: CampaignMessage) -> str:
    """By what a message is on its way."""
    return Way.SMS if row.by_text else row.campaign.way


def _fall_back(message_pk: int, words: str) -> int:
    """WeChat did not deliver: a text message instead, once; 1 where there is nobody to send it to, or nothing to send.

    The same contact, so the rule is not asked again; standing and consent are. Locks: the member, the message.
    """
    with transaction.atomic():
        member_id = CampaignMessage.objects.values_list("member_id", flat=True).get(pk=message_pk)
        members = lock_member(member_id)
        rows = lock_rows(
            CampaignMessage.objects.filter(
                pk=message_pk, state=MessageState.HANDED, by_text=False
            ).select_related("campaign")
        )
        if not rows or not members or rows[0].member_id != members[0].pk:
            return 0
        [row], [member] = rows, members
        row.told = words[:160]
        may = row.campaign.state in (CampaignState.SENDING, CampaignState.DONE)
        reference = (
            _by_text(row, member) if may and _unfit(row.campaign, member) is None else SkipWhy.NO_MOBILE
        )
        if isinstance(reference, SkipWhy):
            _settle(row, MessageState.FAILED)
            return 1
        row.reference, row.by_text = reference, True
        _settle(row, MessageState.HANDED)
    return 0


def _begun(campaign_pk: int) -> bool:
    with transaction.atomic():
        rows = lock_rows(Campaign.objects.filter(pk=campaign_pk, starts_at__lte=now()))
        if not rows:
            return False
        [row] = rows
        if row.state == CampaignState.SCHEDULED:
            move_locked(row, "begin")
        return bool(row.state == CampaignState.SENDING)


def _finish(campaign_pk: int) -> None:
    with transaction.atomic():
        [row] = lock_rows(Campaign.objects.filter(pk=campaign_pk))
        left = row.messages.filter(state=MessageState.PLANNED).exists()
        if row.state == CampaignState.SENDING and not left:
            move_locked(row, "finish")


def _unfit(campaign: Campaign, member: Member) -> SkipWhy | None:
    """Why this member is not to be reached, as things are now; gifts need no consent, advertising does."""
    if member.status != MemberStatus.ACTIVE:
        return SkipWhy.NOT_ACTIVE
    if is_barred(member.user, Deed.GIFTS if campaign.way == Way.COUPON else Deed.MARKETING):
        return SkipWhy.FORBIDDEN
    if campaign.way != Way.COUPON:
        profile = getattr(member, "profile", None)
        if profile is None or not profile.marketing:
            return SkipWhy.NO_CONSENT
    return None


def _settle(row: CampaignMessage, state: MessageState, why: SkipWhy | None = None) -> MessageState:
    row.state, row.why = state, why or ""
    row.save(update_fields=["state", "why", "reference", "handed_at", "token", "by_text", "told"])
    return state


def _by_text(row: CampaignMessage, member: Member) -> str | SkipWhy:
    text = rendered(row.campaign.text, member)
    return text_to(member, TEMPLATE, {"text": text}, expires_after=WORTH) or SkipWhy.NO_MOBILE


def _by_wechat(row: CampaignMessage, member: Member) -> str | SkipWhy:
    """With a link by which a tap is known; who does not follow gets a text message, if the campaign says so."""
    row.token = secrets.token_urlsafe(12)
    values = {"title": row.campaign.name, "text": rendered(row.campaign.text, member)}
    key = f"campaign:{row.campaign_id}:{member.pk}"
    if reference := tell(member.user_id, "campaign", key, values, link=link_of(row.token)):
        return reference
    row.token = None
    if not row.campaign.falls_back:
        return SkipWhy.NOT_FOLLOWING
    row.by_text, row.told = True, str(SkipWhy.NOT_FOLLOWING.label)[:160]
    return _by_text(row, member)


def link_of(token: str) -> str:
    """The address in a WeChat message; whoever opens it is led to the campaign's page."""
    return f"{settings.PUBLIC_URL.rstrip('/')}/member_operations/c/{token}/"


def _by_coupon(row: CampaignMessage, member: Member) -> str | SkipWhy:
    """The template's limits hold; a gift that cannot be given takes only itself back."""
    try:
        with transaction.atomic():
            [coupon] = give_direct(
                row.campaign.coupon_id or 0,
                member,
                f"{gift_prefix(row.campaign)}{member.pk}",
                row.campaign.name,
            )
    except CouponError:
        return SkipWhy.NO_COUPON
    return str(coupon.number)


_WAYS: dict[Way, Callable[[CampaignMessage, Member], str | SkipWhy]] = {
    Way.SMS: _by_text,
    Way.WECHAT: _by_wechat,
    Way.COUPON: _by_coupon,
}
