"""The template database: made once, copied often, never mixed up."""

import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import psycopg2
import pytest
from django.apps import apps

from saleor_o2o.embedded import migrated, template
from saleor_o2o.embedded.paths import var_dir
from saleor_o2o.embedded.postgres import Postgres


@pytest.fixture
def server(django_db_setup: None, django_db_blocker: Any) -> Iterator[Any]:
    with django_db_blocker.unblock():
        opened = template.maintenance_connection()
    yield opened
    opened.close()


def _another(server: Any, database: str) -> Any:
    """One more connection as the same role."""
    known = server.info
    return psycopg2.connect(**{**known.dsn_parameters, "password": known.password, "dbname": database})


def test_the_fingerprint_changes_with_a_migration(tmp_path: Path) -> None:
    # given
    folder = tmp_path / "migrations"
    folder.mkdir()
    (folder / "0001_initial.py").write_text("a")
    app = SimpleNamespace(label="o2o_x", path=str(tmp_path))

    # when
    with mock.patch.object(apps, "get_app_configs", return_value=[app]):
        first, again = template.fingerprint(), template.fingerprint()
        (folder / "0001_initial.py").write_text("b")
        changed = template.fingerprint()

    # then
    assert first == again
    assert changed != first


def test_the_base_does_not_depend_on_our_own_migrations(tmp_path: Path) -> None:
    # given
    folder = tmp_path / "migrations"
    folder.mkdir()
    (folder / "0001_initial.py").write_text("a")
    ours = SimpleNamespace(label="o2o_x", name="plugins.x", path=str(tmp_path))
    theirs = SimpleNamespace(label="x", name="x", path=str(tmp_path))

    def base(app: SimpleNamespace) -> str:
        with mock.patch.object(apps, "get_app_configs", return_value=[app]):
            return template.fingerprint(packages_only=True)

    # when
    before = base(ours), base(theirs)
    (folder / "0001_initial.py").write_text("b")

    # then
    assert base(ours) == before[0]
    assert base(theirs) != before[1]


def test_a_template_is_built_on_the_nearest_whose_migrations_are_all_there(server: Any) -> None:
    # given templates of two and of one of these migrations, one with a migration that is gone, and one unfinished
    prefix = f"{template.PREFIX}near_{os.getpid()}_"
    made_of = {
        "two": {"base", "x/0001:a", "x/0002:b"},
        "one": {"base", "x/0001:a"},
        "other": {"base", "x/0001:a", "x/0002:b", "x/0003:gone"},
        f"third{template.BUILDING}": {"base", "x/0001:a", "x/0002:b", "x/0003:c"},
    }
    wanted = frozenset({"base", "x/0001:a", "x/0002:b", "x/0003:c"})
    for name, migrations in made_of.items():
        template._execute(server, "CREATE DATABASE {}", f"{prefix}{name}")
        template._comment(server, f"{prefix}{name}", frozenset(migrations))

    # when
    try:
        nearest = template._nearest(server, wanted)
        without_one = template._nearest(server, frozenset({"base", "x/0001:a", "y/0001:d"}))
        on_another_base = template._nearest(server, frozenset({"base of later", "x/0001:a"}))
    finally:
        for name in made_of:
            template.drop(server, f"{prefix}{name}")

    # then
    assert nearest == f"{prefix}two"
    assert without_one == f"{prefix}one"
    assert on_another_base is None


def test_a_template_tells_what_it_is_made_of(server: Any) -> None:
    # given
    name = template.ensure_template(server, lambda text: None)

    # then
    assert template._made_of(server, name) == template.manifest()
    assert any(part.startswith("o2o_members/0001_") for part in template.manifest())


def test_a_copy_is_migrated(server: Any) -> None:
    # given
    name = f"o2o_copy_{os.getpid()}"

    # when
    template.create(server, name, lambda text: None)

    # then
    try:
        copy = _another(server, name)
        with copy.cursor() as cursor:
            cursor.execute("SELECT count(*) > 400 FROM django_migrations")
            assert cursor.fetchone() == (True,)
        copy.close()
    finally:
        template.drop(server, name)
    assert not template._exists(server, name)


def test_what_a_killed_run_left_is_removed_and_a_running_one_is_not(server: Any) -> None:
    # given
    prefix = f"test_abandoned_{os.getpid()}_"
    template._execute(server, "CREATE DATABASE {}", f"{prefix}left")
    template._execute(server, "CREATE DATABASE {}", f"{prefix}used")
    runner = _another(server, "postgres")
    runner.autocommit = True
    template._try_lock(runner, f"{prefix}used")

    # when
    try:
        template._drop_abandoned(server, prefix)

        # then
        assert template._names(server, prefix) == [f"{prefix}used"]
    finally:
        runner.close()
        template.drop(server, f"{prefix}used")


