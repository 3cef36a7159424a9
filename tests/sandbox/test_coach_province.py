"""The pretended provincial coach network: signatures, buses, one seat for one person, tickets, fees, faults."""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
import secrets
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from coach_support import CHINA, IDS, Province, day, own

from sandbox.client import SandboxClient

SYSTEM = "coach_province"


@pytest.fixture
def net(sandbox_url: str, sandbox_directory: Path, control: SandboxClient) -> Province:
    """The network, open at any hour, answering at once."""
    control.call("POST", f"/{SYSTEM}/options", {"hours": "always", "issue_delay": 0, "refund_delay": 0})
    return Province(sandbox_directory, sandbox_url)


def test_questions_are_signed_fresh_and_asked_once(net: Province) -> None:
    # when
    old = net.post("ping", stamp=str(int(time.time()) - 301))
    wrong = net.post("ping", sign="0" * 64)
    first = net.post("ping", nonce="once-and-only")
    again = net.post("ping", nonce="once-and-only")

    # then: the answers are signed, refusals too
    assert [one.status_code for one in (old, wrong, first, again)] == [401, 401, 200, 401]
    assert [one.json()["code"] for one in (old, wrong, first, again)] == ["E1001", "E1001", "0000", "E1002"]
    assert all(net.signed_well(one) for one in (old, wrong, first, again))


@pytest.mark.parametrize("body", ["[]", "{", '{"passengers": 5}', "null", '"\\ud800"'])
def test_what_is_not_a_question_is_refused_with_words(net: Province, body: str) -> None:
    # when
    raw, stamp, nonce = body.encode(), str(int(time.time())), secrets.token_hex(8)
    lines = b"\n".join((b"POST", b"/api/v2/order/lock", stamp.encode(), nonce.encode(), raw))
    sign = hmac.new(net.secret.encode(), lines, hashlib.sha256).hexdigest()
    headers = {
        "X-Coach-Key": net.key,
        "X-Coach-Timestamp": stamp,
        "X-Coach-Nonce": nonce,
        "X-Coach-Signature": sign,
    }
    answer = httpx.post(f"{net.url}/api/v2/order/lock", content=raw, headers=headers, trust_env=False)

    # then
    assert (answer.status_code, answer.json()["code"]) == (200, "E1003")


def test_stations_and_stops_are_real_places_with_their_rules(net: Province) -> None:
    # when
    stations = net.done("station/list")["stations"]
    stops = net.done("stop/list", stationCode="CQ01")["stops"]

    # then
    assert len(stations) == 23
    assert stations[0] | {"longitude": 0, "latitude": 0} == {
        "stationCode": "CQ01", "stationName": "重庆龙头寺汽车站", "cityName": "重庆", "areaName": "主城",
        "spell": "lts",
        "address": "重庆市渝北区重庆北站北广场西侧", "longitude": 0, "latitude": 0, "presaleDays": 10,
        "stopSaleMinutes": 30, "sellStartTime": "05:00", "sellEndTime": "22:00", "maxSellNum": 5, "supportChild": True,
        "supportWithChild": True, "servicePrice": 200, "changeMinutes": 120,
        "refundRules": [
            {"fromMinutes": 120, "percent": 10, "least": 30}, {"fromMinutes": 0, "percent": 20, "least": 50},
        ],
    }  # fmt: skip
    assert {"铜梁", "潼南", "遂宁", "合川", "武胜", "南充", "万州", "奉节"} <= {
        one["stopName"] for one in stops
    }


