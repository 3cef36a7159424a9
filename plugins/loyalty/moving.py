"""What a member has goes along when two members become one: every lot with its date, the growth, the better level."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from plugins.members.interfaces import Member
from plugins.org_hierarchy.interfaces import (
    ClosingBlocker,
    OrgUnit,
    register_closing_blocker,
    register_customer_erasure,
    register_customer_move,
)
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.money import format_yuan

from .kinds import Book, EntryKind, LevelWhy
from .models import Entry, LevelMove, Lot, MemberLevel, Purse
from .services.ledger import Why, expire_due, lock_purses, move_over
from .services.levels import settle_level


def install() -> None:
    """Register; called once when the app is ready."""
    register_customer_move("loyalty", move, _("积分、成长值与储值"))
    register_closing_blocker("loyalty.balance", _has_money)
    register_customer_erasure("loyalty.points", _forfeit)


def move(old: Any, new: Any) -> int:
    """In the transaction of the merge, both members locked. Locks: the purses of both. How many books moved."""
    source = Member.objects.filter(user=old).first()
    target = Member.objects.filter(user=new).first()
    city = OrgUnit.objects.filter(parent__isnull=True).values_list("pk", flat=True).first()
    if source is None or target is None or city is None or not source.purses.exists():
        return 0
    purses = lock_purses(source.pk, target.pk)
    moved = 0
    for book, purse in purses[source.pk].items():
        # late rows of a request under way are moved by a later look, under a number of their own
        number = Entry.objects.filter(biz_type="merge", biz_id__startswith=f"{source.pk}:", book=book).count()
        why = Why(EntryKind.MERGE, "merge", f"{source.pk}:{number}", city)
        moved += move_over(purse, purses[target.pk][book], why) is not None
    _levels(source, target)
    if moved:
        settle_level(target.pk, why=LevelWhy.MERGED)
    return moved


def _levels(source: Member, target: Member) -> None:
    """The better of the two levels, with the time it is kept; the absorbed member has none any more."""
    theirs = MemberLevel.objects.select_related("level").filter(member=source).first()
    if theirs is None:
        return
    ours = MemberLevel.objects.select_related("level").filter(member=target).first()
    if ours is None or theirs.level.rank > ours.level.rank:
        MemberLevel.objects.update_or_create(
            member=target,
            defaults={
                "level": theirs.level, "since": theirs.since, "until": theirs.until, "lower_steps": theirs.lower_steps,
            },
        )  # fmt: skip
        LevelMove.objects.create(
            member=target, source=ours.level if ours else None, target=theirs.level, why=LevelWhy.MERGED
        )
    theirs.delete()


def _has_money(user: Any) -> list[ClosingBlocker]:
    """Nobody closes an account with money in it: it is spent, or goes back to source, first."""
    row = Purse.objects.filter(member__user_id=user.pk, book=Book.BALANCE, balance__gt=0).first()
    if row is None:
        return []
    text = _("储值余额还有 %(sum)s") % {"sum": format_yuan(row.balance)}
    return [ClosingBlocker(text, _("请用完，或到网点、联系客服申请原路退款"))]


def _forfeit(user: Any) -> int:
    """Points of a closed account end with it, so that no unit owes them any more. Locks: the purses."""
    member = Member.objects.filter(user=user).first()
    if member is None or not member.purses.exists():
        return 0
    purse = lock_purses(member.pk)[member.pk][Book.POINTS]
    ended = Lot.objects.filter(purse=purse, left__gt=0).update(expires_at=now())
    expire_due(purse)
    return ended
