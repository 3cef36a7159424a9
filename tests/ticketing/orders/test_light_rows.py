"""A hold writes rows into tables that everybody buys from: no index of theirs that nobody asks."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet

from plugins.ticketing.admission.models import SessionSeat, Taking
from plugins.ticketing.kernel.models import Ticket, TicketOrder

pytestmark = pytest.mark.django_db


def plan(rows: QuerySet[Any]) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
    return rows.order_by().explain()


def test_nothing_is_written_that_nobody_asks() -> None:
    # when: what PostgreSQL says of the tables of a hold
    tables = [one._meta.db_table for one in (TicketOrder, Ticket, SessionSeat, Taking)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s)", [tables])
        found = dict(cursor.fetchall())

    # then: none for LIKE
    assert len(found) > 20
    assert [name for name, what in found.items() if "pattern_ops" in what] == []


@pytest.mark.parametrize(
    ("model", "asked", "index"),
    [
        (TicketOrder, {"number": "PWT1"}, "o2o_ticketing_order_number"),
        (TicketOrder, {"request_key": "k"}, "o2o_ticketing_order_request"),
        (TicketOrder, {"mobile_index": "x"}, "o2o_ticketing_order_mobile"),
        (TicketOrder, {"user": 7}, "o2o_ticketing_order_user"),
        (TicketOrder, {"made_by": 7}, "o2o_ticketing_order_made_by"),
        (TicketOrder, {"order__in": range(1, 300)}, "o2o_ticketing_order_order"),
        (Ticket, {"number": "PT1"}, "o2o_ticketing_ticket_number"),
        (Ticket, {"their_number__in": ["1", "2"]}, "o2o_ticketing_ticket_their"),
        (Ticket, {"passenger": 7}, "o2o_ticketing_ticket_person"),
        (Ticket, {"carried_by__in": [7, 8]}, "o2o_ticketing_ticket_carried"),
        (Ticket, {"order_line__in": range(1, 300)}, "o2o_ticketing_ticket_line"),
        (SessionSeat, {"session": 7}, "o2o_admission_session_seat_once"),
    ],
)
def test_what_is_asked_has_an_index(model: Any, asked: dict[str, Any], index: str) -> None:
    # then: also those that keep only the rows that have it
    assert index in plan(model.objects.filter(**asked))
