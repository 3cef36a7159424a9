"""What WeChat tells of a follower: the unionid, and by which way he came. No name, no sex, no place: it tells none."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from saleor_o2o.cashier.sweeping import drive_each
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import blind_index
from saleor_o2o.kernel.locks import lock_rows

from ..client import call
from ..errors import WechatRefused
from ..models import AccountState, Fan

#: An answer without effect is not asked for again before.
REST = timedelta(hours=6)


def unionid_index(unionid: str) -> str:
    """What a unionid is found by, over all accounts; its case counts."""
    return blind_index(unionid.encode().hex(), "official_account.unionid")


def sync_fan(fan_pk: int) -> None:
    """Ask WeChat for one follower. Raises WechatSilent; a refusal is noted and rests. Calls WeChat: no transaction."""
    fan = Fan.objects.select_related("account").get(pk=fan_pk)
    found: dict[str, Any] = {}
    try:
        found = call(fan.account, lambda api: api.user.get(fan.openid))
    except WechatRefused:  # not one of ours, or no right to ask: asking at once again changes nothing
        found = {}
    unionid = found.get("unionid") or ""
    with transaction.atomic():
        [fan] = lock_rows(Fan.objects.filter(pk=fan_pk))
        fan.synced_at = now()
        if isinstance(unionid, str) and unionid:
            fan.unionid, fan.unionid_index = unionid[:64], unionid_index(unionid[:64])
        fan.way = str(found.get("subscribe_scene") or fan.way)[:40]
        fan.save(update_fields=["synced_at", "unionid", "unionid_index", "way"])


def sync_due(limit: int = 100) -> int:
    """Ask for followers who came, or came back, since they were asked for last; returns how many."""
    new = Q(synced_at__isnull=True) | Q(synced_at__lt=F("last_followed_at"))
    rows = Fan.objects.filter(new, is_following=True, account__state=AccountState.ACTIVE)
    rows = rows.exclude(synced_at__gt=now() - REST).order_by("pk")
    return drive_each(rows.values_list("pk", flat=True)[:limit], sync_fan)
