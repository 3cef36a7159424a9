"""A distributor's customer that signs as the documentation says, written apart from the sandbox's own signing."""

from __future__ import annotations

import hashlib
import hmac
import json
import queue
import secrets
import threading
import time
from collections.abc import Callable
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any

import httpx

_NUMBERS = count(1)
#: Citizens that do not exist: area 500101, check characters computed.
PEOPLE = (
    "50010119900101001",
    "50010119850615002",
    "50010120001231003",
    "50010119700707004",
    "50010119951010005",
)


def citizen(index: int) -> str:
    """A sound identity number of nobody."""
    body = PEOPLE[index]
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]


def number(prefix: str) -> str:
    """One of our numbers that nobody used before."""
    return f"{prefix}{next(_NUMBERS):08d}"


def sign(fields: dict[str, str], secret: str) -> str:
    text = "&".join(f"{name}={value}" for name, value in sorted(fields.items()) if name != "sign")
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


class Agency:
    """The platform's side."""

    def __init__(self, directory: Path, url: str) -> None:
        known = json.loads((directory / "scenic" / "application.json").read_text())
        self.key, self.secret, self.url = known["key"], known["secret"], f"{url}/scenic/openapi"

    def envelope(self, method: str, data: Any, **other: str) -> dict[str, str]:
        fields = {
            "account": self.key, "method": method, "data": json.dumps(data), "timestamp": str(int(time.time())),
            "nonce": secrets.token_hex(8), **other,
        }  # fmt: skip
        return fields | {"sign": other.get("sign") or sign(fields, self.secret)}

    def send(self, body: dict[str, str], timeout: float = 30) -> httpx.Response:
        return httpx.post(self.url, json=body, trust_env=False, timeout=timeout)

    def ask(self, method: str, **data: Any) -> tuple[str, dict[str, Any]]:
        """Code and data of the answer, its signature checked."""
        told = self.send(self.envelope(method, data)).json()
        assert told["sign"] == sign(told, self.secret)
        return told["code"], json.loads(told["data"])

    def done(self, method: str, **data: Any) -> dict[str, Any]:
        """The data of an answer that says yes."""
        code, told = self.ask(method, **data)
        assert code == "0", (code, told)
        return told

    def price(self, product: str, day: date, slot: str = "") -> int:
        """What a piece costs us on a day, in fen."""
        [told] = self.done("calendar.get", productCode=product, **{"from": str(day), "to": str(day)})["days"]
        if slot:
            return next(one["settlePrice"] for one in told["slots"] if one["slot"] == slot)
        return int(told["settlePrice"])

    def wanted(
        self, product: str, quantity: int = 1, *, day: date, slot: str = "", people: tuple[int, ...] = ()
    ) -> dict[str, Any]:
        """The question for an order of one product."""
        travellers = [
            {"name": f"游客{index}", "idType": "ID", "idNumber": citizen(index)} for index in people
        ]
        line = {
            "productCode": product, "quantity": quantity, "settlePrice": self.price(product, day, slot),
            "travellers": travellers,
        }  # fmt: skip
        return {
            "outOrderNo": number("PW"), "date": str(day), "slot": slot,
            "contact": {"name": "陈渝江", "mobile": "13800000001"}, "lines": [line],
        }  # fmt: skip

    def issued(self, product: str, quantity: int = 1, **more: Any) -> dict[str, Any]:
        """An order that is paid and has its vouchers."""
        made = self.done("order.create", **self.wanted(product, quantity, **more))
        told = self.done("order.pay", orderNo=made["orderNo"], outPayNo=number("ZF"))
        assert told["status"] == "ISSUED"
        return told


class Ear:
    """Where notices arrive; answers `codes` in turn, then 0 for ever."""

    def __init__(self) -> None:
        self.codes: list[str] = []
        self.heard: queue.Queue[dict[str, str]] = queue.Queue()
        self.url = ""

    def next(self, seconds: float = 8.0) -> tuple[dict[str, str], dict[str, Any]]:
        """The next notice: its envelope and its data; queue.Empty when none comes."""
        told = self.heard.get(timeout=seconds)
        return told, json.loads(told["data"])

    def quiet(self, seconds: float = 0.4) -> bool:
        try:
            self.heard.get(timeout=seconds)
        except queue.Empty:
            return True
        return False


def listen(ear: Ear) -> Callable[[], None]:
    """Start the ear; returns what stops it."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            answer = json.dumps({"code": ear.codes.pop(0) if ear.codes else "0"}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)
            ear.heard.put(told)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing on the console."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    ear.url = f"http://127.0.0.1:{server.server_port}/notices"

    def stop() -> None:
        server.shutdown()
        server.server_close()

    return stop


def weekday(ahead: int = 7) -> date:
    """A Wednesday at least so many days ahead: weekends cost more."""
    day = date.today() + timedelta(days=ahead)
    return day + timedelta(days=(2 - day.weekday()) % 7)
