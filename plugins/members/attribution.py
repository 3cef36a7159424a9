"""Whose order it is that has no address (money on account, a membership): the home branch of its member."""

from __future__ import annotations

from typing import Any

from plugins.org_hierarchy.interfaces import Claim, register_source

from .models import Member


def install() -> None:
    """Register the source `member_home`; called once when the app is ready."""
    register_source("member_home", 65, claim)


def claim(order: Any, _origin: Any) -> Claim | None:
    """The member's home branch, where the order says nothing of a place. One statement, or none."""
    if order.user_id is None or order.shipping_address_id or order.billing_address_id:
        return None
    found = Member.objects.filter(user_id=order.user_id).select_related("home_unit").first()
    unit = found.home_unit if found is not None else None
    return Claim(unit, "member_home") if unit is not None else None
