"""The calls of /cgi-bin: what each does, with the checks that WeChat makes."""

from __future__ import annotations

import hashlib
import json
import secrets
from typing import Any
from urllib.parse import urlsplit

from sandbox.official_account import notices, people, serving
from sandbox.official_account.gateway import Refused
from sandbox.official_account.keys import Account, unionid
from sandbox.official_account.system import OfficialAccounts, put_message

LIFETIME = 7200
#: Templates that the accounts have: title, and the words before each keyword.
TEMPLATES: dict[str, tuple[str, dict[str, str]]] = {
    "SandboxTemplatePaid": (
        "付款成功通知", {"character_string1": "订单号", "thing2": "商品", "amount3": "金额", "time4": "时间"},
    ),
    "SandboxTemplateReady": (
        "到店自提通知", {"character_string1": "订单号", "thing2": "商品", "character_string3": "取货码"},
    ),
    "SandboxTemplateShipped": ("发货通知", {"character_string1": "订单号", "thing2": "商品", "time3": "发货时间"}),
    "SandboxTemplateRefunded": (
        "退款到账通知", {"character_string1": "订单号", "amount2": "退款金额", "time3": "时间"},
    ),
    "SandboxTemplatePoints": ("积分到期提醒", {"number1": "即将到期积分", "time2": "到期日"}),
    "SandboxTemplateCampaign": ("会员活动通知", {"thing1": "活动名称", "thing2": "活动内容"}),
    "SandboxTemplateVehicle": ("车辆到期提醒", {"car_number1": "车牌", "thing2": "事项", "time3": "到期日"}),
    "SandboxTemplateVoucher": ("出票成功通知", {"thing1": "门票", "character_string2": "入场码", "thing3": "有效期"}),
    "SandboxTemplateCancelled": ("场次取消通知", {"thing1": "演出", "time2": "时间"}),
    "SandboxTemplatePostponed": (
        "场次延期通知", {"thing1": "演出", "time2": "原时间", "time3": "新时间", "time4": "请在此前选择"},
    ),
    "SandboxTemplateOffered": ("候补有票通知", {"thing1": "门票", "time2": "保留至"}),
    "SandboxTemplateIssueFailed": ("出票失败通知", {"character_string1": "订单号", "thing2": "车票、门票"}),
    "SandboxTemplateTicketRefund": ("退票结果通知", {"thing1": "车票、门票", "thing2": "结果", "thing3": "说明"}),
    "SandboxTemplateTicketChange": ("改签结果通知", {"thing1": "车票、门票", "thing2": "结果", "thing3": "说明"}),
    "SandboxTemplateInsurance": ("退保通知", {"thing1": "车票、门票", "thing2": "原因", "amount3": "退回保费"}),
    "SandboxTemplateCoach": ("汽车票出票通知", {"thing1": "行程", "number2": "张数", "thing3": "取票"}),
    "SandboxTemplateCoachOff": ("汽车停班通知", {"thing1": "行程", "character_string2": "订单号"}),
    "SandboxTemplateCoachMoved": ("汽车改时通知", {"thing1": "行程", "time2": "新的发车时间"}),
    "SandboxTemplateCoachOn": ("汽车恢复开行通知", {"thing1": "行程", "character_string2": "订单号"}),
    "SandboxTemplateCoachInvoice": ("汽车票发票通知", {"thing1": "行程", "thing2": "发票", "thing3": "查收"}),
}  # fmt: skip
PRIVATE = ("sex", "country", "province", "city", "language")
_NEEDS = {
    "click": "key", "view": "url", "miniprogram": "url", "scancode_push": "key", "scancode_waitmsg": "key",
    "pic_sysphoto": "key", "pic_photo_or_album": "key", "pic_weixin": "key", "location_select": "key",
    "media_id": "media_id", "view_limited": "media_id",
}  # fmt: skip


def token(system: OfficialAccounts, account: Account, asked: dict[str, Any]) -> dict[str, Any]:
    """GET token: a new one; all that came before it end."""
    made = f"{secrets.token_urlsafe(96)}"
    with system.store.transaction() as db:
        db.execute("UPDATE oa_tokens SET dead = 1 WHERE appid = ?", (account.appid,))
        db.execute(
            "INSERT INTO oa_tokens (token, appid, expires_at) VALUES (?, ?, ?)",
            (made, account.appid, system.clock.now() + LIFETIME),
        )
    return {"access_token": made, "expires_in": LIFETIME}


