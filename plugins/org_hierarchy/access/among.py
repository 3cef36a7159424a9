"""The lookup `among`: a foreign key is one of many keys, sent as one array.

`in` sends a constant for each: with a county's fifteen hundred units, building and reading the statement takes longer
than running it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import ForeignKey, Lookup


@ForeignKey.register_lookup
class Among(Lookup):
    """`unit_id__among=keys`: the key is one of these integers; none of them where there are none."""

    lookup_name = "among"
    prepare_rhs = False

    def get_prep_lookup(self) -> tuple[int, ...]:
        keys: Iterable[int] = self.rhs
        return tuple(sorted(int(key) for key in keys))

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, parameters = self.process_lhs(compiler, connection)
        keys = "{" + ",".join(map(str, self.rhs)) + "}"
        return f"{column} = ANY (%s::bigint[])", (*parameters, keys)
