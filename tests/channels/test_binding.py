"""Whose customer somebody is: the three modes, protection, races, handing over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from pytest_django.plugin import DjangoDbBlocker
from saleor.account.models import User

from plugins.channels.errors import ChannelError, ChannelErrorCode
from plugins.channels.models import BindingMode, BindingRule, Channel, CustomerBinding
from plugins.channels.services import binding
from plugins.channels.services.binding import bind_on_visit, current_binding, transfer_customers
from plugins.channels.services.moves import change_state
from plugins.channels.types import ChannelStatus, ChannelType
from plugins.org_hierarchy.models import OrgUnit
from saleor_o2o.kernel.clock import frozen, now, today
from saleor_o2o.kernel.models import AuditEntry
from saleor_o2o.kernel.scope import rows_for
from tests.orgs import again, person, small_org
from tests.threads import meeting, together
from tests.wiping import wipe

from . import shops

ENTER = """mutation($code: String!) { shopEnter(shopCode: $code) {
  shop { name } binding { shopCode protectedUntil } errors { code } } }"""


def rule(mode: str, days: int = 30, **changes: Any) -> BindingRule:
    values = {"effective_from": today() - timedelta(days=1), **changes}
    return BindingRule.objects.create(mode=mode, protection_days=days, **values)


@pytest.fixture
def customer(db: None) -> User:
    return User.objects.create_user("c@example.com", "pass-word")


@pytest.fixture
def two(org: dict[str, OrgUnit]) -> tuple[Channel, Channel]:
    return shops.shop(org["B111"]).channel, shops.shop(org["B121"]).channel


def visit_later(customer: User, channel: Channel, days: float) -> Channel | None:
    with frozen(now() + timedelta(days=days)):
        bound = bind_on_visit(customer, channel)
        return bound.channel if bound is not None else None


def test_first_binding_keeps_the_customer_until_the_protection_ends(
    customer: User, two: tuple[Channel, Channel]
) -> None:
    # given
    rule(BindingMode.FIRST, 30)
    first, second = two
    assert visit_later(customer, first, 0) == first

    # when / then: protected; a visit at home begins the protection anew; then it is over
    assert visit_later(customer, second, 29) == first
    assert visit_later(customer, first, 29) == first
    assert visit_later(customer, second, 31) == first
    assert visit_later(customer, second, 60) == second
    assert CustomerBinding.objects.filter(ended_at__isnull=True).count() == 1
    assert CustomerBinding.objects.count() == 2


def test_a_bound_customer_is_seen_where_the_shop_is_and_nowhere_else(
    org: dict[str, OrgUnit], customer: User, two: tuple[Channel, Channel]
) -> None:
    # given: a customer without any order
    near = person(org["C11"], "near", ["customer.view"])
    far = person(org["C12"], "far", ["customer.view"])
    assert not rows_for(near, User).filter(pk=customer.pk).exists()

    # when
    bind_on_visit(customer, two[0])

    # then
    assert rows_for(again(near), User).filter(pk=customer.pk).exists()
    assert not rows_for(again(far), User).filter(pk=customer.pk).exists()

    # when: the shop lets go of the customer
    CustomerBinding.objects.update(ended_at=now())

    # then
    assert not rows_for(again(near), User).filter(pk=customer.pk).exists()


def test_first_binding_without_days_is_for_ever(customer: User, two: tuple[Channel, Channel]) -> None:
    # given
    rule(BindingMode.FIRST, 0)
    visit_later(customer, two[0], 0)

    # then
    assert visit_later(customer, two[1], 4000) == two[0]


def test_overwriting_takes_the_last_shop_after_its_protection(
    customer: User, two: tuple[Channel, Channel]
) -> None:
    # given
    rule(BindingMode.OVERWRITE, 7)
    visit_later(customer, two[0], 0)
    visit_later(customer, two[0], 6)  # protects no longer

    # then
    assert visit_later(customer, two[1], 6.9) == two[0]
    assert visit_later(customer, two[1], 7.1) == two[1]


def test_overwriting_without_days_takes_every_visit(customer: User, two: tuple[Channel, Channel]) -> None:
    # given
    rule(BindingMode.OVERWRITE, 0)

    # then
    for channel in (*two, *two):
        assert visit_later(customer, channel, 1) == channel


def test_binding_at_registration(customer: User, two: tuple[Channel, Channel]) -> None:
    # given: registered an hour ago, and long ago
    rule(BindingMode.REGISTER, registration_hours=24)
    old = User.objects.create_user("old@example.com", "pass-word")
    User.objects.filter(pk=old.pk).update(date_joined=now() - timedelta(hours=25))

    # then
    assert visit_later(customer, two[0], 0) == two[0]
    assert visit_later(customer, two[1], 400) == two[0]
    assert visit_later(User.objects.get(pk=old.pk), two[1], 0) is None


def test_the_rule_of_the_day_counts(customer: User, two: tuple[Channel, Channel]) -> None:
    # given: a rule to come, one that counts, an older one
    rule(BindingMode.OVERWRITE, 0, effective_from=today() + timedelta(days=1))
    rule(BindingMode.FIRST, 0, effective_from=today())
    rule(BindingMode.OVERWRITE, 0, effective_from=today() - timedelta(days=9))
    bind_on_visit(customer, two[0])

    # then
    assert bind_on_visit(customer, two[1]).channel == two[0]
    assert visit_later(customer, two[1], 1.1) == two[0]  # bound for ever by the rule of its day


@pytest.mark.parametrize("kind", [ChannelType.OUTLET, ChannelType.WEB, ChannelType.KIOSK])
def test_counters_and_machines_bind_nobody(customer: User, org: dict[str, OrgUnit], kind: str) -> None:
    # when / then
    assert bind_on_visit(customer, shops.channel(org["B111"], type=kind)) is None


def test_entering_over_the_api(customer: User, two: tuple[Channel, Channel]) -> None:
    # when / then: nobody is counted, somebody is bound, a closed shop says so
    assert shops.ask(ENTER, {"code": two[0].code})["shopEnter"]["binding"] is None
    bound = shops.ask(ENTER, {"code": two[0].code}, customer)["shopEnter"]
    assert (bound["binding"]["shopCode"], bound["errors"]) == (two[0].code, [])
    assert two[0].days.get().visits == 2
    change_state(two[1], "pause", reason="装修")
    closed = shops.ask(ENTER, {"code": two[1].code}, customer)["shopEnter"]
    assert [one["code"] for one in closed["errors"]] == ["SHOP_CLOSED"]


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[list[Channel]]:
    """Two shops whose rows other connections see."""
    with django_db_blocker.unblock():
        wipe()
        units = small_org()
        yield [shops.shop(units[code]).channel for code in ("B111", "B121")]
        wipe()


def race(channels: list[Channel]) -> list[Any]:
    """Eight customers, each in both shops at once."""
    rule(BindingMode.FIRST, 30)
    people = [User.objects.create_user(f"c{n}@example.com", "pass-word") for n in range(8)]
    answers = []
    for one in people:
        answers += together(*[lambda c=c, u=one: bind_on_visit(u, c) for c in channels * 2])
    return answers


def test_two_shops_at_once_get_one_customer_between_them(committed: list[Channel]) -> None:
    # when
    answers = race(committed)

    # then
    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    assert CustomerBinding.objects.count() == 8
    for at in range(0, len(answers), 4):
        assert len({answer.channel_id for answer in answers[at : at + 4]}) == 1


def test_without_the_lock_the_race_is_lost(committed: list[Channel], monkeypatch: pytest.MonkeyPatch) -> None:
    # given: only the unique index is left to say no
    monkeypatch.setattr(binding, "lock_customer", lambda customer: None)
    may_bind, meet = binding._may_bind, meeting(4)

    def all_look_first(*args: Any) -> bool:
        found = may_bind(*args)
        meet()
        return found

    monkeypatch.setattr(binding, "_may_bind", all_look_first)

    # when / then
    answers = race(committed)
    assert any(isinstance(answer, Exception) for answer in answers)
    assert CustomerBinding.objects.filter(ended_at__isnull=True).count() == 8


def test_all_customers_go_with_one_signature(two: tuple[Channel, Channel], org: dict[str, OrgUnit]) -> None:
    # given
    first, second = two
    people = [User.objects.create_user(f"c{n}@example.com", "pass-word") for n in range(3)]
    for one in people:
        bind_on_visit(one, first)

    # when / then: the owner cannot leave before they are handed over
    with pytest.raises(ChannelError) as refusal:
        change_state(first, "leave", reason="店主搬家")
    assert refusal.value.code == ChannelErrorCode.HAS_BLOCKERS and "未移交客户 3" in refusal.value.message
    assert transfer_customers(first, second, "店主搬家") == 3
    assert transfer_customers(first, second, "店主搬家") == 0
    assert {current_binding(one).channel_id for one in people} == {second.pk}
    assert set(CustomerBinding.objects.filter(channel=first).values_list("end_reason", flat=True)) == {
        "店主搬家"
    }
    line = AuditEntry.objects.filter(action="channels.customers_transferred").earliest("pk")
    assert line.after == {"to": second.code, "customers": 3, "reason": "店主搬家"}
    change_state(first, "leave", reason="店主搬家")
    assert Channel.objects.get(pk=first.pk).status == ChannelStatus.LEFT


def test_bad_transfers_move_nobody(
    two: tuple[Channel, Channel], customer: User, org: dict[str, OrgUnit]
) -> None:
    # given
    first, second = two
    bind_on_visit(customer, first)
    paused = shops.channel(org["B111"], status=ChannelStatus.PAUSED)
    counter = shops.channel(org["B111"], type=ChannelType.OUTLET)
    for target, reason, code in (
        (second, " ", "REQUIRED"), (first, "x", "SAME_CHANNEL"), (paused, "x", "SHOP_CLOSED"),
        (counter, "x", "INVALID"),
    ):  # fmt: skip
        # when / then
        with pytest.raises(ChannelError) as refusal:
            transfer_customers(first, target, reason)
        assert refusal.value.code == code
    assert current_binding(customer).channel == first
