"""Two members become one: their businesses too. Of a closed account nothing is left that could find the customer."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from saleor.account.models import User

from plugins.members.interfaces import Member
from plugins.org_hierarchy.interfaces import register_customer_erasure, register_customer_move

from .models import PostalBusiness
from .who import COLUMNS


def install() -> None:
    """Register; called once when the app is ready."""
    register_customer_move("postal_points.businesses", _move, _("邮政业务积分"))
    register_customer_erasure("postal_points.customers", _forget)


def _move(old: User, new: User) -> int:
    kept = Member.objects.filter(user=new).first()
    if kept is None:
        return 0
    return int(PostalBusiness.objects.filter(member__user=old).update(member=kept))


def _forget(user: Any) -> int:
    blank = dict.fromkeys(COLUMNS.values(), "")
    return int(PostalBusiness.objects.filter(member__user_id=user.pk).update(clue="", **blank))
