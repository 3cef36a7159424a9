"""People known to the counters lead to the account that stays when two become one."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import register_customer_erasure, register_customer_move

from .models import CounterCustomer


def install() -> None:
    """Register; called once when the app is ready."""
    register_customer_move("counter_sales", _move, _("柜台顾客"))
    register_customer_erasure("counter_sales", _cut)


def _move(old: Any, new: Any) -> int:
    return int(CounterCustomer.objects.filter(user=old).update(user=new))


def _cut(user: Any) -> int:
    """Whoever closed the account is known to the counters no more; sales keep what was written on them."""
    keys = list(CounterCustomer.objects.filter(user=user).order_by("pk").values_list("pk", flat=True))
    for key in keys:
        CounterCustomer.objects.filter(pk=key).update(
            user=None, phone="", phone_index=f"erased:{key}", name=""
        )
    return len(keys)
