"""The key of the map provider: from the environment; in development also from the sandbox's folder."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from .ports import NotConfigured

OFFICIAL = "https://restapi.amap.com"


@dataclass(frozen=True)
class AmapConfig:
    """Where 高德 is and with which key; key and secret never show in a repr."""

    base_url: str
    key: str = field(repr=False)
    secret: str = field(repr=False)


def load() -> AmapConfig:
    """The configuration in force. Raises NotConfigured where there is no key, or a foreign address in production."""
    given = getattr(settings, "O2O_AMAP", {})
    base = (given.get("BASE_URL") or OFFICIAL).rstrip("/")
    if given.get("KEY"):
        if base != OFFICIAL and not settings.O2O_SANDBOX_ALLOWED:
            raise NotConfigured("FOREIGN_ADDRESS")
        return AmapConfig(base, str(given["KEY"]), str(given.get("SECRET") or ""))
    if settings.O2O_SANDBOX_ALLOWED and settings.SANDBOX_URL:
        return _sandbox()
    raise NotConfigured("NO_KEY")


def configured() -> bool:
    """True when there is a provider to ask."""
    try:
        load()
    except NotConfigured:
        return False
    return True


def _sandbox() -> AmapConfig:
    manifest = Path(settings.SANDBOX_DIR) / "map" / "application.json"
    try:
        known = json.loads(manifest.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise NotConfigured("NO_SANDBOX_KEY") from None
    return AmapConfig(f"{settings.SANDBOX_URL.rstrip('/')}/map", known["key"], known["secret"])
