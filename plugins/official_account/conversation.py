"""A talk as it went: what somebody wrote, what was answered by itself, by the staff, what was told of orders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import xmltodict
from django.utils.translation import gettext as _

from .models import Fan, Push, Sending, TalkForm, TalkMessage
from .wire import BadPush, Said, reread

#: Entries of a talk that a page shows; older ones are in the list of what came.
SHOWN = 80


@dataclass(frozen=True)
class Line:
    """One entry. `side`: `them`, `us`, or `note` for what was done and not said. `state` of what the staff sent."""

    at: datetime
    side: str
    text: str
    kind: str = "text"
    title: str = ""
    url: str = ""
    picture: str = ""
    by: str = ""
    state: str = ""
    state_words: str = ""
    result: str = ""
    material: int = 0


def lines_of(fan: Fan) -> list[Line]:
    """The newest entries, the oldest of them first; three statements, whatever the talk's length."""
    found: list[Line] = []
    for push in fan.pushes.select_related("account", "answered_by").order_by("-pk")[:SHOWN]:
        found += _pushed(push)
    for message in fan.talk.select_related("written_by", "material").order_by("-pk")[:SHOWN]:
        found.append(_written(message))
    for sending in fan.sendings.select_related("template").order_by("-pk")[:SHOWN]:
        found.append(_sent(sending))
    return sorted(found, key=lambda line: line.at)[-SHOWN:]


def _pushed(push: Push) -> list[Line]:
    try:
        said = reread(push.account, push.body)
    except BadPush:
        return []
    lines = [_heard(push, said)]
    if push.answer:
        lines.append(_answered(push))
    return [line for line in lines if line is not None]


def _heard(push: Push, said: Said) -> Line | None:
    def told(name: str) -> str:
        return str(said.values.get(name) or "")[:500]

    at = push.received_at
    if said.event:
        words = {
            "subscribe": _("关注了公众号"), "unsubscribe": _("取消了关注"), "scan": _("扫了二维码"),
            "click": _("点了菜单"), "view": _("从菜单打开了网页"),
        }.get(said.event)  # fmt: skip
        return Line(at, "note", words) if words else None
    if said.kind == "text":
        return Line(at, "them", said.text)
    if said.kind == "image":
        return Line(at, "them", _("图片"), kind="image", url=told("PicUrl"))
    if said.kind == "voice":
        return Line(at, "them", told("Recognition") or _("语音，请在微信公众平台收听"), kind="voice")
    if said.kind == "location":
        return Line(at, "them", told("Label") or _("位置"), kind="location")
    if said.kind == "link":
        return Line(at, "them", told("Title"), kind="link", url=told("Url"))
    return Line(at, "them", _("视频，请在微信公众平台查看"), kind=said.kind)


def _answered(push: Push) -> Line | None:
    by = _("自动回复")
    try:
        told: dict[str, Any] = xmltodict.parse(push.answer)["xml"]
        kind = told["MsgType"]
        if kind == "text":
            return Line(push.received_at, "us", told.get("Content") or "", by=by)
        if kind == "news":
            items = told["Articles"]["item"]
            first = items[0] if isinstance(items, list) else items
            return Line(push.received_at, "us", first.get("Description") or "", kind="news",
                        title=first.get("Title") or "", url=first.get("Url") or "", by=by)  # fmt: skip
        if kind == "transfer_customer_service":
            return Line(push.received_at, "note", _("已转给微信自带的客服"))
    except (KeyError, TypeError, IndexError, xmltodict.expat.ExpatError):
        return None
    return Line(push.received_at, "us", _("图片"), kind="image", by=by)


def _written(message: TalkMessage) -> Line:
    body: Any = message.body
    common: dict[str, Any] = {
        "by": str(message.written_by.first_name or _("员工")) if message.written_by else _("员工"),
        "state": message.state, "state_words": message.get_state_display(), "result": message.result,
    }  # fmt: skip
    if message.form == TalkForm.TEXT:
        return Line(message.created_at, "us", body.get("text", ""), **common)
    if message.form == TalkForm.IMAGE:
        text = body.get("name") or _("图片")
        return Line(message.created_at, "us", text, kind="image", material=message.material_id or 0, **common)
    return Line(message.created_at, "us", body.get("summary", ""), kind="news", title=body.get("title", ""),
                url=body.get("link_url", ""), **common)  # fmt: skip


def _sent(sending: Sending) -> Line:
    return Line(
        sending.created_at, "note",
        _("消息通知：%(what)s（%(state)s）")
        % {"what": sending.template.get_occasion_display(), "state": sending.get_state_display()},
    )  # fmt: skip
