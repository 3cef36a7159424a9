"""The two services of one profile together: found when they run, started when not, stopped by the last.

Two locks in `var`: a lease shared by everyone who uses the services (the kernel ends it with its
holder, so a killed process never keeps them alive), and a short exclusive lock around starting.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from .locks import Lease, exclusive
from .paths import var_dir
from .postgres import Postgres
from .valkey import Valkey

Profile = Literal["development", "test"]

_held: dict[tuple[Path, str], "Services"] = {}


@dataclass(frozen=True)
class Urls:
    """Where the database and the broker are."""

    database_url: str
    redis_url: str


class Services:
    """PostgreSQL and Valkey of a profile: durable for "development", quick and volatile for "test"."""

    def __init__(self, profile: Profile = "development", var: Path | None = None) -> None:
        self.profile = profile
        self.var = var or var_dir()
        suffix = "" if profile == "development" else f"-{profile}"
        volatile = profile == "test"
        self.postgres = Postgres(self.var, f"postgres{suffix}", volatile)
        self.valkey = Valkey(self.var, f"valkey{suffix}", volatile)
        self._lease = Lease(self.var / f"services{suffix}.lease")
        self._mutex = self.var / f"services{suffix}.lock"
        self._keep = self.var / f"services{suffix}.keep"

    def ensure(self, *, database: bool = True, broker: bool = True, keep: bool = False) -> None:
        """Join the users of the services and start those that do not run.

        With `keep` they stay when the last user leaves. Takes the lease (until `leave` or the end of
        the process) and, briefly, the start lock. Raises EmbeddedError.
        """
        self.var.mkdir(parents=True, exist_ok=True)
        self._lease.take()
        with exclusive(self._mutex):
            fresh = not self.postgres.is_running() and not self.valkey.is_running()
            if keep:
                self._keep.touch()
            elif fresh:
                self._keep.unlink(missing_ok=True)
            if database:
                self.postgres.start()
            if broker:
                self.valkey.start()

    def leave(self) -> bool:
        """Stop using the services; stops them when nobody else does and nobody asked to keep them.

        Answers whether they were stopped.
        """
        if self._keep.exists():
            self._lease.release()
            return False
        return self.stop()

    def stop(self) -> bool:
        """Stop both services cleanly unless somebody uses them; answers whether they were stopped."""
        if not self._lease.take_alone():
            return False
        try:
            self.valkey.stop()
            self.postgres.stop()
            self._keep.unlink(missing_ok=True)
        finally:
            self._lease.release()
        return True

    def urls(self) -> Urls:
        """Answer the addresses, passwords included: never log them."""
        return Urls(self.postgres.url(), self.valkey.url())


def ensure_urls(profile: Profile = "development", *, keep: bool = True) -> Urls:
    """Answer `DATABASE_URL` and `REDIS_URL`, starting the embedded service for each that is not set.

    Safe to call in many processes at once. Services started here outlive the process when `keep` is
    true (stop them with `python -m saleor_o2o.embedded stop`). Raises EmbeddedError.
    """
    database_url = os.environ.get("DATABASE_URL", "")
    redis_url = os.environ.get("REDIS_URL", "")
    if database_url and redis_url:
        return Urls(database_url, redis_url)
    key = (var_dir(), profile)
    # Kept for the life of the process: the lease is released with the object's descriptor.
    services = _held.setdefault(key, Services(profile))
    services.ensure(database=not database_url, broker=not redis_url, keep=keep)
    return Urls(database_url or services.postgres.url(), redis_url or services.valkey.url())
