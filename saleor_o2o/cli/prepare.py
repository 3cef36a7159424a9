"""Bring a database up to date: migrations, static files, seed. Runs as a process of its own.

`python -m saleor_o2o.cli.prepare [--static] [--seed]`; prints one line per phase. Django is loaded once
for all three, and what is already done is found out without running the command.
"""

import argparse
import hashlib
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path


def migrate() -> str:
    """Apply what is missing; answers what happened."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    from saleor_o2o.embedded import migrated
    from saleor_o2o.embedded.template import fingerprint

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not plan:
        return "已是最新"
    empty = not connection.introspection.table_names()
    if empty and migrated.load(connection, fingerprint()):
        plan = MigrationExecutor(connection).migration_plan(executor.loader.graph.leaf_nodes())
        if not plan:
            return "由本机已迁移的副本恢复"
    call_command("migrate", verbosity=0, interactive=False)
    if empty:
        migrated.save(connection, fingerprint())
    return f"应用了 {len(plan)} 个迁移"


def static() -> str:
    """Collect static files where the web server finds them; nothing when none has changed."""
    from django.conf import settings
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    seen = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            status = Path(storage.path(name)).stat()
            seen.update(f"{name}\0{status.st_size}\0{status.st_mtime_ns}\0".encode())
    stamp = Path(settings.STATIC_ROOT, ".collected")
    if stamp.is_file() and stamp.read_text(encoding="ascii") == seen.hexdigest():
        return "已是最新"
    stamp.unlink(missing_ok=True)
    call_command("collectstatic", verbosity=0, interactive=False)
    stamp.write_text(seen.hexdigest(), encoding="ascii")
    return "完成"


def seed() -> str:
    """Fill in the city; repeated runs change nothing."""
    from django.core.management import call_command

    call_command("seed_city")
    return "完成"


def main(argv: list[str] | None = None) -> int:
    """Run the phases asked for; migrations always."""
    parser = argparse.ArgumentParser(
        prog="python -m saleor_o2o.cli.prepare", description="迁移、静态文件、演示数据"
    )
    parser.add_argument("--static", action="store_true", help="收集静态文件")
    parser.add_argument("--seed", action="store_true", help="写入演示城市数据")
    options = parser.parse_args(argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings.development")
    import django

    django.setup()
    phases: list[tuple[str, Callable[[], str]]] = [("数据库迁移", migrate)]
    if options.static:
        phases.append(("静态文件", static))
    if options.seed:
        phases.append(("演示数据", seed))
    for title, phase in phases:
        started = time.monotonic()
        result = phase()
        print(f"{title}:{result}({time.monotonic() - started:.1f} 秒)", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
