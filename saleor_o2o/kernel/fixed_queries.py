"""Queries that are the same each time but for one value: their SQL is put together once per process.

Django composes a query anew each time it is asked. For one that joins six tables this takes longer than the database
takes to answer it, and in the steps of a purchase it is asked again and again.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Sequence
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Field, Model, QuerySet

M = TypeVar("M", bound=Model)


class FixedQuery(Generic[M]):
    """``FixedQuery(lambda pk: Order.objects.select_related("user").filter(pk=pk), marker=-1)``; call it with a pk.

    ``make`` builds the queryset for a value; ``marker`` is a value of the same type that stands nowhere else in it. The
    value must reach the database as it is given (a key, not a pattern). Joins and annotations come along; prefetches
    and slices don't. Safe in threads: what they share is only read.
    """

    def __init__(self, make: Callable[[Any], QuerySet[M]], marker: Any) -> None:
        self._make = make
        self._marker = marker
        self._composed: _Composed | None = None

    def __call__(self, value: Any) -> list[M]:
        """Return the rows for a value, in one statement. Raises ValueError if the marker stands nowhere in it."""
        if self._composed is None:
            self._composed = _Composed(self._make(self._marker), self._marker)
        return list(self._composed.rows(value))


class Columns(Generic[M]):
    """Columns of a model in a statement written by hand, and rows made of what it returns.

    `alias`: what the table is called there; the key and `only` these fields, or all `without` these, are read (the
    others deferred). Made when first asked for: models may not be complete before. Raises ValueError for fields whose
    values are not the database's.
    """

    def __init__(
        self, model: type[M], alias: str, *, only: Collection[str] = (), without: Collection[str] = ()
    ) -> None:
        self._model, self._alias = model, alias
        self._only, self._without = frozenset(only), frozenset(without)

    @cached_property
    def fields(self) -> tuple[Field[Any, Any], ...]:
        """In the order in which they are read, the key first."""
        found = tuple(
            one for one in self._model._meta.concrete_fields
            if one.primary_key or (one.name in self._only if self._only else one.name not in self._without)
        )  # fmt: skip
        if any(hasattr(one, "from_db_value") for one in found):
            raise ValueError(f"{self._model._meta.label}: a field is not read as it stands")
        return found

    @cached_property
    def sql(self) -> str:
        """What stands behind SELECT."""
        return ", ".join(f'{self._alias}."{one.column}"' for one in self.fields)

    def row(self, values: Sequence[Any]) -> M:
        """A row of the model."""
        return self._model.from_db(DEFAULT_DB_ALIAS, self._names, values)

    @cached_property
    def _names(self) -> Collection[str]:
        names = [one.attname for one in self.fields]
        # of deferred rows Django looks each field up among them
        return frozenset(names) if self._without or self._only else names


class _Composed:
    """A queryset put together for a marker."""

    def __init__(self, template: QuerySet[Any], marker: Any) -> None:
        self._template = template
        self._using = template.db
        self._compiler = template.query.get_compiler(using=self._using)
        self._sql, params = self._compiler.as_sql()
        self._params = tuple(params)
        self._converters: dict[int, Any] | None = None
        self._blanks = [position for position, param in enumerate(params) if param == marker]
        if not self._blanks or template._prefetch_related_lookups:  # type: ignore[attr-defined]
            raise ValueError("a fixed query needs a value to be asked for, and prefetches nothing")

    def rows(self, value: Any) -> QuerySet[Any]:
        query: Any = _Filled(self, value)
        rows: QuerySet[Any] = QuerySet(model=self._template.model, query=query, using=self._using)
        rows._iterable_class = self._template._iterable_class
        return rows

    def compiler(self, value: Any) -> Any:
        """What knows the columns, made for the marker, with the SQL for a value."""
        params = list(self._params)
        for position in self._blanks:
            params[position] = value
        compiler = copy.copy(self._compiler)
        compiler.connection = connections[self._using]  # this thread's
        compiler.as_sql = lambda *_args, **_options: (self._sql, params)
        if self._converters is None:
            # what makes Python of a column is the same each time; looking for it among all of them takes as long as
            # making a row
            self._converters = compiler.get_converters(
                [one[0] for one in compiler.select[: compiler.col_count]]
            )
        compiler.get_converters = lambda _expressions: self._converters
        return compiler


class _Filled:
    """All that a queryset wants to know of its query when its rows are fetched."""

    def __init__(self, composed: _Composed, value: Any) -> None:
        self._composed = composed
        self._value = value

    def get_compiler(self, **_options: Any) -> Any:
        return self._composed.compiler(self._value)
