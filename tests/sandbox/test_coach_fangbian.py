"""The other pretended coach network: its own words, prices, hours and fees, and answers that come later."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from coach_support import IDS, Fangbian, Province, day, own

from sandbox.client import SandboxClient
from sandbox.clock import CHINA

SYSTEM = "coach_fangbian"


@pytest.fixture
def net(sandbox_url: str, sandbox_directory: Path, control: SandboxClient) -> Fangbian:
    """The network, open at any hour; tickets and refunds come a little later, as they do there."""
    control.call("POST", f"/{SYSTEM}/options", {"hours": "always", "issue_delay": 20, "refund_delay": 60})
    return Fangbian(sandbox_directory, sandbox_url)


@pytest.fixture
def province(sandbox_url: str, sandbox_directory: Path, control: SandboxClient) -> Province:
    control.call("POST", "/coach_province/options", {"hours": "always", "issue_delay": 0, "refund_delay": 0})
    return Province(sandbox_directory, sandbox_url)


def refunded(net: Fangbian, number: str) -> dict[str, Any]:
    """A refund once it is decided."""
    for _ in range(200):
        found = net.done("fb.refund.query", partner_refund_id=number)
        if found["status"] != "PROCESSING":
            return found
        time.sleep(0.02)
    raise AssertionError(found)


@pytest.mark.parametrize(
    "spoil",
    [
        {"sign": "0" * 64}, {"timestamp": "2020-01-01 00:00:00"}, {"timestamp": "now"}, {"partner": "other"},
        {"sign_type": "MD5"},
    ],
)  # fmt: skip
def test_a_form_that_is_not_signed_well_is_refused(net: Fangbian, spoil: dict[str, str]) -> None:
    told = net.post("fb.ping", **spoil).json()
    assert (told["success"], told["code"]) == ("false", "90001") and told["sign"] == net.sign(told)


def test_a_nonce_counts_once_and_unknown_methods_nothing(net: Fangbian) -> None:
    assert net.post("fb.ping", nonce="only-once-here").json()["code"] == "0"
    assert net.post("fb.ping", nonce="only-once-here").json()["code"] == "90002"
    assert net.ask("fb.fly")["code"] == "90003"
    assert net.post("fb.order.lock", biz="[1").json()["code"] == "90003"
    assert (
        httpx.post(f"{net.url}/gateway.do", content=b"\xff\xfe=%zz", trust_env=False).json()["code"]
        == "90001"
    )


def test_both_networks_know_the_same_bus_by_other_names_and_another_price(
    net: Fangbian, province: Province
) -> None:
    # when
    [ours, *_] = net.buses()
    [theirs, *_] = province.shifts()

    # then: one bus, two codes; the other network charges more for its service
    assert (ours["depart_station_name"], theirs["stationName"]) == ("龙头寺站", "重庆龙头寺汽车站")
    assert (ours["bus_id"], theirs["shiftCode"]) == ("001007", "LTS073001")
    assert ours["depart_time"] == day().replace("-", "") + "0730" and theirs["drvTime"] == "07:30"
    assert (ours["full_money"], ours["service_money"], ours["full_agent_price"]) == ("61.50", "3.00", "63.00")
    assert net.buses(to="重庆铜梁")[0]["arrive_name"] == "重庆铜梁"
    assert province.shifts(to="铜梁")[0]["stopName"] == "铜梁"


def test_names_of_the_middle_of_the_city_are_one(net: Fangbian) -> None:
    arrives = {one["arrive_name"] for one in net.buses(station="230317", to="")}
    assert "重庆主城" in arrives and "重庆长寿" in arrives


def test_some_lines_are_in_one_network_only(net: Fangbian, province: Province) -> None:
    assert net.buses(to="重庆开州") != [] and province.shifts(to="开州") == []
    assert net.buses(to="成都") == [] and province.shifts(to="成都") != []
    assert [one["bus_kind"] for one in net.buses(station="230135", to="重庆江津")] == ["FLOW"]


def test_no_seat_is_both_networks(net: Fangbian, province: Province) -> None:
    # given
    bus, shift = net.buses()[0], province.shifts()[0]

    # when: whatever is left in both is sold
    ours: set[str] = set()
    theirs: set[str] = set()
    for at in range(100):
        body, biz = province.lock_body(shift), net.lock_biz(bus)
        body["passengers"][0]["idNo"] = f"50010119900101{at:04d}"
        biz["riders"][0]["cert_no"] = f"50010119910101{at:04d}"
        one, two = province.ask("order/lock", **body), net.ask("fb.order.lock", **biz)
        if one["code"] == "0000":
            theirs.add(one["data"]["tickets"][0]["seatNo"])
        if two["code"] == "0":
            ours.add(two["data"]["riders"][0]["seat"])
        if "0" not in (two["code"],) and one["code"] != "0000":
            break

    # then: 43 of 45 seats, two are reserved
    assert (len(theirs), len(ours), len(theirs | ours)) == (29, 14, 43)
    assert (one["code"], two["code"]) == ("E3001", "20001")


def test_no_carried_children_and_three_riders_at_most(net: Fangbian) -> None:
    bus = net.buses()[0]
    assert net.ask("fb.order.lock", **net.lock_biz(bus, ("ADULT", "INFANT")))["code"] == "20005"
    assert net.ask("fb.order.lock", **net.lock_biz(bus, ("ADULT",) * 4))["code"] == "20006"
    locked = net.done("fb.order.lock", **net.lock_biz(bus, ("ADULT", "CHILD")))
    assert [one["agent_price"] for one in locked["riders"]] == ["63.00", "32.50"]


def test_tickets_come_later_and_one_number_fetches_all(net: Fangbian, control: SandboxClient) -> None:
    # given
    control.call("POST", f"/{SYSTEM}/options", {"issue_delay": 600})
    locked = net.done("fb.order.lock", **net.lock_biz(net.buses()[0], ("ADULT", "ADULT")))
    pay = {"partner_pay_id": own("P"), "order_id": locked["order_id"], "pay_money": "126.00"}

    # when
    first, again = net.done("fb.order.pay", **pay), net.done("fb.order.pay", **pay)
    done = net.until(locked["order_id"], "SUCCESS")

    # then
    assert first["status"] == again["status"] == "PRINTING"
    one, two = done["riders"]
    assert one["ticket_id"] != two["ticket_id"]
    assert (one["fetch_no"], one["fetch_pwd"]) == (two["fetch_no"], two["fetch_pwd"]) and len(
        one["fetch_no"]
    ) == 8
    assert net.done("fb.order.query", partner_pay_id=pay["partner_pay_id"]) == done
    assert net.ask("fb.order.pay", **{**pay, "partner_pay_id": own("P")})["code"] == "30004"


@pytest.mark.parametrize("money", ["62.99", "63.001", "63,00", "NaN", "1e400", None, 63])
def test_another_amount_issues_nothing(net: Fangbian, money: object) -> None:
    # given
    locked = net.done("fb.order.lock", **net.lock_biz(net.buses()[0]))

    # when
    told = net.ask("fb.order.pay", partner_pay_id=own("P"), order_id=locked["order_id"], pay_money=money)

    # then: 63 is 63.00
    assert told["code"] == ("0" if money == 63 else "30003")


def test_refunds_are_decided_later_by_steps_of_the_day(net: Fangbian, control: SandboxClient) -> None:
    # given: the day after tomorrow, so more than 24 hours
    order = net.issued(net.buses()[0], ("ADULT", "CHILD"))
    tickets = [one["ticket_id"] for one in order["riders"]]

    # when
    shown = net.done("fb.refund.try", ticket_ids=tickets, cause="PASSENGER")["tickets"]
    number = own("R")
    working = net.done("fb.refund.apply", partner_refund_id=number, ticket_ids=tickets, cause="PASSENGER")
    done = refunded(net, number)

    # then: 5 %, to half a yuan
    assert [(one["fee"], one["refund_money"]) for one in shown] == [("3.00", "58.50"), ("1.50", "29.50")]
    assert (working["status"], working["refund_money"]) == ("PROCESSING", "0.00")
    assert (done["status"], done["refund_money"]) == ("REFUNDED", "88.00")
    assert (
        net.ask("fb.refund.apply", partner_refund_id=own("R"), ticket_ids=tickets[:1], cause="PASSENGER")[
            "code"
        ]
        == "40003"
    )


def test_a_rejected_refund_leaves_the_ticket_good(net: Fangbian, control: SandboxClient) -> None:
    # given
    order = net.issued(net.buses()[0])
    tickets, number = [order["riders"][0]["ticket_id"]], own("R")
    control.fault("refund", "refund_rejected", system=SYSTEM)

    # when
    first = net.done("fb.refund.apply", partner_refund_id=number, ticket_ids=tickets, cause="PASSENGER")
    done = refunded(net, number)

    # then
    assert (first["status"], done["status"], done["refund_money"]) == ("PROCESSING", "REJECTED", "0.00")
    assert net.done("fb.order.query", order_id=order["order_id"])["riders"][0]["ticket_status"] == "VALID"


def test_a_partial_refund_gives_half(net: Fangbian, control: SandboxClient) -> None:
    order = net.issued(net.buses()[0])
    control.fault("refund", "partial_refund", system=SYSTEM)
    number = own("R")
    net.done(
        "fb.refund.apply",
        partner_refund_id=number,
        ticket_ids=[order["riders"][0]["ticket_id"]],
        cause="PASSENGER",
    )
    assert refunded(net, number)["refund_money"] == "29.25"


def test_a_change_to_a_cheaper_bus_gives_the_difference(net: Fangbian) -> None:
    # given: two lines to Wanzhou
    buses = net.buses(to="重庆万州")
    dear = next(one for one in buses if one["bus_id"].startswith("004"))
    cheap = next(one for one in buses if one["bus_id"].startswith("018"))
    old = net.issued(dear)["riders"][0]["ticket_id"]
    goal = net.done("fb.order.lock", **net.lock_biz(cheap))
    ask = {"partner_change_id": own("C"), "order_id": goal["order_id"], "ticket_ids": [old]}

    # when
    wrong = net.ask("fb.change.apply", **ask, pay_money="0.00")
    done = net.done("fb.change.apply", **ask, pay_money="-0.50")

    # then
    assert (dear["full_money"], cheap["full_money"], wrong["code"]) == ("103.50", "103.00", "30003")
    assert (done["diff_money"], done["order"]["riders"][0]["old_ticket_id"]) == ("-0.50", old)
    assert done["order"]["riders"][0]["agent_price"] == "104.50"
    assert net.done("fb.change.query", partner_change_id=ask["partner_change_id"]) == done


def test_a_bus_cancelled_in_one_network_is_cancelled_in_the_other(
    net: Fangbian, province: Province, control: SandboxClient
) -> None:
    # given
    locked = net.done("fb.order.lock", **net.lock_biz(net.buses()[0]))

    # when
    control.call("POST", "/coach_province/shifts/cancel", {"date": day(), "shift": "LTS073001"})

    # then
    assert net.done("fb.order.query", order_id=locked["order_id"])["status"] == "CANCELLED"
    assert (net.buses()[0]["can_sell"], net.buses()[0]["why"]) == ("N", "SHIFT_CANCELLED")


def test_a_late_bus_is_the_stations_fault(net: Fangbian, control: SandboxClient) -> None:
    # given
    order = net.issued(net.buses()[0])
    ask = {"ticket_ids": [order["riders"][0]["ticket_id"]], "cause": "STATION"}
    where = {"date": day(), "shift": "001007"}

    # when
    control.call("POST", f"/{SYSTEM}/shifts/move", {**where, "minutes": 29})
    early = net.ask("fb.refund.try", **ask)
    control.call("POST", f"/{SYSTEM}/shifts/move", {**where, "minutes": 30, "gate": "9号检票口"})
    late = net.done("fb.refund.try", **ask)

    # then
    assert early["code"] == "40008" and late["tickets"][0]["refund_money"] == "63.00"
    assert net.buses()[0]["depart_time"].endswith("0800") and net.buses()[0]["gate"] == "9号检票口"
    control.call("POST", f"/{SYSTEM}/shifts/reopen", where)
    assert net.buses()[0]["depart_time"].endswith("0730")


def test_the_day_as_json(net: Fangbian, control: SandboxClient) -> None:
    # given
    order = net.issued(net.buses()[0])
    assert net.ask("fb.bill.day", travel_date=day(0))["code"] == "60001"

    # when
    control.call("POST", f"/{SYSTEM}/age", {"days": 1})
    told = net.done("fb.bill.day", travel_date=day(-1))

    # then
    [record] = told["records"]
    assert (told["count"], told["total_money"]) == ("1", "63.00")
    assert (record["type"], record["money"], record["ticket_id"]) == (
        "SALE",
        "63.00",
        order["riders"][0]["ticket_id"],
    )


def test_the_same_person_twice_on_a_bus(net: Fangbian, province: Province) -> None:
    # given: she has a ticket of the other network
    province.issued(province.shifts()[0])

    # when
    told = net.ask("fb.order.lock", **net.lock_biz(net.buses()[0]))

    # then
    assert told["code"] == "20008"
    biz = net.lock_biz(net.buses()[0])
    biz["riders"][0]["cert_no"] = IDS[1]
    assert net.ask("fb.order.lock", **biz)["code"] == "0"


def test_changing_first_makes_giving_back_no_cheaper(net: Fangbian) -> None:
    # given: a bus that leaves within a day but not soon, so 10 %; and one in four days, where it is 5 %
    soon, late = datetime.now(CHINA) + timedelta(hours=3), datetime.now(CHINA) + timedelta(hours=23)
    near = next(
        one
        for one in [*net.buses(date=day(0)), *net.buses(date=day(1))]
        if soon < datetime.strptime(one["depart_time"], "%Y%m%d%H%M").replace(tzinfo=CHINA) < late
    )
    far = next(one for one in net.buses(date=day(4)) if one["full_money"] == near["full_money"])
    old = net.issued(near)["riders"][0]["ticket_id"]
    [before] = net.done("fb.refund.try", ticket_ids=[old], cause="PASSENGER")["tickets"]

    # when
    goal = net.done("fb.order.lock", **net.lock_biz(far))
    done = net.done(
        "fb.change.apply",
        partner_change_id=own("C"),
        order_id=goal["order_id"],
        ticket_ids=[old],
        pay_money="0.00",
    )
    new = done["order"]["riders"][0]["ticket_id"]
    [after] = net.done("fb.refund.try", ticket_ids=[new], cause="PASSENGER")["tickets"]

    # then
    assert (after["fee"], after["refund_money"]) == (before["fee"], before["refund_money"])
    assert after["fee"] == "6.00"
