"""Reads: what a member has, what of it ends soon, the statement, the figures for accountants."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Min, Q, QuerySet, Sum

from plugins.members.interfaces import Member
from plugins.org_hierarchy.interfaces import OrderAttribution, OrgUnit
from saleor_o2o.kernel.clock import now

from .kinds import Book, Side
from .models import Entry, Level, Line, Lot, MemberLevel, Purse, RechargePackage
from .services.giving import streak
from .services.levels import growth_of_year, ladder, level_of
from .terms import terms_in_force


@dataclass(frozen=True, slots=True)
class Standing:
    """What a member has: points, what is owed, what expires within the days of notice and when the first of it does."""

    points: int
    owed: int
    expiring: int
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Rung:
    """Where a member stands on the ladder, the growth of twelve months, and what the next step asks for."""

    level: Level | None
    since: datetime | None
    until: datetime | None
    growth: int
    following: Level | None

    @property
    def missing(self) -> int:
        """Growth that is missing for the next step."""
        return max(self.following.threshold - self.growth, 0) if self.following is not None else 0


def live_lots(member_id: int, moment: datetime | None = None) -> QuerySet[Lot]:
    """Lots of points that are good now, in the order in which they are used."""
    at = moment or now()
    return Lot.objects.filter(
        Q(expires_at__isnull=True) | Q(expires_at__gt=at), purse__member_id=member_id, purse__book=Book.POINTS,
        left__gt=0,
    )  # fmt: skip


def standing(member_id: int) -> Standing:
    """What a member may use now; lots past their date do not count, swept or not. Four statements."""
    moment = now()
    owed = Purse.objects.filter(member_id=member_id, book=Book.POINTS).values_list("owed", flat=True).first()
    lots = live_lots(member_id, moment)
    whole = lots.order_by().aggregate(sum=Sum("left"))["sum"] or 0
    soon = lots.filter(expires_at__lte=moment + timedelta(days=terms_in_force(moment).notice_days)).order_by()
    told = soon.aggregate(sum=Sum("left"), first=Min("expires_at"))
    return Standing(int(whole), int(owed or 0), int(told["sum"] or 0), told["first"])


def rung(member_id: int) -> Rung:
    """Where a member stands on the ladder. Three statements."""
    row = MemberLevel.objects.select_related("level").filter(member_id=member_id).first()
    stands = row.level if row is not None else level_of(member_id)
    above = [step for step in ladder() if stands is not None and step.rank > stands.rank]
    return Rung(
        stands, row.since if row else None, row.until if row else None, int(growth_of_year(member_id)),
        above[0] if above else None,
    )  # fmt: skip


def statement(member_id: int, book: Book = Book.POINTS) -> QuerySet[Line]:
    """The member's lines of a book, the newest first, with what they are of."""
    lines = Line.objects.filter(purse__member_id=member_id, purse__book=book)
    return lines.select_related("entry__unit").order_by("-pk")


def signed_today(member: Member) -> tuple[bool, int]:
    """Whether a member has signed in today, and for how many days in succession."""
    from saleor_o2o.kernel.clock import today

    key = f"{member.pk}:{today():%Y%m%d}"
    return Entry.objects.filter(biz_type="sign_in", biz_id=key).exists(), streak(member.pk)


def unit_of_order(order_id: Any) -> int:
    """The unit that an order counts for; the city where it was attributed to none. Two statements at most."""
    found = OrderAttribution.objects.filter(order_id=order_id).values_list("unit_id", flat=True).first()
    return found or OrgUnit.objects.filter(parent__isnull=True).values_list("pk", flat=True)[0]


def balance_of(member_id: int) -> tuple[Decimal, bool]:
    """What a member may pay with, in yuan, and whether it is frozen. One statement."""
    row = (
        Purse.objects.filter(member_id=member_id, book=Book.BALANCE)
        .values_list("balance", "is_frozen")
        .first()
    )
    return row or (Decimal("0.00"), False)


def packages_on_sale() -> list[RechargePackage]:
    """What may be recharged now, the smallest first; goods without a price are not on sale. One statement."""
    rows = RechargePackage.objects.filter(
        is_active=True, variant__price_override_amount__isnull=False
    ).select_related("variant")
    return list(rows.order_by("variant__price_override_amount", "pk"))


@dataclass(frozen=True, slots=True)
class Liability:
    """What a unit has issued, what of it was used, what expired, and what is still out; points."""

    unit_id: int
    issued: Decimal
    used: Decimal
    expired: Decimal

    @property
    def out(self) -> Decimal:
        """What members may still use at this unit's cost."""
        return self.issued - self.used - self.expired


def liabilities(units: Any, until: datetime) -> list[Liability]:
    """Of the units given (a queryset), as the ledger stood at a moment. One statement."""
    rows = (
        Line.objects.filter(entry__book=Book.POINTS, unit__in=units, entry__at__lt=until)
        .order_by()
        .values_list("unit_id", "side")
        .annotate(Sum("amount"))
    )
    found: dict[int, dict[str, Decimal]] = {}
    for unit, side, amount in rows:
        if unit is not None:
            found.setdefault(unit, {})[side] = amount
    zero = Decimal(0)
    return [
        Liability(unit, -told.get(Side.ISSUED, zero), told.get(Side.USED, zero), told.get(Side.EXPIRED, zero))
        for unit, told in sorted(found.items())
    ]


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a unit owes another (yuan, positive: `debtor` pays `creditor`): for so many points, and for balances.

    `stored` is the part of `amount` that is for balances.
    """

    debtor: int
    creditor: int
    points: Decimal
    stored: Decimal
    amount: Decimal


#: Business types of settlements that are for balances, not for points (`tenders`).
OF_BALANCES = ("balance_part", "balance_back")


def settlements(units: Any, first: datetime, until: datetime) -> list[Settlement]:
    """What units owed each other for a span, of those that one of the units given has a part in. Two statements."""
    rows = list(
        Line.objects.filter(entry__book=Book.SETTLEMENT, entry__at__gte=first, entry__at__lt=until)
        .filter(Q(unit__in=units) | Q(entry__unit__in=units))
        .exclude(unit_id=None)
        .values_list("entry_id", "entry__unit_id", "unit_id", "amount", "entry__biz_type", "entry__biz_id")
    )
    points = _points_of(rows)
    found: dict[tuple[int, int], list[Decimal]] = {}
    for _entry, taker, unit, amount, biz_type, biz_id in rows:
        if unit == taker or unit is None:
            continue
        sums = found.setdefault((unit, taker), [Decimal(0), Decimal(0), Decimal(0)])
        sums[0] += points.get((biz_type, biz_id, unit), Decimal(0))
        sums[1] -= amount if biz_type in OF_BALANCES else 0
        sums[2] -= amount
    return [Settlement(debtor, creditor, *sums) for (debtor, creditor), sums in sorted(found.items())]


def _points_of(rows: Iterable[Any]) -> dict[tuple[str, str, int], Decimal]:
    keys = {(biz_type, biz_id) for _e, _t, _u, _a, biz_type, biz_id in rows}
    if not keys:
        return {}
    lines = Line.objects.filter(
        entry__book=Book.POINTS, side=Side.USED, entry__biz_id__in={biz_id for _type, biz_id in keys}
    ).values_list("entry__biz_type", "entry__biz_id", "unit_id", "amount")
    return {(biz_type, biz_id, unit): amount for biz_type, biz_id, unit, amount in lines if unit is not None}
