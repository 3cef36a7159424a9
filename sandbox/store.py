"""The sandbox's memory: one SQLite file, so that a paid order stays paid over a restart."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

# Raise when a table changes: an older file is thrown away, for its content is only play.
SCHEMA_VERSION = 2

COMMON_SCHEMA = """
CREATE TABLE IF NOT EXISTS faults (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    system TEXT NOT NULL, operation TEXT NOT NULL, path TEXT NOT NULL, kind TEXT NOT NULL,
    subject TEXT NOT NULL, times_left INTEGER,
    used INTEGER NOT NULL DEFAULT 0, params TEXT NOT NULL, created_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    system TEXT NOT NULL, receiver TEXT NOT NULL, title TEXT NOT NULL, headline TEXT NOT NULL,
    lines TEXT NOT NULL, created_at REAL NOT NULL
);
"""


class Store:
    """SQLite in WAL mode. Used from the event loop's thread only, and never across an `await`."""

    def __init__(self, path: Path, schemas: Iterable[str]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
        self._connection.row_factory = sqlite3.Row
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=10000"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._prepare([COMMON_SCHEMA, *schemas])

    def _prepare(self, schemas: list[str]) -> None:
        with self.transaction() as db:
            (version,) = db.execute("PRAGMA user_version").fetchone()
            if version != SCHEMA_VERSION:
                for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                    if not row["name"].startswith("sqlite_"):
                        db.execute(f'DROP TABLE "{row["name"]}"')
                db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            for schema in schemas:
                for statement in schema.split(";"):
                    if statement.strip():
                        db.execute(statement)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """One write transaction. Takes SQLite's write lock at once: what is read stays true until commit."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield self._connection
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def all(self, sql: str, *values: object) -> list[sqlite3.Row]:
        """Rows of a query, outside any transaction."""
        return self._connection.execute(sql, values).fetchall()

    def one(self, sql: str, *values: object) -> sqlite3.Row | None:
        """First row of a query, or None."""
        row: sqlite3.Row | None = self._connection.execute(sql, values).fetchone()
        return row

    def close(self) -> None:
        """Fold the write-ahead log in and close the file."""
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._connection.close()
