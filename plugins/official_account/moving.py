"""Fans lead to the account that stays when two of one person become one."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import register_customer_erasure, register_customer_move

from .models import Fan


def install() -> None:
    """Register; called once when the app is ready."""
    register_customer_move("official_account", _move, _("公众号粉丝"))
    register_customer_erasure("official_account", _cut)


def _move(old: Any, new: Any) -> int:
    return int(Fan.objects.filter(user=old).update(user=new))


def _cut(user: Any) -> int:
    """A closed account is nobody's here; the row stays known by what it is known by itself."""
    return int(Fan.objects.filter(user=user).update(user=None))
