"""Talks with followers: what they write waits for a person, who answers within WeChat's window; each message goes once.

A window's five messages are counted on the follower's row, taken before the message is written. A message that was
begun and got no answer is not sent again: WeChat has no number of ours for it, and a neighbour who reads everything
twice is served worse than a clerk who is told to look.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.translation import gettext as _

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import lock_rows, require_transaction
from saleor_o2o.kernel.scope import get_row, require
from saleor_o2o.kernel.states import move_locked
from saleor_o2o.kernel.sweeping import drive_each

from .. import audits
from ..answering import SPOKEN
from ..client import call
from ..errors import Code, OfficialAccountError, WechatRefused, WechatSilent
from ..models import (
    Fan,
    Material,
    MaterialState,
    Push,
    Reply,
    ReplyForm,
    Talk,
    TalkForm,
    TalkMessage,
    TalkState,
    Trigger,
)
from ..permissions import TALK_ANSWER
from ..windows import MOST, WINDOW, window_of
from ..wire import MAX_TEXT, Said

#: Seconds after which a message whose sender has died counts as begun without an answer.
DEAD = 120
#: Seconds between two tries of a message that WeChat has not taken: 10, 20, 40 and so on; and how many.
STEP, MAX_ATTEMPTS = 10, 5
OUT_OF_WINDOW, TOO_MANY, NOT_FOLLOWING = 45015, 45047, (43004, 40003)
#: What people write is kept as long.
KEPT = timedelta(days=90)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def heard(fan: Fan, said: Said, rule: Reply | None) -> None:
    """Note a word of a follower's in the caller's transaction, which holds his row: the window, and who waits.

    Waiting is whoever was answered by no rule, by the default, or by one that calls a person; not whoever WeChat's own
    customer service has taken over. Messages come late and in any order: what was answered since does not wait.
    """
    require_transaction()
    if said.kind not in SPOKEN and said.kind != "location":
        return
    moment = datetime.fromtimestamp(said.sent_at, tz=UTC)
    # WeChat tells whole seconds: two words of one second are two words
    if fan.said_at is None or moment >= fan.said_at:
        fan.said_at, fan.answers_used = moment, 0
    if said.kind in SPOKEN and _waits(rule) and (fan.answered_at is None or moment > fan.answered_at):
        fan.waiting_since = min(fan.waiting_since or moment, moment)
    fan.save(update_fields=["said_at", "answers_used", "waiting_since"])


def _waits(rule: Reply | None) -> bool:
    if rule is None:
        return True
    return rule.form != ReplyForm.KEFU and (rule.calls_staff or rule.trigger == Trigger.DEFAULT)


def say(user: Any, fan_pk: int, form: str, values: dict[str, Any], key: str) -> TalkMessage:
    """Write to a follower; a task sends it. `values`: `text`, or `material` (a key), or `title`, `summary`,
    `picture_url`, `link_url`. The same `key` again gives the message that there is.

    Locks: the follower. Raises OutOfScope, NotAllowed, OfficialAccountError WINDOW_CLOSED, ANSWERS_USED, NOT_FOLLOWING,
    ACCOUNT_RETIRED, REPLY_EMPTY, REPLY_TOO_LONG, INVALID; LockTimeout.
    """
    with transaction.atomic():
        require(user, TALK_ANSWER, get_row(user, Talk, pk=fan_pk))
        [fan] = lock_rows(Fan.objects.filter(pk=fan_pk).select_related("account"))
        known = TalkMessage.objects.filter(fan=fan, key=key[:40]).first()
        if known is not None:
            return known
        body, material = _checked(fan, form, values)
        heard_at = _check_window(fan)
        fan.answers_used += 1
        fan.save(update_fields=["answers_used"])
        kept: Any = body  # the field's own type is text
        made = TalkMessage.objects.create(
            fan=fan, key=key[:40], form=form, body=kept, material=material, heard_at=heard_at, written_by=user,
            next_at=now(),
        )  # fmt: skip
        audit.record(audits.TALK_ANSWERED, made, after={"form": form})
        pk = made.pk
        transaction.on_commit(lambda: _start(pk), robust=True)
    return made


@transaction.atomic
def dismiss(user: Any, fan_pk: int) -> None:
    """What somebody wrote needs no answer. Locks: the follower. Raises OutOfScope, NotAllowed, LockTimeout."""
    require(user, TALK_ANSWER, get_row(user, Talk, pk=fan_pk))
    [fan] = lock_rows(Fan.objects.filter(pk=fan_pk))
    if fan.waiting_since is None:
        return
    fan.waiting_since = None
    fan.save(update_fields=["waiting_since"])
    audit.record(audits.TALK_DISMISSED, Talk.objects.get(pk=fan_pk))


def _check_window(fan: Fan) -> datetime:
    """When the word came that is answered to. Raises OfficialAccountError unless a message may be sent."""
    window = window_of(fan)
    if not fan.account.is_active:
        raise OfficialAccountError(Code.ACCOUNT_RETIRED, _("公众号已停用"), None, _("请先恢复使用"))
    if not fan.is_following:
        raise OfficialAccountError(
            Code.NOT_FOLLOWING, _("对方已取消关注，不能发送"), None, _("请改用电话联系")
        )
    if fan.said_at is None or window.until is None or window.until <= now():
        raise OfficialAccountError(
            Code.WINDOW_CLOSED, _("对方最近 48 小时没有来信，微信不允许再发"), None,
            _("请等对方再次来信，或用电话联系"),
        )  # fmt: skip
    if window.left <= 0:
        raise OfficialAccountError(
            Code.ANSWERS_USED, _("对方来信后已发满 %(most)d 条，微信不允许再发") % {"most": MOST}, None,
            _("请等对方再次来信"),
        )  # fmt: skip
    return fan.said_at


def _checked(fan: Fan, form: str, values: dict[str, Any]) -> tuple[dict[str, str], Material | None]:
    def told(name: str, most: int) -> str:
        return _CONTROL.sub("", str(values.get(name) or "")).strip()[:most]

    if form == TalkForm.TEXT:
        text = told("text", 4000)
        if not text:
            raise OfficialAccountError(Code.REPLY_EMPTY, _("请填写要回复的内容"), "text")
        size = len(text.encode())
        if size > MAX_TEXT:
            raise OfficialAccountError(
                Code.REPLY_TOO_LONG,
                _("文字有 %(size)d 字节，微信最多发送 2048 字节（约 680 个汉字）") % {"size": size},
                "text",
                _("请分成几条发送"),
            )  # fmt: skip
        return {"text": text}, None
    if form == TalkForm.IMAGE:
        rows = Material.objects.filter(account_id=fan.account_id, state=MaterialState.READY)
        material = rows.filter(pk=values.get("material") or 0).first()
        if material is None:
            raise OfficialAccountError(
                Code.INVALID, _("请选择一张图片"), "material", _("图片在“图片素材”里上传")
            )
        return {"name": material.name}, material
    if form != TalkForm.NEWS:
        raise OfficialAccountError(Code.INVALID, _("没有这种消息"), "form")
    body = {
        "title": told("title", 64), "summary": told("summary", 120), "picture_url": told("picture_url", 300),
        "link_url": told("link_url", 500),
    }  # fmt: skip
    if not body["title"]:
        raise OfficialAccountError(Code.REPLY_EMPTY, _("请填写图文标题"), "title")
    for name in ("link_url", "picture_url"):
        parts = urlsplit(body[name])
        if (name == "link_url" or body[name]) and (
            parts.scheme not in ("http", "https") or not parts.hostname
        ):
            raise OfficialAccountError(Code.INVALID, _("请填写以 https:// 开头的完整网址"), name)
    return body, None


def drive(message_pk: int) -> None:
    """Send one message; repeating it changes nothing. Calls WeChat: no transaction may be open.

    Locks before and after the call: follower, message. Raises LockTimeout.
    """
    row = _taken(message_pk)
    if row is None:
        return
    told = _told(row)
    try:
        call(row.fan.account, lambda api: api.post("message/custom/send", data=told))
    except WechatRefused as error:
        refused = error
        _settle(row.pk, lambda fan, found: _refused(fan, found, refused.errcode, refused.in_words))
    except WechatSilent as error:
        silence = error
        _settle(row.pk, lambda fan, found: _unanswered(fan, found, silence.in_words, silence.unsent))
    else:
        _settle(row.pk, _sent)


def drive_due(limit: int = 100) -> int:
    """Messages whose task was lost, or that WeChat has not taken yet; returns how many were tried."""
    due = TalkMessage.objects.filter(state__in=(TalkState.WAITING, TalkState.SENDING), next_at__lte=now())
    return drive_each(due.order_by("next_at").values_list("pk", flat=True)[:limit], drive)


def forget_old(limit: int = 5000) -> int:
    """Delete what was written to people long ago; returns how many."""
    old = TalkMessage.objects.filter(created_at__lt=now() - KEPT)
    gone, _by_model = TalkMessage.objects.filter(
        pk__in=list(old.values_list("pk", flat=True)[:limit])
    ).delete()
    return gone


def waiting_of(fan: Fan) -> int:
    """How many messages of a follower's came since somebody has answered; one statement."""
    if fan.waiting_since is None:
        return 0
    return Push.objects.filter(fan=fan, kind__in=SPOKEN, received_at__gte=fan.waiting_since).count()


