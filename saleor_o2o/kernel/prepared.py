"""Statements that PostgreSQL plans once per connection: for those that many people wait for.

Reading and planning a statement costs PostgreSQL more than running it where it touches a few rows, and building an
INSERT of thirty columns costs the ORM more than sending it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connection, connections
from django.db.models import Field, Model

#: What each connection has prepared; a connection that is gone takes its statements with it.
_prepared: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()
#: What most people buy at once.
FEW = 6


def prepare_once(on: Any, name: str, statement: str) -> None:
    """Carry out a PREPARE unless this connection has, past Django's log: counts are the same on every connection."""
    on.ensure_connection()
    known = _prepared.setdefault(on.connection, set())
    if name not in known:
        with on.cursor() as cursor, on.wrap_database_errors:
            cursor.cursor.execute(statement)
        known.add(name)


def _named(label: str, sql: str) -> str:
    """What a statement is called: another text is another one, also on a connection that knows the old one."""
    return f"o2o_{label}_{hashlib.sha256(sql.encode()).hexdigest()[:12]}"


class Prepared:
    """A statement with `%(name)s` for its values; `types`: the type of each value by name.

    `generic`: planned once, whatever PostgreSQL thinks of it. Of an array it does not see it expects ten entries, so
    that it plans statements of several arrays anew each time. It counts for all that is prepared in the transaction.

    Not for connections that a pool hands on after each transaction: what is prepared would be somebody else's.
    """

    def __init__(self, label: str, sql: str, types: Mapping[str, str], *, generic: bool = False) -> None:
        self.sql, self.types = sql, types
        self._name = _named(label, sql)
        self._order = list(types)
        for place, name in enumerate(self._order, start=1):
            sql = sql.replace(f"%({name})s", f"${place}")
        self._prepare = f"PREPARE {self._name} ({', '.join(types.values())}) AS {sql}"
        self._execute = f"EXECUTE {self._name} ({', '.join(['%s'] * len(types))})"
        if generic:
            self._execute = f"SET LOCAL plan_cache_mode = force_generic_plan; {self._execute}"

    def rows(self, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Its rows. One statement; the first time on a connection it is prepared before, which no log counts."""
        return _run(self._name, self._prepare, self._execute, [values[name] for name in self._order])

    def rows_after(self, before: str, first: Prepared, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Carry out `first`, then this, in one round trip; the rows of this, which sees what `first` waited for.

        `before`: SQL without values that goes ahead of both. READ COMMITTED gives each statement a view of its own.
        """
        prepare_once(connections[connection.alias], first._name, first._prepare)
        told = [values[name] for name in (*first._order, *self._order)]
        return _run(self._name, self._prepare, f"{before}{first._execute}; {self._execute}", told)


def insert(rows: Sequence[Model]) -> None:
    """Write new rows of one model as `bulk_create` does, in one statement, and give them their keys.

    For the few inserts that a crowd waits for; of a model that has no parents and whose key PostgreSQL gives. More than
    `FEW` rows are left to `bulk_create`: each number of rows is another statement. Raises IntegrityError. Signals are
    not sent.
    """
    if not rows:
        return
    model = type(rows[0])
    if len(rows) > FEW:
        model._default_manager.bulk_create(rows)
        return
    fields = _fields(model)
    name, prepare, execute = _insertion(model, len(rows))
    for row in rows:
        # a row it points to may have got its key since it was put there
        row._prepare_related_fields_for_save("insert")  # type: ignore[attr-defined]
    real = connections[connection.alias]  # not by the proxy, which every field would ask
    values = [field.get_db_prep_save(field.pre_save(row, add=True), real) for row in rows for field in fields]
    keys = _run(name, prepare, execute, values)
    for row, (key,) in zip(rows, keys, strict=True):
        row.pk = key
        row._state.adding, row._state.db = False, connection.alias


@lru_cache(maxsize=64)
def _fields(model: type[Model]) -> list[Field[Any, Any]]:
    return [one for one in model._meta.local_concrete_fields if not one.primary_key]


@lru_cache(maxsize=512)
def _insertion(model: type[Model], count: int) -> tuple[str, str, str]:
    """The statement's name, how it is prepared, how it is run. PostgreSQL tells the values' types by the columns."""
    quote, fields = connection.ops.quote_name, _fields(model)
    wide = len(fields)
    places = ", ".join(
        f"({', '.join(f'${at * wide + place}' for place in range(1, wide + 1))})" for at in range(count)
    )
    columns = ", ".join(quote(str(one.column)) for one in fields)
    key = quote(str(model._meta.pk.column))
    table = quote(model._meta.db_table)
    sql = f"INSERT INTO {table} ({columns}) VALUES {places} RETURNING {key}"  # noqa: S608 - our own names
    name = _named("insert", sql)
    return name, f"PREPARE {name} AS {sql}", f"EXECUTE {name} ({', '.join(['%s'] * wide * count)})"


def _run(name: str, prepare: str, execute: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    real = connections[connection.alias]
    prepare_once(real, name, prepare)
    with real.cursor() as cursor:
        cursor.execute(execute, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found
