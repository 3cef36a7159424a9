"""The network of 方便出行: one address, forms; HMAC-SHA256 over the sorted parameters as one of them; amounts in yuan.

Not empty parameters but `sign` itself, `name=value` joined by & in the names' order, in upper case. Answers are signed
alike, their `data` a JSON text. Tickets and refunds come later: a call-back or a query tells.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from datetime import time as clock
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.utils.translation import gettext_lazy as _

from plugins.ticketing.kernel import ports
from plugins.ticketing.kernel.choices import CallKind, PricePart
from plugins.ticketing.kernel.ports import (
    ChangeAsk,
    IssueAsk,
    Issued,
    Line,
    LockAsk,
    Locked,
    RefundAsk,
    Refunded,
    SupplierRefused,
    SupplierSilent,
    Unit,
)
from saleor_o2o.kernel.documents import DocumentKind as D

from ..ports import (
    FREE,
    FULL,
    HALF,
    STOPPED,
    TheirShift,
    TheirStation,
    TheirStop,
)
from .network import SALE_STATES, Network, given_back, parts_told, person_of
from .speaking import FEN, SHANGHAI, config_of, is_fresh, load, moment, post, reading
from .told import NoticeKind, Told, Untrue, mapping, text

ADAPTER = "coach_fangbian"
_STAMP = "%Y-%m-%d %H:%M:%S"
_KINDS = {FULL: "ADULT", HALF: "CHILD", FREE: "INFANT"}
_DOCUMENTS: dict[str, str] = {
    D.ID_CARD: "NI", D.TEMPORARY: "TI", D.HOUSEHOLD: "HK", D.BIRTH: "BC", D.PASSPORT: "PP", D.HK_MACAU: "GA",
    D.TAIWAN: "TW", D.RESIDENCE: "JZ", D.EXIT_PERMIT: "TX", D.FOREIGNER: "YJ", D.MILITARY: "JR",
}  # fmt: skip
#: Its refusals in the words of the port; the others are OTHER.
_REFUSALS = {
    "90010": ports.OUT_OF_HOURS, "10002": ports.NOT_ON_SALE, "10003": ports.NOT_ON_SALE, "10004": ports.NOT_ON_SALE,
    "10005": ports.NOT_ON_SALE, "10006": ports.CANCELLED, "20001": ports.SOLD_OUT, "20002": ports.PRICE_CHANGED,
    "20003": ports.SOLD_OUT, "20004": ports.PASSENGER_REFUSED, "20005": ports.PASSENGER_REFUSED,
    "20006": ports.PASSENGER_REFUSED, "20007": ports.PASSENGER_REFUSED, "20008": ports.PASSENGER_REFUSED,
    "30001": ports.HOLD_LOST, "30002": ports.HOLD_LOST, "40002": ports.CLOSED_FOR_CHANGE,
    "40003": ports.CLOSED_FOR_CHANGE, "40004": ports.CLOSED_FOR_CHANGE, "40005": ports.CLOSED_FOR_CHANGE,
    "40006": ports.CLOSED_FOR_CHANGE, "50001": ports.CLOSED_FOR_CHANGE, "50003": ports.CLOSED_FOR_CHANGE,
}  # fmt: skip
_NOT_THERE = frozenset({"30001", "40009", "50004"})
_BILL = {"SALE": CallKind.ISSUE, "REFUND": CallKind.REFUND, "CHANGE": CallKind.CHANGE,
         "AGENT_FEE": CallKind.AGENCY, "AGENT_FEE_BACK": CallKind.AGENCY_BACK}  # fmt: skip
_EVENTS = {
    "fb.notify.lock": NoticeKind.LOCKED, "fb.notify.cancel": NoticeKind.RELEASED, "fb.notify.ticket": NoticeKind.ISSUED,
    "fb.notify.refund": NoticeKind.REFUNDED, "fb.notify.change": NoticeKind.CHANGED,
    "fb.notify.bus_stop": NoticeKind.BUS_CANCELLED, "fb.notify.bus_change": NoticeKind.BUS_MOVED,
    "fb.notify.board": NoticeKind.CHECKED, "fb.notify.fetch": NoticeKind.COLLECTED,
}  # fmt: skip
#: Which of its fields is our number of the call that a call-back is about.
_OWN = {
    NoticeKind.ISSUED: "partner_pay_id", NoticeKind.REFUNDED: "partner_refund_id",
    NoticeKind.CHANGED: "partner_change_id",
}  # fmt: skip
#: Where a call-back about one ticket names it.
_TICKET = {NoticeKind.COLLECTED: "fetched_ticket_id"}


class Fangbian(Network):
    """The adapter: `kernel.ports.Supplier` and `coach.ports.CoachSource`."""

    def __init__(self) -> None:
        self.looks = {
            CallKind.LOCK: ("fb.order.query", "partner_order_id", _locked),
            CallKind.ISSUE: ("fb.order.query", "partner_pay_id", _issued),
            CallKind.REFUND: ("fb.refund.query", "partner_refund_id", _refunded),
            CallKind.CHANGE: ("fb.change.query", "partner_change_id", _changed),
        }  # fmt: skip

    # --- selling

    def lock(self, ask: LockAsk) -> Locked:
        """Hold seats for these passengers; the same number again is the same hold. How long is the network's."""
        biz = {
            "partner_order_id": ask.own, **_bus(ask.product), "mobile": ask.contact.mobile if ask.contact else "",
            "riders": [_rider(unit) for unit in ask.units],
        }  # fmt: skip
        return _locked(self._ask("fb.order.lock", biz, lossless=True))

    def release(self, own: str, their_number: str, lock_own: str) -> None:
        """Give a hold back; what is gone already, or never was, is given back."""
        biz = {"order_id": their_number} if their_number else {"partner_order_id": lock_own}
        given_back(lambda: self._ask("fb.order.cancel", biz))

    def issue(self, ask: IssueAsk) -> Issued:
        """Tickets of a hold, later; the same number again is the same tickets."""
        biz = {"partner_pay_id": ask.own, "order_id": ask.their_number, "pay_money": _text(ask.amount)}
        return _issued(self._ask("fb.order.pay", biz))

    def refund(self, ask: RefundAsk) -> Refunded:
        """Give tickets back, by the network's own fees; decided later."""
        biz = {
            "partner_refund_id": ask.own, "ticket_ids": list(ask.tickets.values()),
            "cause": "STATION" if ask.carriers_fault else "PASSENGER",
        }  # fmt: skip
        return _refunded(self._ask("fb.refund.apply", biz))

    def change(self, ask: ChangeAsk) -> Issued:
        """Put tickets on the bus that is held already; it knows no change after the departure."""
        if ask.missed:
            raise SupplierRefused(ports.CLOSED_FOR_CHANGE, _("方便网不办理误班改乘，请到发车站窗口办理"))
        biz = {
            "partner_change_id": ask.own, "ticket_ids": list(ask.old.values()), "order_id": ask.new_number,
            "pay_money": _text(ask.amount),
        }  # fmt: skip
        return _changed(self._ask("fb.change.apply", biz))

    def preview_refund(self, tickets: Mapping[str, str], *, carriers_fault: bool) -> Mapping[str, Decimal]:
        """What the network would give back now, in yuan by our ticket number; ours → theirs."""
        biz = {"ticket_ids": list(tickets.values()), "cause": "STATION" if carriers_fault else "PASSENGER"}
        data = self._ask("fb.refund.try", biz, lossless=True)
        with reading():
            return {str(one["rider_id"]): _yuan(one["refund_money"]) for one in data["tickets"]}

    def statement(self, day: date) -> Sequence[Line]:
        """The lines of a day; refused until the day is over."""
        data = self._ask("fb.bill.day", {"travel_date": day.isoformat()}, lossless=True)
        with reading():
            found = [
                Line(_BILL[one["type"]], str(one["id"]), str(one["ticket_id"]), _yuan(one["money"]))
                for one in data["records"]
            ]
            whole = sum((one.amount for one in found), Decimal(0))
            if data["count"] != str(len(found)) or _yuan(data["total_money"]) != whole:
                raise SupplierSilent("BROKEN_FILE")
            return found

    def ping(self) -> None:
        """Whether the network answers."""
        self._ask("fb.ping", {}, lossless=True)

    # --- telling

    def stations(self) -> Sequence[TheirStation]:
        """Where one may get on."""
        data = self._ask("fb.station.list", {}, lossless=True)
        with reading():
            return [_station(one) for one in data["stations"]]

    def stops(self, station: str) -> Sequence[TheirStop]:
        """Where one gets to from a station."""
        data = self._ask("fb.arrive.list", {"depart_station_id": station}, lossless=True)
        with reading():
            return [
                TheirStop(one["line"], one["arrive_id"], one["arrive_name"], one["short"], int(one["km"]))
                for one in data["arrives"]
            ]

    def shifts(self, station: str, goal: str, day: date) -> Sequence[TheirShift]:
        """Buses of a day from a station."""
        biz = {"depart_station_id": station, "arrive_name": goal, "travel_date": day.isoformat()}
        data = self._ask("fb.bus.list", biz, lossless=True)
        with reading():
            return [_shift(one) for one in data["buses"]]

    def shift(self, product: Mapping[str, Any]) -> TheirShift:
        """One bus as it is now."""
        data = self._ask("fb.bus.remain", _bus(product), lossless=True)
        with reading():
            return _shift(data)

    # --- speaking

    def look(self, where: str, body: dict[str, Any]) -> dict[str, Any] | None:
        told = self._post(where, body, lossless=True)
        return None if told["code"] in _NOT_THERE else _data(told)

    def _ask(self, method: str, biz: dict[str, Any], *, lossless: bool = False) -> dict[str, Any]:
        return _data(self._post(method, biz, lossless=lossless))

    def _post(self, method: str, biz: dict[str, Any], *, lossless: bool) -> dict[str, str]:
        config = config_of(ADAPTER)
        params = {
            "method": method, "partner": config.key, "nonce": secrets.token_hex(12), "sign_type": "HMAC-SHA256",
            "timestamp": datetime.now(SHANGHAI).strftime(_STAMP), "biz": json.dumps(biz, ensure_ascii=False),
        }  # fmt: skip
        params["sign"] = sign(params, config.secret)
        headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
        answer = post(f"{config.url}/gateway.do", urlencode(params).encode(), headers, lossless=lossless)
        with reading():
            told = answer.json()
            if not isinstance(told, dict) or not all(isinstance(one, str) for one in told.values()):
                raise SupplierSilent("UNREADABLE")
        right = sign(told, config.secret)
        if not hmac.compare_digest(right.encode(), told.get("sign", "").encode()):
            raise SupplierSilent("NOT_SIGNED")
        return {"success": "", "code": "", "msg": "", "data": "", **told}


