"""Which provider stands behind which of Saleor's gateway names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from saleor_o2o.kernel.errors import Text

from .error_codes import CashierErrorCode
from .ports import Method, Provider

_PROVIDERS: dict[str, Provider] = {}


def register_provider(gateway: str, provider: Provider) -> None:
    """Make ``provider`` the one behind the Saleor gateway ``gateway``; plugins call it when their app is ready."""
    _PROVIDERS[gateway] = provider


def gateway_offering(method: Method) -> str:
    """The first gateway whose provider offers a method. Raises CashierError NOT_CONFIGURED where there is none."""
    for gateway, provider in _PROVIDERS.items():
        if method in provider.methods:
            return gateway
    from .errors import CashierError

    raise CashierError(CashierErrorCode.NOT_CONFIGURED)


#: Who else knows that an order waits for its money.
_WAITS: list[Callable[[int], bool]] = []


def register_wait(waits: Callable[[int], bool]) -> None:
    """Have ``waits(order_id)`` asked before goods leave; apps call it when they are ready."""
    if waits not in _WAITS:
        _WAITS.append(waits)


def waits_elsewhere(order_id: int) -> bool:
    """True when somebody else than the cashier still waits for the order's money."""
    return any(waits(order_id) for waits in _WAITS)


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


#: What people call the gateways that have no provider.
_TITLES: dict[str, Text] = {}


def gateway_title(gateway: str) -> str:
    """What people call one of Saleor's gateways; the last part of its code where nobody has said."""
    provider = _PROVIDERS.get(gateway)
    title = provider.title if provider is not None else _TITLES.get(gateway)
    return str(title or gateway.rpartition(".")[2].capitalize())


def gateways() -> dict[str, str]:
    """The gateways that tell us of money, with what people call them."""
    return {gateway: gateway_title(gateway) for gateway in (*_PROVIDERS, *_NEWS)}


def account_titles() -> dict[str, str]:
    """What people call the merchant accounts of all providers, by code. One query per provider."""
    return {
        code: name for provider in _PROVIDERS.values() for code, name in provider.account_titles().items()
    }


def account_title(code: str) -> str:
    """What people call one merchant account; its code where nobody knows it any more. One query per provider."""
    return account_titles().get(code, code)


#: Gateways that charge at once read and act on their notifications themselves.
_NEWS: dict[str, Callable[[dict[str, str], bytes], Callable[[], None]]] = {}


def register_news(
    gateway: str, read: Callable[[dict[str, str], bytes], Callable[[], None]], title: Text
) -> None:
    """Have ``read(headers, body)`` asked for the stored notifications of a gateway that has no provider.

    It verifies and may call the provider; what it returns is run in the transaction that marks the notification done.
    Raises ProviderRefused for anything not genuine. ``title``: what people call the gateway.
    """
    _NEWS[gateway] = read
    _TITLES[gateway] = title


def news_reader(gateway: str) -> Callable[[dict[str, str], bytes], Callable[[], None]] | None:
    """Who reads the notifications of a gateway without a provider."""
    return _NEWS.get(gateway)