def test_a_day_has_the_same_buses_whenever_it_is_asked_for(net: Province) -> None:
    # when
    once, twice = net.shifts(), net.shifts()
    by_initials, by_code = net.shifts(to="sn"), net.shifts(to="SC03")

    # then
    assert once == twice == by_initials == by_code
    assert [one["drvTime"] for one in once][:3] == ["07:30", "09:00", "10:30"]
    first = once[0]
    assert (first["shiftCode"], first["stopName"], first["mileage"]) == ("LTS073001", "遂宁", 165)
    assert (first["fullPrice"], first["halfPrice"], first["servicePrice"]) == (6150, 3100, 200)
    assert (first["fullSettle"], first["halfSettle"]) == (
        6230,
        3180,
    )  # 60 % of the service charge is the agent's
    assert (first["leftNum"], first["withChildNum"], first["shiftType"]) == (29, 4, 0)
    assert first["arriveAt"][11:] == "09:51:00"


def test_the_price_matrix_is_by_kilometres_in_half_yuan(net: Province) -> None:
    prices = {
        one["stopName"]: one["fullPrice"] for one in net.shifts(to="") if one["shiftCode"] == "LTS073001"
    }
    assert prices == {"铜梁": 2900, "潼南": 4350, "遂宁": 6150}


def test_presale_days_and_unknown_stations_are_refused(net: Province) -> None:
    assert net.shifts(date=day(10)) != []
    assert net.ask("shift/query", stationCode="CQ01", stopKey="", drvDate=day(11))["code"] == "E2004"
    assert net.ask("shift/query", stationCode="CQ01", stopKey="", drvDate=day(-1))["code"] == "E2004"
    assert net.ask("shift/query", stationCode="CQ99", stopKey="", drvDate=day())["code"] == "E2001"
    assert net.ask("shift/query", stationCode="CQ01", stopKey="", drvDate="gestern")["code"] == "E1003"


def test_a_sold_seat_is_gone(net: Province) -> None:
    # given
    [shift] = net.shifts()[:1]

    # when
    locked = net.done("order/lock", **net.lock_body(shift, "00"))
    left = net.done("shift/seats", **{**net.lock_body(shift), "passengers": []})

    # then: side by side, and nobody else gets them
    assert locked["orderStatus"] == 2
    assert [one["seatNo"] for one in locked["tickets"]] == ["3", "4"]
    assert (locked["totalSettle"], left["leftNum"]) == (12460, 27)
    assert "3" not in left["freeSeats"] and "4" not in left["freeSeats"]


def test_a_seat_is_free_again_behind_the_stop_where_somebody_gets_off(net: Province) -> None:
    # given: a bus to Fengjie that also takes people in Wanzhou
    there = net.shifts(to="万州")
    bus = next(one for one in there if one["shiftCode"].endswith("18"))
    onward = next(
        one for one in net.shifts(station="CQ07", to="奉节") if one["shiftCode"] == bus["shiftCode"]
    )

    # when
    first = net.done("order/lock", **net.lock_body(bus))
    second_body = net.lock_body(onward)
    second_body["passengers"][0]["idNo"] = IDS[1]
    second = net.done("order/lock", **second_body)

    # then: one seat, two stretches
    assert first["tickets"][0]["seatNo"] == second["tickets"][0]["seatNo"] == "3"
    assert onward["departAt"] > bus["departAt"]


def test_the_same_number_answers_the_same_and_never_something_else(net: Province) -> None:
    # given
    [shift] = net.shifts()[:1]
    body = net.lock_body(shift)

    # when
    first, again = net.done("order/lock", **body), net.done("order/lock", **body)
    other = net.ask("order/lock", **{**body, "passengers": net.lock_body(shift, "00")["passengers"]})

    # then
    assert first == again and other["code"] == "E3009"
    assert net.shifts()[0]["leftNum"] == 28


def test_the_last_seats_are_sold_once(net: Province, control: SandboxClient) -> None:
    # given: two left
    [shift] = net.shifts()[:1]
    sold = control.call("POST", f"/{SYSTEM}/sell", {"date": day(), "shift": shift["shiftCode"], "count": 27})
    assert len(sold["seats"]) == 27

    # when
    two = net.done("order/lock", **net.lock_body(shift, "00"))
    body = net.lock_body(shift)
    body["passengers"][0]["idNo"] = IDS[3]
    more = net.ask("order/lock", **body)

    # then
    assert len(two["tickets"]) == 2 and more["code"] == "E3001"


