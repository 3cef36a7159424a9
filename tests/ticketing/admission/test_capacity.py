"""A hall holds so many and no more; of a large show nearly all has to be for sale to everybody."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from saleor.account.models import User

from plugins.ticketing.admission.errors import AdmissionError
from plugins.ticketing.admission.layouts import from_json
from plugins.ticketing.admission.models import Hall, Session
from plugins.ticketing.admission.services.capacity import warning_of
from plugins.ticketing.admission.services.maps import draw_map, publish_map
from plugins.ticketing.admission.services.sessions import make_session, move_session
from plugins.ticketing.admission.services.stock import make_quota, resize_quota
from saleor_o2o.kernel.clock import now

from .conftest import Show


def standing(show: Show, hall: Hall) -> Session:
    """A session without a map in a hall, not opened yet."""
    start = now() + timedelta(days=20)
    return make_session(None, show.product, starts_at=start, ends_at=start + timedelta(hours=2), hall=hall)


def refused(do: Any) -> str:
    with pytest.raises(AdmissionError) as error:
        do()
    assert error.value.code.value == "CAPACITY"
    return str(error.value.message)


def test_no_more_than_a_hall_is_approved_for(show: Show) -> None:
    hall = Hall.objects.create(venue=show.map.hall.venue, name="小厅", capacity=10)
    plan = {"zones": [{"name": "池座", "rows": [{"row": "1", "seats": "A" * 11}]}]}
    drawn = draw_map(None, hall, from_json(plan))
    assert refused(lambda: publish_map(None, drawn)) == "音乐厅 小厅核定容量 10 人，不能安排 11 人"
    session = standing(show, hall)
    refused(lambda: make_quota(None, show.product, 11, session=session))
    quota = make_quota(None, show.product, 10, session=session)
    refused(lambda: resize_quota(None, quota, 11))
    # classes that are too many together only, are refused when the session is opened
    quota.delete()
    for kind in (show.front, show.back):
        make_quota(None, show.product, 6, session=session, classes=[kind])
    assert refused(lambda: move_session(None, session, "open")) == "音乐厅 小厅核定容量 10 人，不能安排 12 人"
    # and a hall whose number nobody has entered holds anything
    Hall.objects.filter(pk=hall.pk).update(capacity=0)
    assert move_session(None, session, "open").state == "on_sale"


def test_of_a_large_show_the_public_gets_85_in_100(show: Show, keeper: User) -> None:
    hall = Hall.objects.create(venue=show.map.hall.venue, name="体育馆", capacity=5000)
    session = standing(show, hall)
    quota = make_quota(None, show.product, 4249, session=session)
    client = Client()
    client.force_login(keeper)
    address = reverse("admin:o2o_admission_session_move", args=[session.pk]) + "?to=open"
    words = "大型演出公开销售不得少于核定容量的 85%（4250 张），现在是 4249 张，请核对留座和配额"
    assert str(warning_of(session)) == words
    assert words in client.get(address).content.decode()
    # one more is enough; a smaller hall, or a match, is not asked
    resize_quota(None, quota, 4250)
    assert warning_of(session) == ""
    resize_quota(None, quota, 100)
    Hall.objects.filter(pk=hall.pk).update(capacity=4999)
    assert warning_of(Session.objects.get(pk=session.pk)) == ""
