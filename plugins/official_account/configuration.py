"""Which addresses an account may have: WeChat's own, others only where the sandbox is allowed."""

from __future__ import annotations

from django.conf import settings

API = "https://api.weixin.qq.com"
#: WeChat's other doors to the same interface (nearest first is up to the operator).
OFFICIAL = (API, "https://api2.weixin.qq.com", "https://sh.api.weixin.qq.com", "https://sz.api.weixin.qq.com")


def is_allowed_address(address: str) -> bool:
    """True for WeChat's own addresses; others only where the sandbox is allowed."""
    return address in OFFICIAL or bool(settings.O2O_SANDBOX_ALLOWED and address.startswith("http"))


def open_address(base_url: str) -> str:
    """Where people are sent to log in: a host of its own at WeChat, the same one in the sandbox."""
    return "https://open.weixin.qq.com" if base_url in OFFICIAL else base_url


def server_address(code: str) -> str:
    """Where WeChat sends what people do at this account: to be pasted into its console."""
    return f"{settings.PUBLIC_URL.rstrip('/')}/hooks/official_account/{code}"
