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

    refund_delay, sharing_delay: sandbox seconds from accepting to the result. password_above: fen above which a payment
    code asks for the password. sharing_ratio: the most of an order that may be shared, in 1/10000. sharing_notify_url:
    where merchants who receive shares are told. bill_hour: yesterday's bill is being made until 9 o'clock.
    """

    key_mode: KeyMode = KeyMode.PUBLIC_KEY
    refund_interval: bool = True
    refund_delay: float = 30.0
    password_above: int = 100_000
    sharing_ratio: int = 3000
    sharing_delay: float = 30.0
    sharing_notify_url: str = ""
    bill_hour: bool = False


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
            "password_above": str(options.password_above),
            "sharing_ratio": str(options.sharing_ratio),
            "sharing_delay": repr(options.sharing_delay),
            "bill_hour": str(int(options.bill_hour)),
            "sharing_notify_url": options.sharing_notify_url,
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
        password_above=int(values.get("password_above", default.password_above)),
        sharing_ratio=int(values.get("sharing_ratio", default.sharing_ratio)),
        sharing_delay=float(values.get("sharing_delay", default.sharing_delay)),
        bill_hour=values.get("bill_hour", str(int(default.bill_hour))) == "1",
        sharing_notify_url=values.get("sharing_notify_url", default.sharing_notify_url),
    )
