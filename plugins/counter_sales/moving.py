"""People known to the counters lead to the account that stays when two become one."""

from __future__ import annotations

from typing import Any

from plugins.org_hierarchy.interfaces import register_customer_move

from .models import CounterCustomer


def install() -> None:
    """Register; called once when the app is ready."""
    register_customer_move("counter_sales", _move)


def _move(old: Any, new: Any) -> int:
    return int(CounterCustomer.objects.filter(user=old).update(user=new))
