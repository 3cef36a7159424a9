"""The other network's words for what the engine says: snake_case, yuan as text, words for states."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.coach.memory import Refused

ORDER_STATES = {
    "locking": "LOCKING", "locked": "LOCKED", "released": "CANCELLED", "expired": "TIMEOUT", "issuing": "PRINTING",
    "issued": "SUCCESS", "issue_failed": "FAILED",
}  # fmt: skip
TICKET_STATES = {
    "held": "HELD", "issued": "VALID", "checked": "BOARDED", "refunding": "REFUNDING", "refunded": "REFUNDED",
    "changed": "CHANGED", "freed": "VOID",
}  # fmt: skip
REFUND_STATES = {"working": "PROCESSING", "refunded": "REFUNDED", "partly": "PARTLY", "rejected": "REJECTED"}
KINDS = {"ADULT": "full", "CHILD": "half", "INFANT": "free"}
KIND_CODES = {name: code for code, name in KINDS.items()}
ID_TYPES = {
    "NI": "id_card", "TI": "temporary", "HK": "household", "BC": "birth", "PP": "passport", "GA": "hk_macau",
    "TW": "taiwan", "JZ": "residence", "TX": "exit_permit", "YJ": "foreigner", "JR": "military",
}  # fmt: skip


def yuan(fen: int) -> str:
    """61.50, -3.00."""
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def fen(text: object) -> int | None:
    """61.50 in fen; None for what is no amount."""
    try:
        amount = Decimal(str(text)) * 100
        return int(amount) if amount.is_finite() and amount == int(amount) else None
    except (InvalidOperation, OverflowError):
        return None


def clock(minute: int) -> str:
    """0730."""
    return f"{minute // 60:02d}{minute % 60:02d}"


def told(operation: str, biz: dict[str, Any]) -> dict[str, Any]:
    """A question in the engine's words. Raises Refused."""
    plain = {
        "own": biz.get("partner_order_id"), "lock_no": biz.get("order_id"), "issue_own": biz.get("partner_pay_id"),
        "date": biz.get("travel_date"), "shift": biz.get("bus_id"), "from": biz.get("depart_station_id"),
        "to": biz.get("arrive_id"),
    }  # fmt: skip
    result: dict[str, Any] = {name: value for name, value in plain.items() if isinstance(value, str)}
    if operation == "search":
        result["to"] = str(biz.get("arrive_name", ""))
    elif operation == "lock":
        result |= {"minutes": None, "mobile": str(biz.get("mobile", ""))}
        result["passengers"] = [_passenger(one) for one in _list(biz, "riders")]
    elif operation in ("issue", "change"):
        result["amount"] = fen(biz.get("pay_money"))
        result["own"] = biz.get("partner_pay_id") or biz.get("partner_change_id")
    if operation in ("preview", "refund", "change"):
        result |= {"tickets": _list(biz, "ticket_ids"), "station": biz.get("cause") == "STATION"}
    if operation in ("refund", "query_refund"):
        result["own"] = biz.get("partner_refund_id")
    if operation == "query_change":
        result["own"] = biz.get("partner_change_id")
    return result


def _list(biz: dict[str, Any], name: str) -> list[Any]:
    value = biz.get(name)
    if not isinstance(value, list):
        raise Refused("BAD_REQUEST", field=name)
    return value


def _passenger(one: Any) -> dict[str, Any]:
    if not isinstance(one, dict):
        raise Refused("BAD_REQUEST", field="riders")
    return {
        "ref": str(one.get("rider_id", "")), "kind": KINDS.get(str(one.get("rider_type")), ""),
        "name": str(one.get("rider_name", "")), "id_type": ID_TYPES.get(str(one.get("cert_type")), ""),
        "id_number": str(one.get("cert_no", "")), "settle": fen(one.get("agent_price")), "seat": "",
    }  # fmt: skip


def station(one: dict[str, Any]) -> dict[str, Any]:
    """A station with its rules."""
    return {
        "station_id": one["code"], "station_name": one["name"], "city": one["city"], "short": one["initials"],
        "addr": one["address"], "lng": str(one["lng"]), "lat": str(one["lat"]), "pre_days": str(one["presale_days"]),
        "stop_minutes": str(one["stop_sale"]), "sale_time": f"{clock(one['opens'])}-{clock(one['closes'])}",
        "max_riders": str(one["most"]), "child_ticket": "Y" if one["half"] else "N",
        "infant_ticket": "Y" if one["free"] else "N", "service_money": yuan(one["service"]),
        "change_minutes": str(one["change_until"]),
        "refund_rules": [
            {"minutes": str(tier["from_minutes"]), "rate": str(tier["percent"]), "min_money": yuan(tier["least"])}
            for tier in one["tiers"]
        ],
    }  # fmt: skip


