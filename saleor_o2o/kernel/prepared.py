"""Statements that PostgreSQL plans once per connection: for those that many people wait for.

Reading and planning a statement costs PostgreSQL more than running it where it touches a few rows, and building an
INSERT of thirty columns costs the ORM more than sending it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from operator import attrgetter
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from django.db import connection, connections
from django.db.models import Field, JSONField, Model
from django.db.models.base import ModelState

#: What each connection has prepared; a connection that is gone takes its statements with it.
_prepared: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()
#: What most people buy at once.
FEW = 6
M = TypeVar("M", bound=Model)


def prepare_once(on: Any, name: str, statement: str) -> None:
    """Carry out a PREPARE unless this connection has, past Django's log: counts are the same on every connection."""
    # as a cursor does: where a new request finds the connection dead, what was prepared on it went with it
    on.close_if_health_check_failed()
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

    def rows(
        self, values: Mapping[str, Any], before: str = "", *, logged: bool = True
    ) -> list[tuple[Any, ...]]:
        """Its rows. One statement; the first time on a connection it is prepared before, which no log counts.

        `before`: SQL without values that goes ahead in the same round trip; `logged`: false for what is done now and
        then, and would make counts of statements a matter of luck.
        """
        told = [values[name] for name in self._order]
        return _run(self._name, self._prepare, f"{before}{self._execute}", told, logged=logged)

    def rows_after(self, before: str, first: Prepared, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Carry out `first`, then this, in one round trip; the rows of this, which sees what `first` waited for.

        `before`: SQL without values that goes ahead of both. READ COMMITTED gives each statement a view of its own.
        """
        prepare_once(connections[connection.alias], first._name, first._prepare)
        told = [values[name] for name in (*first._order, *self._order)]
        return _run(self._name, self._prepare, f"{before}{first._execute}; {self._execute}", told)


def made(model: type[M], **values: Any) -> M:
    """A new row as `model(**values)` makes it, in a third of the time; for the few of which a crowd makes one each.

    What it points to is told by the field's name, and has a key or gets one before it is written. Signals are not sent,
    and what is put where is not looked at. Raises TypeError for what is no field.
    """
    names, plain, fresh, links = _recipe(model)
    if not values.keys() <= names:
        raise TypeError(f"{model.__name__} has no {', '.join(sorted(values.keys() - names))}")
    row = model.__new__(model)
    row._state = state = ModelState()
    told = row.__dict__
    told.update(plain)
    for name, default in fresh:
        if name not in values:
            told[name] = default()
    told.update(values)
    for name, attname, key in links:
        if name in values:
            other = told.pop(name)
            told[attname] = getattr(other, key, None)
            state.fields_cache[name] = other
    return row


@lru_cache(maxsize=64)
def _recipe(
    model: type[Model],
) -> tuple[frozenset[str], dict[str, Any], list[tuple[str, Any]], list[tuple[str, str, str]]]:
    """What a row can be told; what it has untold; what is made anew for each; what it points to, and by which key."""
    fields = model._meta.concrete_fields
    links: list[Any] = [one for one in fields if one.is_relation]
    # of what is made anew the default is asked each time; the rest is the same for all
    fresh = [(one.attname, one.get_default) for one in fields if callable(one.default)]
    known = {name for name, _default in fresh}
    plain = {one.attname: one.get_default() for one in fields if one.attname not in known}
    return (
        frozenset({one.name for one in fields} | {one.attname for one in fields}),
        plain,
        fresh,
        [(one.name, one.attname, one.target_field.attname) for one in links],
    )


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
    values, shared = _values(rows)
    name, prepare, execute = _insertion(model, len(rows), shared)
    _written(rows, [key for (key,) in _run(name, prepare, execute, values)])


def insert_with(row: Model, others: Sequence[Model], link: str) -> None:
    """`insert` of a row and of those that point to it by the field `link`, all in one statement, however many.

    More than `FEW` others are not prepared. Raises IntegrityError.
    """
    if not others:
        insert([row])
        return
    mine, _none = _values([row])
    theirs, shared = _values(others, link)
    values = [*mine, *theirs]
    if len(others) > FEW:
        found = _once(_insert_with_sql(type(row), type(others[0]), len(others), shared, link)[0], values)
    else:
        name, prepare, execute = _insertion_with(type(row), type(others[0]), len(others), shared, link)
        found = _run(name, prepare, execute, values)
    _written([row], [found[0][0]])
    for one in others:
        setattr(one, link, row)
    _written(others, [key for _first, key in found])


def _written(rows: Sequence[Model], keys: Sequence[Any]) -> None:
    for row, key in zip(rows, keys, strict=True):
        row.pk = key
        row._state.adding, row._state.db = False, connection.alias


#: Of fields that Django keeps as they are: what Python has for them. Anything else in them goes Django's way.
_AS_IT_IS: dict[str, type] = {
    "CharField": str, "TextField": str, "BooleanField": bool, "DateField": date, "DateTimeField": datetime,
    "DecimalField": Decimal, "IntegerField": int, "BigIntegerField": int, "SmallIntegerField": int,
    "PositiveIntegerField": int, "PositiveSmallIntegerField": int, "ForeignKey": int, "OneToOneField": int,
}  # fmt: skip
_WAYS = ("pre_save", "get_prep_value", "get_db_prep_value", "get_db_prep_save")


@dataclass(frozen=True, slots=True)
class _Column:
    """A field to be written. `plain`: the type of values that go to the database as they are; `alike`: one value may be
    told once for several rows (not where each row has a secret of its own)."""

    field: Field[Any, Any]
    name: str
    attname: str
    column: str
    plain: type | None
    alike: bool

    @classmethod
    def of(cls, field: Field[Any, Any]) -> _Column:
        stock = all(
            getattr(type(field), way).__module__.startswith("django.db.models.fields") for way in _WAYS
        )
        timed = getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)
        plain = _AS_IT_IS.get(field.get_internal_type()) if stock and not timed else None
        return cls(
            field,
            field.name,
            field.attname,
            str(field.column),
            plain,
            plain is not None or isinstance(field, JSONField),
        )


def _values(rows: Sequence[Model], link: str = "") -> tuple[list[Any], tuple[int, ...]]:
    """What rows of one model hold, column by column: a value of each row, or one for all; and which columns these are.
    Without the column of `link`."""
    real = connections[connection.alias]  # not by the proxy, which every field would ask
    for row in rows:
        _take_keys(row, link)
    columns, read = _columns(type(rows[0]))
    values: list[Any] = []
    shared = []
    alone = len(rows) == 1
    for at, (one, *told) in enumerate(zip(columns, *map(read, rows), strict=True)):
        if one.name == link:
            continue
        if not alone and one.alike:
            first = told[0]
            if all(_same(first, value) for value in told[1:]):
                shared.append(at)
                del told[1:]
        for row, value in zip(rows, told, strict=False):
            if value is not None and (
                type(value) is not one.plain or (type(value) is datetime and value.tzinfo is None)
            ):
                value = one.field.get_db_prep_save(one.field.pre_save(row, add=True), real)
            values.append(value)
    return values, tuple(shared)


def _take_keys(row: Model, link: str) -> None:
    """A row it points to may have got its key since it was put there. Raises ValueError for one that has none."""
    known = row._state.fields_cache
    for field in _relations(type(row)):
        found = known.get(field.name)
        if found is None or field.name == link:
            continue
        told = getattr(row, field.attname)
        if told is None or told != getattr(found, field.target_field.attname):
            row._prepare_related_fields_for_save("insert", fields=[field])  # type: ignore[attr-defined]


@lru_cache(maxsize=64)
def _relations(model: type[Model]) -> tuple[Any, ...]:
    return tuple(one for one in model._meta.concrete_fields if one.is_relation)


def _same(one: Any, other: Any) -> bool:
    """Whether the database is told the same. Of what has parts only the very object is: `1 == True` within them."""
    return one is other or (type(one) is type(other) and type(one) in _SIMPLE and one == other)


_SIMPLE = frozenset({*_AS_IT_IS.values()})


@lru_cache(maxsize=64)
def _columns(model: type[Model]) -> tuple[tuple[_Column, ...], Callable[[Model], tuple[Any, ...]]]:
    """The columns to be written, and what reads them all of a row."""
    columns = tuple(_Column.of(one) for one in model._meta.local_concrete_fields if not one.primary_key)
    names = [one.attname for one in columns]
    # of a single one it would answer no tuple
    return columns, attrgetter(*names) if len(names) > 1 else lambda row: (getattr(row, names[0]),)


@lru_cache(maxsize=512)
def _insertion(model: type[Model], count: int, shared: tuple[int, ...]) -> tuple[str, str, str]:
    """The statement's name, how it is prepared, how it is run. PostgreSQL tells the values' types by the columns."""
    return _ready(*_insert_sql(model, count, shared, 0))


@lru_cache(maxsize=512)
def _insertion_with(
    model: type[Model], other: type[Model], count: int, shared: tuple[int, ...], link: str
) -> tuple[str, str, str]:
    return _ready(*_insert_with_sql(model, other, count, shared, link))


def _insert_with_sql(
    model: type[Model], other: type[Model], count: int, shared: tuple[int, ...], link: str
) -> tuple[str, int]:
    """What writes a row and those that point to it, and how many values it takes."""
    one, mine = _insert_sql(model, 1, (), 0)
    many, wide = _insert_sql(other, count, shared, mine, link)
    key = connection.ops.quote_name(str(other._meta.pk.column))
    sql = f"WITH one(key) AS ({one}), many AS ({many}) SELECT (SELECT key FROM one), {key} FROM many"  # noqa: S608
    return sql, wide


def _once(sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Run such a statement without preparing it."""
    places = [int(place) for place in re.findall(r"\$(\d+)", sql)]
    with connections[connection.alias].cursor() as cursor:
        cursor.execute(re.sub(r"\$\d+", "%s", sql), [values[place - 1] for place in places])
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def _ready(sql: str, wide: int) -> tuple[str, str, str]:
    """Its name, how it is prepared, how it is run with so many values."""
    name = _named("insert", sql)
    return name, f"PREPARE {name} AS {sql}", f"EXECUTE {name} ({', '.join(['%s'] * wide)})"


def _insert_sql(
    model: type[Model], count: int, shared: tuple[int, ...], told: int, link: str = ""
) -> tuple[str, int]:
    """An INSERT whose values come after `told` others, in the order of `_values`; and how many there are with them."""
    quote, columns = connection.ops.quote_name, _columns(model)[0]
    lines: list[list[str]] = [[] for _row in range(count)]
    for at, one in enumerate(columns):
        if one.name == link:
            for line in lines:
                line.append("(SELECT key FROM one)")
            continue
        for line in lines:
            if line is lines[0] or at not in shared:
                told += 1
            line.append(f"${told}")
    names = ", ".join(quote(one.column) for one in columns)
    key = quote(str(model._meta.pk.column))
    table = quote(model._meta.db_table)
    rows = ", ".join(f"({', '.join(line)})" for line in lines)
    return f"INSERT INTO {table} ({names}) VALUES {rows} RETURNING {key}", told  # noqa: S608 - our own names


def _run(
    name: str, prepare: str, execute: str, values: Sequence[Any], *, logged: bool = True
) -> list[tuple[Any, ...]]:
    real = connections[connection.alias]
    prepare_once(real, name, prepare)
    if logged and (real.execute_wrappers or real.queries_logged):
        opened = real.cursor()
    else:  # what Django's cursor looks at, without what it wraps around each call
        real.validate_thread_sharing()
        real.validate_no_broken_transaction()
        opened = real.create_cursor()
    with real.wrap_database_errors, opened as cursor:
        cursor.execute(execute, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found
