"""Rules of the automatic answers are written, changed and taken away."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import lock_rows

from .. import audits
from ..answering import normal
from ..errors import Code, OfficialAccountError
from ..models import Account, Material, MaterialState, Reply, ReplyForm, Trigger
from ..permissions import CONTENT, require_at
from ..wire import MAX_TEXT

FIELDS = (
    "trigger",
    "words",
    "form",
    "text",
    "media_id",
    "title",
    "summary",
    "picture_url",
    "link_url",
    "calls_staff",
    "is_active",
)
MOST_WORDS = 20
#: Rules of one account: all of them are read for each message.
MOST_RULES = 300
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@transaction.atomic
def save_reply(user: Any, account_pk: int, values: dict[str, Any], reply_pk: int | None = None) -> Reply:
    """Write a rule of an account, or change one. `values`: :data:`FIELDS`, `words` as a list.

    Locks: the account, so that no word is given to two rules. Raises NotAllowed, OfficialAccountError INVALID,
    REPLY_EMPTY, REPLY_TOO_LONG, KEYWORD_TAKEN, LockTimeout.
    """
    [account] = lock_rows(Account.objects.filter(pk=account_pk).select_related("unit"), no_key=True)
    require_at(user, CONTENT, account.unit)
    reply = Reply(account=account) if reply_pk is None else lock_rows(account.replies.filter(pk=reply_pk))[0]
    before = audit.snapshot(reply, FIELDS) if reply_pk else {}
    for name in FIELDS:
        setattr(reply, name, values.get(name, getattr(reply, name)))
    for name in ("text", "media_id", "title", "summary", "picture_url", "link_url"):
        setattr(reply, name, _CONTROL.sub("", getattr(reply, name)).strip())
    reply.words = _words(reply.trigger, reply.words)
    _check(reply)
    _check_others(account, reply)
    reply.edited_at = now()
    try:
        with transaction.atomic():
            reply.save()
    except IntegrityError as error:
        raise _one_only() from error
    audit.record(audits.REPLY_SAVED, reply, before=before, after=audit.snapshot(reply, FIELDS))
    return reply


@transaction.atomic
def delete_reply(user: Any, reply_pk: int) -> None:
    """Take a rule away; what was answered by it stays written down. Raises NotAllowed."""
    reply = Reply.objects.select_related("account__unit").get(pk=reply_pk)
    require_at(user, CONTENT, reply.account.unit)
    audit.record(audits.REPLY_DELETED, reply, before=audit.snapshot(reply, FIELDS))
    reply.delete()


def _words(trigger: str, words: list[str]) -> list[str]:
    if trigger in (Trigger.SUBSCRIBE, Trigger.DEFAULT):
        return []
    found: dict[str, str] = {}
    for word in words:
        plain = _CONTROL.sub("", word).strip()
        if plain:
            found.setdefault(normal(plain), plain)
    if not found:
        raise OfficialAccountError(Code.INVALID, _("请至少填写一个关键词（菜单则填按钮的 KEY）"), "words")
    if len(found) > MOST_WORDS or any(len(word) > 60 for word in found.values()):
        raise OfficialAccountError(
            Code.INVALID, _("最多 20 个关键词，每个不超过 60 字"), "words", _("请拆成几条规则")
        )
    return list(found.values())


def _check(reply: Reply) -> None:
    if reply.trigger not in Trigger.values or reply.form not in ReplyForm.values:
        raise OfficialAccountError(Code.INVALID, _("没有这种回复"), "trigger")
    size = len(reply.text.encode())
    if size > MAX_TEXT:
        raise OfficialAccountError(
            Code.REPLY_TOO_LONG,
            _("文字有 %(size)d 字节，微信最多发送 2048 字节（约 680 个汉字）") % {"size": size},
            "text",
            _("请缩短，或改用图文加链接"),
        )
    needed: dict[str, tuple[str, ...]] = {
        ReplyForm.TEXT: ("text",),
        ReplyForm.IMAGE: ("media_id",),
        ReplyForm.NEWS: ("title", "link_url"),
    }
    if reply.form == ReplyForm.KEFU and reply.trigger in (Trigger.SUBSCRIBE, Trigger.CLICK):
        raise OfficialAccountError(
            Code.INVALID,
            _("微信只能把来信转给客服，关注和点菜单不能转"),
            "form",
            _("请改用文字，请对方直接留言"),
        )
    for name in needed.get(reply.form, ()):
        if not getattr(reply, name):
            raise OfficialAccountError(Code.REPLY_EMPTY, _("请填写要回复的内容"), name)
    if reply.form == ReplyForm.IMAGE:
        ready = Material.objects.filter(account_id=reply.account_id, state=MaterialState.READY)
        if not ready.filter(media_id=reply.media_id).exists():
            raise OfficialAccountError(
                Code.REPLY_EMPTY,
                _("这个公众号没有这张图片"),
                "media_id",
                _("请先在“图片素材”里上传，或从微信同步"),
            )
    if reply.form == ReplyForm.NEWS:
        for name in ("picture_url", "link_url"):
            _check_address(name, getattr(reply, name))


def _check_address(name: str, value: str) -> None:
    if not value:
        return
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise OfficialAccountError(Code.INVALID, _("请填写以 https:// 开头的完整网址"), name)


def _check_others(account: Account, reply: Reply) -> None:
    others = list(account.replies.filter(is_active=True).exclude(pk=reply.pk))
    if len(others) >= MOST_RULES:
        raise OfficialAccountError(
            Code.INVALID, _("一个公众号最多 300 条规则"), None, _("请先删除不用的规则")
        )
    if not reply.is_active:
        return
    if reply.trigger in (Trigger.SUBSCRIBE, Trigger.DEFAULT):
        if any(other.trigger == reply.trigger for other in others):
            raise _one_only()
        return
    mine = {normal(word): word for word in reply.words}
    for other in others:
        if other.trigger != reply.trigger:
            continue
        for word in other.words:
            if normal(word) in mine:
                raise OfficialAccountError(
                    Code.KEYWORD_TAKEN,
                    _("“%(word)s”已经在规则“%(rule)s”里") % {"word": mine[normal(word)], "rule": other},
                    "words",
                    _("请修改那条规则，或先停用它"),
                )


def _one_only() -> OfficialAccountError:
    return OfficialAccountError(
        Code.KEYWORD_TAKEN, _("这个公众号已经有一条同类的回复"), "trigger", _("请修改原来那条，或先停用它")
    )
