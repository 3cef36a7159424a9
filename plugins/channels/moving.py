"""Bindings and shops go along when two accounts become one; a closed account is bound to nobody."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import (
    ClosingBlocker,
    register_closing_blocker,
    register_customer_erasure,
    register_customer_move,
)
from saleor_o2o.kernel.clock import now

from .models import Channel, CustomerBinding
from .types import ChannelStatus


def install() -> None:
    """Register; called once when the app is ready."""
    register_customer_move("channels", _move, _("渠道绑定与店铺"))
    register_closing_blocker("channels.shops", _open_shops)
    register_customer_erasure("channels", _cut)


def _move(old: Any, new: Any) -> int:
    """A customer is bound to one channel: where both are, the account that stays keeps its own."""
    live = CustomerBinding.objects.filter(customer=old, ended_at__isnull=True)
    if CustomerBinding.objects.filter(customer=new, ended_at__isnull=True).exists():
        live.update(ended_at=now(), end_reason=_("会员合并"))
    moved = CustomerBinding.objects.filter(customer=old).update(customer=new)
    moved += Channel.objects.filter(owner_user=old).update(owner_user=new)
    return int(moved)


def _open_shops(user: Any) -> list[ClosingBlocker]:
    """A shop has customers, stock and commissions: it is given up before its owner leaves."""
    count = Channel.objects.filter(owner_user=user).exclude(status=ChannelStatus.LEFT).count()
    if not count:
        return []
    return [ClosingBlocker(_("您名下还有 %(count)d 家店铺") % {"count": count}, _("请先到所属机构办理退店"))]


def _cut(user: Any) -> int:
    """The binding ends; it stays as what commissions were reckoned by, of a customer whom nobody knows any more."""
    live = CustomerBinding.objects.filter(customer=user, ended_at__isnull=True)
    return int(live.update(ended_at=now(), end_reason=_("会员注销")))
