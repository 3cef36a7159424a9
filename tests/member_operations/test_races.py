"""Campaigns that want one member, downloads of one list, orders of one member: counted once. And controls that fail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from threading import Barrier
from typing import Any, NamedTuple

import pytest
from pytest_django.plugin import DjangoDbBlocker
from saleor.account.models import User
from saleor.order.models import Order

from plugins.member_operations.kinds import CampaignState, MessageState
from plugins.member_operations.models import Campaign, CampaignMessage, ContactRule, MemberExport, Segment
from plugins.member_operations.services import exports, sending, surveys
from plugins.members.models import Member, MemberProfile, SmsMessage
from plugins.org_hierarchy.models import OrderAttribution
from saleor_o2o.kernel.clock import now
from saleor_o2o.ordering.models import OrderProfile
from tests.members.asking import somebody
from tests.orgs import again, person, small_org
from tests.threads import kinds, meeting, together
from tests.wiping import wipe

THREADS = 6
RULE = ContactRule(per_day=2, per_month=10)


class Place(NamedTuple):
    """A member, and a message of each of six campaigns."""

    member: Member
    messages: list[int]


@pytest.fixture
def place(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Place]:
    """Commits are real and wiped afterwards."""
    with django_db_blocker.unblock():
        wipe()
        unit = small_org()["B111"]
        by, member = person(unit, "manager"), somebody(home_unit=unit)
        MemberProfile.objects.create(member=member, marketing=True)
        segment = Segment.objects.create(unit=unit, name="全部", conditions={"opted_in": True})
        messages = []
        for number in range(THREADS):
            campaign = Campaign.objects.create(
                number=f"YX{number}",
                unit=unit,
                name="活动",
                segment=segment,
                text="文字",
                made_by=by,
                begun_at=now(),
            )
            Campaign.objects.filter(pk=campaign.pk).update(state=CampaignState.SENDING)
            messages.append(CampaignMessage.objects.create(campaign=campaign, member=member).pk)
        yield Place(member, messages)
        wipe()


def reached() -> int:
    """How many of the messages went out."""
    return CampaignMessage.objects.filter(handed_at__isnull=False).count()


def test_six_campaigns_want_a_member_for_two(place: Place) -> None:
    # when
    results = together(*(partial(sending.hand_over, pk, RULE) for pk in place.messages))

    # then
    assert sorted(results) == [MessageState.CAPPED] * 4 + [MessageState.HANDED] * 2
    assert (reached(), SmsMessage.objects.count()) == (2, 2)


def test_without_the_lock_all_six_reach_him(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    # given: the negative control; everybody has counted before anybody writes
    gate = Barrier(THREADS, timeout=30)
    count = sending.is_capped

    def unlocked(pk: int) -> list[Member]:
        return list(Member.objects.filter(pk=pk).select_related("user"))

    def counted(*told: Any) -> bool:
        found = count(*told)
        gate.wait()
        return found

    monkeypatch.setattr(sending, "lock_member", unlocked)
    monkeypatch.setattr(sending, "is_capped", counted)

    # when
    together(*(partial(sending.hand_over, pk, RULE) for pk in place.messages))

    # then
    assert reached() == THREADS


def test_one_message_handed_over_by_many_goes_once(place: Place) -> None:
    # when
    together(*(partial(sending.hand_over, place.messages[0], RULE) for _again in range(THREADS)))

    # then
    assert (reached(), SmsMessage.objects.count()) == (1, 1)


def _refused(place: Place) -> Any:
    """WeChat has refused a message of a campaign that falls back; two workers hear of it."""
    key = place.messages[0]
    Campaign.objects.filter(messages=key).update(way="wechat", falls_back=True, text="文字")
    CampaignMessage.objects.filter(pk=key).update(state=MessageState.HANDED, handed_at=now())
    return together(*(partial(sending._fall_back, key, "对方拒收公众号消息") for _worker in range(2)))


def test_one_refusal_heard_by_two_is_one_text_message(place: Place) -> None:
    # when
    results = _refused(place)

    # then
    assert (results, SmsMessage.objects.count()) == ([0, 0], 1)


def test_without_the_lock_a_refusal_is_two_text_messages(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: the negative control; both have read the message before either writes
    meet = meeting(2)
    look = sending._unfit
    monkeypatch.setattr(sending, "lock_rows", lambda rows, **_how: list(rows))

    def met(*told: Any) -> Any:
        meet()
        return look(*told)

    monkeypatch.setattr(sending, "_unfit", met)

    # when
    _refused(place)

    # then
    assert SmsMessage.objects.count() == 2


@pytest.fixture
def listed(place: Place) -> tuple[User, MemberExport]:
    """A list that was approved."""
    unit = place.member.home_unit
    assert unit is not None
    asker = person(unit, "asker", ["member.view", "member.export", "member_export.view"])
    row = MemberExport.objects.create(
        number="DC1", unit=unit, reason="用途用途", asked_by=asker, expires_at=now() + timedelta(hours=1)
    )
    MemberExport.objects.filter(pk=row.pk).update(state="ready")
    return asker, MemberExport.objects.get(pk=row.pk)


def test_six_downloads_of_one_list_are_one(listed: tuple[User, MemberExport]) -> None:
    # when
    results = together(
        *(partial(exports.take_export, again(listed[0]), listed[1]) for _one in range(THREADS))
    )

    # then
    assert kinds(results) == ["OperationsError"] * 5 + ["QuerySet"]


def test_without_the_lock_a_list_is_taken_by_all(
    listed: tuple[User, MemberExport], monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: the negative control; everybody has read the row before anybody writes
    gate = Barrier(THREADS, timeout=30)

    def unlocked(rows: Any, **_how: Any) -> list[Any]:
        found = list(rows)
        gate.wait()
        return found

    monkeypatch.setattr(exports, "lock_rows", unlocked)

    # when
    results = together(
        *(partial(exports.take_export, again(listed[0]), listed[1]) for _one in range(THREADS))
    )

    # then
    assert kinds(results) == ["QuerySet"] * THREADS


@pytest.fixture
def orders(place: Place) -> list[int]:
    """Six orders of the member, completed at the same moment."""
    found = []
    for number in range(THREADS):
        order = Order.objects.create(user=place.member.user, currency="CNY")
        OrderProfile.objects.create(order=order, number=f"N{number}", placed_total=1, total=1)
        found.append(order.pk)
    return found


def test_six_orders_ask_once(orders: list[int]) -> None:
    # when
    results = together(*(partial(surveys.ask_of_order, pk) for pk in orders))

    # then
    assert kinds(results) == ["NoneType"] * 5 + ["Survey"]


def test_without_the_lock_six_orders_ask_six_times(
    orders: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: the negative control; everybody has looked before anybody writes
    gate = Barrier(THREADS, timeout=30)
    monkeypatch.setattr(surveys, "lock_rows", lambda rows, **_how: list(rows))

    def meet(*_told: Any, **_more: Any) -> Any:
        gate.wait()
        return OrderAttribution.objects.none()

    monkeypatch.setattr(surveys.OrderAttribution.objects, "filter", meet)

    # when
    results = together(*(partial(surveys.ask_of_order, pk) for pk in orders))

    # then
    assert kinds(results) == ["Survey"] * THREADS
