"""Materialised paths of primary keys: `/1/7/52/`, the unit's own key last."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection

from .models import OrgUnit


def reserve_keys(count: int) -> list[int]:
    """Take `count` primary keys for new units, so that their paths can be written with them. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [OrgUnit._meta.db_table, count],
        )
        return [row[0] for row in cursor.fetchall()]


def path_of(parent_path: str, pk: int) -> str:
    """The path of a unit below `parent_path` (empty for the root)."""
    return f"{parent_path or '/'}{pk}/"


def keys_of(path: str) -> list[int]:
    """The primary keys along a path, the root's first."""
    return [int(part) for part in path.split("/") if part]


def ancestors(path: str) -> Iterator[str]:
    """The paths above one, the root's first, without itself."""
    keys = keys_of(path)
    for length in range(1, len(keys)):
        yield "/" + "/".join(map(str, keys[:length])) + "/"
