"""A supplier in this process that does what a test tells it: sells, refuses, is silent before or after the deed."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from threading import RLock
from typing import Any

from plugins.ticketing.kernel.choices import CallKind
from plugins.ticketing.kernel.ports import (
    ChangeAsk,
    IssueAsk,
    Issued,
    Line,
    LockAsk,
    Locked,
    RefundAsk,
    Refunded,
    SupplierRefused,
    SupplierSilent,
)
from saleor_o2o.kernel.clock import now

#: What a supplier does next: "ok", a refusal's code, "silent" (nothing was done), "lost" (done, the answer is lost),
#: "working" (done later).
Step = str


@dataclass
class Pretended:
    """`seats` are free; `holds` and `tickets` by our number; `asked` is everything that was asked, in order."""

    local: bool = False
    seats: int = 1000
    minutes: int = 15
    prefix: str = "T"
    prices: dict[str, Decimal] = field(default_factory=dict)
    script: dict[str, deque[Step]] = field(default_factory=dict)
    holds: dict[str, Locked] = field(default_factory=dict)
    issues: dict[str, Issued] = field(default_factory=dict)
    issued_holds: set[str] = field(default_factory=set)
    made: int = 0
    released: list[str] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    deaf: bool = False
    lock_now: Any = field(default_factory=RLock)
    before_answer: Callable[[str], None] | None = None

    def will(self, kind: str, *steps: Step) -> None:
        """Say what the next calls of a kind end in; afterwards all goes well."""
        self.script.setdefault(kind, deque()).extend(steps)

    def _step(self, kind: str, own: str) -> Step:
        self.asked.append((kind, own))
        waiting = self.script.get(kind)
        step = waiting.popleft() if waiting else "ok"
        if step == "silent":
            raise SupplierSilent("没有应答")
        if step not in ("ok", "lost", "working"):
            raise SupplierRefused(step, "供应商拒绝")
        return step

    def _answered(self, kind: str, step: Step) -> None:
        if self.before_answer is not None:
            self.before_answer(kind)
        if step == "lost":
            raise SupplierSilent("应答丢失")

    def lock(self, ask: LockAsk) -> Locked:
        with self.lock_now:
            step = self._step("lock", ask.own)
            if self.seats < len(ask.units):
                raise SupplierRefused("SOLD_OUT", "售完")
            self.seats -= len(ask.units)
            self.made += 1
            seats = {unit.ticket: f"{index}号" for index, unit in enumerate(ask.units, start=1)}
            prices = {unit.ticket: self.prices[unit.fare] for unit in ask.units if unit.fare in self.prices}
            until: datetime = now() + timedelta(minutes=self.minutes)
            self.holds[ask.own] = Locked(f"{self.prefix}{self.made}", until, seats, prices)
        self._answered("lock", step)
        return self.holds[ask.own]

    def release(self, own: str, their_number: str, lock_own: str) -> None:
        with self.lock_now:
            self._step("release", own)
            held = self.holds.pop(lock_own, None)
            if held is not None and held.their_number not in self.issued_holds:
                self.seats += len(held.seats)
                self.released.append(lock_own)

    def issue(self, ask: IssueAsk) -> Issued:
        with self.lock_now:
            step = self._step("issue", ask.own)
            if all(held.their_number != ask.their_number for held in self.holds.values()):
                raise SupplierRefused("HOLD_LOST", "占座已失效")
            if ask.their_number in self.issued_holds:
                raise AssertionError(f"{ask.their_number} is issued twice")
            self.issued_holds.add(ask.their_number)
            tickets = {unit.ticket: f"E{ask.their_number}-{index}" for index, unit in enumerate(ask.units)}
            done = Issued(False, ask.their_number, tickets, {}, {"number": "QP1", "password": "8421"})
            self.issues[ask.own] = done
        if step == "working":
            return Issued(working=True, their_number=ask.their_number)
        self._answered("issue", step)
        return done

    def lose(self) -> None:
        """All holds are gone, and nobody said so; the seats are somebody else's."""
        self.holds.clear()

    def find(self, kind: CallKind, own: str) -> Locked | Issued | Refunded | None:
        self.asked.append(("find", own))
        if self.deaf:
            raise SupplierSilent("没有应答")
        return self.holds.get(own) if kind == CallKind.LOCK else self.issues.get(own)

    def refund(self, ask: RefundAsk) -> Refunded:
        raise NotImplementedError

    def change(self, ask: ChangeAsk) -> Issued:
        raise NotImplementedError

    def statement(self, day: date) -> Sequence[Line]:
        return ()

    def ping(self) -> None:
        if self.deaf:
            raise SupplierSilent("没有应答")

    def count(self, kind: str) -> int:
        """How often something was asked."""
        return sum(asked == kind for asked, _own in self.asked)
