"""Members, units that issue, and a ledger to look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Sum

from plugins.loyalty.kinds import Book, EntryKind, Side
from plugins.loyalty.models import EarnRule, Entry, Level, Line, Lot, Purse, SettlementRate
from plugins.loyalty.services.ledger import Why, give_back, grant, lock_purses, spend, take_back
from plugins.members.models import Member
from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.kernel.clock import now
from tests.after_sale.conftest import Shop, shop, world  # noqa: F401 - fixtures
from tests.members.asking import somebody
from tests.members.conftest import sandbox_address, sandbox_folder, sms  # noqa: F401 - fixtures
from tests.orgs import small_org

D = Decimal
LONG_AGO = timedelta(days=400)


@pytest.fixture
def org(db: None) -> dict[str, OrgUnit]:
    return small_org()


@pytest.fixture
def member(org: dict[str, OrgUnit]) -> Member:
    """Somebody whom B111 looks after."""
    return somebody(name="王建国", home_unit=org["B111"])


def why(key: str, unit: OrgUnit, kind: EntryKind = EntryKind.ADJUST, **more: Any) -> Why:
    """What an entry of a test is for."""
    return Why(kind, "test", key, unit.pk, **more)


def give(
    member: Member, points: int, key: str, unit: OrgUnit, *, days: int | None = None, book: Book = Book.POINTS
) -> Entry:
    """Give a member something that is good for so many days."""
    with transaction.atomic():
        purse = lock_purses(member.pk)[member.pk][book]
        until = now() + timedelta(days=days) if days is not None else None
        return grant(purse, D(points), why(key, unit, EntryKind.ACTIVITY), expires_at=until)


def use(member: Member, points: int, key: str, unit: OrgUnit) -> Entry:
    """Use points at a unit."""
    with transaction.atomic():
        return spend(
            lock_purses(member.pk)[member.pk][Book.POINTS], D(points), why(key, unit, EntryKind.BURN)
        )


def put_back(member: Member, spent: Entry, points: int, key: str, unit: OrgUnit) -> Entry:
    """Put back what was used."""
    with transaction.atomic():
        purse = lock_purses(member.pk)[member.pk][Book.POINTS]
        return give_back(purse, spent, D(points), why(key, unit, EntryKind.BURN_BACK))


def take(member: Member, granted: Entry | None, points: int, key: str, unit: OrgUnit) -> Entry:
    """Take back what was given."""
    with transaction.atomic():
        purse = lock_purses(member.pk)[member.pk][Book.POINTS]
        return take_back(purse, granted, D(points), why(key, unit, EntryKind.EARN_BACK))


def purse_of(member: Member, book: Book = Book.POINTS) -> tuple[int, int]:
    """What a member has and owes."""
    row = Purse.objects.filter(member=member, book=book).first()
    return (int(row.balance), int(row.owed)) if row is not None else (0, 0)


def lots_of(member: Member) -> list[int]:
    """What is left of a member's lots, in the order in which they are used."""
    rows = Lot.objects.filter(purse__member=member, purse__book=Book.POINTS, left__gt=0)
    return [int(left) for left in rows.values_list("left", flat=True)]


def sound() -> None:
    """Every book balances, every purse is what its lines and its lots sum to."""
    for book in Book:
        total = Line.objects.filter(entry__book=book).aggregate(sum=Sum("amount"))["sum"] or 0
        assert total == 0, book
    for purse in Purse.objects.all():
        sums = dict(purse.lines.order_by().values_list("side").annotate(Sum("amount")))
        assert sums.get(Side.MEMBER, 0) == purse.balance, purse
        assert -sums.get(Side.DEBT, D(0)) == purse.owed, purse
        if purse.book == Book.POINTS:
            left = purse.lots.aggregate(sum=Sum("left"))["sum"] or 0
            assert left == purse.balance, purse
        newest = purse.lines.filter(side=Side.MEMBER).order_by("-pk").first()
        assert newest is None or newest.balance_after == purse.balance
    for lot in Lot.objects.all():
        drawn = lot.draws.aggregate(sum=Sum("amount"))["sum"] or 0
        born = lot.draws.filter(entry=lot.entry).aggregate(sum=Sum("amount"))["sum"] or 0
        assert lot.amount - (drawn - born) == lot.left, lot


@pytest.fixture
def rules(org: dict[str, OrgUnit]) -> dict[str, EarnRule]:
    """One point a yuan, growth alike, 10 points for signing in and 20 more every third day; 0.50 yuan a hundred."""
    since = now() - LONG_AGO
    SettlementRate.objects.create(per_hundred=D("0.50"), valid_from=since)
    return {
        "order": EarnRule.objects.create(occasion="order", rate=1, growth_rate=1, valid_from=since),
        "counter": EarnRule.objects.create(occasion="counter", rate=2, growth_rate=1, valid_from=since),
        "sign_in": EarnRule.objects.create(
            occasion="sign_in", points=10, growth=1, streak=3, streak_points=20, months=12, valid_from=since
        ),
    }


@pytest.fixture
def ladder(org: dict[str, OrgUnit]) -> list[Level]:
    """The three steps."""
    return steps()


def steps() -> list[Level]:
    """普通 from 0, 银 from 100 (120 %), 金 from 500 (150 %)."""
    told = (("basic", "普通会员", 0, 100), ("silver", "银卡会员", 100, 120), ("gold", "金卡会员", 500, 150))
    return [
        Level.objects.create(code=code, name=name, rank=rank, threshold=threshold, points_percent=percent)
        for rank, (code, name, threshold, percent) in enumerate(told, 1)
    ]


Maker = Callable[..., Any]
Fixture = Iterator
