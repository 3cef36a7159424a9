"""Units and seats are taken, kept, sold, let go and given back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from plugins.org_hierarchy.models import OrgUnit
from plugins.ticketing.admission import tasks
from plugins.ticketing.admission.choices import SeatState, TakingState
from plugins.ticketing.admission.errors import AdmissionError
from plugins.ticketing.admission.inventory import (
    Wish,
    confirm,
    extend,
    release,
    release_tickets,
    return_due,
    returning,
    sweep_expired,
    take,
)
from plugins.ticketing.admission.models import Quota, SessionSeat, Taking
from plugins.ticketing.admission.services.stock import let_go, make_quota, reserve, resize_quota
from plugins.ticketing.admission.vouchers.services.expiring import RUN
from saleor_o2o.kernel.clock import frozen, now
from saleor_o2o.kernel.locks import LockTimeout

from .conftest import Park, Show, show_of


def taken(hold: str, wishes: list[Wish], until: datetime) -> Any:
    """`take` in a transaction of its own: what it got, or the code of its refusal."""
    with transaction.atomic():
        try:
            return take(hold, wishes, until)
        except AdmissionError as error:
            return error.code.value


def labels(result: Any) -> list[str]:
    return [seat.label for line in result.lines for seat in line.seats]


def states(show: Show) -> dict[str, int]:
    found: dict[str, int] = {}
    for state in SessionSeat.objects.filter(session=show.session).values_list("state", flat=True):
        found[state] = found.get(state, 0) + 1
    return found


# -- seats ---------------------------------------------------------------------------------


def test_a_party_gets_the_best_seats_side_by_side(show: Show, soon: datetime) -> None:
    # when three adults and a student want the best of category A
    got = taken("W1", [show.wish(3), show.wish(1, show.student)], soon)
    # then they sit in the middle of the nearest row in which nobody is left alone; each has his class
    assert got.together
    assert len(labels(got)) == 4
    assert {label[:4] for label in labels(got)} == {"池座2排"}
    by_class = SessionSeat.objects.filter(hold="W1").values_list("ticket_class", "state", "until")
    assert sorted(by_class) == sorted([(show.front.pk, "held", soon)] * 3 + [(show.student.pk, "held", soon)])
    assert [(row.quantity, row.state) for row in Taking.objects.filter(hold="W1").order_by("pk")] == [
        (3, "held"), (1, "held"),
    ]  # fmt: skip


def test_a_full_row_is_followed_by_the_next_and_who_cannot_sit_together_is_told(
    show: Show, soon: datetime
) -> None:
    # given all of A but one seat on each side of the aisle and three in row 2
    keep = {("1", "1"), ("1", "10"), ("2", "1"), ("2", "2"), ("2", "3")}
    for seat in SessionSeat.objects.filter(session=show.session, category="A"):
        if (seat.row, seat.number) not in keep:
            SessionSeat.objects.filter(pk=seat.pk).update(state="blocked")
    # when three, then two people come
    three, two = taken("W1", [show.wish(3)], soon), taken("W2", [show.wish(2)], soon)
    # then three sit together, two apart, and one more gets nothing
    assert (three.together, labels(three)) == (True, ["池座2排1座", "池座2排2座", "池座2排3座"])
    assert (two.together, sorted(labels(two))) == (False, ["池座1排10座", "池座1排1座"])
    assert taken("W3", [show.wish(1)], soon) == "SOLD_OUT"


def test_chosen_seats_are_taken_as_chosen(show: Show, soon: datetime) -> None:
    seats = (show.seat("2", "5"), show.seat("2", "6"))
    got = taken("W1", [show.wish(2, seats=seats)], soon)
    assert labels(got) == ["池座2排5座", "池座2排6座"]
    # when somebody wants one of them too
    assert taken("W2", [show.wish(2, seats=(show.seat("2", "6"), show.seat("2", "7")))], soon) == "SEAT_TAKEN"
    # then he has nothing
    assert states(show) == {"held": 2, "free": 36}


@pytest.mark.parametrize(
    ("seats", "code"),
    [
        ([("2", "2"), ("2", "3")], "ORPHAN_SEAT"),  # leaves 1
        ([("1", "4")], "ORPHAN_SEAT"),  # leaves 5 before the aisle
        ([("1", "5")], None),  # the aisle is nobody's neighbour
        ([("1", "1"), ("1", "2"), ("1", "3"), ("1", "4")], None),  # one is left whatever they choose
        ([("3", "1")], "SEAT_CLASS"),
    ],
)
def test_single_seats_and_other_classes_are_refused(
    show: Show, soon: datetime, seats: list[tuple[str, str]], code: str | None
) -> None:
    got = taken("W1", [show.wish(len(seats), seats=tuple(show.seat(*one) for one in seats))], soon)
    assert (got if isinstance(got, str) else None) == code
    assert states(show).get("held", 0) == (0 if code else len(seats))


def test_the_refusal_names_the_seat_and_says_what_to_do(show: Show, soon: datetime) -> None:
    with pytest.raises(AdmissionError) as refused, transaction.atomic():
        take("W1", [show.wish(1, seats=(show.seat("2", "2"),))], soon)
    assert refused.value.in_words == (
        "这样选会在旁边留下一个单独的空座（池座2排1座）。请把座位左移或右移一个，或把它一起选上"
    )


def test_seats_of_another_session_are_unknown_and_none_is_chosen_twice(
    show: Show, org: dict[str, OrgUnit], soon: datetime
) -> None:
    from .conftest import show_of

    other = show_of(org["CQ"], [("1", "AAAA")], "小剧场")
    assert taken("W1", [show.wish(1, seats=(other.seat("1", "1"),))], soon) == "SEAT_UNKNOWN"
    twice = (show.seat("2", "5"),) * 2
    assert taken("W1", [show.wish(2, seats=twice)], soon) == "SEAT_TAKEN"
    assert taken("W1", [show.wish(2, seats=twice[:1])], soon) == "COUNT"


def test_what_a_refused_hold_had_got_is_free_again(show: Show, soon: datetime) -> None:
    # given B is sold out
    SessionSeat.objects.filter(session=show.session, category="B").update(state="blocked")
    # when somebody wants two of A and one of B, in a transaction that goes on
    assert taken("W1", [show.wish(2), show.wish(1, show.back)], soon) == "SOLD_OUT"
    # then A is as free as before
    assert states(show) == {"free": 22, "blocked": 16}
    assert not Taking.objects.exists()


def test_statements_of_a_hold_do_not_grow_with_its_seats(org: dict[str, OrgUnit], soon: datetime) -> None:
    show = show_of(org["CQ"], [(row, "A" * 20) for row in "123"], "体育馆")
    # the map's geometry is in memory from now on, and in which row such parties try first
    for count in (1, 6):
        taken(f"W0{count}", [show.wish(count)], soon)
    with transaction.atomic(), CaptureQueriesContext(connection) as one:
        take("W1", [show.wish(1)], soon)
    with transaction.atomic(), CaptureQueriesContext(connection) as six:
        take("W2", [show.wish(6)], soon)
    # a row is locked and all that decides is looked at in one, seats are taken and recorded in the other
    assert len(one) == len(six) == 2, [told["sql"] for told in six.captured_queries]


def test_where_the_last_one_chose_is_only_a_guess(org: dict[str, OrgUnit], soon: datetime) -> None:
    # given three rows, and a party in the nearest one
    show = show_of(org["CQ"], [(row, "A" * 6) for row in "123"], "体育馆")
    row = SessionSeat.objects.filter(session=show.session, line=1)
    assert labels(taken("W1", [show.wish(2)], soon)) == ["池座1排3座", "池座1排4座"]
    # when the rest of it cannot be had any more, the next party sits in the next one
    row.filter(state="free").update(state="blocked")
    assert labels(taken("W2", [show.wish(2)], soon)) == ["池座2排3座", "池座2排4座"]
    # and when it can be had again, it is the nearest for whoever comes then
    row.filter(state="blocked").update(state="free")
    assert labels(taken("W3", [show.wish(2)], soon)) == ["池座1排1座", "池座1排2座"]
    # and where nothing is left, nothing is taken and nothing is wrong
    SessionSeat.objects.filter(session=show.session, state="free").update(state="blocked")
    assert taken("W4", [show.wish(2)], soon) == "SOLD_OUT"


# -- units ---------------------------------------------------------------------------------


def test_every_quota_that_fits_is_counted(park: Park, soon: datetime) -> None:
    # given 10 a day, of which 4 at counters, and 3 children
    day = make_quota(None, park.product, 10, day=park.day)
    counter = make_quota(None, park.product, 4, day=park.day, channel="counter")
    child = make_quota(None, park.product, 3, day=park.day, classes=[park.child])

    def counts() -> list[int]:
        return [Quota.objects.get(pk=one.pk).taken for one in (day, counter, child)]

    taken("W1", [park.wish(2), park.wish(2, park.child)], soon)
    assert counts() == [4, 0, 2]
    taken("W2", [park.wish(4, channel="counter")], soon)
    assert counts() == [8, 4, 2]
    assert taken("W3", [park.wish(1, channel="counter")], soon) == "SOLD_OUT"
    assert taken("W4", [park.wish(2, park.child)], soon) == "SOLD_OUT"
    assert taken("W5", [park.wish(3)], soon) == "SOLD_OUT"
    assert counts() == [8, 4, 2]


def test_a_day_without_a_quota_is_not_sold(park: Park, soon: datetime) -> None:
    assert taken("W1", [park.wish(1)], soon) == "NOT_ON_SALE"
    assert taken("W1", [park.wish(0)], soon) == "COUNT"


def test_a_number_is_used_once(park: Park, soon: datetime) -> None:
    from django.db.utils import IntegrityError

    make_quota(None, park.product, 10, day=park.day)
    taken("W1", [park.wish(1)], soon)
    with pytest.raises(IntegrityError):
        taken("W1", [park.wish(1)], soon)


def test_work_tickets_are_kept_back_and_let_go(park: Park, soon: datetime) -> None:
    quota = make_quota(None, park.product, 5, day=park.day)
    kept = reserve(None, quota, 3, "媒体踩线")
    assert taken("W1", [park.wish(3)], soon) == "SOLD_OUT"
    with pytest.raises(AdmissionError) as refused:
        resize_quota(None, quota, 2)
    assert refused.value.code.value == "CAPACITY"
    let_go(None, kept)
    assert taken("W1", [park.wish(3)], soon).hold == "W1"
    with pytest.raises(AdmissionError):
        let_go(None, kept)
    assert Quota.objects.get().taken == 3


# -- afterwards ----------------------------------------------------------------------------


def test_a_hold_is_extended_sold_and_never_let_go_afterwards(show: Show, soon: datetime) -> None:
    taken("W1", [show.wish(2)], soon)
    later = soon + timedelta(minutes=10)
    with transaction.atomic():
        extend("W1", later)
    assert set(SessionSeat.objects.filter(hold="W1").values_list("until", flat=True)) == {later}
    with transaction.atomic():
        confirm("W1")
        confirm("W1")  # the news comes twice
        assert release("W1") == 0
    assert states(show) == {"sold": 2, "free": 36}
    assert Taking.objects.get().state == TakingState.SOLD


def test_what_was_let_go_is_lost(show: Show, park: Park, soon: datetime) -> None:
    quota = make_quota(None, park.product, 10, day=park.day)
    taken("W1", [show.wish(2), park.wish(3)], soon)
    with transaction.atomic():
        assert release("W1") == 5
        assert release("W1") == 0
    assert states(show) == {"free": 38}
    quota.refresh_from_db()
    assert quota.taken == 0
    for late in (lambda: confirm("W1"), lambda: extend("W1", soon)):
        with pytest.raises(AdmissionError) as refused, transaction.atomic():
            late()
        assert refused.value.code.value == "HOLD_LOST"


def test_holds_that_died_are_swept_and_those_in_time_are_not(show: Show, soon: datetime) -> None:
    taken("W1", [show.wish(2)], soon)
    taken("W2", [show.wish(2)], soon + timedelta(hours=1))
    with frozen(soon + timedelta(minutes=9)):
        assert sweep_expired() == 0  # its order has time to close it
    with frozen(soon + timedelta(minutes=11)):
        assert sweep_expired() == 2
    assert states(show) == {"held": 2, "free": 36}


def test_a_hold_that_cannot_be_swept_keeps_no_other_one(
    show: Show, soon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    taken("W1", [show.wish(2)], soon)
    taken("W2", [show.wish(2)], soon + timedelta(seconds=1))

    def let(hold: str) -> int:
        if hold == "W1":
            raise LockTimeout
        return release(hold)

    monkeypatch.setattr(returning, "release", let)

    # when, then
    with frozen(soon + timedelta(minutes=11)):
        assert sweep_expired() == 2
    assert states(show) == {"held": 2, "free": 36}


def test_all_that_ended_is_ended_in_one_run(monkeypatch: pytest.MonkeyPatch) -> None:
    # given: more than are taken at once, of two kinds
    ended, earned = iter([RUN, RUN, 3]), iter([RUN, 0])
    monkeypatch.setattr(tasks, "expire_due", lambda: next(ended))
    monkeypatch.setattr(tasks, "earn_due", lambda: next(earned))

    # when, then
    assert tasks.expire_vouchers() == 3 * RUN + 3


def test_tickets_given_back_are_sold_again_at_once(show: Show, soon: datetime) -> None:
    got = taken("W1", [show.wish(3)], soon)
    seat = got.lines[0].seats[1].seat
    with transaction.atomic():
        confirm("W1")
        assert release_tickets("W1", show.front.pk, 1, seats=[seat]) is None
    assert Taking.objects.get().quantity == 2
    assert states(show) == {"sold": 2, "free": 36}
    with pytest.raises(AdmissionError) as refused, transaction.atomic():
        release_tickets("W1", show.front.pk, 1, seats=[seat])
    assert refused.value.code.value == "SEAT_UNKNOWN"
    with pytest.raises(AdmissionError) as refused, transaction.atomic():
        release_tickets("W1", show.front.pk, 3)
    assert refused.value.code.value == "HOLD_LOST"


def test_tickets_given_back_are_sold_again_at_the_time_of_day(show: Show, park: Park, soon: datetime) -> None:
    # given returns at noon
    for product in (show.product, park.product):
        product.returns_daily_at = datetime(2000, 1, 1, 12).time()
        product.save(update_fields=["returns_daily_at"])
    quota = make_quota(None, park.product, 10, day=park.day)
    got = taken("W1", [show.wish(2), park.wish(4)], soon)
    seats = [one.seat for one in got.lines[0].seats]
    noon = now().replace(hour=12, minute=0, second=0, microsecond=0) + timedelta(days=1)
    with transaction.atomic():
        confirm("W1")
    # when they come back at four in the afternoon
    with frozen(noon - timedelta(hours=20)), transaction.atomic():
        assert release_tickets("W1", show.front.pk, 2, seats=seats) == noon
        assert release_tickets("W1", park.adult.pk, 3) == noon
    # then nobody can buy them before noon of the next day
    assert states(show) == {"returning": 2, "free": 36}
    assert return_due(noon - timedelta(seconds=1)) == 0
    quota.refresh_from_db()
    assert quota.taken == 4
    assert return_due(noon) == 5
    assert return_due(noon) == 0
    quota.refresh_from_db()
    assert quota.taken == 1
    assert states(show) == {"free": 38}


def test_a_state_of_a_seat_has_a_hold_and_no_other_has(show: Show) -> None:
    from django.db.utils import IntegrityError

    with pytest.raises(IntegrityError), transaction.atomic():
        SessionSeat.objects.filter(session=show.session).update(state=SeatState.SOLD)
