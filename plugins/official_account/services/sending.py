"""Template and subscribe messages: planned with the news, sent by a task, once; WeChat's word on whether they arrived.

WeChat knows a message by our `client_msg_id` for ten minutes: within them an unanswered one is sent again without being
sent twice, afterwards not. The day's quota of an account is a count on its row, taken before each call.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from plugins.members.interfaces import text_instead
from saleor_o2o.kernel.clock import midnight, now, today
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.states import move_locked
from saleor_o2o.kernel.sweeping import drive_each

from ..client import call
from ..errors import Code, OfficialAccountError, WechatRefused, WechatSilent
from ..models import Account, Fan, MessageKind, MessageTemplate, Occasion, Sending, SendingState
from ..permissions import CONTENT, require_at
from . import consents

#: How long WeChat tells a message sent again from a second one.
KNOWN = timedelta(minutes=9)
#: Seconds between two tries: 10, 20, 40 and so on.
STEP = 10
#: Subscribe messages: seconds after which a sender counts as dead, and tries of what was certainly not sent.
DEAD, MAX_ATTEMPTS = 120, 5
#: So many characters of a thing WeChat takes.
THING = 20
#: Among the values of a message: its text message has gone instead.
TEXTED = "_texted"
#: Among them: where it leads, before what its template says.
LINK = "_link"
NOT_FOLLOWING, BAD_TEMPLATE, NO_MORE_TODAY, NO_CONSENT = 43004, 40037, 45009, 43101


def plan(user_id: int | None, occasion: str, key: str, values: dict[str, str]) -> Sending | None:
    """Tell a member of something, in the caller's transaction: at the account that he follows and last used.

    As a template message where there is one; else as a subscribe message, if he has agreed to it. None where nobody is
    to be told: no member, no follower, no template, no consent, or told already (`key`).
    """
    if user_id is None:
        return None
    fan, template = _way(user_id, occasion)
    if fan is None or template is None:
        return None
    kept: Any = values  # the field's own type is text
    try:
        with transaction.atomic():
            made = Sending.objects.create(
                account_id=template.account_id,
                fan=fan,
                template=template,
                key=key[:64],
                values=kept,
                next_at=now(),
            )
    except IntegrityError:
        return None
    pk = made.pk
    transaction.on_commit(lambda: _start(pk), robust=True)
    return made


def tell(user_id: int | None, occasion: str, key: str, words: Mapping[str, str]) -> bool:
    """The way of members (`register_way`): whether a member is told here, now or under the same key before."""
    if user_id is None:
        return False
    if Sending.objects.filter(fan__user_id=user_id, key=key[:64]).exists():
        return True
    return plan(user_id, occasion, key, dict(words)) is not None


def _way(user_id: int, occasion: str) -> tuple[Fan | None, MessageTemplate | None]:
    """The account that a member last used of those he follows, and how it can tell him; two statements, or three."""
    fans = {
        fan.account_id: fan
        for fan in Fan.objects.filter(user_id=user_id, is_following=True, account__state="active").order_by(
            F("seen_at").asc(nulls_first=True), "-pk"
        )
    }
    templates = MessageTemplate.objects.filter(occasion=occasion, is_active=True, account_id__in=fans)
    order = list(reversed(fans))
    found = sorted(
        templates, key=lambda one: (order.index(one.account_id), one.kind != MessageKind.TEMPLATE, one.pk)
    )
    for template in found:
        fan = fans[template.account_id]
        if template.kind == MessageKind.TEMPLATE:
            return fan, template
        if fan.consents.filter(template_id=template.template_id, left__gt=0).exists():
            return fan, template
    return None, None


def drive(sending_pk: int) -> None:
    """Send one message; repeating it changes nothing. Calls WeChat: no transaction may be open.

    Locks before the call: account, message. Raises LockTimeout.
    """
    row = _taken(sending_pk)
    if row is None:
        return
    told: dict[str, Any] = {
        "touser": row.fan.openid, "template_id": row.template.template_id,
        "data": {
            keyword: {"value": str(row.values.get(word, ""))[: THING if keyword.startswith("thing") else 200]}
            for keyword, word in row.template.fields.items()
        },
    }  # fmt: skip
    address, link = "message/subscribe/bizsend", "page"
    if row.template.kind == MessageKind.TEMPLATE:
        told["client_msg_id"] = f"o2o-{row.pk}"
        address, link = "message/template/send", "url"
    leads = row.values.get(LINK) or row.template.link_url.replace(
        "{number}", quote(str(row.values.get("number", "")), safe="")
    )
    if leads:
        told[link] = leads
    try:
        answer = call(row.account, lambda api: api.post(address, data=told))
    except WechatRefused as refused:
        _refused(row, refused)
    except WechatSilent as silence:
        _later(row.pk, silence)
    else:
        _settle(row.pk, "sent", msgid=str(answer.get("msgid", "")))


def drive_due(limit: int = 100) -> int:
    """Messages whose task was lost, that got no answer, or that waited for the next day; returns how many."""
    due = Sending.objects.filter(state=SendingState.WAITING, next_at__lte=now()).order_by("next_at")
    return drive_each(due.values_list("pk", flat=True)[:limit], drive)


def finished(account: Account, msgid: str, status: str) -> None:
    """WeChat tells what became of a message, in the caller's transaction. Locks: the message."""
    sent = Sending.objects.filter(account=account, msgid=msgid, state=SendingState.SENT)
    for row in lock_rows(sent.select_related("fan", "template")):
        if status == "success":
            move_locked(row, "deliver")
        else:
            words = (
                _("对方拒收公众号消息")
                if "block" in status
                else _("微信发送失败：%(why)s") % {"why": status[:60]}
            )
            _undelivered(row, "bounce", words)


