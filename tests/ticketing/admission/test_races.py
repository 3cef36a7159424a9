"""Many buyers at a time: nothing is sold twice, nobody leaves a single seat, and the same test can fail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection, transaction

from plugins.org_hierarchy.models import OrgUnit
from plugins.ticketing.admission.errors import AdmissionError
from plugins.ticketing.admission.inventory import quotas, release, statements, take, taking
from plugins.ticketing.admission.inventory.seating import runs
from plugins.ticketing.admission.models import Quota, SessionSeat, Taking
from plugins.ticketing.admission.services.sessions import cancel_session, make_session, postpone_session
from plugins.ticketing.admission.services.stock import make_quota, quotas_for_days
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.prepared import Prepared
from tests.threads import meeting, together

from ...orgs import small_org
from .conftest import show_of

pytestmark = pytest.mark.django_db(transaction=True)


def buyer(hold: str, wishes: list[Any]) -> Callable[[], str]:
    def play() -> str:
        with transaction.atomic():
            try:
                take(hold, wishes, now() + timedelta(minutes=15))
            except AdmissionError as error:
                return error.code.value
        return "taken"

    return play


def test_sixteen_buyers_of_pairs_get_ten_seats_of_a_row_and_never_one_twice() -> None:
    # given 20 seats, and 16 who want the best two of them
    show = show_of(small_org()["CQ"], [("1", "AAAAAAAAAA"), ("2", "AAAAAAAAAA")])
    results = together(*(buyer(f"W{at}", [show.wish(2)]) for at in range(16)))
    # then ten have two each
    assert Counter(results) == {"taken": 10, "SOLD_OUT": 6}
    held = SessionSeat.objects.filter(state="held")
    assert Counter(held.values_list("hold", flat=True)) == {
        f"W{at}": 2 for at, told in enumerate(results) if told == "taken"
    }
    assert Taking.objects.count() == 10


def test_buyers_of_the_same_seats_at_a_time() -> None:
    show = show_of(small_org()["CQ"], [("1", "AAAAAAAAAA")])
    # given twelve who chose 3 and 4, or 4 and 5
    wishes = [
        show.wish(2, seats=(show.seat("1", str(3 + at % 2)), show.seat("1", str(4 + at % 2))))
        for at in range(12)
    ]
    results = together(*(buyer(f"W{at}", [wish]) for at, wish in enumerate(wishes)))
    # then one has his seats
    assert Counter(results) == {"taken": 1, "SEAT_TAKEN": 11}
    assert SessionSeat.objects.filter(state="held").count() == 2


def test_nobody_leaves_a_single_seat_although_all_choose_at_a_time() -> None:
    # given two who each leave two seats between them, if each sees the row as it was before
    show = show_of(small_org()["CQ"], [("1", "AAAAAAAAA")])
    left = show.wish(4, seats=tuple(show.seat("1", str(at)) for at in (1, 2, 3, 4)))
    right = show.wish(4, seats=tuple(show.seat("1", str(at)) for at in (6, 7, 8, 9)))
    results = together(buyer("W1", [left]), buyer("W2", [right]))
    # then the second one is told, or takes the whole rest but the one that is left anyway
    assert results.count("taken") == 2
    # and where eleven seats are asked for by threes and fours, singles are left only where runs end with one
    wide = show_of(OrgUnit.objects.get(code="CQ"), [("1", "A" * 30), ("2", "A" * 30)], "体育馆")
    together(*(buyer(f"V{at}", [wide.wish(2 + at % 3)]) for at in range(12)))
    for line in (1, 2):
        free = SessionSeat.objects.filter(session=wide.session, line=line, state="free")
        assert all(length != 1 for _first, length in runs(free.values_list("place", flat=True)))


def test_without_the_look_at_the_rows_one_seat_is_sold_twice() -> None:
    """The negative control: seats taken whatever their state is, by people who have all looked before."""
    show = show_of(small_org()["CQ"], [("1", "AAAAAAAAAA")])
    meet = meeting(4)
    told = statements.TAKE_SEATS
    careless = told.sql.replace("AND state = 'free'\n    ORDER BY id FOR UPDATE SKIP LOCKED", "ORDER BY id")
    assert careless != told.sql
    wish = show.wish(2, seats=(show.seat("1", "3"), show.seat("1", "4")))

    def looked(*_told: Any) -> dict[Any, list[int]]:
        meet()
        return {("池座", 1): list(range(1, 11))}

    where = "plugins.ticketing.admission.inventory.taking"
    with (
        patch.object(statements, "TAKE_SEATS", Prepared("careless", careless, told.types)),
        patch(f"{where}._free_in", looked),
        patch(f"{where}.advisory_lock", lambda *_told: None),
    ):
        results = together(*(buyer(f"W{at}", [wish]) for at in range(4)))
    assert Counter(results) == {"taken": 4}


def test_who_finds_his_guess_wrong_lets_the_row_go() -> None:
    # given somebody who would try the second row first, and a nearer one that can be had again
    show = show_of(small_org()["CQ"], [("1", "AAAAAA"), ("2", "AAAAAA")])
    front = SessionSeat.objects.filter(session=show.session, line=1)
    front.update(state="blocked")
    assert buyer("W1", [show.wish(2)])() == "taken"
    front.update(state="free")
    # when he takes seats of the nearer one
    with transaction.atomic():
        take("W2", [show.wish(2)], now() + timedelta(minutes=15))
        locked = rows_locked()
    # then that is the only row that he keeps from others
    assert front.filter(hold="W2").count() == 2
    assert locked == 1


def test_who_loses_a_row_lets_it_go_before_he_looks_for_another() -> None:
    # given somebody who has chosen in the first row, which is sold to others before he takes anything
    show = show_of(small_org()["CQ"], [("1", "AAAAAA"), ("2", "AAAAAA")])
    rows = SessionSeat.objects.filter(session=show.session)
    take_seats, locked = taking._take, []

    def _take(*told: Any, **more: Any) -> bool:
        if not locked:
            together(lambda: rows.filter(line=1).update(state="blocked"))
        locked.append(rows_locked())
        return take_seats(*told, **more)

    def _free(*told: Any) -> Any:
        locked.append(rows_locked())
        return free(*told)

    free = taking._free
    with patch.object(taking, "_take", _take), patch.object(taking, "_free", _free):
        assert buyer("W1", [show.wish(2)])() == "taken"
    # then he had no row while he looked again, and one each time he tried to take its seats
    assert locked == [1, 0, 1]
    assert rows.filter(hold="W1", line=2).count() == 2


def test_two_who_lose_their_rows_and_want_each_others_do_not_wait_in_a_ring() -> None:
    # given two who have each chosen in a row
    show = show_of(small_org()["CQ"], [("1", "A" * 10), ("2", "A" * 10)])
    rows = SessionSeat.objects.filter(session=show.session)
    take_seats, chosen, both, sold = taking._take, {}, meeting(2), meeting(2)

    def _take(*told: Any, **more: Any) -> bool:
        chosen.setdefault(told[4].number, told[1][1])
        both()
        # before they take anything, three seats are left where two would leave a single one, and two where three sit
        if told[4].number == "W2":
            together(lambda: rows.filter(line=chosen["W2"], place__gt=3).update(state="blocked"))
            together(lambda: rows.filter(line=chosen["W3"], place__gt=2).update(state="blocked"))
        sold()
        return take_seats(*told, **more)

    with patch.object(taking, "_take", _take):
        results = together(buyer("W2", [show.wish(2)]), buyer("W3", [show.wish(3)]))
    # then each takes what the other one had chosen, and PostgreSQL had to part nobody
    assert results == ["taken", "taken"]
    assert set(rows.filter(state="held").values_list("hold", "line", "place")) == {
        *(("W2", chosen["W3"], place) for place in (1, 2)), *(("W3", chosen["W2"], place) for place in (1, 2, 3))
    }  # fmt: skip


def rows_locked() -> int:
    """How many rows of seats this connection keeps from others."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
        return int(cursor.fetchone()[0])


