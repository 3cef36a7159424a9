"""The other network put together for the program."""

from __future__ import annotations

from sandbox.clock import Clock
from sandbox.coach import assembly
from sandbox.coach.fangbian.wire import Fangbian
from sandbox.coach.memory import SCHEMA
from sandbox.coach.profile import FANGBIAN_NETWORK
from sandbox.settings import Settings
from sandbox.signed import nonces
from sandbox.store import Store
from sandbox.systems import System

SCHEMAS = (SCHEMA, nonces(FANGBIAN_NETWORK.name))
SPEAKS = (
    "车站、班次、余票、锁票、出票（异步）、退票（异步）、改签、日对账（JSON）",
    "一个网址、表单，参数排序后 HMAC-SHA256 签名，金额为元，应答也签名",
    "出票和退票的结果由回调或查询得知",
)


def build(settings: Settings, clock: Clock, store: Store) -> System:
    """The network as a system of the program."""
    return assembly.build(settings, clock, store, FANGBIAN_NETWORK, Fangbian(), SPEAKS)
