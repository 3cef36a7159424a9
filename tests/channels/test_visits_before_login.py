"""A shop's page opened without a login, the login afterwards: bound by the rule in force, as of the visit."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from saleor.account.models import User

from plugins.channels.models import BindingMode, BindingRule, Channel, CustomerBinding
from plugins.channels.services.binding import bind_on_visit, current_binding
from plugins.channels.services.moves import change_state
from plugins.channels.types import ChannelType
from plugins.org_hierarchy.models import OrgUnit
from saleor_o2o.kernel.clock import frozen, now, today

from . import shops

pytestmark = pytest.mark.django_db
ENTER = (
    "mutation($code: String!) { shopEnter(shopCode: $code) { visit binding { shopCode } errors { code } } }"
)
CLAIM = """mutation($visit: String!) { shopVisitClaim(visit: $visit) {
  shop { name } binding { shopCode } errors { code } } }"""


@pytest.fixture
def two(org: dict[str, OrgUnit]) -> tuple[Channel, Channel]:
    return shops.shop(org["B111"]).channel, shops.shop(org["B121"]).channel


@pytest.fixture
def customer() -> User:
    return User.objects.create_user("c@example.com", "pass-word")


def rule(mode: str, days: int = 30) -> None:
    BindingRule.objects.create(mode=mode, protection_days=days, effective_from=today() - timedelta(days=1))


def enter(channel: Channel) -> str:
    """Open the page without a login; the note that the page keeps."""
    told = shops.ask(ENTER, {"code": channel.code})["shopEnter"]
    assert told["binding"] is None and told["errors"] == []
    return str(told["visit"])


def claim(customer: User | None, visit: str) -> Any:
    return shops.ask(CLAIM, {"visit": visit}, customer)["shopVisitClaim"]


@pytest.mark.parametrize("mode", BindingMode.values)
def test_a_visit_before_the_login_binds_in_each_mode(
    mode: str, two: tuple[Channel, Channel], customer: User
) -> None:
    # given
    rule(mode)
    visit = enter(two[0])

    # when: twice, as a page that lost the answer does
    told = [claim(customer, visit) for _ in range(2)]

    # then: bound once, the visit counted once
    assert [one["binding"]["shopCode"] for one in told] == [two[0].code] * 2
    assert CustomerBinding.objects.get().basis == mode
    assert two[0].days.get().visits == 1


def test_registering_after_the_scan_binds_by_registration(two: tuple[Channel, Channel]) -> None:
    # given: scan first, register an hour later; and somebody who registered long ago
    rule(BindingMode.REGISTER)
    visit = enter(two[0])
    with frozen(now() + timedelta(hours=1)):
        fresh = User.objects.create_user("new@example.com", "pass-word")
        old = User.objects.create_user("old@example.com", "pass-word")
        User.objects.filter(pk=old.pk).update(date_joined=now() - timedelta(days=3))

        # then
        assert claim(fresh, visit)["binding"]["shopCode"] == two[0].code
        assert claim(old, visit)["binding"] is None


def test_a_protected_customer_stays_where_he_is(two: tuple[Channel, Channel], customer: User) -> None:
    # given
    rule(BindingMode.FIRST, 30)
    bind_on_visit(customer, two[0])

    # when
    told = claim(customer, enter(two[1]))

    # then
    assert told["binding"]["shopCode"] == two[0].code


def test_an_older_visit_does_not_undo_a_later_one(two: tuple[Channel, Channel], customer: User) -> None:
    # given: the last shop counts; he looked at the first one before he was bound to the second
    rule(BindingMode.OVERWRITE, 0)
    visit = enter(two[0])
    with frozen(now() + timedelta(minutes=5)):
        bind_on_visit(customer, two[1])
        assert claim(customer, visit)["binding"]["shopCode"] == two[1].code
    with frozen(now() + timedelta(minutes=10)):
        later = enter(two[0])
        assert claim(customer, later)["binding"]["shopCode"] == two[0].code


@pytest.mark.parametrize("case", ["garbage", "", "old", "closed", "anonymous"])
def test_notes_that_bind_nobody(case: str, two: tuple[Channel, Channel], customer: User) -> None:
    # given
    visit, days = enter(two[0]), 0.0
    if case == "old":
        days = 7.1
    if case == "closed":
        change_state(two[0], "pause", reason="装修")

    # when
    with frozen(now() + timedelta(days=days)):
        given = {"garbage": visit[:-3] + "AAA", "": ""}.get(case, visit)
        told = claim(None if case == "anonymous" else customer, given)

    # then
    code = {"closed": "SHOP_CLOSED", "anonymous": "PERMISSION_DENIED"}.get(case, "VISIT_OVER")
    assert [one["code"] for one in told["errors"]] == [code]
    assert current_binding(customer) is None


def test_counters_give_no_note(org: dict[str, OrgUnit]) -> None:
    # given
    counter = shops.channel(org["B111"], type=ChannelType.OUTLET, owner_id_index="")

    # then
    assert shops.ask(ENTER, {"code": counter.code})["shopEnter"]["visit"] is None
