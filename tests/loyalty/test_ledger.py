"""The ledger: balanced, append-only, once per key; first in, first out; never below nothing."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from plugins.loyalty.errors import LoyaltyError, PointsShort
from plugins.loyalty.events import PointsExpiring
from plugins.loyalty.kinds import Book, Side
from plugins.loyalty.models import Draw, Entry, Line, Lot, Purse
from plugins.loyalty.receivers import points_expiring
from plugins.loyalty.rules import last_day
from plugins.loyalty.services.expiring import expire, notice
from plugins.members.models import Member, SmsMessage
from plugins.org_hierarchy.interfaces import OrgUnit, customer_erasures
from saleor_o2o.kernel.clock import frozen, now
from saleor_o2o.kernel.models import EventRecord
from tests.members.asking import OTHER, somebody

from .conftest import give, lots_of, purse_of, put_back, sound, take, use

pytestmark = pytest.mark.django_db
Org = dict[str, OrgUnit]


def sides(entry: Entry) -> list[tuple[str, str, int]]:
    """The lines of an entry: account, unit, amount."""
    rows = entry.lines.order_by("side", "unit__code").values_list("side", "unit__code", "amount")
    return [(side, code or "", int(amount)) for side, code, amount in rows]


def test_what_is_given_has_two_sides(org: Org, member: Member) -> None:
    # when
    entry = give(member, 100, "a", org["B111"], days=10)

    # then
    assert sides(entry) == [("issued", "B111", -100), ("member", "", 100)]
    assert (purse_of(member), lots_of(member)) == ((100, 0), [100])
    sound()


def test_the_same_business_moves_once(org: Org, member: Member) -> None:
    # given
    first = give(member, 100, "a", org["B111"])
    spent = use(member, 30, "b", org["B111"])

    # then
    assert give(member, 100, "a", org["B111"]) == first and use(member, 30, "b", org["B111"]) == spent
    with pytest.raises(LoyaltyError) as refusal:
        give(member, 101, "a", org["B111"])
    assert str(refusal.value.code.value) == "KEY_REUSED"
    with pytest.raises(LoyaltyError):
        give(somebody(OTHER), 100, "a", org["B111"])
    assert purse_of(member) == (70, 0)
    sound()


def test_what_expires_first_goes_first(org: Org, member: Member) -> None:
    # given: given in another order
    give(member, 50, "long", org["B111"], days=90)
    give(member, 30, "for ever", org["B112"])
    give(member, 20, "short", org["B121"], days=5)

    # when
    entry = use(member, 60, "x", org["B111"])

    # then: 20 of B121's, 40 of B111's
    assert sides(entry) == [("member", "", -60), ("used", "B111", 40), ("used", "B121", 20)]
    assert lots_of(member) == [10, 30]
    sound()


def test_never_below_nothing(org: Org, member: Member) -> None:
    # given
    give(member, 40, "a", org["B111"])

    # then
    with pytest.raises(PointsShort) as refusal:
        use(member, 41, "x", org["B111"])
    assert "现有 40 分" in refusal.value.message
    for points in (0, -5):
        with pytest.raises(LoyaltyError):
            use(member, points, "y", org["B111"])
    assert purse_of(member) == (40, 0) and Entry.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Purse.objects.filter(member=member).update(balance=-1)


def test_what_was_used_comes_back_to_where_it_was(org: Org, member: Member) -> None:
    # given
    give(member, 20, "short", org["B121"], days=5)
    give(member, 50, "long", org["B111"], days=90)
    spent = use(member, 60, "x", org["C11"])

    # when: in two steps, the second twice
    put_back(member, spent, 45, "back-1", org["C11"])
    halfway = lots_of(member)
    put_back(member, spent, 15, "back-2", org["C11"])
    put_back(member, spent, 15, "back-2", org["C11"])

    # then: the last drawn first
    assert (halfway, lots_of(member)) == ([5, 50], [20, 50])
    assert purse_of(member) == (70, 0)
    with pytest.raises(LoyaltyError) as refusal:
        put_back(member, spent, 1, "back-3", org["C11"])
    assert str(refusal.value.code.value) == "TOO_MUCH"
    sound()


def test_what_comes_back_too_late_is_good_for_a_month(org: Org, member: Member) -> None:
    # given
    give(member, 20, "short", org["B121"], days=5)
    spent = use(member, 20, "x", org["B111"])

    # when
    with frozen(now() + timedelta(days=6)) as moment:
        put_back(member, spent, 20, "back", org["B111"])
        lot = Lot.objects.get(left__gt=0)

        # then
        assert (lot.unit, lot.expires_at) == (org["B121"], moment + timedelta(days=30))
        with pytest.raises(LoyaltyError):
            put_back(member, spent, 1, "again", org["B111"])
    sound()


def test_what_cannot_be_taken_back_is_owed_and_worked_off(org: Org, member: Member) -> None:
    # given: of a hundred eighty are used
    granted = give(member, 100, "a", org["B111"])
    use(member, 80, "x", org["B121"])

    # when
    entry = take(member, granted, 50, "back", org["B111"])

    # then
    assert sides(entry) == [("debt", "", -30), ("issued", "B111", 50), ("member", "", -20)]
    assert purse_of(member) == (0, 30)
    with pytest.raises(PointsShort):
        use(member, 1, "y", org["B111"])

    # when: earned later
    part = give(member, 10, "b", org["B112"])
    rest = give(member, 50, "c", org["B112"])

    # then
    assert sides(part) == [("debt", "", 10), ("issued", "B112", -10)]
    assert sides(rest) == [("debt", "", 20), ("issued", "B112", -50), ("member", "", 30)]
    assert (purse_of(member), lots_of(member)) == ((30, 0), [30])
    sound()


def test_a_reversal_takes_its_own_lot_first(org: Org, member: Member) -> None:
    # given
    give(member, 10, "old", org["B121"], days=5)
    granted = give(member, 10, "new", org["B111"], days=90)

    # when
    take(member, granted, 10, "back", org["B111"])

    # then: the older points are still there
    lot = Lot.objects.get(left__gt=0)
    assert (lot.unit, int(lot.left)) == (org["B121"], 10)
    sound()


def test_expired_points_go_by_themselves(org: Org, member: Member) -> None:
    # given
    give(member, 30, "short", org["B121"], days=5)
    give(member, 50, "long", org["B111"], days=90)

    with frozen(now() + timedelta(days=5, seconds=1)):
        # then: they cannot be used, job or no job
        with pytest.raises(PointsShort):
            use(member, 51, "x", org["B111"])

        # when
        assert (expire(), expire()) == (1, 0)
        entry = Entry.objects.get(kind="expire")

        # then
        assert sides(entry) == [("expired", "B121", 30), ("member", "", -30)]
        assert purse_of(member) == (50, 0)
    sound()


def test_points_and_balance_that_end_together_go_together(org: Org, member: Member) -> None:
    # given
    give(member, 30, "points", org["B121"], days=5)
    give(member, 20, "gift", org["B111"], days=5, book=Book.BALANCE)

    # when
    with frozen(now() + timedelta(days=5, seconds=1)):
        done = (expire(), expire())

    # then: both in the first run
    assert done == (1, 0)
    assert set(Entry.objects.filter(kind="expire").values_list("book", flat=True)) == {
        "points",
        "balance",
    }
    sound()


def test_members_are_told_thirty_days_before_once(org: Org, member: Member) -> None:
    # given
    give(member, 30, "a", org["B111"], days=20)
    give(member, 5, "b", org["B111"], days=29)
    give(member, 50, "c", org["B111"], days=31)
    other = somebody(OTHER)
    give(other, 7, "d", org["B111"])

    # when
    assert (notice(), notice()) == (1, 0)

    # then: both lots in one word, with the first date
    [told] = EventRecord.objects.filter(name="loyalty.points_expiring")
    first = Lot.objects.get(entry__biz_id="a").expires_at
    assert first is not None
    assert (told.payload["member_id"], told.payload["points"]) == (member.pk, 35)
    assert Lot.objects.filter(noticed_at__isnull=False).count() == 2
    # and he reads it on his telephone
    points_expiring(PointsExpiring(member_id=member.pk, points=35, expires_at=first))
    message = SmsMessage.objects.get(template="points_expiring")
    assert message.parameters == {"points": "35", "date": f"{last_day(first):%Y-%m-%d}"}
    with frozen(now() + timedelta(days=2)):
        assert notice() == 1


def test_who_leaves_leaves_no_points_behind(org: Org, member: Member) -> None:
    # given
    give(member, 30, "a", org["B111"], days=20)
    give(member, 5, "b", org["B121"])
    forget = customer_erasures()["loyalty.points"]

    # when
    with transaction.atomic():
        assert (forget(member.user), forget(member.user)) == (2, 0)

    # then
    assert purse_of(member) == (0, 0)
    assert Entry.objects.filter(kind="expire").count() == 2
    sound()


def test_the_database_refuses_what_does_not_balance(org: Org, member: Member) -> None:
    # given
    entry = give(member, 10, "a", org["B111"])
    purse = Purse.objects.get(member=member, book=Book.POINTS)

    # then
    with pytest.raises(DatabaseError, match="balance"), transaction.atomic():
        Line.objects.create(entry=entry, side=Side.MEMBER, purse=purse, amount=5)
    with pytest.raises(DatabaseError, match="balance"), transaction.atomic():
        Line.objects.bulk_create([
            Line(entry=entry, side=Side.MEMBER, purse=purse, amount=Decimal(5)),
            Line(entry=entry, side=Side.ISSUED, unit=org["B111"], amount=Decimal(-4)),
        ])  # fmt: skip
    with pytest.raises(DatabaseError), transaction.atomic():
        Line.objects.filter(entry=entry).update(amount=20)
    with pytest.raises(DatabaseError), transaction.atomic():
        Entry.objects.filter(pk=entry.pk).delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        use(member, 5, "x", org["B111"])
        Draw.objects.all().update(amount=1)
    assert Line.objects.count() == 2
