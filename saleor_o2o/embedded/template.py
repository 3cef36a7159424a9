"""A migrated template database: migrating takes minutes, copying a database a second.

The template's name carries a hash of every migration, so a changed migration makes a new one. It is itself made from
the nearest template whose migrations are all still there, unchanged, so that a new migration costs that migration;
where there is none from what another cluster of this checkout migrated (`migrated`), or else from a base with the
migrations of installed packages only, most of them, which never change while one works.
Works on any PostgreSQL that the settings name; the role needs CREATEDB.
`python -m saleor_o2o.embedded.template NAME` makes the database NAME from the template.
"""

import argparse
import hashlib
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import psycopg2
from psycopg2 import sql

from . import migrated

PREFIX = "o2o_template_"
BASE_PREFIX = "o2o_base_"
BUILDING = "_building"
#: Packages of the project: their migrations come and go.
OWN = ("saleor_o2o", "plugins", "tests")
#: Templates of other branches that are kept, newest first.
KEEP = 2
#: First half of our advisory lock keys; the second is the hash of a database's name.
LOCK_CLASS = 0x6F32

Connection = Any
T = TypeVar("T")


def fingerprint(*, packages_only: bool = False) -> str:
    """Hash everything that decides what an empty, migrated database looks like. Needs Django's apps.

    `packages_only` leaves the project's own apps out.
    """
    import django
    from django.conf import settings

    digest = hashlib.sha256()
    defaults = (settings.DEFAULT_CURRENCY, settings.LANGUAGE_CODE, settings.TIME_ZONE)
    digest.update(repr((django.VERSION, defaults)).encode())
    for name, content in _files(lambda config: not (packages_only and _is_own(config))):
        digest.update(f"{name}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:16]


def manifest() -> frozenset[str]:
    """Name what a template of now is made of: the base's hash, and each migration of the project with a hash of it."""
    names = {f"{name}:{hashlib.sha256(content).hexdigest()[:12]}" for name, content in _files(_is_own)}
    return frozenset({fingerprint(packages_only=True), *names})


def _files(wanted: Callable[[Any], bool]) -> Iterator[tuple[str, bytes]]:
    from django.apps import apps

    for config in apps.get_app_configs():
        if not wanted(config):
            continue
        files = sorted(Path(config.path, "migrations").glob("*.py"))
        for file in files or [Path(config.path, "models.py")]:
            if file.is_file():
                yield f"{config.label}/{file.name}", file.read_bytes()


def _is_own(config: Any) -> bool:
    return config.name.split(".")[0] in OWN


def maintenance_connection() -> Connection:
    """Open an autocommit connection to the server's own database, where databases are made and locked."""
    from django.db import connection

    with connection._nodb_cursor() as cursor:
        arguments = cursor.connection.info.dsn_parameters
        password = cursor.connection.info.password
    opened = psycopg2.connect(**{**arguments, "password": password})
    opened.autocommit = True
    return opened


def ensure_template(server: Connection, say: Callable[[str], None]) -> str:
    """Answer the name of the template for the present migrations; build it first where there is none.

    Takes a session advisory lock on the template's name, so that many workers build it once.
    """
    name = PREFIX + fingerprint()
    _ensure(server, name, PREFIX, lambda building: _build(server, building, say), say)
    if not _made_of(server, name):
        _comment(server, name, manifest())
    return name


def _ensure(
    server: Connection, name: str, prefix: str, build: Callable[[str], None], say: Callable[[str], None]
) -> None:
    if _exists(server, name):
        return
    with _locked(server, name):
        if _exists(server, name):
            return
        started = time.monotonic()
        say("迁移有变化:正在建立测试用的模板数据库…")
        building = f"{name}{BUILDING}"
        drop(server, building)
        build(building)
        _execute(server, "ALTER DATABASE {} RENAME TO {}", building, name)
        _comment(server, name, frozenset())
        _drop_old_templates(server, name, prefix)
        say(f"模板数据库已建立,用时 {time.monotonic() - started:.0f} 秒。")


def _build(server: Connection, building: str, say: Callable[[str], None]) -> None:
    nearest = _nearest(server, manifest())
    if nearest is not None and _copied(server, nearest, building):
        _with(building, _migrate)
        return
    _execute(server, "CREATE DATABASE {}", building)
    if _with(building, _restore):
        return
    _execute(server, "DROP DATABASE {}", building)
    base = BASE_PREFIX + fingerprint(packages_only=True)
    _ensure(server, base, BASE_PREFIX, lambda name: _build_base(server, name), say)
    _copied(server, base, building)
    _with(building, _migrate_and_keep)


def _copied(server: Connection, ground: str, building: str) -> bool:
    """Copy a template; False when somebody has cleared it away as an old one before we locked it."""
    with _locked(server, ground):
        if not _exists(server, ground):
            return False
        _execute(server, "CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", building, ground)
    return True


def _build_base(server: Connection, building: str) -> None:
    _execute(server, "CREATE DATABASE {}", building)
    _with(building, _migrate_packages)


def _nearest(server: Connection, wanted: frozenset[str]) -> str | None:
    """Find the finished template with the most of these migrations and no other, or None."""
    best, most = None, 0
    for name in _names(server, PREFIX):
        has = _made_of(server, name)
        if not name.endswith(BUILDING) and has <= wanted and len(has) > most:
            best, most = name, len(has)
    return best


def create(server: Connection, name: str, say: Callable[[str], None]) -> None:
    """Make the database `name`, migrated and empty; replaces one of that name."""
    template = ensure_template(server, say)
    drop(server, name)
    # Copying files is quicker than writing the copy to the log, given that nothing waits for the disk.
    _execute(server, "CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", name, template)


def drop(server: Connection, name: str) -> None:
    """Remove a database and whoever is connected to it."""
    try:
        _execute(server, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
    except psycopg2.errors.InsufficientPrivilege:
        # PostgreSQL's own vacuuming is there, and not ours to end by force; a plain DROP sends it away itself.
        with server.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND usename = current_user",
                (name,),
            )
        _execute(server, "DROP DATABASE IF EXISTS {}", name)


@contextmanager
def test_database(prefix: str, suffix: str, say: Callable[[str], None]) -> Iterator[str]:
    """Give the block a database of its own, and remove it after.

    A session advisory lock on its name says that it is in use: what a killed run left behind is
    removed by the next one, and runs side by side never touch each other's.
    """
    server = maintenance_connection()
    try:
        _drop_abandoned(server, prefix)
        name = f"{prefix}{suffix}"
        _lock(server, name)
        create(server, name, say)
        yield name
        drop(server, name)
    finally:
        server.close()


# -- steps ----------------------------------------------------------------------


def _with(database: str, work: Callable[[Any], T]) -> T:
    """Do the work on Django's connection to another database, and let the planner know; answers what it answers."""
    from django.db import connection

    settings_dict = connection.settings_dict
    before = settings_dict["NAME"]
    connection.close()
    settings_dict["NAME"] = database
    try:
        done = work(connection)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        return done
    finally:
        connection.close()
        settings_dict["NAME"] = before


def _migrate(_connection: Any) -> None:
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False, run_syncdb=True)


