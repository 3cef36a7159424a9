"""Agents of the two coach networks that speak as the networks' papers say, and an ear for their call-backs."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from datetime import datetime, timedelta, timezone
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
from sandbox_support import Shop

CHINA = timezone(timedelta(hours=8))
NUMBERS = count(1)
IDS = ("500103199001011239", "500103198805052345", "510902197707073456", "500101200909094567")


def own(prefix: str = "O") -> str:
    """An own number nobody used before."""
    return f"{prefix}{int(time.time())}{next(NUMBERS):06d}"


def day(ahead: int = 2) -> str:
    """A day of the presale window."""
    return (datetime.now(CHINA) + timedelta(days=ahead)).date().isoformat()


class Agent:
    """What both have in common."""

    name = ""

    def __init__(self, directory: Path, url: str) -> None:
        known = json.loads((directory / self.name / "application.json").read_text())
        self.key, self.secret, self.url = known["key"], known["secret"], f"{url}/{self.name}"


class Province(Agent):
    """JSON, signed in the headers."""

    name = "coach_province"

    def post(self, path: str, body: dict[str, Any] | None = None, **spoil: str) -> httpx.Response:
        raw = json.dumps(body or {}).encode()
        stamp, nonce = spoil.get("stamp") or str(int(time.time())), spoil.get("nonce") or secrets.token_hex(8)
        lines = b"\n".join((b"POST", f"/api/v2/{path}".encode(), stamp.encode(), nonce.encode(), raw))
        headers = {
            "X-Coach-Key": self.key, "X-Coach-Timestamp": stamp, "X-Coach-Nonce": nonce,
            "X-Coach-Signature": spoil.get("sign") or hmac.new(self.secret.encode(), lines, hashlib.sha256).hexdigest(),
        }  # fmt: skip
        return httpx.post(
            f"{self.url}/api/v2/{path}", content=raw, headers=headers, trust_env=False, timeout=20
        )

    def signed_well(self, answer: httpx.Response) -> bool:
        head = answer.headers
        lines = b"\n".join(
            (
                head.get("X-Coach-Timestamp", "").encode(),
                head.get("X-Coach-Nonce", "").encode(),
                answer.content,
            )
        )
        right = hmac.new(self.secret.encode(), lines, hashlib.sha256).hexdigest()
        return bool(right == head.get("X-Coach-Signature"))

    def ask(self, path: str, **body: Any) -> dict[str, Any]:
        """The whole answer, its signature checked."""
        answer = self.post(path, body)
        assert answer.status_code == 200 and self.signed_well(answer), answer.text
        told: dict[str, Any] = answer.json()
        return told

    def done(self, path: str, **body: Any) -> dict[str, Any]:
        """The data of a success."""
        told = self.ask(path, **body)
        assert told["code"] == "0000", told
        data: dict[str, Any] = told["data"]
        return data

    def shifts(self, station: str = "CQ01", to: str = "遂宁", date: str = "") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.done(
            "shift/query", stationCode=station, stopKey=to, drvDate=date or day()
        )["shifts"]
        return found

    def lock_body(self, shift: dict[str, Any], kinds: str = "0", number: str = "") -> dict[str, Any]:
        """A lock of one bus for passengers of these kinds (0 whole, 1 half, 2 carried)."""
        settles = {"0": shift["fullSettle"], "1": shift["halfSettle"], "2": 0}
        return {
            "outNo": number or own(), "shiftCode": shift["shiftCode"], "drvDate": shift["drvDate"],
            "stationCode": shift["stationCode"], "stopCode": shift["stopCode"], "contactMobile": "13800000001",
            "passengers": [
                {"outTicketNo": f"T{at}", "ticketType": kind, "name": f"乘客{at}", "idType": "01", "idNo": IDS[at],
                 "settlePrice": settles[kind]}
                for at, kind in enumerate(kinds)
            ],
        }  # fmt: skip

    def issued(self, shift: dict[str, Any], kinds: str = "0") -> dict[str, Any]:
        """An order with tickets."""
        locked = self.done("order/lock", **self.lock_body(shift, kinds))
        return self.done("order/issue", outNo=own("I"), lockNo=locked["lockNo"], amount=locked["totalSettle"])


class Fangbian(Agent):
    """A form with a sign among its parameters."""

    name = "coach_fangbian"

    def sign(self, params: dict[str, str]) -> str:
        text = "&".join(
            f"{name}={params[name]}" for name in sorted(params) if name != "sign" and params[name]
        )
        return hmac.new(self.secret.encode(), text.encode(), hashlib.sha256).hexdigest().upper()

    def post(self, method: str, biz: dict[str, Any] | None = None, **spoil: str) -> httpx.Response:
        params = {
            "method": method, "partner": self.key, "nonce": secrets.token_hex(8), "sign_type": "HMAC-SHA256",
            "timestamp": datetime.now(CHINA).strftime("%Y-%m-%d %H:%M:%S"), "biz": json.dumps(biz or {}), **spoil,
        }  # fmt: skip
        params.setdefault("sign", self.sign(params))
        return httpx.post(f"{self.url}/gateway.do", data=params, trust_env=False, timeout=20)

    def ask(self, method: str, **biz: Any) -> dict[str, Any]:
        """The whole answer, its sign checked; the data read."""
        told = self.post(method, biz).json()
        assert told["sign"] == self.sign(told), told
        return {**told, "data": json.loads(told["data"] or "{}")}

    def done(self, method: str, **biz: Any) -> dict[str, Any]:
        told = self.ask(method, **biz)
        assert told["success"] == "true", told
        data: dict[str, Any] = told["data"]
        return data

    def buses(self, station: str = "230233", to: str = "遂宁", date: str = "") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.done(
            "fb.bus.list", depart_station_id=station, arrive_name=to, travel_date=date or day()
        )["buses"]
        return found

    def lock_biz(self, bus: dict[str, Any], kinds: tuple[str, ...] = ("ADULT",)) -> dict[str, Any]:
        prices = {"ADULT": bus["full_agent_price"], "CHILD": bus["child_agent_price"], "INFANT": "0.00"}
        return {
            "partner_order_id": own("F"), "bus_id": bus["bus_id"], "travel_date": bus["travel_date"],
            "depart_station_id": bus["depart_station_id"], "arrive_id": bus["arrive_id"], "mobile": "13800000001",
            "riders": [
                {"rider_id": f"T{at}", "rider_type": kind, "rider_name": f"乘客{at}", "cert_type": "NI",
                 "cert_no": IDS[at], "agent_price": prices[kind]}
                for at, kind in enumerate(kinds)
            ],
        }  # fmt: skip

    def issued(self, bus: dict[str, Any], kinds: tuple[str, ...] = ("ADULT",)) -> dict[str, Any]:
        """An order whose tickets are there in the end."""
        locked = self.done("fb.order.lock", **self.lock_biz(bus, kinds))
        self.done(
            "fb.order.pay",
            partner_pay_id=own("P"),
            order_id=locked["order_id"],
            pay_money=locked["pay_money"],
        )
        return self.until(locked["order_id"], "SUCCESS")

    def until(self, order_id: str, status: str) -> dict[str, Any]:
        """The order once it is so."""
        for _ in range(200):
            found = self.done("fb.order.query", order_id=order_id)
            if found["status"] == status:
                return found
            time.sleep(0.02)
        raise AssertionError(found["status"])


class Ear(Shop):
    """A platform that hears call-backs and answers as a network wants it."""

    def event(self, seconds: float = 5.0) -> tuple[str, dict[str, Any]]:
        """What the province called next."""
        told = json.loads(self.next(seconds).body)
        return told["event"], told["data"]

    def method(self, seconds: float = 5.0) -> tuple[str, dict[str, Any]]:
        """What the other network called next."""
        params = dict(parse_qsl(self.next(seconds).body))
        return params["method"], json.loads(params["biz"])
