"""The types of channels as rules know them, and which of them belong to somebody else than the company."""

from __future__ import annotations

from plugins.channels.interfaces import OWN_TYPES, ChannelType

__all__ = ["CHANNEL_TYPES", "PARTNERS", "ChannelType", "channel_label"]

#: Codes and what people call them.
CHANNEL_TYPES: dict[str, str] = {kind.value: str(kind.label) for kind in ChannelType}
#: A channel of these types is somebody's own business: at the lowest rank the share is the channel's, not the unit's.
PARTNERS = frozenset(str(kind) for kind in ChannelType) - frozenset(map(str, OWN_TYPES))


def channel_label(code: str) -> str:
    """What people call a type; the code itself when nobody knows it."""
    return CHANNEL_TYPES.get(code, code)
