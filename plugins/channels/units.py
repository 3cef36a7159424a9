"""What channels mean for their unit: it cannot close over them."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import Blocker, OrgUnit, register_blocker

from .types import ChannelStatus, ChannelType


def install() -> None:
    """Register with the organisation; called once when the app is ready."""
    register_blocker("channels.channels", _channels)
    register_blocker("channels.devices", _devices)
    register_blocker("channels.materials", _materials)


def _channels(unit: OrgUnit) -> Iterable[Blocker]:
    from .models import Channel

    # the unit's own counter ends with it
    still = Channel.objects.filter(unit=unit).exclude(status=ChannelStatus.LEFT)
    count = still.exclude(type=ChannelType.OUTLET).count()
    href = reverse("admin:o2o_channels_channel_changelist")
    return [Blocker(_("未退出的渠道"), count, f"{href}?unit__id__exact={unit.pk}")]


def _devices(unit: OrgUnit) -> Iterable[Blocker]:
    from .models import Device, DeviceState

    count = Device.objects.filter(unit=unit).exclude(state=DeviceState.SCRAPPED).count()
    return [Blocker(_("未移交的设备"), count, reverse("admin:o2o_channels_device_changelist"))]


def _materials(unit: OrgUnit) -> Iterable[Blocker]:
    from .models import MaterialStock

    count = MaterialStock.objects.filter(unit=unit, quantity__gt=0).count()
    return [Blocker(_("未清点的物料"), count, reverse("admin:o2o_channels_materialstock_changelist"))]
