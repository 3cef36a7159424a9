"""How an operation comes to a channel: through the scope of whoever asks, and with the right it needs."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from plugins.org_hierarchy.interfaces import Staff, staff_of
from saleor_o2o.kernel.numbering import InvalidNumber, clean_code
from saleor_o2o.kernel.scope import OutOfScope, get_row, require

from ..errors import ChannelError, ChannelErrorCode
from ..models import Channel


def channel_for(user: Any, code: str, permission: str, field: str = "code") -> Channel:
    """A channel by its code. Raises OutOfScope for one out of sight, NotAllowed without the permission over it."""
    try:
        cleaned = clean_code(code, field)
    except InvalidNumber as error:
        raise OutOfScope from error
    channel = get_row(user, Channel.objects.select_related("unit"), code=cleaned)
    require(user, permission, channel)
    return channel


def staff_for(user: Any) -> Staff:
    """The member of the staff who acts. Raises ChannelError PERMISSION_DENIED for anybody else."""
    staff = staff_of(user)
    if staff is None:
        raise ChannelError(ChannelErrorCode.PERMISSION_DENIED, _("只有在职员工可以登记"))
    return staff
