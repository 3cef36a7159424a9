"""Call-backs of the two coach networks: signed, brought again, twice, late, in another order."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from coach_support import Ear, Fangbian, Province, day, own
from sandbox_support import serve

from sandbox.client import SandboxClient, wait_until

A, B = "coach_province", "coach_fangbian"


@pytest.fixture
def ear() -> Iterator[Ear]:
    ear = Ear(says=b'{"code": "0000"}')
    stop = serve(ear)
    yield ear
    stop()


@pytest.fixture
def province(
    sandbox_url: str, sandbox_directory: Path, control: SandboxClient, ear: Ear
) -> Iterator[Province]:
    control.call("POST", f"/{A}/options", {"hours": "always", "issue_delay": 0, "refund_delay": 0})
    control.call("POST", f"/{A}/server", {"url": ear.url})
    yield Province(sandbox_directory, sandbox_url)
    control.call("POST", f"/{A}/server", {"url": ""})


@pytest.fixture
def fangbian(
    sandbox_url: str, sandbox_directory: Path, control: SandboxClient, ear: Ear
) -> Iterator[Fangbian]:
    ear.says = b"success"
    control.call("POST", f"/{B}/options", {"hours": "always", "issue_delay": 20, "refund_delay": 60})
    control.call("POST", f"/{B}/server", {"url": ear.url})
    yield Fangbian(sandbox_directory, sandbox_url)
    control.call("POST", f"/{B}/server", {"url": ""})


def notices(control: SandboxClient, system: str, event: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = control.call("GET", f"/{system}/notices", event=event)["notices"]
    return found


def test_everything_that_happens_is_called_back_signed(province: Province, ear: Ear) -> None:
    # when
    order = province.issued(province.shifts()[0])
    province.done("refund/apply", outNo=own("R"), ticketNos=[order["tickets"][0]["ticketNo"]], reason="1")
    heard = [ear.next() for _ in range(3)]

    # then
    told = {json.loads(one.body)["event"]: json.loads(one.body)["data"] for one in heard}
    assert set(told) == {"ORDER_LOCKED", "ORDER_ISSUED", "REFUND_DONE"}
    assert told["ORDER_ISSUED"]["tickets"][0]["pickNo"] == order["tickets"][0]["pickNo"]
    for one in heard:
        head = {name.lower(): value for name, value in one.headers.items()}
        stamp, nonce = head["x-coach-timestamp"], head["x-coach-nonce"]
        lines = f"POST\n/notify\n{stamp}\n{nonce}\n{one.body}".encode()
        assert (
            head["x-coach-signature"] == hmac.new(province.secret.encode(), lines, hashlib.sha256).hexdigest()
        )


def test_the_other_network_calls_with_a_signed_form(fangbian: Fangbian, ear: Ear) -> None:
    # when
    order = fangbian.issued(fangbian.buses()[0])
    heard = [dict(parse_qsl(ear.next().body)) for _ in range(2)]

    # then
    told = {one["method"]: json.loads(one["biz"]) for one in heard}
    assert told["fb.notify.ticket"]["riders"][0]["ticket_id"] == order["riders"][0]["ticket_id"]
    assert told["fb.notify.lock"]["status"] == "LOCKED"
    assert all(one["sign"] == fangbian.sign(one) for one in heard)


def test_until_it_is_taken_it_is_brought_again(province: Province, ear: Ear, control: SandboxClient) -> None:
    # given: a breakdown, and an answer that is none
    ear.answers = [500, 204]

    # when
    province.done("order/lock", **province.lock_body(province.shifts()[0]))
    events = [ear.event()[0] for _ in range(3)]

    # then
    assert events == ["ORDER_LOCKED"] * 3
    wait_until(lambda: notices(control, A, "locked")[0]["state"] == "delivered")
    assert notices(control, A, "locked")[0]["tries"] == 3
    assert ear.quiet()


@pytest.mark.parametrize("kind", ["bad_signature", "stale"])
def test_a_spoilt_call_back_is_followed_by_a_good_one(
    fangbian: Fangbian, ear: Ear, control: SandboxClient, kind: str
) -> None:
    # given
    control.fault("notify", kind, system=B)
    ear.answers = [401]

    # when
    fangbian.done("fb.order.lock", **fangbian.lock_biz(fangbian.buses()[0]))
    bad, good = (dict(parse_qsl(ear.next().body)) for _ in range(2))

    # then
    assert (bad["sign"] == fangbian.sign(bad)) == (kind == "stale")
    assert good["sign"] == fangbian.sign(good) and good["biz"] == bad["biz"]
    assert (bad["timestamp"] < good["timestamp"][:14] + "00") == (kind == "stale")


def test_twice_never_and_by_hand(province: Province, ear: Ear, control: SandboxClient) -> None:
    # given
    control.fault("notify", "duplicate", system=A, copies=3, path="locked")
    control.fault("notify", "drop", system=A, path="issued")

    # when
    order = province.issued(province.shifts()[0])
    three = [ear.event()[0] for _ in range(3)]

    # then
    assert three == ["ORDER_LOCKED"] * 3 and ear.quiet()
    assert notices(control, A, "issued")[0]["state"] == "dropped"
    sent = control.call("POST", f"/{A}/notices/send", {"number": order["outNo"], "event": "issued"})
    assert sent == {"statuses": [200]} and ear.event()[0] == "ORDER_ISSUED"


def test_the_earlier_one_arrives_later(province: Province, ear: Ear, control: SandboxClient) -> None:
    # given
    control.fault("notify", "reorder", system=A, path="locked", delay=30)

    # when
    province.issued(province.shifts()[0])

    # then
    assert [ear.event()[0] for _ in range(2)] == ["ORDER_ISSUED", "ORDER_LOCKED"]


def test_a_cancelled_a_late_bus_and_the_gate_are_told_of(
    province: Province, ear: Ear, control: SandboxClient
) -> None:
    # given
    first, second, third = (province.issued(shift) for shift in province.shifts()[:3])
    for _ in range(6):
        ear.next()

    # when
    control.call("POST", f"/{A}/shifts/cancel", {"date": day(), "shift": first["shiftCode"]})
    cancelled = ear.event()
    control.call("POST", f"/{A}/shifts/move", {"date": day(), "shift": second["shiftCode"], "minutes": 45})
    late = ear.event()
    control.call("POST", f"/{A}/check", {"ticket_no": third["tickets"][0]["ticketNo"]})
    checked = ear.event()

    # then
    assert (cancelled[0], cancelled[1]["outNo"], cancelled[1]["shiftCancelled"]) == (
        "SHIFT_CANCELLED",
        first["outNo"],
        True,
    )
    assert (late[0], late[1]["delayMinutes"], late[1]["departAt"][11:]) == ("SHIFT_CHANGED", 45, "09:45:00")
    assert (checked[0], checked[1]["checkedTicketNo"]) == ("TICKET_CHECKED", third["tickets"][0]["ticketNo"])


def test_the_other_networks_tickets_of_a_cancelled_bus_are_told_of_too(
    fangbian: Fangbian, ear: Ear, control: SandboxClient
) -> None:
    # given
    order = fangbian.issued(fangbian.buses()[0])
    for _ in range(2):
        ear.next()

    # when: somebody at the station, in the books of the province
    control.call("POST", f"/{A}/shifts/cancel", {"date": day(), "shift": "LTS073001"})

    # then
    method, told = ear.method()
    assert (method, told["order_id"], told["bus_stopped"]) == ("fb.notify.bus_stop", order["order_id"], "Y")


def test_a_lock_that_runs_out_is_told_of(province: Province, ear: Ear, control: SandboxClient) -> None:
    # given
    locked = province.done("order/lock", **province.lock_body(province.shifts()[0]))
    ear.next()

    # when: nobody asks
    control.set_clock(offset_seconds=16 * 60)

    # then
    event, told = ear.event()
    assert (event, told["outNo"], told["orderStatus"]) == ("ORDER_RELEASED", locked["outNo"], 4)
