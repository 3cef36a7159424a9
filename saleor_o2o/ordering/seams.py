"""What other plugins know of an order that ordering must ask: open matters, and what a shopper may do."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

#: Given sub-order keys, those that something still happens to (an after-sale that is not decided).
OpenMatters = Callable[[Collection[int]], set[int]]
#: Given a sub-order key, whether a shopper may do it now. Asked in lists: answer from one statement for all.
Offers = Callable[[Collection[int]], set[int]]


@dataclass(frozen=True, slots=True)
class Offer:
    """Something a shopper can do with a part: its code (`AFTER_SALE`), and for which parts it is offered."""

    code: str
    offers: Offers


_matters: dict[str, OpenMatters] = {}
_offers: dict[str, Offer] = {}


def register_open_matter(name: str, matters: OpenMatters) -> None:
    """Keep received parts from completing while `matters(keys)` names them; apps call it when they are ready.

    Raises ValueError for a name that is taken.
    """
    if name in _matters:
        raise ValueError(f"open matter {name!r} is already registered")
    _matters[name] = matters


def open_matters(keys: Collection[int]) -> set[int]:
    """The sub-orders that something still happens to."""
    return {key for matters in _matters.values() for key in matters(keys)} if keys else set()


def register_action(code: str, offers: Offers) -> None:
    """Offer shoppers an action on their parts: `register_action("AFTER_SALE", may_apply)`.

    Raises ValueError for a code that is taken.
    """
    if code in _offers:
        raise ValueError(f"action {code!r} is already registered")
    _offers[code] = Offer(code, offers)


def offered(keys: Collection[int]) -> dict[int, list[str]]:
    """The codes of what other plugins offer for each of the sub-orders."""
    found: dict[int, list[str]] = {key: [] for key in keys}
    for offer in _offers.values() if keys else ():
        for key in offer.offers(keys):
            found.setdefault(key, []).append(offer.code)
    return found
