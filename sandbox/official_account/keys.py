"""The accounts that exist in the sandbox, with their secrets: made once per directory."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from sandbox.people import Person
from sandbox.wechat_pay.keys import APPID

MANIFEST = "accounts.json"
#: Code, name, appid, original id. The first one is the account that payments are made in.
ACCOUNTS = (
    ("chongqing", "重庆邮政便民服务", APPID, "gh_a1b2c3d4e5f6"),
    ("yuxi", "渝西邮政生活", "wx8d7c6b5a4f3e2d1c", "gh_0f1e2d3c4b5a"),
)


@dataclass(frozen=True, slots=True)
class Account:
    """One account as WeChat's console shows it."""

    code: str
    name: str
    type: str
    appid: str
    original_id: str
    secret: str
    token: str
    aes_key: str
    push_mode: str

    def openid(self, person: Person) -> str:
        """The openid that a person has here: another one at each account."""
        if self.appid == APPID:
            return person.openid
        digest = hashlib.sha256(f"{self.appid}{person.openid}".encode()).digest()
        return "o" + base64.urlsafe_b64encode(digest).decode()[:27]


def unionid(person: Person) -> str:
    """The unionid of a person: the same at all accounts."""
    digest = hashlib.sha256(f"union{person.openid}".encode()).digest()
    return "u" + base64.urlsafe_b64encode(digest).decode()[:27]


def ensure_accounts(directory: Path) -> tuple[Account, ...]:
    """The accounts of a directory, made at the first call; safe from several processes at once."""
    path = directory / MANIFEST
    if not path.exists():
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = directory / f".{MANIFEST}.{os.getpid()}"
        draft.write_text(json.dumps([asdict(_made(*one)) for one in ACCOUNTS], ensure_ascii=False, indent=2))
        draft.chmod(0o600)
        try:
            os.link(draft, path)  # whoever comes first
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return tuple(Account(**one) for one in json.loads(path.read_text()))


def _made(code: str, name: str, appid: str, original_id: str) -> Account:
    key = base64.b64encode(secrets.token_bytes(32)).decode().rstrip("=")
    return Account(
        code, name, "service", appid, original_id, secrets.token_hex(16), secrets.token_hex(16), key, "aes"
    )