def test_a_flow_has_no_seat_numbers(net: Province) -> None:
    # given
    [shift] = net.shifts(station="CQ02", to="涪陵")

    # when
    locked = net.done("order/lock", **net.lock_body(shift, "01"))

    # then
    assert (shift["shiftType"], shift["drvTime"], shift["lastTime"]) == (1, "06:30", "21:30")
    assert [one["seatNo"] for one in locked["tickets"]] == ["", ""]
    assert net.shifts(station="CQ02", to="涪陵")[0]["leftNum"] == shift["leftNum"] - 2 == 88


def test_carried_children_pay_nothing_and_are_a_tenth_of_the_seats(net: Province) -> None:
    # given: 45 seats, so four
    [shift] = net.shifts()[:1]

    # when
    locked = net.done("order/lock", **net.lock_body(shift, "02"))
    alone = net.ask("order/lock", **net.lock_body(shift, "2"))
    codes = []
    for at in range(4):
        body = net.lock_body(shift, "02")
        body["passengers"][0]["idNo"] = f"50010119900101{at:04d}"
        codes.append(net.ask("order/lock", **body)["code"])

    # then
    assert [(one["seatNo"], one["settlePrice"]) for one in locked["tickets"]] == [("3", 6230), ("", 0)]
    assert alone["code"] == "E3004"
    assert codes == ["0000", "0000", "0000", "E3003"]


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        ({"idNo": "123"}, "E3007"), ({"name": " "}, "E3007"), ({"ticketType": "9"}, "E3007"),
        ({"idType": "77"}, "E3007"),
        ({"settlePrice": 6229}, "E3002"), ({"settlePrice": None}, "E3002"),
    ],
)  # fmt: skip
def test_a_wrong_passenger_gets_no_seat(net: Province, spoil: dict[str, Any], code: str) -> None:
    # given
    body = net.lock_body(net.shifts()[0])
    body["passengers"][0] |= spoil

    # when
    told = net.ask("order/lock", **body)

    # then
    assert told["code"] == code and net.shifts()[0]["leftNum"] == 29
    assert net.ask("order/query", outNo=body["outNo"])["code"] == "E4001"


def test_six_people_or_one_twice_are_refused(net: Province) -> None:
    # given
    shift = net.shifts()[0]
    six, twice = net.lock_body(shift, "0"), net.lock_body(shift, "00")
    six["passengers"] = [
        {**six["passengers"][0], "outTicketNo": f"T{at}", "idNo": f"50010119900101{at:04d}"}
        for at in range(6)
    ]
    twice["passengers"][1]["idNo"] = twice["passengers"][0]["idNo"]

    # then
    assert net.ask("order/lock", **six)["code"] == "E3006"
    assert net.ask("order/lock", **twice)["code"] == "E3008"
    net.done("order/lock", **net.lock_body(shift))
    assert net.ask("order/lock", **net.lock_body(shift))["code"] == "E3008"


def test_tickets_are_issued_once_and_fetched_with_a_number_and_a_password(net: Province) -> None:
    # given
    locked = net.done("order/lock", **net.lock_body(net.shifts()[0], "01"))
    number, ask = own("I"), {"lockNo": locked["lockNo"], "amount": locked["totalSettle"]}

    # when
    wrong = net.ask("order/issue", outNo=number, **{**ask, "amount": locked["totalSettle"] - 1})
    first, again = net.done("order/issue", outNo=number, **ask), net.done("order/issue", outNo=number, **ask)
    other = net.ask("order/issue", outNo=own("I"), **ask)

    # then
    assert wrong["code"] == "E4003" and other["code"] == "E4004"
    assert first == again and first["orderStatus"] == 6
    one, two = first["tickets"]
    assert one["ticketNo"] != two["ticketNo"] and len(one["pickNo"]) == 10 and len(one["pickPassword"]) == 6
    assert one["pickAddress"] == "重庆市渝北区重庆北站北广场西侧"
    assert net.done("order/query", issueNo=number) == first
    assert net.ask("order/release", lockNo=locked["lockNo"])["code"] == "E4006"


