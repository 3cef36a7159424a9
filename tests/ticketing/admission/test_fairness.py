"""Who waits, who queues, who draws lots."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from django.db import transaction
from saleor.account.models import User

from plugins.ticketing.admission.errors import AdmissionError
from plugins.ticketing.admission.inventory import confirm, release_tickets, take
from plugins.ticketing.admission.models import DrawEntry, SessionSeat, Waiting
from plugins.ticketing.admission.services import drawing, offering, queueing, waiting
from plugins.ticketing.admission.services.selling import hold_admission
from plugins.ticketing.admission.services.wishing import Ask, TicketAsk
from saleor_o2o.kernel.clock import frozen, now

from .conftest import Show

pytestmark = pytest.mark.django_db(transaction=True)


def user(name: str) -> User:
    return User.objects.create_user(f"{name}@example.com", "pass-word")


def ask(show: Show, count: int = 1) -> Ask:
    return Ask(show.product.pk, [TicketAsk(show.back.pk)] * count, "online", session=show.session.pk)


def sell_all(show: Show) -> list[int]:
    """Everything of category B under one number; the keys of the seats."""
    with transaction.atomic():
        got = take(
            "ALL",
            [
                show.wish(8, show.back),
            ],
            now() + timedelta(minutes=15),
        )
        more = take("ALL2", [show.wish(8, show.back)], now() + timedelta(minutes=15))
        confirm("ALL")
        confirm("ALL2")
    assert more.hold == "ALL2"
    return [seat.seat for line in got.lines for seat in line.seats]


@pytest.fixture
def full(show: Show) -> tuple[Show, list[int]]:
    show.product.waiting_hours = 2
    show.product.save(update_fields=["waiting_hours"])
    show.back.refresh_from_db()
    return show, sell_all(show)


def give_back(show: Show, seats: list[int]) -> None:
    with transaction.atomic():
        release_tickets("ALL", show.back.pk, len(seats), seats=seats)


def test_who_waits_first_is_offered_first_and_the_next_one_afterwards(full: tuple[Show, list[int]]) -> None:
    show, seats = full
    anna, bert, carl = user("anna"), user("bert"), user("carl")
    one = waiting.wait(anna, show.back, 2, session=show.session)
    two = waiting.wait(bert, show.back, 1, session=show.session)
    three = waiting.wait(carl, show.back, 1, session=show.session)
    with pytest.raises(AdmissionError) as again:
        waiting.wait(anna, show.back, 1, session=show.session)
    assert again.value.code.value == "ALREADY_WAITING"
    assert offering.offer_all() == 0
    # when one seat comes back, nobody overtakes who wants two
    give_back(show, seats[:1])
    assert offering.offer_all() == 0
    # when two more do, the first two are served; nobody else can have these
    give_back(show, seats[1:3])
    assert offering.offer_all() == 2
    assert offering.offer_all() == 0
    with pytest.raises(AdmissionError) as sold:
        hold_admission(ask(show), key="key-00000001", user=carl)
    assert sold.value.code.value == "SOLD_OUT"
    # when the first one orders what was offered
    with pytest.raises(AdmissionError):
        hold_admission(ask(show, 2), key="key-00000002", user=bert, waiting=one.pk)  # somebody else's
    order = hold_admission(ask(show, 2), key="key-00000003", user=anna, waiting=one.pk)
    assert SessionSeat.objects.filter(hold=order.number).count() == 2
    assert [(row.state, row.order_number) for row in Waiting.objects.filter(pk=one.pk)] == [
        ("bought", order.number)
    ]
    # when the second one lets two hours pass, the third is offered it
    with frozen(now() + timedelta(hours=2, seconds=1)):
        with pytest.raises(AdmissionError) as late:
            hold_admission(ask(show), key="key-00000004", user=bert, waiting=two.pk)
        assert late.value.code.value == "OFFER_OVER"
        assert offering.end_offers() == 1
        assert offering.offer_all() == 1
    assert dict(Waiting.objects.values_list("pk", "state")) == {
        one.pk: "bought", two.pk: "expired", three.pk: "offered",
    }  # fmt: skip
    # and the third gives it up
    waiting.give_up(carl, three.pk)
    assert SessionSeat.objects.filter(state="free", category="B").count() == 1


def test_waiting_ends_when_nothing_can_be_bought_any_more(full: tuple[Show, list[int]]) -> None:
    show, _seats = full
    row = waiting.wait(user("anna"), show.back, 1, session=show.session)
    with frozen(show.session.starts_at):
        assert offering.offer_all() == 1
        row = Waiting.objects.get(pk=row.pk)
        assert row.state == "cancelled"


def test_a_queue_lets_in_so_many_a_minute(show: Show) -> None:
    # given sixty a minute from noon on, for ten minutes each
    noon = (now() + timedelta(minutes=1)).replace(microsecond=0)
    queue = queueing.set_queue(None, show.product, 60, started_at=noon)
    people = [user(f"fan{at}") for at in range(3)]
    with frozen(noon):
        with pytest.raises(AdmissionError) as needed:
            hold_admission(ask(show), key="key-00000001", user=people[0])
        assert needed.value.code.value == "QUEUE_NEEDED"
        turns = [queueing.join(one, queue) for one in people]
        assert [(turn.number, turn.ahead) for turn in turns] == [(1, 0), (2, 1), (3, 2)]
        assert queueing.join(people[2], queue) == turns[2]
        with pytest.raises(AdmissionError) as wait:
            hold_admission(ask(show), key="key-00000001", user=people[0])
        assert wait.value.code.value == "QUEUE_WAIT"
    with frozen(noon + timedelta(seconds=2)):
        assert hold_admission(ask(show), key="key-00000002", user=people[1]).state == "held"
        with pytest.raises(AdmissionError):
            hold_admission(ask(show), key="key-00000003", user=people[2])
    with frozen(noon + timedelta(minutes=11)):
        with pytest.raises(AdmissionError) as over:
            hold_admission(ask(show), key="key-00000003", user=people[2])
        assert over.value.code.value == "QUEUE_NEEDED"
        # who comes when nobody waits enters at once
        turn = queueing.join(people[2], queue)
        assert (turn.ahead, turn.is_in(now())) == (0, True)


def test_lots_are_drawn_once_in_the_order_of_the_seed(show: Show) -> None:
    opens = now()
    draw = drawing.make_draw(
        None, show.back, show.session, 5, opens, opens + timedelta(days=1), most_each=2, pay_hours=24
    )
    people = [user(f"fan{at}") for at in range(4)]
    entries = [drawing.enter(one, draw, 2) for one in people]
    assert drawing.enter(people[0], draw, 2).pk == entries[0].pk
    with pytest.raises(AdmissionError) as free:
        hold_admission(ask(show), key="key-00000001", user=people[0])
    assert free.value.code.value == "DRAW_ONLY"
    with pytest.raises(AdmissionError) as early:
        drawing.draw_lots(None, draw)
    assert early.value.code.value == "DRAW_CLOSED"
    with frozen(opens + timedelta(days=1)):
        with pytest.raises(AdmissionError) as closed:
            drawing.enter(user("late"), draw, 1)
        assert closed.value.code.value == "DRAW_CLOSED"
        drawn = drawing.draw_lots(None, draw)
        # then anybody can check it: the seed is the one that was promised, the order is the seed's
        assert hashlib.sha256(drawn.seed.encode()).hexdigest() == draw.seed_digest
        order = list(DrawEntry.objects.order_by("place").values_list("pk", flat=True))
        assert order == drawing.order_of(drawn.seed, [one.pk for one in entries])
        # five places: two parties of two won
        won = list(DrawEntry.objects.filter(state="won").order_by("place").values_list("place", flat=True))
        assert won == [1, 2]
        assert SessionSeat.objects.filter(state="held").count() == 4
        # and a winner orders what is kept for him
        winner = DrawEntry.objects.get(place=1).user
        offer = Waiting.objects.get(user=winner)
        order_ = hold_admission(ask(show, 2), key="key-00000002", user=winner, waiting=offer.pk)
        assert order_.state == "held"


def test_places_of_a_queue_are_taken_once_at_a_time(show: Show) -> None:
    from tests.threads import together

    queue = queueing.set_queue(None, show.product, 60, started_at=now())
    people = [user(f"fan{at}") for at in range(8)]
    turns = together(*((lambda one=one: queueing.join(one, queue).number) for one in people))
    assert sorted(turns) == [1, 2, 3, 4, 5, 6, 7, 8]


def test_who_has_a_limit_never_gets_more_however_many_windows_he_opens(show: Show) -> None:
    from collections import Counter

    from plugins.ticketing.admission.services import limits
    from tests.threads import together

    limits.set_limit(None, show.product, "account", "session", 3)
    fan = user("fan")

    def buy(at: int) -> str:
        try:
            return str(hold_admission(ask(show), key=f"key-0000000{at}", user=fan).state)
        except AdmissionError as error:
            return str(error.code.value)

    results = together(*((lambda at=at: buy(at)) for at in range(8)))
    assert Counter(results) == {"held": 3, "LIMIT_REACHED": 5}
    assert SessionSeat.objects.filter(state="held").count() == 3