def sign(params: Mapping[str, str], secret: str) -> str:
    """The signature of parameters, in upper case."""
    joined = "&".join(f"{name}={params[name]}" for name in sorted(params) if name != "sign" and params[name])
    return (
        hmac.new(secret.encode(), joined.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest().upper()
    )


def read_notice(path: str, headers: Mapping[str, str], body: bytes) -> Told:
    """A call-back of the network's, checked. Raises Untrue; NotConfigured without keys."""
    config = load(ADAPTER)
    params = _params(body)
    told = params.get("sign", "")[:128].encode("utf-8", "replace")
    partner = params.get("partner", "")[:80].encode("utf-8", "replace")
    sign_fits = hmac.compare_digest(sign(params, config.secret).encode(), told)
    if not sign_fits or not hmac.compare_digest(config.key.encode(), partner):
        raise Untrue("BAD_SIGNATURE", 401)
    try:
        at = moment(params.get("timestamp", ""), _STAMP)
    except ValueError:
        raise Untrue("STALE", 401) from None
    if not is_fresh(at.timestamp(), time.time()):
        raise Untrue("STALE", 401)
    return notice_of(body)


def notice_of(body: bytes) -> Told:
    """What a call-back that was checked before says. Raises Untrue."""
    params = _params(body)
    try:
        kind, data = _EVENTS[params["method"]], mapping(json.loads(params["biz"]))
        day = date.fromisoformat(data["travel_date"]) if "travel_date" in data else None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Untrue("MALFORMED", 400) from None
    number = text(params, "notify_id")
    if not number:
        raise Untrue("MALFORMED", 400)
    own = text(data, _OWN.get(kind, "partner_order_id"))
    return Told(
        number, kind, own, text(data, "bus_id"), day, text(data, _TICKET.get(kind, "boarded_ticket_id"))
    )


def _params(body: bytes) -> dict[str, str]:
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=30))
    except ValueError:
        raise Untrue("MALFORMED", 400) from None


