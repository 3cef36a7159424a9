"""Insurances taken in once per number of the asker's; a policy's number comes later; ended before the trip only."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox import faults, signed
from sandbox.clock import Clock
from sandbox.faults import Fault
from sandbox.map.keys import Application
from sandbox.store import Store

NAME = "insurer"
KINDS = signed.KINDS
#: Whoever is called so is not insured.
UNWANTED = "拒保"
#: Seconds, at the sandbox's pace, until a policy has its number.
ISSUES_AFTER = 60.0

SCHEMA = f"""
CREATE TABLE IF NOT EXISTS insurer_policies (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    request_no TEXT NOT NULL UNIQUE, product TEXT NOT NULL, name TEXT NOT NULL, trip TEXT NOT NULL,
    starts_at TEXT NOT NULL, premium TEXT NOT NULL, state TEXT NOT NULL, policy_no TEXT NOT NULL,
    message TEXT NOT NULL, copies INTEGER NOT NULL, asked_at REAL NOT NULL, due_at REAL NOT NULL
);
{signed.nonces(NAME)}
"""


@dataclass(frozen=True, slots=True)
class Desk:
    """The running system."""

    application: Application
    clock: Clock
    store: Store

    async def issue(self, request: Request) -> Response:
        """POST /v1/policies {request_no, product, trip, starts_at, ends_at, premium, name, document, number}."""
        body = await request.body()
        refusal = signed.check(request, body, NAME, self.application, self.store)
        if refusal is not None:
            return refusal
        try:
            told = json.loads(body)
            names = ("request_no", "product", "name", "trip", "starts_at", "premium")
            told = {key: str(told[key])[:200] for key in names}
            datetime.fromisoformat(told["starts_at"])
        except (ValueError, KeyError, TypeError):
            return JSONResponse(
                {"status": "error", "code": "MALFORMED", "message": "报文不完整"}, status_code=400
            )
        with self.store.transaction() as db:
            fault = faults.take(db, system=NAME, operation="issue", kinds=KINDS, subject=told["request_no"])
        broken = await signed.before(fault)
        if broken is not None:
            return broken
        with self.store.transaction() as db:
            answer = self._take_in(db, told, fault)
        return await signed.after(fault, answer)

    async def find(self, request: Request) -> Response:
        """GET /v1/policies/{request_no}."""
        return await self._about(request, "find", b"", _answer)

    async def endorse(self, request: Request) -> Response:
        """POST /v1/policies/{request_no}/endorse {trip, starts_at, ends_at}."""
        body = await request.body()
        try:
            told = json.loads(body)
            trip, starts = str(told["trip"])[:200], str(told["starts_at"])
            datetime.fromisoformat(starts)
        except (ValueError, KeyError, TypeError):
            trip, starts = "", ""
        return await self._about(
            request, "endorse", body, lambda db, row: self._put_on(db, row, trip, starts)
        )

    async def cancel(self, request: Request) -> Response:
        """POST /v1/policies/{request_no}/cancel."""
        return await self._about(request, "cancel", await request.body(), self._end)

    async def _about(self, request: Request, operation: str, body: bytes, act: Any) -> Response:
        refusal = signed.check(request, body, NAME, self.application, self.store)
        if refusal is not None:
            return refusal
        number = request.path_params["number"]
        with self.store.transaction() as db:
            fault = faults.take(db, system=NAME, operation=operation, kinds=KINDS, subject=number)
        broken = await signed.before(fault)
        if broken is not None:
            return broken
        if operation == "endorse" and fault is not None and fault.kind == "error":
            return JSONResponse({"status": "error", "code": "NO_ENDORSING", "message": "该险种不能批改"})
        with self.store.transaction() as db:
            self._ripen(db)
            row = _row(db, number)
            if row is None:
                answer: Response = JSONResponse(
                    {"status": "error", "code": "NOT_FOUND", "message": "没有这一笔"}, status_code=404
                )
            else:
                answer = act(row) if operation == "find" else act(db, row)
        return await signed.after(fault, answer)

    def _take_in(self, db: sqlite3.Connection, told: dict[str, str], fault: Fault | None) -> Response:
        row = _row(db, told["request_no"])
        if row is not None:  # the same number again is one insurance
            db.execute("UPDATE insurer_policies SET copies = copies + 1 WHERE id = ?", (row["id"],))
            return _answer(row)
        if fault is not None and fault.kind == "error":
            return JSONResponse({"status": "error", "code": "CLOSED", "message": "该险种暂停承保"})
        refused = told["name"].endswith(UNWANTED)
        state, message = ("refused", "不符合投保条件") if refused else ("working", "")
        db.execute(
            "INSERT INTO insurer_policies (request_no, product, name, trip, starts_at, premium, state, policy_no,"
            " message, copies, asked_at, due_at) VALUES (?, ?, ?, ?, ?, ?, ?, '', ?, 1, ?, ?)",
            (
                told["request_no"], told["product"], told["name"], told["trip"], told["starts_at"], told["premium"],
                state, message, self.clock.now(), self.clock.wall() + self.clock.real(ISSUES_AFTER),
            ),
        )  # fmt: skip
        row = _row(db, told["request_no"])
        assert row is not None  # noqa: S101 - just written
        return _answer(row)

    def _ripen(self, db: sqlite3.Connection) -> None:
        """What was taken in a while ago has its number now."""
        db.execute(
            "UPDATE insurer_policies SET state = 'in_force', policy_no = printf('BD%010d', id)"
            " WHERE state = 'working' AND due_at <= ?",
            (self.clock.wall(),),
        )

    def _put_on(self, db: sqlite3.Connection, row: Any, trip: str, starts: str) -> Response:
        if not trip:
            return JSONResponse(
                {"status": "error", "code": "MALFORMED", "message": "报文不完整"}, status_code=400
            )
        if row["state"] != "in_force":
            return JSONResponse({"status": "error", "code": "NOT_IN_FORCE", "message": "保单未生效或已退保"})
        begun = datetime.fromisoformat(row["starts_at"]).timestamp() <= self.clock.now()
        if begun and (row["trip"], row["starts_at"]) != (trip, starts):
            return JSONResponse({"status": "error", "code": "BEGUN", "message": "保险责任已开始，不能批改"})
        db.execute(
            "UPDATE insurer_policies SET trip = ?, starts_at = ? WHERE id = ?", (trip, starts, row["id"])
        )
        put = _row(db, row["request_no"])
        assert put is not None  # noqa: S101 - just written
        return _answer(put)

    def _end(self, db: sqlite3.Connection, row: Any) -> Response:
        begun = datetime.fromisoformat(row["starts_at"]).timestamp() <= self.clock.now()
        if row["state"] == "in_force" and begun:
            return JSONResponse({"status": "error", "code": "BEGUN", "message": "保险责任已开始，不能退保"})
        db.execute("UPDATE insurer_policies SET state = 'cancelled' WHERE id = ?", (row["id"],))
        ended = _row(db, row["request_no"])
        assert ended is not None  # noqa: S101 - just written
        return _answer(ended)


def _row(db: sqlite3.Connection, number: str) -> Any:
    return db.execute("SELECT * FROM insurer_policies WHERE request_no = ?", (number,)).fetchone()


def _answer(row: Any) -> Response:
    return JSONResponse(
        {
            "status": row["state"], "policy_no": row["policy_no"], "message": row["message"],
            "request_no": row["request_no"], "trip": row["trip"], "starts_at": row["starts_at"],
        }
    )  # fmt: skip
