"""Devices: handed out, taken back, repaired, scrapped."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.states import move

from .. import audits
from ..errors import ChannelError, ChannelErrorCode
from ..models import Channel, Device
from ..types import ChannelStatus


def move_device(device: Device, name: str, *, channel: Channel | None = None, reason: str = "") -> Device:
    """Run a transition of a device; `hand_out` takes the channel.

    Locks: the channel, then the device. Raises IllegalMove, LockTimeout, and ChannelError: REQUIRED without a channel,
    WRONG_STATE for a channel that has left, INVALID for one outside the device's unit.
    """
    with transaction.atomic():
        arguments: dict[str, Any] = {}
        if name == "hand_out":
            if channel is None:
                raise ChannelError(ChannelErrorCode.REQUIRED, _("请选择领用渠道"), "channel")
            [taker] = lock_rows(Channel.objects.select_related("unit").filter(pk=channel.pk))
            if taker.status == ChannelStatus.LEFT:
                raise ChannelError(ChannelErrorCode.WRONG_STATE, _("渠道已退出，不能领用"), "channel")
            if not taker.unit.path.startswith(device.unit.path):
                raise ChannelError(ChannelErrorCode.INVALID, _("只能发给本机构及下属的渠道"), "channel")
            arguments["channel"] = taker
        holder = device.channel.code if device.channel is not None else ""
        before = {"state": device.state, "channel": holder}
        move(device, name, reason=reason, **arguments)
        audit.record(
            audits.DEVICE, device, before=before,
            after={"state": device.state, "channel": device.channel.code if device.channel else ""},
            org_path=device.unit.path,
        )  # fmt: skip
    return device
