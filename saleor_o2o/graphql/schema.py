"""The schema at ``/graphql/``: the plugins' fields in front of stock Saleor's, in one ``Query`` and one ``Mutation``.

We add fields and replace resolvers; nothing of stock's is removed, so its dashboard and storefront work. What people of
the organisation are shown is narrowed to their reach (`scoping`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.module_loading import import_string
from graphene_federation import build_schema
from saleor.graphql.api import Mutation as StockMutation
from saleor.graphql.api import Query as StockQuery

from saleor_o2o.composition import active
from saleor_o2o.graphql.openings import close_openings
from saleor_o2o.graphql.resolvers import replace_resolvers
from saleor_o2o.graphql.scoping import apply_scope
from saleor_o2o.plugin import Plugin


def compose_schema(plugins: Iterable[Plugin]) -> Any:
    """Build the schema from the declarations; a later plugin's field wins over an earlier one's and over stock's."""
    arranged = tuple(plugins)
    queries = [import_string(path) for plugin in reversed(arranged) for path in plugin.queries]
    mutations = [import_string(path) for plugin in reversed(arranged) for path in plugin.mutations]
    query = type("Query", (*queries, StockQuery), {})
    mutation = type("Mutation", (*mutations, StockMutation), {})
    built = build_schema(query, mutation=mutation)
    for path in (path for plugin in arranged for path in plugin.schema_fields):
        import_string(path)(built)
    replace_resolvers(built)
    close_openings(built)
    apply_scope(built)
    return built


schema = compose_schema(active())
