"""Calls about followers: the list of them, what is told of each, remarks, tags."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from sandbox.official_account.gateway import Refused
from sandbox.official_account.keys import Account, unionid
from sandbox.official_account.system import OfficialAccounts

#: Followers of one page: ten thousand at WeChat, fewer here so that pages are seen.
PAGE = 100
INFO, BATCH, TAGS, ON_ONE, NAME_BYTES = 100, 50, 100, 20, 30
#: WeChat's own tags.
SYSTEM = {2: "星标组"}


def user_info(system: OfficialAccounts, account: Account, asked: dict[str, Any]) -> dict[str, Any]:
    """GET user/info: since 2021 without name, sex and place."""
    return _told_of(system, account, str(asked.get("openid", "")))


def user_batch(system: OfficialAccounts, account: Account, asked: dict[str, Any]) -> dict[str, Any]:
    """POST user/info/batchget {user_list: [{openid}]}: a hundred at most."""
    listed = _body(asked).get("user_list")
    if not isinstance(listed, list) or not 1 <= len(listed) <= INFO:
        raise Refused(40032)
    return {"user_info_list": [_told_of(system, account, str(one.get("openid", ""))) for one in listed]}


def user_list(system: OfficialAccounts, account: Account, asked: dict[str, Any]) -> dict[str, Any]:
    """GET user/get?next_openid=: the followers after that one; an empty page where there are none."""
    rows = system.store.all(
        "SELECT openid FROM oa_followers WHERE appid = ? AND following = 1 AND openid > ? ORDER BY openid LIMIT ?",
        account.appid, str(asked.get("next_openid") or ""), PAGE,
    )  # fmt: skip
    total = system.store.one(
        "SELECT count(*) AS n FROM oa_followers WHERE appid = ? AND following = 1", account.appid
    )
    openids = [row["openid"] for row in rows]
    told: dict[str, Any] = {"total": total["n"] if total else 0, "count": len(openids)}
    if openids:
        told["data"] = {"openid": openids}
    return {**told, "next_openid": openids[-1] if openids else ""}


def remark(system: OfficialAccounts, account: Account, asked: dict[str, Any]) -> dict[str, Any]:
    """POST user/info/updateremark {openid, remark}: thirty characters."""
    body = _body(asked)
    _following(system, account, body.get("openid"))
    if len(str(body.get("remark", ""))) > 30:
        raise Refused(40097)
    with system.store.transaction() as db:
        db.execute(
            "INSERT OR REPLACE INTO oa_remarks (appid, openid, remark) VALUES (?, ?, ?)",
            (account.appid, body["openid"], str(body.get("remark", ""))),
        )
    return {}


def tag_list(system: OfficialAccounts, account: Account, asked: dict[str, Any]) -> dict[str, Any]:
    """GET tags/get: all, with how many bear each."""
    worn = [tag for row in _followers(system, account) for tag in json.loads(row["tags"])]
    rows = system.store.all("SELECT * FROM oa_tags WHERE appid = ? ORDER BY id", account.appid)
    own = [{"id": number, "name": name, "count": worn.count(number)} for number, name in SYSTEM.items()]
    return {
        "tags": own + [{"id": row["id"], "name": row["name"], "count": worn.count(row["id"])} for row in rows]
    }


def tag_create(system: OfficialAccounts, account: Account, asked: dict[str, Any]) -> dict[str, Any]:
    """POST tags/create {tag: {name}}."""
    name = _name(system, account, asked)
    count = system.store.one("SELECT count(*) AS n FROM oa_tags WHERE appid = ?", account.appid)
    if count is not None and count["n"] >= TAGS:
        raise Refused(45056)
    with system.store.transaction() as db:
        last = db.execute("SELECT max(id) AS n FROM oa_tags").fetchone()["n"] or 100
        db.execute("INSERT INTO oa_tags (id, appid, name) VALUES (?, ?, ?)", (last + 1, account.appid, name))
    return {"tag": {"id": last + 1, "name": name}}


def tag_update(system: OfficialAccounts, account: Account, asked: dict[str, Any]) -> dict[str, Any]:
    """POST tags/update {tag: {id, name}}."""
    number = _tag(system, account, (_body(asked).get("tag") or {}).get("id"))
    name = _name(system, account, asked)
    with system.store.transaction() as db:
        db.execute("UPDATE oa_tags SET name = ? WHERE appid = ? AND id = ?", (name, account.appid, number))
    return {}


def tag_delete(system: OfficialAccounts, account: Account, asked: dict[str, Any]) -> dict[str, Any]:
    """POST tags/delete {tag: {id}}: those who bore it lose it."""
    number = _tag(system, account, (_body(asked).get("tag") or {}).get("id"))
    with system.store.transaction() as db:
        db.execute("DELETE FROM oa_tags WHERE appid = ? AND id = ?", (account.appid, number))
        for row in _followers(system, account):
            left = [tag for tag in json.loads(row["tags"]) if tag != number]
            _wear(db, account, row["openid"], left)
    return {}


def tag_put(system: OfficialAccounts, account: Account, asked: dict[str, Any]) -> dict[str, Any]:
    """POST tags/members/batchtagging {openid_list, tagid}: all of them or none."""
    return _worn(system, account, asked, on=True)


def tag_take(system: OfficialAccounts, account: Account, asked: dict[str, Any]) -> dict[str, Any]:
    """POST tags/members/batchuntagging {openid_list, tagid}."""
    return _worn(system, account, asked, on=False)


def _worn(system: OfficialAccounts, account: Account, asked: dict[str, Any], *, on: bool) -> dict[str, Any]:
    body = _body(asked)
    openids, number = body.get("openid_list"), body.get("tagid")
    if not isinstance(openids, list) or not 1 <= len(openids) <= BATCH:
        raise Refused(40032)
    if number not in SYSTEM:
        number = _tag(system, account, number)
    rows = [_following(system, account, openid) for openid in openids]
    changed = []
    for row in rows:
        before = [tag for tag in json.loads(row["tags"]) if tag != number]
        if on and len(before) >= ON_ONE:
            raise Refused(45059)
        changed.append((row["openid"], [*before, number] if on else before))
    with system.store.transaction() as db:
        for openid, tags in changed:
            _wear(db, account, openid, tags)
    return {}


def _wear(db: Any, account: Account, openid: str, tags: list[int]) -> None:
    db.execute(
        "UPDATE oa_followers SET tags = ? WHERE appid = ? AND openid = ?",
        (json.dumps(tags), account.appid, openid),
    )


def _told_of(system: OfficialAccounts, account: Account, openid: str) -> dict[str, Any]:
    row = system.store.one("SELECT * FROM oa_followers WHERE appid = ? AND openid = ?", account.appid, openid)
    person = system.person_of(account, openid)
    if person is None and row is None:
        raise Refused(40003)
    union = unionid(person) if person else f"u{hashlib.sha256(openid.encode()).hexdigest()[:27]}"
    if row is None or not row["following"]:
        return {"subscribe": 0, "openid": openid, "unionid": union}
    known = system.store.one(
        "SELECT remark FROM oa_remarks WHERE appid = ? AND openid = ?", account.appid, openid
    )
    return {
        "subscribe": 1, "openid": openid, "nickname": "", "sex": 0, "language": "zh_CN", "city": "", "province": "",
        "country": "", "headimgurl": "", "subscribe_time": int(row["since"]), "unionid": union,
        "remark": known["remark"] if known else "", "groupid": 0, "tagid_list": json.loads(row["tags"]),
        "subscribe_scene": row["way"], "qr_scene": 0, "qr_scene_str": row["scene"],
    }  # fmt: skip


def _body(asked: dict[str, Any]) -> dict[str, Any]:
    return asked["body"] if isinstance(asked["body"], dict) else {}


def _name(system: OfficialAccounts, account: Account, asked: dict[str, Any]) -> str:
    given = _body(asked).get("tag") or {}
    name = str(given.get("name") or "")
    if not name or len(name.encode()) > NAME_BYTES:
        raise Refused(45158)
    same = system.store.one("SELECT id FROM oa_tags WHERE appid = ? AND name = ?", account.appid, name)
    if name in SYSTEM.values() or (same is not None and same["id"] != given.get("id")):
        raise Refused(45157)
    return name


def _tag(system: OfficialAccounts, account: Account, number: Any) -> int:
    if number in (0, 1, 2):
        raise Refused(45058)
    row = system.store.one("SELECT id FROM oa_tags WHERE appid = ? AND id = ?", account.appid, number)
    if row is None:
        raise Refused(45159)
    return int(row["id"])


def _followers(system: OfficialAccounts, account: Account) -> list[Any]:
    return list(
        system.store.all("SELECT * FROM oa_followers WHERE appid = ? AND following = 1", account.appid)
    )


def _following(system: OfficialAccounts, account: Account, openid: Any) -> Any:
    row = system.store.one(
        "SELECT * FROM oa_followers WHERE appid = ? AND openid = ? AND following = 1", account.appid, openid
    )
    if row is None:
        raise Refused(49003)
    return row


#: Operation → method, path below /cgi-bin, work.
CALLS = {
    "user_info": ("GET", "/user/info", user_info),
    "user_batch": ("POST", "/user/info/batchget", user_batch),
    "user_list": ("GET", "/user/get", user_list),
    "remark": ("POST", "/user/info/updateremark", remark),
    "tag_list": ("GET", "/tags/get", tag_list),
    "tag_create": ("POST", "/tags/create", tag_create),
    "tag_update": ("POST", "/tags/update", tag_update),
    "tag_delete": ("POST", "/tags/delete", tag_delete),
    "tag_put": ("POST", "/tags/members/batchtagging", tag_put),
    "tag_take": ("POST", "/tags/members/batchuntagging", tag_take),
}
