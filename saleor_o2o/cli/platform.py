"""A whole platform in one folder: sandbox, web and worker, over a database and a broker.

`./o2o demo`, journeys and benchmarks start theirs with this class; `temporary_platform` gives one that
leaves nothing behind.
"""

import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psutil

from saleor_o2o.embedded import Profile, Services, Urls, var_dir
from saleor_o2o.embedded.ports import LOOPBACK, free_port, is_free
from saleor_o2o.embedded.valkey import Valkey

from .environment import python, run_foreground, unhurried
from .errors import CommandError
from .processes import Child, http_ok

START_TIMEOUT = 120.0
SHOP_NAME = json.dumps({"query": "{ shop { name } }"}).encode()


def say(text: str) -> None:
    """Tell the person at the terminal."""
    print(text, flush=True)


@dataclass
class Platform:
    """The processes of one platform; `var` holds logs, media, keys and the sandbox's memory."""

    var: Path
    urls: Urls
    web_port: int = 8000
    sandbox_port: int = 8100
    host: str = LOOPBACK
    settings: str = "settings.development"
    workers: int = 2
    with_worker: bool = True
    seed: bool = True
    extra: Mapping[str, str] = field(default_factory=dict)
    say: Callable[[str], None] = say
    children: list[Child] = field(default_factory=list)

    @property
    def base_url(self) -> str:
        """Where the platform answers."""
        return f"http://{LOOPBACK}:{self.web_port}"

    @property
    def sandbox_url(self) -> str:
        """Where the outside world answers."""
        return f"http://{LOOPBACK}:{self.sandbox_port}"

    @property
    def environment(self) -> dict[str, str]:
        """The variables that every process of this platform gets."""
        return {
            "DEBUG": os.environ.get("DEBUG", "False"),
            # Saleor refuses its own default of this list when DEBUG is off
            "ALLOWED_CLIENT_HOSTS": os.environ.get("ALLOWED_CLIENT_HOSTS", "127.0.0.1,localhost"),
            "O2O_VAR_DIR": str(self.var),
            "O2O_PICTURES_DIR": str(var_dir() / "pictures"),
            "DATABASE_URL": self.urls.database_url,
            "REDIS_URL": self.urls.redis_url,
            "O2O_PUBLIC_URL": os.environ.get("O2O_PUBLIC_URL", self.base_url),
            "O2O_SANDBOX_URL": self.sandbox_url,
            "SANDBOX_DIR": str(self.var / "sandbox"),
            "SANDBOX_PLATFORM_URL": self.base_url,
            "DJANGO_SETTINGS_MODULE": self.settings,
            **self.extra,
        }

    def start(self) -> None:
        """Start everything in order and wait until all of it answers; on failure stop what runs.

        Raises CommandError with the end of the log of what failed.
        """
        for port, option in ((self.web_port, "--port"), (self.sandbox_port, "--sandbox-port")):
            if not is_free(port, self.host):
                raise CommandError(
                    f"端口 {port} 已被占用{_occupant(port)}:请停止它,或用 {option} 换一个端口。"
                )
        self.var.mkdir(parents=True, exist_ok=True)
        try:
            sandbox = self._begin(self._sandbox())
            self._wait(sandbox)
            self.prepare()
            web = self._begin(self._web())
            worker = self._begin(self._worker()) if self.with_worker else None
            self._wait(web)
            if worker is not None:
                self._wait(worker)
        except BaseException:
            self.stop()
            raise

    def prepare(self) -> None:
        """Build the pages, migrate, collect static files, seed; raises CommandError when the last three fail."""
        from .h5 import build_if_possible

        build_if_possible()
        options = ["--static", *(["--seed"] if self.seed else [])]
        code = run_foreground(python("-m", "saleor_o2o.cli.prepare", *options), self.environment)
        if code != 0:
            raise CommandError("数据库准备失败,原因见上。")

    def check(self) -> dict[str, bool]:
        """Ask every part whether it is well."""
        answers = {
            f"网站 {self.base_url}/readyz": http_ok(f"{self.base_url}/readyz", 30),
            f"接口 {self.base_url}/graphql/": http_ok(f"{self.base_url}/graphql/", 30, SHOP_NAME),
            f"后台 {self.base_url}/admin/": http_ok(f"{self.base_url}/admin/login/", 30),
            f"沙箱 {self.sandbox_url}": http_ok(f"{self.sandbox_url}/", 30),
        }
        answers.update({child.title: child.exit_code() is None for child in self.children})
        return answers

    def stop(self) -> None:
        """Stop the processes, the last started first."""
        while self.children:
            self.children.pop().stop()

    # -- the processes ------------------------------------------------------------

    def _begin(self, child: Child) -> Child:
        self.children.append(child)
        child.start()
        return child

    def _wait(self, child: Child) -> None:
        started = time.monotonic()
        child.wait_ready(START_TIMEOUT)
        self.say(f"{child.title}:就绪({time.monotonic() - started:.1f} 秒)")

    def _server(self, title: str, name: str, interface: str, app: str, port: int, *options: str) -> Child:
        command = python("-m", "granian", "--interface", interface, "--host", self.host, "--port", str(port))
        return Child(
            title=title,
            command=[*command, "--workers-kill-timeout", "5s", *options, app],
            environment=self.environment,
            log=self.var / "log" / f"{name}.log",
            ready=lambda _: http_ok(f"http://{LOOPBACK}:{port}/healthz"),
        )

    def _sandbox(self) -> Child:
        return self._server("沙箱", "sandbox", "asgi", "sandbox.app:app", self.sandbox_port)

    def _web(self) -> Child:
        options = ["--workers", str(self.workers), "--blocking-threads", "1", "--respawn-failed-workers"]
        return self._server("网站", "web", "wsgi", "saleor_o2o.wsgi:application", self.web_port, *options)

    def _worker(self) -> Child:
        schedule = self.var / "celerybeat-schedule"
        options = ["--beat", "--schedule", str(schedule), "--concurrency", "2", "--loglevel", "INFO"]
        options += ["--without-gossip", "--without-mingle"]
        return Child(
            title="后台任务",
            command=python("-m", "celery", "-A", "saleor_o2o.celery:app", "worker", *options),
            environment=self.environment,
            log=self.var / "log" / "worker.log",
            ready=lambda logged: " ready." in logged,
        )


