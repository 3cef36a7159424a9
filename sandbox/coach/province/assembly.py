"""The provincial network put together for the program."""

from __future__ import annotations

from sandbox.clock import Clock
from sandbox.coach import assembly
from sandbox.coach.memory import SCHEMA
from sandbox.coach.profile import PROVINCE_NETWORK
from sandbox.coach.province.wire import Province
from sandbox.settings import Settings
from sandbox.signed import nonces
from sandbox.store import Store
from sandbox.systems import System

SCHEMAS = (SCHEMA, nonces(PROVINCE_NETWORK.name))
SPEAKS = (
    "车站、班次、余票、锁票、出票、退票、改签、日对账（CSV）",
    "JSON，请求头 HMAC-SHA256 签名，金额为分，应答也签名",
    "锁票、出票、退票、停班、检票回调，不成功就重发",
)


def build(settings: Settings, clock: Clock, store: Store) -> System:
    """The province as a system of the program."""
    return assembly.build(settings, clock, store, PROVINCE_NETWORK, Province(), SPEAKS)
