"""The provincial network (省级公路客票联网中心): JSON by path, signed in headers both ways, amounts in fen.

- `X-Coach-Key`, `-Timestamp`, `-Nonce`, `-Signature`: HMAC-SHA256 over method, path, timestamp, nonce and body, a line
  each; an answer's over timestamp, nonce and body;
- HTTP 200 says nothing: `code` 0000 is yes, another one a refusal that certainly did nothing;
- the same `outNo` with the same content is the same call.
"""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
import json
import secrets
import time
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from datetime import time as clock
from decimal import Decimal
from typing import Any

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
from .speaking import FEN, Reply, config_of, is_fresh, load, moment, post, reading
from .told import NoticeKind, Told, Untrue, mapping, text

ADAPTER = "coach_province"
#: Kinds of changes: before the departure, and after it (误班).
_EARLY, _MISSED = "1", "2"
_MOMENT = "%Y-%m-%d %H:%M:%S"
_KINDS = {FULL: "0", HALF: "1", FREE: "2"}
#: Items of a price: the fare of the way, and what stands beside it.
FARE_ITEM = "01"
_PARTS = {"02": PricePart.FUEL.value, "03": PricePart.STATION.value}
_DOCUMENTS: dict[str, str] = {
    D.ID_CARD: "01", D.TEMPORARY: "02", D.HOUSEHOLD: "03", D.BIRTH: "04", D.PASSPORT: "05", D.HK_MACAU: "06",
    D.TAIWAN: "07", D.RESIDENCE: "08", D.EXIT_PERMIT: "09", D.FOREIGNER: "10", D.MILITARY: "11",
}  # fmt: skip
#: States of an order there.
LOCKING, LOCKED, ISSUING, ISSUED, FAILED = 1, 2, 5, 6, 7
_GONE = (3, 4)
#: Its refusals in the words of the port; the others are OTHER.
_REFUSALS = {
    "E1010": ports.OUT_OF_HOURS, "E2002": ports.NOT_ON_SALE, "E2003": ports.NOT_ON_SALE, "E2004": ports.NOT_ON_SALE,
    "E2005": ports.NOT_ON_SALE, "E2006": ports.CANCELLED, "E3001": ports.SOLD_OUT, "E3002": ports.PRICE_CHANGED,
    "E3003": ports.SOLD_OUT, "E3004": ports.PASSENGER_REFUSED, "E3005": ports.PASSENGER_REFUSED,
    "E3010": ports.SOLD_OUT,
    "E3006": ports.PASSENGER_REFUSED, "E3007": ports.PASSENGER_REFUSED, "E3008": ports.PASSENGER_REFUSED,
    "E4001": ports.HOLD_LOST, "E4002": ports.HOLD_LOST, "E5002": ports.CLOSED_FOR_CHANGE,
    "E5003": ports.CLOSED_FOR_CHANGE, "E5004": ports.CLOSED_FOR_CHANGE, "E5005": ports.CLOSED_FOR_CHANGE,
    "E5006": ports.CLOSED_FOR_CHANGE, "E6001": ports.CLOSED_FOR_CHANGE, "E6003": ports.CLOSED_FOR_CHANGE,
    "E6005": ports.CLOSED_FOR_CHANGE,
}  # fmt: skip
_NOT_THERE = frozenset({"E4001", "E5009", "E6004"})
_BILL = {"售票": CallKind.ISSUE, "退票": CallKind.REFUND, "改签": CallKind.CHANGE,
         "代理费": CallKind.AGENCY, "退代理费": CallKind.AGENCY_BACK}  # fmt: skip
_EVENTS = {
    "ORDER_LOCKED": NoticeKind.LOCKED, "ORDER_RELEASED": NoticeKind.RELEASED, "ORDER_ISSUED": NoticeKind.ISSUED,
    "ISSUE_FAILED": NoticeKind.ISSUED, "REFUND_DONE": NoticeKind.REFUNDED, "REFUND_REJECTED": NoticeKind.REFUNDED,
    "TICKET_CHANGED": NoticeKind.CHANGED, "SHIFT_CANCELLED": NoticeKind.BUS_CANCELLED,
    "SHIFT_CHANGED": NoticeKind.BUS_MOVED, "TICKET_CHECKED": NoticeKind.CHECKED,
    "TICKET_PRINTED": NoticeKind.COLLECTED,
}  # fmt: skip
#: Where a call-back about one ticket names it.
_TICKET = {NoticeKind.COLLECTED: "printedTicketNo"}


