"""A small client of the control API, for tests, journeys and shells."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import httpx


class SandboxRefused(Exception):
    """The control API said no: `code` is stable, `status` is HTTP's."""

    def __init__(self, code: str, message: str, status: int) -> None:
        self.code = code
        self.status = status
        super().__init__(f"{code}: {message}")


class SandboxClient:
    """Drives a running sandbox. Every call raises SandboxRefused or httpx.HTTPError."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url.rstrip("/")
        # knows no certificate authority: the sandbox speaks plain HTTP, and reading them is dearer than a call
        self._http = httpx.Client(
            base_url=f"{self.base_url}/_sim",
            timeout=30,
            trust_env=False,
            verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def call(
        self, method: str, path: str, body: dict[str, Any] | None = None, **query: str
    ) -> dict[str, Any]:
        """Any control call; `path` begins behind /_sim."""
        response = self._http.request(method, path, json=body, params=query or None)
        data: dict[str, Any] = response.json()
        if response.is_error:
            error = data["error"]
            raise SandboxRefused(error["code"], error["message"], response.status_code)
        return data

    def reset(self) -> None:
        """Forget orders, messages and faults."""
        self.call("POST", "/reset")

    def set_clock(self, *, ratio: float | None = None, offset_seconds: float | None = None) -> None:
        """Compress waiting, shift business dates."""
        given = {"ratio": ratio, "offset_seconds": offset_seconds}
        self.call("POST", "/clock", {name: value for name, value in given.items() if value is not None})

    def fault(self, where: str, kind: str, *, times: int | None = 1, **params: Any) -> int:
        """Order a fault; returns its id. times None: until removed."""
        body = {"where": where, "kind": kind, "times": times, **params}
        return int(self.call("POST", "/faults", body)["id"])

    def faults(self) -> list[dict[str, Any]]:
        """All faults with how often they struck."""
        found: list[dict[str, Any]] = self.call("GET", "/faults")["faults"]
        return found

    def clear_faults(self) -> None:
        """Remove every fault."""
        self.call("DELETE", "/faults")

    def pay(self, out_trade_no: str, **params: Any) -> dict[str, Any]:
        """The payer pays. params: openid, coupon (fen), after_close."""
        return self.call("POST", "/wechat_pay/pay", {"out_trade_no": out_trade_no, **params})

    def cancel(self, out_trade_no: str) -> dict[str, Any]:
        """The payer turns away."""
        return self.call("POST", "/wechat_pay/cancel", {"out_trade_no": out_trade_no})

    def order(self, out_trade_no: str) -> dict[str, Any]:
        """An order with its refunds and notifications."""
        return self.call("GET", f"/wechat_pay/orders/{out_trade_no}")

    def orders(self, state: str = "") -> list[dict[str, Any]]:
        """Orders, newest first."""
        found: list[dict[str, Any]] = self.call("GET", "/wechat_pay/orders", state=state)["orders"]
        return found

    def notifications(self, out_trade_no: str = "", event_type: str = "") -> list[dict[str, Any]]:
        """Notifications with their attempts, oldest first."""
        data = self.call("GET", "/wechat_pay/notifications", out_trade_no=out_trade_no, event_type=event_type)
        found: list[dict[str, Any]] = data["notifications"]
        return found

    def send_notification(self, **which: Any) -> list[dict[str, Any]]:
        """Send again and wait. which: id or out_trade_no; event_type, copies, out_refund_no."""
        found: list[dict[str, Any]] = self.call("POST", "/wechat_pay/notifications/send", which)[
            "notifications"
        ]
        return found

    def finish_refund(self, out_refund_no: str, result: str = "SUCCESS") -> dict[str, Any]:
        """End a refund now."""
        return self.call(
            "POST", "/wechat_pay/refunds/finish", {"out_refund_no": out_refund_no, "result": result}
        )

    def code(self, openid: str = "") -> str:
        """The payment code on a phone in this minute."""
        return str(self.call("GET", "/wechat_pay/code", openid=openid)["auth_code"])

    def password(self, out_trade_no: str, *, right: bool = True) -> dict[str, Any]:
        """The payer types the password of a payment code's order, or turns away."""
        return self.call("POST", "/wechat_pay/password", {"out_trade_no": out_trade_no, "right": right})

    def texts(self, mobile: str = "") -> list[dict[str, Any]]:
        """Text messages, newest first; of one phone or of all."""
        found: list[dict[str, Any]] = self.call("GET", "/sms/messages", mobile=mobile)["messages"]
        return found

    def shares(self) -> dict[str, Any]:
        """Profit sharing: shares, returns, receivers."""
        return self.call("GET", "/wechat_pay/shares")

    def rotate(self, what: str, mchid: str = "") -> dict[str, Any]:
        """A new key beside the old one: merchant, apiv3, platform or public."""
        return self.call("POST", "/wechat_pay/rotate", {"what": what, "mchid": mchid})

    def age(self, days: int) -> None:
        """Let days pass over what happened: it is in a bill then."""
        self.call("POST", "/wechat_pay/age", {"days": days})

    def merchants(self) -> list[dict[str, Any]]:
        """Who has an account at the pretended WeChat Pay, and where its keys are."""
        found: list[dict[str, Any]] = self.call("GET", "/wechat_pay/merchants")["merchants"]
        return found

    def options(self, **options: Any) -> dict[str, Any]:
        """Change key_mode, refund_interval, refund_delay, password_above, sharing_ratio and the others."""
        return self.call("POST", "/wechat_pay/options", options)


def wait_until(check: Callable[[], bool], *, seconds: float = 10.0, every: float = 0.02) -> None:
    """Wait until `check` is true. Raises TimeoutError."""
    deadline = time.monotonic() + seconds
    while not check():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds} seconds")
        time.sleep(every)