def ticket(system: OfficialAccounts, account: Account, asked: dict[str, Any]) -> dict[str, Any]:
    """GET ticket/getticket?type=jsapi: for signing pages."""
    if asked.get("type") != "jsapi":
        raise Refused(40097)
    return {"errcode": 0, "errmsg": "ok", "ticket": system.ticket_of(account), "expires_in": LIFETIME}


def callback_ip(system: OfficialAccounts, account: Account, asked: dict[str, Any]) -> dict[str, Any]:
    """GET getcallbackip."""
    return {"ip_list": ["127.0.0.1"]}


def menu_create(system: OfficialAccounts, account: Account, asked: dict[str, Any]) -> dict[str, Any]:
    """POST menu/create: replaces the ordinary menu."""
    buttons = _buttons(asked["body"])
    with system.store.transaction() as db:
        db.execute("DELETE FROM oa_menus WHERE appid = ? AND personal = 0", (account.appid,))
        db.execute(
            "INSERT INTO oa_menus (appid, personal, body) VALUES (?, 0, ?)",
            (account.appid, json.dumps({"button": buttons}, ensure_ascii=False)),
        )
    return {}


def menu_personal(system: OfficialAccounts, account: Account, asked: dict[str, Any]) -> dict[str, Any]:
    """POST menu/addconditional."""
    buttons, rule = _buttons(asked["body"]), asked["body"].get("matchrule") or {}
    if any(rule.get(name) for name in PRIVATE):
        raise Refused(65320)
    if not (rule.get("tag_id") or rule.get("client_platform_type")):
        raise Refused(65320)
    with system.store.transaction() as db:
        ordinary = db.execute(
            "SELECT 1 FROM oa_menus WHERE appid = ? AND personal = 0", (account.appid,)
        ).fetchone()
        if ordinary is None:
            raise Refused(65303)
        row = db.execute(
            "INSERT INTO oa_menus (appid, personal, body) VALUES (?, 1, ?)",
            (account.appid, json.dumps({"button": buttons, "matchrule": rule}, ensure_ascii=False)),
        )
    return {"menuid": str(row.lastrowid)}


def menu_delete_personal(system: OfficialAccounts, account: Account, asked: dict[str, Any]) -> dict[str, Any]:
    """POST menu/delconditional {menuid}."""
    body = asked["body"] if isinstance(asked["body"], dict) else {}
    with system.store.transaction() as db:
        gone = db.execute(
            "DELETE FROM oa_menus WHERE appid = ? AND personal = 1 AND menuid = ?",
            (account.appid, str(body.get("menuid", ""))),
        ).rowcount
    if not gone:
        raise Refused(65301)
    return {}


def menu_delete(system: OfficialAccounts, account: Account, asked: dict[str, Any]) -> dict[str, Any]:
    """GET menu/delete: the ordinary one, and with it the others."""
    with system.store.transaction() as db:
        db.execute("DELETE FROM oa_menus WHERE appid = ?", (account.appid,))
    return {}


def menu_get(system: OfficialAccounts, account: Account, asked: dict[str, Any]) -> dict[str, Any]:
    """GET menu/get: all of them."""
    rows = system.store.all("SELECT * FROM oa_menus WHERE appid = ? ORDER BY menuid", account.appid)
    if not rows:
        raise Refused(46003)
    told: dict[str, Any] = {"menu": {}, "conditionalmenu": []}
    for row in rows:
        body = json.loads(row["body"])
        if row["personal"]:
            told["conditionalmenu"].append({**body, "menuid": row["menuid"]})
        else:
            told["menu"] = {**body, "menuid": row["menuid"]}
    return told


