"""Questions taken in: once per number of the asker's; the first name told for an identity number is the right one."""

from __future__ import annotations

import json
import re
import sqlite3
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox import faults, signed
from sandbox.clock import Clock
from sandbox.faults import Fault
from sandbox.map.keys import Application
from sandbox.store import Store

NAME = "realname"
KINDS = signed.KINDS
#: Whoever is called so is another in the register.
STRANGER = "不符"

SCHEMA = f"""
CREATE TABLE IF NOT EXISTS realname_checks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    request_no TEXT NOT NULL UNIQUE, name TEXT NOT NULL, id_number TEXT NOT NULL, status TEXT NOT NULL,
    code TEXT NOT NULL, copies INTEGER NOT NULL, asked_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS realname_persons (id_number TEXT PRIMARY KEY, name TEXT NOT NULL);
{signed.nonces(NAME)}
"""

_ID = re.compile(r"\d{17}[\dX]")


@dataclass(frozen=True, slots=True)
class Desk:
    """The running system."""

    application: Application
    clock: Clock
    store: Store

    async def ask(self, request: Request) -> Response:
        """POST /v1/checks {request_no, name, id_number}."""
        body = await request.body()
        refusal = signed.check(request, body, NAME, self.application, self.store)
        if refusal is not None:
            return refusal
        try:
            told = json.loads(body)
            number, name, id_number = (str(told[key]) for key in ("request_no", "name", "id_number"))
        except (ValueError, KeyError, TypeError):
            return JSONResponse({"status": "refused", "code": "MALFORMED"}, status_code=400)
        with self.store.transaction() as db:
            fault = faults.take(db, system=NAME, operation="ask", kinds=KINDS, subject=number)
        broken = await signed.before(fault)
        if broken is not None:
            return broken
        with self.store.transaction() as db:
            answer = self._take_in(db, number, name, id_number, fault)
        return await signed.after(fault, answer)

    async def find(self, request: Request) -> Response:
        """GET /v1/checks/{request_no}."""
        refusal = signed.check(request, b"", NAME, self.application, self.store)
        if refusal is not None:
            return refusal
        number = request.path_params["number"]
        with self.store.transaction() as db:
            fault = faults.take(db, system=NAME, operation="find", kinds=KINDS, subject=number)
        broken = await signed.before(fault)
        if broken is not None:
            return broken
        row = self.store.one("SELECT * FROM realname_checks WHERE request_no = ?", number)
        if row is None:
            return await signed.after(
                fault, JSONResponse({"status": "none", "code": "NOT_FOUND"}, status_code=404)
            )
        return await signed.after(fault, _answer(row))

    def _take_in(
        self, db: sqlite3.Connection, number: str, name: str, id_number: str, fault: Fault | None
    ) -> Response:
        row = db.execute("SELECT * FROM realname_checks WHERE request_no = ?", (number,)).fetchone()
        if row is not None:  # the same question again is one question
            db.execute("UPDATE realname_checks SET copies = copies + 1 WHERE id = ?", (row["id"],))
            return _answer(row)
        status, code = self._judge(db, name, id_number, fault)
        db.execute(
            "INSERT INTO realname_checks (request_no, name, id_number, status, code, copies, asked_at)"
            " VALUES (?, ?, ?, ?, ?, 1, ?)",
            (number, name, id_number, status, code, self.clock.now()),
        )
        return _answer(db.execute("SELECT * FROM realname_checks WHERE request_no = ?", (number,)).fetchone())

    def _judge(
        self, db: sqlite3.Connection, name: str, id_number: str, fault: Fault | None
    ) -> tuple[str, str]:
        if fault is not None and fault.kind == "error":
            return "refused", str(fault.params.get("code", "NO_RECORD"))[:40]
        if not name or not _ID.fullmatch(id_number):
            return "refused", "MALFORMED"
        if name.endswith(STRANGER):
            return "mismatched", ""
        db.execute("INSERT OR IGNORE INTO realname_persons VALUES (?, ?)", (id_number, name))
        known = db.execute("SELECT name FROM realname_persons WHERE id_number = ?", (id_number,)).fetchone()
        return ("matched" if known["name"] == name else "mismatched"), ""


def _answer(row: Any) -> Response:
    return JSONResponse({"status": row["status"], "code": row["code"], "request_no": row["request_no"]})
