"""The whole list of followers: read page by page, each page kept with the place where the next begins.

Who follows and was not known is written; who is known and no longer listed has left while we were away. Pushes that
come meanwhile know better: who followed or left after the reading began is left alone.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.states import move_locked
from saleor_o2o.kernel.sweeping import drive_each

from .. import audits
from ..client import call
from ..errors import Code, OfficialAccountError, WechatRefused, WechatSilent
from ..models import Account, Crawl, CrawlState, Fan, openid_index
from ..permissions import FAN_EDIT, require_at

#: Tries against silence, one page counted from the last that was read.
MAX_ATTEMPTS = 5
#: Pages of one task: a long list is many tasks.
PAGES = 20
CHUNK = 1000


def begin(user: Any, account_pk: int) -> Crawl:
    """Read the list of an account; a task does it. Raises NotAllowed, OfficialAccountError CRAWL_RUNNING,
    ACCOUNT_RETIRED."""
    account = Account.objects.select_related("unit").get(pk=account_pk)
    require_at(user, FAN_EDIT, account.unit)
    if not account.is_active:
        raise OfficialAccountError(Code.ACCOUNT_RETIRED, _("公众号已停用"), "account", _("请先恢复使用"))
    try:
        with transaction.atomic():
            row = Crawl.objects.create(account=account, begun_by=user, next_at=now())
            audit.record(audits.CRAWL_BEGUN, row)
            pk = row.pk
            transaction.on_commit(lambda: _start(pk), robust=True)
    except IntegrityError as error:
        raise OfficialAccountError(
            Code.CRAWL_RUNNING, _("这个公众号正在同步粉丝"), "account", _("请等它完成")
        ) from error
    return row


def resume(user: Any, crawl_pk: int) -> None:
    """Go on where it stopped. Locks: the reading.

    Raises NotAllowed, IllegalMove, OfficialAccountError CRAWL_RUNNING.
    """
    try:
        with transaction.atomic():
            [row] = lock_rows(Crawl.objects.filter(pk=crawl_pk).select_related("account__unit"))
            require_at(user, FAN_EDIT, row.account.unit)
            move_locked(row, "resume")
            transaction.on_commit(lambda: _start(crawl_pk), robust=True)
    except IntegrityError as error:
        raise OfficialAccountError(
            Code.CRAWL_RUNNING, _("这个公众号正在同步粉丝"), "account", _("请等它完成")
        ) from error


def drive(crawl_pk: int) -> None:
    """Read on, some pages; repeating a page changes nothing. Calls WeChat: no transaction may be open.

    Locks after each page: the reading.
    """
    for _number in range(PAGES):
        row = _taken(crawl_pk)
        if row is None:
            return
        try:
            told = _page(row)
        except WechatRefused as refused:
            _settle(row.pk, refused.in_words)
            return
        except WechatSilent as silence:
            if row.attempts >= MAX_ATTEMPTS:
                _settle(row.pk, silence.in_words)
            return  # the sweep goes on
        if not _read(row, told):
            return
    _start(crawl_pk)


def drive_due(limit: int = 10) -> int:
    """Readings whose task was lost or that got no answer; returns how many."""
    due = Crawl.objects.filter(state=CrawlState.RUNNING, next_at__lte=now()).order_by("next_at")
    return drive_each(due.values_list("pk", flat=True)[:limit], drive)


def _page(row: Crawl) -> dict[str, Any]:
    return call(row.account, lambda api: api.user.get_followers(row.cursor or None))


def _taken(crawl_pk: int) -> Crawl | None:
    with transaction.atomic():
        [row] = lock_rows(Crawl.objects.filter(pk=crawl_pk).select_related("account"))
        if row.state != CrawlState.RUNNING or row.next_at is None or row.next_at > now():
            return None
        # whoever dies now leaves it to the sweep
        row.attempts, row.next_at = row.attempts + 1, now() + timedelta(seconds=15 * 2 ** (row.attempts + 1))
        row.save(update_fields=["attempts", "next_at"])
    return row


def _read(row: Crawl, told: dict[str, Any]) -> bool:
    """Take a page in; True while there is another."""
    data = told.get("data")
    listed = data.get("openid") if isinstance(data, dict) else None
    openids = [one for one in listed or () if isinstance(one, str) and 10 <= len(one) <= 64]
    following = str(told.get("next_openid") or "") if openids else ""
    added = 0
    for start in range(0, len(openids), CHUNK):
        added += _taken_in(row, openids[start : start + CHUNK])
    with transaction.atomic():
        [found] = lock_rows(Crawl.objects.filter(pk=row.pk))
        if found.state != CrawlState.RUNNING or found.cursor != row.cursor:
            return False  # another worker has read this page
        found.total = int(told.get("total") or 0)
        found.seen, found.added = found.seen + len(openids), found.added + added
        if following and following != row.cursor:
            found.cursor, found.attempts, found.next_at = following, 0, now()
            found.save(update_fields=["total", "seen", "added", "cursor", "attempts", "next_at"])
            return True
        move_locked(found, "finish", gone=_left(found))
    return False


def _taken_in(row: Crawl, openids: list[str]) -> int:
    by_index = {openid_index(one): one for one in openids}
    fans = Fan.objects.filter(account_id=row.account_id, openid_index__in=by_index)
    with transaction.atomic():
        known = set(fans.values_list("openid_index", flat=True))
        new = [
            Fan(account_id=row.account_id, openid=openid, openid_index=index, listed_in=row.pk)
            for index, openid in by_index.items()
            if index not in known
        ]
        Fan.objects.bulk_create(new, ignore_conflicts=True)
        back = Q(left_at__isnull=True) | Q(left_at__lt=row.begun_at)
        fans.filter(back, is_following=False).update(is_following=True)
        fans.update(listed_in=row.pk)
    return len(new)


def _left(row: Crawl) -> int:
    """Who follows by what we know and is not listed; not who came after the reading began."""
    before = Q(last_followed_at__isnull=True) | Q(last_followed_at__lt=row.begun_at)
    gone = Fan.objects.filter(
        before, account_id=row.account_id, is_following=True, created_at__lt=row.begun_at
    )
    gone = gone.filter(Q(listed_in__isnull=True) | ~Q(listed_in=row.pk))
    return int(gone.update(is_following=False, left_at=now()))


def _settle(crawl_pk: int, words: str) -> None:
    with transaction.atomic():
        [row] = lock_rows(Crawl.objects.filter(pk=crawl_pk))
        if row.state == CrawlState.RUNNING:
            move_locked(row, "fail", words=words)


def _start(crawl_pk: int) -> None:
    from ..tasks import read_followers

    read_followers.delay(crawl_pk)