class Province(Network):
    """The adapter: `kernel.ports.Supplier` and `coach.ports.CoachSource`."""

    #: It puts whoever missed a bus on a later one (`coach.ports.reroutes_missed`).
    reroutes_missed = True

    def __init__(self) -> None:
        self.looks = {
            CallKind.LOCK: ("order/query", "outNo", _locked), CallKind.ISSUE: ("order/query", "issueNo", _issued),
            CallKind.REFUND: ("refund/query", "outNo", _refunded),
            CallKind.CHANGE: ("ticket/changeQuery", "outNo", _changed),
        }  # fmt: skip

    # --- selling

    def lock(self, ask: LockAsk) -> Locked:
        """Hold seats for these passengers; the same number again is the same hold."""
        body = {
            "outNo": ask.own, **_bus(ask.product), "lockMinutes": ask.minutes,
            "contactMobile": ask.contact.mobile if ask.contact else "",
            "passengers": [_passenger(unit) for unit in ask.units],
        }  # fmt: skip
        return _locked(self._ask("order/lock", body, lossless=True))

    def release(self, own: str, their_number: str, lock_own: str) -> None:
        """Give a hold back; what is gone already, or never was, is given back."""
        body = {"lockNo": their_number} if their_number else {"outNo": lock_own}
        given_back(lambda: self._ask("order/release", body))

    def issue(self, ask: IssueAsk) -> Issued:
        """Tickets of a hold; the same number again is the same tickets."""
        return _issued(
            self._ask(
                "order/issue", {"outNo": ask.own, "lockNo": ask.their_number, "amount": _fen(ask.amount)}
            )
        )

    def refund(self, ask: RefundAsk) -> Refunded:
        """Give tickets back, by the network's own fees."""
        body = {
            "outNo": ask.own, "ticketNos": list(ask.tickets.values()), "reason": "2" if ask.carriers_fault else "1",
        }  # fmt: skip
        return _refunded(self._ask("refund/apply", body))

    def change(self, ask: ChangeAsk) -> Issued:
        """Put tickets on the bus that is held already."""
        body = {
            "outNo": ask.own, "ticketNos": list(ask.old.values()), "lockNo": ask.new_number, "amount": _fen(ask.amount),
            "changeType": _MISSED if ask.missed else _EARLY,
        }  # fmt: skip
        return _changed(self._ask("ticket/change", body))

    def preview_refund(self, tickets: Mapping[str, str], *, carriers_fault: bool) -> Mapping[str, Decimal]:
        """What the network would give back now, in yuan by our ticket number; ours → theirs."""
        body = {"ticketNos": list(tickets.values()), "reason": "2" if carriers_fault else "1"}
        data = self._ask("refund/preview", body, lossless=True)
        with reading():
            return {str(one["outTicketNo"]): _yuan(one["refundAmount"]) for one in data["tickets"]}

    def statement(self, day: date) -> Sequence[Line]:
        """The file of a day; it is refused until the day is over."""
        answer = self._post("bill/daily", {"drvDate": day.isoformat()}, lossless=True)
        if "csv" not in answer.headers.get("Content-Type", ""):
            _data(answer)  # raises: it is a refusal
            raise SupplierSilent("NO_FILE")
        with reading():
            rows = list(csv.DictReader(io.StringIO(answer.body.decode("gb18030"))))
            *lines, total = rows
            found = [
                Line(_BILL[row["类型"]], row["单号"], row["票号"], _yuan(int(row["应结金额(分)"])))
                for row in lines
            ]
            if total["序号"] != "合计" or _yuan(int(total["应结金额(分)"])) != sum(
                (one.amount for one in found), Decimal(0)
            ):
                raise SupplierSilent("BROKEN_FILE")
            return found

    def ping(self) -> None:
        """Whether the network answers."""
        self._ask("ping", {}, lossless=True)

    # --- telling

    def stations(self) -> Sequence[TheirStation]:
        """Where one may get on."""
        data = self._ask("station/list", {}, lossless=True)
        with reading():
            return [_station(one) for one in data["stations"]]

    def stops(self, station: str) -> Sequence[TheirStop]:
        """Where one gets to from a station."""
        data = self._ask("stop/list", {"stationCode": station}, lossless=True)
        with reading():
            return [
                TheirStop(
                    str(one["lineNo"]), one["stopCode"], one["stopName"], one["spell"], int(one["mileage"])
                )
                for one in data["stops"]
            ]

    def shifts(self, station: str, goal: str, day: date) -> Sequence[TheirShift]:
        """Buses of a day from a station."""
        body = {"stationCode": station, "stopKey": goal, "drvDate": day.isoformat()}
        data = self._ask("shift/query", body, lossless=True)
        with reading():
            return [_shift(one) for one in data["shifts"]]

    def shift(self, product: Mapping[str, Any]) -> TheirShift:
        """One bus as it is now, with its free seats."""
        data = self._ask("shift/seats", _bus(product), lossless=True)
        with reading():
            return _shift(data)

    def keep_seats(self, own: str, product: Mapping[str, Any], seats: Sequence[str], reason: str) -> None:
        """Nobody is sold these seats; the same number again is the same."""
        body = {"outNo": own, **_bus(product), "seatNos": list(seats), "remark": reason}
        self._ask("seat/reserve", body, lossless=True)

    def let_go(self, own: str) -> None:
        """They are sold again; what was never kept is."""
        told = _told(self._post("seat/free", {"outNo": own}, lossless=True))
        if told["code"] not in ("0000", "E3011"):
            raise SupplierRefused(ports.OTHER, str(told.get("message", ""))[:200] or told["code"])

    # --- speaking

    def look(self, where: str, body: dict[str, Any]) -> dict[str, Any] | None:
        answer = self._post(where, body, lossless=True)
        return None if _told(answer)["code"] in _NOT_THERE else _data(answer)

    def _ask(self, path: str, body: dict[str, Any], *, lossless: bool = False) -> dict[str, Any]:
        return _data(self._post(path, body, lossless=lossless))

    def _post(self, path: str, body: dict[str, Any], *, lossless: bool) -> Reply:
        config = config_of(ADAPTER)
        raw = json.dumps(body, ensure_ascii=False).encode()
        stamp, nonce = str(int(time.time())), secrets.token_hex(12)
        signed = _sign(
            config.secret, b"POST", f"/api/v2/{path}".encode(), stamp.encode(), nonce.encode(), raw
        )
        headers = {
            "Content-Type": "application/json", "X-Coach-Key": config.key, "X-Coach-Timestamp": stamp,
            "X-Coach-Nonce": nonce, "X-Coach-Signature": signed,
        }  # fmt: skip
        answer = post(f"{config.url}/api/v2/{path}", raw, headers, lossless=lossless)
        head = answer.headers
        right = _sign(
            config.secret, head.get("X-Coach-Timestamp", "").encode(), head.get("X-Coach-Nonce", "").encode(),
            answer.body,
        )  # fmt: skip
        if not hmac.compare_digest(right.encode(), head.get("X-Coach-Signature", "").encode()):
            raise SupplierSilent("NOT_SIGNED")
        return answer


