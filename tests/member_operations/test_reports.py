"""What members say after an order, and the figures of a span: exact, in reach, as charts and as a workbook."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from saleor.account.models import User
from saleor.order.models import Order

from plugins.loyalty.models import Level
from plugins.member_operations.models import Survey
from plugins.member_operations.reporting import report, scores
from plugins.member_operations.services.surveys import ask_of_order
from plugins.members.models import Member
from plugins.members.services.erasing import erase
from plugins.org_hierarchy.interfaces import OrgUnit
from plugins.org_hierarchy.models import OrderAttribution
from saleor_o2o.kernel.clock import midnight, now, today
from saleor_o2o.ordering.models import OrderProfile
from tests.buying.shopper import ask as ask_api
from tests.orgs import person

from .conftest import MANAGER, Make

REPORT = [*MANAGER, "member_report.view", "survey.view"]
ANSWER = """mutation($id: ID!, $score: Int!, $word: String) { surveyAnswer(id: $id, score: $score, word: $word) {
  survey { score word orderNumber } errors { code field } } }"""
MINE = "{ mySurvey { id orderNumber score } }"


def order_of(member: Member, days_ago: int, unit: OrgUnit | None = None, paid: bool = True) -> Order:
    """An order of a member, paid so many days ago at noon, written past the cashier."""
    moment = midnight(today()) - timedelta(days=days_ago) + timedelta(hours=12)
    order = Order.objects.create(user=member.user, currency="CNY")
    OrderProfile.objects.create(
        order=order,
        number=f"N{order.pk}",
        placed_total=50,
        total=50,
        placed_at=moment,
        paid_at=moment if paid else None,
    )
    if unit is not None:
        OrderAttribution.objects.create(order=order, unit=unit, org_path=unit.path, basis="test")
    return order


def test_the_figures_of_a_span(org: dict[str, OrgUnit], make: Make) -> None:
    # given: thirty days and the thirty before; two branches, one out of reach
    Level.objects.create(code="basic", name="普通会员", rank=1, threshold=0)
    faithful, gone, fresh, idle, there = make(), make(), make("B112"), make(), make("B121")
    for member, days in ((faithful, 5), (faithful, 9), (faithful, 40), (gone, 45), (fresh, 3), (there, 3)):
        order_of(member, days)
    order_of(idle, 2, paid=False)
    Member.objects.filter(pk__in=(faithful.pk, gone.pk, idle.pk)).update(
        registered_at=now() - timedelta(days=100)
    )
    boss = person(org["C11"], "boss", [*REPORT, "wechat_fan.view"])

    # when
    report(boss, today(), today())  # reads who may what
    with CaptureQueriesContext(connection) as statements:
        found = report(boss, today() - timedelta(days=29), today())

    # then
    whole = found.whole
    assert (whole.members, whole.new, whole.active, whole.retained, whole.lapsed, whole.again) == (
        4,
        1,
        2,
        1,
        1,
        1,
    )
    assert (whole.repurchase, whole.retention) == (50.0, 50.0)
    assert [(row.name, row.members, row.new) for row in found.sources] == [("网上注册", 4, 1)]
    assert [(row.name, row.members, row.active) for row in found.units] == [
        ("甲县一支局", 3, 1),
        ("甲县二支局", 1, 1),
    ]
    assert found.funnel == [("粉丝", 0), ("其中会员", 0), ("其中买过", 0)]
    assert found.levels == [("普通会员", 4)]
    assert len(statements) == 10
    below = report(boss, today() - timedelta(days=29), today(), org["B112"])
    assert (below.whole.members, below.whole.active) == (1, 1)


def test_the_page(org: dict[str, OrgUnit], make: Make) -> None:
    # given
    order_of(make(), 1)
    address = reverse("admin:o2o_member_operations_segment_report")
    answers = []

    # when
    for name, held in (("boss", [*REPORT, "member_report.export"]), ("looks", REPORT), ("blind", MANAGER)):
        client = Client()
        client.force_login(person(org["C11"], name, held))
        answers.append((client.get(address), client.get(address, {"format": "xlsx"})))

    # then
    assert [(page.status_code, book.status_code) for page, book in answers] == [
        (200, 200),
        (200, 403),
        (403, 403),
    ]
    text = answers[0][0].content.decode()
    assert all(
        word in text for word in ("留存率", "从粉丝到顾客", "等级分布", "积分", "推荐意愿 NPS", "甲县一支局")
    )


@pytest.fixture
def asked(org: dict[str, OrgUnit], make: Make) -> tuple[Member, Survey]:
    """Somebody who is asked about an order at B111."""
    member = make()
    survey = ask_of_order(order_of(member, 1, org["B111"]).pk)
    assert survey is not None
    return member, survey


def test_asked_once_and_not_too_often(
    org: dict[str, OrgUnit], asked: tuple[Member, Survey], make: Make
) -> None:
    # given
    member, survey = asked

    # when / then
    assert ask_of_order(survey.order_id) is None
    assert ask_of_order(order_of(member, 0).pk) is None
    Survey.objects.update(asked_at=now() - timedelta(days=91))
    assert ask_of_order(survey.order_id) is None
    assert ask_of_order(order_of(member, 0).pk) is not None
    frozen = make()
    Member.objects.filter(pk=frozen.pk).update(status="frozen")
    assert ask_of_order(order_of(frozen, 0).pk) is None


def test_answered_by_its_member_only(
    org: dict[str, OrgUnit], asked: tuple[Member, Survey], make: Make
) -> None:
    # given
    member, survey = asked
    key = str(survey.pk)

    def say(user: User | None, **told: Any) -> Any:
        answer = ask_api(ANSWER, {"id": key, "score": 9, "word": "很好👍", **told}, user)["surveyAnswer"]
        return [one["code"] for one in answer["errors"]] or answer["survey"]["score"]

    # when / then
    assert ask_api(MINE, {}, member.user)["mySurvey"] == {"id": key, "orderNumber": survey.order.o2o_profile.number,
                                                          "score": None}  # fmt: skip
    assert [ask_api(MINE, {}, user)["mySurvey"] for user in (None, make().user)] == [None, None]
    assert [say(user) for user in (None, make().user)] == [["NOT_NOW"], ["NOT_NOW"]]
    assert [say(member.user, **told) for told in ({"score": 11}, {"word": "长" * 201}, {"id": "x"})] == [
        ["INVALID"], ["INVALID"], ["NOT_NOW"],
    ]  # fmt: skip
    assert [say(member.user), say(member.user), say(member.user, score=1)] == [9, 9, ["NOT_NOW"]]
    assert ask_api(MINE, {}, member.user)["mySurvey"] is None
    row = Survey.objects.get()
    assert (row.score, row.word, row.unit_id) == (9, "很好👍", org["B111"].pk)

    # when the account is closed, the words go and the number stays
    from django.db import transaction

    with transaction.atomic():
        erase(Member.objects.get(pk=member.pk))
    row = Survey.objects.get()
    assert (row.score, row.word) == (9, "")


def test_scores_add_up(org: dict[str, OrgUnit], make: Make) -> None:
    # given
    for score, unit in ((10, "B111"), (9, "B111"), (7, "B111"), (6, "B112"), (None, "B112")):
        survey = ask_of_order(order_of(make(), 1, org[unit]).pk)
        assert survey is not None
        Survey.objects.filter(pk=survey.pk).update(score=score)

    # when
    whole, *units = scores(Survey.objects.all(), today(), today())

    # then
    assert (whole.asked, whole.answered, whole.nps) == (5, 4, 25.0)
    assert [(one.name, one.asked, one.nps) for one in units] == [
        ("甲县一支局", 3, 66.7),
        ("甲县二支局", 2, -100.0),
    ]
