"""What a person does with the telephone: follow, leave, scan, tap, write, send a position."""

from __future__ import annotations

import secrets
import sqlite3
from typing import Any

from sandbox.control_api import ControlError
from sandbox.official_account.keys import Account
from sandbox.official_account.pushing import Pusher
from sandbox.official_account.system import OfficialAccounts, put_message


class Acting:
    """Every act is seen in the talk first, then pushed; the push's number here, 0 for none."""

    def __init__(self, system: OfficialAccounts, pusher: Pusher) -> None:
        self._system = system
        self._pusher = pusher

    async def follow(
        self, account: Account, openid: str, scene: str = "", way: str = "ADD_SCENE_SEARCH", ticket: str = ""
    ) -> int:
        """Follow, by a code's scene or without one. Nothing happens to a follower."""
        system = self._system
        if system.is_following(account, openid):
            return 0
        now = system.clock.now()
        with system.store.transaction() as db:
            db.execute(
                "INSERT INTO oa_followers (appid, openid, following, since, scene, way) VALUES (?, ?, 1, ?, ?, ?)"
                " ON CONFLICT (appid, openid) DO UPDATE SET following = 1, since = excluded.since,"
                " scene = excluded.scene, way = excluded.way",
                (account.appid, openid, now, scene, way),
            )
            self._say(db, account, openid, "note", "note", {"text": "您已关注该公众号"})
        key = {"EventKey": f"qrscene_{scene}", "Ticket": ticket} if scene else {"EventKey": ""}
        return await self._pusher.event(account, openid, "subscribe", **key)

    async def leave(self, account: Account, openid: str) -> int:
        """Unfollow."""
        system = self._system
        if not system.is_following(account, openid):
            return 0
        with system.store.transaction() as db:
            db.execute(
                "UPDATE oa_followers SET following = 0, tags = '[]' WHERE appid = ? AND openid = ?",
                (account.appid, openid),
            )
            self._say(db, account, openid, "note", "note", {"text": "您已取消关注"})
        return await self._pusher.event(account, openid, "unsubscribe", EventKey="")

    async def scan(self, openid_of: Any, content: str) -> tuple[Account, int]:
        """Scan a code by what is in it. Raises ControlError for one that is nobody's, or has run out."""
        system = self._system
        row = system.store.one("SELECT * FROM oa_codes WHERE url = ? OR ticket = ?", content, content)
        account = system.by_appid(row["appid"]) if row is not None else None
        if row is None or account is None:
            raise ControlError("NO_SUCH_CODE", "这不是公众号的二维码", 404)
        if row["expires_at"] is not None and row["expires_at"] <= system.clock.now():
            raise ControlError("CODE_EXPIRED", "二维码已过期", 410)
        openid = openid_of(account)
        if not system.is_following(account, openid):
            return account, await self.follow(
                account, openid, row["scene"], "ADD_SCENE_QR_CODE", row["ticket"]
            )
        return account, await self._pusher.event(
            account, openid, "SCAN", EventKey=row["scene"], Ticket=row["ticket"]
        )

    async def write(self, account: Account, openid: str, text: str) -> int:
        """Send words."""
        self._following(account, openid)
        self._mine(account, openid, "text", {"text": text})
        return await self._pusher.message(account, openid, "text", Content=text)

    async def agree(self, account: Account, openid: str, templates: list[str], accept: bool) -> int:
        """Tap 允许 or 取消 in the window of a page: each 允许 is one message of each template."""
        if accept:
            with self._system.store.transaction() as db:
                for template in templates:
                    db.execute(
                        "INSERT INTO oa_agreed (appid, openid, template, left_over) VALUES (?, ?, ?, 1)"
                        " ON CONFLICT (appid, openid, template) DO UPDATE SET left_over = left_over + 1",
                        (account.appid, openid, template),
                    )
        self._note(account, openid, "您允许了订阅通知" if accept else "您没有允许订阅通知")
        told = "accept" if accept else "reject"
        items = [{"TemplateId": one, "SubscribeStatusString": told, "PopupScene": "1"} for one in templates]
        return await self._pusher.event(
            account, openid, "subscribe_msg_popup_event", SubscribeMsgPopupEvent={"List": items}
        )

    async def refuse(self, account: Account, openid: str, template: str) -> int:
        """Switch a template off in the settings of WeChat's notices."""
        with self._system.store.transaction() as db:
            db.execute(
                "UPDATE oa_agreed SET left_over = 0 WHERE appid = ? AND openid = ? AND template = ?",
                (account.appid, openid, template),
            )
        item = {"TemplateId": template, "SubscribeStatusString": "reject"}
        return await self._pusher.event(
            account, openid, "subscribe_msg_change_event", SubscribeMsgChangeEvent={"List": item}
        )

    async def send_picture(self, account: Account, openid: str, url: str) -> int:
        """Send a picture, which WeChat keeps at `url`."""
        self._following(account, openid)
        self._mine(account, openid, "image", {"text": "", "media_id": ""})
        return await self._pusher.message(
            account, openid, "image", PicUrl=url, MediaId=f"sandbox{secrets.token_hex(12)}"
        )

    async def send_position(self, account: Account, openid: str, lng: float, lat: float, label: str) -> int:
        """Send a position (GCJ-02)."""
        self._following(account, openid)
        self._mine(account, openid, "location", {"text": label or f"{lat:.5f}, {lng:.5f}"})
        return await self._pusher.message(
            account,
            openid,
            "location",
            Location_X=f"{lat:.6f}",
            Location_Y=f"{lng:.6f}",
            Scale=16,
            Label=label,
        )

    async def tap(self, account: Account, openid: str, top: int, below: int = -1) -> tuple[str, int]:
        """Tap a button of the menu: where it leads ("" for nowhere), and the push. Raises ControlError."""
        self._following(account, openid)
        menu = self._system.menu_for(account, openid)
        try:
            button = menu[top]
            if button.get("sub_button"):
                button = button["sub_button"][below if below >= 0 else len(button["sub_button"])]
        except IndexError:
            raise ControlError("NO_SUCH_BUTTON", "没有这个按钮", 404) from None
        kind, name = button.get("type", ""), button.get("name", "")
        if kind in ("view", "miniprogram"):
            number = await self._pusher.event(account, openid, "VIEW", EventKey=button["url"], MenuId="1")
            return str(button["url"]), number
        if kind == "click":
            self._note(account, openid, f"点击菜单“{name}”")
            return "", await self._pusher.event(account, openid, "CLICK", EventKey=button["key"])
        self._note(account, openid, f"点击菜单“{name}”（沙箱只发送事件）")
        return "", await self._pusher.event(account, openid, kind, EventKey=button.get("key", ""))

    def _following(self, account: Account, openid: str) -> None:
        if not self._system.is_following(account, openid):
            raise ControlError("NOT_FOLLOWING", "请先关注公众号", 409)

    def _mine(self, account: Account, openid: str, kind: str, body: dict[str, Any]) -> None:
        with self._system.store.transaction() as db:
            self._say(db, account, openid, "me", kind, body)

    def _note(self, account: Account, openid: str, text: str) -> None:
        with self._system.store.transaction() as db:
            self._say(db, account, openid, "note", "note", {"text": text})

    def _say(
        self,
        db: sqlite3.Connection,
        account: Account,
        openid: str,
        side: str,
        kind: str,
        body: dict[str, Any],
    ) -> None:
        put_message(db, account, openid, side, kind, body, self._system.clock.now())
