"""A business is taken in, counted, taken back: each number once, whoever tells it and how often.

Locks: the member's purses first, then the business. Whatever may happen at the same moment (the same news twice, the
customer registering, a reversal) meets there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from plugins.loyalty.interfaces import EntryKind, credit, expiry, lock_purses, withdraw
from plugins.members.interfaces import Member, MemberIdentity, MemberStatus
from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import LockTimeout, lock_rows
from saleor_o2o.kernel.states import move_locked

from ..errors import KeyReused
from ..kinds import BusinessState as State
from ..kinds import Source
from ..models import PostalBatch, PostalBusiness
from ..rules import Rules, worth
from ..who import COLUMNS, KINDS, Who, indexes_of, members_of

BIZ_TYPE = "postal"
#: Who gets no points whatever he does.
BARRED = (MemberStatus.BLACKLISTED, MemberStatus.CLOSING)


@dataclass(frozen=True, slots=True)
class Told:
    """A business as it was told."""

    service: str
    number: str
    amount: Decimal
    happened_at: datetime
    unit: OrgUnit
    who: Who
    source: Source = Source.DOOR
    maker: Any = None
    batch: PostalBatch | None = None


@transaction.atomic
def take(told: Told, rules: Rules | None = None) -> PostalBusiness:
    """Take a business in, and count it; one that is known stays as it is.

    Of a batch that waits for a second person it is only held. Raises KEY_REUSED for a known number with other facts,
    LockTimeout.
    """
    [member] = members_of([told.who.indexes])
    if member is not None:
        lock_purses(member.pk)
    facts = {
        "amount": told.amount, "happened_at": told.happened_at, "unit": told.unit, "clue": told.who.clue,
        **told.who.columns(),
    }  # fmt: skip
    row, made = PostalBusiness.objects.get_or_create(
        service=told.service, number=told.number,
        defaults={**facts, "source": told.source, "maker": told.maker, "batch": told.batch},
    )  # fmt: skip
    if not made:
        [row] = lock_rows(PostalBusiness.objects.filter(pk=row.pk))
        if row.amount is None:  # it was reversed before it came
            for name, value in facts.items():
                setattr(row, name, value)
            row.save()
        elif any(getattr(row, name) != facts[name] for name in ("amount", "unit", *COLUMNS.values())):
            raise KeyReused
        return row
    if told.batch is not None and told.batch.state == "waiting":
        _promise(row, rules)
        move_locked(row, "hold")
        return row
    settle(row, member, rules)
    return row


def settle(row: PostalBusiness, member: Member | None, rules: Rules | None = None) -> None:
    """Count a business that is new or was held; `member`'s purses and the row are locked."""
    if not row.points:
        _promise(row, rules)
    if not row.points:
        move_locked(row, "leave")
    elif member is not None:
        count(row, member)
    elif row.wait_until is None:
        row.why = _("客户不是会员")
        move_locked(row, "leave")
    else:
        move_locked(row, "wait")


def count(row: PostalBusiness, member: Member) -> None:
    """Book the points of a business whose customer is known; his purses and the row are locked."""
    row.member = member
    if member.status in BARRED:
        row.why = _("会员在黑名单或注销中")
        move_locked(row, "leave")
        return
    row.entry = credit(
        member, row.points, kind=EntryKind.POSTAL, biz_type=BIZ_TYPE, biz_id=f"{row.service}:{row.number}",
        unit_id=row.unit_id, expires_at=expiry(row.months), note=words_of(row), operator=row.maker,
    )  # fmt: skip
    row.why = ""
    move_locked(row, "count")


@transaction.atomic
def reverse(
    service: str, number: str, *, unit: OrgUnit | None = None, source: Source = Source.DOOR, maker: Any = None
) -> PostalBusiness:
    """Take a business back with its points, once; what was used of them is owed.

    One that has not come yet is noted, and counts for nothing when it comes. Raises LockTimeout.
    """
    key = PostalBusiness.objects.filter(service=service, number=number)
    before = key.values_list("member_id", flat=True).first()
    if before is not None:
        lock_purses(before)
    row, made = PostalBusiness.objects.get_or_create(
        service=service, number=number,
        defaults={"unit": unit or OrgUnit.objects.get(parent__isnull=True), "source": source, "maker": maker},
    )  # fmt: skip
    if not made:
        [row] = lock_rows(key.select_related("member"))
        if row.state == State.REVERSED:
            return row
        if row.member_id != before:  # counted, or merged, between the two looks
            raise LockTimeout
    else:
        row.why = _("冲正先于业务到达")
    if row.state == State.COUNTED and row.entry is not None and row.member is not None:
        row.back_entry = withdraw(
            row.member, row.entry, row.points, kind=EntryKind.POSTAL_BACK, biz_type=f"{BIZ_TYPE}_back",
            biz_id=f"{service}:{number}", unit_id=row.unit_id, note=words_of(row), operator=maker,
        )  # fmt: skip
    move_locked(row, "reverse")
    return row


def words_of(row: PostalBusiness) -> str:
    """What the member reads beside the points; no sum."""
    return _("%(service)s业务，编号尾号 %(tail)s") % {
        "service": row.get_service_display(), "tail": row.number[-4:],
    }  # fmt: skip


@transaction.atomic
def follow(member: Member, which: Q) -> int:
    """Count what waits of these businesses, the member's; returns how many. Locks: the purses, the businesses."""
    lock_purses(member.pk)
    waiting = PostalBusiness.objects.filter(which, state=State.WAITING, wait_until__gt=now())
    rows = lock_rows(waiting)
    for row in rows:
        count(row, member)
    return len(rows)


def sweep(limit: int = 500) -> int:
    """What waited too long is over; what somebody is known for by now counts (he registered at that very moment).

    Again changes nothing. Each in a transaction of its own.
    """
    moment, done = now(), 0
    waiting = PostalBusiness.objects.filter(state=State.WAITING)
    over = waiting.filter(wait_until__lte=moment).values_list("pk", flat=True)[:limit]
    for pk in list(over):
        with transaction.atomic():
            for row in lock_rows(waiting.filter(pk=pk)):
                row.why = _("期限内没有注册会员")
                move_locked(row, "lapse")
                done += 1
    known = Q()
    for kind in KINDS:
        identities = MemberIdentity.objects.filter(
            kind=kind, released_at__isnull=True, value_index=OuterRef(COLUMNS[kind])
        )
        known |= Q(Exists(identities))
    for row in list(waiting.filter(known, wait_until__gt=moment)[:limit]):
        done += _count_late(row)
    return done


def _count_late(row: PostalBusiness) -> int:
    [member] = members_of([indexes_of(row)])
    if member is None:
        return 0
    try:
        return follow(member, Q(pk=row.pk))
    except LockTimeout:  # the next run finds it again
        return 0


def _promise(row: PostalBusiness, rules: Rules | None) -> None:
    """Write what the rule of the business's day gives, or why it gives nothing."""
    moment = row.happened_at or now()
    rule = (rules or Rules.read(row.service)).at(row.service, moment)
    if rule is None:
        row.why = _("办理当天没有这项业务的积分规则")
        return
    row.points = worth(rule, row.amount or Decimal(0))
    row.months = rule.months
    if not row.points:
        row.why = _("金额不足一分")
    if rule.wait_days:
        row.wait_until = now() + timedelta(days=rule.wait_days)
