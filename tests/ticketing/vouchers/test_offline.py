"""Gates without a network: signed questions, lists, logs told later, the earliest scan counts, clocks that are off."""

from __future__ import annotations

import itertools
import json
import secrets
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from plugins.ticketing.admission.models import Device, Redemption, Scan, ScanConflict, Voucher
from plugins.ticketing.admission.vouchers.deciding import Admission, allot, earliest, share
from plugins.ticketing.admission.vouchers.errors import VoucherError
from plugins.ticketing.admission.vouchers.places import Post
from plugins.ticketing.admission.vouchers.services.devices import (
    register_device,
    rekey_device,
    resolve,
    switch_device,
)
from plugins.ticketing.admission.vouchers.services.lists import digest, digest_key_of
from plugins.ticketing.admission.vouchers.services.reversing import reverse
from plugins.ticketing.admission.vouchers.services.syncing import Entry, counted_in, sync
from plugins.ticketing.admission.vouchers.wire import signature
from plugins.ticketing.kernel.models import Ticket
from plugins.ticketing.kernel.trades import trade_of
from saleor_o2o.kernel.clock import frozen, now
from saleor_o2o.kernel.models import AuditEntry
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope
from saleor_o2o.kernel.states import move
from tests.orgs import person

from .conftest import World, scan
from .test_redeeming import qr

NO_SKEW = timedelta(0)


def ask(
    device: Device, name: str, told: Any, *, secret: str = "", shift: int = 0, at: datetime | None = None
) -> Any:
    """A signed question of a device whose clock is `shift` milliseconds off."""
    path = f"/hooks/ticketing/gate/{name}"
    body = json.dumps(told).encode() if not isinstance(told, bytes) else told
    stamp = str(round((at or now()).timestamp() * 1000) + shift)
    signed = signature(secret or device.secret, "POST", path, stamp, body)
    return Client().post(
        path, body, content_type="application/json", headers={
            "X-Gate-Device": device.code, "X-Gate-Timestamp": stamp, "X-Gate-Signature": signed,
        },
    )  # fmt: skip


def device_at(world: World, name: str = "east", **told: Any) -> Device:
    device = world.at(getattr(world, name), **told).device
    assert device is not None
    return device


def test_a_device_asks_signed(world: World) -> None:
    # given
    device, voucher = device_at(world), world.voucher()

    # when
    good = ask(device, "verify", {"number": "1", "text": qr(voucher)})
    again = ask(device, "verify", {"number": "1", "text": qr(voucher)})
    used = ask(device, "verify", {"number": "2", "text": qr(voucher)})

    # then
    assert (good.status_code, good.json()["answer"], good.json()["left"]) == (200, "passed", 0)
    assert again.json() == good.json()
    assert used.json()["answer"] == "used"
    assert Redemption.objects.count() == 1


@pytest.mark.parametrize(
    ("told", "more", "status", "code"),
    [
        ({"number": "1", "text": "x"}, {"secret": "wrong"}, 401, "BAD_SIGNATURE"),
        ({"number": "1", "text": "x"}, {"shift": 121_000}, 401, "CLOCK"),
        ({"number": "1", "text": "x"}, {"shift": -121_000}, 401, "CLOCK"),
        (b"[1]", {}, 400, "MALFORMED"),
        (b"{", {}, 400, "MALFORMED"),
        (b"[" * 100_000, {}, 400, "MALFORMED"),
        ({"number": "1"}, {}, 400, "MALFORMED"),
        ({"number": 1, "text": "x"}, {}, 400, "MALFORMED"),
        ({"number": "1", "text": "x", "people": "2"}, {}, 400, "MALFORMED"),
        ({"number": "1", "text": "x", "people": 0}, {}, 400, "MALFORMED"),
        ({"number": "1", "text": "x", "direction": "up"}, {}, 400, "MALFORMED"),
        ({"number": "1", "text": "a\0b"}, {}, 400, "MALFORMED"),
        ({"number": "1", "text": "x" * 401}, {}, 400, "MALFORMED"),
    ],
)
def test_bad_questions(world: World, told: Any, more: dict[str, Any], status: int, code: str) -> None:
    answer = ask(device_at(world), "verify", told, **more)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert Scan.objects.count() == 0


