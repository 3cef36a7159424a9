"""Statements that PostgreSQL plans once per connection: for long ones whose plan costs more than their answer."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connection

#: What each connection has prepared; a connection that is gone takes its statements with it.
_prepared: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()


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
            known = _prepared.setdefault(connection.connection, set())
            if self._name not in known:
                cursor.execute(self._prepare)
                known.add(self._name)
            cursor.execute(self._execute, [values[name] for name in self._order])
            found: list[tuple[Any, ...]] = cursor.fetchall()
            return found