def _data(told: Mapping[str, str]) -> dict[str, Any]:
    """The data of a yes. Raises SupplierRefused for a no, SupplierSilent for what is neither."""
    if told["success"] == "false" and told["code"]:
        raise SupplierRefused(_REFUSALS.get(told["code"], ports.OTHER), told["msg"][:200] or told["code"])
    if told["success"] != "true":
        raise SupplierSilent("UNREADABLE")
    with reading():
        data = json.loads(told["data"])
        if not isinstance(data, dict):
            raise SupplierSilent("UNREADABLE")
        return data


def _bus(product: Mapping[str, Any]) -> dict[str, str]:
    return {
        "bus_id": str(product["bus"]), "travel_date": str(product["date"]), "depart_station_id": str(product["from"]),
        "arrive_id": str(product["to"]),
    }  # fmt: skip


def _rider(unit: Unit) -> dict[str, Any]:
    person = person_of(unit, _KINDS, _DOCUMENTS)
    return {
        "rider_id": unit.ticket, "rider_type": _KINDS[unit.fare], "rider_name": person.name,
        "cert_type": _DOCUMENTS.get(person.document, ""), "cert_no": person.number, "agent_price": _text(unit.price),
    }  # fmt: skip


def _locked(data: Mapping[str, Any]) -> Locked:
    """What is held. Raises SupplierRefused where it is gone again, SupplierSilent while nobody knows."""
    with reading():
        state = data["status"]
        if state == "LOCKING":
            raise SupplierSilent("LOCKING")
        if state in ("CANCELLED", "TIMEOUT", "FAILED"):
            raise SupplierRefused(ports.HOLD_LOST, str(data.get("status_msg") or _("锁票已失效")))
        return Locked(
            their_number=str(data["order_id"]),
            until=moment(data["lock_expire"], "%Y%m%d%H%M%S"),
            seats={str(one["rider_id"]): str(one["seat"]) for one in data["riders"]},
            prices={str(one["rider_id"]): _yuan(one["agent_price"]) for one in data["riders"]},
        )