def test_a_clock_that_is_off_is_measured_and_then_borne(world: World) -> None:
    # given: an hour ahead
    device, voucher = device_at(world), world.voucher()
    hour = 3_600_000
    assert ask(device, "verify", {"number": "1", "text": "x"}, shift=hour).json()["code"] == "CLOCK"

    # when
    told = ask(device, "heartbeat", {"software": "1.0", "waiting": 3}, shift=hour).json()

    # then
    assert abs(told["skew_ms"] - hour) < 5000 and told["is_open"] is True
    device.refresh_from_db()
    assert (device.waiting, device.software) == (3, "1.0") and device.seen_at is not None
    assert (
        ask(device, "verify", {"number": "2", "text": qr(voucher)}, shift=hour).json()["answer"] == "passed"
    )
    # the answer is by our clock, not by the device's
    assert abs(Scan.objects.get().at - now()) < timedelta(minutes=1)


def test_a_gate_is_closed_from_afar_and_gets_a_new_key(world: World) -> None:
    # given
    keeper = person(world.org["C11"], "keeper", ["gate.view", "gate.edit", "gate.switch"])
    device, secret = register_device(keeper, world.east, code="G-1", name="一号闸机", kind="gate")
    voucher = world.voucher()

    # when
    switch_device(keeper, device.pk, is_open=False)

    # then
    assert (
        ask(device, "verify", {"number": "1", "text": qr(voucher)}, secret=secret).json()["answer"]
        == "gate_closed"
    )
    switch_device(keeper, device.pk, is_open=True)
    _device, fresh = rekey_device(keeper, device.pk)
    assert ask(device, "verify", {"number": "2", "text": qr(voucher)}, secret=secret).status_code == 401
    assert (
        ask(device, "verify", {"number": "3", "text": qr(voucher)}, secret=fresh).json()["answer"] == "passed"
    )
    with pytest.raises(VoucherError):
        register_device(keeper, world.east, code="G-1", name="又一台", kind="gate")
    with pytest.raises(NotAllowed):
        register_device(keeper, world.far, code="G-2", name="别处", kind="gate")
    with pytest.raises(OutOfScope):
        switch_device(person(world.org["C21"], "far", ["gate.view", "gate.switch"]), device.pk, is_open=False)


def test_a_gate_goes_on_while_it_gets_its_new_key(world: World) -> None:
    # given
    keeper = person(world.org["C11"], "keeper", ["gate.view", "gate.edit"])
    device, first = register_device(keeper, world.east, code="G-1", name="一号闸机", kind="gate")
    voucher = world.voucher()
    moment = now()

    def asks(secret: str, at: datetime) -> int:
        with frozen(at):
            return int(ask(device, "heartbeat", {}, secret=secret, at=at).status_code)

    # when: a key that is made and never reaches the gate, then another one
    with frozen(moment):
        _device, lost = rekey_device(keeper, device.pk, overlap=timedelta(minutes=30), reason="例行更换")
        _device, second = rekey_device(keeper, device.pk, overlap=timedelta(minutes=30), reason="没有录入")

    # then: what the gate has is good, also for lists; what it never had is not
    soon = moment + timedelta(minutes=29)
    assert [asks(key, soon) for key in (first, lost)] == [200, 401]
    with frozen(soon):
        told = ask(device, "list", {}, secret=first, at=soon).json()
    device.secret = first
    [line] = json.loads(told["list"])["vouchers"]
    assert line[1] == digest(digest_key_of(device), voucher.code)
    assert asks(first, moment + timedelta(minutes=30)) == 401

    # when: it uses the new one
    assert asks(second, soon) == 200

    # then: the old one is over before its time, and the audit says who and why, without a key
    assert asks(first, soon) == 401
    assert (Device.objects.get().old_secret, Device.objects.get().old_until) == ("", None)
    entries = list(AuditEntry.objects.filter(action="ticketing.device_rekeyed").order_by("pk"))
    assert [one.after["reason"] for one in entries] == ["例行更换", "没有录入"]
    assert not any(key in str(one.after) for one in entries for key in (first, lost, second))

    # a stolen one is over at once; a day is the most
    _device, third = rekey_device(keeper, device.pk, reason="被盗")
    assert [asks(key, soon) for key in (second, third)] == [401, 200]
    with pytest.raises(VoucherError):
        rekey_device(keeper, device.pk, overlap=timedelta(hours=25), reason="太久")


