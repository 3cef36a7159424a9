"""The core system's door: counted once, waiting for who is no member, taken back by the same number."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg2.errors
import pytest
from django.db import OperationalError

from plugins.loyalty.models import Entry, Lot
from plugins.loyalty.selectors import liabilities
from plugins.members.interfaces import bind
from plugins.members.kinds import MemberStatus
from plugins.org_hierarchy.interfaces import OrgUnit
from plugins.postal_points import hooks
from plugins.postal_points.figures import Row, by_unit
from plugins.postal_points.models import PostalBusiness, PostalRule
from plugins.postal_points.services.counting import sweep
from saleor_o2o.kernel.clock import now, today
from saleor_o2o.kernel.locks import LockTimeout
from tests.members.asking import OTHER, somebody

from .conftest import D, Door, Registered, points_of


def test_a_business_counts_once_and_is_the_unit_s(door: Door, org: dict[str, OrgUnit]) -> None:
    # given
    member = somebody(name="王建国", home_unit=org["B121"])

    # when: told twice
    first, second = door(), door()

    # then: 25 000 yuan are 250 points, issued by the unit that did it, in words for the member
    assert first == second == (
        200, {"status": "counted", "service": "savings", "number": "CX0001", "points": 250, "why": ""},
    )  # fmt: skip
    assert points_of(member) == (250, 0)
    entry = Entry.objects.get(member=member)
    assert (entry.kind, entry.biz_type, entry.biz_id, entry.unit) == (
        "postal",
        "postal",
        "savings:CX0001",
        org["B111"],
    )
    assert entry.note == "储蓄业务，编号尾号 0001"
    assert Lot.objects.get(entry=entry).expires_at is not None
    [owed] = liabilities(OrgUnit.objects.all(), now() + timedelta(minutes=1))
    assert (owed.unit_id, int(owed.out)) == (org["B111"].pk, 250)


@pytest.mark.parametrize(
    ("told", "points", "why"),
    [
        ({"amount": "199.99"}, 1, ""),
        ({"amount": "99.99"}, 0, "金额不足一分"),
        ({"amount": "900000"}, 1000, ""),
        ({"service": "insurance", "amount": "123.45"}, 12, ""),
        ({"happened_at": "2020-01-01T00:00:00+08:00"}, 0, "办理当天没有这项业务的积分规则"),
    ],
)
def test_what_a_business_is_worth(door: Door, told: dict[str, Any], points: int, why: str) -> None:
    # given
    member = somebody()

    # when
    status, answer = door(**told)

    # then
    assert (status, answer["points"], answer["why"]) == (200, points, why)
    assert answer["status"] == ("counted" if points else "nothing")
    assert points_of(member) == (points, 0)


def test_the_same_number_with_other_facts_is_refused(door: Door, org: dict[str, OrgUnit]) -> None:
    # given
    member = somebody()
    door()

    # when, then
    for told in ({"amount": "25000.01"}, {"unit": "B112"}, {"mobile": OTHER}):
        status, answer = door(**told)
        assert (status, answer["code"]) == (409, "KEY_REUSED"), told
    assert points_of(member) == (250, 0)
    assert door(service="parcel", amount="30")[1]["points"] == 30  # another service's numbers are its own


def test_who_is_no_member_yet_gets_them_when_he_registers(
    door: Door, org: dict[str, OrgUnit], registered: Registered
) -> None:
    # given: nobody has this number; nothing of him is kept in the clear
    assert door()[1] == {
        "status": "waiting",
        "service": "savings",
        "number": "CX0001",
        "points": 250,
        "why": "",
    }
    row = PostalBusiness.objects.get()
    assert (row.clue, row.member) == ("139****1111", None)

    # when
    member = registered()

    # then
    row = PostalBusiness.objects.get()
    assert (row.state, row.member, points_of(member)) == ("counted", member, (250, 0))
    assert door()[1]["status"] == "counted"
    assert points_of(member) == (250, 0)


def test_what_was_promised_is_kept_when_the_rule_changes(
    door: Door, rules: dict[str, PostalRule], registered: Registered
) -> None:
    # given
    door()
    PostalRule.objects.filter(pk=rules["savings"].pk).update(valid_to=now())

    # when
    member = registered()

    # then
    assert points_of(member) == (250, 0)


def test_a_registration_at_that_very_moment_is_found_by_the_sweep(door: Door) -> None:
    # given: the row was written while the registration was not to be seen yet
    door()
    member = somebody()

    # when
    assert (sweep(), sweep()) == (1, 0)

    # then
    assert points_of(member) == (250, 0)


def test_waiting_ends(door: Door, rules: dict[str, PostalRule], registered: Registered) -> None:
    # given
    door()
    PostalBusiness.objects.update(wait_until=now() - timedelta(seconds=1))

    # when
    assert (sweep(), sweep()) == (1, 0)
    member = registered()

    # then
    row = PostalBusiness.objects.get()
    assert (row.state, row.why, points_of(member)) == ("lapsed", "期限内没有注册会员", (0, 0))


def test_a_reversal_takes_back_and_owes_the_rest(door: Door, org: dict[str, OrgUnit]) -> None:
    # given: 200 of 250 were used
    from tests.loyalty.conftest import use

    member = somebody()
    door()
    use(member, 200, "burn", org["B121"])

    # when: told twice, and the business once more
    assert [door("reversals")[1]["status"] for _time in range(2)] == ["reversed", "reversed"]
    assert door()[1]["status"] == "reversed"

    # then
    assert points_of(member) == (0, 200)
    assert [row.kind for row in Entry.objects.filter(member=member).order_by("pk")] == [
        "postal",
        "burn",
        "postal_back",
    ]


def test_what_was_reversed_counts_in_no_figure(door: Door, org: dict[str, OrgUnit]) -> None:
    # given
    somebody()
    door()
    door(number="CX0002", amount="1000")
    door("reversals", number="CX0002")

    # when
    [row] = by_unit(PostalBusiness.objects.all(), today() - timedelta(days=30), today())

    # then: its points stand beside, as taken back
    assert row == Row(org["B111"].name, 1, D("25000.00"), 250, 0, 10)


def test_a_reversal_before_the_business(door: Door) -> None:
    # given
    member = somebody()

    # when
    assert door("reversals")[0] == 200
    status, answer = door()

    # then
    assert (status, answer["status"], points_of(member)) == (200, "reversed", (0, 0))


def test_a_reversal_of_what_waits(door: Door, registered: Registered) -> None:
    # given
    door()

    # when
    assert door("reversals")[1]["status"] == "reversed"
    member = registered()

    # then
    assert points_of(member) == (0, 0)


def test_the_identity_number_is_surer_than_the_mobile(door: Door) -> None:
    # given: the wife's mobile, the husband's identity number
    wife, husband = somebody(), somebody(OTHER)
    bind(husband, "id_number", "110101199003077571")

    # when
    door(id_number="110101199003077571")

    # then
    assert (points_of(wife), points_of(husband)) == ((0, 0), (250, 0))


def test_the_blacklisted_get_nothing(door: Door) -> None:
    # given
    member = somebody()
    type(member).objects.filter(pk=member.pk).update(status=MemberStatus.BLACKLISTED)

    # when
    answer = door()[1]

    # then
    assert (answer["status"], answer["why"], points_of(member)) == ("nothing", "会员在黑名单或注销中", (0, 0))


@pytest.mark.parametrize(
    ("told", "status", "code"),
    [
        ({"spoil": {"X-Postal-Signature": "0" * 64}}, 401, "BAD_SIGNATURE"),
        ({"spoil": {"X-Postal-Key": "else"}}, 401, "BAD_SIGNATURE"),
        ({"spoil": {"X-Postal-Timestamp": "1"}}, 401, "BAD_SIGNATURE"),
        ({"raw": b"{"}, 400, "MALFORMED"),
        ({"raw": b"[]"}, 400, "MALFORMED"),
        ({"amount": "12.345"}, 400, "MALFORMED"),
        ({"amount": "NaN"}, 400, "MALFORMED"),
        ({"amount": 100}, 400, "MALFORMED"),
        ({"service": "lottery"}, 400, "MALFORMED"),
        ({"number": ""}, 400, "MALFORMED"),
        ({"happened_at": "2099-01-01T00:00:00+08:00"}, 400, "MALFORMED"),
        ({"happened_at": "2026-11-01T00:00:00"}, 400, "MALFORMED"),
        ({"unit": "NOWHERE"}, 404, "UNKNOWN_UNIT"),
        ({"mobile": "12345"}, 422, "INVALID"),
        ({"mobile": None}, 422, "INVALID"),
    ],
)
def test_what_is_refused(door: Door, told: dict[str, Any], status: int, code: str) -> None:
    # given
    somebody()

    # when
    answered, answer = door(**told)

    # then
    assert (answered, answer["status"], answer["code"]) == (status, "refused", code)
    assert not PostalBusiness.objects.exists()
    assert not Entry.objects.exists()


def test_an_old_message_and_a_door_without_keys(door: Door, settings: Any) -> None:
    # given
    assert [door(age=age)[1]["code"] for age in (301, -310)] == ["STALE", "STALE"]

    # when
    settings.O2O_POSTAL_POINTS = {"KEY": "", "SECRET": ""}
    settings.SANDBOX_URL = ""

    # then
    assert door()[0] == 503
    assert not PostalBusiness.objects.exists()


class Deadlock(psycopg2.errors.DeadlockDetected):
    """As the server tells it."""

    pgcode = "40P01"


@pytest.mark.parametrize("wrapped", [True, False], ids=["deadlock", "lock"])
def test_when_somebody_else_is_at_it_the_core_system_comes_again(
    door: Door, monkeypatch: pytest.MonkeyPatch, wrapped: bool
) -> None:
    # given
    def busy(_told: Any) -> None:
        if not wrapped:
            raise LockTimeout
        raise OperationalError from Deadlock()

    monkeypatch.setattr(hooks, "take", busy)

    # when
    status, answer = door()

    # then
    assert (status, answer) == (503, {"status": "refused", "code": "BUSY"})
    assert not PostalBusiness.objects.exists()