def _migrate_and_keep(connection: Any) -> None:
    _migrate(connection)
    migrated.save(connection, fingerprint())


def _restore(connection: Any) -> bool:
    return migrated.load(connection, fingerprint())


def _migrate_packages(connection: Any) -> None:
    """Run the installed packages' migrations; a later full `migrate` does the rest, signals included."""
    from django.apps import apps
    from django.db.migrations.executor import MigrationExecutor

    foreign = {config.label for config in apps.get_app_configs() if not _is_own(config)}
    executor = MigrationExecutor(connection)
    executor.migrate([node for node in executor.loader.graph.leaf_nodes() if node[0] in foreign])


def _execute(server: Connection, statement: str, *names: str) -> None:
    with server.cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(*[sql.Identifier(name) for name in names]))


def _comment(server: Connection, name: str, made_of: frozenset[str]) -> None:
    text = " ".join([f"{time.time():.0f}", *sorted(made_of)])
    with server.cursor() as cursor:
        statement = sql.SQL("COMMENT ON DATABASE {} IS {}")
        cursor.execute(statement.format(sql.Identifier(name), sql.Literal(text)))


def _made_of(server: Connection, name: str) -> frozenset[str]:
    """Read what `_comment` wrote; empty for a template of before it wrote that."""
    with server.cursor() as cursor:
        cursor.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [name]
        )
        found = cursor.fetchone()
    return frozenset(((found and found[0]) or "").split()[1:])


def _exists(server: Connection, name: str) -> bool:
    with server.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        return cursor.fetchone() is not None


def _lock(server: Connection, name: str) -> None:
    with server.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, hashtext(%s))", [LOCK_CLASS, name])


def _try_lock(server: Connection, name: str) -> bool:
    with server.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, hashtext(%s))", [LOCK_CLASS, name])
        return bool(cursor.fetchone()[0])


def _unlock(server: Connection, name: str) -> None:
    with server.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s, hashtext(%s))", [LOCK_CLASS, name])


@contextmanager
def _locked(server: Connection, name: str) -> Iterator[None]:
    _lock(server, name)
    try:
        yield
    finally:
        _unlock(server, name)


def _names(server: Connection, prefix: str) -> list[str]:
    """Databases of a prefix, the newest template first."""
    with server.cursor() as cursor:
        cursor.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s) AND pg_has_role(datdba, 'USAGE')"
            " ORDER BY shobj_description(oid, 'pg_database') DESC NULLS LAST, datname",
            [prefix],
        )
        return [row[0] for row in cursor.fetchall()]


def _drop_abandoned(server: Connection, prefix: str) -> None:
    for name in _names(server, prefix):
        if _try_lock(server, name):
            drop(server, name)
            _unlock(server, name)


def _drop_old_templates(server: Connection, current: str, prefix: str) -> None:
    others = [name for name in _names(server, prefix) if name not in (current, f"{current}{BUILDING}")]
    for name in others[KEEP:]:
        # a template that is being built is locked under the name it will have
        lock = name.removesuffix(BUILDING)
        if _try_lock(server, lock):
            drop(server, name)
            _unlock(server, lock)


def main(argv: list[str] | None = None) -> int:
    """Make one database from the template; settings come from the environment."""
    import django

    parser = argparse.ArgumentParser(prog="python -m saleor_o2o.embedded.template", description="由模板建库")
    parser.add_argument("name", help="新数据库名")
    parser.add_argument("--drop", action="store_true", help="删除该数据库")
    options = parser.parse_args(argv)
    django.setup()
    server = maintenance_connection()
    try:
        if options.drop:
            drop(server, options.name)
        else:
            create(server, options.name, lambda text: print(text, flush=True))
    finally:
        server.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