def read_notice(path: str, headers: Mapping[str, str], body: bytes) -> Told:
    """A call-back of the network's, checked. Raises Untrue; NotConfigured without keys."""
    config = load(ADAPTER)
    stamp, nonce = headers.get("X-Coach-Timestamp", "")[:20], headers.get("X-Coach-Nonce", "")[:80]
    right = _sign(config.secret, b"POST", path.encode(), stamp.encode(), nonce.encode(), body)
    key_fits = hmac.compare_digest(config.key.encode(), headers.get("X-Coach-Key", "")[:80].encode())
    sign_fits = hmac.compare_digest(right.encode(), headers.get("X-Coach-Signature", "")[:128].encode())
    if not key_fits or not sign_fits:
        raise Untrue("BAD_SIGNATURE", 401)
    if not stamp.isascii() or not stamp.isdecimal() or not is_fresh(int(stamp), time.time()):
        raise Untrue("STALE", 401)
    return notice_of(body)


def notice_of(body: bytes) -> Told:
    """What a call-back that was checked before says. Raises Untrue."""
    try:
        told = json.loads(body)
        kind, data, number = _EVENTS[told["event"]], mapping(told["data"]), text(told, "eventId")
        day = date.fromisoformat(data["drvDate"]) if "drvDate" in data else None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Untrue("MALFORMED", 400) from None
    if not number:
        raise Untrue("MALFORMED", 400)
    own = text(data, "issueNo" if kind == NoticeKind.ISSUED else "outNo")
    return Told(
        number, kind, own, text(data, "shiftCode"), day, text(data, _TICKET.get(kind, "checkedTicketNo"))
    )


