"""What every question passes behind its signature: ordered faults, the work, the note of what was asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from starlette.responses import PlainTextResponse, Response

from sandbox import faults, signed
from sandbox.coach import aftersale, daily, orders, seats
from sandbox.coach.memory import Network, Refused
from sandbox.coach.refusals import REFUSALS
from sandbox.faults import ANYWHERE, NOTIFY, Fault

Work = Callable[[Network, dict[str, Any], Fault | None], dict[str, Any]]

#: Anywhere. `down`: no network; `bad_signature`: it is done, but the answer is not signed right.
KINDS = signed.KINDS | {"down", "out_of_hours", "bad_signature"}
SPECIAL: dict[str, frozenset[str]] = {
    "lock": frozenset({"sold_out", "price_changed", "late"}),
    "issue": frozenset({"late", "issue_failed"}),
    "refund": frozenset({"late", "refund_rejected", "partial_refund"}),
}
NOTICES = frozenset({"drop", "duplicate", "late", "reorder", "bad_signature", "stale"})


def _plain(work: Callable[[Network, dict[str, Any]], dict[str, Any]]) -> Work:
    return lambda net, told, _fault: work(net, told)


OPERATIONS: dict[str, Work] = {
    "ping": lambda net, _told, _fault: {"time": net.now(), "open": net.opened()},
    "stations": _plain(seats.stations), "stops": _plain(seats.stops), "search": _plain(seats.search),
    "keep": _plain(seats.keep), "let_go": _plain(seats.let_go),
    "left": _plain(seats.left), "lock": orders.lock, "query": orders.query, "release": orders.release,
    "issue": orders.issue, "preview": aftersale.preview, "refund": aftersale.refund,
    "query_refund": aftersale.query_refund, "change": aftersale.change, "query_change": aftersale.query_change,
    "daily": daily.daily,
}  # fmt: skip


def fault_table() -> dict[str, frozenset[str]]:
    """What may be ordered where."""
    table = {name: KINDS | SPECIAL.get(name, frozenset()) for name in OPERATIONS}
    return {ANYWHERE: KINDS, **table, NOTIFY: NOTICES}


class Dress(Protocol):
    """How a network dresses what it says."""

    def answer(self, net: Network, operation: str, data: dict[str, Any], spoil: str) -> Response:
        """It was done."""

    def refusal(self, net: Network, code: str, more: dict[str, Any], spoil: str) -> Response:
        """It was not."""


async def run(net: Network, dress: Dress, operation: str, told: dict[str, Any]) -> Response:
    """Do one operation and dress the answer, with whatever was ordered to go wrong."""
    number = str(told.get("own") or told.get("issue_own") or told.get("lock_no") or "")
    kinds = KINDS | SPECIAL.get(operation, frozenset())
    with net.store.transaction() as db:
        fault = faults.take(
            db, system=net.profile.name, operation=operation, kinds=kinds, path=operation, subject=number
        )
    kind = fault.kind if fault else ""
    broken: Response | None = None
    if kind == "down":
        broken = PlainTextResponse("Service Unavailable", status_code=503)
    if broken is None:
        broken = await signed.before(fault)
    if broken is not None:
        _note(net, operation, number, kind)
        return broken
    spoil = kind if kind == "bad_signature" else ""
    code, more, data = "OK", {}, {}
    try:
        if fault is not None and kind == "error":
            wanted = str(fault.params.get("code", ""))
            raise Refused(wanted if wanted in REFUSALS else "BUSY")
        if kind == "out_of_hours":
            raise Refused("OUT_OF_HOURS")
        data = OPERATIONS[operation](net, told, fault)
    except Refused as refusal:
        code, more = refusal.code, refusal.more
    _note(net, operation, number, code)
    answer = (
        dress.answer(net, operation, data, spoil) if code == "OK" else dress.refusal(net, code, more, spoil)
    )
    return await signed.after(fault, answer)


def _note(net: Network, operation: str, number: str, code: str) -> None:
    with net.store.transaction() as db:
        db.execute(
            "INSERT INTO coach_calls (net, operation, number, code, at) VALUES (?, ?, ?, ?, ?)",
            (net.net, operation, number[:60], code, net.clock.now()),
        )
