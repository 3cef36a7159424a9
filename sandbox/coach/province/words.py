"""The province's words for what the engine says: camelCase, fen, numbers for states."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import datetime
from typing import Any

from sandbox.coach.memory import Refused

ORDER_STATES = {
    "locking": 1,
    "locked": 2,
    "released": 3,
    "expired": 4,
    "issuing": 5,
    "issued": 6,
    "issue_failed": 7,
}
TICKET_STATES = {
    "held": 0,
    "issued": 1,
    "checked": 2,
    "refunding": 3,
    "refunded": 4,
    "changed": 5,
    "freed": 9,
}
REFUND_STATES = {"working": 1, "refunded": 2, "partly": 3, "rejected": 4}
KINDS = {"0": "full", "1": "half", "2": "free"}
KIND_CODES = {name: code for code, name in KINDS.items()}
ID_TYPES = {
    "01": "id_card", "02": "temporary", "03": "household", "04": "birth", "05": "passport", "06": "hk_macau",
    "07": "taiwan", "08": "residence", "09": "exit_permit", "10": "foreigner", "11": "military",
}  # fmt: skip
BILL = ("序号", "类型", "单号", "商户流水号", "票号", "原票号", "应结金额(分)", "手续费(分)", "时间")
BILL_KINDS = {
    "issue": "售票",
    "refund": "退票",
    "change": "改签",
    "agency": "代理费",
    "agency_back": "退代理费",
}


def moment(value: datetime) -> str:
    """2026-12-01 07:30:00."""
    return value.strftime("%Y-%m-%d %H:%M:%S")


def clock(minute: int) -> str:
    """07:30."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def told(operation: str, body: dict[str, Any]) -> dict[str, Any]:
    """A question in the engine's words. Raises Refused."""
    plain = {
        "own": body.get("outNo"), "lock_no": body.get("lockNo"), "issue_own": body.get("issueNo"),
        "date": body.get("drvDate"), "shift": body.get("shiftCode"), "from": body.get("stationCode"),
        "to": body.get("stopCode"),
    }  # fmt: skip
    result: dict[str, Any] = {name: value for name, value in plain.items() if isinstance(value, str)}
    if operation == "search":
        result["to"] = str(body.get("stopKey", ""))
    elif operation == "lock":
        minutes = body.get("lockMinutes")
        if not isinstance(minutes, int | None):
            raise Refused("BAD_REQUEST", field="lockMinutes")
        result |= {"minutes": minutes, "mobile": str(body.get("contactMobile", ""))}
        result["passengers"] = [_passenger(one) for one in _list(body, "passengers")]
    elif operation == "keep":
        result |= {"seats": _list(body, "seatNos"), "reason": str(body.get("remark", ""))}
    elif operation in ("issue", "change"):
        result["amount"] = body.get("amount")
        result["missed"] = body.get("changeType") == "2"
    if operation in ("preview", "refund", "change"):
        result |= {"tickets": _list(body, "ticketNos"), "station": body.get("reason") == "2"}
    return result


def _list(body: dict[str, Any], name: str) -> list[Any]:
    value = body.get(name)
    if not isinstance(value, list):
        raise Refused("BAD_REQUEST", field=name)
    return value


def _passenger(one: Any) -> dict[str, Any]:
    if not isinstance(one, dict):
        raise Refused("BAD_REQUEST", field="passengers")
    return {
        "ref": str(one.get("outTicketNo", "")), "kind": KINDS.get(str(one.get("ticketType")), ""),
        "name": str(one.get("name", "")), "id_type": ID_TYPES.get(str(one.get("idType")), ""),
        "id_number": str(one.get("idNo", "")), "settle": one.get("settlePrice"), "seat": str(one.get("seatNo") or ""),
    }  # fmt: skip


def station(one: dict[str, Any]) -> dict[str, Any]:
    """A station with its rules."""
    return {
        "stationCode": one["code"], "stationName": one["name"], "cityName": one["city"], "areaName": one["area"],
        "spell": one["initials"], "address": one["address"], "longitude": one["lng"], "latitude": one["lat"],
        "presaleDays": one["presale_days"], "stopSaleMinutes": one["stop_sale"], "sellStartTime": clock(one["opens"]),
        "sellEndTime": clock(one["closes"]), "maxSellNum": one["most"], "supportChild": one["half"],
        "supportWithChild": one["free"], "servicePrice": one["service"], "changeMinutes": one["change_until"],
        "refundRules": [
            {"fromMinutes": tier["from_minutes"], "percent": tier["percent"], "least": tier["least"]}
            for tier in one["tiers"]
        ],
    }  # fmt: skip


def shift(one: dict[str, Any]) -> dict[str, Any]:
    """A bus between two stops."""
    return {
        "shiftCode": one["shift"], "drvDate": one["date"], "shiftType": 1 if one["flow"] else 0,
        "extra": one["extra"], "stationCode": one["from"], "stationName": one["from_name"], "stopCode": one["to"],
        "stopName": one["to_name"], "terminalName": one["terminal"], "drvTime": one["departs"].strftime("%H:%M"),
        "lastTime": one["last"].strftime("%H:%M"), "departAt": moment(one["departs"]), "lastAt": moment(one["last"]),
        "arriveAt": moment(one["arrives"]), "delayMinutes": one["later"], "vehicleType": one["vehicle"],
        "seatNum": one["seats"], "mileage": one["kilometres"], "leftNum": one["left"],
        "withChildNum": one["children_left"],
        "fullPrice": one["prices"]["full"], "halfPrice": one["prices"]["half"],
        "priceItems": [
            {"ticketType": KIND_CODES[kind], "items": _items(one, kind)} for kind in ("full", "half")
        ],
        "servicePrice": one["services"]["full"], "fullSettle": one["settles"]["full"],
        "halfSettle": one["settles"]["half"], "supportChild": one["half"], "supportWithChild": one["free"],
        "checkGate": one["gate"], "saleStatus": 1 if one["state"] == "ON_SALE" else 0, "saleRemark": one["state"],
        "stopSaleMinutes": one["stop_sale"],
        "seatStatus": {str(state): count for state, count in sorted(Counter(one["seat_states"].values()).items())},
    }  # fmt: skip