def test_the_list_is_signed_and_holds_no_codes(world: World, django_assert_max_num_queries: Any) -> None:
    # given
    device = device_at(world)
    one, group = world.voucher(), world.voucher(world.family, 3)
    gone = world.voucher()
    scan(world.at(world.east), qr(gone))

    # when
    with django_assert_max_num_queries(12):
        told = ask(device, "list", {}).json()

    # then
    public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(json.loads(told["list"])["keys"][told["key"]]))
    public.verify(bytes.fromhex(told["signature"]), told["list"].encode())
    found = json.loads(told["list"])
    assert [(line[0], line[3]) for line in found["vouchers"]] == [(one.pk, 1), (group.pk, 3)]
    assert found["vouchers"][0][1] == digest(digest_key_of(device), one.code)
    assert one.code not in told["list"] and found["products"] == [world.product.pk]
    # another place's device has nothing of it
    assert json.loads(ask(device_at(world, "far"), "list", {}).json()["list"])["vouchers"] == []


def entry(number: str, voucher: Voucher, at: datetime, people: int = 1) -> Entry:
    return Entry(number, qr(voucher), at, people)


def test_the_earlier_scan_counts_though_it_was_told_later(world: World) -> None:
    # given: the west gate had a network and let one in, the east gate had none and did so ten minutes earlier
    voucher = world.voucher()
    scan(world.at(world.west), qr(voucher))
    east = world.at(world.east)

    # when
    [taken] = sync(east, [entry("1", voucher, now() - timedelta(minutes=10))], NO_SKEW, steady=True)

    # then
    assert (taken.status, taken.counted) == ("taken", 1)
    rows = list(Redemption.objects.order_by("pk").values_list("kind", "quantity", "gate__code", "cost"))
    assert [row[:3] for row in rows] == [("used", 1, "west"), ("superseded", -1, "west"), ("used", 1, "east")]
    assert sum(row[3] for row in rows) == 100
    conflict = ScanConflict.objects.get()
    assert (conflict.kind, conflict.winner.gate, conflict.loser.gate) == ("twice", world.east, world.west)
    assert counted_in(voucher.pk) == Ticket.objects.get().used == 1

    # when: told again
    [again] = sync(east, [entry("1", voucher, now() - timedelta(minutes=10))], NO_SKEW, steady=True)
    assert again.status == "known" and Redemption.objects.count() == 3


def test_a_later_scan_without_a_network_is_alarmed(world: World, boss: Any) -> None:
    # given
    voucher = world.voucher()
    scan(world.at(world.west), qr(voucher))

    # when
    at = now() + timedelta(seconds=1)
    with frozen(now() + timedelta(minutes=5)):
        [taken] = sync(world.at(world.east), [entry("1", voucher, at)], NO_SKEW, steady=True)

    # then
    assert (taken.status, taken.counted) == ("conflict", 0)
    conflict = ScanConflict.objects.get()
    assert (conflict.kind, conflict.winner.gate, conflict.loser.gate) == ("twice", world.west, world.east)
    assert counted_in(voucher.pk) == 1

    # when
    resolve(boss, conflict.pk, "已联系旅客补票")
    conflict.refresh_from_db()
    assert conflict.state == "done" and conflict.done_by == boss
    with pytest.raises(NotAllowed):
        resolve(world.clerk, conflict.pk, "我也看看")


def test_given_back_meanwhile(world: World) -> None:
    # given
    order = world.order((world.adult, 1))
    voucher, ticket = Voucher.objects.get(), Ticket.objects.get()
    text = qr(voucher)
    at = now() - timedelta(minutes=30)
    with transaction.atomic():
        move(ticket, "ask_back", actor="test")
        move(ticket, "give_back", actor="test")
        trade_of("scenic").gone(order, [ticket], {ticket.pk: 1})

    # when
    [taken] = sync(world.at(world.east), [Entry("1", text, at, 1)], NO_SKEW, steady=True)

    # then: it is told to people; nothing is settled
    assert taken.status == "conflict"
    assert ScanConflict.objects.get().kind == "gone" and Redemption.objects.count() == 0