def _issued(data: Mapping[str, Any]) -> Issued:
    """What was made, or is being made. Raises SupplierRefused where there are no tickets."""
    with reading():
        state, number = data["status"], str(data["order_id"])
        if state == "PRINTING":
            return Issued(working=True, their_number=number)
        if state != "SUCCESS":
            lost = state in ("CANCELLED", "TIMEOUT")
            raise SupplierRefused(
                ports.HOLD_LOST if lost else ports.OTHER, str(data.get("status_msg") or _("出票失败"))
            )
        riders = data["riders"]
        first = riders[0]
        return Issued(
            their_number=number,
            tickets={str(one["rider_id"]): str(one["ticket_id"]) for one in riders},
            seats={str(one["rider_id"]): str(one["seat"]) for one in riders},
            pick={
                "number": str(first["fetch_no"]), "password": str(first["fetch_pwd"]),
                "address": str(first["fetch_addr"]),
            },
        )  # fmt: skip


def _changed(data: Mapping[str, Any]) -> Issued:
    with reading():
        return _issued(data["order"])


def _refunded(data: Mapping[str, Any]) -> Refunded:
    """What came back, and what the station did not take back. Raises SupplierRefused where nothing was."""
    with reading():
        state = data["status"]
        if state == "PROCESSING":
            return Refunded(working=True, document=str(data["refund_id"]))
        if state == "REJECTED":
            raise SupplierRefused(ports.OTHER, str(data.get("status_msg") or _("车站不予退票")))
        return Refunded(
            amounts={
                str(one["rider_id"]): _yuan(one["refund_money"])
                for one in data["tickets"]
                if one["ok"] == "Y"
            },
            refused={
                str(one["rider_id"]): str(data.get("status_msg") or _("车站不予退票"))
                for one in data["tickets"]
                if one["ok"] != "Y"
            },
            document=str(data["refund_id"]),
        )


