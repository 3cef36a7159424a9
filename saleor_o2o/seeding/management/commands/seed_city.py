"""``manage seed_city``: the example city."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from saleor_o2o.seeding.city import seed
from saleor_o2o.seeding.context import SeedContext
from saleor_o2o.seeding.people import PEOPLE, logins, write_logins

PRODUCTION = "settings.production"


class Command(BaseCommand):
    """Creates what is missing of the example city; a second run changes nothing."""

    help = "建立示例城市：区县、特产、图片、仓库、运费、用户。可重复执行。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--force", action="store_true", help="允许在生产环境执行（须同时给出密码文件）")
        parser.add_argument(
            "--passwords", type=Path, help='密码文件（JSON：{"admin": "…", …}），用其中的密码代替演示密码'
        )

    def handle(self, *args: Any, force: bool, passwords: Path | None, **options: Any) -> None:
        own = self._read(passwords) if passwords else {}
        # Django clears the name from settings objects that tests replace; the environment keeps it.
        if os.environ.get("DJANGO_SETTINGS_MODULE", "").startswith(PRODUCTION) and not (force and own):
            raise CommandError(
                "生产环境不建立示例城市；确需执行，请加 --force 并用 --passwords 给出自己的密码"
            )
        started = time.monotonic()
        context = SeedContext(say=self.stdout.write, passwords=own)
        seed(context)
        made = (
            "，".join(f"{what} {number}" for what, number in context.created.items()) or "已经齐全，没有变化"
        )
        self.stdout.write(self.style.SUCCESS(f"示例城市：{made}（{time.monotonic() - started:.1f} 秒）"))
        if not own:
            self._show_logins(context)

    def _show_logins(self, context: SeedContext) -> None:
        self.stdout.write(f"演示账号（保存在 {write_logins(context.logins)}）：")
        for row in logins(context.logins):
            self.stdout.write(f"  {row['login']:<24} {row['password']:<18} {row['where']}")

    def _read(self, path: Path) -> dict[str, str]:
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise CommandError(f"读不出密码文件 {path}：须为 JSON 对象") from error
        people = [person.who for person in PEOPLE]
        if not isinstance(found, dict) or not all(
            isinstance(found.get(who), str) and len(found[who]) >= 8 for who in people
        ):
            raise CommandError(f"密码文件须为每人给出至少 8 位的密码：{'、'.join(people)}")
        return {who: found[who] for who in people}
