"""What happens at a counter in a trial: a clerk sells, and scans phones (付款码)."""

from __future__ import annotations

from contextlib import suppress

from sandbox.client import SandboxRefused

from .buying import Buying
from .shop import BRANCH, COUNTER

#: Two customers' phones.
FIRST, SECOND = "oSandboxPersonChenYujiang001", "oSandboxPersonLiChunlan00002"
SELL = """mutation($key: String!, $input: CounterOrderInput!) { counterOrderCreate(key: $key, input: $input) {
  sale { id } errors { message code } } }"""
CHARGE = """mutation($id: ID!, $code: String) { counterOrderChargePhone(saleId: $id, authCode: $code) {
  state errors { message code } } }"""


def sell(buying: Buying) -> str:
    """The clerk places a basket; the sale that waits for money."""
    buying.goods = COUNTER
    buying.orders += 1
    wanted = {"place": BRANCH, "lines": buying.lines()}
    return str(buying.ask(SELL, {"key": buying.key(), "input": wanted}, staff=True)["sale"]["id"])


def scan(buying: Buying, sale: str, person: str) -> str:
    """The clerk scans a phone, once more with the same code where the answer was lost; what the screen says."""
    code = buying.house.sandbox.code(person)
    return str(buying.ask(CHARGE, {"id": sale, "code": code}, staff=True)["state"])


def look(buying: Buying, sale: str) -> str:
    """What the screen says while the customer types the password."""
    return str(buying.ask(CHARGE, {"id": sale, "code": None}, staff=True)["state"])


def type_password(buying: Buying) -> None:
    """The customer types it, if the phone asks."""
    with suppress(IndexError, SandboxRefused):
        buying.house.sandbox.password(buying.trades()[-1])
