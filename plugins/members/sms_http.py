"""Text messages over HTTP to a gateway that signs with HMAC-SHA256.

The gateway of the postal company's choice is put behind this small protocol, or has an adapter of its own, named in
setting `O2O_SMS_GATEWAY`; nothing else of the platform knows who sends.

- `POST /v1/messages` with our number, once and again the same message;
- `GET /v1/messages/{number}` for what has no answer;
- `X-Sms-Key`, `X-Sms-Timestamp`, `X-Sms-Nonce`, `X-Sms-Signature`: of method, path, timestamp,
  nonce and body, a line each.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from django.conf import settings

from .ports import Outgoing, SmsNotConfigured, SmsRefused, SmsUnknown

TIMEOUT = httpx.Timeout(5.0, connect=2.0)


@dataclass(frozen=True)
class SmsConfig:
    """Where the gateway is and with which key; key and secret never show in a repr."""

    base_url: str
    key: str = field(repr=False)
    secret: str = field(repr=False)


class HttpGateway:
    """The adapter (`ports.SmsGateway`); one per configuration."""

    def __init__(self, config: SmsConfig, transport: httpx.BaseTransport | None = None) -> None:
        self._config = config
        self._http = httpx.Client(
            base_url=config.base_url, timeout=TIMEOUT, transport=transport, trust_env=False
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def send(self, message: Outgoing) -> str:
        """Send; the same number twice is one message."""
        body = {
            "request_no": message.number, "mobile": message.mobile, "template": message.template,
            "parameters": dict(message.parameters), "text": message.text,
        }  # fmt: skip
        data = self._ask("POST", "/v1/messages", json.dumps(body, ensure_ascii=False).encode())
        return _receipt(data)

    def find(self, number: str) -> str | None:
        """The receipt of what was sent under our number."""
        data = self._ask("GET", f"/v1/messages/{number}")
        return None if data.get("code") == "NOT_FOUND" else _receipt(data)

    def _ask(self, method: str, path: str, body: bytes = b"") -> dict[str, Any]:
        stamp, nonce = str(int(time.time())), secrets.token_hex(8)
        headers = {
            "Content-Type": "application/json",
            "X-Sms-Key": self._config.key,
            "X-Sms-Timestamp": stamp,
            "X-Sms-Nonce": nonce,
            "X-Sms-Signature": signature(self._config.secret, method, path, stamp, nonce, body),
        }
        try:
            answer = self._http.request(method, path, content=body or None, headers=headers)
        except httpx.TimeoutException:
            raise SmsUnknown("TIMEOUT") from None
        except httpx.HTTPError:
            raise SmsUnknown("UNREACHABLE") from None
        if answer.status_code in (401, 403):
            raise SmsNotConfigured(f"HTTP_{answer.status_code}")
        if answer.status_code >= 500 or answer.status_code == 429:
            raise SmsUnknown(f"HTTP_{answer.status_code}")
        try:
            data = answer.json()
        except ValueError:
            raise SmsUnknown("NOT_JSON") from None
        if not isinstance(data, dict):
            raise SmsUnknown("NOT_JSON")
        return data


def signature(secret: str, method: str, path: str, stamp: str, nonce: str, body: bytes) -> str:
    """HMAC-SHA256 in hexadecimal over five lines."""
    lines = b"\n".join((method.encode(), path.encode(), stamp.encode(), nonce.encode(), body))
    return hmac.new(secret.encode(), lines, hashlib.sha256).hexdigest()


def gateway() -> HttpGateway:
    """The adapter for the configuration as it is now. Raises SmsNotConfigured."""
    config = load()
    if config not in _made:
        for old in list(_made):  # an older key is not kept
            _made.pop(old).close()
        _made[config] = HttpGateway(config)
    return _made[config]


def load() -> SmsConfig:
    """The configuration in force: the environment's, else the sandbox's where allowed. Raises SmsNotConfigured."""
    given = settings.O2O_SMS
    if given["URL"]:
        if not given["URL"].startswith("https://") and not settings.O2O_SANDBOX_ALLOWED:
            raise SmsNotConfigured("NOT_HTTPS")
        return SmsConfig(str(given["URL"]).rstrip("/"), str(given["KEY"]), str(given["SECRET"]))
    if settings.O2O_SANDBOX_ALLOWED and settings.SANDBOX_URL:
        manifest = Path(settings.SANDBOX_DIR) / "sms" / "application.json"
        try:
            known = json.loads(manifest.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raise SmsNotConfigured("NO_SANDBOX_KEY") from None
        return SmsConfig(f"{settings.SANDBOX_URL.rstrip('/')}/sms", known["key"], known["secret"])
    raise SmsNotConfigured("NO_URL")


_made: dict[SmsConfig, HttpGateway] = {}


def _receipt(data: dict[str, Any]) -> str:
    match data.get("status"):
        case "accepted":
            return str(data.get("receipt", ""))[:64]
        case "refused":
            raise SmsRefused(str(data.get("code", ""))[:40] or "REFUSED")
    raise SmsUnknown(str(data.get("code", ""))[:40] or "NO_STATUS")
