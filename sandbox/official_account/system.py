"""What the parts of the pretended official accounts share."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from dataclasses import dataclass
from typing import Any

from sandbox.clock import Clock
from sandbox.official_account.keys import Account
from sandbox.people import PEOPLE, Person
from sandbox.store import Store

NAME = "official_account"

SCHEMA = """
CREATE TABLE IF NOT EXISTS oa_tokens (
    token TEXT PRIMARY KEY, appid TEXT NOT NULL, expires_at REAL NOT NULL, dead INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS oa_followers (
    appid TEXT NOT NULL, openid TEXT NOT NULL, following INTEGER NOT NULL, since REAL NOT NULL,
    scene TEXT NOT NULL, way TEXT NOT NULL, tags TEXT NOT NULL DEFAULT '[]', PRIMARY KEY (appid, openid)
);
CREATE TABLE IF NOT EXISTS oa_menus (
    menuid INTEGER PRIMARY KEY AUTOINCREMENT, appid TEXT NOT NULL, personal INTEGER NOT NULL, body TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS oa_codes (
    ticket TEXT PRIMARY KEY, appid TEXT NOT NULL, url TEXT NOT NULL, scene TEXT NOT NULL, expires_at REAL
);
CREATE TABLE IF NOT EXISTS oa_messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, appid TEXT NOT NULL, openid TEXT NOT NULL, side TEXT NOT NULL,
    kind TEXT NOT NULL, body TEXT NOT NULL, at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS oa_pushes (
    id INTEGER PRIMARY KEY AUTOINCREMENT, appid TEXT NOT NULL, openid TEXT NOT NULL, body TEXT NOT NULL,
    state TEXT NOT NULL, tries TEXT NOT NULL DEFAULT '[]', at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS oa_servers (appid TEXT PRIMARY KEY, url TEXT NOT NULL, push_mode TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS oa_oauth (
    code TEXT PRIMARY KEY, appid TEXT NOT NULL, openid TEXT NOT NULL, scope TEXT NOT NULL, expires_at REAL NOT NULL,
    used INTEGER NOT NULL DEFAULT 0, token TEXT NOT NULL DEFAULT ''
);
CREATE TABLE IF NOT EXISTS oa_sent (
    id INTEGER PRIMARY KEY AUTOINCREMENT, appid TEXT NOT NULL, openid TEXT NOT NULL, client_msg_id TEXT NOT NULL,
    told INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS oa_custom (
    id INTEGER PRIMARY KEY AUTOINCREMENT, appid TEXT NOT NULL, openid TEXT NOT NULL, at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS oa_materials (
    id INTEGER PRIMARY KEY AUTOINCREMENT, appid TEXT NOT NULL, media_id TEXT NOT NULL, name TEXT NOT NULL,
    kind TEXT NOT NULL, content BLOB NOT NULL, at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS oa_remarks (
    appid TEXT NOT NULL, openid TEXT NOT NULL, remark TEXT NOT NULL, PRIMARY KEY (appid, openid)
);
CREATE TABLE IF NOT EXISTS oa_tags (id INTEGER PRIMARY KEY, appid TEXT NOT NULL, name TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS oa_agreed (
    appid TEXT NOT NULL, openid TEXT NOT NULL, template TEXT NOT NULL, left_over INTEGER NOT NULL,
    PRIMARY KEY (appid, openid, template)
);
CREATE TABLE IF NOT EXISTS oa_notices (
    id INTEGER PRIMARY KEY AUTOINCREMENT, appid TEXT NOT NULL, openid TEXT NOT NULL, template TEXT NOT NULL,
    told INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS oa_calls (
    id INTEGER PRIMARY KEY AUTOINCREMENT, appid TEXT NOT NULL, operation TEXT NOT NULL, errcode INTEGER NOT NULL,
    at REAL NOT NULL
);
"""
TABLES = (
    "oa_tokens", "oa_followers", "oa_menus", "oa_codes", "oa_messages", "oa_pushes", "oa_servers", "oa_calls",
    "oa_oauth", "oa_sent", "oa_custom", "oa_materials", "oa_remarks", "oa_tags", "oa_agreed",
    "oa_notices",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class OfficialAccounts:
    """The running system. `platform_url`: where the platform is, for accounts whose console says nothing else."""

    accounts: tuple[Account, ...]
    clock: Clock
    store: Store
    platform_url: str

    def by_appid(self, appid: str) -> Account | None:
        """An account by its appid."""
        return next((one for one in self.accounts if one.appid == appid), None)

    def by_code(self, code: str) -> Account:
        """An account by its code in the sandbox; the first one for any other."""
        return next((one for one in self.accounts if one.code == code), self.accounts[0])

    def server_of(self, account: Account) -> tuple[str, str]:
        """Where pushes go, and how: what the console was told, else the platform's usual address ("" for none)."""
        row = self.store.one("SELECT url, push_mode FROM oa_servers WHERE appid = ?", account.appid)
        if row is not None:
            return row["url"], row["push_mode"]
        usual = f"{self.platform_url}/hooks/official_account/{account.code}" if self.platform_url else ""
        return usual, account.push_mode

    def ticket_of(self, account: Account) -> str:
        """The ticket that pages are signed with: the same for all who ask."""
        return hashlib.sha256(f"ticket{account.secret}".encode()).hexdigest()

    def is_following(self, account: Account, openid: str) -> bool:
        """Whether somebody follows now."""
        row = self.store.one(
            "SELECT following FROM oa_followers WHERE appid = ? AND openid = ?", account.appid, openid
        )
        return row is not None and bool(row["following"])

    def person_of(self, account: Account, openid: str) -> Person | None:
        """Whose openid it is at this account."""
        return next((one for one in PEOPLE if account.openid(one) == openid), None)

    def menu_for(self, account: Account, openid: str) -> list[dict[str, Any]]:
        """The menu that somebody sees: the newest personalised one that fits, else the ordinary one."""
        rows = self.store.all(
            "SELECT * FROM oa_menus WHERE appid = ? ORDER BY personal DESC, menuid DESC", account.appid
        )
        row = self.store.one(
            "SELECT tags FROM oa_followers WHERE appid = ? AND openid = ?", account.appid, openid
        )
        tags = json.loads(row["tags"]) if row else []
        for one in rows:
            body = json.loads(one["body"])
            rule = body.get("matchrule") or {}
            tag, phone = rule.get("tag_id"), rule.get("client_platform_type")
            # every telephone of the sandbox is an Android
            if (not tag or str(tag) in map(str, tags)) and (not phone or str(phone) == "2"):
                buttons: list[dict[str, Any]] = body["button"]
                return buttons
        return []

    def talk(self, account: Account, openid: str, limit: int = 60) -> list[dict[str, Any]]:
        """What was said between somebody and an account, the oldest first."""
        rows = self.store.all(
            "SELECT * FROM oa_messages WHERE appid = ? AND openid = ? ORDER BY id DESC LIMIT ?",
            account.appid, openid, limit,
        )  # fmt: skip
        return [
            {
                "id": row["id"],
                "side": row["side"],
                "kind": row["kind"],
                "at": row["at"],
                **json.loads(row["body"]),
            }
            for row in reversed(rows)
        ]


def put_message(
    db: sqlite3.Connection,
    account: Account,
    openid: str,
    side: str,
    kind: str,
    body: dict[str, Any],
    at: float,
) -> None:
    """Write a message into a talk. side: `me`, `account` or `note` (grey, in the middle)."""
    db.execute(
        "INSERT INTO oa_messages (appid, openid, side, kind, body, at) VALUES (?, ?, ?, ?, ?, ?)",
        (account.appid, openid, side, kind, json.dumps(body, ensure_ascii=False), at),
    )
