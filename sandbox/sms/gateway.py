"""Messages taken in: key, signature and freshness checked, once per number of the sender's, faults on request."""

from __future__ import annotations

import json
import re
import secrets
import sqlite3
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox import faults, signed
from sandbox.clock import Clock
from sandbox.faults import Fault
from sandbox.map.keys import Application
from sandbox.messages import post
from sandbox.people import PEOPLE
from sandbox.store import Store

NAME = "sms"
KINDS = signed.KINDS

SCHEMA = f"""
CREATE TABLE IF NOT EXISTS sms_messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    request_no TEXT NOT NULL UNIQUE, mobile TEXT NOT NULL, template TEXT NOT NULL, text TEXT NOT NULL,
    status TEXT NOT NULL, code TEXT NOT NULL, receipt TEXT NOT NULL, copies INTEGER NOT NULL, sent_at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS sms_by_mobile ON sms_messages (mobile, id);
{signed.nonces(NAME)}
"""

_MOBILE = re.compile(r"1[3-9]\d{9}")
#: A number that the gateway refuses, as one that is out of service.
REFUSED_MOBILE = "13800000000"


@dataclass(frozen=True, slots=True)
class Sms:
    """The running system."""

    application: Application
    clock: Clock
    store: Store

    async def send(self, request: Request) -> Response:
        """POST /v1/messages {request_no, mobile, template, parameters, text}."""
        body = await request.body()
        refusal = signed.check(request, body, NAME, self.application, self.store)
        if refusal is not None:
            return refusal
        try:
            told = json.loads(body)
            number, mobile, template, text = (
                str(told[key]) for key in ("request_no", "mobile", "template", "text")
            )
        except (ValueError, KeyError, TypeError):
            return JSONResponse({"status": "refused", "code": "MALFORMED"}, status_code=400)
        with self.store.transaction() as db:
            fault = faults.take(db, system=NAME, operation="send", kinds=KINDS, subject=mobile)
        broken = await signed.before(fault)
        if broken is not None:
            return broken
        status, code = self._judge(mobile, number, fault)
        with self.store.transaction() as db:
            answer = self._take_in(db, number, mobile, template, text, status, code)
        return await signed.after(fault, answer)

    async def find(self, request: Request) -> Response:
        """GET /v1/messages/{request_no}."""
        refusal = signed.check(request, b"", NAME, self.application, self.store)
        if refusal is not None:
            return refusal
        number = request.path_params["number"]
        with self.store.transaction() as db:
            fault = faults.take(db, system=NAME, operation="find", kinds=KINDS, subject=number)
        broken = await signed.before(fault)
        if broken is not None:
            return broken
        row = self.store.one("SELECT * FROM sms_messages WHERE request_no = ?", number)
        if row is None:
            return await signed.after(
                fault, JSONResponse({"status": "none", "code": "NOT_FOUND"}, status_code=404)
            )
        return await signed.after(fault, _answer(row))

    def _judge(self, mobile: str, number: str, fault: Fault | None) -> tuple[str, str]:
        if not _MOBILE.fullmatch(mobile) or not 8 <= len(number) <= 40:
            return "refused", "MALFORMED"
        if fault is not None and fault.kind == "error":
            return "refused", str(fault.params.get("code", "BLACKLISTED"))[:40]
        if mobile == REFUSED_MOBILE:
            return "refused", "OUT_OF_SERVICE"
        return "accepted", ""

    def _take_in(
        self,
        db: sqlite3.Connection,
        number: str,
        mobile: str,
        template: str,
        text: str,
        status: str,
        code: str,
    ) -> Response:
        row = db.execute("SELECT * FROM sms_messages WHERE request_no = ?", (number,)).fetchone()
        if row is not None:  # the same message again is one message
            db.execute("UPDATE sms_messages SET copies = copies + 1 WHERE id = ?", (row["id"],))
            return _answer(row)
        db.execute(
            "INSERT INTO sms_messages (request_no, mobile, template, text, status, code, receipt, copies, sent_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?)",
            (number, mobile, template, text, status, code, secrets.token_hex(8), self.clock.now()),
        )
        if status == "accepted":
            for person in PEOPLE:
                if person.mobile == mobile:
                    sign, _bracket, words = text.removeprefix("【").partition("】")
                    post(
                        db, system=NAME, receiver=person.openid, title=f"短信 · {sign}", headline=words or text,
                        lines=[("号码", mobile)], now=self.clock.now(),
                    )  # fmt: skip
        return _answer(db.execute("SELECT * FROM sms_messages WHERE request_no = ?", (number,)).fetchone())


def _answer(row: Any) -> Response:
    data = {
        "status": row["status"],
        "code": row["code"],
        "receipt": row["receipt"],
        "request_no": row["request_no"],
    }
    return JSONResponse(data)
