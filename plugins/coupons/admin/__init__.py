"""Pages of coupons, and the way to them from a member's page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from plugins.members.interfaces import Member
from saleor_o2o.backoffice.doors import add_doors, door

from ..permissions import VIEW
from . import coupons, givings, templates

__all__ = ["coupons", "givings", "templates"]


def _doors(request: HttpRequest, member: Any) -> Sequence[Mapping[str, Any]]:
    """The member's coupons, for whoever may see coupons."""
    if not request.user.has_perm(VIEW):
        return []
    address = reverse("admin:o2o_coupons_coupon_changelist")
    return [door(_("优惠券"), "confirmation_number", f"{address}?q={member.number}")]


add_doors(Member, _doors)
