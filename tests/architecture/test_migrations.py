"""Our migrations build our own tables; Saleor's get triggers and indexes from us at most, never another shape."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.apps import apps
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import RunSQL, SeparateDatabaseAndState
from django.db.migrations.operations.base import Operation

#: SQL that changes the shape or the rows of a table that is not ours.
FOREIGN = re.compile(
    r"\b(?:alter\s+table|drop\s+table|truncate|delete\s+from|update|insert\s+into)\s+(?:only\s+|if\s+exists\s+)*"
    r"\"?(?!o2o_)(?:account|checkout|order|product|warehouse|payment|shipping|menu|page|discount|giftcard|site|app"
    r"|webhook|plugins|django)_\w+",
    re.IGNORECASE,
)


def _ours() -> dict[tuple[str, str], Migration]:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    labels = {config.label for config in apps.get_app_configs() if config.label.startswith("o2o")}
    return {key: item for key, item in loader.disk_migrations.items() if key[0] in labels}


def _operations(operations: list[Operation]) -> Iterator[Operation]:
    for operation in operations:
        if isinstance(operation, SeparateDatabaseAndState):
            yield from _operations(operation.database_operations)
            yield from _operations(operation.state_operations)
        else:
            yield operation


def test_migrations_of_ours_are_found() -> None:
    # then
    assert {
        ("o2o_kernel", "0001_initial"),
        ("o2o_cashier", "0001_initial"),
        ("o2o_ordering", "0001_no_oversell"),
    } <= set(_ours())


def test_saleor_tables_keep_their_shape() -> None:
    # when
    found = []
    for key, migration in _ours().items():
        for operation in _operations(migration.operations):
            if not isinstance(operation, RunSQL):
                continue
            for part in (operation.sql, operation.reverse_sql):
                if isinstance(part, str) and FOREIGN.search(part):
                    found.append(key)

    # then
    assert found == []


def test_migrations_run_after_saleors_never_between() -> None:
    # then
    assert [key for key, migration in _ours().items() if migration.run_before or migration.replaces] == []


def test_every_step_can_be_undone() -> None:
    # when
    found = [
        (*key, str(operation))
        for key, migration in _ours().items()
        for operation in _operations(migration.operations)
        if not operation.reversible
    ]

    # then
    assert found == []


def test_rule_can_fail() -> None:
    # then
    assert FOREIGN.search("ALTER TABLE order_order ADD COLUMN x int")
    assert FOREIGN.search('UPDATE "product_product" SET x = 1')
    assert not FOREIGN.search("ALTER TABLE o2o_kernel_audit ADD COLUMN x int")
    assert not FOREIGN.search("CREATE TRIGGER t BEFORE INSERT OR UPDATE OF stock_id ON warehouse_allocation")
