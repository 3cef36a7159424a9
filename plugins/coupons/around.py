"""What the member's page shows of coupons, and whose birthday it is."""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Q
from django.http import HttpRequest

from plugins.members.interfaces import Member, MemberStatus
from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.columns import at, link
from saleor_o2o.backoffice.customers import MOST, register_customer_part
from saleor_o2o.kernel.scope import policy_for, rows_for

from .models import Coupon
from .permissions import VIEW
from .services.managing import use_birthdays


def install() -> None:
    """Register; called once when the app is ready."""
    register_customer_part("coupons.coupons", _coupons)
    use_birthdays(born_on)


def _coupons(request: HttpRequest, user: Any) -> Table | None:
    """The newest coupons of a member; one statement. None for whoever may not see coupons."""
    asker: Any = request.user
    if not policy_for(Coupon).may(asker, VIEW, Coupon):
        return None
    rows = rows_for(asker, Coupon).filter(member__user=user).select_related("template").order_by("-pk")
    return Table(
        "优惠券",
        ("券号", "优惠券", "优惠", "状态", "怎样得到", "失效"),
        [
            (link("o2o_coupons_coupon", one.pk, one.number), one.template.name, one.template.in_words,
             one.get_state_display(), one.get_mode_display(), at(one.valid_until))
            for one in rows[:MOST]
        ],
    )  # fmt: skip


def born_on(day: date) -> Iterable[Member]:
    """Members in good standing whose birthday a day is; who was born on 29 February has it on the 28th otherwise."""
    born = Q(profile__birthday__month=day.month, profile__birthday__day=day.day)
    if (day.month, day.day) == (2, 28) and not calendar.isleap(day.year):
        born |= Q(profile__birthday__month=2, profile__birthday__day=29)
    rows = Member.objects.filter(born, status=MemberStatus.ACTIVE).select_related("home_unit")
    return rows.order_by("pk").iterator(500)
