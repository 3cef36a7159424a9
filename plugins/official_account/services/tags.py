"""Tags: WeChat's, changed there and read back; put on followers and taken off by a task, fifty a call."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.scope import require, rows_for
from saleor_o2o.kernel.sweeping import drive_each

from .. import audits
from ..client import call
from ..errors import Code, OfficialAccountError, WechatRefused, WechatSilent
from ..models import Account, Fan, FanTag, FanTagState, Tag
from ..permissions import FAN_EDIT, require_at

#: WeChat's limits: bytes of a name, tags of an account, followers of one call, characters of a remark.
NAME_BYTES, MOST, BATCH, REMARK = 30, 100, 50, 30
MAX_ATTEMPTS = 5
NAME_TAKEN, NO_SUCH_TAG, TOO_MANY_ON_ONE = 45157, 45159, 45059
#: One of the followers of a call is what it is about; found by asking for each.
ABOUT_ONE = frozenset({TOO_MANY_ON_ONE, 49003, 40003, 43004})
DUE = (FanTagState.PUTTING, FanTagState.TAKING)


def sync_tags(account: Account) -> int:
    """Mirror WeChat's tags; returns how many there are. Calls WeChat. Locks afterwards: the account.

    Raises WechatRefused, WechatSilent.
    """
    told = call(account, lambda api: api.get("tags/get"))
    listed = {int(one["id"]): one for one in told.get("tags") or () if isinstance(one, dict) and "id" in one}
    with transaction.atomic():
        lock_rows(Account.objects.filter(pk=account.pk), no_key=True)
        for number, one in listed.items():
            values = {
                "name": str(one.get("name", ""))[:60],
                "people": int(one.get("count") or 0),
                "synced_at": now(),
            }
            Tag.objects.update_or_create(account=account, remote_id=number, defaults=values)
        Tag.objects.filter(account=account).exclude(remote_id__in=listed).delete()
    return len(listed)


def create_tag(user: Any, account_pk: int, name: str) -> None:
    """Make a tag. Raises NotAllowed, OfficialAccountError INVALID, TAG_LIMIT, WechatRefused, WechatSilent."""
    account = _account(user, account_pk)
    name = _named(name)
    if account.tags.count() >= MOST:
        raise OfficialAccountError(
            Code.TAG_LIMIT, _("一个公众号最多 100 个标签"), "name", _("请先删除不用的标签")
        )
    _change(account, lambda api: api.tag.create(name))
    audit.record(audits.TAG_CHANGED, account, after={"created": name})


def rename_tag(user: Any, tag_pk: int, name: str) -> None:
    """Call a tag otherwise. Raises NotAllowed, OfficialAccountError INVALID, WechatRefused, WechatSilent."""
    tag = _tag(user, tag_pk)
    name = _named(name)
    _change(tag.account, lambda api: api.tag.update(tag.remote_id, name))
    audit.record(audits.TAG_CHANGED, tag.account, before={"name": tag.name}, after={"name": name})


def delete_tag(user: Any, tag_pk: int) -> None:
    """Delete a tag; its followers lose it. Raises NotAllowed, OfficialAccountError TAG_USED, INVALID, WechatRefused,
    WechatSilent."""
    tag = _tag(user, tag_pk)
    menu = tag.account.menus.filter(tag_id=tag.remote_id).first()
    if menu is not None:
        raise OfficialAccountError(
            Code.TAG_USED,
            _("个性化菜单“%(menu)s”按这个标签显示") % {"menu": menu},
            None,
            _("请先修改那个菜单"),
        )
    _change(tag.account, lambda api: api.tag.delete(tag.remote_id))
    audit.record(audits.TAG_CHANGED, tag.account, before={"name": tag.name}, after={"deleted": tag.name})


@transaction.atomic
def mark(user: Any, tag_pk: int, fan_pks: Iterable[int], *, on: bool) -> int:
    """Put a tag on followers, or take it off; a task does it at WeChat. How many are changed.

    Followers of other accounts, out of reach, and such as have left are left out. Locks: the followers' tags, in
    order. Raises LockTimeout.
    """
    tag = Tag.objects.get(pk=tag_pk)
    fans = rows_for(user, Fan, FAN_EDIT).filter(
        pk__in=list(fan_pks), account_id=tag.account_id, is_following=True
    )
    keys = list(fans.order_by("pk").values_list("pk", flat=True))
    if on:
        made = [FanTag(fan_id=key, tag=tag, state=FanTagState.REFUSED) for key in keys]
        FanTag.objects.bulk_create(made, ignore_conflicts=True)
    there = (FanTagState.REFUSED, FanTagState.TAKING) if on else (FanTagState.ON, FanTagState.PUTTING)
    rows = lock_rows(FanTag.objects.filter(tag=tag, fan_id__in=keys, state__in=there))
    wanted = FanTagState.PUTTING if on else FanTagState.TAKING
    FanTag.objects.filter(pk__in=[row.pk for row in rows]).update(state=wanted, attempts=0, result="")
    transaction.on_commit(lambda: _start(tag_pk), robust=True)
    return len(rows)


def set_remark(user: Any, fan: Fan, remark: str) -> None:
    """What the staff call a follower, at WeChat too. Raises OutOfScope, NotAllowed, OfficialAccountError INVALID,
    WechatRefused, WechatSilent (repeating it is safe). Calls WeChat: no transaction may be open."""
    require(user, FAN_EDIT, fan)
    remark = " ".join(remark.split())
    if len(remark) > REMARK:
        raise OfficialAccountError(Code.INVALID, _("备注最多 30 个字"), "remark")
    call(fan.account, lambda api: api.user.update_remark(fan.openid, remark))
    with transaction.atomic():
        [row] = lock_rows(Fan.objects.filter(pk=fan.pk))
        row.remark = remark
        row.save(update_fields=["remark"])
        audit.record(audits.REMARK_CHANGED, row)


def drive(tag_pk: int) -> None:
    """Put a tag on and take it off where that waits, fifty followers a call; repeating it changes nothing at WeChat.

    Calls WeChat: no transaction may be open.
    """
    tag = Tag.objects.select_related("account").get(pk=tag_pk)
    for state in DUE:
        while rows := list(
            FanTag.objects.filter(tag=tag, state=state).select_related("fan").order_by("pk")[:BATCH]
        ):
            if not _sent(tag, state, rows):
                return


def drive_due(limit: int = 20) -> int:
    """Tags whose task was lost or which WeChat did not answer; returns how many."""
    due = FanTag.objects.filter(state__in=DUE).order_by("tag_id").values_list("tag_id", flat=True).distinct()
    return drive_each(due[:limit], drive)


def _sent(tag: Tag, state: str, rows: list[FanTag]) -> bool:
    """Have these put on or taken off; False where WeChat is silent."""
    putting = state == FanTagState.PUTTING
    openids = [row.fan.openid for row in rows]
    keys = [row.pk for row in rows]
    waiting = FanTag.objects.filter(pk__in=keys, state=state)
    try:
        call(
            tag.account,
            lambda api: (
                api.tag.tag_user(tag.remote_id, openids)
                if putting
                else api.tag.untag_user(tag.remote_id, openids)
            ),
        )
    except WechatSilent:
        tried = rows[0].attempts + 1
        if tried >= MAX_ATTEMPTS:
            waiting.update(state=FanTagState.REFUSED, result=_("微信没有回答"))
        else:
            waiting.update(attempts=tried)
        return False
    except WechatRefused as refused:
        if refused.errcode in ABOUT_ONE and len(rows) > 1:
            return all(_sent(tag, state, [row]) for row in rows)
        if refused.errcode == NO_SUCH_TAG:
            sync_tags(tag.account)
            return False
        waiting.update(state=FanTagState.REFUSED, result=refused.in_words[:120])
        return True
    if putting:
        waiting.update(state=FanTagState.ON, result="")
    else:
        waiting.delete()
    return True


def _change(account: Account, work: Any) -> None:
    """Change a tag at WeChat and read all of them back, also when it says that the name is taken: by a lost answer."""
    try:
        call(account, work)
    except WechatRefused as refused:
        if refused.errcode in (NAME_TAKEN, NO_SUCH_TAG):
            sync_tags(account)
        raise
    sync_tags(account)


def _account(user: Any, account_pk: int) -> Account:
    account = Account.objects.select_related("unit").get(pk=account_pk)
    require_at(user, FAN_EDIT, account.unit)
    return account


def _tag(user: Any, tag_pk: int) -> Tag:
    tag = Tag.objects.select_related("account__unit").get(pk=tag_pk)
    require_at(user, FAN_EDIT, tag.account.unit)
    if tag.is_systems:
        raise OfficialAccountError(Code.INVALID, _("这是微信自带的标签，不能修改"), None)
    return tag


def _named(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise OfficialAccountError(Code.INVALID, _("请填写标签名"), "name")
    if len(name.encode()) > NAME_BYTES:
        raise OfficialAccountError(Code.INVALID, _("标签名太长，最多 10 个汉字"), "name")
    return name


def _start(tag_pk: int) -> None:
    from ..tasks import put_tags

    put_tags.delay(tag_pk)
