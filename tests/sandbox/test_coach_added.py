"""Buses that a station puts on (加班车): both networks sell them, and who missed one goes on the next."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from coach_support import CHINA, Fangbian, Province, day, own

from sandbox.client import SandboxClient, SandboxRefused

A, B = "coach_province", "coach_fangbian"


@pytest.fixture
def province(sandbox_url: str, sandbox_directory: Path, control: SandboxClient) -> Province:
    """Open at any hour, answering at once."""
    control.call("POST", f"/{A}/options", {"hours": "always", "issue_delay": 0, "refund_delay": 0})
    return Province(sandbox_directory, sandbox_url)


@pytest.fixture
def fangbian(sandbox_url: str, sandbox_directory: Path, control: SandboxClient) -> Fangbian:
    """Open at any hour."""
    control.call("POST", f"/{B}/options", {"hours": "always", "issue_delay": 0, "refund_delay": 0})
    return Fangbian(sandbox_directory, sandbox_url)


def add(control: SandboxClient, at: str, line: int = 1) -> dict[str, Any]:
    told: dict[str, Any] = control.call("POST", f"/{A}/shifts/add", {"date": day(), "line": line, "at": at})
    return told


def to_be_at(control: SandboxClient, shift: dict[str, Any], minutes: float) -> None:
    """It is so many minutes before departure."""
    departs = datetime.strptime(shift["departAt"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA)
    control.set_clock(offset_seconds=departs.timestamp() - minutes * 60 - time.time())


def added(net: Province, code: str) -> dict[str, Any]:
    return next(one for one in net.shifts() if one["shiftCode"] == code)


def test_both_networks_sell_it_once(province: Province, fangbian: Fangbian, control: SandboxClient) -> None:
    # given
    before = len(province.shifts()), len(fangbian.buses())

    # when: twice
    told = add(control, "12:34")
    assert add(control, "12:34") == told

    # then
    assert told["shift"] == "LTS123401"
    assert (len(province.shifts()), len(fangbian.buses())) == (before[0] + 1, before[1] + 1)
    assert added(province, told["shift"])["departAt"].endswith("12:34:00")
    [other] = [one for one in fangbian.buses() if one["depart_time"].endswith("1234")]
    assert fangbian.issued(other)["riders"][0]["ticket_id"]


@pytest.mark.parametrize(
    ("line", "at"), [(1, "07:30"), (1, "24:00"), (1, "noon"), (7, "12:00"), (99, "12:00")]
)
def test_what_cannot_be_put_on(province: Province, control: SandboxClient, line: int, at: str) -> None:
    # given: there is one at 07:30, no such hour, a flow, no such line
    before = province.shifts()

    # then
    with pytest.raises(SandboxRefused):
        add(control, at, line)
    assert province.shifts() == before


def test_sold_until_it_leaves_and_missed_once(province: Province, control: SandboxClient) -> None:
    # given
    first, second = add(control, "12:20")["shift"], add(control, "12:30")["shift"]
    control.call("POST", f"/{A}/options", {"stop_sale": 0})
    to_be_at(control, added(province, first), 1)
    order = province.issued(added(province, first))
    old = order["tickets"][0]["ticketNo"]

    locked = province.done("order/lock", **province.lock_body(added(province, second)))
    ask = {"changeType": "2", "ticketNos": [old], "lockNo": locked["lockNo"], "amount": 0}

    # when: it is late, then it has left
    control.call("POST", f"/{A}/shifts/move", {"date": day(), "shift": first, "minutes": 5})
    codes = []
    for minutes in (-4, -6):
        to_be_at(control, {"departAt": f"{day()} 12:20:00"}, minutes)
        codes.append(province.ask("ticket/change", outNo=own("C"), **ask)["code"])

    # then
    assert codes == ["E6005", "0000"]
    control.call("POST", f"/{A}/options", {"stop_sale": 30})


def test_by_the_page(province: Province, control: SandboxClient) -> None:
    # given
    where = {"from": "CQ01", "to": "遂宁", "date": day()}
    page = httpx.get(f"{province.url}/", params=where, trust_env=False).text
    assert "龙头寺汽车站—遂宁汽车站" in page

    # when
    told = {**where, "deed": "add", "line": "1", "at": "12:34"}
    done = httpx.post(f"{province.url}/", data=told, trust_env=False)
    wrong = httpx.post(f"{province.url}/", data={**told, "at": ""}, trust_env=False)

    # then
    assert (done.status_code, "wrong=" in done.headers["location"]) == (303, False)
    assert "wrong=" in wrong.headers["location"]
    assert "LTS123401" in httpx.get(f"{province.url}/", params=where, trust_env=False).text
