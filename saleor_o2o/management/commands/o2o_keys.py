"""``manage o2o_keys``: print fresh secrets; nothing is stored."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from saleor_o2o.keys import as_lines


class Command(BaseCommand):
    """Prints ``NAME=value`` lines for a ``.env`` file or a secret store."""

    help = "生成一组新密钥（SECRET_KEY、O2O_FIELD_KEYS、O2O_BLIND_INDEX_KEY），只打印，不保存"
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(as_lines())
