"""What the sandbox's tests share: a merchant with the real client library, and a shop that hears notifications."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any

from wechatpayv3 import WeChatPay, WeChatPayType

NUMBERS = count(1)


def number(prefix: str = "T") -> str:
    """A merchant's order number nobody used before."""
    return f"{prefix}{next(NUMBERS):012d}"


@dataclass(frozen=True)
class Heard:
    """One notification as it arrived."""

    headers: dict[str, str]
    body: str

    @property
    def event(self) -> dict[str, Any]:
        """The envelope."""
        return json.loads(self.body)


@dataclass
class Shop:
    """A merchant's endpoint on loopback. answers: statuses to give, then 204 for ever, or 200 with what it `says`."""

    answers: list[int] = field(default_factory=list)
    says: bytes = b""
    heard: queue.Queue[Heard] = field(default_factory=queue.Queue)
    url: str = ""

    def next(self, seconds: float = 5.0) -> Heard:
        """The next notification; queue.Empty when none comes."""
        return self.heard.get(timeout=seconds)

    def quiet(self, seconds: float = 0.5) -> bool:
        """Whether nothing arrives for so long."""
        try:
            self.heard.get(timeout=seconds)
        except queue.Empty:
            return True
        return False


def serve(shop: Shop) -> Callable[[], None]:
    """Start the shop's endpoint; returns the function that stops it."""
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            with lock:
                status = shop.answers.pop(0) if shop.answers else 200 if shop.says else 204
            says = shop.says if status == 200 else b""
            self.send_response(status)
            self.send_header("Content-Length", str(len(says)))
            self.end_headers()
            self.wfile.write(says)
            shop.heard.put(Heard(dict(self.headers.items()), body))

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing on the console."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    shop.url = f"http://127.0.0.1:{server.server_port}/notify"

    def stop() -> None:
        server.shutdown()
        server.server_close()

    return stop


class Merchant:
    """A merchant with the real `wechatpayv3`, pointed at the sandbox."""

    def __init__(self, keys: Path, base_url: str, notify_url: str, *, certificates: bool = False) -> None:
        manifest = json.loads((keys / "merchant.json").read_text())
        self.manifest = manifest
        self.notify_url = notify_url
        mode: dict[str, Any] = {
            "public_key": (keys / manifest["public_key_file"]).read_text(),
            "public_key_id": manifest["public_key_id"],
        }
        if certificates:
            mode = {"cert_dir": str(keys / manifest["platform_certificate_dir"])}
        self.client = WeChatPay(
            wechatpay_type=WeChatPayType.NATIVE,
            mchid=manifest["mchid"],
            private_key=(keys / manifest["private_key_file"]).read_text(),
            cert_serial_no=manifest["cert_serial_no"],
            apiv3_key=manifest["apiv3_key"],
            appid=manifest["appid"],
            notify_url=notify_url,
            timeout=(3, 10),
            **mode,
        )
        self.client._core._gate_way = f"{base_url}/wechat_pay"

    def prepay(self, out_trade_no: str, total: int = 3990, **params: Any) -> tuple[int, dict[str, Any]]:
        """POST prepay, native unless pay_type says otherwise."""
        values = {"description": "奉节脐橙 5kg", "amount": {"total": total, "currency": "CNY"}, **params}
        return self.answer(self.client.pay(out_trade_no=out_trade_no, **values))

    def refund(
        self, out_trade_no: str, out_refund_no: str, refund: int, total: int = 3990, **params: Any
    ) -> tuple[int, dict[str, Any]]:
        """POST refunds."""
        amount = {"refund": refund, "total": total, "currency": "CNY"}
        return self.answer(
            self.client.refund(
                out_trade_no=out_trade_no, out_refund_no=out_refund_no, amount=amount, **params
            )
        )

    def query(self, out_trade_no: str) -> tuple[int, dict[str, Any]]:
        """GET the order."""
        return self.answer(self.client.query(out_trade_no=out_trade_no))

    def query_refund(self, out_refund_no: str) -> tuple[int, dict[str, Any]]:
        """GET the refund."""
        return self.answer(self.client.query_refund(out_refund_no))

    def close(self, out_trade_no: str) -> tuple[int, dict[str, Any]]:
        """POST close."""
        return self.answer(self.client.close(out_trade_no))

    def open(self, heard: Heard) -> dict[str, Any] | None:
        """Verify and decrypt a notification with the real library."""
        return self.client.callback(heard.headers, heard.body)

    @staticmethod
    def answer(result: tuple[int, str | bytes]) -> tuple[int, dict[str, Any]]:
        """Status and JSON of a client's result."""
        status, text = result
        return status, json.loads(text) if text else {}
