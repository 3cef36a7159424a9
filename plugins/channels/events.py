"""What the channels tell others, after the commit."""

from __future__ import annotations

from dataclasses import dataclass

from saleor_o2o.kernel.events import Event


@dataclass(frozen=True)
class ChannelMoved(Event):
    """A channel changed its state."""

    name = "channels.channel_moved"

    channel_id: int
    code: str
    type: str
    source: str
    target: str


@dataclass(frozen=True)
class CustomerBound(Event):
    """A customer belongs to another channel from now on; `before` is the channel he leaves, if any."""

    name = "channels.customer_bound"

    customer_id: int
    channel_id: int
    before: int | None


@dataclass(frozen=True)
class CodeScanned(Event):
    """A customer scanned the code of a channel (in WeChat, or before he logged in); `campaign` as printed with it."""

    name = "channels.code_scanned"

    customer_id: int
    channel_id: int
    campaign: str
