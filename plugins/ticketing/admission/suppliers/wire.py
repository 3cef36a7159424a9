"""How a distributor is spoken to: an envelope of texts, `data` a JSON text, signed with HMAC-SHA256.

The signature is over every other field, sorted by name, `name=value` joined by `&`. Questions, answers and notices are
made so, and our own distribution speaks the same. A timestamp counts for five minutes.
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
from urllib.parse import urlsplit

import httpx
from django.conf import settings

from saleor_o2o.kernel.tls import verified

TIMEOUT = httpx.Timeout(8.0, connect=2.0)
#: Seconds that a clock may differ from ours, either way.
WINDOW = 300
MOST = 2 * 1024 * 1024


class Unreadable(Exception):
    """Nobody knows what the other side did: no answer, a broken or an unsigned one. Says nothing personal."""


class NotConfigured(Exception):
    """There is no address, or no key, or they are not accepted: nothing was done."""


@dataclass(frozen=True)
class Config:
    """Where a distributor is, and with which account and secret; neither shows in a repr."""

    url: str
    account: str = field(repr=False)
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: `0` is yes, anything else a refusal with words."""

    code: str
    message: str
    data: dict[str, Any]


def load() -> Config:
    """The configuration in force: the environment's, else the sandbox's where allowed. Raises NotConfigured."""
    given = settings.O2O_SCENIC_DISTRIBUTOR
    if given["URL"]:
        if not given["URL"].startswith("https://") and not settings.O2O_SANDBOX_ALLOWED:
            raise NotConfigured("NOT_HTTPS")
        return Config(str(given["URL"]).rstrip("/"), str(given["KEY"]), str(given["SECRET"]))
    if settings.O2O_SANDBOX_ALLOWED and settings.SANDBOX_URL:
        manifest = Path(settings.SANDBOX_DIR) / "scenic" / "application.json"
        try:
            known = json.loads(manifest.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raise NotConfigured("NO_SANDBOX_KEY") from None
        return Config(f"{settings.SANDBOX_URL.rstrip('/')}/scenic", known["key"], known["secret"])
    raise NotConfigured("NO_URL")


def sign(fields: dict[str, str], secret: str) -> str:
    """The signature of an envelope's fields, in hexadecimal."""
    text = "&".join(f"{name}={fields[name]}" for name in sorted(fields) if name != "sign")
    return hmac.new(secret.encode(), text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def envelope(account: str, secret: str, data: Any, **fields: str) -> dict[str, str]:
    """A signed envelope around data."""
    made = {
        **fields, "account": account, "data": json.dumps(data, ensure_ascii=False), "nonce": secrets.token_hex(12),
        "timestamp": str(int(time.time())),
    }  # fmt: skip
    return made | {"sign": sign(made, secret)}


def read(body: bytes) -> dict[str, str] | None:
    """The fields of an envelope; None for what is none."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict) or not all(isinstance(value, str) for value in told.values()):
        return None
    return told


def problem(fields: dict[str, str], account: str, secret: str) -> str:
    """Why an envelope is not the account's of now: BAD_ACCOUNT, BAD_SIGN, STALE; empty for a genuine one."""
    told = fields.get("sign", "")[:128].encode("utf-8", "surrogatepass")
    if not hmac.compare_digest(
        fields.get("account", "")[:80].encode("utf-8", "surrogatepass"), account.encode()
    ):
        return "BAD_ACCOUNT"
    if not hmac.compare_digest(sign(fields, secret).encode(), told):
        return "BAD_SIGN"
    stamp = fields.get("timestamp", "")
    fresh = (
        stamp.isascii() and stamp.isdigit() and len(stamp) < 13 and abs(time.time() - int(stamp)) <= WINDOW
    )
    return "" if fresh else "STALE"


def data_of(fields: dict[str, str]) -> dict[str, Any] | None:
    """The object in an envelope; None for what is none."""
    try:
        told = json.loads(fields.get("data", ""))
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None


def ask(method: str, data: dict[str, Any], transport: httpx.BaseTransport | None = None) -> Answer:
    """One signed question. Raises NotConfigured (certainly not done), Unreadable (nobody knows)."""
    config = load()
    body = envelope(config.account, config.secret, data, method=method, version="1")
    try:
        with httpx.Client(timeout=TIMEOUT, transport=transport, trust_env=False, verify=verified()) as client:
            response = client.post(f"{config.url}/openapi", json=body)
    except httpx.TimeoutException:
        raise Unreadable("TIMEOUT") from None
    except httpx.HTTPError:
        raise Unreadable("UNREACHABLE") from None
    if response.status_code in (401, 403):
        raise NotConfigured(f"HTTP_{response.status_code}")
    if response.status_code >= 500 or response.status_code == 429 or len(response.content) > MOST:
        raise Unreadable(f"HTTP_{response.status_code}")
    fields = read(response.content)
    if fields is None or problem(fields, config.account, config.secret):
        raise Unreadable("NOT_SIGNED")
    told = data_of(fields)
    if told is None:
        raise Unreadable("NOT_JSON")
    return Answer(fields.get("code", ""), fields.get("message", "")[:200], told)


def download(url: str, digest: str) -> bytes:
    """A file that the distributor offers, from its own host only, its SHA-256 checked. Raises Unreadable."""
    home, there = urlsplit(load().url), urlsplit(url)
    if (there.scheme, there.netloc) != (home.scheme, home.netloc):
        raise Unreadable("BAD_URL")
    try:
        response = httpx.get(url, timeout=TIMEOUT, trust_env=False, verify=verified())
    except httpx.HTTPError:
        raise Unreadable("UNREACHABLE") from None
    if response.status_code != 200 or hashlib.sha256(response.content).hexdigest() != digest:
        raise Unreadable("BAD_FILE")
    return response.content
