"""The login of a shop's owner: given by the branch, proved by a mailed link, taken away again."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _
from saleor.account.emails import send_set_password_email_with_url
from saleor.account.models import User

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.locks import lock_rows

from .. import audits
from ..errors import ChannelError, ChannelErrorCode
from ..models import Channel
from ..owners import owned_channels, owner_page
from ..types import ChannelStatus
from .binding import BINDING_TYPES

_TOO_EARLY = (ChannelStatus.APPLIED, ChannelStatus.REVIEW, ChannelStatus.LEFT)


def may_have_owner(channel: Channel) -> bool:
    """True for a channel that belongs to a person, once it was admitted, where there is a page for owners."""
    return bool(owner_page()) and channel.type in BINDING_TYPES and channel.status not in _TOO_EARLY


def give_login(channel: Channel, email: str) -> User:
    """Tie a channel to the login with this address; one that is not there yet is made, and sent a link for a password.

    A shopper's account becomes the owner's as it is. The mail goes out after the commit, to that address alone; done
    again for the same address, it is sent once more to somebody who has no password yet. Locks: the channel. Raises
    ChannelError: WRONG_STATE, INVALID (no address), OWNER_IS_STAFF, OWNER_HAS_SHOP.
    """
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError as error:
        raise ChannelError(ChannelErrorCode.INVALID, _("请填写正确的邮箱"), "email") from error
    with transaction.atomic():
        [row] = lock_rows(Channel.objects.select_related("unit").filter(pk=channel.pk))
        if not may_have_owner(row):
            raise ChannelError(ChannelErrorCode.WRONG_STATE, _("审核通过、尚未退出的微店和站点才有店主登录"))
        user = User.objects.filter(email__iexact=address).first()
        if user is not None and user.is_staff:
            raise ChannelError(
                ChannelErrorCode.OWNER_IS_STAFF, _("这个邮箱是员工账号，不能作店主登录"), "email",
                _("请用店主本人的邮箱"),
            )  # fmt: skip
        if user is not None and owned_channels(user).exclude(pk=row.pk).exists():
            raise ChannelError(
                ChannelErrorCode.OWNER_HAS_SHOP,
                _("这个账号已是另一家店的店主"),
                "email",
                _("请先解除那家店的登录"),
            )
        if user is None:
            user = User.objects.create_user(address, None, first_name=row.owner_name)  # type: ignore[no-untyped-call]
            user.set_unusable_password()  # stock leaves it empty, which reads as one that was set
            user.save(update_fields=["password"])
        before, row.owner_user = row.owner_user_id, user
        row.save(update_fields=["owner_user"])
        _note(row, before)
        if not user.password or not user.has_usable_password():  # stock leaves it empty where none is given
            page = f"{settings.PUBLIC_URL}{owner_page()}"
            transaction.on_commit(lambda: send_set_password_email_with_url(page, user))
    channel.owner_user = user
    return user


def take_login(channel: Channel) -> None:
    """Untie the owner's login: from the next request on it is a shopper's. Locks: the channel."""
    with transaction.atomic():
        [row] = lock_rows(Channel.objects.select_related("unit").filter(pk=channel.pk))
        before, row.owner_user = row.owner_user_id, None
        row.save(update_fields=["owner_user"])
        _note(row, before)
    channel.owner_user = None


def _note(row: Channel, before: int | None) -> None:
    audit.record(
        audits.OWNER_LOGIN, row, before={"owner_user": before}, after={"owner_user": row.owner_user_id},
        org_path=row.unit.path,
    )  # fmt: skip
