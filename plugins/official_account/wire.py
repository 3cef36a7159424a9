"""WeChat's side of a push: its signature, its encryption, its XML, and answers in the same form.

The library does the encryption and writes the answers; what it leaves open is closed here: signatures are compared in
constant time, nothing that comes from outside raises anything but :class:`BadPush`, and no text ends its CDATA early.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import xmltodict
from wechatpy.crypto import WeChatCrypto
from wechatpy.replies import ArticlesReply, ImageReply, TextReply, TransferCustomerServiceReply

from .models import Account, PushMode

#: Seconds that a push's own clock may differ from ours: an old signature opens nothing.
WINDOW = 300
#: Bytes of a text that WeChat delivers.
MAX_TEXT = 2048


class BadPush(Exception):
    """Not a push of this account's; `code` says why, for the record."""

    def __init__(self, code: str, status: int) -> None:
        super().__init__(code)
        self.code, self.status = code, status


@dataclass(frozen=True)
class Said:
    """A message or event as it was sent. `event` and `kind` in lower case; `scene` of a code that was scanned."""

    receiver: str
    openid: str
    sent_at: int
    kind: str
    event: str
    key: str
    message_id: str
    text: str
    values: Mapping[str, Any]

    @property
    def scene(self) -> str:
        """The scene of the code: `qrscene_…` when somebody follows by it, bare when a follower scans."""
        if self.event == "subscribe":
            return self.key.removeprefix("qrscene_") if self.key.startswith("qrscene_") else ""
        return self.key if self.event == "scan" else ""

    @property
    def identity(self) -> str:
        """What tells repetitions apart: the message's number; an event has none."""
        if self.message_id and self.kind != "event":
            return f"m{self.message_id}"
        about = self.key or str(self.values.get("MsgID", ""))
        if self.event.startswith("subscribe_msg_"):  # of one second, two may tell of different messages
            about = repr([value for name, value in self.values.items() if name.startswith("SubscribeMsg")])
        told = f"{self.openid}\0{self.sent_at}\0{self.event}\0{about}"
        return f"e{hashlib.sha256(told.encode()).hexdigest()[:40]}"


def check_greeting(account: Account, asked: Mapping[str, str]) -> None:
    """Raise BadPush unless WeChat has signed this address (GET, plain mode)."""
    told = _signed(account.token, asked.get("timestamp", ""), asked.get("nonce", ""))
    if not hmac.compare_digest(told.encode(), asked.get("signature", "").encode()):
        raise BadPush("BAD_SIGNATURE", 403)
    _check_age(asked)


def read(account: Account, asked: Mapping[str, str], body: bytes) -> tuple[Said, str, bool]:
    """What was sent, its XML as opened (the key may have changed when it is read again), and whether it came encrypted:
    the answer then goes the same way. Raises BadPush.

    In the encrypted mode nothing plain is believed: the plain signature does not cover the body.
    """
    check_greeting(account, asked)
    outer, text = _xml(body), body.decode("utf-8", "replace")
    encrypted = asked.get("encrypt_type", "") == "aes" or "Encrypt" in outer
    if encrypted:
        text = _opened(account, asked, str(outer.get("Encrypt", "")))
        outer = _xml(text.encode())
    elif account.push_mode == PushMode.AES:
        raise BadPush("NOT_ENCRYPTED", 403)
    return _said(account, outer), text, encrypted


def sealed(account: Account, answer: str, asked: Mapping[str, str]) -> str:
    """An answer in the encrypted form."""
    crypto = WeChatCrypto(account.token, account.aes_key, account.appid)
    return str(crypto.encrypt_message(answer, asked.get("nonce", "")[:64], str(int(time.time()))))


def text_answer(said: Said, text: str) -> str:
    """An answer in words."""
    return _rendered(TextReply(content=_safe(text), **_ends(said)))


def image_answer(said: Said, media_id: str) -> str:
    """An answer with a picture that WeChat keeps."""
    return _rendered(ImageReply(media_id=_safe(media_id), **_ends(said)))


def news_answer(said: Said, title: str, summary: str, picture_url: str, link_url: str) -> str:
    """An answer with one article, which is all that WeChat shows."""
    article = {
        "title": _safe(title), "description": _safe(summary), "image": _safe(picture_url), "url": _safe(link_url),
    }  # fmt: skip
    return _rendered(ArticlesReply(articles=[article], **_ends(said)))


def kefu_answer(said: Said) -> str:
    """Hand the message over to the customer service inside WeChat: its staff answer there."""
    return _rendered(TransferCustomerServiceReply(**_ends(said)))


def _ends(said: Said) -> dict[str, Any]:
    return {"source": _safe(said.receiver), "target": _safe(said.openid), "time": int(time.time())}


def _rendered(reply: Any) -> str:
    return str(reply.render())


def _safe(text: str) -> str:
    # the library writes CDATA around it and looks no further
    return text.replace("]]>", "]]＞")


def _opened(account: Account, asked: Mapping[str, str], sealed_text: str) -> str:
    told = _signed(account.token, asked.get("timestamp", ""), asked.get("nonce", ""), sealed_text)
    if not hmac.compare_digest(told.encode(), asked.get("msg_signature", "").encode()):
        raise BadPush("BAD_SIGNATURE", 403)
    if not account.aes_key:
        raise BadPush("NO_AES_KEY", 403)
    try:
        crypto = WeChatCrypto(account.token, account.aes_key, account.appid)
        return str(
            crypto.decrypt_message(
                {"Encrypt": sealed_text}, asked["msg_signature"], asked["timestamp"], asked["nonce"]
            )
        )
    except Exception as error:
        raise BadPush("BAD_ENCRYPTION", 403) from error


def _signed(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def _check_age(asked: Mapping[str, str]) -> None:
    stamp = asked.get("timestamp", "")
    if not stamp.isascii() or not stamp.isdigit() or len(stamp) > 12:
        raise BadPush("MALFORMED", 400)
    if abs(time.time() - int(stamp)) > WINDOW:
        raise BadPush("STALE", 403)


def _xml(body: bytes) -> dict[str, Any]:
    try:
        found = xmltodict.parse(body, disable_entities=True)
    except Exception as error:
        raise BadPush("NOT_XML", 400) from error
    inner = found.get("xml")
    if not isinstance(inner, dict):
        raise BadPush("NOT_XML", 400)
    return inner


def _said(account: Account, found: dict[str, Any]) -> Said:
    def text(name: str, most: int = 512) -> str:
        value = found.get(name)
        return value[:most] if isinstance(value, str) else ""

    receiver, openid, sent, kind = (
        text("ToUserName"),
        text("FromUserName", 64),
        text("CreateTime"),
        text("MsgType"),
    )
    if not openid or not kind or not sent.isascii() or not sent.isdigit() or len(sent) > 12:
        raise BadPush("MALFORMED", 400)
    if account.original_id and receiver != account.original_id:
        raise BadPush("OTHER_ACCOUNT", 403)
    return Said(
        receiver=receiver,
        openid=openid,
        sent_at=int(sent),
        kind=kind.lower()[:32],
        event=text("Event").lower()[:40],
        key=text("EventKey"),
        message_id=text("MsgId", 32),
        text=text("Content", 4000),
        values=found,
    )


def reread(account: Account, body: str) -> Said:
    """A push that was believed when it came, from what was kept of it. Raises BadPush."""
    return _said(account, _xml(body.encode()))
