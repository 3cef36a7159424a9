"""What people do, sent to the platform as WeChat sends it: five seconds, three tries, and the answer shown to them."""

from __future__ import annotations

import asyncio
import json
import random
import secrets
from typing import Any
from urllib.parse import urlencode
from xml.sax.saxutils import escape

import httpx
import xmltodict

from sandbox import faults
from sandbox.official_account.keys import Account
from sandbox.official_account.sealing import seal, signature, unseal
from sandbox.official_account.system import NAME, OfficialAccounts, put_message

ANSWER_WITHIN = 5.0  # real seconds that the platform has
TRIES = 3
KINDS = frozenset({"drop", "duplicate", "late", "bad_signature", "stale"})
BROKEN = "该公众号提供的服务出现故障，请稍后再试"


class Pusher:
    """Sends pushes; each call waits for the answer, as the person with the telephone does."""

    def __init__(self, system: OfficialAccounts) -> None:
        self._system = system
        self._telling: asyncio.Task[None] | None = None
        self._client = httpx.AsyncClient(timeout=ANSWER_WITHIN, follow_redirects=False, trust_env=False)

    async def stop(self) -> None:
        """Close the connections."""
        if self._telling is not None:
            self._telling.cancel()
            await asyncio.gather(self._telling, return_exceptions=True)
        await self._client.aclose()

    async def greet(self, account: Account, url: str) -> bool:
        """What the console does before it accepts an address: GET with an echostr that must come back."""
        echo = str(random.randint(10**18, 10**19 - 1))  # noqa: S311 - a number to repeat, no secret
        asked = {**self._signed(account, ""), "echostr": echo}
        try:
            answer = await self._client.get(f"{url}?{urlencode(asked)}")
        except (httpx.HTTPError, httpx.InvalidURL):
            return False
        return answer.status_code == 200 and answer.text == echo

    async def event(self, account: Account, openid: str, event: str, **values: Any) -> int:
        """An event: `subscribe`, `CLICK` and the others, with its EventKey and so on."""
        return await self.push(account, openid, {"MsgType": "event", "Event": event, **values})

    async def message(self, account: Account, openid: str, kind: str, **values: Any) -> int:
        """A message, which has a number of its own."""
        number = str(random.randint(10**22, 10**23 - 1))  # noqa: S311
        return await self.push(account, openid, {"MsgType": kind, **values, "MsgId": number})

    async def tell_finished(self, status: str = "success") -> int:
        """Tell the platform what became of template messages of which it was not told; how many."""
        system = self._system
        rows = system.store.all("SELECT * FROM oa_sent WHERE told = 0 ORDER BY id")
        with system.store.transaction() as db:
            for row in rows:
                db.execute("UPDATE oa_sent SET told = 1 WHERE id = ?", (row["id"],))
        for row in rows:
            account = system.by_appid(row["appid"]) or system.accounts[0]
            await self.event(account, row["openid"], "TEMPLATESENDJOBFINISH", MsgID=row["id"], Status=status)
        notices = system.store.all("SELECT * FROM oa_notices WHERE told = 0 ORDER BY id")
        with system.store.transaction() as db:
            for row in notices:
                db.execute("UPDATE oa_notices SET told = 1 WHERE id = ?", (row["id"],))
        for row in notices:
            account = system.by_appid(row["appid"]) or system.accounts[0]
            code, words = ("0", "success") if status == "success" else ("43101", status)
            item = {
                "TemplateId": row["template"], "MsgID": 9_000_000 + row["id"], "ErrorCode": code, "ErrorStatus": words,
            }  # fmt: skip
            await self.event(
                account, row["openid"], "subscribe_msg_sent_event", SubscribeMsgSentEvent={"List": item}
            )
        return len(rows) + len(notices)

    async def start(self) -> None:
        """Where the platform is known, it is told of messages without being asked to."""
        if self._system.platform_url:
            self._telling = asyncio.create_task(self._tell(), name="official_account teller")

    async def _tell(self) -> None:
        while True:
            await asyncio.sleep(1)
            await self.tell_finished()

    async def push(self, account: Account, openid: str, values: dict[str, Any]) -> int:
        """Send, and show what is answered. The push's number here."""
        system, wall = self._system, self._system.clock.wall()
        body = _xml(
            {"ToUserName": account.original_id, "FromUserName": openid, "CreateTime": int(wall), **values}
        )
        with system.store.transaction() as db:
            fault = faults.take(
                db,
                system=NAME,
                operation=faults.NOTIFY,
                kinds=KINDS,
                subject=values.get("Event", values["MsgType"]),
            )
            row = db.execute(
                "INSERT INTO oa_pushes (appid, openid, body, state, at) VALUES (?, ?, ?, 'sending', ?)",
                (account.appid, openid, body, wall),
            )
            number = int(row.lastrowid or 0)
        if fault is not None and fault.kind == "drop":
            self._note(number, "dropped", [])
            return number
        if fault is not None and fault.kind == "late":
            await asyncio.sleep(fault.number("delay", 3.0))
        copies = int(fault.number("copies", 2)) if fault is not None and fault.kind == "duplicate" else 1
        spoil = fault.kind if fault is not None and fault.kind in ("bad_signature", "stale") else ""
        await self.send(number, copies, spoil)
        return number

    async def send(self, number: int, copies: int = 1, spoil: str = "") -> list[dict[str, Any]]:
        """Send a push (again) by its number; what each try came to."""
        row = self._system.store.one("SELECT * FROM oa_pushes WHERE id = ?", number)
        if row is None:
            return []
        account = self._system.by_appid(row["appid"]) or self._system.accounts[0]
        found = await asyncio.gather(*(self._tries(account, row["body"], spoil) for _ in range(copies)))
        tries = [one for several in found for one in several]
        self._note(number, "delivered" if any(one["ok"] for one in tries) else "failed", tries)
        answer = next((one for one in tries if one["ok"]), None)
        if not json.loads(row["tries"]):  # what comes of sending it again by hand is shown to nobody
            self._show(account, row["openid"], answer)
        return tries

    async def _tries(self, account: Account, body: str, spoil: str) -> list[dict[str, Any]]:
        tries: list[dict[str, Any]] = []
        for _number in range(TRIES):
            tries.append(await self._attempt(account, body, spoil))
            if tries[-1]["status"] is not None:  # an answer, whatever it says, is not asked for again
                break
        return tries

    async def _attempt(self, account: Account, body: str, spoil: str) -> dict[str, Any]:
        url, mode = self._system.server_of(account)
        if not url:
            return {"status": None, "ok": False, "text": "没有配置服务器地址"}
        asked, sent = self._signed(account, spoil), body
        if mode != "plain":
            sealed = seal(account.aes_key, body, account.appid)
            asked |= {
                "encrypt_type": "aes",
                "msg_signature": signature(account.token, asked["timestamp"], asked["nonce"], sealed),
            }
            if spoil == "bad_signature":
                asked["msg_signature"] = asked["msg_signature"][::-1]
            outer = {"ToUserName": account.original_id, "Encrypt": sealed}
            sent = (
                _xml(outer) if mode == "aes" else body.replace("</xml>", f"<Encrypt>{sealed}</Encrypt></xml>")
            )
        headers = {"Content-Type": "text/xml", "User-Agent": "Mozilla/4.0"}
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                answer = await self._client.post(
                    f"{url}?{urlencode(asked)}", content=sent.encode(), headers=headers
                )
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            return {"status": None, "ok": False, "text": type(error).__name__}
        text = self._opened(account, answer.text)
        ok = answer.status_code == 200 and (text in ("", "success") or text.startswith("<xml>"))
        return {"status": answer.status_code, "ok": ok, "text": text[:4000]}

    def _signed(self, account: Account, spoil: str) -> dict[str, str]:
        age = 3600 if spoil == "stale" else 0
        stamp, nonce = str(int(self._system.clock.wall()) - age), secrets.token_hex(5)
        told = signature(account.token, stamp, nonce)
        return {
            "signature": told[::-1] if spoil == "bad_signature" else told,
            "timestamp": stamp,
            "nonce": nonce,
        }

    def _opened(self, account: Account, text: str) -> str:
        if "<Encrypt>" not in text:
            return text.strip()
        try:
            told = xmltodict.parse(text)["xml"]
            expected = signature(account.token, str(told["TimeStamp"]), str(told["Nonce"]), told["Encrypt"])
            if told["MsgSignature"] != expected:
                return "应答签名不对"
            return unseal(account.aes_key, told["Encrypt"], account.appid).strip()
        except (ValueError, KeyError, TypeError, IndexError, xmltodict.expat.ExpatError):
            return "应答无法解密"

    def _note(self, number: int, state: str, tries: list[dict[str, Any]]) -> None:
        with self._system.store.transaction() as db:
            row = db.execute("SELECT tries FROM oa_pushes WHERE id = ?", (number,)).fetchone()
            known = json.loads(row["tries"]) if row else []
            db.execute(
                "UPDATE oa_pushes SET state = ?, tries = ? WHERE id = ?",
                (state, json.dumps([*known, *tries], ensure_ascii=False), number),
            )

    def _show(self, account: Account, openid: str, answer: dict[str, Any] | None) -> None:
        system = self._system
        with system.store.transaction() as db:
            if answer is None:
                put_message(db, account, openid, "note", "note", {"text": BROKEN}, system.clock.now())
            elif answer["text"] not in ("", "success"):
                kind, body = read_answer(answer["text"])
                side = "note" if kind == "note" else "account"
                put_message(db, account, openid, side, kind, body, system.clock.now())