def shift(one: dict[str, Any]) -> dict[str, Any]:
    """A bus between two stops."""
    return {
        "bus_id": one["shift"], "travel_date": one["date"], "bus_kind": "FLOW" if one["flow"] else "FIXED",
        "overtime": "Y" if one["extra"] else "N", "depart_station_id": one["from"],
        "depart_station_name": one["from_name"], "arrive_id": one["to"], "arrive_name": one["to_name"],
        "final_name": one["terminal"], "depart_time": one["departs"].strftime("%Y%m%d%H%M"),
        "last_time": one["last"].strftime("%Y%m%d%H%M"), "arrive_time": one["arrives"].strftime("%Y%m%d%H%M"),
        "delay": str(one["later"]), "car": one["vehicle"], "seat_count": str(one["seats"]),
        "km": str(one["kilometres"]), "remain": str(one["left"]), "full_money": yuan(one["prices"]["full"]),
        "child_money": yuan(one["prices"]["half"]), "service_money": yuan(one["services"]["full"]),
        "full_fuel_money": yuan(one["parts"]["full"]["fuel"]), "child_fuel_money": yuan(one["parts"]["half"]["fuel"]),
        "full_station_money": yuan(one["parts"]["full"]["station"]),
        "child_station_money": yuan(one["parts"]["half"]["station"]),
        "full_agent_price": yuan(one["settles"]["full"]), "child_agent_price": yuan(one["settles"]["half"]),
        "gate": one["gate"], "can_sell": "Y" if one["state"] == "ON_SALE" else "N", "why": one["state"],
        "stop_minutes": str(one["stop_sale"]), "child_ticket": "Y" if one["half"] else "N",
    }  # fmt: skip


def order(one: dict[str, Any]) -> dict[str, Any]:
    """An order with its tickets."""
    return {
        "partner_order_id": one["own"], "order_id": one["lock_no"], "partner_pay_id": one["issue_own"],
        "status": ORDER_STATES[one["state"]], "status_msg": one["reason"], "lock_expire": _moment(one["locked_until"]),
        "bus_id": one["shift"], "travel_date": one["date"], "depart_station_name": one["from_name"],
        "arrive_name": one["to_name"], "depart_time": _moment(one["departs"]), "gate": one["gate"],
        "bus_stopped": "Y" if one["cancelled"] else "N", "pay_money": yuan(one["total"]),
        "riders": [_ticket(ticket, one["address"]) for ticket in one["tickets"]],
    }  # fmt: skip


def _ticket(one: dict[str, Any], address: str) -> dict[str, Any]:
    return {
        "rider_id": one["ref"], "rider_type": KIND_CODES[one["kind"]], "seat": one["seat"],
        "money": yuan(one["price"]), "service_money": yuan(one["service"]), "agent_price": yuan(one["settle"]),
        "ticket_status": TICKET_STATES[one["state"]], "ticket_id": one["ticket_no"], "fetch_no": one["pick_no"],
        "fetch_pwd": one["pick_code"], "fetch_addr": address if one["ticket_no"] else "",
        "old_ticket_id": one["replaces"], "fetched": "Y" if one["collected"] else "N",
    }  # fmt: skip


def refund(one: dict[str, Any]) -> dict[str, Any]:
    """A refund with its lines."""
    return {
        "partner_refund_id": one["own"], "refund_id": one["refund_no"], "order_id": one["lock_no"],
        "status": REFUND_STATES[one["state"]], "status_msg": one["reason"], "refund_money": yuan(one["amount"]),
        "tickets": [line(each) for each in one["lines"]],
    }  # fmt: skip


def line(one: dict[str, Any]) -> dict[str, Any]:
    """What one ticket brings back."""
    return {
        "rider_id": one["ref"], "ticket_id": one["ticket_no"], "money": yuan(one["price"]), "fee": yuan(one["fee"]),
        "refund_money": yuan(one["amount"]), "ok": "Y" if one["state"] == "refunded" else "N",
    }  # fmt: skip


def change(one: dict[str, Any]) -> dict[str, Any]:
    """A change with the new order."""
    return {
        "partner_change_id": one["own"], "change_id": one["change_no"], "diff_money": yuan(one["difference"]),
        "order": order(one["order"]),
    }  # fmt: skip


BILL_KINDS = {
    "issue": "SALE", "refund": "REFUND", "change": "CHANGE", "agency": "AGENT_FEE", "agency_back": "AGENT_FEE_BACK",
}  # fmt: skip


def bill_line(one: dict[str, Any]) -> dict[str, Any]:
    """One line of a day."""
    return {
        "type": BILL_KINDS[one["kind"]], "id": one["number"],
        "partner_id": one["own"], "ticket_id": one["ticket_no"], "old_ticket_id": one["old_ticket"],
        "money": yuan(one["amount"]), "fee": yuan(one["fee"]), "time": _moment(one["at"]),
    }  # fmt: skip


def answer(operation: str, data: dict[str, Any]) -> dict[str, Any]:
    """The engine's answer in this network's words."""
    if operation == "ping":
        return {"now": _moment(data["time"]), "selling": "Y" if data["open"] else "N"}
    if operation == "stations":
        return {"stations": [station(one) for one in data["stations"]]}
    if operation == "stops":
        return {
            "arrives": [
                {"arrive_id": one["code"], "arrive_name": one["name"], "short": one["initials"],
                 "km": str(one["kilometres"]), "line": str(one["line"])}
                for one in data["stops"]
            ]
        }  # fmt: skip
    if operation == "search":
        return {"buses": [shift(one) for one in data["shifts"]]}
    if operation == "left":
        return shift(data)
    if operation == "preview":
        return {"tickets": [line(one) for one in data["lines"]]}
    if operation in ("refund", "query_refund"):
        return refund(data)
    if operation in ("change", "query_change"):
        return change(data)
    if operation == "daily":
        lines = data["lines"]
        total = sum(one["amount"] for one in lines)
        return {
            "bill_date": data["date"], "count": str(len(lines)), "total_money": yuan(total),
            "records": [bill_line(one) for one in lines],
        }  # fmt: skip
    return order(data)


def _moment(value: datetime | str) -> str:
    """202612010730, with seconds where there are some."""
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return at.strftime("%Y%m%d%H%M%S")
