"""News from other plugins."""

from __future__ import annotations

from django.utils.translation import gettext as _

from plugins.org_hierarchy.events import UnitClosed
from saleor_o2o.kernel.events import receives

from .models import Channel
from .services.moves import end_counter
from .types import ChannelStatus, ChannelType


@receives(UnitClosed, order=50, plugin="channels")
def close_counter(event: UnitClosed) -> None:
    """A unit's own counter ends with it. Other channels have kept it from closing."""
    counters = Channel.objects.filter(unit_id=event.unit_id, type=ChannelType.OUTLET)
    for channel in counters.exclude(status=ChannelStatus.LEFT):
        end_counter(channel, _("机构撤并"))
