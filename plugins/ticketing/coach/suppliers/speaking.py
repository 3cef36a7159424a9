"""What both networks' adapters have in common: where a network is, one question over HTTP, answers read with suspicion.

Whatever may have been done and has no readable, signed answer is silence. Where doing it after all costs nothing (a
hold, a look), a network that is not there refuses (`UNREACHABLE`), so that another one is asked at once; money waits.
In `looking` everything is silence: who looks up what became of a call must not take a network's trouble for "not done".
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from plugins.ticketing.kernel.ports import OTHER, UNREACHABLE, SupplierRefused, SupplierSilent
from saleor_o2o.kernel.tls import verified

TIMEOUT = httpx.Timeout(6.0, connect=2.0)
MOST = 8 * 1024 * 1024
SHANGHAI = ZoneInfo("Asia/Shanghai")
FEN = Decimal("0.01")


class NotConfigured(Exception):
    """There is no address or no key of the network; says which setting is wrong, and nothing secret."""


@dataclass(frozen=True)
class Config:
    """Where a network is and with which key; key and secret never show in a repr."""

    url: str
    key: str = field(repr=False)
    secret: str = field(repr=False)


def load(adapter: str) -> Config:
    """The configuration in force: the environment's, else the sandbox's where allowed. Raises NotConfigured."""
    given = settings.O2O_COACH_NETWORKS[adapter]
    if given["URL"]:
        if not given["URL"].startswith("https://") and not settings.O2O_SANDBOX_ALLOWED:
            raise NotConfigured("NOT_HTTPS")
        return Config(str(given["URL"]).rstrip("/"), str(given["KEY"]), str(given["SECRET"]))
    if settings.O2O_SANDBOX_ALLOWED and settings.SANDBOX_URL:
        manifest = Path(settings.SANDBOX_DIR) / adapter / "application.json"
        try:
            known = json.loads(manifest.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raise NotConfigured("NO_SANDBOX_KEY") from None
        return Config(f"{settings.SANDBOX_URL.rstrip('/')}/{adapter}", known["key"], known["secret"])
    raise NotConfigured("NO_URL")


def config_of(adapter: str) -> Config:
    """As `load`, for whoever asks a network. Raises SupplierRefused: nothing was asked."""
    try:
        return load(adapter)
    except NotConfigured as wrong:
        raise SupplierRefused(
            str(wrong), _("客票网接口没有配置好（%(why)s），请联系管理员") % {"why": str(wrong)}
        ) from None


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back with status 200; not believed yet."""

    body: bytes
    headers: Mapping[str, str]

    def json(self) -> Any:
        """The body read. Raises SupplierSilent."""
        with reading():
            return json.loads(self.body)


def post(url: str, content: bytes, headers: dict[str, str], *, lossless: bool) -> Reply:
    """One question; the answer with status 200. `lossless`: doing it after all would cost nothing (a hold, a look).

    Raises SupplierRefused where our key is not known, or a lossless one did not get in; SupplierSilent otherwise.
    """
    try:
        answer = _client().post(url, content=content, headers=headers, timeout=TIMEOUT)
    except (httpx.ConnectError, httpx.ConnectTimeout):
        if lossless:
            raise SupplierRefused(UNREACHABLE, _("连不上客票网")) from None
        raise SupplierSilent(UNREACHABLE) from None
    except httpx.TimeoutException:
        raise SupplierSilent("TIMEOUT") from None
    except httpx.HTTPError:
        raise SupplierSilent("BROKEN") from None
    if answer.status_code in (401, 403):
        raise SupplierRefused(OTHER, _("客票网不认我方密钥，请联系管理员"))
    if answer.status_code in (429, 503) and lossless:
        raise SupplierRefused(UNREACHABLE, _("客票网暂停服务"))
    if answer.status_code != 200 or len(answer.content) > MOST:
        raise SupplierSilent(f"HTTP_{answer.status_code}")
    return Reply(answer.content, answer.headers)


@cache
def _client() -> httpx.Client:
    """The connections of this process, made at the first question."""
    return httpx.Client(trust_env=False, verify=verified())


@contextmanager
def reading() -> Iterator[None]:
    """Around what reads an answer: one that is not as agreed counts as none. Raises SupplierSilent."""
    try:
        yield
    except (KeyError, TypeError, ValueError, ArithmeticError, AttributeError, IndexError, RecursionError):
        raise SupplierSilent("UNREADABLE") from None


@contextmanager
def looking() -> Iterator[None]:
    """Around a question what became of a call: a refusal of the question says nothing. Raises SupplierSilent."""
    try:
        yield
    except SupplierRefused as refusal:
        raise SupplierSilent(refusal.code[:60]) from None


def moment(text: object, pattern: str) -> datetime:
    """A network's moment; Shanghai's. Raises ValueError."""
    return datetime.strptime(str(text), pattern).replace(tzinfo=SHANGHAI)


def is_fresh(seconds: float, now: float, window: float = 300) -> bool:
    """Whether a signed moment is near enough to ours."""
    return abs(seconds - now) <= window
