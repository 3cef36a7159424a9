"""``o2o_compat``: which adaptations of stock Saleor this process applied, and why."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from saleor_o2o.compat import adaptations
from saleor_o2o.compat.versions import EXPECTED, mismatches


class Command(BaseCommand):
    """List the adaptations; fails where one was not applied or a version is not the expected one."""

    help = "列出兼容层的全部适配项及其原因"

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one line per adaptation, in the order of application."""
        for item in adaptations():
            mark = "已生效" if item.applied else "未生效"
            module = item.run.__module__.rsplit(".", 1)[-1]
            self.stdout.write(f"{mark}  {module}.{item.name}\n        {item.reason}")
        self.stdout.write(
            f"共 {len(adaptations())} 项；适用版本：" + "，".join(f"{k} {v}" for k, v in EXPECTED.items())
        )
        wrong = [*mismatches(), *(f"{item.name} 未生效" for item in adaptations() if not item.applied)]
        if wrong:
            raise CommandError("；".join(wrong))