def test_twenty_four_buyers_of_ten_units() -> None:
    park = _park()
    quota = make_quota(None, park.product, 10, day=park.day)
    results = together(*(buyer(f"W{at}", [park.wish(1)]) for at in range(24)))
    assert Counter(results) == {"taken": 10, "SOLD_OUT": 14}
    quota.refresh_from_db()
    assert quota.taken == Taking.objects.count() == 10


def test_without_the_guard_the_quota_is_oversold() -> None:
    """The negative control: everybody has looked before anybody counts, and nobody looks again."""
    park = _park()
    quota = make_quota(None, park.product, 2, day=park.day)
    meet = meeting(6)
    before = quotas.quotas_of

    def looked(*told: Any) -> Any:
        found = before(*told)
        meet()
        return found

    with (
        patch("plugins.ticketing.admission.inventory.taking.quotas_of", looked),
        patch.object(
            statements,
            "TAKE_UNITS",
            "UPDATE o2o_admission_quota SET taken = taken + %s WHERE id = %s OR %s < 0",
        ),
    ):
        results = together(*(buyer(f"W{at}", [park.wish(1)]) for at in range(6)))
    quota.refresh_from_db()
    assert (Counter(results), quota.taken) == ({"taken": 6}, 6)


def test_quotas_in_opposite_order_do_not_wait_for_each_other() -> None:
    park = _park()
    for kind in (park.adult, park.child):
        make_quota(None, park.product, 100, day=park.day, classes=[kind])
    one, other = [park.wish(1), park.wish(1, park.child)], [park.wish(1, park.child), park.wish(1)]
    results = together(*(buyer(f"W{at}", one if at % 2 else other) for at in range(12)))
    assert Counter(results) == {"taken": 12}
    assert list(Quota.objects.values_list("taken", flat=True)) == [12, 12]