def read_answer(text: str) -> tuple[str, dict[str, Any]]:
    """A passive answer as the telephone shows it: its kind and what is in it."""
    try:
        told = xmltodict.parse(text)["xml"]
        kind = str(told["MsgType"])
        if kind == "text":
            return kind, {"text": told.get("Content") or ""}
        if kind == "news":
            items = told["Articles"]["item"]
            first = items[0] if isinstance(items, list) else items
            return kind, {
                "title": first.get("Title") or "", "text": first.get("Description") or "",
                "picture": first.get("PicUrl") or "", "url": first.get("Url") or "",
            }  # fmt: skip
        if kind == "transfer_customer_service":
            return "note", {"text": "已转接客服，请稍候"}
        if kind in ("image", "voice"):
            return kind, {"text": "", "media_id": told[kind.capitalize()]["MediaId"]}
    except (KeyError, TypeError, IndexError, xmltodict.expat.ExpatError):
        return "note", {"text": "公众号的回复无法显示"}
    return kind, {"text": f"（{kind}）"}


def _xml(values: dict[str, Any]) -> str:
    parts = []
    for name, value in values.items():
        if isinstance(value, list):
            parts += [_xml({name: one}).removeprefix("<xml>").removesuffix("</xml>") for one in value]
        elif isinstance(value, dict):
            parts.append(f"<{name}>{_xml(value).removeprefix('<xml>').removesuffix('</xml>')}</{name}>")
        elif isinstance(value, int | float):
            parts.append(f"<{name}>{value}</{name}>")
        else:
            text = str(value)
            whole = f"<![CDATA[{text}]]>" if "]]>" not in text else escape(text)
            parts.append(f"<{name}>{whole}</{name}>")
    return f"<xml>{''.join(parts)}</xml>"
