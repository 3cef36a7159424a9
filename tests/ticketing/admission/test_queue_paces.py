"""A queue whose pace changes while people stand in it: numbers stay, who is inside stays inside."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from saleor.account.models import User

from plugins.ticketing.admission.errors import AdmissionError
from plugins.ticketing.admission.models import QueuePlace, SaleQueue
from plugins.ticketing.admission.services import queueing
from plugins.ticketing.admission.services.queueing import LONGEST, check_turn, turn_of
from plugins.ticketing.admission.services.selling import hold_admission
from saleor_o2o.kernel.clock import frozen, now
from tests.threads import together

from .conftest import Show
from .test_fairness import ask, user

pytestmark = pytest.mark.django_db(transaction=True)
NOON = datetime.fromisoformat("2030-05-01T12:00:00+08:00")


@pytest.fixture
def crowd(show: Show) -> SaleQueue:
    """Sixty a minute from noon on, ten minutes each; six hundred have a number, one a second."""
    with frozen(NOON - timedelta(minutes=1)):
        queue = queueing.set_queue(None, show.product, 60, started_at=NOON)
    people = User.objects.bulk_create(User(email=f"fan{at}@example.com") for at in range(1, 601))
    QueuePlace.objects.bulk_create(
        QueuePlace(queue=queue, user=one, number=at) for at, one in enumerate(people, 1)
    )
    SaleQueue.objects.update(last_number=600)
    return fresh()


def fresh() -> SaleQueue:
    return SaleQueue.objects.select_related("product").get()


def refusal(number: int) -> str:
    try:
        check_turn(User.objects.get(email=f"fan{number}@example.com"), fresh())
    except AdmissionError as error:
        return str(error.code.value)
    return ""


def test_a_quicker_queue_throws_nobody_out_and_lets_nobody_pass_unseen(crowd: SaleQueue, show: Show) -> None:
    # given: five minutes after noon 300 are inside, the 301st is next
    with frozen(NOON + timedelta(minutes=5)):
        assert [refusal(one) for one in (1, 300, 301, 600)] == ["", "", "QUEUE_WAIT", "QUEUE_WAIT"]
        # when
        queueing.set_queue(None, show.product, 120)
        # then
        assert [refusal(one) for one in (1, 300, 301, 600)] == ["", "", "QUEUE_WAIT", "QUEUE_WAIT"]
        turn = turn_of(fresh(), 600, now())
        assert (turn.ahead, turn.enters_at) == (299, NOON + timedelta(minutes=5, seconds=150))
        assert queueing.length(fresh()) == 300
    # and who entered a minute after noon has ten minutes from then on, as he was told
    with frozen(NOON + timedelta(minutes=11, seconds=-1)):
        assert [refusal(one) for one in (1, 60, 300, 600)] == ["QUEUE_NEEDED", "", "", ""]
    with frozen(NOON + timedelta(minutes=11)):
        assert [refusal(one) for one in (60, 61)] == ["QUEUE_NEEDED", ""]


def test_a_slower_queue_goes_on_from_where_it_is(crowd: SaleQueue, show: Show) -> None:
    with frozen(NOON + timedelta(minutes=5)):
        queueing.set_queue(None, show.product, 30)
        assert [refusal(one) for one in (1, 300, 301)] == ["", "", "QUEUE_WAIT"]
    with frozen(NOON + timedelta(minutes=5, seconds=2)):
        assert [refusal(one) for one in (301, 302)] == ["", "QUEUE_WAIT"]
    # twice, a third pace: each part enters by its own
    with frozen(NOON + timedelta(minutes=6)):
        queueing.set_queue(None, show.product, 600)
        assert [refusal(one) for one in (300, 330, 331)] == ["", "", "QUEUE_WAIT"]
    with frozen(NOON + timedelta(minutes=6, seconds=27)):
        assert refusal(600) == ""


def test_a_queue_stands_until_a_later_moment_and_goes_on(crowd: SaleQueue, show: Show) -> None:
    with frozen(NOON + timedelta(minutes=5)):
        queueing.set_queue(None, show.product, 60, started_at=NOON + timedelta(minutes=20))
        assert [refusal(one) for one in (1, 300, 301)] == ["", "", "QUEUE_WAIT"]
    with frozen(NOON + timedelta(minutes=15)):
        assert [refusal(one) for one in (300, 301)] == ["QUEUE_NEEDED", "QUEUE_WAIT"]
        assert queueing.join(user("late"), fresh()).number == 601
        # set again before it goes on: nothing was let in by it
        queueing.set_queue(None, show.product, 60, started_at=NOON + timedelta(minutes=30))
    with frozen(NOON + timedelta(minutes=30, seconds=1)):
        assert [refusal(one) for one in (301, 302)] == ["", "QUEUE_WAIT"]
        # and at once, where nothing else is told
    with frozen(NOON + timedelta(minutes=30, seconds=10)):
        queueing.set_queue(None, show.product, 60, started_at=NOON + timedelta(minutes=50))
        queueing.set_queue(None, show.product, 60)
    with frozen(NOON + timedelta(minutes=30, seconds=12)):
        assert [refusal(one) for one in (310, 312, 313)] == ["", "", "QUEUE_WAIT"]


def test_other_minutes_or_the_same_again_change_nobodys_place(crowd: SaleQueue, show: Show) -> None:
    with frozen(NOON + timedelta(minutes=5)):
        before = turn_of(fresh(), 450, now())
        queueing.set_queue(None, show.product, 60, pass_minutes=20)
        after = turn_of(fresh(), 450, now())
        assert (after.enters_at, after.ahead) == (before.enters_at, before.ahead)
        assert after.until - before.until == timedelta(minutes=10)
        assert fresh().earlier == []


def test_a_queue_that_begins_again_another_day_lets_nobody_wait_for_those_who_have_gone(
    crowd: SaleQueue, show: Show
) -> None:
    # given: switched off in the middle, and set for another sale
    with frozen(NOON + timedelta(minutes=5)):
        queueing.set_queue(None, show.product, 60, active=False)
    with frozen(NOON + timedelta(days=1, minutes=-5)):
        queueing.set_queue(None, show.product, 60, started_at=NOON + timedelta(days=1))
        # then: yesterday's numbers are over, and the first of today is the first
        assert refusal(600) == "QUEUE_NEEDED"
        turn = queueing.join(user("early"), fresh())
        assert (turn.ahead, turn.enters_at) == (0, NOON + timedelta(days=1, seconds=1))
        assert queueing.join(User.objects.get(email="fan5@example.com"), fresh()).ahead == 1
        assert fresh().earlier == []


def test_a_hold_goes_by_the_pace_that_was_just_set(crowd: SaleQueue, show: Show) -> None:
    fan, moment = User.objects.get(email="fan310@example.com"), now()
    SaleQueue.objects.update(started_at=moment - timedelta(minutes=5))
    with frozen(moment):
        with pytest.raises(AdmissionError) as wait:
            hold_admission(ask(show), key="key-00000001", user=fan)
        assert wait.value.code.value == "QUEUE_WAIT"
        queueing.set_queue(None, show.product, 600)
    with frozen(moment + timedelta(seconds=1)):
        assert hold_admission(ask(show), key="key-00000002", user=fan).state == "held"


def test_two_windows_of_one_person_take_one_number(show: Show) -> None:
    queue = queueing.set_queue(None, show.product, 60, started_at=now() + timedelta(hours=1))
    fan, other = user("fan"), user("other")
    turns = together(*[lambda: queueing.join(fan, queue).number for _window in range(6)])
    assert set(turns) == {1}
    assert queueing.join(other, queue).number == 2


@given(st.lists(st.tuples(st.integers(1, 400), st.integers(1, 600), st.integers(0, 120)), max_size=6))
def test_entries_never_go_back_and_never_overtake(changes: list[tuple[int, int, int]]) -> None:
    """Whatever pace is set when: in the order of numbers, and nobody who was inside enters again later."""
    last, moment = 500, NOON
    row = SaleQueue(started_at=NOON, per_minute=60, last_number=last)
    for seconds, rate, pause in changes:
        moment += timedelta(seconds=seconds)
        inside = {
            n: turn.enters_at
            for n in range(1, last + 1)
            if (turn := turn_of(row, n, moment)).enters_at <= moment < turn.until
        }
        pace = queueing._Pace(
            min(queueing._pace(row).reached(moment), last), moment + timedelta(seconds=pause), rate
        )
        queueing._turn_to(row, pace, moment)
        assert {n: turn_of(row, n, moment).enters_at for n in inside} == inside
        ahead = [turn_of(row, n, moment).enters_at for n in range(pace.after + 1, last + 1)]
        assert ahead == sorted(ahead)
        assert all(one > moment for one in ahead)
    assert len(row.earlier) <= LONGEST


def test_the_page_shows_what_is_set_and_says_who_keeps_his_place(
    crowd: SaleQueue, admin_client: Client
) -> None:
    # the page of the queue leads to its form, filled in
    page = f"/admin/o2o_admission/salequeue/{crowd.pk}/change/"
    make = f"/admin/o2o_admission/salequeue/make/?product={crowd.product_id}"
    assert make in admin_client.get(page).content.decode()
    form = admin_client.get(make).context_data["form"]
    assert (form["per_minute"].value(), form["product"].value(), form["started_at"].value()) == (
        60, crowd.product_id, None,
    )  # fmt: skip
    with frozen(NOON + timedelta(minutes=5)):
        told = {
            "product": crowd.product_id,
            "per_minute": 90,
            "pass_minutes": 10,
            "active": "on",
            "started_at": "",
        }
        said = admin_client.post(make, told, follow=True).content.decode()
        assert "正在排队的 300 人号码不变" in said
    assert (fresh().per_minute, fresh().after) == (90, 300)
