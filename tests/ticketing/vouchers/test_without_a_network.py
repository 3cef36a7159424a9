"""The sandbox's gates against the real hooks over HTTP: a list, no network, both let in, both tell, one counts."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from plugins.ticketing.admission.models import Device, EntryRule, Redemption, Scan, ScanConflict
from plugins.ticketing.admission.vouchers import codes
from plugins.ticketing.admission.vouchers.services.syncing import counted_in
from plugins.ticketing.admission.vouchers.showing import kept
from saleor_o2o.kernel.clock import now
from sandbox.gate.scanner import SCHEMA, Scanner
from sandbox.store import Store

from .conftest import World
from .test_redeeming import qr

MINUTE = 60_000


@pytest.fixture
def gates(world: World, live_server: Any, tmp_path: Path) -> Scanner:
    """Two gates; the clock of the western one is seven minutes ahead."""
    scanner = Scanner(Store(tmp_path / "gates.sqlite3", [SCHEMA]))
    for name, shift in (("east", 0), ("west", 7 * MINUTE)):
        device = world.at(getattr(world, name)).device
        assert device is not None
        Device.objects.filter(pk=device.pk).update(code=name)
        scanner.set_up(name, live_server.url, device.secret, shift)
        asyncio.run(scanner.heartbeat(name))
    return scanner


@pytest.mark.django_db(transaction=True)
def test_a_day_without_a_network(world: World, gates: Scanner) -> None:
    # given: two vouchers, one of them rotating; both gates have their lists, then the cable is cut
    plain = world.voucher()
    EntryRule.objects.create(product=world.product, rotating=True, reason="热门")
    hot = world.voucher()
    phone = kept(hot)
    assert phone is not None
    for name in ("east", "west"):
        assert asyncio.run(gates.fetch(name)) == {"status": "ok", "listed": 2}
        gates.network(name, False)

    # when: the same person comes in by the west gate and then by the east gate; a picture, and the phone itself
    first = asyncio.run(gates.scan("west", qr(plain), None))
    time.sleep(2)  # nearer to each other than clocks are measured, scans have no order
    second = asyncio.run(gates.scan("east", qr(plain), None))
    again = asyncio.run(gates.scan("east", qr(plain), None))
    picture = asyncio.run(gates.scan("east", phone.code, None))
    alive = f"{phone.code}.{codes.time_code(bytes.fromhex(phone.secret), now())}"
    shown = asyncio.run(gates.scan("east", alive, None))

    # then
    assert [one["answer"] for one in (first, second, again, picture, shown)] == [
        "passed", "passed", "used", "picture", "passed",
    ]  # fmt: skip
    assert Redemption.objects.count() == 0

    # when: the east gate tells first, though it was later; then the west gate, whose clock is ahead; both once more
    for name in ("east", "west", "east", "west"):
        gates.network(name, True)
        asyncio.run(gates.sync(name))

    # then: west was first
    conflict = ScanConflict.objects.get()
    assert (conflict.kind, conflict.winner.gate, conflict.loser.gate) == ("twice", world.west, world.east)
    assert counted_in(plain.pk) == counted_in(hot.pk) == 1
    west = Scan.objects.get(device__code="west")
    assert west.device_at is not None and 6 * 60 < (west.device_at - west.at).total_seconds() < 8 * 60
    assert gates.state("east")["waiting"] == gates.state("west")["waiting"] == 0


@pytest.mark.django_db(transaction=True)
def test_sold_after_the_list_and_closed_from_afar(world: World, gates: Scanner) -> None:
    # given
    Device.objects.filter(code="east").update(trusts=True)
    world.voucher()
    for name in ("east", "west"):
        asyncio.run(gates.fetch(name))
        gates.network(name, False)
    late = world.voucher()

    # then: only the gate that trusts signatures lets in what its list does not know
    assert asyncio.run(gates.scan("east", qr(late), None))["answer"] == "passed"
    assert asyncio.run(gates.scan("west", qr(late), None))["answer"] == "not_on_list"

    # when
    gates.network("west", True)
    Device.objects.filter(code="west").update(is_open=False)
    assert asyncio.run(gates.heartbeat("west"))["is_open"] is False
    assert asyncio.run(gates.scan("west", qr(late), None))["answer"] == "gate_closed"
