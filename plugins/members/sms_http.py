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
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from django.conf import settings

from saleor_o2o.kernel.tls import verified

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
            base_url=config.base_url, timeout=TIMEOUT, transport=transport, trust_env=False, verify=verified()
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
        return ask_signed(self._http, self._config, "Sms", (SmsUnknown, SmsNotConfigured), method, path, body)


def ask_signed(
    client: httpx.Client,
    config: SmsConfig,
    prefix: str,
    refusals: tuple[type[Exception], type[Exception]],
    method: str,
    path: str,
    body: bytes,
) -> dict[str, Any]:
    """One signed question, with headers `X-<prefix>-…`; the JSON object that came back.

    `refusals`: raised for an outcome that is not known, and for a key that is not accepted (401, 403).
    """
    unknown, not_configured = refusals
    stamp, nonce = str(int(time.time())), secrets.token_hex(8)
    headers = {
        "Content-Type": "application/json",
        f"X-{prefix}-Key": config.key,
        f"X-{prefix}-Timestamp": stamp,
        f"X-{prefix}-Nonce": nonce,
        f"X-{prefix}-Signature": signature(config.secret, method, path, stamp, nonce, body),
    }
    try:
        answer = client.request(method, path, content=body or None, headers=headers)
    except httpx.TimeoutException:
        raise unknown("TIMEOUT") from None
    except httpx.HTTPError:
        raise unknown("UNREACHABLE") from None
    if answer.status_code in (401, 403):
        raise not_configured(f"HTTP_{answer.status_code}")
    if answer.status_code >= 500 or answer.status_code == 429:
        raise unknown(f"HTTP_{answer.status_code}")
    try:
        data = answer.json()
    except ValueError:
        raise unknown("NOT_JSON") from None
    if not isinstance(data, dict):
        raise unknown("NOT_JSON")
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
    return configured(settings.O2O_SMS, "sms", SmsNotConfigured)


def configured(given: Mapping[str, Any], system: str, not_configured: type[Exception]) -> SmsConfig:
    """What the settings say of a system that is asked with signatures, else what the sandbox says of it.

    Raises `not_configured`: NOT_HTTPS, NO_SANDBOX_KEY, NO_URL.
    """
    if given["URL"]:
        if not given["URL"].startswith("https://") and not settings.O2O_SANDBOX_ALLOWED:
            raise not_configured("NOT_HTTPS")
        return SmsConfig(str(given["URL"]).rstrip("/"), str(given["KEY"]), str(given["SECRET"]))
    if settings.O2O_SANDBOX_ALLOWED and settings.SANDBOX_URL:
        manifest = Path(settings.SANDBOX_DIR) / system / "application.json"
        try:
            known = json.loads(manifest.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raise not_configured("NO_SANDBOX_KEY") from None
        return SmsConfig(f"{settings.SANDBOX_URL.rstrip('/')}/{system}", known["key"], known["secret"])
    raise not_configured("NO_URL")


_made: dict[SmsConfig, HttpGateway] = {}


def _receipt(data: dict[str, Any]) -> str:
    match data.get("status"):
        case "accepted":
            return str(data.get("receipt", ""))[:64]
        case "refused":
            raise SmsRefused(str(data.get("code", ""))[:40] or "REFUSED")
    raise SmsUnknown(str(data.get("code", ""))[:40] or "NO_STATUS")
