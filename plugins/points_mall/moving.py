"""Two members become one: what either exchanged counts for the kept one's limits."""

from __future__ import annotations

from saleor.account.models import User

from plugins.members.interfaces import Member
from plugins.org_hierarchy.interfaces import register_customer_move

from .models import Exchange


def install() -> None:
    """Register; called once when the app is ready."""
    register_customer_move("points_mall.exchanges", _move)


def _move(old: User, new: User) -> int:
    kept = Member.objects.filter(user=new).first()
    return int(Exchange.objects.filter(member__user=old).update(member=kept)) if kept is not None else 0
