"""What WeChat tells of a follower: the unionid, by which way he came and when, the remark and tags.

No name, no sex, no place: it tells none.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import blind_index
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.sweeping import drive_each

from ..client import call
from ..errors import WechatRefused, WechatSilent
from ..models import Account, AccountState, Fan, FanTag, FanTagState, Tag

#: An answer without effect is not asked for again before.
REST = timedelta(hours=6)
#: Followers of one call.
BATCH = 100


def unionid_index(unionid: str) -> str:
    """What a unionid is found by, over all accounts; its case counts."""
    return blind_index(unionid.encode().hex(), "official_account.unionid")


def sync_fan(fan_pk: int) -> None:
    """Ask WeChat for one follower. Raises WechatSilent; a refusal is noted and rests. Calls WeChat: no transaction."""
    fan = Fan.objects.select_related("account").get(pk=fan_pk)
    try:
        found = call(fan.account, lambda api: api.user.get(fan.openid))
    except WechatRefused:  # not one of ours, or no right to ask: asking at once again changes nothing
        found = {}
    _note(fan.account, [fan_pk], [found])


def sync_batch(account: Account, fans: list[Fan]) -> None:
    """Ask WeChat for a hundred followers at most. Raises WechatRefused, WechatSilent. Calls WeChat: no transaction."""
    asked = {"user_list": [{"openid": fan.openid} for fan in fans]}
    told = call(account, lambda api: api.post("user/info/batchget", data=asked))
    by_openid = {one.get("openid"): one for one in told.get("user_info_list", ()) if isinstance(one, dict)}
    _note(account, [fan.pk for fan in fans], [by_openid.get(fan.openid, {}) for fan in fans])


def _note(account: Account, keys: list[int], told: list[dict[str, Any]]) -> None:
    """Keep what was told of each. Locks: the followers, in order."""
    numbers = {tag.remote_id: tag for tag in account.tags.all()}
    found = dict(zip(keys, told, strict=True))
    with transaction.atomic():
        for fan in lock_rows(Fan.objects.filter(pk__in=keys)):
            one = found[fan.pk]
            fan.synced_at = now()
            unionid = one.get("unionid") or ""
            if isinstance(unionid, str) and unionid:
                fan.unionid, fan.unionid_index = unionid[:64], unionid_index(unionid[:64])
            fan.way = str(one.get("subscribe_scene") or fan.way)[:40]
            if one.get("subscribe") == 1:
                fan.remark = str(one.get("remark") or "")[:60]
                _since(fan, one.get("subscribe_time"))
                _tagged(fan, one.get("tagid_list"), numbers)
            fan.save(
                update_fields=[
                    "synced_at", "unionid", "unionid_index", "way", "remark", "followed_at", "last_followed_at",
                ]
            )  # fmt: skip


def _since(fan: Fan, stamp: Any) -> None:
    """When he followed, of whoever followed before we were here to be told."""
    if isinstance(stamp, int) and stamp > 0 and fan.followed_at is None:
        fan.followed_at = fan.last_followed_at = datetime.fromtimestamp(stamp, tz=UTC)


def _tagged(fan: Fan, told: Any, numbers: dict[int, Tag]) -> None:
    """Mirror his tags; what we are about to change at WeChat is left alone."""
    worn = {numbers[one] for one in told if one in numbers} if isinstance(told, list) else set()
    FanTag.objects.bulk_create([FanTag(fan=fan, tag=tag) for tag in worn], ignore_conflicts=True)
    fan.tags.filter(state=FanTagState.ON).exclude(tag__in=worn).delete()


def sync_due(limit: int = 1000) -> int:
    """Ask for followers who came, or came back, since they were asked for last, a hundred a call; returns how many."""
    new = Q(synced_at__isnull=True) | Q(synced_at__lt=F("last_followed_at"))
    rows = Fan.objects.filter(new, is_following=True, account__state=AccountState.ACTIVE)
    rows = rows.exclude(synced_at__gt=now() - REST).order_by("account_id", "pk")
    done = 0
    for _account, group in groupby(rows.select_related("account")[:limit], key=lambda fan: fan.account_id):
        fans = list(group)
        for start in range(0, len(fans), BATCH):
            done += _synced(fans[start : start + BATCH])
    return done


def _synced(fans: list[Fan]) -> int:
    if len(fans) > 1:
        try:
            sync_batch(fans[0].account, fans)
        except WechatRefused:  # one of them is what it is about: each by himself
            pass
        except WechatSilent:
            return 0
        else:
            return len(fans)
    return drive_each([fan.pk for fan in fans], sync_fan)
