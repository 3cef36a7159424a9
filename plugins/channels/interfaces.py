"""What other plugins may use of the channels."""

from .blockers import Blocker, register_blocker
from .errors import ChannelError, ChannelErrorCode
from .models import Channel, CustomerBinding
from .pricing import CHANNEL_KEY, channel_code_of
from .selectors import channel_of_code, open_channel
from .services.binding import BINDING_TYPES, current_binding
from .types import OPEN, OWN_TYPES, ChannelStatus, ChannelType, Rank

__all__ = [
    "BINDING_TYPES",
    "CHANNEL_KEY",
    "OPEN",
    "OWN_TYPES",
    "Blocker",
    "Channel",
    "ChannelError",
    "ChannelErrorCode",
    "ChannelStatus",
    "ChannelType",
    "CustomerBinding",
    "Rank",
    "channel_code_of",
    "channel_of_code",
    "current_binding",
    "open_channel",
    "register_blocker",
]
