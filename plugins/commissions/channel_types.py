"""The types of channels as rules know them, and which of them belong to somebody else than the company."""

from __future__ import annotations

from plugins.channels.types import OWN_TYPES, ChannelType

#: A channel of these types is somebody's own business: at the lowest rank the share is the channel's, not the unit's.
PARTNERS = frozenset(str(kind) for kind in ChannelType) - frozenset(map(str, OWN_TYPES))


def channel_label(code: str) -> str:
    """What people call a type; the code itself when nobody knows it."""
    return str(dict(ChannelType.choices).get(code, code))
