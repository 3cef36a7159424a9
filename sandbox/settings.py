"""What the sandbox is told by its environment."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class Settings:
    """Start-up settings of the sandbox.

    directory: keys and database live here. clock_ratio: sandbox seconds that pass in one real second, for
    every waiting time (retries, refund intervals, bank delays). public_url: how a browser reaches us,
    when that differs from the request. http_hosts: hosts that may be notified over plain http. platform_url: where the
    platform is, for systems that know its usual addresses.
    """

    directory: Path
    clock_ratio: float = 60.0
    public_url: str = ""
    http_hosts: frozenset[str] = LOOPBACK
    platform_url: str = ""


def from_environment() -> Settings:
    """Read SANDBOX_DIR, SANDBOX_CLOCK, SANDBOX_PUBLIC_URL, SANDBOX_HTTP_HOSTS and SANDBOX_PLATFORM_URL.

    Raises ValueError when SANDBOX_CLOCK is not a number in (0, 100000].
    """
    text = os.environ.get("SANDBOX_CLOCK", "60")
    try:
        ratio = float(text)
    except ValueError:
        raise ValueError(f"SANDBOX_CLOCK must be a number, not {text!r}") from None
    if not 0 < ratio <= 100_000:
        raise ValueError(f"SANDBOX_CLOCK must be above 0 and at most 100000, not {text}")
    extra = {host.strip() for host in os.environ.get("SANDBOX_HTTP_HOSTS", "").split(",") if host.strip()}
    return Settings(
        directory=Path(os.environ.get("SANDBOX_DIR", "var/sandbox")),
        clock_ratio=ratio,
        public_url=os.environ.get("SANDBOX_PUBLIC_URL", "").rstrip("/"),
        http_hosts=LOOPBACK | extra,
        platform_url=os.environ.get("SANDBOX_PLATFORM_URL", "").rstrip("/"),
    )