def _occupant(port: int) -> str:
    """Name the process that listens on a port, where the system tells us."""
    try:
        for connection in psutil.net_connections("tcp"):
            if connection.laddr and connection.laddr.port == port and connection.status == psutil.CONN_LISTEN:
                name = psutil.Process(connection.pid).name() if connection.pid else "未知"
                return f"(进程 {connection.pid} {name})"
    except (psutil.Error, OSError):
        pass
    return ""


@contextmanager
def temporary_platform(
    profile: Profile = "test",
    *,
    seed: bool = True,
    with_worker: bool = True,
    workers: int = 2,
    extra: Mapping[str, str] | None = None,
    say: Callable[[str], None] = say,
) -> Iterator[Platform]:
    """Start a platform in a folder, a database and ports of its own; all of it is gone afterwards.

    The database is copied from the template. `profile` says which embedded cluster holds it: "test" is
    quick, "development" durable (measure there). With `DATABASE_URL` given, its server is used.
    """
    database = f"o2o_platform_{os.getpid()}"
    services = Services(profile)
    given = os.environ.get("DATABASE_URL", "")
    services.ensure(database=not given, broker=False)
    # /tmp, not the project: socket and folder names stay short, and a killed run is cleaned up by the system
    var = Path(tempfile.mkdtemp(prefix="o2o-"))
    valkey = Valkey(var, "valkey", volatile=True)
    platform: Platform | None = None
    server = given or services.postgres.url()
    template = {"DATABASE_URL": server, "REDIS_URL": "redis://127.0.0.1:9/0", "O2O_VAR_DIR": str(var)}
    template["DJANGO_SETTINGS_MODULE"] = "settings.development"
    make = python("-m", "saleor_o2o.embedded.template", database)
    try:
        if run_foreground(make, template) != 0:
            raise CommandError("临时平台的数据库建立失败,原因见上。")
        valkey.start()
        platform = Platform(
            var=var,
            urls=Urls(_with_database(server, database), valkey.url()),
            web_port=free_port(),
            sandbox_port=free_port(),
            workers=workers,
            with_worker=with_worker,
            seed=seed,
            extra=extra or {},
            say=say,
        )
        platform.start()
        yield platform
    except CommandError:
        shutil.copytree(var / "log", services.var / "log" / "last-failed", dirs_exist_ok=True)
        raise
    finally:
        with unhurried():
            if platform is not None:
                platform.stop()
            valkey.stop()
            run_foreground([*make, "--drop"], template)
            shutil.rmtree(var, ignore_errors=True)
            services.leave()


def _with_database(url: str, database: str) -> str:
    """Answer the same server's address with another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))
