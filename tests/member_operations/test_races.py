"""Two campaigns want the same member at the same moment: one a day is one a day. And the control that can fail."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from threading import Barrier
from typing import Any, NamedTuple

import pytest
from pytest_django.plugin import DjangoDbBlocker

from plugins.member_operations.kinds import CampaignState, MessageState
from plugins.member_operations.models import Campaign, CampaignMessage, ContactRule, Segment
from plugins.member_operations.services import sending
from plugins.members.models import Member, MemberProfile, SmsMessage
from saleor_o2o.kernel.clock import now
from tests.members.asking import somebody
from tests.orgs import person, small_org
from tests.threads import together
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
