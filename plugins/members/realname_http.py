"""A register of persons over HTTP, signed as the gateway of text messages is (`sms_http`), with `X-Realname-…` headers.

The register that the postal company has a contract with is put behind this small protocol, or has an adapter of its
own, named in setting `O2O_REALNAME`.

- `POST /v1/checks` {request_no, name, id_number}: once and again the same question;
- `GET /v1/checks/{request_no}` for what has no answer.
"""

from __future__ import annotations

import json
from typing import Any

import httpx
from django.conf import settings

from saleor_o2o.kernel.tls import verified

from .realname_ports import CheckNotConfigured, CheckRefused, CheckUnknown, Verdict
from .sms_http import SmsConfig, ask_signed, configured

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
        refusals = (CheckUnknown, CheckNotConfigured)
        with httpx.Client(
            base_url=self._config.base_url,
            timeout=TIMEOUT,
            transport=self._transport,
            trust_env=False,
            verify=verified(),
        ) as client:
            return ask_signed(client, self._config, "Realname", refusals, method, path, body)


def register() -> HttpRegister:
    """The adapter for the configuration as it is now. Raises CheckNotConfigured."""
    return HttpRegister(load())


def load() -> SmsConfig:
    """The configuration in force: the environment's, else the sandbox's where allowed. Raises CheckNotConfigured."""
    return configured(settings.O2O_REALNAME, "realname", CheckNotConfigured)


def _verdict(data: dict[str, Any]) -> Verdict:
    match data.get("status"):
        case "matched":
            return Verdict.MATCHED
        case "mismatched":
            return Verdict.MISMATCHED
        case "refused":
            raise CheckRefused(str(data.get("code", ""))[:40] or "REFUSED")
    raise CheckUnknown(str(data.get("code", ""))[:40] or "NO_STATUS")