def test_a_lock_runs_out_and_its_seats_come_back(net: Province, control: SandboxClient) -> None:
    # given
    locked = net.done("order/lock", **net.lock_body(net.shifts()[0]), lockMinutes=15)

    # when
    control.set_clock(offset_seconds=15 * 60 + 1)

    # then
    assert net.ask("order/issue", outNo=own("I"), lockNo=locked["lockNo"], amount=6230)["code"] == "E4002"
    assert net.done("order/query", outNo=locked["outNo"])["orderStatus"] == 4
    assert net.shifts()[0]["leftNum"] == 29


def test_releasing_twice_is_releasing_once(net: Province) -> None:
    locked = net.done("order/lock", **net.lock_body(net.shifts()[0]))
    assert net.done("order/release", outNo=locked["outNo"])["orderStatus"] == 3
    assert net.done("order/release", lockNo=locked["lockNo"])["orderStatus"] == 3
    assert net.shifts()[0]["leftNum"] == 29


def before(shift: dict[str, Any], minutes: float) -> float:
    """The clock's offset so many minutes before departure."""
    departs = datetime.strptime(shift["departAt"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA)
    return departs.timestamp() - minutes * 60 - time.time()


@pytest.mark.parametrize(("minutes", "fee"), [(1000, 620), (121, 620), (119, 1230), (1, 1230), (-1, None)])
def test_the_fee_depends_on_the_time_before_departure(
    net: Province, control: SandboxClient, minutes: int, fee: int | None
) -> None:
    # given
    shift = net.shifts()[0]
    ticket = net.issued(shift)["tickets"][0]
    control.set_clock(offset_seconds=before(shift, minutes))

    # when
    told = net.ask("refund/preview", ticketNos=[ticket["ticketNo"]], reason="1")
    done = net.ask("refund/apply", outNo=own("R"), ticketNos=[ticket["ticketNo"]], reason="1")

    # then: what was shown is what comes back
    if fee is None:
        assert told["code"] == done["code"] == "E5006"
        return
    [shown] = told["data"]["tickets"]
    assert (shown["fee"], shown["refundAmount"]) == (fee, 6150 - fee)
    assert (done["data"]["refundStatus"], done["data"]["refundAmount"]) == (2, 6150 - fee)


def test_one_of_two_goes_back_once_and_the_seat_is_sold_again(net: Province) -> None:
    # given
    order = net.issued(net.shifts()[0], "00")
    ticket, number = order["tickets"][0]["ticketNo"], own("R")

    # when
    first = net.done("refund/apply", outNo=number, ticketNos=[ticket], reason="1")
    again = net.done("refund/apply", outNo=number, ticketNos=[ticket], reason="1")
    twice = net.ask("refund/apply", outNo=own("R"), ticketNos=[ticket], reason="1")
    station = net.ask("refund/apply", outNo=own("R"), ticketNos=[order["tickets"][1]["ticketNo"]], reason="2")

    # then
    assert first == again == net.done("refund/query", outNo=number)
    assert first["tickets"][0]["outTicketNo"] == "T0"
    assert (twice["code"], station["code"]) == ("E5003", "E5008")
    assert net.shifts()[0]["leftNum"] == 28
    states = [one["ticketStatus"] for one in net.done("order/query", outNo=order["outNo"])["tickets"]]
    assert states == [4, 1]


def test_a_cancelled_bus_costs_nobody_anything(net: Province, control: SandboxClient) -> None:
    # given: a ticket, and somebody who has only locked
    shift = net.shifts()[0]
    order = net.issued(shift)
    body = net.lock_body(shift)
    body["passengers"][0]["idNo"] = IDS[1]
    waiting = net.done("order/lock", **body)

    # when
    told = control.call("POST", f"/{SYSTEM}/shifts/cancel", {"date": day(), "shift": shift["shiftCode"]})
    back = net.done("refund/apply", outNo=own("R"), ticketNos=[order["tickets"][0]["ticketNo"]], reason="2")

    # then: everything comes back, the service charge too
    assert told == {"told": 2} and back["refundAmount"] == 6230
    assert net.done("order/query", outNo=waiting["outNo"])["orderStatus"] == 3
    assert (net.shifts()[0]["saleStatus"], net.shifts()[0]["leftNum"]) == (0, 0)
    assert net.ask("order/lock", **net.lock_body(shift))["code"] == "E2006"


def test_checked_and_collected_tickets_stay_with_the_station(net: Province, control: SandboxClient) -> None:
    # given
    one, two = (ticket["ticketNo"] for ticket in net.issued(net.shifts()[0], "00")["tickets"])

    # when
    control.call("POST", f"/{SYSTEM}/check", {"ticket_no": one})
    control.call("POST", f"/{SYSTEM}/collect", {"ticket_no": two})

    # then
    codes = [net.ask("refund/apply", outNo=own("R"), ticketNos=[no], reason="1")["code"] for no in (one, two)]
    assert codes == ["E5002", "E5005"]


@pytest.mark.parametrize(("ahead", "difference"), [(3, 0), (2, 0)])
def test_a_ticket_is_changed_once(net: Province, ahead: int, difference: int) -> None:
    # given: a ticket, and a lock on another bus
    order = net.issued(net.shifts()[0])
    old = order["tickets"][0]["ticketNo"]
    goal = net.done("order/lock", **net.lock_body(net.shifts(date=day(ahead))[2]))
    number = own("C")
    ask = {"outNo": number, "ticketNos": [old], "lockNo": goal["lockNo"]}

    # when
    wrong = net.ask("ticket/change", **ask, amount=difference + 1)
    first, again = (net.done("ticket/change", **ask, amount=difference) for _ in range(2))

    # then
    assert wrong["code"] == "E4003" and first == again == net.done("ticket/changeQuery", outNo=number)
    new = first["order"]["tickets"][0]
    assert (new["oldTicketNo"], new["ticketStatus"], first["order"]["orderStatus"]) == (old, 1, 6)
    assert net.shifts()[0]["leftNum"] == 29
    assert net.ask("refund/apply", outNo=own("R"), ticketNos=[old], reason="1")["code"] == "E5004"
    third = net.done("order/lock", **net.lock_body(net.shifts(date=day(4))[0]))
    told = net.ask(
        "ticket/change", outNo=own("C"), ticketNos=[new["ticketNo"]], lockNo=third["lockNo"], amount=0
    )
    assert told["code"] == "E6001"


def test_a_change_goes_between_the_same_towns_and_pays_the_difference(
    net: Province, control: SandboxClient
) -> None:
    # given: Hechuan by the bus of Longtousi is dearer than from Hongqihegou
    cheap, dear = net.shifts(station="CQ03", to="合川")[0], net.shifts(to="合川")[0]
    other = net.shifts(to="遂宁")[0]
    old = net.issued(cheap)["tickets"][0]["ticketNo"]
    more = dear["fullPrice"] - cheap["fullPrice"]

    # when
    wrong_way = net.done("order/lock", **net.lock_body(other))
    refused = net.ask(
        "ticket/change", outNo=own("C"), ticketNos=[old], lockNo=wrong_way["lockNo"], amount=3450
    )
    goal = net.done("order/lock", **net.lock_body(dear))
    done = net.done("ticket/change", outNo=own("C"), ticketNos=[old], lockNo=goal["lockNo"], amount=more)

    # then: the service charge is not paid again
    assert refused["code"] == "E6003"
    assert more == 50 and done["difference"] == 50
    assert done["order"]["tickets"][0]["settlePrice"] == cheap["fullSettle"] + 50


def test_the_daily_file_has_every_ticket_and_the_sum(net: Province, control: SandboxClient) -> None:
    # given
    order = net.issued(net.shifts()[0], "01")
    net.done("refund/apply", outNo=own("R"), ticketNos=[order["tickets"][0]["ticketNo"]], reason="1")
    too_early = net.ask("bill/daily", drvDate=day(0))

    # when
    control.call("POST", f"/{SYSTEM}/age", {"days": 1})
    answer = net.post("bill/daily", {"drvDate": day(-1)})

    # then
    assert too_early["code"] == "E7001" and net.signed_well(answer)
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("gb18030"))))
    assert [(one["类型"], one["应结金额(分)"], one["手续费(分)"]) for one in rows[:-1]] == [
        ("售票", "6230", "0"), ("售票", "3180", "0"), ("退票", "-5530", "620"),
    ]  # fmt: skip
    assert (rows[-1]["序号"], rows[-1]["应结金额(分)"]) == ("合计", "3880")
    assert rows[0]["票号"] == order["tickets"][0]["ticketNo"] and rows[0]["单号"] == order["lockNo"]


