"""``makemigrations`` for our apps alone: stock Saleor's wheel is never written to.

On the current Django Saleor's own models differ from their migrations in ways that do not matter; the stock command
would write migrations for them into the installed wheel, even when only an app of ours is named.
"""

from __future__ import annotations

from typing import Any

from django.core.management.commands.makemigrations import Command as StockCommand
from django.db import connection
from django.db.migrations.loader import MigrationLoader


class Command(StockCommand):
    """Writes what belongs to apps labelled ``o2o…`` and drops the rest."""

    def write_migration_files(self, changes: dict[str, list[Any]], *args: Any, **kwargs: Any) -> None:
        """Keep our changes; a dependency on a dropped migration becomes one on what the wheel really has."""
        ours = {label: found for label, found in changes.items() if label.startswith("o2o")}
        dropped = {
            (label, item.name) for label, found in changes.items() if label not in ours for item in found
        }
        graph = MigrationLoader(connection).graph
        for found in ours.values():
            for item in found:
                item.dependencies = [
                    graph.leaf_nodes(need[0])[0] if tuple(need) in dropped else need
                    for need in item.dependencies
                ]
        super().write_migration_files(ours, *args, **kwargs)
