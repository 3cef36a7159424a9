"""PostgreSQL and Valkey from wheels: started, found, kept, stopped."""

import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg2
import pytest
import redis

from saleor_o2o.embedded import EmbeddedError, Services, Urls, ensure_urls
from saleor_o2o.embedded import services as services_module
from saleor_o2o.embedded.postgres import Postgres


@pytest.fixture
def services() -> Iterator[Services]:
    # Not pytest's folder: every run of pytest closes it to others, and as root PostgreSQL is another.
    # A space and Chinese in the name: both have broken such things before.
    with tempfile.TemporaryDirectory(prefix="o2o-test-") as folder:
        made = Services("test", Path(folder, "数据 目录"))
        yield made
        assert made.stop(), "somebody still uses them: they would outlive the test"


def _value(url: str, statement: str) -> object:
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchone()[0] if cursor.description else None
    finally:
        connection.close()


def test_services_answer_and_data_survives_a_restart(services: Services) -> None:
    # given
    services.ensure()
    before = services.urls()
    _value(before.database_url, "CREATE TABLE kept (value int); INSERT INTO kept VALUES (7)")
    assert redis.Redis.from_url(before.redis_url).ping() is True

    # when
    assert services.stop() is True
    assert (services.postgres.pid(), services.valkey.pid()) == (None, None)
    services.ensure()

    # then
    assert services.urls() == before
    assert _value(before.database_url, "SELECT value FROM kept") == 7


def test_the_cluster_is_private_and_speaks_utf8(services: Services) -> None:
    # when
    services.ensure(broker=False)
    url = services.postgres.url()

    # then
    assert _value(url, "SHOW listen_addresses") == "127.0.0.1"
    assert _value(services.postgres.url(admin=True), "SHOW unix_socket_directories") == ""
    assert _value(url, "SHOW server_encoding") == "UTF8"
    assert _value(url, "SHOW timezone") == "Asia/Shanghai"
    assert _value(url, "SHOW max_connections") == "200"
    assert _value(url, "SELECT upper('é')") == "É"
    assert _value(url, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
    assert (services.var / "postgres-test.json").stat().st_mode & 0o777 == 0o600
    stranger = url.replace(services.postgres.state()["password"], "guessed")
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(stranger)


def test_a_second_starter_joins_the_running_services(services: Services) -> None:
    # given
    services.ensure()
    pids = services.postgres.pid(), services.valkey.pid()
    other = Services("test", services.var)

    # when
    other.ensure()

    # then
    assert (other.postgres.pid(), other.valkey.pid()) == pids
    assert other.leave() is False


def test_the_last_to_leave_stops_the_services(services: Services) -> None:
    # given
    services.ensure()
    other = Services("test", services.var)
    other.ensure()

    # when, then
    assert services.leave() is False
    assert other.postgres.is_running()
    assert other.leave() is True
    assert (other.postgres.pid(), other.valkey.pid()) == (None, None)


def test_kept_services_outlive_their_users_until_stopped(services: Services) -> None:
    # given
    services.ensure(keep=True)

    # when, then
    assert services.leave() is False
    assert services.postgres.is_running()
    assert services.stop() is True


def test_services_survive_a_kill_and_a_stale_pid_file(services: Services) -> None:
    # given
    services.ensure()
    for pid in (services.postgres.pid(), services.valkey.pid()):
        assert pid is not None
        psutil.Process(pid).kill()
    # the number of the dead server now belongs to a program that is not it
    (services.postgres.data / "postmaster.pid").write_text(f"{psutil.Process().pid}\n")

    # when
    services.ensure()

    # then
    assert _value(services.urls().database_url, "SELECT 1") == 1
    assert redis.Redis.from_url(services.urls().redis_url).ping() is True


def test_a_taken_port_makes_the_server_choose_another(services: Services) -> None:
    # given
    services.ensure(database=False)
    before = services.valkey.state()["port"]
    services.stop()

    # when
    with socket.create_server(("127.0.0.1", before)):
        services.ensure(database=False)

        # then
        assert services.valkey.state()["port"] != before
        assert redis.Redis.from_url(services.valkey.url()).ping() is True


def test_an_interrupted_initialisation_is_begun_anew(services: Services) -> None:
    # given
    half = services.var / "postgres-test.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")

    # when
    services.ensure(broker=False)

    # then
    assert services.postgres.is_running()
    assert not half.exists()


def test_data_of_another_version_is_refused(tmp_path: Path) -> None:
    # given
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("15\n")
    (tmp_path / "postgres.json").write_text('{"password": "x", "admin_password": "y", "port": 9}')

    # when, then
    with pytest.raises(EmbeddedError, match="由 PostgreSQL 15 创建"):
        Postgres(tmp_path, "postgres").start()


def test_nothing_starts_when_both_addresses_are_given(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # given
    monkeypatch.setenv("O2O_VAR_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("DATABASE_URL", "postgres://elsewhere/x")
    monkeypatch.setenv("REDIS_URL", "redis://elsewhere/0")

    # when
    urls = ensure_urls("development")

    # then
    assert urls == Urls("postgres://elsewhere/x", "redis://elsewhere/0")
    assert not (tmp_path / "var").exists()


def test_only_what_is_missing_is_started(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    # given
    monkeypatch.setenv("O2O_VAR_DIR", str(services.var))
    monkeypatch.setenv("DATABASE_URL", "postgres://elsewhere/x")
    monkeypatch.delenv("REDIS_URL", raising=False)
    monkeypatch.setattr(services_module, "_held", {})

    # when
    urls = ensure_urls("test", keep=False)

    # then
    assert urls == Urls("postgres://elsewhere/x", services.valkey.url())
    assert not services.postgres.data.exists()
    [held] = services_module._held.values()
    assert held.leave() is True