def _told(row: TalkMessage) -> dict[str, Any]:
    body: Any = row.body
    told: dict[str, Any] = {"touser": row.fan.openid, "msgtype": str(row.form)}
    if row.form == TalkForm.TEXT:
        return {**told, "text": {"content": body["text"]}}
    if row.form == TalkForm.IMAGE:
        return {**told, "image": {"media_id": row.material.media_id if row.material else ""}}
    article = {
        "title": body["title"], "description": body["summary"], "url": body["link_url"], "picurl": body["picture_url"],
    }  # fmt: skip
    return {**told, "news": {"articles": [article]}}


def _taken(message_pk: int) -> TalkMessage | None:
    """The message, marked as begun; None for one that is done, waits, has come too late, or was begun by the dead."""
    with transaction.atomic():
        fan, row = _locked(message_pk)
        if row.next_at is None or row.next_at > now():
            return None
        if row.state == TalkState.SENDING:
            move_locked(row, "lose", words=_("发送中断，对方可能已经收到"))
            return None
        if row.state != TalkState.WAITING:
            return None
        if fan.said_at is None or fan.said_at + WINDOW <= now():
            _refused(fan, row, OUT_OF_WINDOW, _("对方来信已超过 48 小时，没有发出"))
            return None
        # whoever dies now leaves it to the sweep
        row.attempts, row.next_at = row.attempts + 1, now() + timedelta(seconds=DEAD)
        move_locked(row, "begin")
        row.save(update_fields=["attempts", "next_at"])
    return row


