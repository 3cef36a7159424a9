"""Faults that a person or a test orders in advance: where, what, how often. Shared by every system."""

from __future__ import annotations

import fnmatch
import json
import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sandbox.store import Store

ANYWHERE = "*"  # every operation that the platform calls, notifications not among them
NOTIFY = "notify"


@dataclass(frozen=True, slots=True)
class Fault:
    """One ordered fault. times_left None means: until removed."""

    id: int
    system: str
    operation: str
    path: str
    kind: str
    subject: str
    times_left: int | None
    used: int
    params: dict[str, Any]

    def number(self, name: str, default: float) -> float:
        """A numeric parameter of the fault, such as its delay in real seconds."""
        return float(self.params.get(name, default))

    def as_dict(self) -> dict[str, Any]:
        """The JSON form of the control API."""
        return {
            "id": self.id,
            "system": self.system,
            "where": self.operation,
            "path": self.path,
            "kind": self.kind,
            "out_trade_no": self.subject,
            "times_left": self.times_left,
            "used": self.used,
            **self.params,
        }


def _fault(row: sqlite3.Row) -> Fault:
    return Fault(
        id=row["id"],
        system=row["system"],
        operation=row["operation"],
        path=row["path"],
        kind=row["kind"],
        subject=row["subject"],
        times_left=row["times_left"],
        used=row["used"],
        params=json.loads(row["params"]),
    )


class Faults:
    """The list of ordered faults, oldest first."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(
        self,
        *,
        system: str,
        operation: str,
        path: str,
        kind: str,
        subject: str,
        times: int | None,
        params: dict[str, Any],
        now: float,
    ) -> Fault:
        """Order a fault. operation "*" is every operation; path and subject "" fit every path and order."""
        with self._store.transaction() as db:
            cursor = db.execute(
                "INSERT INTO faults (system, operation, path, kind, subject, times_left, params, created_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (system, operation, path, kind, subject, times, json.dumps(params, ensure_ascii=False), now),
            )
            row = db.execute("SELECT * FROM faults WHERE id = ?", (cursor.lastrowid,)).fetchone()
        return _fault(row)

    def list(self) -> list[Fault]:
        """All faults, the used-up ones too: their `used` tells a test that they really struck."""
        return [_fault(row) for row in self._store.all("SELECT * FROM faults ORDER BY id")]

    def remove(self, fault_id: int | None = None) -> int:
        """Remove one fault, or all. Returns how many were there."""
        with self._store.transaction() as db:
            if fault_id is None:
                return db.execute("DELETE FROM faults").rowcount
            return db.execute("DELETE FROM faults WHERE id = ?", (fault_id,)).rowcount


def take(
    db: sqlite3.Connection,
    *,
    system: str,
    operation: str,
    kinds: Collection[str],
    path: str = "",
    subject: str = "",
) -> Fault | None:
    """Use up one stroke of the oldest fault that fits, in the caller's transaction. None when none fits."""
    rows = db.execute(
        "SELECT * FROM faults WHERE system = ? AND operation IN (?, ?)"
        " AND (times_left IS NULL OR times_left > 0) ORDER BY id",
        (system, operation, operation if operation == NOTIFY else ANYWHERE),
    ).fetchall()
    for row in rows:
        fault = _fault(row)
        if fault.kind not in kinds:
            continue
        if fault.subject and fault.subject != subject:
            continue
        if fault.path and not fnmatch.fnmatchcase(path, fault.path):
            continue
        db.execute("UPDATE faults SET used = used + 1, times_left = times_left - 1 WHERE id = ?", (fault.id,))
        return fault
    return None
