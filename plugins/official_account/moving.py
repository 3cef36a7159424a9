"""Fans lead to the account that stays when two of one person become one."""

from __future__ import annotations

from typing import Any

from plugins.org_hierarchy.interfaces import register_customer_move

from .models import Fan


def install() -> None:
    """Register; called once when the app is ready."""
    register_customer_move("official_account", _move)


def _move(old: Any, new: Any) -> int:
    return int(Fan.objects.filter(user=old).update(user=new))