def test_who_buys_while_the_session_is_cancelled_has_it_before_or_not_at_all() -> None:
    show = show_of(small_org()["CQ"], [(str(at), "AAAAAAAAAA") for at in range(1, 5)])
    results = together(
        *(buyer(f"W{at}", [show.wish(2)]) for at in range(8)),
        lambda: cancel_session(None, show.session, "演员生病，演出取消"),
    )
    assert not isinstance(results[8], Exception), results[8]
    bought = results[:8].count("taken")
    # whatever the order was: what is held is recorded, and nothing can be had any more
    assert SessionSeat.objects.filter(state="held").count() == 2 * bought
    assert Taking.objects.count() == bought
    assert SessionSeat.objects.filter(state="free").count() == 0
    assert set(results[:8]) <= {"taken", "SOLD_OUT", "SEAT_TAKEN", "NOT_ON_SALE"}


def test_a_hold_is_let_go_or_sold_never_both() -> None:
    from plugins.ticketing.admission.inventory import confirm

    show = show_of(small_org()["CQ"], [("1", "AAAAAAAAAA")])
    buyer("W1", [show.wish(2)])()

    def sell() -> str:
        try:
            with transaction.atomic():
                confirm("W1")
        except AdmissionError as error:
            return error.code.value
        return "sold"

    def drop() -> int:
        with transaction.atomic():
            return release("W1")

    sold, dropped = together(sell, drop)
    assert (sold, dropped) in {("sold", 0), ("HOLD_LOST", 2)}
    assert SessionSeat.objects.filter(state="sold").count() == (2 if sold == "sold" else 0)
    assert SessionSeat.objects.filter(state="held").count() == 0


def _park() -> Any:
    from .conftest import park_of

    return park_of(small_org()["CQ"])


def test_the_last_seats_asked_for_twice_at_a_time_are_one_order() -> None:
    """Somebody presses twice: whichever of the two takes the seats, both are told the same order."""
    from plugins.ticketing.admission.services.selling import hold_admission
    from plugins.ticketing.admission.services.wishing import Ask, TicketAsk
    from plugins.ticketing.kernel.models import TicketOrder

    show = show_of(small_org()["CQ"], [("1", "AA")])
    ask = Ask(show.product.pk, [TicketAsk(show.front.pk)] * 2, "online", session=show.session.pk)
    results = together(*[lambda: hold_admission(ask, key="key-00000001", user=None).number] * 4)
    assert results == [TicketOrder.objects.get().number] * 4
    assert SessionSeat.objects.filter(state="held").count() == 2


def test_the_counter_is_looked_at_again_where_everybody_saw_enough() -> None:
    """Eight holds of the service pass every look at six units; six of them count, two are rolled back whole."""
    from plugins.ticketing.admission import own
    from plugins.ticketing.admission.services.selling import hold_admission
    from plugins.ticketing.admission.services.wishing import Ask, TicketAsk
    from plugins.ticketing.kernel.models import Ticket, TicketOrder

    show = show_of(small_org()["CQ"], [("1", "A" * 20)])
    quota = make_quota(None, show.product, 6, session=show.session)
    ask = Ask(show.product.pk, [TicketAsk(show.front.pk)], "online", session=show.session.pk)
    before, meet = own.take_uncounted, meeting(8)

    def seen(*told: Any) -> Any:
        meet()
        return before(*told)

    def hold(at: int) -> Callable[[], str]:
        def play() -> str:
            try:
                hold_admission(ask, key=f"key-0000000{at}", user=None)
            except AdmissionError as error:
                return str(error.code.value)
            return "held"

        return play

    with patch.object(own, "take_uncounted", seen):
        results = together(*(hold(at) for at in range(8)))
    quota.refresh_from_db()
    told = Counter(results)
    assert told["held"] == quota.taken == TicketOrder.objects.count() == Ticket.objects.count()
    assert told["held"] == SessionSeat.objects.filter(state="held").count() == Taking.objects.count()
    assert set(told) <= {"held", "SOLD_OUT", "SEAT_TAKEN"}
    assert told["held"] <= 6


def test_a_hall_gets_one_session_at_a_time_and_a_day_one_quota() -> None:
    # given: two people who plan, and a session later on the same day
    show = show_of(small_org()["CQ"], [("1", "AAAAAAAAAA")])
    start = show.session.starts_at + timedelta(days=3)
    late = make_session(
        None,
        show.product,
        starts_at=start + timedelta(hours=5),
        ends_at=start + timedelta(hours=7),
        seat_map=show.map,
    )

    def plan() -> str:
        try:
            make_session(
                None, show.product, starts_at=start, ends_at=start + timedelta(hours=2), seat_map=show.map
            )
        except AdmissionError as error:
            return error.code.value
        return "made"

    def put_off() -> str:
        try:
            postpone_session(None, late, start + timedelta(hours=1), "演员生病")
        except AdmissionError as error:
            return error.code.value
        return "made"

    # then: whoever comes first has the hall
    assert sorted(together(plan, put_off, plan)) == ["INVALID", "INVALID", "made"]

    # and of a day's quota there is one, with the last one's number
    told = together(*[partial(quotas_for_days, None, show.product, [start.date()], 5) for _at in range(4)])
    assert sorted(told) == [0, 0, 0, 1]
    assert Quota.objects.get(day=start.date()).capacity == 5
