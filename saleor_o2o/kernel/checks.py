"""System checks of the kernel: state tables, encryption keys, isolation level."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

from .crypto import key_problems
from .states import machines, validate_machine


@register(Tags.models)
def state_machines(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Every registered state table is sound."""
    return [
        Error(f"{entry.model._meta.label}.{entry.field}: {problem}", obj=entry.model, id="o2o_kernel.E001")
        for entry in machines()
        for problem in validate_machine(entry.model, entry.field)
    ]


@register(Tags.security)
def encryption_keys(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """The keys for personal data are there and usable."""
    return [Error(problem, id="o2o_kernel.E002") for problem in key_problems()]


@register(Tags.database)
def isolation_level(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Transactions are READ COMMITTED: checks after a lock must see what was committed while waiting."""
    found: list[CheckMessage] = []
    for alias in databases or ():
        with connections[alias].cursor() as cursor:
            cursor.execute("SHOW transaction_isolation")
            isolation = cursor.fetchone()[0]
        if isolation != "read committed":
            found.append(
                Error(
                    f"数据库 {alias} 的事务隔离级别是 {isolation}，必须是 read committed",
                    id="o2o_kernel.E003",
                )
            )
    return found