def qrcode_create(system: OfficialAccounts, account: Account, asked: dict[str, Any]) -> dict[str, Any]:
    """POST qrcode/create: the same scene gives the same code."""
    body = asked["body"] if isinstance(asked["body"], dict) else {}
    name = body.get("action_name")
    info = body.get("action_info") if isinstance(body.get("action_info"), dict) else {}
    scene = (info or {}).get("scene") or {}
    told = str(scene.get("scene_str") or scene.get("scene_id") or "")
    if (
        name not in ("QR_SCENE", "QR_STR_SCENE", "QR_LIMIT_SCENE", "QR_LIMIT_STR_SCENE")
        or not 1 <= len(told) <= 64
    ):
        raise Refused(40053)
    lasting = name.startswith("QR_LIMIT")
    seconds = min(int(body.get("expire_seconds") or 60), 2_592_000)
    until = None if lasting else system.clock.now() + seconds
    row = system.store.one(
        "SELECT * FROM oa_codes WHERE appid = ? AND scene = ? AND expires_at IS NULL", account.appid, told
    )
    if row is not None and lasting:
        return {"ticket": row["ticket"], "url": row["url"]}
    ticket, url = f"gQ{secrets.token_urlsafe(60)}", f"http://weixin.qq.com/q/{secrets.token_urlsafe(14)}"
    with system.store.transaction() as db:
        db.execute(
            "INSERT INTO oa_codes (ticket, appid, url, scene, expires_at) VALUES (?, ?, ?, ?, ?)",
            (ticket, account.appid, url, told, until),
        )
    return {"ticket": ticket, "url": url, **({} if lasting else {"expire_seconds": seconds})}


def template_send(system: OfficialAccounts, account: Account, asked: dict[str, Any]) -> dict[str, Any]:
    """POST message/template/send: shown on the telephone; a `client_msg_id` seen before is the same message."""
    body = asked["body"] if isinstance(asked["body"], dict) else {}
    openid, known = str(body.get("touser", "")), str(body.get("client_msg_id", ""))
    if system.person_of(account, openid) is None:
        raise Refused(40003)
    if body.get("template_id") not in TEMPLATES:
        raise Refused(40037)
    if not system.is_following(account, openid):
        raise Refused(43004)
    title, words = TEMPLATES[body["template_id"]]
    given = body.get("data")
    data: dict[str, Any] = given if isinstance(given, dict) else {}
    if set(data) - set(words):
        raise Refused(47003)
    with system.store.transaction() as db:
        same = db.execute(
            "SELECT id FROM oa_sent WHERE appid = ? AND client_msg_id = ? AND client_msg_id != ''",
            (account.appid, known),
        ).fetchone()
        if same is not None:
            return {"msgid": same["id"]}
        row = db.execute(
            "INSERT INTO oa_sent (appid, openid, client_msg_id, told) VALUES (?, ?, ?, 0)",
            (account.appid, openid, known),
        )
        lines = [f"{word}：{data[name].get('value', '')}" for name, word in words.items() if name in data]
        card = {"title": title, "text": "\n".join(lines), "picture": "", "url": body.get("url") or ""}
        put_message(db, account, openid, "account", "news", card, system.clock.now())
    return {"msgid": row.lastrowid}


def oauth_token(system: OfficialAccounts, account: Account, asked: dict[str, Any]) -> dict[str, Any]:
    """GET sns/oauth2/access_token: what a code stands for, once."""
    with system.store.transaction() as db:
        row = db.execute("SELECT * FROM oa_oauth WHERE code = ?", (asked.get("code", ""),)).fetchone()
        if row is None or row["appid"] != account.appid:
            raise Refused(40029)
        if row["used"]:
            raise Refused(40163)
        if row["expires_at"] <= system.clock.now():
            raise Refused(40029)
        made = secrets.token_urlsafe(64)
        db.execute("UPDATE oa_oauth SET used = 1, token = ? WHERE code = ?", (made, row["code"]))
    person = system.person_of(account, row["openid"])
    told = {
        "access_token": made, "expires_in": LIFETIME, "refresh_token": _refresh_token(account, row["code"]),
        "openid": row["openid"], "scope": row["scope"],
    }  # fmt: skip
    if row["scope"] == "snsapi_userinfo" and person is not None:
        told["unionid"] = unionid(person)
    return told


