"""The pages of sessions: sent twice they tell nobody twice, and a long list asks no more than a short one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from plugins.ticketing.admission.models import Quota, Session
from plugins.ticketing.admission.services.sessions import make_session
from saleor_o2o.kernel.clock import SHANGHAI
from saleor_o2o.kernel.models import EventRecord

from .conftest import Show
from .test_pages import office, page

__all__ = ["office"]


def test_a_postponement_that_is_sent_twice_is_told_once(office: Client, show: Show) -> None:
    # given
    session = show.session
    later = session.starts_at.astimezone(SHANGHAI) + timedelta(days=3)
    told = {"do": "1", "starts_at": f"{later:%Y-%m-%dT%H:%M:%S}", "reason": "演员档期调整"}
    # when
    first = office.post(page("session", "postpone", session.pk), told)
    second = office.post(page("session", "postpone", session.pk), told)
    # then
    assert (first.status_code, second.status_code) == (302, 200)
    assert "新的开始时间与现在相同" in second.content.decode()
    assert EventRecord.objects.filter(name__icontains="postponed").count() == 1


@pytest.mark.parametrize("told", ["999999", "9" * 30, "x", "-1"])
def test_a_product_that_there_is_not_breaks_no_page(office: Client, show: Show, told: str) -> None:
    assert office.get(page("session", "make"), {"product": told}).status_code in (200, 404)


def test_a_list_of_many_sessions_asks_no_more_than_one_of_few(office: Client, show: Show) -> None:
    # given: one with seats, one with a quota
    def add(day: int) -> None:
        start = show.session.starts_at + timedelta(days=day)
        ends = start + timedelta(hours=1)
        make_session(None, show.product, starts_at=start, ends_at=ends, seat_map=show.map)
        plain = make_session(None, show.product, starts_at=start, ends_at=ends, name=f"站票{day}")
        Quota.objects.create(product=show.product, name="总量", session=plain, capacity=50, taken=7)

    def counted() -> tuple[int, str]:
        with CaptureQueriesContext(connection) as seen:
            answer = office.get(page("session", "changelist"))
        return len(seen), answer.content.decode()

    add(1)
    counted()
    few, _page = counted()
    for day in range(2, 8):
        add(day)
    # when
    many, text = counted()
    # then
    seats = Session.objects.exclude(seat_map=None)[0].seats.count()
    assert many == few
    assert (text.count("7／50"), text.count(f"0／{seats}")) == (7, 8)
