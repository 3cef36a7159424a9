"""A shopper's checkout and the shop it was filled in."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from saleor.checkout.models import Checkout

from saleor_o2o.kernel.locks import lock_rows

from ..errors import ChannelError, ChannelErrorCode
from ..models import Channel
from ..pricing import CHANNEL_KEY
from ..selectors import open_channel


def attribute_checkout(token: UUID, code: str) -> tuple[Checkout, Channel | None]:
    """Note the channel of a checkout; an empty code takes the note away. Returns both.

    Locks: the checkout. Raises ChannelError: NOT_FOUND for a checkout that is gone, SHOP_CLOSED; LockTimeout.
    """
    channel = open_channel(code) if code.strip() else None
    with transaction.atomic():
        rows = lock_rows(Checkout.objects.filter(pk=token))
        if not rows:
            raise ChannelError(ChannelErrorCode.NOT_FOUND, _("购物车不存在"), "checkout_id")
        checkout = rows[0]
        if channel is None:
            checkout.delete_value_from_private_metadata(CHANNEL_KEY)
        else:
            checkout.store_value_in_private_metadata({CHANNEL_KEY: channel.code})
        checkout.save(update_fields=["private_metadata"])
    return checkout, channel


def note_basket(checkout: Checkout, source: str) -> None:
    """Note the shop that an unsaved basket was filled in. Raises ChannelError SHOP_CLOSED, NOT_FOUND."""
    checkout.store_value_in_private_metadata({CHANNEL_KEY: open_channel(source).code})
