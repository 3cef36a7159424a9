"""What raises a member's points beside the level: rates of other plugins, of which the highest counts, alone."""

from __future__ import annotations

from collections.abc import Callable

#: Given a member's key, how many percent of the ordinary points he has; 100 for no more than everybody.
Boost = Callable[[int], int]
_boosts: dict[str, Boost] = {}


def register_boost(name: str, boost: Boost) -> None:
    """Let a plugin raise members' points; apps call it when they are ready. Raises ValueError for a name taken."""
    if name in _boosts:
        raise ValueError(f"boost {name!r} is already registered")
    _boosts[name] = boost


def percent_of(member_id: int, level: int) -> int:
    """The highest rate that a member has, of his level's and the plugins'."""
    return max([level, *(boost(member_id) for boost in _boosts.values())])
