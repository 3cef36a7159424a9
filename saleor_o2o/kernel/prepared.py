"""Statements that PostgreSQL plans once per connection: for long ones whose plan costs more than their answer."""

from __future__ import annotations

import hashlib
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connection

#: What each connection has prepared; a connection that is gone takes its statements with it.
_prepared: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()


class Prepared:
    """A statement with `$1`, `$2`, … and their types in this order; asked for one row.

    Not for connections that a pool hands on after each transaction: what is prepared would be somebody else's.
    """

    def __init__(self, name: str, types: str, sql: str) -> None:
        # another text is another statement, also on a connection that knows the old one
        self._name = f"o2o_{name}_{hashlib.sha256(sql.encode()).hexdigest()[:8]}"
        self._types, self._sql = types, sql

    def row(self, *values: Any) -> tuple[Any, ...]:
        """Its only row. One statement, two the first time on a connection."""
        with connection.cursor() as cursor:
            known = _prepared.setdefault(connection.connection, set())
            if self._name not in known:
                cursor.execute(f"PREPARE {self._name} ({self._types}) AS {self._sql}")
                known.add(self._name)
            cursor.execute(f"EXECUTE {self._name} ({', '.join(['%s'] * len(values))})", values)
            found: tuple[Any, ...] = cursor.fetchone()
            return found
