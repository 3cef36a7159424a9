"""Writing a channel down and changing its particulars."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from saleor_o2o.kernel import audit

from .. import audits, codes
from ..errors import ChannelError, ChannelErrorCode
from ..identity import clean_id_number, clean_mobile, id_index, mobile_index
from ..models import Channel
from ..types import OWN_TYPES, ChannelStatus, ChannelType


def check_channel(channel: Channel) -> None:
    """Bring the owner's numbers into their form and check what the table cannot say to people.

    Raises ChannelError: REQUIRED without an owner where one is needed, what the identity checks raise, ALREADY_APPLIED
    for a second open shop of one person, INVALID for a second counter of one unit or a position outside the country.
    """
    if channel.owner_mobile:
        channel.owner_mobile = clean_mobile(channel.owner_mobile, "owner_mobile")
    if channel.owner_id_number:
        channel.owner_id_number = clean_id_number(channel.owner_id_number, "owner_id_number")
    channel.owner_mobile_index = mobile_index(channel.owner_mobile) if channel.owner_mobile else ""
    channel.owner_id_index = id_index(channel.owner_id_number) if channel.owner_id_number else ""
    if not channel.name.strip():
        raise ChannelError(ChannelErrorCode.REQUIRED, _("请填写名称"), "name")
    if channel.type not in OWN_TYPES and not channel.owner_staff_id and not channel.owner_name:
        raise ChannelError(ChannelErrorCode.REQUIRED, _("请填写店主姓名，或选择负责员工"), "owner_name")
    for field, least, most in (("lng", 73, 136), ("lat", 3, 54)):
        value = getattr(channel, field)
        if value is not None and not least <= value <= most:
            raise ChannelError(ChannelErrorCode.INVALID, _("坐标不在国内，请核对经纬度是否颠倒"), field)
    first, last = channel.agreement_from, channel.agreement_to
    if first and last and first > last:
        raise ChannelError(ChannelErrorCode.INVALID, _("协议止期不能早于起期"), "agreement_to")
    _check_twins(channel)


def save_channel(channel: Channel) -> Channel:
    """Save a new or changed channel with its indexes and audit; `status` moves elsewhere. Raises as `check_channel`."""
    check_channel(channel)
    before: dict[str, Any] = {}
    fresh = channel.pk is None
    if fresh:
        channel.code = codes.new_code()
    else:
        before = audit.snapshot(Channel.objects.get(pk=channel.pk))
    try:
        with transaction.atomic():
            if fresh:
                channel.save()
            else:
                # the state is another's to write: a form may be older than a move
                names = [f.name for f in Channel._meta.concrete_fields if f.name not in _MOVED_ONLY]
                channel.save(update_fields=names)
            audit.record(
                audits.CREATED if fresh else audits.EDITED, channel, before=before,
                after=audit.snapshot(channel), org_path=channel.unit.path,
            )  # fmt: skip
    except IntegrityError as error:  # a twin, written in between
        raise _twin(channel) from error
    return channel


_MOVED_ONLY = frozenset({"id", "code", "status", "paused_from", "opened_on", "left_on", "created_at"})


def _check_twins(channel: Channel) -> None:
    others = (
        Channel.objects.exclude(pk=channel.pk).exclude(status=ChannelStatus.LEFT).filter(type=channel.type)
    )
    if channel.type == ChannelType.OUTLET:
        found = others.filter(unit=channel.unit)
    elif channel.type == ChannelType.MICRO_SHOP and channel.owner_id_index:
        found = others.filter(owner_id_index=channel.owner_id_index)
    else:
        return
    if found.exists():
        raise _twin(channel)


def _twin(channel: Channel) -> ChannelError:
    if channel.type == ChannelType.OUTLET:
        return ChannelError(ChannelErrorCode.INVALID, _("该机构已有网点渠道"), "unit")
    return ChannelError(
        ChannelErrorCode.ALREADY_APPLIED, _("该证件号已有微店或办理中的申请"), "owner_id_number"
    )
