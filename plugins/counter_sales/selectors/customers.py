"""Customers by telephone number."""

from __future__ import annotations

from typing import Any

from saleor.account.models import User

from plugins.members.interfaces import IdentityKind, MemberStatus, member_by

from ..models import CounterCustomer
from ..phones import clean_phone, phone_index


def customer_by_phone(text: str) -> CounterCustomer | None:
    """The customer with this number, by its blind index. Raises CounterError PHONE_INVALID."""
    phone = clean_phone(text)
    return CounterCustomer.objects.filter(phone_index=phone_index(phone)).first()


def account_by_phone(phone: str) -> Any:
    """The account of the member with this (cleaned) number, else the one that has an address with it.

    None for none, or for several.
    """
    member = member_by(IdentityKind.MOBILE, phone)
    if member is not None:
        return member.user if member.status == MemberStatus.ACTIVE else None
    users = User.objects.filter(addresses__phone=f"+86{phone}", is_active=True, is_staff=False).distinct()[:2]
    found = list(users)
    return found[0] if len(found) == 1 else None
