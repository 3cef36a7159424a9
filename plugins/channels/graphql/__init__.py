"""GraphQL of the channels."""

from .mutations import ChannelMutations
from .queries import ChannelQueries

__all__ = ["ChannelMutations", "ChannelQueries"]
