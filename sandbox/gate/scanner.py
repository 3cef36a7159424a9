"""Gates with a memory: their list, their log, their clock, whether they have a network."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from typing import Any

import httpx

from sandbox.control_api import ControlError
from sandbox.gate.deciding import decide, proven
from sandbox.store import Store

NAME = "gate"
SCHEMA = """
CREATE TABLE IF NOT EXISTS gate_devices (
    code TEXT PRIMARY KEY, url TEXT NOT NULL, secret TEXT NOT NULL, online INTEGER NOT NULL DEFAULT 1,
    shift_ms INTEGER NOT NULL DEFAULT 0, skew_ms INTEGER NOT NULL DEFAULT 0, list TEXT NOT NULL DEFAULT ''
);
CREATE TABLE IF NOT EXISTS gate_log (
    number TEXT PRIMARY KEY, device TEXT NOT NULL, text TEXT NOT NULL, at INTEGER NOT NULL, people INTEGER NOT NULL,
    voucher INTEGER NOT NULL, answer TEXT NOT NULL, offline INTEGER NOT NULL, told TEXT NOT NULL DEFAULT ''
);
"""


def voucher_in(text: str) -> int:
    """The key of the voucher that a signed code names; 0 for anything else."""
    parts = text.split(".")
    try:
        return int(parts[1].split("-")[0], 36) if parts[0] == "v1" else 0
    except (IndexError, ValueError):
        return 0


class Scanner:
    """All gates of the sandbox, by their device code."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def set_up(self, code: str, url: str, secret: str, shift_ms: int) -> dict[str, Any]:
        """A device that the platform has registered. Again: its address, secret and clock are others; its log stays."""
        with self._store.transaction() as db:
            db.execute(
                "INSERT INTO gate_devices (code, url, secret, shift_ms) VALUES (?, ?, ?, ?) ON CONFLICT (code)"
                " DO UPDATE SET url = excluded.url, secret = excluded.secret, shift_ms = excluded.shift_ms",
                (code, url.rstrip("/"), secret, shift_ms),
            )
        return self.state(code)

    def network(self, code: str, online: bool) -> dict[str, Any]:
        """Plug it in or out."""
        self._device(code)
        with self._store.transaction() as db:
            db.execute("UPDATE gate_devices SET online = ? WHERE code = ?", (int(online), code))
        return self.state(code)

    def state(self, code: str) -> dict[str, Any]:
        """The device, what is on its list, what it has not told yet."""
        device = self._device(code)
        kept = json.loads(device["list"]) if device["list"] else None
        told = json.loads(kept["list"]) if kept else None
        log = self._store.all("SELECT * FROM gate_log WHERE device = ? ORDER BY at DESC LIMIT 50", code)
        return {
            "code": code, "online": bool(device["online"]), "shift_ms": device["shift_ms"],
            "skew_ms": device["skew_ms"], "listed": len(told["vouchers"]) if told else 0,
            "list_made_at": told["made_at"] if told else None, "waiting": len(self._waiting(code)),
            "log": [{key: row[key] for key in ("number", "at", "people", "answer", "offline", "told")} for row in log],
        }  # fmt: skip

    def all(self) -> list[dict[str, Any]]:
        """Every device."""
        return [
            self.state(row["code"]) for row in self._store.all("SELECT code FROM gate_devices ORDER BY code")
        ]

    async def heartbeat(self, code: str) -> dict[str, Any]:
        """Here I am; how far my clock is off."""
        answer = await self._ask(
            code, "heartbeat", {"software": "sandbox-1", "waiting": len(self._waiting(code))}
        )
        if "skew_ms" in answer:
            with self._store.transaction() as db:
                db.execute("UPDATE gate_devices SET skew_ms = ? WHERE code = ?", (answer["skew_ms"], code))
        return answer

    async def fetch(self, code: str) -> dict[str, Any]:
        """The list; one that was not signed by a key known before is thrown away."""
        answer = await self._ask(code, "list", {})
        if answer.get("status") != "ok":
            return answer
        device = self._device(code)
        before = json.loads(json.loads(device["list"])["list"])["keys"] if device["list"] else None
        if not proven(answer, before):
            raise ControlError("BAD_LIST", "名单的签名不对")
        with self._store.transaction() as db:
            db.execute("UPDATE gate_devices SET list = ? WHERE code = ?", (json.dumps(answer), code))
        return {"status": "ok", "listed": self.state(code)["listed"]}

    async def scan(self, code: str, text: str, people: int | None) -> dict[str, Any]:
        """Somebody shows something: asked of the platform, or decided alone."""
        device = self._device(code)
        number = secrets.token_hex(12)
        if device["online"]:
            told: dict[str, Any] = {"number": number, "text": text}
            if people is not None:
                told["people"] = people
            try:
                answer = await self._ask(code, "verify", told)
            except ControlError as error:
                if error.code != "NO_ANSWER":
                    raise
            else:
                self._note(
                    number,
                    device,
                    text,
                    answer.get("admitted", 0),
                    voucher_in(text),
                    str(answer.get("answer", "")),
                    False,
                )
                return answer
        return self._alone(device, number, text, people)

    async def sync(self, code: str) -> dict[str, Any]:
        """Tell what was done alone, the last first: order must not matter."""
        waiting = self._waiting(code)
        entries = [
            {"number": row["number"], "text": row["text"], "at": row["at"], "people": row["people"]}
            for row in reversed(waiting[:500])
        ]
        answer = await self._ask(code, "log", {"entries": entries})
        with self._store.transaction() as db:
            for one in answer.get("entries", ()):
                db.execute("UPDATE gate_log SET told = ? WHERE number = ?", (one["status"], one["number"]))
        return answer

    def _alone(self, device: Any, number: str, text: str, people: int | None) -> dict[str, Any]:
        if not device["list"]:
            raise ControlError("NO_LIST", "还没有下载名单")
        told = json.loads(json.loads(device["list"])["list"])
        moment = (self._clock(device) - device["skew_ms"]) / 1000
        verdict = decide(told, device["secret"], text, people, moment, self._used(device, told["made_at"]))
        self._note(number, device, text, verdict.people, verdict.voucher, verdict.answer, True)
        return {
            "status": "ok", "answer": verdict.answer, "admitted": verdict.people, "left": verdict.left, "offline": True,
        }  # fmt: skip

    def _note(
        self, number: str, device: Any, text: str, people: int, voucher: int, answer: str, offline: bool
    ) -> None:
        with self._store.transaction() as db:
            db.execute(
                "INSERT INTO gate_log (number, device, text, at, people, voucher, answer, offline)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (number, device["code"], text, self._clock(device), people, voucher, answer, int(offline)),
            )

    def _used(self, device: Any, since: int) -> dict[int, int]:
        """Who was let in here since the list was made (by our own clock), and who was not told of yet."""
        rows = self._store.all(
            "SELECT voucher, sum(people) AS n FROM gate_log WHERE device = ?"
            " AND (at >= ? OR (offline = 1 AND told = '')) GROUP BY voucher",
            device["code"],
            since * 1000 + device["skew_ms"],
        )
        return {row["voucher"]: row["n"] for row in rows}

    def _waiting(self, code: str) -> list[Any]:
        return self._store.all(
            "SELECT * FROM gate_log WHERE device = ? AND offline = 1 AND answer = 'passed' AND told = '' ORDER BY at",
            code,
        )

    def _device(self, code: str) -> Any:
        found = self._store.one("SELECT * FROM gate_devices WHERE code = ?", code)
        if found is None:
            raise ControlError("NOT_FOUND", "没有这台设备", 404)
        return found

    def _clock(self, device: Any) -> int:
        return round(time.time() * 1000) + int(device["shift_ms"])

    async def _ask(self, code: str, name: str, told: dict[str, Any]) -> dict[str, Any]:
        device = self._device(code)
        if not device["online"]:
            raise ControlError("OFFLINE", "设备没有网络")
        body = json.dumps(told).encode()
        path = f"/hooks/ticketing/gate/{name}"
        stamp = str(self._clock(device))
        lines = b"\n".join((b"POST", path.encode(), stamp.encode(), body))
        head = {
            "Content-Type": "application/json", "X-Gate-Device": code, "X-Gate-Timestamp": stamp,
            "X-Gate-Signature": hmac.new(device["secret"].encode(), lines, hashlib.sha256).hexdigest(),
        }  # fmt: skip
        try:
            async with httpx.AsyncClient(timeout=10, trust_env=False) as http:
                response = await http.post(f"{device['url']}{path}", content=body, headers=head)
            answer: dict[str, Any] = response.json()
        except (httpx.HTTPError, ValueError) as error:
            raise ControlError("NO_ANSWER", f"平台没有应答：{type(error).__name__}", 502) from error
        return answer
