"""Versions of rules: two persons, nearest scope, what was in force is ended and never rewritten."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from saleor.account.models import User

from plugins.org_hierarchy.models import OrgUnit
from plugins.ticketing.kernel.access import EDIT, PUBLISH, VIEW
from plugins.ticketing.kernel.engine import Rule
from plugins.ticketing.kernel.errors import TicketError
from plugins.ticketing.kernel.models import FeeRule
from plugins.ticketing.kernel.seeds import TEMPLATES, seed
from plugins.ticketing.kernel.selecting import rule_for
from plugins.ticketing.kernel.services.rules import publish, refuse, submit, submit_end, withdraw
from plugins.ticketing.kernel.tiers_text import parse_tiers
from plugins.ticketing.kernel.todo import todo
from saleor_o2o.kernel.clock import frozen, midnight, today
from saleor_o2o.kernel.models import AuditEntry
from saleor_o2o.kernel.states import IllegalMove

from ..orgs import person
from .fares import RULES

COACH = RULES["公路客票退票（全国）"]


def soon(days: int = 1) -> date:
    return today() + timedelta(days=days)


def in_force(
    maker: User,
    checker: User,
    rule: Rule = COACH,
    scope: dict[str, str] | None = None,
    start: int = 1,
    **more: Any,
) -> FeeRule:
    return publish(checker, submit(maker, rule, scope or {}, soon(start), "新规则", **more))


def test_a_rule_counts_from_its_day_after_a_second_person(maker: User, checker: User) -> None:
    # given
    row = submit(maker, COACH, {}, soon(), "照站方公告")
    with pytest.raises(TicketError, match="没有适用的退票规则"):
        rule_for("coach", "refund", {}, soon())

    # when
    with pytest.raises(TicketError, match="自己提交"):
        publish(maker_with_publish(maker), row)
    publish(checker, row)

    # then
    assert rule_for("coach", "refund", {"supplier": "X"}, soon()) == replace(COACH, id=row.pk, version=1)
    with pytest.raises(TicketError, match="没有适用"):
        rule_for("coach", "refund", {}, today())
    noted = AuditEntry.objects.filter(action__startswith="ticketing.").order_by("pk")
    assert [line.action for line in noted] == ["ticketing.fee_rule.submitted", "ticketing.fee_rule.published"]
    with pytest.raises(IllegalMove):
        publish(checker, row)


def maker_with_publish(maker: User) -> User:
    """The same person with every right: still not the second one."""
    User.objects.filter(pk=maker.pk).update(is_superuser=True)
    return User.objects.get(pk=maker.pk)


def test_a_new_version_ends_the_old_one_and_old_orders_keep_theirs(maker: User, checker: User) -> None:
    # given
    first = in_force(maker, checker)
    sold = rule_for("coach", "refund", {}, soon()).to_json()
    dearer = replace(COACH, tiers=parse_tiers("到点: 30%\n以后: 不办"))

    # when
    second = in_force(maker, checker, dearer, start=5)

    # then
    first = FeeRule.objects.get(pk=first.pk)
    assert (first.valid_to, second.version) == (soon(4), 2)
    assert rule_for("coach", "refund", {}, soon(4)).version == 1
    assert rule_for("coach", "refund", {}, soon(5)).version == 2
    assert Rule.from_json(sold).tiers == COACH.tiers


def test_what_is_published_is_never_rewritten(maker: User, checker: User) -> None:
    # given
    row = in_force(maker, checker)

    # then: not even by hand
    for change in ({"says": {}}, {"name": "别的"}, {"valid_from": soon(9)}, {"state": "pending"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            FeeRule.objects.filter(pk=row.pk).update(**change)
    twin = {
        field.name: getattr(row, field.name) for field in FeeRule._meta.concrete_fields if field.name != "id"
    }
    with pytest.raises(IntegrityError), transaction.atomic():
        FeeRule.objects.create(**twin)


def test_the_nearest_scope_wins_then_the_higher_priority(maker: User, checker: User) -> None:
    # given
    scopes: dict[str, dict[str, str]] = {
        "city": {}, "supplier": {"supplier": "S"}, "line": {"line": "L"},
        "both": {"supplier": "S", "line": "L"}, "session": {"session": "K1"},
    }  # fmt: skip
    rows = {name: in_force(maker, checker, COACH, scope) for name, scope in scopes.items()}
    holiday = in_force(maker, checker, COACH, {"line": "L"}, priority=5, valid_to=soon(3))

    def found(on: int = 5, **keys: str) -> int:
        return rule_for("coach", "refund", keys, soon(on)).id

    # then
    assert found() == found(supplier="other") == rows["city"].pk
    assert found(supplier="S") == rows["supplier"].pk
    assert found(line="L") == rows["line"].pk
    assert found(supplier="S", line="L") == rows["both"].pk
    assert found(supplier="S", line="L", session="K1") == rows["session"].pk
    # while it lasts, and what it covers comes back by itself
    assert (found(on=3, line="L"), found(on=4, line="L")) == (holiday.pk, rows["line"].pk)
    with CaptureQueriesContext(connection) as asked:
        found(supplier="S", line="L")
    assert len(asked) == 1


def test_versions_that_would_meet_are_refused(maker: User, checker: User) -> None:
    # given: one from day 3 on
    in_force(maker, checker, start=3)
    limited = submit(maker, COACH, {}, soon(5), "临时", valid_to=soon(6))
    earlier = submit(maker, COACH, {}, soon(2), "更早")
    until_then = submit(maker, COACH, {}, soon(1), "在它之前", valid_to=soon(2))

    # then
    for row, words in ((limited, "不会自动恢复"), (earlier, "起已有发布的规则")):
        with pytest.raises(TicketError, match=words):
            publish(checker, row)
        assert FeeRule.objects.get(pk=row.pk).state == "pending"
    assert publish(checker, until_then).state == "published"


def test_ending_a_rule_takes_two_persons_too(maker: User, checker: User) -> None:
    # given
    wide, near = in_force(maker, checker), in_force(maker, checker, COACH, {"line": "L"})

    # when
    order = submit_end(maker, near, soon(3), "线路停运")
    before_ = rule_for("coach", "refund", {"line": "L"}, soon(4)).id
    publish(checker, order)

    # then
    assert before_ == near.pk
    assert rule_for("coach", "refund", {"line": "L"}, soon(3)).id == near.pk
    assert rule_for("coach", "refund", {"line": "L"}, soon(4)).id == wide.pk
    with pytest.raises(TicketError, match="本来就在"):
        submit_end(maker, FeeRule.objects.get(pk=near.pk), soon(3), "再停一次")


def test_refused_withdrawn_and_late(maker: User, checker: User) -> None:
    # given
    first, second, third = (submit(maker, COACH, {}, soon(), "新规则") for _ in range(3))

    # then
    with pytest.raises(TicketError, match="事由"):
        refuse(checker, first, " ")
    assert refuse(checker, first, "数字不对").note == "数字不对"
    with pytest.raises(TicketError, match="只能撤回自己"):
        withdraw(checker, second)
    assert withdraw(maker, second).state == "withdrawn"
    with frozen(midnight(soon())), pytest.raises(TicketError, match="生效日期已过"):
        publish(checker, third)
    with pytest.raises(TicketError, match="最早为明天"):
        submit(maker, COACH, {}, today(), "今天")
    with pytest.raises(TicketError, match="至少填写一档"):
        submit(maker, replace(COACH, tiers=()), {}, soon(), "空的")


@pytest.mark.parametrize("who", ["shopper", "county", "reader"])
def test_who_may_not(org: dict[str, OrgUnit], maker: User, checker: User, who: str) -> None:
    # given
    row = submit(maker, COACH, {}, soon(), "新规则")
    user = {
        "shopper": lambda: User.objects.create_user("x@example.com", "pass-word"),
        "county": lambda: person(org["C11"], "county", [VIEW, EDIT, PUBLISH]),
        "reader": lambda: person(org["CQ"], "reader", [VIEW]),
    }[who]()

    # then: the rules are the whole city's
    for deed in (
        lambda: submit(user, COACH, {}, soon(), "改"), lambda: publish(user, row), lambda: refuse(user, row, "不"),
        lambda: submit_end(user, row, soon(), "停"),
    ):  # fmt: skip
        with pytest.raises(TicketError) as refused:
            deed()
        assert refused.value.code == "NOT_ALLOWED"
    assert (FeeRule.objects.get().pk, FeeRule.objects.get().state) == (row.pk, "pending")
    assert [one.href for one in todo(checker)] and todo(user) == []


def test_seeds_write_what_is_missing_once(org: dict[str, OrgUnit]) -> None:
    # given
    class Context:
        def say(self, text: str) -> None:
            raise AssertionError(text)

        def count(self, name: str, number: int) -> None:
            counted.append(number)

    counted: list[int] = []

    # when
    seed(Context())  # type: ignore[arg-type]
    seed(Context())  # type: ignore[arg-type]

    # then
    assert counted == [len(TEMPLATES), 2, 0, 0]  # rules, then products of an insurer
    assert rule_for("rail", "refund", {"line": "GSG"}, today()).name == "广深港跨境退票"
    assert (
        rule_for("air", "refund", {"cabin": "Y", "supplier": "LCC"}, today()).name
        == "机票退票（经济舱全价 Y）"
    )
