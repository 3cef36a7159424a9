"""Bindings and shops go along when two accounts of one person become one."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import register_customer_move
from saleor_o2o.kernel.clock import now

from .models import Channel, CustomerBinding


def install() -> None:
    """Register; called once when the app is ready."""
    register_customer_move("channels", _move, _("渠道绑定与店铺"))


def _move(old: Any, new: Any) -> int:
    """A customer is bound to one channel: where both are, the account that stays keeps its own."""
    live = CustomerBinding.objects.filter(customer=old, ended_at__isnull=True)
    if CustomerBinding.objects.filter(customer=new, ended_at__isnull=True).exists():
        live.update(ended_at=now(), end_reason=_("会员合并"))
    moved = CustomerBinding.objects.filter(customer=old).update(customer=new)
    moved += Channel.objects.filter(owner_user=old).update(owner_user=new)
    return int(moved)
