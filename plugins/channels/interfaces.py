"""What other plugins may use of the channels."""

from .blockers import Blocker, register_blocker
from .errors import ChannelError, ChannelErrorCode
from .models import Channel, CustomerBinding
from .owners import owned_channels, register_owner_page
from .pricing import CHANNEL_KEY, at_own_prices, channel_code_of, shop_prices
from .selectors import channel_of_code, count_visit, offers_of, open_channel
from .services.binding import BINDING_TYPES, bind_on_visit, current_binding
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
    "at_own_prices",
    "bind_on_visit",
    "channel_code_of",
    "channel_of_code",
    "count_visit",
    "current_binding",
    "offers_of",
    "open_channel",
    "owned_channels",
    "register_blocker",
    "register_owner_page",
    "shop_prices",
]
