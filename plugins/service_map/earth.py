"""Points on the globe as cubes of three axes in metres (functions of migration 0001), for queries and indexes alike."""

from __future__ import annotations

from typing import Any

from django.db.models import BooleanField, Func, TextField, Value


class Earth(Func):
    """`o2o_map_point(lat, lng)`: a point on the globe. Latitude comes first here."""

    function = "o2o_map_point"
    arity = 2
    output_field = TextField()


class Nearness(Func):
    """The straight line through the globe between two points: orders as the distance does, and by the index."""

    template = "(%(expressions)s)"
    arg_joiner = " <-> "
    arity = 2
    output_field = TextField()


class Around(Func):
    """True when the second point lies in the box around the first: `Around(centre, metres, point)`."""

    arity = 3
    output_field = BooleanField()

    def as_sql(self, compiler: Any, connection: Any, *_given: Any, **_extra: Any) -> Any:
        centre, metres, point = (compiler.compile(part) for part in self.source_expressions)
        sql = f"o2o_map_box({centre[0]}, {metres[0]}) @> {point[0]}"
        return sql, (*centre[1], *metres[1], *point[1])


def point(lng: float, lat: float) -> Earth:
    """A point from degrees."""
    return Earth(Value(lat), Value(lng))
