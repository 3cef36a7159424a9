"""Calls of customer service: messages within the window, and the pictures that they may show."""

from __future__ import annotations

import secrets
from typing import Any

from sandbox.official_account.gateway import Refused
from sandbox.official_account.keys import Account
from sandbox.official_account.system import OfficialAccounts, put_message

#: Seconds after somebody's last word, and how many messages within them.
WINDOW, MOST = 48 * 3600, 5
MOST_BYTES = 10 * 1024 * 1024
#: What a picture begins with.
_SIGNS = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png", b"GIF8": "image/gif", b"BM": "image/bmp"}


def custom_send(system: OfficialAccounts, account: Account, asked: dict[str, Any]) -> dict[str, Any]:
    """POST message/custom/send: to whoever wrote within 48 hours, five messages since; the same one twice is two."""
    body = asked["body"] if isinstance(asked["body"], dict) else {}
    openid, kind = str(body.get("touser", "")), str(body.get("msgtype", ""))
    if system.person_of(account, openid) is None:
        raise Refused(40003)
    shown = _shown(system, account, kind, body.get(kind))
    now = system.clock.now()
    with system.store.transaction() as db:
        last = db.execute(
            "SELECT max(at) AS at FROM oa_messages WHERE appid = ? AND openid = ? AND side = 'me'",
            (account.appid, openid),
        ).fetchone()["at"]
        if not system.is_following(account, openid) or last is None or last + WINDOW <= now:
            raise Refused(45015)
        used = db.execute(
            "SELECT count(*) AS n FROM oa_custom WHERE appid = ? AND openid = ? AND at >= ?",
            (account.appid, openid, last),
        ).fetchone()["n"]
        if used >= MOST:
            raise Refused(45047)
        db.execute("INSERT INTO oa_custom (appid, openid, at) VALUES (?, ?, ?)", (account.appid, openid, now))
        put_message(db, account, openid, "account", "text" if kind == "text" else kind, shown, now)
    return {}


def _shown(system: OfficialAccounts, account: Account, kind: str, given: Any) -> dict[str, Any]:
    told: dict[str, Any] = given if isinstance(given, dict) else {}
    if kind == "text":
        text = str(told.get("content", ""))
        if not text or len(text.encode()) > 2048:
            raise Refused(45002 if text else 44002)
        return {"text": text}
    if kind == "image":
        media_id = str(told.get("media_id", ""))
        row = system.store.one(
            "SELECT media_id FROM oa_materials WHERE appid = ? AND media_id = ?", account.appid, media_id
        )
        if row is None:
            raise Refused(40007)
        return {"text": "", "media_id": media_id}
    if kind == "news":
        articles = told.get("articles")
        if not isinstance(articles, list) or len(articles) != 1:
            raise Refused(45008)
        one = articles[0]
        return {
            "title": one.get("title") or "", "text": one.get("description") or "", "picture": one.get("picurl") or "",
            "url": one.get("url") or "",
        }  # fmt: skip
    raise Refused(40008)


def material_add(system: OfficialAccounts, account: Account, asked: dict[str, Any]) -> dict[str, Any]:
    """POST material/add_material?type=image: keeps a picture for good; the same one twice is two."""
    body = asked["body"] if isinstance(asked["body"], dict) else {}
    content = body.get("content") or b""
    if asked.get("type") != "image":
        raise Refused(40004)
    kind = next((kind for sign, kind in _SIGNS.items() if content.startswith(sign)), "")
    if not kind:
        raise Refused(40005)
    if len(content) > MOST_BYTES:
        raise Refused(40009)
    media_id = secrets.token_urlsafe(48)
    with system.store.transaction() as db:
        db.execute(
            "INSERT INTO oa_materials (appid, media_id, name, kind, content, at) VALUES (?, ?, ?, ?, ?, ?)",
            (account.appid, media_id, body.get("filename") or "", kind, content, system.clock.now()),
        )
    return {"media_id": media_id, "url": f"http://mmbiz.qpic.cn/mmbiz_png/{media_id[:32]}/0"}


def material_list(system: OfficialAccounts, account: Account, asked: dict[str, Any]) -> dict[str, Any]:
    """POST material/batchget_material {type, offset, count}: the newest first, twenty at most."""
    body = asked["body"] if isinstance(asked["body"], dict) else {}
    offset, count = int(body.get("offset") or 0), int(body.get("count") or 0)
    if body.get("type") != "image":
        raise Refused(40004)
    if not 1 <= count <= 20 or offset < 0:
        raise Refused(40097)
    rows = system.store.all(
        "SELECT * FROM oa_materials WHERE appid = ? ORDER BY id DESC LIMIT ? OFFSET ?",
        account.appid,
        count,
        offset,
    )
    items = [
        {"media_id": row["media_id"], "name": row["name"], "update_time": int(row["at"]),
         "url": f"http://mmbiz.qpic.cn/mmbiz_png/{row['media_id'][:32]}/0"}
        for row in rows
    ]  # fmt: skip
    return {"total_count": _total(system, account), "item_count": len(items), "item": items}


def material_count(system: OfficialAccounts, account: Account, asked: dict[str, Any]) -> dict[str, Any]:
    """GET material/get_materialcount."""
    return {"voice_count": 0, "video_count": 0, "image_count": _total(system, account), "news_count": 0}


def material_delete(system: OfficialAccounts, account: Account, asked: dict[str, Any]) -> dict[str, Any]:
    """POST material/del_material {media_id}."""
    body = asked["body"] if isinstance(asked["body"], dict) else {}
    with system.store.transaction() as db:
        gone = db.execute(
            "DELETE FROM oa_materials WHERE appid = ? AND media_id = ?",
            (account.appid, str(body.get("media_id", ""))),
        ).rowcount
    if not gone:
        raise Refused(40007)
    return {}


def _total(system: OfficialAccounts, account: Account) -> int:
    row = system.store.one("SELECT count(*) AS n FROM oa_materials WHERE appid = ?", account.appid)
    return int(row["n"]) if row is not None else 0


#: Operation → method, path below /cgi-bin, work.
CALLS = {
    "custom_send": ("POST", "/message/custom/send", custom_send),
    "material_add": ("POST", "/material/add_material", material_add),
    "material_list": ("POST", "/material/batchget_material", material_list),
    "material_count": ("GET", "/material/get_materialcount", material_count),
    "material_delete": ("POST", "/material/del_material", material_delete),
}
