"""What waits on the home page: card payments that people must look at."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from saleor_o2o.backoffice.todo import Todo
from saleor_o2o.kernel.money import format_yuan
from saleor_o2o.kernel.scope import rows_for

from .admin import ATTENTION
from .models import StripeCharge

SHOWN = 5


def todo(user: Any) -> list[Todo]:
    """At most five, of those in the user's reach."""
    if not user.has_perm("payment.view"):
        return []
    waiting = rows_for(user, StripeCharge).exclude(attention="").order_by("created_at")[:SHOWN]
    return [
        Todo(
            _("银行卡收款待处理 %(number)s") % {"number": charge.number},
            f"{ATTENTION.get(charge.attention, charge.attention)} {format_yuan(charge.amount)}",
            reverse("admin:o2o_stripe_pay_stripecharge_change", args=[charge.pk]),
            charge.created_at,
        )
        for charge in waiting
    ]
