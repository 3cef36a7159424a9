"""What ends without tickets: cancelled sessions and draws, lots that were lost, draws that nobody has drawn."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from saleor.account.models import User

from plugins.members.interfaces import Source, register
from plugins.members.models import Member, SmsMessage
from plugins.ticketing.admission.models import Draw, DrawEntry, SessionSeat, Waiting
from plugins.ticketing.admission.services import drawing, offering, waiting
from plugins.ticketing.admission.services.selling import hold_admission
from plugins.ticketing.admission.services.sessions import cancel_session
from plugins.ticketing.admission.tasks import serve_waiting
from plugins.ticketing.admission.todo import todo
from saleor_o2o.kernel.clock import frozen, now
from saleor_o2o.kernel.errors import DomainError

from .conftest import Show
from .test_waiting import fill, give_back, open_waiting, seats_for

pytestmark = pytest.mark.django_db(transaction=True)


def member(at: int) -> Member:
    return register(Source.WEB, mobile=f"1380000111{at}")


def told(template: str) -> list[Any]:
    """The words of what was sent by text, in order."""
    return [dict(one.parameters) for one in SmsMessage.objects.filter(template=template).order_by("pk")]


def test_who_waits_for_a_cancelled_session_is_told_and_offers_end(show: Show, keeper: User) -> None:
    # given one who is offered a seat, one who waits, and one who registered for a lot of the front
    open_waiting(show.back)
    seats = fill(show)
    one, two, three = member(1), member(2), member(3)
    offered = waiting.wait(one.user, show.back, 1, session=show.session)
    waits = waiting.wait(two.user, show.back, 1, session=show.session)
    give_back(show, seats[:1])
    assert offering.offer_all() == 1
    draw = drawing.make_draw(None, show.front, show.session, 2, now(), now() + timedelta(days=1))
    drawing.enter(three.user, draw, 1)
    # when the session is cancelled
    cancel_session(keeper, show.session, "演员因病")
    # then nothing is kept, nobody waits, and all three know
    states = dict(Waiting.objects.values_list("pk", "state"))
    assert states == {offered.pk: "cancelled", waits.pk: "cancelled"}
    assert SessionSeat.objects.filter(state="held").count() == 0
    assert Draw.objects.get().state == "cancelled"
    assert told("admission_waiting_over") == [{"title": "新年音乐会", "why": "场次已取消"}] * 2
    assert told("admission_draw_cancelled") == [{"title": "新年音乐会", "why": "场次已取消"}]
    with pytest.raises(DomainError):
        hold_admission(seats_for(show), key="key-00000001", user=one.user, waiting=offered.pk)


def test_who_lost_is_told(show: Show) -> None:
    draw = drawing.make_draw(None, show.back, show.session, 1, now(), now() + timedelta(days=1), most_each=1)
    people = {one.user_id: one for one in (member(at) for at in range(3))}
    for one in people.values():
        drawing.enter(one.user, draw, 1)
    with frozen(draw.closes_at):
        drawing.draw_lots(None, draw)
    assert DrawEntry.objects.filter(state="lost").count() == 2
    assert told("admission_lot_lost") == [{"title": "新年音乐会"}] * 2
    assert len(told("admission_offered")) == 1


def test_what_nobody_draws_is_drawn_by_the_clock_and_shown_before(show: Show, keeper: User) -> None:
    draw = drawing.make_draw(None, show.back, show.session, 1, now(), now() + timedelta(days=1))
    drawing.enter(member(1).user, draw, 1)
    with frozen(draw.closes_at - timedelta(seconds=1)):
        assert todo(keeper) == []
    with frozen(draw.closes_at):
        [matter] = todo(keeper)
        assert matter.title == f"待抽签：{draw}"
    with frozen(draw.closes_at + drawing.GRACE - timedelta(seconds=1)):
        serve_waiting()
        assert Draw.objects.get().state == "open"
    with frozen(draw.closes_at + drawing.GRACE):
        serve_waiting()
        serve_waiting()
        assert (Draw.objects.get().state, DrawEntry.objects.get().state) == ("drawn", "won")
        assert todo(keeper) == []


def test_a_draw_whose_sale_is_over_ends(show: Show) -> None:
    draw = drawing.make_draw(
        None, show.back, show.session, 1, now(), show.session.closes_at - timedelta(minutes=1)
    )
    drawing.enter(member(1).user, draw, 1)
    with frozen(draw.closes_at + drawing.GRACE):
        assert (drawing.draw_due(), drawing.draw_due()) == (1, 0)
    assert (Draw.objects.get().state, DrawEntry.objects.get().state) == ("cancelled", "entered")


def test_the_page_cancels_a_draw_and_the_class_is_sold(show: Show, keeper: User) -> None:
    # given a draw with somebody in it
    draw = drawing.make_draw(None, show.back, show.session, 2, now(), now() + timedelta(days=1))
    drawing.enter(member(1).user, draw, 1)
    client = Client()
    client.force_login(keeper)
    address = reverse("admin:o2o_admission_draw_cancel", args=[draw.pk])
    # when no reason is told, nothing happens; with one the class is free
    assert client.post(address, {"do": "1", "reason": "无"}).status_code == 200
    assert Draw.objects.get().state == "open"
    assert client.post(address, {"do": "1", "reason": "改为直接发售"}).status_code == 302
    assert Draw.objects.get().state == "cancelled"
    assert told("admission_draw_cancelled") == [{"title": "新年音乐会", "why": "改为直接发售"}]
    assert hold_admission(seats_for(show), key="key-00000001", user=None).state == "held"
    # and there may be another one
    assert drawing.make_draw(None, show.back, show.session, 2, now(), now() + timedelta(days=1)).pk != draw.pk
