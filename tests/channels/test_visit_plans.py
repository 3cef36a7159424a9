"""Plans to visit a channel: late, called off with a reason, or over because nobody can go there any more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from saleor.account.models import User

from plugins.channels.errors import ChannelError
from plugins.channels.models import Channel, Visit, VisitKind, VisitResult, VisitState, in_state
from plugins.channels.services.moves import change_state
from plugins.channels.services.visits import cancel_plan, plan_visit, record_visit
from plugins.channels.todo import todo
from plugins.channels.types import ChannelStatus
from plugins.org_hierarchy.models import OrgUnit
from saleor_o2o.kernel.clock import frozen, now, today
from saleor_o2o.kernel.models import AuditEntry
from saleor_o2o.kernel.request import bind_request
from tests.orgs import again, person
from tests.stock.world import World
from tests.threads import kinds, together

from . import shops
from .conftest import COUNTY

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def shop(org: dict[str, OrgUnit]) -> Channel:
    return shops.channel(org["B111"])


@pytest.fixture
def plan(shop: Channel, liaison: User) -> Visit:
    return plan_visit(shop, VisitKind.ROUTINE, today(), liaison.o2o_staff)


def client(user: User | None) -> Client:
    made = Client()
    if user is not None:
        made.force_login(user, backend=BACKEND)
    return made


def states() -> list[str]:
    return [one.state.value for one in Visit.objects.order_by("pk")]


def test_a_plan_whose_day_is_over_is_late(plan: Visit, liaison: User) -> None:
    # given / then: due today
    assert (plan.state, plan.days_late) == (VisitState.PLANNED, 0)

    # when: three days later
    with frozen(now() + timedelta(days=3)):
        late = Visit.objects.get()

        # then
        assert (late.state, late.days_late) == (VisitState.LATE, 3)
        assert [
            list(Visit.objects.filter(in_state(state)).values_list("pk", flat=True))
            for state in VisitState.values
        ] == [[], [plan.pk], [], []]
        [told] = todo(again(liaison))
        assert told.due is not None and told.due < now()
        page = client(liaison).get(reverse("admin:o2o_channels_visit_changelist"), {"state": "late"})
        assert "已逾期 3 天" in page.content.decode()


def test_a_plan_is_called_off_once_with_a_reason(plan: Visit, liaison: User) -> None:
    # when
    with bind_request(actor=f"user:{liaison.pk}"):
        cancel_plan(plan, " 店主回乡 ")

    # then
    row = Visit.objects.get()
    assert (row.state, row.cancel_reason, row.cancelled_by) == ("cancelled", "店主回乡", f"user:{liaison.pk}")
    assert todo(again(liaison)) == []
    line = AuditEntry.objects.get(action="channels.visit_cancelled")
    assert line.after == {"reason": "店主回乡"} and line.org_path == plan.channel.unit.path
    with pytest.raises(ChannelError) as again_:
        cancel_plan(plan, "再来一次")
    assert again_.value.code == "WRONG_STATE"


@pytest.mark.parametrize(("reason", "code"), [(" ", "REQUIRED"), ("长" * 201, "INVALID")])
def test_nothing_is_called_off_without_words(plan: Visit, reason: str, code: str) -> None:
    with pytest.raises(ChannelError) as refusal:
        cancel_plan(plan, reason)
    assert (refusal.value.code, states()) == (code, ["planned"])


def test_a_visit_that_was_made_cannot_be_called_off(plan: Visit, shop: Channel, liaison: User) -> None:
    # given
    record_visit(shop, liaison.o2o_staff, VisitKind.ROUTINE, VisitResult.GOOD, "货架整齐")

    # when / then
    with pytest.raises(ChannelError) as refusal:
        cancel_plan(plan, "太晚了")
    assert (refusal.value.code, states()) == ("WRONG_STATE", ["done"])


def test_a_visit_does_not_fulfil_what_was_called_off(plan: Visit, shop: Channel, liaison: User) -> None:
    # given
    cancel_plan(plan, "店主回乡")

    # when: named, then unnamed
    with pytest.raises(ChannelError):
        record_visit(shop, liaison.o2o_staff, VisitKind.ROUTINE, VisitResult.GOOD, "货架整齐", plan=plan)
    record_visit(shop, liaison.o2o_staff, VisitKind.ROUTINE, VisitResult.GOOD, "货架整齐")

    # then: the plan stays as it was, the visit stands for itself
    assert states() == ["cancelled", "done"]


def test_plans_end_with_the_channel(plan: Visit, shop: Channel, liaison: User) -> None:
    # given
    record_visit(shop, liaison.o2o_staff, VisitKind.PROBLEM, VisitResult.GOOD, "已改")

    # when
    change_state(shop, "leave", reason="迁走")

    # then
    assert states() == ["cancelled", "done"]
    assert Visit.objects.get(pk=plan.pk).cancel_reason == "渠道已退出"


def test_admission_ends_the_plans_to_look_at_an_applicant(org: dict[str, OrgUnit], liaison: User) -> None:
    # given
    applied = shops.channel(org["B111"], status=ChannelStatus.APPLIED)
    for kind in (VisitKind.OPENING, VisitKind.OPENING, VisitKind.PROBLEM):
        plan_visit(applied, kind, today(), liaison.o2o_staff)
    record_visit(applied, liaison.o2o_staff, VisitKind.OPENING, VisitResult.RECOMMEND, "临街")
    shops.template()

    # when
    change_state(applied, "submit", reason="")
    change_state(applied, "admit", reason="")

    # then
    assert states() == ["done", "cancelled", "planned"]


@pytest.mark.django_db(transaction=True)
def test_made_and_called_off_at_the_same_moment_is_one_of_both(
    plan: Visit, shop: Channel, liaison: User
) -> None:
    # when
    results = together(
        lambda: cancel_plan(plan, "店主回乡"),
        lambda: record_visit(
            shop, liaison.o2o_staff, VisitKind.ROUTINE, VisitResult.GOOD, "货架整齐", plan=plan
        ),
    )

    # then
    assert kinds(results) == ["ChannelError", "Visit"]
    assert states() in (["done"], ["cancelled"])


WHO = {"anonymous": 302, "shopper": 302, "looks only": 403, "abroad": 404, "liaison": 302, "county": 302}


@pytest.mark.parametrize(("who", "status"), WHO.items())
def test_who_may_call_a_plan_off_by_page(
    plan: Visit,
    org: dict[str, OrgUnit],
    world: World,
    liaison: User,
    abroad: User,
    who: str,
    status: int,
) -> None:
    # given
    people = {
        "anonymous": None, "shopper": world.customer, "abroad": abroad, "liaison": liaison,
        "looks only": person(org["B111"], "looks", ["channel.view"]), "county": person(org["C11"], "boss", COUNTY),
    }  # fmt: skip
    address = reverse("admin:o2o_channels_visit_do", args=[plan.pk, "cancel"])

    # when
    answer = client(people[who]).post(address, {"reason": "店主回乡"})

    # then
    assert answer.status_code == status
    assert states() == (["cancelled"] if who in ("liaison", "county") else ["planned"])


def test_the_page_asks_for_a_reason_and_shows_it_afterwards(plan: Visit, liaison: User) -> None:
    # given
    visitor = client(liaison)
    page = reverse("admin:o2o_channels_visit_change", args=[plan.pk])
    address = reverse("admin:o2o_channels_visit_do", args=[plan.pk, "cancel"])
    assert address in visitor.get(page).content.decode()

    # when
    refused = visitor.post(address, {"reason": " "})
    visitor.post(address, {"reason": "店主回乡"})

    # then
    assert refused.status_code == 200
    text = visitor.get(page).content.decode()
    assert "店主回乡" in text and "已取消" in text and address not in text


@pytest.mark.parametrize(("typed", "goes"), [("", "liaison"), ("mate", "mate"), ("nobody", None)])
def test_a_manager_sends_the_liaison_or_somebody_else(
    org: dict[str, OrgUnit], shop: Channel, liaison: User, typed: str, goes: str | None
) -> None:
    # given
    boss = person(org["B111"], "boss", ["channel.view", "channel.visit"])
    person(org["B111"], "mate", ["channel.view"])
    Channel.objects.filter(pk=shop.pk).update(liaison=liaison.o2o_staff)
    form: dict[str, Any] = {"kind": "routine", "planned_on": today().isoformat(), "visitor_no": typed}

    # when
    answer = client(boss).post(reverse("admin:o2o_channels_channel_do", args=[shop.pk, "plan"]), form)

    # then
    made = [one.visitor.employee_no for one in Visit.objects.select_related("visitor") if one.visitor]
    assert (answer.status_code, made) == ((302, [goes]) if goes else (200, []))