def notice_finished(fan: Fan, told: dict[str, Any]) -> None:
    """WeChat tells what became of a subscribe message, in the caller's transaction. Locks: the message.

    Its number is told now for the first time: it is the oldest one of this template that waits for news.
    """
    rows = Sending.objects.filter(
        fan=fan, state=SendingState.SENT, template__kind=MessageKind.SUBSCRIBE,
        template__template_id=str(told.get("TemplateId", "")),
    )  # fmt: skip
    first = rows.order_by("pk").values_list("pk", flat=True).first()
    waiting = Sending.objects.filter(pk=first or 0, state=SendingState.SENT)
    for row in lock_rows(waiting.select_related("fan", "template")):
        row.msgid = str(told.get("MsgID", ""))[:32]
        if str(told.get("ErrorCode", "")) == "0":
            move_locked(row, "deliver")
        else:
            words = _("微信发送失败：%(why)s") % {"why": str(told.get("ErrorStatus", ""))[:60]}
            _undelivered(row, "bounce", words)


@transaction.atomic
def send_again(user: Any, sending_pk: int) -> None:
    """A person has mended what kept a message back; not a campaign's, which has gone on.

    Raises NotAllowed, IllegalMove, OfficialAccountError INVALID.
    """
    [row] = lock_rows(Sending.objects.filter(pk=sending_pk).select_related("account__unit", "template"))
    require_at(user, CONTENT, row.account.unit)
    if row.template.occasion == Occasion.CAMPAIGN:
        raise OfficialAccountError(
            Code.INVALID, _("会员活动的消息不单独重发"), None, _("活动已按失败处理，可能已改发短信")
        )
    move_locked(row, "again")
    transaction.on_commit(lambda: _start(sending_pk), robust=True)


def _taken(sending_pk: int) -> Sending | None:
    """The message, with one of the day's messages counted for it; None for one that is done or must wait."""
    with transaction.atomic():
        account_pk = Sending.objects.values_list("account_id", flat=True).get(pk=sending_pk)
        [account] = lock_rows(Account.objects.filter(pk=account_pk), no_key=True)
        rows = Sending.objects.filter(pk=sending_pk).select_related("account", "fan", "template")
        [row] = lock_rows(rows)
        if row.state != SendingState.WAITING or row.next_at is None or row.next_at > now():
            return None
        once = row.template.kind == MessageKind.SUBSCRIBE
        if once and row.begun_at is not None:  # WeChat has no number of ours for it: never a second time
            move_locked(row, "lose", words=_("发送中断，对方可能已经收到"))
            return None
        if once and not consents.take_one(row.fan_id, row.template.template_id):
            _without_consent(row, _("对方没有同意接收这个通知，或次数已用完"))
            return None
        if once:
            row.attempts, row.begun_at = row.attempts + 1, now()
            row.next_at = now() + timedelta(seconds=DEAD)
            row.save(update_fields=["attempts", "begun_at", "next_at"])
            return row
        if account.quota_day != today():
            account.quota_day, account.quota_used = today(), 0
        if account.quota_used >= account.daily_quota:
            row.next_at, row.result = (
                midnight(today() + timedelta(days=1)),
                _("今天的发送额度已用完，明天再发"),
            )
            row.save(update_fields=["next_at", "result"])
            return None
        account.quota_used += 1
        account.save(update_fields=["quota_day", "quota_used"])
        row.attempts += 1
        row.begun_at = row.begun_at or now()
        # whoever dies now leaves it to the sweep, not to nobody
        row.next_at = now() + timedelta(seconds=STEP * 2**row.attempts)
        row.save(update_fields=["attempts", "begun_at", "next_at"])
    return row


