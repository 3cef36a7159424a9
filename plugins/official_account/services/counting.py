"""Days are counted: taps as they come, an account's day when it is over, beside what WeChat reckons of it."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q

from saleor_o2o.kernel.clock import SHANGHAI, midnight, today
from saleor_o2o.kernel.locks import require_transaction
from saleor_o2o.kernel.sweeping import drive_each

from ..client import call
from ..errors import WechatRefused
from ..models import Account, AccountDay, AccountState, ClickDay, Fan, Push, TalkMessage
from ..wire import Said

#: Days that WeChat tells of in one call, and that are looked at again.
DAYS = 7
#: Events of menus; the others of theirs carry a KEY, too.
MENU_EVENTS = frozenset({"click", "view", "view_miniprogram", "scancode_push", "scancode_waitmsg", "pic_sysphoto",
                         "pic_photo_or_album", "pic_weixin", "location_select"})  # fmt: skip


def count_tap(account: Account, said: Said) -> None:
    """Count a tap on the day it was made, in the caller's transaction, which holds the push. The hot row comes last."""
    require_transaction()
    if said.event not in MENU_EVENTS or not said.key:
        return
    day = datetime.fromtimestamp(said.sent_at, tz=UTC).astimezone(SHANGHAI).date()
    key = {
        "account": account, "day": day, "event": said.event,
        "digest": hashlib.sha256(said.key.encode()).hexdigest()[:32],
    }  # fmt: skip
    ClickDay.objects.bulk_create([ClickDay(**key, target=said.key)], ignore_conflicts=True)
    ClickDay.objects.filter(**key).update(clicks=F("clicks") + 1)


def close_days() -> int:
    """Write the last days of all accounts, and what WeChat has reckoned of them since; returns of how many accounts."""
    rows = Account.objects.filter(state=AccountState.ACTIVE).order_by("pk")
    return drive_each(rows.values_list("pk", flat=True), close_days_of)


def close_days_of(account_pk: int) -> None:
    """Of one account: days that have no row, and rows that WeChat has not told of. Calls WeChat: no transaction.

    Ours are counted once, when the day is over. Raises WechatSilent: ours are written, WeChat's asked for next time.
    """
    account = Account.objects.get(pk=account_pk)
    days = [today() - timedelta(days=back) for back in range(DAYS, 0, -1)]
    rows = AccountDay.objects.filter(account=account, day__in=days)
    known = set(rows.values_list("day", flat=True))
    missing = [_ours(account, day) for day in days if day not in known]
    AccountDay.objects.bulk_create(missing, ignore_conflicts=True)
    untold = list(rows.filter(wechat_total__isnull=True).order_by("day"))
    if not untold:
        return
    first, last = untold[0].day, untold[-1].day
    try:
        totals = _told(account, "getusercumulate", first, last)
        moves = _told(account, "getusersummary", first, last)
    except WechatRefused:  # no right to ask: ours are what there is
        return
    for row in untold:
        told = [one for one in totals if one.get("ref_date") == f"{row.day:%Y-%m-%d}"]
        if not told:  # it has not been reckoned yet
            continue
        moved = [one for one in moves if one.get("ref_date") == f"{row.day:%Y-%m-%d}"]
        AccountDay.objects.filter(pk=row.pk).update(
            wechat_total=max(0, int(told[0].get("cumulate_user") or 0)),
            wechat_new=sum(int(one.get("new_user") or 0) for one in moved),
            wechat_gone=sum(int(one.get("cancel_user") or 0) for one in moved),
        )


def _ours(account: Account, day: date) -> AccountDay:
    begin, end = midnight(day), midnight(day + timedelta(days=1))
    fans = Fan.objects.filter(account=account).aggregate(
        new=Count("pk", filter=Q(followed_at__gte=begin, followed_at__lt=end)),
        gone=Count("pk", filter=Q(left_at__gte=begin, left_at__lt=end)),
        total=Count("pk", filter=Q(followed_at__lt=end) & (Q(is_following=True) | Q(left_at__gte=end))),
    )
    said = Push.objects.filter(account=account, state="done", received_at__gte=begin, received_at__lt=end)
    told = said.exclude(kind="event").aggregate(
        messages=Count("pk"), answered=Count("pk", filter=Q(answered_by__isnull=False))
    )
    written = TalkMessage.objects.filter(
        fan__account=account, state="sent", sent_at__gte=begin, sent_at__lt=end
    ).count()
    return AccountDay(account=account, day=day, written=written, **fans, **told)


def _told(account: Account, what: str, first: date, last: date) -> list[dict[str, Any]]:
    asked = {"begin_date": f"{first:%Y-%m-%d}", "end_date": f"{last:%Y-%m-%d}"}
    # its address is beside the others, not below them
    found = call(account, lambda api: api.post(f"{account.base_url}/datacube/{what}", data=asked))
    return [one for one in found.get("list") or () if isinstance(one, dict)]
