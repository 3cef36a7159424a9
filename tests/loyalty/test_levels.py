"""Growth and levels: up at once, kept for a year, down one step; sign-in; by hand after approval; merged members."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from plugins.approvals.interfaces import approve, open_request, reject, withdraw
from plugins.loyalty.errors import LoyaltyError
from plugins.loyalty.kinds import AdjustmentState, Book
from plugins.loyalty.models import Adjustment, EarnRule, Entry, Level, LevelMove, LoyaltyTerms, MemberLevel
from plugins.loyalty.selectors import standing
from plugins.loyalty.services.adjusting import ask_adjustment
from plugins.loyalty.services.giving import give as give_points
from plugins.loyalty.services.giving import sign_in, streak
from plugins.loyalty.services.levels import a_year, review, settle_level
from plugins.loyalty.terms import terms_in_force
from plugins.members.models import Member
from plugins.members.services.merging import merge_proven
from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.kernel.clock import frozen, now
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.models import EventRecord
from tests.members.asking import MOBILE, OTHER, ask, somebody
from tests.members.asking import codes_of as codes
from tests.orgs import again, person

from .conftest import give, lots_of, purse_of, sound

pytestmark = pytest.mark.django_db
Org = dict[str, OrgUnit]
MINE = """{ myLoyalty { standing { points owed expiring expiringDay } rung { level { code name } growth missing
  following { code } } signed { today days } lots { left lastDay } lines { kind title amount balanceAfter place }
  growthLines { amount } } }"""
SIGN_IN = "mutation { pointsSignIn { points growth days first errors { code message } } }"
THEIRS = "query($text: String!) { memberLoyalty(search: $text) { standing { points } } }"


def grow(member: Member, growth: int, key: str, unit: OrgUnit) -> None:
    give(member, growth, key, unit, book=Book.GROWTH)
    settle_level(member.pk)


def code_of(member: Member) -> str:
    row = MemberLevel.objects.select_related("level").filter(member=member).first()
    return row.level.code if row is not None else ""


def moves(member: Member) -> list[tuple[str, str, str]]:
    rows = LevelMove.objects.filter(member=member).order_by("pk")
    return [(row.source.code if row.source else "", row.target.code, row.why) for row in rows]


def test_up_at_once_and_kept_for_a_year(org: Org, member: Member, ladder: list[Level]) -> None:
    # given
    start = now()
    grow(member, 99, "a", org["B111"])
    assert code_of(member) == ""

    # when
    grow(member, 1, "b", org["B111"])

    # then
    row = MemberLevel.objects.get(member=member)
    assert code_of(member) == "silver" and row.until is not None
    assert timedelta(0) <= row.until - a_year(start, 1) < timedelta(minutes=1)
    assert [e.payload["target"] for e in EventRecord.objects.filter(name="loyalty.level_changed")] == [
        "silver"
    ]


def test_the_year_is_looked_at_and_one_step_goes_at_a_time(
    org: Org, member: Member, ladder: list[Level]
) -> None:
    # given: gold
    grow(member, 600, "a", org["B111"])
    start = now()
    with frozen(start + timedelta(days=200)):
        grow(member, 120, "b", org["B111"])
        assert review() == 0

    # when: after the year 120 are left, gold asks for 500
    with frozen(start + timedelta(days=366)):
        assert (review(), review()) == (1, 0)
        assert code_of(member) == "silver"

    # then: after the next nothing is left
    with frozen(start + timedelta(days=366 + 366)):
        assert review() == 1
        assert code_of(member) == "basic"
    with frozen(start + timedelta(days=4 * 366)):
        assert review() == 0
    assert moves(member) == [
        ("basic", "gold", "reached"), ("gold", "silver", "lowered"), ("silver", "basic", "lowered"),
    ]  # fmt: skip


def test_a_level_reached_again_is_kept(org: Org, member: Member, ladder: list[Level]) -> None:
    # given
    start = now()
    grow(member, 100, "a", org["B111"])
    with frozen(start + timedelta(days=300)):
        grow(member, 100, "b", org["B111"])

    # when
    with frozen(start + timedelta(days=366)):
        assert review() == 1

        # then
        assert code_of(member) == "silver" and MemberLevel.objects.get().until is not None
    assert moves(member)[-1] == ("silver", "silver", "kept")


def test_signing_in_once_a_day(org: Org, member: Member, rules: dict[str, EarnRule]) -> None:
    # when: four days in succession, twice each, one left out, then again
    start, gained = now(), []
    for day in (0, 1, 2, 3, 5):
        with frozen(start + timedelta(days=day)):
            gained.append((sign_in(member).points, sign_in(member).points, streak(member.pk)))

    # then: the third day gives 20 more
    assert gained == [(10, 0, 1), (10, 0, 2), (30, 0, 3), (10, 0, 4), (10, 0, 1)]
    assert purse_of(member) == (70, 0) and purse_of(member, Book.GROWTH) == (5, 0)
    assert Entry.objects.filter(book="points").first().unit == org["CQ"]  # type: ignore[union-attr]
    sound()


def test_nothing_to_sign_in_for(org: Org, member: Member) -> None:
    # then
    with pytest.raises(LoyaltyError) as refusal:
        sign_in(member)
    assert str(refusal.value.code.value) == "NOT_OFFERED"
    EarnRule.objects.create(occasion="sign_in", points=10, valid_to=now() + timedelta(days=1))
    Member.objects.filter(pk=member.pk).update(status="frozen")
    with pytest.raises(LoyaltyError) as refusal:
        sign_in(Member.objects.get(pk=member.pk))
    assert str(refusal.value.code.value) == "MEMBER_NOT_ACTIVE"


def test_a_campaign_gives_once_to_each(org: Org, member: Member, ladder: list[Level]) -> None:
    # when
    for _ in range(2):
        give_points(
            member, 50, biz_type="campaign", biz_id=f"spring:{member.pk}", unit_id=org["C11"].pk, growth=100
        )

    # then
    assert purse_of(member) == (50, 0) and code_of(member) == "silver"


def test_one_s_own_page(org: Org, member: Member, rules: Any, ladder: list[Level]) -> None:
    # given
    from plugins.members.interfaces import sign_in as log_in

    token = log_in(member).token
    give(member, 40, "a", org["B111"], days=20)
    grow(member, 120, "b", org["B111"])

    # when
    first, second = ask(SIGN_IN, token=token), ask(SIGN_IN, token=token)
    mine = ask(MINE, token=token)

    # then
    assert first == {"points": 10, "growth": 1, "days": 1, "first": True, "errors": []}
    assert (second["points"], second["first"]) == (0, False)
    assert (mine["standing"]["points"], mine["standing"]["expiring"]) == (50, 40)
    assert mine["rung"] == {
        "level": {"code": "silver", "name": "银卡会员"}, "growth": 121, "missing": 379, "following": {"code": "gold"},
    }  # fmt: skip
    assert mine["signed"] == {"today": True, "days": 1}
    assert [lot["left"] for lot in mine["lots"]] == [40, 10]
    assert [(line["kind"], line["amount"], line["balanceAfter"]) for line in mine["lines"]] == [
        ("SIGN_IN", 10, 50), ("ACTIVITY", 40, 40),
    ]  # fmt: skip
    assert ask(MINE) is None and codes(ask(SIGN_IN)) == ["NOT_FOUND"]
    assert [one["code"] for one in ask("{ loyaltyLevels { code } }")] == ["basic", "silver", "gold"]


def test_the_staff_see_members_in_reach(org: Org, member: Member) -> None:
    # given
    from tests.members.test_counter import token_of

    give(member, 40, "a", org["B111"])
    near = token_of(person(org["B111"], "near", ["points.view", "member.view"]))
    far = token_of(person(org["B121"], "far", ["points.view", "member.view"]))
    none = token_of(person(org["B111"], "none", ["member.view"]))

    # then
    assert ask(THEIRS, {"text": MOBILE}, near) == {"standing": {"points": 40}}
    assert [ask(THEIRS, {"text": MOBILE}, token) for token in (far, none, "")] == [None] * 3


# -- by hand ---------------------------------------------------------------------------------

ASKS = ["points.view", "points.adjust", "member.view", "approval.view"]
DECIDES = ["points.view", "points.approve", "approval.view"]


def decide(row: Adjustment, boss: Any, how: Any = approve, **more: Any) -> None:
    request = open_request(row, "loyalty.adjustment")
    assert request is not None
    how(request, again(boss), **more)


def test_points_by_hand_need_a_second_person(org: Org, member: Member) -> None:
    # given
    clerk = person(org["B111"], "clerk", ASKS)
    boss = person(org["C11"], "boss", [*DECIDES, "points.adjust", "member.view"])

    # when
    row = ask_adjustment(clerk, member, amount=200, reason="系统故障漏记，凭小票补")

    # then: nothing yet, and not by himself
    assert purse_of(member) == (0, 0)
    own = ask_adjustment(again(boss), member, amount=10, reason="自己给自己批")
    with pytest.raises(DomainError):
        decide(own, boss)
    decide(row, boss)
    assert purse_of(member) == (200, 0)
    assert Adjustment.objects.get(pk=row.pk).state == AdjustmentState.BOOKED
    entry = Entry.objects.get()
    assert (entry.unit, entry.operator, entry.biz_id) == (org["B111"], clerk, row.number)
    sound()


def test_more_than_there_is_is_owed(org: Org, member: Member) -> None:
    # given
    give(member, 50, "a", org["B111"])
    clerk, boss = person(org["B111"], "clerk", ASKS), person(org["C11"], "boss", DECIDES)

    # when
    decide(ask_adjustment(clerk, member, amount=-80, reason="刷单，收回积分"), boss)

    # then
    assert purse_of(member) == (0, 30)
    sound()


def test_refused_and_withdrawn_move_nothing(org: Org, member: Member) -> None:
    # given
    clerk, boss = person(org["B111"], "clerk", ASKS), person(org["C11"], "boss", DECIDES)
    one = ask_adjustment(clerk, member, amount=200, reason="理由不充分")
    two = ask_adjustment(again(clerk), member, amount=300, reason="填错了会员")

    # when
    decide(one, boss, reject, reason="没有凭证")
    decide(two, clerk, withdraw)

    # then
    assert purse_of(member) == (0, 0) and Entry.objects.count() == 0
    assert [row.state for row in Adjustment.objects.order_by("pk")] == ["refused", "withdrawn"]


def test_a_level_as_a_gift(org: Org, member: Member, ladder: list[Level]) -> None:
    # given
    clerk, boss = person(org["B111"], "clerk", ASKS), person(org["C11"], "boss", DECIDES)

    # when
    decide(ask_adjustment(clerk, member, level=ladder[2], reason="集团客户关怀"), boss)

    # then: for a year, then a step at a time
    assert code_of(member) == "gold" and moves(member) == [("basic", "gold", "gift")]
    with frozen(now() + timedelta(days=367)):
        assert review() == 1 and code_of(member) == "silver"


@pytest.mark.parametrize(
    ("told", "code"),
    [({"amount": 0}, "INVALID"), ({"amount": 10**7}, "INVALID"), ({"amount": 5, "reason": "短"}, "REQUIRED"),
     ({"amount": 5, "book": "settlement"}, "INVALID")],
)  # fmt: skip
def test_what_cannot_be_asked_for(org: Org, member: Member, told: dict[str, Any], code: str) -> None:
    # given
    clerk = person(org["B111"], "clerk", ASKS)

    # then
    with pytest.raises(DomainError) as refusal:
        ask_adjustment(clerk, member, **{"reason": "一个足够长的理由", **told})
    assert str(refusal.value.code.value) == code
    with pytest.raises(DomainError):
        ask_adjustment(person(org["B121"], "far", ASKS), member, amount=5, reason="别的县的会员")
    with pytest.raises(DomainError):
        ask_adjustment(person(org["B111"], "looks", ["points.view"]), member, amount=5, reason="没有权限的人")
    assert Adjustment.objects.count() == 0


def test_the_pages(org: Org, member: Member, ladder: list[Level]) -> None:
    # given
    give(member, 1234, "a", org["B111"], days=20)
    grow(member, 120, "b", org["B111"])
    client = Client()
    client.force_login(
        person(org["B111"], "clerk", [*ASKS, "loyalty_rule.view"]),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    purse = member.purses.get(book=Book.POINTS)
    adjust = reverse("admin:o2o_loyalty_purse_adjust", args=[purse.pk])

    # then
    listed = client.get(reverse("admin:o2o_loyalty_purse_changelist"), {"q": MOBILE}).content.decode()
    page = client.get(reverse("admin:o2o_loyalty_purse_change", args=[purse.pk])).content.decode()
    assert "1,234" in listed and "银卡会员" in listed and "王建国" not in listed
    assert (
        "金卡会员，还差 380" in page and "积分批次" in page and "成长值明细" in page and "王建国" not in page
    )
    kept = client.post(adjust, {"book": "points", "amount": "50", "reason": "短"})
    assert kept.status_code == 200 and 'value="50"' in kept.content.decode()
    assert client.post(adjust, {"book": "points", "amount": "50", "reason": "凭小票补记"}).status_code == 302
    row = Adjustment.objects.get()
    text = client.get(reverse("admin:o2o_loyalty_adjustment_change", args=[row.pk])).content.decode()
    assert "+50" in text and "待审批" in text
    entry = Entry.objects.filter(book="points").get()
    assert (
        "合计为零" in client.get(reverse("admin:o2o_loyalty_entry_change", args=[entry.pk])).content.decode()
    )
    for name in ("earnrule", "level", "settlementrate", "entry", "burn"):
        assert client.get(reverse(f"admin:o2o_loyalty_{name}_changelist")).status_code == 200, name
    assert client.get(reverse("admin:o2o_loyalty_earnrule_add")).status_code == 403


def test_the_list_costs_the_same_for_many(org: Org, member: Member, ladder: list[Level]) -> None:
    # given
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = Client()
    client.force_login(
        person(org["B111"], "clerk", ASKS), backend="django.contrib.auth.backends.ModelBackend"
    )
    address = reverse("admin:o2o_loyalty_purse_changelist")
    grow(member, 120, "b", org["B111"])
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for number in range(8):
        grow(somebody(f"1390001{number:04d}", home_unit=org["B111"]), 120, f"n{number}", org["B111"])

    # when
    with CaptureQueriesContext(connection) as many:
        client.get(address)

    # then
    assert len(many) == len(few)


# -- two members who are one person -----------------------------------------------------------


def test_merged_members_keep_every_lot_and_the_better_level(
    org: Org, member: Member, ladder: list[Level]
) -> None:
    # given
    other = somebody(OTHER, name="王建国", home_unit=org["B112"])
    give(member, 30, "a", org["B111"], days=50)
    give(other, 70, "b", org["B121"], days=20)
    give(other, 5, "c", org["B121"])
    grow(member, 60, "d", org["B111"])
    grow(other, 450, "e", org["B112"])
    from .conftest import put_back, use

    spent = use(other, 10, "x", org["B111"])

    # when
    merge_proven(member, other, "本人带两部手机到柜台")

    # then
    assert purse_of(member) == (95, 0) and purse_of(other) == (0, 0)
    assert lots_of(member) == [60, 30, 5] and purse_of(member, Book.GROWTH) == (510, 0)
    assert code_of(member) == "gold" and code_of(other) == ""
    sound()

    # when: what the other had used comes back to the one who stays
    put_back(member, spent, 10, "back", org["B111"])

    # then
    assert purse_of(member) == (105, 0) and sorted(lots_of(member)) == [5, 10, 30, 60]
    sound()


def test_terms_are_dated_data_and_promises_stay(org: Org, member: Member, ladder: list[Level]) -> None:
    # given: gold was given while the terms said two years and two steps
    LoyaltyTerms.objects.create(keep_months=24, lower_steps=2, valid_from=now() - timedelta(days=2))
    grow(member, 600, "a", org["B111"])
    row = MemberLevel.objects.get(member=member)
    assert (row.level.code, row.lower_steps) == ("gold", 2)
    assert row.until is not None
    assert timedelta(0) <= row.until - a_year(now() - timedelta(minutes=1), 2) < timedelta(minutes=2)

    # when: the terms change, and the growth is too old when the time is over
    LoyaltyTerms.objects.create(keep_months=6, lower_steps=1, valid_from=now() - timedelta(days=1))
    row.refresh_from_db()
    assert row.lower_steps == 2
    MemberLevel.objects.update(until=now() - timedelta(seconds=1))
    with frozen(a_year(now(), 2)):
        assert review() == 1

    # then: two steps, as was said when it was given
    row.refresh_from_db()
    assert (row.level.code, row.until) == ("basic", None)


def test_points_by_hand_and_the_notice_follow_the_terms(org: Org, member: Member) -> None:
    # given
    give(member, 10, "soon", org["B111"], days=20)
    give(member, 20, "later", org["B111"], days=50)
    assert standing(member.pk).expiring == 10

    # when
    LoyaltyTerms.objects.create(notice_days=60, valid_from=now() - timedelta(days=1))

    # then
    assert standing(member.pk).expiring == 30
    assert (terms_in_force(now() - timedelta(days=2)).notice_days, terms_in_force().notice_days) == (30, 60)