def _items(one: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """Of what a fare is made: the fare of the way and what is taken beside it, in the order of the printed ticket."""
    parts = one["parts"][kind]
    fare = one["prices"][kind] - sum(parts.values())
    told = (("01", "票价", fare), ("02", "燃油附加费", parts["fuel"]), ("03", "站务费", parts["station"]))
    return [{"itemCode": code, "itemName": name, "amount": amount} for code, name, amount in told]


def order(one: dict[str, Any]) -> dict[str, Any]:
    """An order with its tickets."""
    return {
        "outNo": one["own"], "lockNo": one["lock_no"], "issueNo": one["issue_own"],
        "orderStatus": ORDER_STATES[one["state"]], "remark": one["reason"], "lockEndTime": _moment(one["locked_until"]),
        "shiftCode": one["shift"], "drvDate": one["date"], "stationCode": one["from"], "stationName": one["from_name"],
        "stopCode": one["to"], "stopName": one["to_name"], "departAt": _moment(one["departs"]),
        "checkGate": one["gate"], "shiftCancelled": one["cancelled"], "totalSettle": one["total"],
        "tickets": [_ticket(ticket, one["address"]) for ticket in one["tickets"]],
    }  # fmt: skip


def _ticket(one: dict[str, Any], address: str) -> dict[str, Any]:
    return {
        "outTicketNo": one["ref"], "ticketType": KIND_CODES[one["kind"]], "seatNo": one["seat"],
        "ticketPrice": one["price"], "servicePrice": one["service"], "settlePrice": one["settle"],
        "ticketStatus": TICKET_STATES[one["state"]], "ticketNo": one["ticket_no"], "pickNo": one["pick_no"],
        "pickPassword": one["pick_code"], "pickAddress": address if one["ticket_no"] else "",
        "oldTicketNo": one["replaces"], "printed": one["collected"],
    }  # fmt: skip


def refund(one: dict[str, Any]) -> dict[str, Any]:
    """A refund with its lines."""
    return {
        "outNo": one["own"], "refundNo": one["refund_no"], "lockNo": one["lock_no"],
        "refundStatus": REFUND_STATES[one["state"]], "remark": one["reason"], "refundAmount": one["amount"],
        "tickets": [line(each) for each in one["lines"]],
    }  # fmt: skip


def line(one: dict[str, Any]) -> dict[str, Any]:
    """What one ticket brings back."""
    return {
        "outTicketNo": one["ref"], "ticketNo": one["ticket_no"], "ticketPrice": one["price"], "fee": one["fee"],
        "refundAmount": one["amount"], "success": one["state"] == "refunded",
    }  # fmt: skip


def change(one: dict[str, Any]) -> dict[str, Any]:
    """A change with the new order."""
    return {
        "outNo": one["own"], "changeNo": one["change_no"], "difference": one["difference"],
        "order": order(one["order"]),
    }  # fmt: skip


def answer(operation: str, data: dict[str, Any]) -> dict[str, Any]:
    """The engine's answer in the province's words."""
    if operation == "ping":
        return {"serverTime": moment(data["time"]), "onSale": data["open"]}
    if operation == "stations":
        return {"stations": [station(one) for one in data["stations"]]}
    if operation == "stops":
        return {
            "stops": [
                {"stopCode": one["code"], "stopName": one["name"], "spell": one["initials"],
                 "mileage": one["kilometres"], "lineNo": one["line"]}
                for one in data["stops"]
            ]
        }  # fmt: skip
    if operation == "search":
        return {"shifts": [shift(one) for one in data["shifts"]]}
    if operation == "left":
        seats = [{"seatNo": str(seat), "status": state} for seat, state in data["seat_states"].items()]
        return {**shift(data), "freeSeats": [str(seat) for seat in data["free_seats"]], "seats": seats}
    if operation in ("keep", "let_go"):
        return {"outNo": data["own"], "seatNos": [str(seat) for seat in data["seats"]]}
    if operation == "preview":
        return {"tickets": [line(one) for one in data["lines"]]}
    if operation in ("refund", "query_refund"):
        return refund(data)
    if operation in ("change", "query_change"):
        return change(data)
    return order(data)


def bill(data: dict[str, Any]) -> bytes:
    """A day as CSV in GB18030; the last line is the sum."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow(BILL)
    for number, one in enumerate(data["lines"], start=1):
        table.writerow(
            (number, BILL_KINDS[one["kind"]], one["number"], one["own"], one["ticket_no"], one["old_ticket"],
             one["amount"], one["fee"], moment(one["at"]))
        )  # fmt: skip
    total = sum(one["amount"] for one in data["lines"])
    table.writerow(
        ("合计", len(data["lines"]), "", "", "", "", total, sum(one["fee"] for one in data["lines"]), "")
    )
    return text.getvalue().encode("gb18030")


def _moment(value: datetime | str) -> str:
    """A moment, also one that was written down as text."""
    return moment(datetime.fromisoformat(value) if isinstance(value, str) else value)
