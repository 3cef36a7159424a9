"""What a message or event changes: who follows, when somebody was last here, by which code they came first."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import IntegrityError, transaction
from django.db.models import F

from plugins.channels.events import CodeScanned
from plugins.channels.interfaces import bind_on_visit
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.locks import lock_rows, require_transaction

from ..models import Account, Fan, SceneCode, SceneDay, openid_index
from ..scanning import code_of
from ..wire import Said

#: Events that WeChat tells of followers only: a code scanned by one who follows, a button of the menu tapped.
OF_FOLLOWERS = ("scan", "click", "view")


def apply(account: Account, said: Said) -> Fan:
    """Note a push with its fan, in the caller's transaction, which holds the push.

    Pushes may come late and in any order: what happened later counts, of the same second what came later. Locks: the
    fan; his customer's row when a code binds him; the code's figures last. Raises LockTimeout.
    """
    require_transaction()
    fan = fan_of(account, said.openid)
    moment = datetime.fromtimestamp(said.sent_at, tz=UTC)
    code = code_of(account, said.scene) if said.scene else None
    is_new = said.event == "subscribe" and fan.followed_at is None
    if said.event == "subscribe":
        fan.followed_at = min(fan.followed_at or moment, moment)
        fan.last_followed_at = max(fan.last_followed_at or moment, moment)
        fan.is_following = fan.left_at is None or fan.last_followed_at >= fan.left_at
    elif said.event == "unsubscribe":
        fan.left_at = max(fan.left_at or moment, moment)
        fan.is_following = fan.last_followed_at is not None and fan.last_followed_at > moment
    if said.event != "unsubscribe" and said.event not in (
        "templatesendjobfinish",
        "subscribe_msg_sent_event",
    ):
        fan.seen_at = max(fan.seen_at or moment, moment)
    only_followers = said.kind != "event" or said.event in OF_FOLLOWERS
    if only_followers and (fan.left_at is None or moment > fan.left_at):
        fan.is_following = True  # he came before we were told of it
    if code is not None and fan.first_code_id is None:
        fan.first_code, fan.first_code_at = code, moment
    fan.save()
    if code is not None:
        _bind(fan, code)
        _count(code, is_new)
    return fan


def fan_of(account: Account, openid: str) -> Fan:
    """The fan with this openid, locked; written if he is new. Locks: the fan. Raises LockTimeout."""
    rows = Fan.objects.filter(account=account, openid_index=openid_index(openid))
    if not rows.exists():
        try:
            with transaction.atomic():
                Fan.objects.create(
                    account=account, openid=openid, openid_index=openid_index(openid), is_following=False
                )
        except IntegrityError:  # two pushes of one newcomer: the other one wrote the row
            pass
    return lock_rows(rows)[0]


def _bind(fan: Fan, code: SceneCode) -> None:
    """Make a member a customer of the shop whose code was scanned, by the city's rule of binding."""
    if fan.user is not None and code.channel is not None:
        bind_on_visit(fan.user, code.channel)
        tell_scanned(fan.user.pk, code)


def tell_scanned(user_id: int, code: SceneCode) -> None:
    """Tell the others, in the caller's transaction, that a member scanned a channel's code."""
    if code.channel_id is not None:
        scanned = CodeScanned(customer_id=user_id, channel_id=code.channel_id, campaign=code.campaign)
        publish(scanned, key=f"customer:{user_id}")


def _count(code: SceneCode, is_new: bool) -> None:
    more = {"scans": F("scans") + 1, "follows": F("follows") + (1 if is_new else 0)}
    SceneDay.objects.bulk_create([SceneDay(code=code, day=today())], ignore_conflicts=True)
    SceneDay.objects.filter(code=code, day=today()).update(**more)
    SceneCode.objects.filter(pk=code.pk).update(**more)