def test_a_scanner_whose_clock_is_off_or_moved(world: World) -> None:
    # given: two hours ahead, measured
    one, two = world.voucher(), world.voucher()
    ahead = timedelta(hours=2)
    at = now() - timedelta(minutes=20)
    east = world.at(world.east)

    # when
    sync(east, [entry("1", one, at + ahead)], ahead, steady=True)
    # then: corrected
    assert abs(Scan.objects.get().at - at) < timedelta(seconds=1) and not ScanConflict.objects.exists()

    # when: somebody has set it since
    sync(east, [entry("2", two, at + ahead)], ahead, steady=False)
    assert ScanConflict.objects.get().kind == "clock"

    # when: an entry of the future, and one of 1970
    three, four = world.voucher(), world.voucher()
    future, never = now() + timedelta(hours=1), datetime.fromtimestamp(0, now().tzinfo)
    sync(east, [entry("3", three, future), entry("4", four, never)], NO_SKEW, steady=True)
    assert Scan.objects.get(number__endswith="log:3").at <= now()
    assert ScanConflict.objects.filter(kind="clock").count() == 3
    # 1970 was before anything was valid
    assert ScanConflict.objects.filter(kind="wrong").count() == 1


def test_a_log_over_http(world: World) -> None:
    # given
    device, voucher = device_at(world), world.voucher(world.family, 3)
    ask(device, "heartbeat", {}, shift=5000)
    at = round(now().timestamp() * 1000) - 60_000 + 5000
    told = {"entries": [
        {"number": "1", "text": qr(voucher), "at": at, "people": 2},
        {"number": "2", "text": qr(voucher), "at": at + 1000, "people": 2},
        {"number": "3", "text": "v1.nonsense", "at": at},
    ]}  # fmt: skip

    # when
    answer = ask(device, "log", told, shift=5000).json()

    # then
    assert [(one["status"], one["counted"]) for one in answer["entries"]] == [
        ("taken", 2), ("conflict", 1), ("conflict", 0),
    ]  # fmt: skip
    assert sorted(ScanConflict.objects.values_list("kind", "people")) == [("twice", 1), ("wrong", 1)]
    for bad in (
        {"entries": 1},
        {"entries": [1]},
        {"entries": [{"number": "1", "text": "x", "at": "now"}]},
        {},
    ):
        assert ask(device, "log", bad, shift=5000).status_code == 400


def test_a_log_that_came_a_slow_way_keeps_its_order(world: World) -> None:
    # given a gate with a good clock; at another one its voucher is scanned a second after it let it in alone
    device, voucher = device_at(world), world.voucher(world.adult, 1)
    ask(device, "heartbeat", {})
    alone = now() - timedelta(seconds=10)
    with frozen(alone + timedelta(seconds=1)):
        assert scan(world.at(world.west), qr(voucher)).answer == "passed"

    # when its log is ten seconds on the way, which looks like a slow clock
    told = [{"number": "1", "text": qr(voucher), "at": round(alone.timestamp() * 1000), "people": 1}]
    answer = ask(device, "log", {"entries": told}, shift=-10_000).json()

    # then it is the earlier one all the same
    assert [(one["status"], one["counted"]) for one in answer["entries"]] == [("taken", 1)]
    assert [(one.kind, one.loser.offline) for one in ScanConflict.objects.all()] == [("twice", False)]


def test_a_supervisor_takes_it_back(world: World, boss: Any) -> None:
    # given
    voucher = world.voucher(world.family, 3)
    said = scan(world.counter(), qr(voucher), people=2)
    own = scan(world.counter(boss), qr(voucher), people=1)
    assert said.scan is not None and own.scan is not None

    # then: not the own one, not without a right, not without a reason, not later
    for by, pk, reason, code in (
        (boss, own.scan, "扫错了人", "SAME_PERSON"),
        (boss, said.scan, "错", "REQUIRED"),
    ):
        with pytest.raises(VoucherError) as refused:
            reverse(by, pk, reason)
        assert refused.value.code == code
    with pytest.raises(NotAllowed):
        reverse(world.clerk, said.scan, "扫错了人")
    with frozen(now() + timedelta(minutes=31)), pytest.raises(VoucherError) as late:
        reverse(boss, said.scan, "扫错了人")
    assert late.value.code == "TOO_LATE"

    # when
    assert reverse(boss, said.scan, "扫错了人") == 2

    # then
    assert (Ticket.objects.get().state, Ticket.objects.get().used, counted_in(voucher.pk)) == (
        "part_used",
        1,
        1,
    )
    with pytest.raises(VoucherError) as twice:
        reverse(boss, said.scan, "扫错了人")
    assert twice.value.code == "ALREADY"
    assert scan(world.counter(), qr(voucher), people=2).passed