def test_a_template_that_somebody_builds_is_not_cleared_away(
    server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given two builds of other branches' templates, of which one is still going on
    prefix = f"o2o_clearing_{os.getpid()}_"
    monkeypatch.setattr(template, "KEEP", 0)
    going_on, given_up = (f"{prefix}{name}{template.BUILDING}" for name in ("a", "b"))
    for name in (going_on, given_up):
        template._execute(server, "CREATE DATABASE {}", name)
    builder = _another(server, server.info.dbname)
    builder.autocommit = True
    template._lock(builder, f"{prefix}a")

    # when
    try:
        template._drop_old_templates(server, f"{prefix}c", prefix)

        # then
        assert template._names(server, prefix) == [going_on]
    finally:
        builder.close()
        template.drop(server, going_on)
        template.drop(server, given_up)


def test_a_database_goes_although_somebody_is_there_whom_we_may_not_send_away(server: Any) -> None:
    """As PostgreSQL's own vacuuming may be, which a drop by force is not allowed to end."""
    # given: the superuser looks into it, and leaves soon
    state = json.loads((var_dir() / "postgres-test.json").read_text(encoding="utf-8"))
    if str(server.info.port) != str(state["port"]):
        pytest.skip("only the embedded server lets its superuser in")
    name = f"o2o_visited_{os.getpid()}"
    template.create(server, name, lambda text: None)
    address = Postgres(var_dir(), "postgres-test").url(name, admin=True)
    visitor = psycopg2.connect(address)
    ours = _another(server, name)
    leaves = threading.Timer(0.5, visitor.close)
    leaves.start()

    # when
    template.drop(server, name)

    # then
    leaves.join()
    with server.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_database WHERE datname = %s", (name,))
        assert cursor.fetchone() == (0,)
    with pytest.raises(psycopg2.OperationalError), ours.cursor() as cursor:
        cursor.execute("SELECT 1")
    ours.close()


@pytest.fixture
def two_databases(server: Any) -> Iterator[tuple[str, str]]:
    names = (f"o2o_dumped_{os.getpid()}", f"o2o_restored_{os.getpid()}")
    for name in names:
        template.drop(server, name)
        template._execute(server, "CREATE DATABASE {}", name)
    yield names
    for name in names:
        template.drop(server, name)


def test_what_one_database_migrated_another_reads(
    two_databases: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, django_db_blocker: Any
) -> None:
    # given: rows, a constraint, an extension, and a check by a function that calls another by its mere name
    monkeypatch.setattr(migrated, "FOLDER", tmp_path / "migrated")
    filled, empty = two_databases

    def fill(connection: Any) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION pg_trgm")
            cursor.execute("CREATE TABLE applied (name text UNIQUE)")
            cursor.execute("INSERT INTO applied VALUES ('0001')")
            made = "CREATE FUNCTION {}(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT {}($1)'"
            cursor.execute(made.format("o2o_inner", "lower"))
            cursor.execute(made.format("o2o_outer", "o2o_inner"))
            cursor.execute("ALTER TABLE applied ADD CHECK (o2o_outer(name) = name)")
        return migrated.save(connection, "abc")

    def read(connection: Any) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT name, similarity(name, name) FROM applied")
            return bool(cursor.fetchall() == [("0001", 1.0)])

    with django_db_blocker.unblock():
        # when
        saved = template._with(filled, fill)
        unknown = template._with(empty, lambda connection: migrated.load(connection, "another"))
        loaded = template._with(empty, lambda connection: migrated.load(connection, "abc"))

        # then
        assert (saved, unknown, loaded) == (True, False, True)
        assert template._with(empty, read)


def test_a_broken_file_writes_nothing(
    two_databases: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, django_db_blocker: Any
) -> None:
    # given: one that ends half way
    monkeypatch.setattr(migrated, "FOLDER", tmp_path / "migrated")
    filled, empty = two_databases

    def fill(connection: Any) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE applied AS SELECT g, md5(g::text) FROM generate_series(1, 20000) g")
        return migrated.save(connection, "abc")

    with django_db_blocker.unblock():
        assert template._with(filled, fill)
        file = next((tmp_path / "migrated").glob("*.dump"))
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])

        # when
        loaded = template._with(empty, lambda connection: migrated.load(connection, "abc"))

        # then
        assert not loaded
        assert template._with(empty, lambda connection: not connection.introspection.table_names())