def _station(one: Mapping[str, Any]) -> TheirStation:
    opens, closes = str(one["sale_time"]).split("-")
    return TheirStation(
        code=one["station_id"], name=one["station_name"], city=one["city"], initials=one["short"], address=one["addr"],
        longitude=Decimal(one["lng"]), latitude=Decimal(one["lat"]), presale_days=int(one["pre_days"]),
        stop_sale=int(one["stop_minutes"]), opens=clock.fromisoformat(opens), closes=clock.fromisoformat(closes),
        most=int(one["max_riders"]), half=one["child_ticket"] == "Y", free=one["infant_ticket"] == "Y",
    )  # fmt: skip


def _shift(one: Mapping[str, Any]) -> TheirShift:
    service = _yuan(one["service_money"])
    prices, services = {FULL: _yuan(one["full_money"])}, {FULL: service}
    costs = {FULL: _yuan(one["full_agent_price"])}
    if one["child_ticket"] == "Y":
        prices[HALF], services[HALF], costs[HALF] = (
            _yuan(one["child_money"]), service, _yuan(one["child_agent_price"]),
        )  # fmt: skip
    return TheirShift(
        shift=one["bus_id"], day=date.fromisoformat(one["travel_date"]), flow=one["bus_kind"] == "FLOW",
        start=one["depart_station_id"], goal=one["arrive_id"], start_name=one["depart_station_name"],
        goal_name=one["arrive_name"], departs=_at(one["depart_time"]), last=_at(one["last_time"]),
        arrives=_at(one["arrive_time"]), prices=prices, services=services, costs=costs,
        product={
            "bus": one["bus_id"], "date": one["travel_date"], "from": one["depart_station_id"], "to": one["arrive_id"],
        },
        parts=parts_told(prices, {FULL: _parts(one, "full"), HALF: _parts(one, "child")}),
        terminal=one["final_name"], extra=one["overtime"] == "Y", vehicle=one["car"], seats=int(one["seat_count"]),
        kilometres=int(one["km"]), left=int(one["remain"]), gate=one["gate"],
        state=SALE_STATES.get(one["why"], STOPPED), stop_sale=int(one["stop_minutes"]),
    )  # fmt: skip


def _parts(one: Mapping[str, Any], kind: str) -> dict[str, Decimal]:
    """Surcharges inside of a price, each in a field of its own; a bus that tells none has none."""
    told = {part.value: one.get(f"{kind}_{part.value}_money") for part in (PricePart.FUEL, PricePart.STATION)}
    return {part: _yuan(amount) for part, amount in told.items() if amount is not None}


def _at(text_: object) -> datetime:
    return moment(text_, "%Y%m%d%H%M")


def _yuan(text_: object) -> Decimal:
    """Yuan told as text. Raises TypeError, ArithmeticError for what is no amount."""
    if not isinstance(text_, str):
        raise TypeError("yuan")
    amount = Decimal(text_)
    if not amount.is_finite():
        raise ValueError("yuan")
    return amount.quantize(FEN)


def _text(amount: Decimal) -> str:
    return str(amount.quantize(FEN))
