"""Where a member is logged in: opened, seen, ended."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import lock_rows

from ..devices import NOWHERE, Device
from ..errors import MemberError
from ..errors import MemberErrorCode as Code
from ..kinds import EndedWhy, Way
from ..models import Member, MemberSession

SIGNED_OUT = audit.action("members.signed_out", _("会员退出登录"))
SIGNED_OUT_EVERYWHERE = audit.action("members.signed_out_everywhere", _("会员全部退出登录"))
#: How fresh `seen_at` is kept.
SEEN_EVERY = timedelta(hours=1)
#: Sessions that nobody used for so long end by themselves; ended ones are kept so long.
IDLE, KEPT = timedelta(days=180), timedelta(days=180)


def open_session(member: Member, way: Way, device: Device | None = None) -> MemberSession:
    """Write a login. The same device logging in anew ends its login of before."""
    at = device or NOWHERE
    with transaction.atomic():
        if at.index:
            _end(member, EndedWhy.SIGNED_OUT, device_index=at.index)
        return MemberSession.objects.create(
            member=member,
            key=secrets.token_hex(16),
            way=way,
            device=at.name,
            device_index=at.index,
            ip=at.place.ip,
        )


def seen(key: str, before: datetime) -> None:
    """Remember that a login is used, at most once an hour: one guarded statement, else none."""
    moment = now()
    if before <= moment - SEEN_EVERY:
        MemberSession.objects.filter(key=key, seen_at__lte=moment - SEEN_EVERY).update(seen_at=moment)


def end_session(member: Member, session_id: int) -> None:
    """Log one device out; one that is out already changes nothing. Raises MemberError NOT_FOUND for another's."""
    with transaction.atomic():
        if not member.sessions.filter(pk=session_id).exists():
            raise MemberError(Code.NOT_FOUND, _("没有这个登录"))
        if _end(member, EndedWhy.SIGNED_OUT, pk=session_id):
            audit.record(SIGNED_OUT, member, after={"session": session_id})


def end_all(member: Member, why: EndedWhy, *, but: str = "") -> int:
    """Log a member out everywhere, except for the session with the key `but`; returns how many logins ended.

    Tokens that name no session end too. Locks: the member, so that none is opened in between by the code that locks it.
    """
    with transaction.atomic():
        lock_rows(Member.objects.filter(pk=member.pk), no_key=True)
        Member.objects.filter(pk=member.pk).update(epoch=F("epoch") + 1)
        ended = _end(member, why, but=but)
        audit.record(SIGNED_OUT_EVERYWHERE, member, after={"ended": ended, "why": str(why)})
    return ended


def sweep() -> int:
    """End logins that nobody uses, delete those that ended long ago; returns how many rows."""
    moment = now()
    idle = MemberSession.objects.filter(ended_at__isnull=True, seen_at__lt=moment - IDLE)
    ended = idle.update(ended_at=moment, ended_why=EndedWhy.SIGNED_OUT)
    return ended + MemberSession.objects.filter(ended_at__lt=moment - KEPT).delete()[0]


def _end(member: Member, why: EndedWhy, *, but: str = "", **which: object) -> int:
    live = member.sessions.filter(ended_at__isnull=True, **which)
    if but:
        live = live.exclude(key=but)
    return int(live.update(ended_at=now(), ended_why=why))