# -- arithmetic ----------------------------------------------------------------------------------------------------

moments = st.integers(min_value=0, max_value=5).map(lambda n: datetime(2026, 10, 1, 9, n))
told = st.lists(st.tuples(moments, st.integers(min_value=1, max_value=4)), max_size=8)


@given(capacity=st.integers(min_value=0, max_value=10), rows=told, shuffled=st.randoms())
def test_the_earliest_count_in_whatever_order_they_are_told(capacity: int, rows: Any, shuffled: Any) -> None:
    # given
    admissions = [Admission(str(place), at, people) for place, (at, people) in enumerate(rows)]
    mixed = list(admissions)
    shuffled.shuffle(mixed)

    # when
    counted = earliest(capacity, mixed)

    # then: the same, never more than there are, none left out while there is room, nobody before an earlier one
    assert counted == earliest(capacity, admissions)
    assert sum(counted.values()) == min(capacity, sum(one.people for one in admissions))
    assert all(0 <= counted[one.number] <= one.people for one in admissions)
    for one in admissions:
        if counted[one.number] < one.people:
            assert all(
                counted[other.number] == 0
                for other in admissions
                if (other.at, other.number) > (one.at, one.number)
            )


@given(
    cents=st.integers(min_value=0, max_value=10**7),
    parts=st.lists(st.integers(min_value=1, max_value=5), min_size=1),
)
def test_parts_of_an_amount_sum_to_it(cents: int, parts: list[int]) -> None:
    # given
    amount, units, before = Decimal(cents) / 100, sum(parts), 0

    # when
    shares = []
    for quantity in parts:
        shares.append(share(amount, before, quantity, units))
        before += quantity

    # then
    assert sum(shares) == amount and min(shares) >= 0


@given(
    rooms=st.lists(st.integers(min_value=0, max_value=4), max_size=6),
    wanted=st.integers(min_value=0, max_value=30),
)
def test_people_are_shared_out_over_tickets(rooms: list[int], wanted: int) -> None:
    keyed = list(enumerate(rooms))
    if wanted > sum(rooms):
        with pytest.raises(ValueError, match="no room"):
            allot(wanted, keyed)
        return
    found = allot(wanted, keyed, first=[len(rooms) - 1])
    assert sum(found.values()) == wanted and all(found[key] <= rooms[key] for key in found)


def test_logs_told_in_any_order(world: World) -> None:
    # given: a ticket for three; four scans at two gates without a network, one at a third with
    base = now() - timedelta(hours=1)
    scans = [("a", 0, 2, "east"), ("b", 1, 1, "west"), ("c", 2, 2, "east"), ("d", 3, 1, "west")]
    ends = set()

    # when
    for order in itertools.permutations(range(4)):
        voucher = world.voucher(world.family, 3)
        for place in order:
            name, minute, people, gate = scans[place]
            post: Post = world.at(getattr(world, gate))
            told_ = Entry(
                f"{name}-{secrets.token_hex(4)}", qr(voucher), base + timedelta(minutes=minute), people
            )
            sync(post, [told_], NO_SKEW, steady=True)
        rows = Redemption.objects.filter(voucher=voucher)
        net: dict[datetime, int] = {}
        for row in rows:
            at = row.scan.at if row.scan is not None else row.at
            net[at] = net.get(at, 0) + row.quantity
        ticket = voucher.tickets.get()
        ends.add((tuple(net.get(base + timedelta(minutes=m), 0) for m in range(4)), ticket.used, ticket.state,
                  sum(row.cost for row in rows)))  # fmt: skip

    # then: the first two people and the next one
    assert ends == {((2, 1, 0, 0), 3, "used", 100)}
