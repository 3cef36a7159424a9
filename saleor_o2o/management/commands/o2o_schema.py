"""Write the GraphQL schema to ``schema.graphql``, or check that the committed file still says what the code does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from saleor_o2o.graphql.printing import drift, schema_text


class Command(BaseCommand):
    """``manage o2o_schema [--check]``."""

    help = "写出 schema.graphql；加 --check 时只检查它是否与代码一致（不一致则退出码为 1）"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="只检查，不写文件")
        parser.add_argument(
            "--path", type=Path, default=Path(settings.PROJECT_ROOT) / "schema.graphql", help="文件位置"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        from saleor_o2o.graphql.schema import schema

        path: Path = options["path"]
        text = schema_text(schema)
        if not options["check"]:
            changed = not path.is_file() or path.read_text(encoding="utf-8") != text
            path.write_text(text, encoding="utf-8")
            self.stdout.write(f"{path.name}：{'已更新' if changed else '没有变化'}")
            return
        difference = drift(path, text)
        if difference:
            self.stdout.write("\n".join(difference))
            raise CommandError(
                f"{path.name} 与代码不一致。若改动是有意的，请运行 ./o2o manage o2o_schema 并提交该文件。"
            )
        self.stdout.write(f"{path.name} 与代码一致")
