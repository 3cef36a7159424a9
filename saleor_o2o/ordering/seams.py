"""What other plugins know of an order that ordering must ask.

Open matters, what a shopper may do, what else an order is found by, who pays its money out at a counter.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

#: Given sub-order keys, those that something still happens to (an after-sale that is not decided).
OpenMatters = Callable[[Collection[int]], set[int]]
#: Given a sub-order key, whether a shopper may do it now. Asked in lists: answer from one statement for all.
Offers = Callable[[Collection[int]], set[int]]


@dataclass(frozen=True, slots=True)
class Offer:
    """Something a shopper can do with a part: its code (`AFTER_SALE`), and for which parts it is offered."""

    code: str
    offers: Offers


#: Given what was typed or scanned, the keys of orders that it may mean; the asker narrows them to the scope.
Finder = Callable[[str], Collection[int]]


@dataclass(frozen=True, slots=True)
class Taken:
    """How an order's money came over a counter: what people call it, and whether giving it back needs a slip."""

    title: str
    needs_slip: bool = False


class Paymaster(Protocol):
    """Whoever took an order's money over a counter, and gives it back there by the hand of a clerk."""

    def took(self, order_id: int) -> Taken | None:
        """How it was taken; None where it was not taken here. One statement."""
        ...

    def give_back(
        self, user: Any, order_id: int, amount: Decimal, *, reason: str, key: str, seen: Decimal, slip: str
    ) -> None:
        """Give `amount` yuan back and book it, once per `key`; whoever asks has the right to the sum.

        `seen`: what the order's payments had given back before, as the asker knows it; another sum is refused.
        `slip`: the terminal's slip, `终端号/凭证号`. One transaction with the paymaster's own locks: the caller holds
        none. Raises OutOfScope, NotAllowed, DomainError.
        """
        ...


#: Given an order's key, the code that its goods are handed over for, as the buyer was told it; "" where there is none.
PickupCodes = Callable[[int], str]


@dataclass(frozen=True, slots=True)
class PickupPlace:
    """Where a buyer fetches the goods of an order: what he needs to get there. Texts are "" where unknown."""

    name: str
    address: str = ""
    phone: str = ""
    hours: str = ""
    navigation_url: str = ""


#: Given an order's key, where its goods are fetched; None where that is not known here.
PickupPlaces = Callable[[int], PickupPlace | None]

_pickup_codes: dict[str, PickupCodes] = {}
_pickup_places: dict[str, PickupPlaces] = {}
_matters: dict[str, OpenMatters] = {}
_finders: dict[str, Finder] = {}
#: Given order lines, those whose money goes back in a way of their own, with the words that lead there.
OwnWays = Callable[[Collection[int]], dict[int, str]]

_own_ways: dict[str, OwnWays] = {}
_paymasters: dict[str, Paymaster] = {}
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


def register_finder(name: str, finder: Finder) -> None:
    """Find orders by something of a plugin's own (a slip's code). Raises ValueError for a name that is taken."""
    if name in _finders:
        raise ValueError(f"finder {name!r} is already registered")
    _finders[name] = finder


def found_by_plugins(text: str) -> set[int]:
    """The orders that a text means to any of the plugins; not narrowed to anybody's scope."""
    return {key for finder in _finders.values() for key in finder(text)}


def register_pickup_codes(name: str, codes: PickupCodes) -> None:
    """Tell the code by which goods are fetched to whoever tells the buyer. Raises ValueError for a name taken."""
    if name in _pickup_codes:
        raise ValueError(f"pick-up codes {name!r} are already registered")
    _pickup_codes[name] = codes


def pickup_code_of(order_id: int) -> str:
    """The code that an order's goods are handed over for; "" where there is none. A secret of the buyer's."""
    return next((found for codes in _pickup_codes.values() if (found := codes(order_id))), "")


def register_pickup_places(name: str, places: PickupPlaces) -> None:
    """Tell where an order's goods are fetched. Raises ValueError for a name that is taken."""
    if name in _pickup_places:
        raise ValueError(f"pick-up places {name!r} are already registered")
    _pickup_places[name] = places


def pickup_place_of(order_id: int) -> PickupPlace | None:
    """Where an order's goods are fetched; None where nobody knows."""
    return next((found for places in _pickup_places.values() if (found := places(order_id))), None)


def register_paymaster(name: str, paymaster: Paymaster) -> None:
    """Pay out what was taken over a counter. Raises ValueError for a name that is taken."""
    if name in _paymasters:
        raise ValueError(f"paymaster {name!r} is already registered")
    _paymasters[name] = paymaster


def paymaster_of(order_id: int) -> tuple[Paymaster, Taken] | None:
    """Who took an order's money over a counter, and how; None for money that came another way."""
    for paymaster in _paymasters.values():
        taken = paymaster.took(order_id)
        if taken is not None:
            return paymaster, taken
    return None


def register_own_way(name: str, ways: OwnWays) -> None:
    """Have lines of a plugin's goods refunded in its own way only. Raises ValueError for a name that is taken."""
    if name in _own_ways:
        raise ValueError(f"own way {name!r} is already registered")
    _own_ways[name] = ways


def own_ways_of(order_line_ids: Collection[int]) -> dict[int, str]:
    """The order lines that after-sale does not take, with what to tell the customer."""
    if not order_line_ids:
        return {}
    return {line: words for ways in _own_ways.values() for line, words in ways(order_line_ids).items()}