def oauth_refresh(system: OfficialAccounts, account: Account, asked: dict[str, Any]) -> dict[str, Any]:
    """GET sns/oauth2/refresh_token: another token for the same login."""
    rows = system.store.all("SELECT * FROM oa_oauth WHERE appid = ? AND used = 1", account.appid)
    told = str(asked.get("refresh_token", ""))
    row = next((one for one in rows if _refresh_token(account, one["code"]) == told), None)
    if row is None:
        raise Refused(40030)
    made = secrets.token_urlsafe(64)
    with system.store.transaction() as db:
        db.execute("UPDATE oa_oauth SET token = ? WHERE code = ?", (made, row["code"]))
    return {
        "access_token": made, "expires_in": LIFETIME, "refresh_token": told, "openid": row["openid"],
        "scope": row["scope"],
    }  # fmt: skip


def _refresh_token(account: Account, code: str) -> str:
    return hashlib.sha256(f"refresh{account.secret}{code}".encode()).hexdigest()


def oauth_check(system: OfficialAccounts, account: Account, asked: dict[str, Any]) -> dict[str, Any]:
    """GET sns/auth: whether a login's token still counts for this openid."""
    row = system.store.one("SELECT openid FROM oa_oauth WHERE token = ?", asked.get("access_token", ""))
    if row is None or row["openid"] != asked.get("openid"):
        raise Refused(40003)
    return {"errcode": 0, "errmsg": "ok"}


def oauth_user(system: OfficialAccounts, account: Account, asked: dict[str, Any]) -> dict[str, Any]:
    """GET sns/userinfo: since 2021 without a name of one's own, sex and place."""
    row = system.store.one("SELECT * FROM oa_oauth WHERE token = ?", asked.get("access_token", ""))
    person = system.person_of(account, asked.get("openid", ""))
    if row is None or person is None or row["openid"] != asked.get("openid"):
        raise Refused(40003)
    if row["scope"] != "snsapi_userinfo":
        raise Refused(48001)
    return {"openid": row["openid"], "nickname": "微信用户", "sex": 0, "province": "", "city": "", "country": "",
            "headimgurl": "", "privilege": [], "unionid": unionid(person)}  # fmt: skip


def _buttons(body: Any) -> list[dict[str, Any]]:
    buttons = body.get("button") if isinstance(body, dict) else None
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= 3:
        raise Refused(40016)
    for top in buttons:
        below = top.get("sub_button") or []
        if len(below) > 5:
            raise Refused(40016)
        _check(top, 16, leaf=not below)
        for one in below:
            _check(one, 60, leaf=True)
    return buttons


def _check(button: dict[str, Any], most: int, *, leaf: bool) -> None:
    if not 1 <= len(str(button.get("name", "")).encode()) <= most:
        raise Refused(40018)
    if not leaf:
        return
    kind = button.get("type")
    if kind not in _NEEDS:
        raise Refused(40017)
    value = str(button.get(_NEEDS[kind], ""))
    if _NEEDS[kind] == "key" and not 1 <= len(value.encode()) <= 128:
        raise Refused(40019)
    if _NEEDS[kind] == "url":
        if not 1 <= len(value.encode()) <= 1024:
            raise Refused(40020)
        if not urlsplit(value).hostname:
            raise Refused(40055)
    if _NEEDS[kind] == "media_id" and not value:
        raise Refused(40007)


#: Operation → method, path below /sns, work.
LOGINS = {
    "oauth_token": ("GET", "/oauth2/access_token", oauth_token),
    "oauth_user": ("GET", "/userinfo", oauth_user),
    "oauth_refresh": ("GET", "/oauth2/refresh_token", oauth_refresh),
    "oauth_check": ("GET", "/auth", oauth_check),
}
#: Operation → method, path below /cgi-bin, work.
CALLS = {
    "token": ("GET", "/token", token),
    "ticket": ("GET", "/ticket/getticket", ticket),
    "callback_ip": ("GET", "/getcallbackip", callback_ip),
    "menu_create": ("POST", "/menu/create", menu_create),
    "menu_personal": ("POST", "/menu/addconditional", menu_personal),
    "menu_delete_personal": ("POST", "/menu/delconditional", menu_delete_personal),
    "menu_delete": ("GET", "/menu/delete", menu_delete),
    "menu_get": ("GET", "/menu/get", menu_get),
    "qrcode_create": ("POST", "/qrcode/create", qrcode_create),
    "template_send": ("POST", "/message/template/send", template_send),
    **people.CALLS,
    **serving.CALLS,
    **notices.CALLS,
}
