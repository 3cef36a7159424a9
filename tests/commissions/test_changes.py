"""Changes of rules: two people, no edit in place, no overlap, no guessing, nothing beyond the plan above."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, InternalError, transaction
from saleor.account.models import User
from saleor.product.models import Category

from plugins.commissions.access import CONFIRM, EDIT
from plugins.commissions.calculating import limited_below
from plugins.commissions.choices import ChangeKind, ChangeState
from plugins.commissions.engine import compute
from plugins.commissions.errors import CommissionError, UnsoundRules
from plugins.commissions.loading import plans_for, rules_of
from plugins.commissions.models import BusinessCategory, CommissionPlan, CommissionRule, RateChange
from plugins.commissions.services.changes import confirm, refuse, submit, submit_end, withdraw
from plugins.commissions.services.plans import create_plan, map_category
from plugins.commissions.services.retiring import submit_standing
from plugins.org_hierarchy.models import OrgUnit
from saleor_o2o.kernel.clock import SHANGHAI, frozen
from saleor_o2o.kernel.models import AuditEntry
from saleor_o2o.kernel.states import IllegalMove

from ..orgs import person, small_org
from .rates import facts, install, plan_of, rule, tier

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 6, 15, 12, tzinfo=SHANGHAI)
JULY = date(2026, 7, 1)


@pytest.fixture(autouse=True)
def clock() -> Any:
    with frozen(NOON):
        yield


@pytest.fixture
def org() -> dict[str, OrgUnit]:
    return small_org()


@pytest.fixture
def maker(org: dict[str, OrgUnit]) -> User:
    return person(org["CQ"], "maker", [EDIT, CONFIRM])


@pytest.fixture
def checker(org: dict[str, OrgUnit]) -> User:
    return person(org["CQ"], "checker", [CONFIRM])


@pytest.fixture
def plan(org: dict[str, OrgUnit]) -> CommissionPlan:
    plan = plan_of(org["CQ"])
    install(plan, rule())
    return plan


@pytest.fixture
def fruit() -> Category:
    category = Category.objects.create(name="时令鲜果", slug="fruit")
    BusinessCategory.objects.create(category=category, business="produce")
    return category


def total(plan: CommissionPlan, day: date, **sale: Any) -> str:
    return str(compute(facts("100.00", 1, **sale), rules_of([plan], day=day), day).total)


def test_a_change_counts_from_its_day_once_a_second_person_agrees(
    plan: CommissionPlan, maker: User, checker: User
) -> None:
    # when
    change = submit(maker, plan, [rule({1: "20"}, valid_from=JULY)], "调整市级费率")

    # then: nothing yet
    assert total(plan, JULY) == "12.00"
    assert change.rules.get().in_force is False

    # when
    confirm(checker, change, "同意")

    # then: the old version ends the day before, orders of June keep it
    assert (total(plan, date(2026, 6, 30)), total(plan, JULY)) == ("12.00", "20.00")
    old, new = CommissionRule.objects.order_by("pk")
    assert (old.version, old.valid_to, new.version, new.valid_to) == (1, date(2026, 6, 30), 2, None)
    change.refresh_from_db(fields=["note", "decided_by"])
    assert (change.state, change.decided_by, change.note) == (ChangeState.CONFIRMED, checker, "同意")
    names = list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))
    assert names == ["commissions.change.submitted", "commissions.change.confirmed"]


def test_nobody_confirms_his_own_change_not_even_a_superuser(plan: CommissionPlan, maker: User) -> None:
    # given: the maker holds both rights
    root = User.objects.create_superuser("root@example.com", "pass-word")

    for who in (maker, root):
        change = submit(who, plan, [rule({1: "20"}, valid_from=JULY)], "调整")

        # then
        with pytest.raises(CommissionError) as caught:
            confirm(who, change)
        assert caught.value.code == "SAME_PERSON"
        with pytest.raises(CommissionError):
            refuse(who, change, "不同意")
        change.refresh_from_db(fields=["note"])
        assert RateChange.objects.get(pk=change.pk).state == ChangeState.PENDING
    assert total(plan, JULY) == "12.00"


@pytest.mark.parametrize(
    ("at", "rights", "may_submit", "may_confirm"),
    [
        ("CQ", [EDIT], True, False),
        ("CQ", [CONFIRM], False, True),
        ("CQ", ["commission_plan.view"], False, False),
        ("A1", [EDIT, CONFIRM], False, False),
        ("C11", [EDIT, CONFIRM], False, False),
        (None, [], False, False),
    ],
)
def test_who_may_change_the_citys_plan(
    org: dict[str, OrgUnit], plan: CommissionPlan, maker: User, at: str | None, rights: list[str],
    may_submit: bool, may_confirm: bool,
) -> None:  # fmt: skip
    # given
    who = person(org[at], "who", rights) if at else User.objects.create_user("x@example.com", "pass-word")
    fresh = [rule({1: "20"}, valid_from=JULY)]
    waiting = submit(maker, plan, fresh, "调整")

    # then
    for allowed, call in (
        (may_submit, lambda: submit(who, plan, fresh, "调整")),
        (may_confirm, lambda: confirm(who, waiting)),
    ):
        if allowed:
            call()
        else:
            with pytest.raises(CommissionError) as caught:
                call()
            assert caught.value.code == "NOT_ALLOWED"
    assert total(plan, JULY) == ("20.00" if may_confirm else "12.00")


def test_refusing_and_withdrawing_leave_everything_as_it_was(
    plan: CommissionPlan, maker: User, checker: User
) -> None:
    # given
    refused = submit(maker, plan, [rule({1: "20"}, valid_from=JULY)], "调整")
    taken = submit(maker, plan, [rule({1: "21"}, valid_from=JULY)], "调整")

    # when
    refuse(checker, refused, "毛利不够")
    withdraw(maker, taken)

    # then
    assert total(plan, JULY) == "12.00"
    for change in (refused, taken):
        with pytest.raises(IllegalMove):
            confirm(checker, change)
    with pytest.raises(CommissionError):
        withdraw(checker, submit(maker, plan, [rule({1: "22"}, valid_from=JULY)], "调整"))


def test_a_rule_in_force_cannot_be_edited_by_anybody(plan: CommissionPlan) -> None:
    # given
    row = CommissionRule.objects.get()

    # then: the database says no
    for change in (
        {"tiers": [{"from": "0", "rates": {"1": "99"}}]},
        {"business": "bills"},
        {"in_force": False},
    ):
        with pytest.raises((IntegrityError, InternalError)), transaction.atomic():
            CommissionRule.objects.filter(pk=row.pk).update(**change)
    assert total(plan, JULY) == "12.00"


def test_the_database_refuses_two_versions_at_one_time(plan: CommissionPlan) -> None:
    # given
    row = CommissionRule.objects.get()
    row.pk, row.version, row.valid_from = None, 2, JULY

    # then
    with pytest.raises(IntegrityError, match="o2o_comm_rule_no_overlap"), transaction.atomic():
        row.save(force_insert=True)


PROBLEMS = {
    "today": (rule({1: "9"}, valid_from=NOON.date()), "TOO_LATE", "valid_from"),
    "past": (rule({1: "9"}, valid_from=date(2026, 1, 1)), "TOO_LATE", "valid_from"),
    "ends before it begins": (
        rule({1: "9"}, valid_from=JULY, valid_to=date(2026, 6, 30)), "INVALID_RULE", "valid_to",
    ),
    "lower above upper": (rule({1: "9", 4: "9.0001"}, valid_from=JULY), "LOWER_ABOVE_UPPER", "rate_4"),
    "lower above upper, a level between missing": (
        rule({1: "9", 3: "5", 6: "6"}, valid_from=JULY), "LOWER_ABOVE_UPPER", "rate_6",
    ),
    "more than all": (rule({1: "100.01"}, valid_from=JULY), "INVALID_RULE", "rate_1"),
    "negative": (rule({1: "-1"}, valid_from=JULY), "INVALID_RULE", "rate_1"),
    "not a number": (rule({1: "NaN"}, valid_from=JULY), "INVALID_RULE", "rate_1"),
    "parts of a fen": (rule({1: "1.001"}, kind="unit", valid_from=JULY), "INVALID_RULE", "rate_1"),
    "no rate": (rule(tiers=(tier({}),), valid_from=JULY), "INVALID_RULE", "rates"),
    "tiers not from 0": (
        rule(kind="tiered", tiers=(tier({1: "1"}, "100"),), valid_from=JULY), "INVALID_RULE", "tiers",
    ),
    "tiers falling": (
        rule(kind="tiered", tiers=(tier({1: "1"}), tier({1: "2"}, "9"), tier({1: "3"}, "8")), valid_from=JULY),
        "INVALID_RULE", "tiers",
    ),
    "tiers of a plain ratio": (
        rule(tiers=(tier({1: "1"}), tier({1: "2"}, "9")), valid_from=JULY), "INVALID_RULE", "tiers",
    ),
    "cap below floor": (
        rule({1: "1"}, cap=Decimal("1.00"), floor=Decimal("2.00"), valid_from=JULY), "INVALID_RULE", "cap",
    ),
    "unknown category": (rule({1: "1"}, category_id=404, valid_from=JULY), "INVALID_RULE", "category"),
}  # fmt: skip


@pytest.mark.parametrize(("wrong", "code", "field"), PROBLEMS.values(), ids=PROBLEMS.keys())
def test_unsound_rules_are_refused_with_the_field_at_fault(
    plan: CommissionPlan, maker: User, wrong: Any, code: str, field: str
) -> None:
    # when: with a good one beside it
    with pytest.raises(UnsoundRules) as caught:
        submit(maker, plan, [rule({1: "9"}, business="bills", valid_from=JULY), wrong], "调整")

    # then: and neither is taken
    assert (caught.value.code, caught.value.field) == (code, field)
    assert RateChange.objects.count() == 1
    assert CommissionRule.objects.count() == 1


def test_a_category_belongs_to_the_business_line_it_was_put_in(
    plan: CommissionPlan, maker: User, fruit: Category
) -> None:
    # then
    with pytest.raises(UnsoundRules, match="不属于"):
        submit(maker, plan, [rule({1: "9"}, category_id=fruit.pk, valid_from=JULY)], "调整")
    submit(maker, plan, [rule({1: "9"}, category_id=fruit.pk, business="produce", valid_from=JULY)], "调整")


def test_a_version_does_not_slip_before_a_planned_one(
    plan: CommissionPlan, maker: User, checker: User
) -> None:
    # given: September is agreed
    confirm(checker, submit(maker, plan, [rule({1: "20"}, valid_from=date(2026, 9, 1))], "调整"))

    # then: July without end meets it, July until August does not
    with pytest.raises(UnsoundRules) as caught:
        submit(maker, plan, [rule({1: "15"}, valid_from=JULY)], "调整")
    assert caught.value.code == "OVERLAP"
    summer = rule({1: "15"}, valid_from=JULY, valid_to=date(2026, 8, 31))
    confirm(checker, submit(maker, plan, [summer], "暑期"))
    days = (date(2026, 6, 30), JULY, date(2026, 8, 31), date(2026, 9, 1))
    assert [total(plan, day) for day in days] == ["12.00", "15.00", "15.00", "20.00"]


def test_what_two_rules_would_both_claim_needs_a_third(
    plan: CommissionPlan, maker: User, checker: User, fruit: Category
) -> None:
    # given: all produce 10, in micro-shops 12
    everything = rule({1: "10"}, business="produce", valid_from=JULY)
    shops = rule({1: "12"}, business="produce", channel_type="micro_shop", valid_from=JULY)
    confirm(checker, submit(maker, plan, [everything, shops], "农产品"))
    orchard = rule(
        {1: "15"}, business="produce", category_id=fruit.pk, valid_from=JULY, category_name="时令鲜果"
    )

    # then: fruit in a micro-shop would be 15 or 12
    with pytest.raises(UnsoundRules) as caught:
        submit(maker, plan, [orchard], "鲜果")
    assert caught.value.code == "AMBIGUOUS"
    assert "时令鲜果 · 社区微店" in str(caught.value.hint)

    # when: the third one says it; for a part of the time is not enough
    both = rule(
        {1: "16"}, business="produce", category_id=fruit.pk, channel_type="micro_shop", valid_from=JULY
    )
    with pytest.raises(UnsoundRules):
        submit(maker, plan, [orchard, both.closed(date(2026, 12, 31))], "鲜果")
    confirm(checker, submit(maker, plan, [orchard, both], "鲜果"))

    # then
    sale = {"business": "produce", "category_path": (fruit.pk,)}
    assert total(plan, JULY, **sale) == "15.00"
    assert total(plan, JULY, channel_type="micro_shop", **sale) == "16.00"


def test_ending_a_rule_lets_the_general_one_speak(
    plan: CommissionPlan, maker: User, checker: User, fruit: Category
) -> None:
    # given
    install(
        plan,
        rule({1: "10"}, business="produce"),
        rule({1: "15"}, business="produce", category_id=fruit.pk),
    )
    special = CommissionRule.objects.get(category_id=fruit.pk)
    sale = {"business": "produce", "category_path": (fruit.pk,)}

    # when
    change = submit_end(maker, special, date(2026, 6, 30), "活动结束")
    assert total(plan, JULY, **sale) == "15.00"
    confirm(checker, change)

    # then
    assert (total(plan, date(2026, 6, 30), **sale), total(plan, JULY, **sale)) == ("15.00", "10.00")
    with pytest.raises(CommissionError):
        submit_end(maker, CommissionRule.objects.get(pk=special.pk), date(2026, 6, 14), "补记")


def test_a_change_that_waited_too_long_is_not_dated_back(
    plan: CommissionPlan, maker: User, checker: User
) -> None:
    # given
    change = submit(maker, plan, [rule({1: "20"}, valid_from=JULY)], "调整")

    # when: it is midnight in Shanghai, still June in Greenwich
    with frozen(datetime(2026, 7, 1, 0, 0, tzinfo=SHANGHAI)), pytest.raises(UnsoundRules) as caught:
        confirm(checker, change)

    # then
    assert caught.value.code == "TOO_LATE"
    assert RateChange.objects.get(pk=change.pk).state == ChangeState.PENDING
    assert total(plan, JULY) == "12.00"

    # when: a second before it
    with frozen(datetime(2026, 6, 30, 23, 59, 59, tzinfo=SHANGHAI)):
        confirm(checker, change)
    assert total(plan, JULY) == "20.00"


BELOW = {
    "within": (rule({4: "10", 5: "7"}, valid_from=JULY), None),
    "more than the county has": (rule({4: "10.5"}, valid_from=JULY), "ABOVE_PARENT"),
    "its own rank": (rule({3: "9", 4: "8"}, valid_from=JULY), "ABOVE_PARENT"),
    "another way of counting": (rule({4: "1.00"}, kind="fixed", valid_from=JULY), "ABOVE_PARENT"),
    "another base": (rule({4: "1"}, base="margin", valid_from=JULY), "ABOVE_PARENT"),
    "no rule above": (rule({4: "1"}, business="bills", valid_from=JULY), "ABOVE_PARENT"),
    "in one channel": (rule({4: "9"}, channel_type="web", valid_from=JULY), None),
    "tiered below a ratio": (
        rule(kind="tiered", tiers=(tier({4: "6"}), tier({4: "10"}, "1000")), valid_from=JULY), None,
    ),
    "tiered beyond a ratio": (
        rule(kind="tiered", tiers=(tier({4: "6"}), tier({4: "11"}, "1000")), valid_from=JULY), "ABOVE_PARENT",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("lower", "code"), BELOW.values(), ids=BELOW.keys())
def test_a_lower_plan_keeps_within_the_plan_above(
    org: dict[str, OrgUnit], plan: CommissionPlan, lower: Any, code: str | None
) -> None:
    # given
    clerk = person(org["C11"], "clerk", [EDIT])
    own = create_plan(clerk, org["C11"], "C11-OWN", "甲县方案")

    # then
    if code is None:
        submit(clerk, own, [lower], "本县方案")
    else:
        with pytest.raises(UnsoundRules) as caught:
            submit(clerk, own, [lower], "本县方案")
        assert caught.value.code == code
    assert RateChange.objects.filter(plan=own).count() == (code is None)


def test_whose_plans_speak_for_a_sale(org: dict[str, OrgUnit], plan: CommissionPlan) -> None:
    # given: a plan for poor counties, one of county C11, one of the other county
    remote = plan_of(org["CQ"], "CQ-FAR", is_default=False)
    near, far = plan_of(org["C11"], "C11-OWN"), plan_of(org["C12"], "C12-OWN")
    OrgUnit.objects.filter(code="C12").update(commission_template="CQ-FAR")
    OrgUnit.objects.filter(code="C21").update(commission_template="GONE")

    # then
    assert plans_for(org["O1111"]) == [plan, near]
    assert plans_for(org["O1211"]) == [remote, far]
    assert plans_for(org["B211"]) == [plan]
    assert plans_for(org["O1111"], ["CQ-FAR"]) == [remote, near]


@pytest.mark.parametrize(
    ("code", "owner", "problem"),
    [
        ("cq-std", "CQ", "CODE_TAKEN"),
        ("方案", "CQ", "INVALID_INPUT"),
        ("O-1", "O1111", "INVALID_INPUT"),
        ("C12-OWN", "C12", None),
        ("C11-TWO", "C11", "CODE_TAKEN"),
    ],
)
def test_opening_a_plan(
    org: dict[str, OrgUnit], plan: CommissionPlan, maker: User, code: str, owner: str, problem: str | None
) -> None:
    # given
    plan_of(org["C11"], "C11-OWN")

    # then
    if problem is None:
        made = create_plan(maker, org[owner], code, "乙县方案")
        assert (made.is_base, made.is_default) == (False, False)
    else:
        with pytest.raises(CommissionError) as caught:
            create_plan(maker, org[owner], code, "方案")
        assert caught.value.code == problem


def test_only_the_city_says_what_a_category_is(org: dict[str, OrgUnit], maker: User, fruit: Category) -> None:
    # given
    clerk = person(org["C11"], "clerk", [EDIT])

    # when
    with pytest.raises(CommissionError):
        map_category(clerk, fruit.pk, "retail")
    map_category(maker, fruit.pk, "tourism")

    # then
    assert BusinessCategory.objects.get().business == "tourism"
    assert AuditEntry.objects.get().before == {"business": "produce"}


def test_lower_plans_that_a_change_would_limit_are_told(
    org: dict[str, OrgUnit], plan: CommissionPlan
) -> None:
    # given: C11 gives its branches 9, C12 gives them 6
    eager, modest = plan_of(org["C11"], "C11-OWN"), plan_of(org["C12"], "C12-OWN")
    install(eager, rule({4: "9"}))
    install(modest, rule({4: "6"}))

    # then: a cut of the counties from 10 to 8 touches the first, one to 5 both
    assert limited_below(plan, [rule({1: "12", 3: "8"}, valid_from=JULY)]) == [eager]
    assert limited_below(plan, [rule({1: "12", 3: "5"}, valid_from=JULY)]) == [eager, modest]
    assert limited_below(plan, [rule({1: "12", 3: "10"}, valid_from=JULY)]) == []
    assert limited_below(plan, [rule({1: "1"}, business="bills", valid_from=JULY)]) == []


def test_a_plan_is_retired_by_two_people_and_comes_back(
    org: dict[str, OrgUnit], plan: CommissionPlan, maker: User, checker: User
) -> None:
    # given: a second plan of the city, and a county's own
    county = plan_of(org["C11"], code="C11-OWN")

    # when
    change = submit_standing(maker, county, ChangeKind.RETIRE, "本季不再单独分配")

    # then: nothing yet; asked twice is refused; whoever asks does not confirm
    assert county.code in [one.code for one in plans_for(org["B111"])]
    with pytest.raises(CommissionError) as twice:
        submit_standing(maker, county, ChangeKind.RETIRE, "再提一次")
    with pytest.raises(CommissionError) as own:
        confirm(maker, change)
    assert (twice.value.code, own.value.code) == ("INVALID_INPUT", "SAME_PERSON")

    # when
    confirm(checker, change, "同意")

    # then
    assert county.code not in [one.code for one in plans_for(org["B111"])]
    back = submit_standing(maker, CommissionPlan.objects.get(pk=county.pk), ChangeKind.REVIVE, "恢复")
    confirm(checker, back)
    assert county.code in [one.code for one in plans_for(org["B111"])]


def test_plans_in_use_are_not_retired(
    org: dict[str, OrgUnit], plan: CommissionPlan, maker: User, checker: User
) -> None:
    # given
    agents = plan_of(org["CQ"], code="CQ-AGENT", is_default=False)
    asked = submit_standing(maker, agents, ChangeKind.RETIRE, "不再使用")
    OrgUnit.objects.filter(pk=org["C11"].pk).update(commission_template=agents.code)

    # then: the default never, a named one not while it is named, neither when asked nor when confirmed
    for attempt in (
        lambda: submit_standing(maker, CommissionPlan.objects.get(pk=plan.pk), ChangeKind.RETIRE, "停"),
        lambda: confirm(checker, asked),
    ):
        with pytest.raises(CommissionError) as refused:
            attempt()
        assert refused.value.code == "PLAN_IN_USE"
    assert CommissionPlan.objects.filter(is_active=True).count() == 2
    assert "1 个机构" in str(refused.value)
