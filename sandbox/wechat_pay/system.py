"""WeChat Pay's parts in one place: clock, store, keys, and the options that the control API may change."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.clock import Clock
from sandbox.settings import Settings
from sandbox.store import Store
from sandbox.wechat_pay.keys import Keys
from sandbox.wechat_pay.signing import KeyMode

NAME = "wechat_pay"

OPTIONS_SCHEMA = """
CREATE TABLE IF NOT EXISTS wxp_options (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Options:
    """key_mode: how we sign. refund_interval: enforce one minute between refunds of one order.

    refund_delay: sandbox seconds from accepting a refund to its result.
    """

    key_mode: KeyMode = KeyMode.PUBLIC_KEY
    refund_interval: bool = True
    refund_delay: float = 30.0


@dataclass(slots=True)
class WechatPay:
    """The running system. `wake` tells the courier that there is something to do."""

    settings: Settings
    clock: Clock
    store: Store
    keys: Keys
    wake: Callable[[], None] = field(default=lambda: None)

    def options(self) -> Options:
        """The options in force."""
        return read_options(self.store.all("SELECT name, value FROM wxp_options"))

    def save_options(self, options: Options) -> None:
        """Keep the options over a restart."""
        values = {
            "key_mode": options.key_mode.value,
            "refund_interval": str(int(options.refund_interval)),
            "refund_delay": repr(options.refund_delay),
        }
        with self.store.transaction() as db:
            db.executemany(
                "INSERT OR REPLACE INTO wxp_options (name, value) VALUES (?, ?)", list(values.items())
            )


def read_options(rows: list[sqlite3.Row]) -> Options:
    """Options from their rows; what was never set has its default."""
    values = {row["name"]: row["value"] for row in rows}
    default = Options()
    return Options(
        key_mode=KeyMode(values.get("key_mode", default.key_mode.value)),
        refund_interval=values.get("refund_interval", str(int(default.refund_interval))) == "1",
        refund_delay=float(values.get("refund_delay", default.refund_delay)),
    )
