"""What was ordered to go wrong in the pretended provincial network, and what it really did meanwhile."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from coach_support import Province, own

from sandbox.client import SandboxClient

SYSTEM = "coach_province"


@pytest.fixture
def net(sandbox_url: str, sandbox_directory: Path, control: SandboxClient) -> Province:
    """The network, open at any hour, answering at once."""
    control.call("POST", f"/{SYSTEM}/options", {"hours": "always", "issue_delay": 0, "refund_delay": 0})
    return Province(sandbox_directory, sandbox_url)


def fault(control: SandboxClient, where: str, kind: str, **params: Any) -> None:
    control.fault(where, kind, system=SYSTEM, **params)


def test_sold_out_and_price_changed(net: Province, control: SandboxClient) -> None:
    # given
    shift = net.shifts()[0]
    fault(control, "lock", "sold_out")
    fault(control, "lock", "price_changed")

    # when
    first, second = (net.ask("order/lock", **net.lock_body(shift)) for _ in range(2))

    # then: the new price stays
    assert first["code"] == "E3001"
    assert (second["code"], second["data"]["settlePrices"]) == ("E3002", [6430])
    assert net.shifts()[0]["fullPrice"] == 6350
    assert net.done("order/lock", **net.lock_body(net.shifts()[0]))["totalSettle"] == 6430


def test_a_lost_answer_is_found_by_our_own_number(net: Province, control: SandboxClient) -> None:
    # given
    body = net.lock_body(net.shifts()[0])
    fault(control, "lock", "answer_lost", out_trade_no=body["outNo"])

    # when
    lost = net.post("order/lock", body)

    # then
    assert lost.status_code == 502
    assert net.done("order/query", outNo=body["outNo"])["orderStatus"] == 2
    assert [one["code"] for one in control.call("GET", f"/{SYSTEM}/calls", operation="lock")["calls"]] == [
        "OK"
    ]


def test_a_time_out_may_have_done_it_or_not(net: Province, control: SandboxClient) -> None:
    # given
    done, not_done = net.lock_body(net.shifts()[0]), net.lock_body(net.shifts()[1])
    fault(control, "lock", "timeout", delay=0.2, out_trade_no=done["outNo"])
    fault(control, "lock", "timeout", delay=0.2, done=False, out_trade_no=not_done["outNo"])

    # when
    assert net.post("order/lock", done).status_code == 200
    assert net.post("order/lock", not_done).status_code == 504

    # then
    assert net.ask("order/query", outNo=done["outNo"])["code"] == "0000"
    assert net.ask("order/query", outNo=not_done["outNo"])["code"] == "E4001"


def test_issuing_late_and_failing(net: Province, control: SandboxClient) -> None:
    # given
    late, bad = (net.done("order/lock", **net.lock_body(shift)) for shift in net.shifts()[:2])
    fault(control, "issue", "late", delay=0.3)
    fault(control, "issue", "issue_failed")

    # when
    working = net.done("order/issue", outNo=own("I"), lockNo=late["lockNo"], amount=6230)
    number = own("I")
    failed = [
        net.ask("order/issue", outNo=number, lockNo=bad["lockNo"], amount=6230)["code"] for _ in range(2)
    ]
    time.sleep(0.6)

    # then: failing is final, its seat free
    assert (working["orderStatus"], working["tickets"][0]["ticketNo"]) == (5, "")
    assert net.done("order/query", outNo=late["outNo"])["orderStatus"] == 6
    assert failed == ["E4005", "E4005"]
    assert net.done("order/query", issueNo=number)["orderStatus"] == 7
    assert [one["leftNum"] for one in net.shifts()[:2]] == [28, 29]


def test_refunds_rejected_and_partial(net: Province, control: SandboxClient) -> None:
    # given
    one, two = (ticket["ticketNo"] for ticket in net.issued(net.shifts()[0], "00")["tickets"])
    fault(control, "refund", "refund_rejected")
    fault(control, "refund", "partial_refund")

    # when
    number = own("R")
    rejected = net.ask("refund/apply", outNo=number, ticketNos=[one], reason="1")
    partial = net.done("refund/apply", outNo=own("R"), ticketNos=[one, two], reason="1")

    # then
    assert rejected["code"] == "E5007" and net.done("refund/query", outNo=number)["refundStatus"] == 4
    assert partial["refundStatus"] == 3
    assert [(each["success"], each["refundAmount"]) for each in partial["tickets"]] == [
        (True, 5530),
        (False, 0),
    ]


@pytest.mark.parametrize("kind", ["down", "http_500", "not_json", "bad_signature", "out_of_hours"])
def test_anything_may_break_anywhere(net: Province, control: SandboxClient, kind: str) -> None:
    # given
    fault(control, "*", kind)

    # when
    answer = net.post("station/list")

    # then
    seen = {
        "down": answer.status_code == 503, "http_500": answer.status_code == 500,
        "not_json": answer.text.startswith("<html>"),
        "bad_signature": answer.status_code == 200 and not net.signed_well(answer),
        "out_of_hours": answer.text.startswith('{"code":"E1010"'),
    }  # fmt: skip
    assert seen[kind]
    assert net.ask("station/list")["code"] == "0000"
