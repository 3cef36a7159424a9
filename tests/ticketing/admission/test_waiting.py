"""Waiting is no way round the lot, the queue and the limits; and nobody overtakes who waits."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from saleor.account.models import User

from plugins.ticketing.admission import selectors
from plugins.ticketing.admission.candidates import Visit
from plugins.ticketing.admission.errors import AdmissionError
from plugins.ticketing.admission.inventory import confirm, release_tickets, take
from plugins.ticketing.admission.models import AdmissionProduct, DrawEntry, SessionSeat, Waiting
from plugins.ticketing.admission.pricing import last_moment
from plugins.ticketing.admission.selectors import calendar, products_shown, sessions_shown
from plugins.ticketing.admission.services import (
    drawing,
    keeping,
    limits,
    offering,
    queueing,
    selling,
    waiting,
)
from plugins.ticketing.admission.services.catalogue import change_class
from plugins.ticketing.admission.services.selling import hold_admission
from plugins.ticketing.admission.services.stock import make_quota
from plugins.ticketing.admission.services.wishing import Ask, TicketAsk
from plugins.ticketing.kernel.errors import TicketError
from saleor_o2o.kernel.clock import frozen, now
from tests.threads import together

from .conftest import Park, Show

pytestmark = pytest.mark.django_db(transaction=True)


def user(name: str) -> User:
    return User.objects.create_user(f"{name}@example.com", "pass-word")


def open_waiting(kind: Any, hours: int = 2) -> None:
    """Waiting for a product, for some hours an offer."""
    AdmissionProduct.objects.filter(pk=kind.product_id).update(waiting_hours=hours)
    kind.refresh_from_db()


def seats_for(show: Show, count: int = 1, kind: Any = None) -> Ask:
    return Ask(
        show.product.pk, [TicketAsk((kind or show.back).pk)] * count, "online", session=show.session.pk
    )


def code_of(do: Callable[[], Any]) -> str:
    try:
        done = do()
    except (AdmissionError, TicketError) as error:
        return str(error.code.value)
    return str(getattr(done, "state", done))


def fill(show: Show, count: int = 16) -> list[int]:
    """Sell seats of category B under the number ALL; their keys."""
    with transaction.atomic():
        found = []
        for at, some in enumerate([8] * (count // 8)):
            got = take(f"ALL{at}", [show.wish(some, show.back)], now() + timedelta(minutes=15))
            confirm(f"ALL{at}")
            found += [seat.seat for line in got.lines for seat in line.seats]
    return found


def give_back(show: Show, seats: list[int], hold: str = "ALL0") -> None:
    with transaction.atomic():
        release_tickets(hold, show.back.pk, len(seats), seats=seats)


def test_what_is_kept_back_is_counted_in_one_statement_for_all_categories(show: Show) -> None:
    # given: everybody waits for every class, and nothing is left of category B
    open_waiting(show.front)
    for kind in (show.front, show.back):
        Waiting.objects.create(ticket_class=kind, session=show.session, user=user(kind.code), quantity=1)
    fill(show)
    product = AdmissionProduct.objects.get(pk=show.product.pk)
    asked = []
    for kinds in ([show.front], [show.front, show.student, show.back]):
        visit = Visit(product, kinds, "online", show.session)
        # when
        with CaptureQueriesContext(connection) as seen, contextlib.suppress(AdmissionError):
            keeping.refuse_waited(visit, {one.pk: 1 for one in kinds}, now())
        asked.append(len(seen))
    # then
    assert asked == [4, 4]


def test_a_calendar_asks_once_until_when_a_class_is_sold(park: Park, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    asked: list[tuple[str, date]] = []

    def counted(kind: Any, day: date) -> datetime:
        asked.append((kind.code, day))
        return last_moment(kind, day)

    monkeypatch.setattr(selectors, "last_moment", counted)
    # when
    shown = calendar(products_shown().get(), park.day, 3)
    # then
    assert [len(one.classes) for one in shown] == [2, 2, 2]
    assert len(asked) == len(set(asked)) == 6


def test_nobody_waits_for_what_he_can_buy_or_may_not_have(show: Show) -> None:
    open_waiting(show.back)
    fan = user("fan")
    wait = lambda count=1: waiting.wait(fan, show.back, count, session=show.session)  # noqa: E731
    # while there are any, everybody buys
    with pytest.raises(AdmissionError) as left:
        wait(6)
    assert (left.value.code.value, left.value.in_words) == (
        "STILL_LEFT", "还有 16 张，可以直接购买。请减少张数下单；售完后才能登记",
    )  # fmt: skip
    fill(show)
    # and an account that may have two does not wait for three
    rule = limits.set_limit(None, show.product, "account", "session", 2)
    assert code_of(lambda: wait(3)) == "LIMIT_REACHED"
    # nor whoever did not queue, nor whose turn it is not
    queue = queueing.set_queue(None, show.product, 60, started_at=now())
    assert code_of(lambda: wait(2)) == "QUEUE_NEEDED"
    queueing.join(fan, queue)
    with frozen(now() + timedelta(seconds=5)):
        assert code_of(lambda: wait(2)) == "waiting"
    # nor for a class that is not sold to him
    change_class(None, show.front, channels=["counter"])
    show.front.refresh_from_db()
    assert code_of(lambda: waiting.wait(fan, show.front, 1, session=show.session)) == "NOT_ON_SALE"
    assert rule.most == 2


def test_what_is_given_by_lot_is_not_waited_for(show: Show) -> None:
    # given somebody who waited before the rest was given by lot
    open_waiting(show.back)
    seats = fill(show)
    early = waiting.wait(user("early"), show.back, 1, session=show.session)
    opens = now()
    draw = drawing.make_draw(None, show.back, show.session, 2, opens, opens + timedelta(days=1), most_each=2)
    fan = user("fan")
    drawing.enter(fan, draw, 2)
    # when seats come back, nobody else can wait for them, and who waits is not offered them
    give_back(show, seats[:2])
    assert code_of(lambda: waiting.wait(user("late"), show.back, 1, session=show.session)) == "DRAW_ONLY"
    assert offering.offer_all() == 0
    with frozen(opens + timedelta(days=1)):
        drawing.draw_lots(None, draw)
        assert DrawEntry.objects.get().state == "won"
        offer = Waiting.objects.get(user=fan)
        # what was won is good for just that
        mixed = Ask(
            show.product.pk, [TicketAsk(show.back.pk), TicketAsk(show.front.pk)], "online", session=show.session.pk
        )  # fmt: skip
        assert code_of(lambda: hold_admission(mixed, key="key-00000001", user=fan, waiting=offer.pk)) == (
            "OFFER_OVER"
        )
        assert code_of(
            lambda: hold_admission(seats_for(show, 2), key="key-00000002", user=fan, waiting=offer.pk)
        ) == ("held")
        early = Waiting.objects.get(pk=early.pk)
        assert early.state == "waiting"


def test_an_offer_of_before_does_not_open_what_is_given_by_lot(show: Show) -> None:
    open_waiting(show.back, 48)
    seats = fill(show)
    fan = user("fan")
    row = waiting.wait(fan, show.back, 1, session=show.session)
    give_back(show, seats[:1])
    assert offering.offer_all() == 1
    drawing.make_draw(None, show.back, show.session, 2, now(), now() + timedelta(days=1))
    assert (
        code_of(lambda: hold_admission(seats_for(show), key="key-00000001", user=fan, waiting=row.pk))
        == "DRAW_ONLY"
    )
    assert SessionSeat.objects.filter(state="held").count() == 1


def test_who_waits_keeps_the_lot_he_won_and_waits_no_more(show: Show) -> None:
    open_waiting(show.back)
    seats = fill(show)
    fan = user("fan")
    row = waiting.wait(fan, show.back, 1, session=show.session)
    draw = drawing.make_draw(None, show.back, show.session, 2, now(), now() + timedelta(days=1))
    drawing.enter(fan, draw, 2)
    give_back(show, seats[:2])
    with frozen(draw.closes_at):
        drawing.draw_lots(None, draw)
        assert DrawEntry.objects.get().state == "won"
        assert dict(Waiting.objects.values_list("draw", "state")) == {None: "cancelled", draw.pk: "offered"}
        row = Waiting.objects.get(pk=row.pk)
        assert row.state == "cancelled"


def test_an_account_waits_once_for_a_session_whatever_day_it_says(show: Show, park: Park) -> None:
    open_waiting(show.back)
    fill(show)
    fan = user("fan")
    days = [None, now().date(), park.day]
    told = [
        code_of(lambda day=day: waiting.wait(fan, show.back, 1, session=show.session, day=day))
        for day in days
    ]
    assert told == ["waiting", "ALREADY_WAITING", "ALREADY_WAITING"]
    # days of a park are different things
    open_waiting(park.adult)
    later = park.day + timedelta(days=1)
    for day in (park.day, later):
        make_quota(None, park.product, 0, day=day)
        assert waiting.wait(fan, park.adult, 1, day=day).day == day


def test_an_offer_is_good_for_its_own_day(park: Park) -> None:
    open_waiting(park.adult)
    later = park.day + timedelta(days=1)
    quota = make_quota(None, park.product, 0, day=park.day)
    make_quota(None, park.product, 0, day=later)
    fan = user("fan")
    row = waiting.wait(fan, park.adult, 2, day=park.day)
    type(quota).objects.filter(pk=quota.pk).update(capacity=2)
    assert offering.offer_all() == 1

    def buy(key: str, day: Any, **more: Any) -> str:
        ask = Ask(park.product.pk, [TicketAsk(park.adult.pk)] * 2, "online", day=day)
        return code_of(lambda: hold_admission(ask, key=key, user=fan, waiting=row.pk, **more))

    assert buy("key-00000001", later) == "OFFER_OVER"
    assert buy("key-00000002", park.day) == "held"


def test_what_comes_back_is_kept_for_who_waits(show: Show) -> None:
    # given somebody who waits for two, and one seat that comes back
    open_waiting(show.back)
    seats = fill(show)
    fan, other = user("fan"), user("other")
    waiting.wait(fan, show.back, 2, session=show.session)
    give_back(show, seats[:1])
    offering.offer_all()
    buy = lambda key, **more: code_of(  # noqa: E731
        lambda: hold_admission(seats_for(show, **more), key=key, user=other)
    )
    # then nobody else buys it, neither here nor at the counter, and what others wait for holds up nothing else
    assert buy("key-00000001") == "SOLD_OUT"
    counter = Ask(show.product.pk, [TicketAsk(show.back.pk)], "counter", session=show.session.pk)
    assert code_of(lambda: hold_admission(counter, key="key-00000002", user=None)) == "SOLD_OUT"
    assert buy("key-00000003", kind=show.front) == "held"
    # and it is shown to nobody, so that the page offers to wait
    shown = sessions_shown(products_shown().get(pk=show.product.pk))[0].classes
    assert {one.kind.code: one.left for one in shown} == {"a": 21, "a-student": 21, "b": 0}
    # and others may wait behind him
    assert waiting.wait(other, show.back, 1, session=show.session).state == "waiting"
    # when more come back than people wait for, the rest is for everybody
    give_back(show, seats[1:4])
    assert code_of(lambda: hold_admission(seats_for(show), key="key-00000004", user=user("x"))) == "held"
    assert offering.offer_all() == 2


def test_shortly_before_the_end_nothing_stays_unsold_for_who_waits(show: Show) -> None:
    open_waiting(show.back)
    seats = fill(show)
    waiting.wait(user("fan"), show.back, 2, session=show.session)
    give_back(show, seats[:1])
    last = show.session.closes_at - timedelta(hours=2)
    with frozen(last - timedelta(seconds=1)):
        assert code_of(lambda: hold_admission(seats_for(show), key="key-00000001", user=None)) == "SOLD_OUT"
    with frozen(last):
        assert code_of(lambda: hold_admission(seats_for(show), key="key-00000001", user=None)) == "held"


def test_a_class_with_a_quota_of_its_own_is_sold_while_another_one_is_waited_for(park: Park) -> None:
    # given enough of the day, but none for adults
    open_waiting(park.adult)
    make_quota(None, park.product, 10, day=park.day)
    make_quota(None, park.product, 0, day=park.day, classes=[park.adult])
    waiting.wait(user("fan"), park.adult, 4, day=park.day)
    ask = Ask(park.product.pk, [TicketAsk(park.child.pk)], "online", day=park.day)
    # then children are let in, until what is left of the day is waited for
    for at in range(6):
        assert code_of(lambda at=at: hold_admission(ask, key=f"key-0000000{at}", user=None)) == "held"
    assert code_of(lambda: hold_admission(ask, key="key-00000009", user=None)) == "SOLD_OUT"


def test_a_calendar_shows_less_what_is_waited_for(park: Park) -> None:
    # given one left of the day for adults and children, and an adult who waits for two
    open_waiting(park.adult)
    quota = make_quota(None, park.product, 0, day=park.day)
    waiting.wait(user("fan"), park.adult, 2, day=park.day)
    type(quota).objects.filter(pk=quota.pk).update(capacity=1)
    make_quota(None, park.product, 1, day=park.day + timedelta(days=1))
    # then that day has none for anybody, and the next one has its own
    days = calendar(products_shown().get(pk=park.product.pk), park.day, 2)
    assert [[one.left for one in day.classes] for day in days] == [[0, 0], [1, 1]]


def race(show: Show, seats: list[int], pollers: int = 8) -> list[str]:
    """So many ask again and again for what comes back now; what became of each."""

    def poll(at: int) -> str:
        for turn in range(12):
            told = code_of(
                lambda turn=turn: hold_admission(seats_for(show), key=f"poll-{at:02}-{turn:04}", user=None)
            )
            if told == "held":
                return told
        return "nothing"

    def back() -> str:
        give_back(show, seats[:2])
        offering.offer_all()
        return "back"

    return list(map(str, together(back, *((lambda at=at: poll(at)) for at in range(pollers)))))


def test_nobody_who_polls_overtakes_who_waits(show: Show) -> None:
    open_waiting(show.back)
    seats = fill(show)
    one = waiting.wait(user("fan"), show.back, 2, session=show.session)
    told = race(show, seats)
    assert Counter(told) == {"back": 1, "nothing": 8}
    one = Waiting.objects.get(pk=one.pk)
    assert one.state == "offered"


def test_without_keeping_pollers_overtake(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    # the negative control: whoever polls gets what the job has not offered yet
    open_waiting(show.back)
    seats = fill(show)
    waiting.wait(user("fan"), show.back, 2, session=show.session)
    give_back(show, seats[:2])
    assert code_of(lambda: hold_admission(seats_for(show), key="key-00000001", user=None)) == "SOLD_OUT"
    monkeypatch.setattr(selling, "refuse_waited", lambda *_args: None)
    assert code_of(lambda: hold_admission(seats_for(show), key="key-00000001", user=None)) == "held"
    assert keeping.refuse_waited is not selling.refuse_waited


def test_many_who_wait_for_one_thing_keep_nobody_from_another(
    show: Show, park: Park, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given more people for a full show than are served in one go, and one who waits for a park
    monkeypatch.setattr(offering, "MOST", 3)
    open_waiting(show.back)
    open_waiting(park.adult)
    fill(show)
    for at in range(5):
        waiting.wait(user(f"fan{at}"), show.back, 1, session=show.session)
    quota = make_quota(None, park.product, 0, day=park.day)
    row = waiting.wait(user("visitor"), park.adult, 1, day=park.day)
    type(quota).objects.filter(pk=quota.pk).update(capacity=1)
    # when the park has room
    assert offering.offer_all() == 1
    # then who waits for it is offered it
    row = Waiting.objects.get(pk=row.pk)
    assert row.state == "offered"