def _settle(message_pk: int, do: Any) -> None:
    with transaction.atomic():
        fan, row = _locked(message_pk)
        if row.state == TalkState.SENDING:  # the sweep may have given it up
            do(fan, row)


def _locked(message_pk: int) -> tuple[Fan, TalkMessage]:
    fan_pk = TalkMessage.objects.values_list("fan_id", flat=True).get(pk=message_pk)
    [fan] = lock_rows(Fan.objects.filter(pk=fan_pk))
    rows = TalkMessage.objects.filter(pk=message_pk).select_related("fan__account", "material")
    return fan, lock_rows(rows)[0]


def _sent(fan: Fan, row: TalkMessage) -> None:
    move_locked(row, "sent")
    fan.answered_at = max(fan.answered_at or row.created_at, row.created_at)
    if fan.waiting_since is not None and fan.waiting_since <= row.created_at:
        fan.waiting_since = None
    fan.save(update_fields=["answered_at", "waiting_since"])


def _refused(fan: Fan, row: TalkMessage, errcode: int, words: str) -> None:
    """What WeChat has not taken does not count; what it says of the window is believed."""
    if row.heard_at == fan.said_at:
        fan.answers_used = MOST if errcode == TOO_MANY else max(0, fan.answers_used - 1)
    if errcode in NOT_FOLLOWING:
        fan.is_following = False
    fan.save(update_fields=["answers_used", "is_following"])
    move_locked(row, "refuse", words=words)


def _unanswered(fan: Fan, row: TalkMessage, words: str, unsent: bool) -> None:
    if not unsent:
        move_locked(row, "lose", words=f"{words}。{_('对方可能已经收到')}"[:160])
    elif row.attempts >= MAX_ATTEMPTS:
        _refused(fan, row, 0, words)
    else:
        move_locked(row, "postpone", words=words)
        row.next_at = now() + timedelta(seconds=STEP * 2**row.attempts)
        row.save(update_fields=["next_at"])


def _start(message_pk: int) -> None:
    from ..tasks import send_talk

    send_talk.delay(message_pk)