def _sign(secret: str, *lines: bytes) -> str:
    return hmac.new(secret.encode(), b"\n".join(lines), hashlib.sha256).hexdigest()


def _told(answer: Reply) -> dict[str, Any]:
    with reading():
        told: dict[str, Any] = answer.json()
        if not isinstance(told["code"], str):
            raise SupplierSilent("UNREADABLE")
        return told


def _data(answer: Reply) -> dict[str, Any]:
    """The data of a yes. Raises SupplierRefused for a no, SupplierSilent for what is neither."""
    told = _told(answer)
    if told["code"] != "0000":
        words = str(told.get("message", ""))[:200]
        raise SupplierRefused(_REFUSALS.get(told["code"], ports.OTHER), words or told["code"])
    data = told.get("data")
    if not isinstance(data, dict):
        raise SupplierSilent("UNREADABLE")
    return data


def _bus(product: Mapping[str, Any]) -> dict[str, str]:
    return {
        "shiftCode": str(product["shift"]), "drvDate": str(product["date"]), "stationCode": str(product["from"]),
        "stopCode": str(product["to"]),
    }  # fmt: skip


def _passenger(unit: Unit) -> dict[str, Any]:
    person = person_of(unit, _KINDS, _DOCUMENTS)
    return {
        "outTicketNo": unit.ticket, "ticketType": _KINDS[unit.fare], "name": person.name,
        "idType": _DOCUMENTS.get(person.document, ""), "idNo": person.number, "settlePrice": _fen(unit.price),
        "seatNo": unit.seat,
    }  # fmt: skip


def _locked(data: Mapping[str, Any]) -> Locked:
    """What is held. Raises SupplierRefused where it is gone again, SupplierSilent while nobody knows."""
    with reading():
        state = data["orderStatus"]
        if state == LOCKING:
            raise SupplierSilent("LOCKING")
        if state in _GONE or state == FAILED:
            raise SupplierRefused(ports.HOLD_LOST, str(data.get("remark") or _("锁票已失效")))
        return Locked(
            their_number=str(data["lockNo"]),
            until=moment(data["lockEndTime"], _MOMENT),
            seats={str(one["outTicketNo"]): str(one["seatNo"]) for one in data["tickets"]},
            prices={str(one["outTicketNo"]): _yuan(one["settlePrice"]) for one in data["tickets"]},
        )


def _issued(data: Mapping[str, Any]) -> Issued:
    """What was made, or is being made. Raises SupplierRefused where there are no tickets."""
    with reading():
        state, number = data["orderStatus"], str(data["lockNo"])
        if state == ISSUING:
            return Issued(working=True, their_number=number)
        if state != ISSUED:
            lost = state in _GONE
            raise SupplierRefused(
                ports.HOLD_LOST if lost else ports.OTHER, str(data.get("remark") or _("出票失败"))
            )
        tickets = data["tickets"]
        return Issued(
            their_number=number,
            tickets={str(one["outTicketNo"]): str(one["ticketNo"]) for one in tickets},
            seats={str(one["outTicketNo"]): str(one["seatNo"]) for one in tickets},
            pick={
                "number": "、".join(str(one["pickNo"]) for one in tickets),
                "password": "、".join(str(one["pickPassword"]) for one in tickets),
                "address": str(tickets[0]["pickAddress"]),
            },
        )


def _changed(data: Mapping[str, Any]) -> Issued:
    with reading():
        return _issued(data["order"])


