"""From where and with what a shopper comes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from plugins.login_security.interfaces import Place, Way, place_of
from saleor_o2o.kernel.crypto import blind_index

LONGEST = 200


@dataclass(frozen=True, slots=True)
class Device:
    """`key` is what the client calls itself (a random text it keeps), `name` what a person calls it."""

    key: str
    name: str
    place: Place

    @property
    def index(self) -> str:
        """A keyed digest of the client's own name; empty where it gave none."""
        return blind_index(self.key.encode().hex(), "members.device") if self.key else ""

    @property
    def network_index(self) -> str:
        """A keyed digest of the address (IPv4), or of its /64 (IPv6)."""
        return blind_index(self.place.network, "members.network")


#: Where no request is: a task, a command, a test.
NOWHERE = Device("", "", Place(Way.API, None, ""))


def device_of(request: Any, key: str = "", name: str = "") -> Device:
    """The device of a request; without a `name` it is called by its browser."""
    place = place_of(request, Way.API)
    called = "".join(one for one in name if one.isprintable()).strip()
    return Device(key.strip()[:LONGEST], (called or place.device)[:LONGEST], place)
