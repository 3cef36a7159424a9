"""Random walks through the ledger, beside a model that a child could reckon."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plugins.loyalty.errors import LoyaltyError
from plugins.loyalty.models import Entry, Purse
from plugins.loyalty.rules import expiry, kept
from plugins.members.models import Member
from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.kernel.clock import SHANGHAI, frozen, now

from .conftest import give, lots_of, purse_of, put_back, sound, take, use

Step = tuple[str, int, int]
STEPS = st.lists(
    st.tuples(st.sampled_from(["give", "use", "back", "take", "wait"]), st.integers(1, 60), st.integers(0, 40)),
    min_size=1, max_size=14,
)  # fmt: skip


@dataclass
class Model:
    """Lots as lists of [day, points, left]; what was used as lists of (lot, points)."""

    day: int = 0
    lots: list[list[int]] = field(default_factory=list)
    owed: int = 0

    def live(self) -> list[list[int]]:
        return sorted((lot for lot in self.lots if lot[2]), key=lambda lot: lot[0])

    def drop_expired(self) -> None:
        for lot in self.lots:
            if lot[0] <= self.day:
                lot[2] = 0

    def balance(self) -> int:
        return sum(lot[2] for lot in self.lots)

    def draw(self, points: int, first: list[int] | None = None) -> list[tuple[list[int], int]]:
        rest, drawn = points, []
        for lot in ([first] if first is not None and first[2] else []) + [
            x for x in self.live() if x is not first
        ]:
            part = min(lot[2], rest)
            if part:
                lot[2] -= part
                rest -= part
                drawn.append((lot, part))
        assert rest == 0
        return drawn


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_a_walk_ends_where_the_model_ends(org: dict[str, OrgUnit], member: Member, steps: list[Step]) -> None:
    from django.db import transaction

    with transaction.atomic():
        _walk(org["B111"], member, steps)
        transaction.set_rollback(True)


def _walk(unit: OrgUnit, member: Member, steps: list[Step]) -> None:
    # given
    model, start = Model(), now()
    granted: list[tuple[Entry, list[int]]] = []
    spent: list[list[object]] = []
    for number, (act, points, extra) in enumerate(steps):
        key = f"s{number}"
        with frozen(start + timedelta(days=model.day, seconds=number)):
            # when
            if act == "wait":
                model.day += extra
            elif act == "give":
                # each lot has a day of its own, so that the order is never a matter of luck
                until = model.day + 1 + extra + number * 100
                entry = give(member, points, key, unit, days=until - model.day)
                repaid = min(model.owed, points)
                model.owed -= repaid
                lot = [until, points - repaid, points - repaid]
                model.lots.append(lot)
                granted.append((entry, lot))
            elif act == "use":
                model.drop_expired()
                if points > model.balance():
                    with pytest.raises(LoyaltyError):
                        use(member, points, key, unit)
                else:
                    entry = use(member, points, key, unit)
                    spent.append([entry, points, model.draw(points)])
            elif act == "take" and granted:
                entry, lot = granted[extra % len(granted)]
                model.drop_expired()
                there = min(model.balance(), points)
                take(member, entry, points, key, unit)
                model.draw(there, lot)
                model.owed += points - there
            elif act == "back" and spent:
                one = spent[extra % len(spent)]
                entry, out, drawn = one
                part = min(points, out)  # type: ignore[call-overload]
                if part:
                    put_back(member, entry, part, key, unit)  # type: ignore[arg-type]
                    one[1] = out - part  # type: ignore[operator]
                    one[2] = _return(model, drawn, part)  # type: ignore[arg-type]
                else:
                    with pytest.raises(LoyaltyError):
                        put_back(member, entry, 1, key, unit)  # type: ignore[arg-type]
            # then
            sound()
    with frozen(start + timedelta(days=model.day, seconds=len(steps))):
        take(member, None, 1, "last", unit)
        model.drop_expired()
        there = min(model.balance(), 1)
        model.draw(there)
        model.owed += 1 - there
        assert purse_of(member) == (model.balance(), model.owed)
        assert lots_of(member) == [lot[2] for lot in model.live()]
    assert not Purse.objects.filter(balance__lt=0).exists()


def _return(model: Model, drawn: list[tuple[list[int], int]], part: int) -> list[tuple[list[int], int]]:
    """Put back, the last drawn first; what has expired begins a lot of thirty days."""
    rest, left = part, list(drawn)
    while rest:
        lot, out = left.pop()
        now_back = min(out, rest)
        rest -= now_back
        if lot[0] <= model.day:
            model.lots.append([model.day + 30, now_back, now_back])
        else:
            lot[2] += now_back
        if out > now_back:
            left.append((lot, out - now_back))
    return left


@given(
    whole=st.integers(0, 10**6),
    paid=st.integers(1, 10**7),
    steps=st.lists(st.integers(0, 10**6), max_size=8),
)
def test_what_is_taken_back_sums_to_the_whole(whole: int, paid: int, steps: list[int]) -> None:
    # given: in fen
    yuan, gone, taken, before = Decimal(paid) / 100, 0, 0, whole
    for step in (*steps, paid):
        gone = min(gone + step, paid)
        left = kept(whole, yuan, Decimal(gone) / 100)

        # then: never up, never off by more than half a point
        assert 0 <= left <= before
        assert abs(Fraction(whole - left) - Fraction(whole * gone, paid)) <= Fraction(1, 2)
        taken += before - left
        before = left
    assert taken == whole


def test_half_the_items_take_half_the_points() -> None:
    # then
    assert kept(100, Decimal("79.80"), Decimal("39.90")) == 50
    assert kept(79, Decimal("79.80"), Decimal("39.90")) == 39
    assert kept(79, Decimal("0.00"), Decimal("0.00")) == 79


def test_points_are_good_until_the_end_of_a_month() -> None:
    # given
    from datetime import datetime

    leap = datetime(2028, 2, 29, 23, 59, tzinfo=SHANGHAI)

    # then: the first moment at which they are over
    assert expiry(12, leap) == datetime(2029, 3, 1, tzinfo=SHANGHAI)
    assert expiry(24, datetime(2026, 11, 28, 12, tzinfo=SHANGHAI)) == datetime(2028, 12, 1, tzinfo=SHANGHAI)
    assert expiry(1, datetime(2026, 11, 30, 12, tzinfo=SHANGHAI)) == datetime(2027, 1, 1, tzinfo=SHANGHAI)
    assert expiry(0, datetime(2026, 12, 31, 12, tzinfo=SHANGHAI)) == datetime(2027, 1, 1, tzinfo=SHANGHAI)
    assert expiry(None) is None
