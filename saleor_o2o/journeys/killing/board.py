"""A page of memory that the director writes and every process of the stage reads: the clock, and who dies where."""

from __future__ import annotations

import json
import mmap
import struct
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

SIZE = 4096
_HEAD = struct.Struct("<QdI")
#: The point that stands for any: its number counts all points of the role.
ANY = "*"


@dataclass(frozen=True, slots=True)
class Aim:
    """Where a process dies: at the `nth` time (from 1) that a process of `role` passes `point`."""

    role: str
    point: str
    nth: int

    def __str__(self) -> str:
        return f"{self.role} · {self.point} · {self.nth}"


@dataclass(frozen=True, slots=True)
class Orders:
    """What is in force: counting begins anew with each `trial`; `noting`: write every point that is passed down."""

    trial: int = 0
    aim: Aim | None = None
    noting: bool = False


@dataclass(slots=True)
class Board:
    """The page, in a file that all map. One writer; readers never see half of what is written."""

    path: Path
    _page: mmap.mmap = field(init=False, repr=False)
    _version: int = 0
    _known: Orders = field(default_factory=Orders)

    def __post_init__(self) -> None:
        if not self.path.exists():
            self.path.write_bytes(bytes(SIZE))
        with self.path.open("r+b") as file:
            self._page = mmap.mmap(file.fileno(), SIZE)

    def write(self, orders: Orders, clock: float) -> None:
        """Put `orders` in force; `clock`: seconds that the platform's clock is ahead."""
        text = json.dumps(asdict(orders)).encode()
        version, _clock, _length = _HEAD.unpack_from(self._page)
        _HEAD.pack_into(self._page, 0, version + 1, clock, len(text))  # odd: being written
        self._page[_HEAD.size : _HEAD.size + len(text)] = text
        _HEAD.pack_into(self._page, 0, version + 2, clock, len(text))

    def clock(self) -> float:
        """Seconds that the platform's clock is ahead."""
        while True:
            version, clock, _length = _HEAD.unpack_from(self._page)
            if version % 2 == 0 and _HEAD.unpack_from(self._page)[0] == version:
                return float(clock)

    def read(self) -> Orders:
        """What is in force."""
        while True:
            version, _clock, length = _HEAD.unpack_from(self._page)
            if version == self._version and version:
                return self._known
            text = bytes(self._page[_HEAD.size : _HEAD.size + length])
            if version % 2 or _HEAD.unpack_from(self._page)[0] != version:
                continue
            self._known = _orders(json.loads(text)) if text else Orders()
            self._version = version
            return self._known


def _orders(told: dict[str, Any]) -> Orders:
    aim = told["aim"]
    return Orders(told["trial"], Aim(**aim) if aim else None, told["noting"])
