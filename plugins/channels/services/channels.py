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
from ..types import OWN_TYPES, ChannelType


def save_channel(channel: Channel) -> Channel:
    """Save a new or changed channel with its indexes and audit; `status` moves elsewhere.

    Raises ChannelError: REQUIRED without an owner where one is needed, what the identity checks raise, ALREADY_APPLIED
    for a second open shop of one person, INVALID for a second counter of one unit.
    """
    if channel.owner_mobile:
        channel.owner_mobile = clean_mobile(channel.owner_mobile, "owner_mobile")
    if channel.owner_id_number:
        channel.owner_id_number = clean_id_number(channel.owner_id_number, "owner_id_number")
    channel.owner_mobile_index = mobile_index(channel.owner_mobile) if channel.owner_mobile else ""
    channel.owner_id_index = id_index(channel.owner_id_number) if channel.owner_id_number else ""
    if channel.type not in OWN_TYPES and not channel.owner_staff_id and not channel.owner_name:
        raise ChannelError(ChannelErrorCode.REQUIRED, _("请填写店主姓名，或选择负责员工"), "owner_name")
    before: dict[str, Any] = {}
    fresh = channel.pk is None
    if fresh:
        channel.code = codes.new_code()
    else:
        before = audit.snapshot(Channel.objects.get(pk=channel.pk))
    try:
        with transaction.atomic():
            channel.save()
            audit.record(
                audits.CREATED if fresh else audits.EDITED, channel, before=before,
                after=audit.snapshot(channel), org_path=channel.unit.path,
            )  # fmt: skip
    except IntegrityError as error:
        if channel.type == ChannelType.OUTLET:
            raise ChannelError(ChannelErrorCode.INVALID, _("该机构已有网点渠道"), "unit") from error
        raise ChannelError(
            ChannelErrorCode.ALREADY_APPLIED, _("该证件号已有微店或办理中的申请"), "owner_id_number"
        ) from error
    return channel