def _refunded(data: Mapping[str, Any]) -> Refunded:
    """What came back, and what the station did not take back. Raises SupplierRefused where nothing was."""
    with reading():
        state = data["refundStatus"]
        if state == 1:
            return Refunded(working=True, document=str(data["refundNo"]))
        if state == 4:
            raise SupplierRefused(ports.OTHER, str(data.get("remark") or _("车站不予退票")))
        return Refunded(
            amounts={
                str(one["outTicketNo"]): _yuan(one["refundAmount"])
                for one in data["tickets"]
                if one["success"]
            },
            refused={
                str(one["outTicketNo"]): str(data.get("remark") or _("车站不予退票"))
                for one in data["tickets"]
                if not one["success"]
            },
            document=str(data["refundNo"]),
        )


def _station(one: Mapping[str, Any]) -> TheirStation:
    return TheirStation(
        code=one["stationCode"], name=one["stationName"], city=one["cityName"], area=one["areaName"],
        initials=one["spell"], address=one["address"], longitude=Decimal(str(one["longitude"])),
        latitude=Decimal(str(one["latitude"])), presale_days=int(one["presaleDays"]),
        stop_sale=int(one["stopSaleMinutes"]), opens=clock.fromisoformat(one["sellStartTime"]),
        closes=clock.fromisoformat(one["sellEndTime"]), most=int(one["maxSellNum"]), half=bool(one["supportChild"]),
        free=bool(one["supportWithChild"]),
    )  # fmt: skip


def _shift(one: Mapping[str, Any]) -> TheirShift:
    prices, services = {FULL: _yuan(one["fullPrice"])}, {FULL: _yuan(one["servicePrice"])}
    costs = {FULL: _yuan(one["fullSettle"])}
    if one["supportChild"]:
        prices[HALF], costs[HALF] = _yuan(one["halfPrice"]), _yuan(one["halfSettle"])
        services[HALF] = services[FULL]
    if one["supportWithChild"]:
        prices[FREE] = services[FREE] = costs[FREE] = Decimal(0)
    return TheirShift(
        shift=one["shiftCode"], day=date.fromisoformat(one["drvDate"]), flow=one["shiftType"] == 1,
        start=one["stationCode"], goal=one["stopCode"], start_name=one["stationName"], goal_name=one["stopName"],
        departs=_at(one["departAt"]), last=_at(one["lastAt"]), arrives=_at(one["arriveAt"]), prices=prices,
        services=services, costs=costs,
        product={
            "shift": one["shiftCode"], "date": one["drvDate"], "from": one["stationCode"], "to": one["stopCode"],
        },
        parts=parts_told(prices, _parts(one.get("priceItems", ()), prices)),
        terminal=one["terminalName"], extra=bool(one["extra"]), vehicle=one["vehicleType"], seats=int(one["seatNum"]),
        kilometres=int(one["mileage"]), left=int(one["leftNum"]), children_left=int(one["withChildNum"]),
        gate=one["checkGate"], state=SALE_STATES.get(one["saleRemark"], STOPPED), stop_sale=int(one["stopSaleMinutes"]),
        free_seats=tuple(str(seat) for seat in one.get("freeSeats", ())),
        seat_counts={str(state): int(count) for state, count in one.get("seatStatus", {}).items()},
        seat_states={str(seat["seatNo"]): str(seat["status"]) for seat in one.get("seats", ())},
    )  # fmt: skip


def _parts(told: Sequence[Mapping[str, Any]], prices: Mapping[str, Decimal]) -> dict[str, dict[str, Decimal]]:
    """A list of items by kind of ticket. One that does not come to the price, or has an item we do not know, tells us
    nothing: rather no parts than wrong ones."""
    kinds = {code: kind for kind, code in _KINDS.items()}
    found = {}
    for one in told:
        kind = kinds.get(str(one["ticketType"]), "")
        items = {str(item["itemCode"]): _yuan(item["amount"]) for item in one["items"]}
        known = items.keys() <= {FARE_ITEM, *_PARTS}
        if known and kind in prices and sum(items.values()) == prices[kind]:
            found[kind] = {_PARTS[code]: amount for code, amount in items.items() if code in _PARTS}
    return found


def _at(text_: object) -> datetime:
    return moment(text_, _MOMENT)


def _yuan(fen: object) -> Decimal:
    """Fen as yuan. Raises TypeError for what is no whole number."""
    if isinstance(fen, bool) or not isinstance(fen, int):
        raise TypeError("fen")
    return (Decimal(fen) / 100).quantize(FEN)


def _fen(yuan: Decimal) -> int:
    return int((yuan * 100).to_integral_value())