def _refused(row: Sending, refused: WechatRefused) -> None:
    if row.template.kind == MessageKind.SUBSCRIBE:
        if refused.errcode == NO_CONSENT:
            consents.refused(row.fan_id, row.template.template_id)
            with transaction.atomic():
                [held] = lock_rows(Sending.objects.filter(pk=row.pk).select_related("fan", "template"))
                if held.state == SendingState.WAITING:
                    _without_consent(held, refused.in_words)
            return
        consents.give_back(row.fan_id, row.template.template_id)
    if refused.errcode == NO_MORE_TODAY:
        tomorrow = midnight(today() + timedelta(days=1))
        waiting = Sending.objects.filter(pk=row.pk, state=SendingState.WAITING)
        waiting.update(next_at=tomorrow, begun_at=None, result=refused.in_words[:160])
        return
    if refused.errcode == NOT_FOLLOWING:
        Fan.objects.filter(pk=row.fan_id).update(is_following=False)
    if refused.errcode == BAD_TEMPLATE:
        MessageTemplate.objects.filter(pk=row.template_id).update(
            is_active=False, result=refused.in_words[:120]
        )
    with transaction.atomic():
        [held] = lock_rows(Sending.objects.filter(pk=row.pk).select_related("fan", "template"))
        if held.state == SendingState.WAITING:  # another worker has been told the same
            _undelivered(held, "refuse", refused.in_words)


def _without_consent(row: Sending, words: str) -> None:
    """A *locked* message that nobody agreed to (any more) goes by text, where the occasion has one; once."""
    move_locked(row, "refuse", words=words)
    _text(row, _("对方没有同意微信通知，已改发短信"))


def _undelivered(row: Sending, how: str, words: str) -> None:
    """A *locked* message certainly did not arrive: why, and by text instead."""
    move_locked(row, how, words=words)
    _text(row, _("%(why)s，已改发短信") % {"why": words})


def _text(row: Sending, result: str) -> None:
    """A *locked* message that certainly did not arrive goes by text, where the occasion has one; once.

    Not a campaign's: whether that one goes by text is for the campaign to say.
    """
    # texted: a person has had it sent again, and it was refused again
    if row.values.get(TEXTED) or row.template.occasion == Occasion.CAMPAIGN:
        return
    if text_instead(row.fan.user_id, row.template.occasion, row.values):
        kept: Any = {**row.values, TEXTED: "1"}  # the field's own type is text
        row.values, row.result = kept, result[:160]
        row.save(update_fields=["values", "result"])


def _later(sending_pk: int, silence: WechatSilent) -> None:
    with transaction.atomic():
        [row] = lock_rows(Sending.objects.filter(pk=sending_pk).select_related("fan", "template"))
        if row.state != SendingState.WAITING:
            return
        if row.template.kind == MessageKind.SUBSCRIBE:
            if not silence.unsent:  # it may have arrived: never a second time, by whatever way
                move_locked(row, "lose", words=silence.in_words)
            elif row.attempts >= MAX_ATTEMPTS:
                _undelivered(row, "refuse", silence.in_words)
            else:
                row.begun_at = None
            if silence.unsent:
                consents.give_back(row.fan_id, row.template.template_id)
        following = now() + timedelta(seconds=STEP * 2**row.attempts)
        if row.state != SendingState.WAITING:
            return
        if row.begun_at is not None and following - row.begun_at > KNOWN:
            move_locked(row, "lose", words=silence.in_words)
            return
        row.next_at, row.result = following, silence.in_words[:160]
        row.save(update_fields=["next_at", "begun_at", "result"])


def _settle(sending_pk: int, transition: str, **told: str) -> None:
    with transaction.atomic():
        [row] = lock_rows(Sending.objects.filter(pk=sending_pk))
        if row.state == SendingState.WAITING:  # another worker has been told the same
            move_locked(row, transition, **told)


def _start(sending_pk: int) -> None:
    from ..tasks import send_message

    send_message.delay(sending_pk)
