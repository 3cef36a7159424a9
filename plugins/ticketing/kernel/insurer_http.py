"""An insurer over HTTP: a small signed protocol, behind which the insurer under contract is put.

- `POST /v1/policies` {request_no, product, trip, starts_at, ends_at, premium, name, document, number}: taken in;
- `GET /v1/policies/{request_no}`: where it stands;
- `POST /v1/policies/{request_no}/endorse` {trip, starts_at, ends_at}: on another trip; the same again is no change;
- `POST /v1/policies/{request_no}/cancel`.

`X-Insurer-Key`, `-Timestamp`, `-Nonce`, `-Signature`: HMAC-SHA256 over method, path, timestamp, nonce and body, a line
each.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from django.conf import settings

from saleor_o2o.kernel.tls import verified

from .insurers import InsureAsk, Policy
from .ports import SupplierRefused, SupplierSilent

TIMEOUT = httpx.Timeout(5.0, connect=2.0)
NAME = "insurer"


class HttpInsurer:
    """The adapter (`insurers.Insurer`)."""

    def issue(self, ask: InsureAsk) -> Policy:
        """Take an insurance in; what is taken in is decided later."""
        told = {
            "request_no": ask.own, "product": ask.product, "trip": ask.trip, "starts_at": ask.starts_at.isoformat(),
            "ends_at": ask.ends_at.isoformat(), "premium": f"{ask.premium:.2f}",
            "name": ask.person.name if ask.person is not None else "",
            "document": ask.person.document if ask.person is not None else "",
            "number": ask.person.number if ask.person is not None else "",
        }  # fmt: skip
        return _policy(_ask("POST", "/v1/policies", json.dumps(told, ensure_ascii=False).encode()))

    def find(self, own: str) -> Policy | None:
        """Where it stands."""
        told = _ask("GET", f"/v1/policies/{own}")
        return None if told.get("code") == "NOT_FOUND" else _policy(told)

    def endorse(self, ask: InsureAsk) -> Policy:
        """Put it on another trip."""
        told = {
            "trip": ask.trip,
            "starts_at": ask.starts_at.isoformat(),
            "ends_at": ask.ends_at.isoformat(),
        }
        body = json.dumps(told, ensure_ascii=False).encode()
        return _policy(_ask("POST", f"/v1/policies/{ask.own}/endorse", body))

    def cancel(self, own: str) -> Policy:
        """End it."""
        return _policy(_ask("POST", f"/v1/policies/{own}/cancel"))


def _policy(told: dict[str, Any]) -> Policy:
    state = str(told.get("status", ""))
    if state == "error":
        raise SupplierRefused(str(told.get("code", ""))[:40] or "OTHER", str(told.get("message", ""))[:200])
    if state not in ("working", "in_force", "refused", "cancelled"):
        raise SupplierSilent(str(told.get("code", ""))[:40] or "NO_STATUS")
    return Policy(
        state, str(told.get("policy_no", ""))[:40], str(told.get("message", ""))[:200], str(told.get("trip", "")),
        _moment(told.get("starts_at")),
    )  # fmt: skip


def _moment(told: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(told or ""))
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _where() -> tuple[str, str, str]:
    """Address, key and secret: the environment's, else the sandbox's where allowed. Raises SupplierSilent."""
    given = settings.O2O_INSURER
    if given["URL"]:
        if not given["URL"].startswith("https://") and not settings.O2O_SANDBOX_ALLOWED:
            raise SupplierSilent("NOT_HTTPS")
        return given["URL"].rstrip("/"), given["KEY"], given["SECRET"]
    if settings.O2O_SANDBOX_ALLOWED and settings.SANDBOX_URL:
        try:
            manifest = Path(settings.SANDBOX_DIR) / NAME / "application.json"
            known = json.loads(manifest.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raise SupplierSilent("NO_SANDBOX_KEY") from None
        return f"{settings.SANDBOX_URL.rstrip('/')}/{NAME}", known["key"], known["secret"]
    raise SupplierSilent("NO_URL")


def _ask(method: str, path: str, body: bytes = b"") -> dict[str, Any]:
    """One signed question; the JSON object that came back. Raises SupplierSilent where the outcome is not known."""
    address, key, secret = _where()
    stamp, nonce = str(int(time.time())), secrets.token_hex(8)
    lines = b"\n".join((method.encode(), path.encode(), stamp.encode(), nonce.encode(), body))
    headers = {
        "Content-Type": "application/json",
        "X-Insurer-Key": key,
        "X-Insurer-Timestamp": stamp,
        "X-Insurer-Nonce": nonce,
        "X-Insurer-Signature": hmac.new(secret.encode(), lines, hashlib.sha256).hexdigest(),
    }
    try:
        with httpx.Client(base_url=address, timeout=TIMEOUT, trust_env=False, verify=verified()) as client:
            answer = client.request(method, path, content=body or None, headers=headers)
        told = answer.json()
    except httpx.HTTPError:
        raise SupplierSilent("UNREACHABLE") from None
    except ValueError:
        raise SupplierSilent("NOT_JSON") from None
    if not isinstance(told, dict) or answer.status_code in (401, 403, 429) or answer.status_code >= 500:
        raise SupplierSilent(f"HTTP_{answer.status_code}")
    return told
