"""A register of persons over HTTP, signed as the gateway of text messages is (`sms_http`), with `X-Realname-…` headers.

The register that the postal company has a contract with is put behind this small protocol, or has an adapter of its
own, named in setting `O2O_REALNAME`.

- `POST /v1/checks` {request_no, name, id_number}: once and again the same question;
- `GET /v1/checks/{request_no}` for what has no answer.
"""

from __future__ import annotations

import json
import secrets
import time
from pathlib import Path
from typing import Any

import httpx
from django.conf import settings

from .realname_ports import CheckNotConfigured, CheckRefused, CheckUnknown, Verdict
from .sms_http import SmsConfig, signature

TIMEOUT = httpx.Timeout(5.0, connect=2.0)


class HttpRegister:
    """The adapter (`realname_ports.PersonRegister`)."""

    def __init__(self, config: SmsConfig, transport: httpx.BaseTransport | None = None) -> None:
        self._config = config
        self._transport = transport

    def check(self, number: str, name: str, id_number: str) -> Verdict:
        """Whether a name and an identity number belong together."""
        body = json.dumps({"request_no": number, "name": name, "id_number": id_number}, ensure_ascii=False)
        return _verdict(self._ask("POST", "/v1/checks", body.encode()))

    def find(self, number: str) -> Verdict | None:
        """What was said under our number."""
        data = self._ask("GET", f"/v1/checks/{number}")
        return None if data.get("code") == "NOT_FOUND" else _verdict(data)

    def _ask(self, method: str, path: str, body: bytes = b"") -> dict[str, Any]:
        stamp, nonce = str(int(time.time())), secrets.token_hex(8)
        headers = {
            "Content-Type": "application/json",
            "X-Realname-Key": self._config.key,
            "X-Realname-Timestamp": stamp,
            "X-Realname-Nonce": nonce,
            "X-Realname-Signature": signature(self._config.secret, method, path, stamp, nonce, body),
        }
        try:
            with httpx.Client(
                base_url=self._config.base_url, timeout=TIMEOUT, transport=self._transport, trust_env=False
            ) as client:
                answer = client.request(method, path, content=body or None, headers=headers)
        except httpx.TimeoutException:
            raise CheckUnknown("TIMEOUT") from None
        except httpx.HTTPError:
            raise CheckUnknown("UNREACHABLE") from None
        if answer.status_code in (401, 403):
            raise CheckNotConfigured(f"HTTP_{answer.status_code}")
        if answer.status_code >= 500 or answer.status_code == 429:
            raise CheckUnknown(f"HTTP_{answer.status_code}")
        try:
            data = answer.json()
        except ValueError:
            raise CheckUnknown("NOT_JSON") from None
        if not isinstance(data, dict):
            raise CheckUnknown("NOT_JSON")
        return data


def register() -> HttpRegister:
    """The adapter for the configuration as it is now. Raises CheckNotConfigured."""
    return HttpRegister(load())


def load() -> SmsConfig:
    """The configuration in force: the environment's, else the sandbox's where allowed. Raises CheckNotConfigured."""
    given = settings.O2O_REALNAME
    if given["URL"]:
        if not given["URL"].startswith("https://") and not settings.O2O_SANDBOX_ALLOWED:
            raise CheckNotConfigured("NOT_HTTPS")
        return SmsConfig(str(given["URL"]).rstrip("/"), str(given["KEY"]), str(given["SECRET"]))
    if settings.O2O_SANDBOX_ALLOWED and settings.SANDBOX_URL:
        manifest = Path(settings.SANDBOX_DIR) / "realname" / "application.json"
        try:
            known = json.loads(manifest.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raise CheckNotConfigured("NO_SANDBOX_KEY") from None
        return SmsConfig(f"{settings.SANDBOX_URL.rstrip('/')}/realname", known["key"], known["secret"])
    raise CheckNotConfigured("NO_URL")


def _verdict(data: dict[str, Any]) -> Verdict:
    match data.get("status"):
        case "matched":
            return Verdict.MATCHED
        case "mismatched":
            return Verdict.MISMATCHED
        case "refused":
            raise CheckRefused(str(data.get("code", ""))[:40] or "REFUSED")
    raise CheckUnknown(str(data.get("code", ""))[:40] or "NO_STATUS")
