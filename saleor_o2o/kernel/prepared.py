"""Statements that PostgreSQL plans once per connection: for long ones whose plan costs more than their answer."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connection

#: What each connection has prepared; a connection that is gone takes its statements with it.
_prepared: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()


def prepare_once(on: Any, name: str, statement: str) -> None:
    """Carry out a PREPARE unless this connection has: no statement where it has."""
    on.ensure_connection()
    known = _prepared.setdefault(on.connection, set())
    if name not in known:
        with on.cursor() as cursor:
            cursor.execute(statement)
        known.add(name)


class Prepared:
    """A statement with `%(name)s` for its values; `types`: the type of each value by name.

    Not for connections that a pool hands on after each transaction: what is prepared would be somebody else's.
    """

    def __init__(self, label: str, sql: str, types: Mapping[str, str]) -> None:
        # another text is another statement, also on a connection that knows the old one
        self._name = f"o2o_{label}_{hashlib.sha256(sql.encode()).hexdigest()[:8]}"
        self._order = list(types)
        for place, name in enumerate(self._order, start=1):
            sql = sql.replace(f"%({name})s", f"${place}")
        self._prepare = f"PREPARE {self._name} ({', '.join(types.values())}) AS {sql}"
        self._execute = f"EXECUTE {self._name} ({', '.join(['%s'] * len(types))})"

    def rows(self, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Its rows. One statement, two the first time on a connection."""
        with connection.cursor() as cursor:
            prepare_once(connection, self._name, self._prepare)
            cursor.execute(self._execute, [values[name] for name in self._order])
            found: list[tuple[Any, ...]] = cursor.fetchall()
            return found
