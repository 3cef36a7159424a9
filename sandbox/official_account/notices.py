"""Subscribe messages: agreed to one by one in WeChat's window, refused without."""

from __future__ import annotations

from typing import Any

from sandbox.official_account.gateway import Refused
from sandbox.official_account.keys import Account
from sandbox.official_account.system import OfficialAccounts, put_message

#: Subscribe templates that the accounts have: title, and the words before each keyword.
NOTICES: dict[str, tuple[str, dict[str, str]]] = {
    "SandboxNoticeReady": (
        "取货提醒", {"character_string1": "订单号", "thing2": "商品", "character_string3": "取货码"},
    ),
    "SandboxNoticeShipped": ("快递寄出提醒", {"character_string1": "订单号", "thing2": "商品"}),
    "SandboxNoticeSurvey": ("服务评价提醒", {"character_string1": "订单号", "thing2": "内容"}),
}  # fmt: skip


def notice_send(system: OfficialAccounts, account: Account, asked: dict[str, Any]) -> dict[str, Any]:
    """POST message/subscribe/bizsend: takes one of what was agreed to; the same one twice takes two."""
    body = asked["body"] if isinstance(asked["body"], dict) else {}
    openid, template = str(body.get("touser", "")), str(body.get("template_id", ""))
    if system.person_of(account, openid) is None:
        raise Refused(40003)
    if template not in NOTICES:
        raise Refused(40037)
    title, words = NOTICES[template]
    given = body.get("data")
    data: dict[str, Any] = given if isinstance(given, dict) else {}
    values = {name: str((data.get(name) or {}).get("value") or "") for name in words}
    if set(data) - set(words) or not all(values.values()):
        raise Refused(47003)
    with system.store.transaction() as db:
        taken = db.execute(
            "UPDATE oa_agreed SET left_over = left_over - 1"
            " WHERE appid = ? AND openid = ? AND template = ? AND left_over > 0",
            (account.appid, openid, template),
        ).rowcount
        if not taken:
            raise Refused(43101)
        db.execute(
            "INSERT INTO oa_notices (appid, openid, template, told) VALUES (?, ?, ?, 0)",
            (account.appid, openid, template),
        )
        text = "\n".join(f"{word}：{values[name]}" for name, word in words.items())
        card = {"title": title, "text": text, "picture": "", "url": body.get("page") or ""}
        put_message(db, account, openid, "account", "news", card, system.clock.now())
    return {}


#: Operation → method, path below /cgi-bin, work.
CALLS = {"notice_send": ("POST", "/message/subscribe/bizsend", notice_send)}
