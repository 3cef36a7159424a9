"""Which provider stands behind which of Saleor's gateway names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .error_codes import CashierErrorCode
from .ports import Provider

_PROVIDERS: dict[str, Provider] = {}


def register_provider(gateway: str, provider: Provider) -> None:
    """Make ``provider`` the one behind the Saleor gateway ``gateway``; plugins call it when their app is ready."""
    _PROVIDERS[gateway] = provider


#: What an unpaid order used up besides stock is given back by those who took it.
_RELEASES: list[Callable[[Any], None]] = []


def release_on_close(release: Callable[[Any], None]) -> None:
    """Have ``release(order)`` run in the transaction that closes an unpaid order; apps call it when they are ready."""
    if release not in _RELEASES:
        _RELEASES.append(release)


def release_all(order: Any) -> None:
    """Give back what an unpaid order used up; once, in the transaction that closes it."""
    for release in _RELEASES:
        release(order)


def provider_of(gateway: str) -> Provider:
    """The provider behind a gateway. Raises CashierError NOT_CONFIGURED where its plugin is off."""
    try:
        return _PROVIDERS[gateway]
    except KeyError:
        from .errors import CashierError

        raise CashierError(CashierErrorCode.NOT_CONFIGURED) from None


def is_deferred(gateway: str) -> bool:
    """True for a gateway whose money arrives after the order (order first, pay later)."""
    return gateway in _PROVIDERS