def test_hours(net: Province, control: SandboxClient) -> None:
    # given
    locked = net.done("order/lock", **net.lock_body(net.shifts()[0]))
    control.call("POST", f"/{SYSTEM}/options", {"hours": "own"})
    tonight = datetime.now(CHINA).replace(hour=22, minute=0, second=5).timestamp() - time.time()

    # when
    control.set_clock(offset_seconds=tonight)
    closed = net.ask("order/lock", **net.lock_body(net.shifts(date=day(3))[0]))
    control.set_clock(offset_seconds=tonight - 60)
    open_still = net.ask("order/lock", **net.lock_body(net.shifts(date=day(3))[0]))

    # then: asking goes on
    assert (closed["code"], open_still["code"]) == ("E1010", "0000")
    assert net.ask("order/query", outNo=locked["outNo"])["code"] == "0000"


def test_sale_stops_half_an_hour_before_departure(net: Province, control: SandboxClient) -> None:
    shift = net.shifts()[0]
    control.set_clock(offset_seconds=before(shift, 30.2))
    assert net.shifts()[0]["leftNum"] == 29
    control.set_clock(offset_seconds=before(shift, 29.9))
    assert (net.shifts()[0]["leftNum"], net.shifts()[0]["saleRemark"]) == (0, "STOPPED_SALE")
    assert net.ask("order/lock", **net.lock_body(shift))["code"] == "E2005"


def test_the_page_shows_buses_and_does_what_its_buttons_say(net: Province, control: SandboxClient) -> None:
    # given
    order = net.issued(net.shifts()[0])
    where = {"from": "CQ01", "to": "遂宁", "date": day()}

    # when
    shown = httpx.get(f"{net.url}/", params=where, trust_env=False)
    bus = {"day": day(), "shift": "LTS073001", **where}
    for deed in ("sell", "move", "cancel"):
        answer = httpx.post(f"{net.url}/", data={**bus, "deed": deed}, trust_env=False)
        assert answer.status_code == 303, answer.text
    wrong = httpx.post(f"{net.url}/", data={"deed": "check", "ticket_no": "none"}, trust_env=False)
    after = httpx.get(f"{net.url}/", params=where, trust_env=False).text

    # then
    assert shown.status_code == 200 and "LTS073001" in shown.text and "61.50" in shown.text
    assert order["tickets"][0]["ticketNo"] in shown.text
    assert "停班" in after and "窗口旅客" in after
    assert (
        httpx.get(f"{net.url}/{wrong.headers['location'].split('/')[-1]}", trust_env=False).text.count(
            "没有这张票"
        )
        == 1
    )
