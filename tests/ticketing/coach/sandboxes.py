"""The two pretended networks in a process of their own, and what a test asks of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from pytest_socket import enable_socket

from plugins.ticketing.coach.ports import FREE, FULL, HALF, TheirShift
from plugins.ticketing.coach.suppliers.fangbian import Fangbian
from plugins.ticketing.coach.suppliers.province import Province
from plugins.ticketing.kernel.ports import IssueAsk, LockAsk, Locked, Person, RefundAsk, Unit
from saleor_o2o.kernel.clock import today
from sandbox.client import SandboxClient
from sandbox.process import running

A, B = "coach_province", "coach_fangbian"
NUMBERS = count(1)
#: Of nobody: the check digits are right.
IDS = ("500103199001011239", "500103198805052345", "510902197707073456", "500101200909094567")


def own() -> str:
    """A number of ours that nobody used before."""
    return f"GYTEST{next(NUMBERS):09d}"


@pytest.fixture(scope="session")
def coach_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("coach")


@pytest.fixture(scope="session")
def coach_address(coach_folder: Path) -> Iterator[str]:
    enable_socket()
    with running(coach_folder, clock_ratio=600) as url:
        yield url


@pytest.fixture
def control(coach_address: str, coach_folder: Path, settings: Any) -> Iterator[SandboxClient]:
    """Both networks empty, open at any hour, at their own pace; the platform asks them."""
    settings.SANDBOX_URL, settings.SANDBOX_DIR = coach_address, coach_folder
    with SandboxClient(coach_address) as client:
        client.reset()
        client.call("POST", f"/{A}/options", {"hours": "always", "issue_delay": 0, "refund_delay": 0})
        client.call("POST", f"/{B}/options", {"hours": "always", "issue_delay": 20, "refund_delay": 60})
        yield client
        client.clear_faults()


class Desk:
    """An adapter with the words of its network that a test needs."""

    def __init__(self, name: str, control: SandboxClient) -> None:
        self.name, self.control = name, control
        self.adapter: Province | Fangbian = Province() if name == A else Fangbian()
        self.station = "CQ01" if name == A else "230233"
        self.suining = "SC03" if name == A else "230296"

    def shifts(self, goal: str = "", day: date | None = None) -> list[TheirShift]:
        return list(
            self.adapter.shifts(self.station, goal or self.suining, day or today() + timedelta(days=2))
        )

    def ask(self, shift: TheirShift, fares: str = "F", number: str = "", **told: Any) -> LockAsk:
        """A hold; F whole, H half, C carried."""
        kinds = {"F": FULL, "H": HALF, "C": FREE}
        units = [
            Unit(f"P{at}", kinds[fare], shift.costs[kinds[fare]], Person(f"乘客{at}", "id_card", IDS[at]))
            for at, fare in enumerate(fares)
        ]
        contact = Person("联系人", "", "", "13800000001")
        return LockAsk(number or own(), shift.product, told.get("units", units), 15, contact)

    def lock(self, shift: TheirShift, fares: str = "F") -> tuple[LockAsk, Locked]:
        ask = self.ask(shift, fares)
        return ask, self.adapter.lock(ask)

    def issue_ask(self, ask: LockAsk, locked: Locked, number: str = "") -> IssueAsk:
        amount = sum(locked.prices.values(), Decimal(0))
        return IssueAsk(number or own(), locked.their_number, ask.product, ask.units, amount)

    def refund_ask(self, tickets: dict[str, str], *, fault: bool = False) -> RefundAsk:
        return RefundAsk(own(), "", {}, tickets, {}, fault, Decimal(0))

    def fault(self, where: str, kind: str, **told: Any) -> None:
        self.control.fault(where, kind, system=self.name, **told)

    def calls(self, operation: str) -> list[str]:
        """How the network's own book says that questions ended."""
        found = self.control.call("GET", f"/{self.name}/calls", operation=operation)["calls"]
        return [one["code"] for one in found]


@pytest.fixture(params=[A, B])
def desk(request: pytest.FixtureRequest, control: SandboxClient) -> Desk:
    """Either network."""
    return Desk(request.param, control)


@pytest.fixture
def province(control: SandboxClient) -> Desk:
    return Desk(A, control)


@pytest.fixture
def fangbian(control: SandboxClient) -> Desk:
    return Desk(B, control)
