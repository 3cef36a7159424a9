"""A member is forgotten: what the law and the accounts need stays, whose it was does not.

What stays: orders with their addresses as they were sent (the electronic commerce law, art. 31: three years), payments,
refunds, the number, the moves of state, the audit. What goes: everything that says who the member is.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q
from saleor.account.models import Address, CustomerEvent, CustomerNote
from saleor.checkout.models import Checkout
from saleor.order.models import Order
from saleor.wishlist.models import Wishlist

from plugins.org_hierarchy.interfaces import customer_erasures
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import require_transaction

from ..models import (
    Favourite,
    Footprint,
    InvoiceTitle,
    Member,
    MemberIdentity,
    MemberProfile,
    MemberTag,
    Passenger,
    PayerNumber,
    RealNameCheck,
    SmsMessage,
    Vehicle,
    VerificationCode,
)
from ..numbers import address_of
from .sms import mobile_index

OWN = (
    MemberProfile,
    Passenger,
    PayerNumber,
    Vehicle,
    InvoiceTitle,
    Favourite,
    Footprint,
    MemberTag,
    RealNameCheck,
)


def erase(member: Member) -> int:
    """Take everything away that says who a member is, in the caller's transaction, who has locked the member.

    Returns how many rows were touched. Identities are free for somebody else afterwards. Twice is harmless.
    """
    require_transaction()
    touched = sum(forget(member.user) for forget in customer_erasures().values())
    touched += _identities(member)
    for model in OWN:
        touched += model._default_manager.filter(member=member).delete()[0]
    touched += member.sessions.update(device="", device_index="", ip=None)
    touched += _addresses(member)
    touched += _user(member)
    return touched


def _identities(member: Member) -> int:
    """The row stays with its kind and times; its value, and what was sent to it, go."""
    rows = list(MemberIdentity.objects.filter(member=member).order_by("pk"))
    mobiles = [mobile_index(one.value) for one in rows if one.kind == "mobile" and one.value]
    SmsMessage.objects.filter(mobile_index__in=mobiles).update(mobile="", mobile_index="")
    VerificationCode.objects.filter(mobile_index__in=mobiles).delete()
    moment = now()
    for one in rows:
        MemberIdentity.objects.filter(pk=one.pk).update(
            value="", value_index="", is_primary=False, released_at=one.released_at or moment
        )
    return len(rows)


def _addresses(member: Member) -> int:
    """The book is emptied; a row that an order points at stays the order's."""
    user = member.user
    keys = list(user.addresses.order_by("pk").values_list("pk", flat=True))
    user.default_shipping_address = user.default_billing_address = None
    user.save(update_fields=["default_shipping_address", "default_billing_address"])
    user.addresses.clear()
    kept = Order.objects.filter(Q(shipping_address_id__in=keys) | Q(billing_address_id__in=keys))
    held = {key for pair in kept.values_list("shipping_address_id", "billing_address_id") for key in pair}
    Checkout.objects.filter(user=user).delete()
    Address.objects.filter(pk__in=set(keys) - held).delete()
    return len(keys)


def _user(member: Member) -> int:
    user = member.user
    with transaction.atomic():
        CustomerEvent.objects.filter(user=user).delete()
        CustomerNote.objects.filter(customer=user).delete()
        Wishlist.objects.filter(user=user).delete()
        Order.objects.filter(user=user).update(user_email=address_of(member.number))
        user.email = address_of(member.number)
        user.first_name = user.last_name = ""
        user.note = None
        if user.avatar:
            user.avatar.delete(save=False)
        user.avatar = None
        user.metadata, user.private_metadata = {}, {}
        user.is_active = False
        user.set_unusable_password()
        user.save()
    return 1
