"""Reading requests for refunds: a clerk's own, and what is open on a sale."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Q

from ..models import OPEN_REQUESTS, CounterSale, RefundRequest
from .sales import span_of


def open_request_of(sale: CounterSale) -> RefundRequest | None:
    """What somebody has asked for and is not over."""
    return RefundRequest.objects.filter(sale=sale, state__in=OPEN_REQUESTS).select_related("asked_by").first()


def requests_of_day(user: Any, day: date) -> list[RefundRequest]:
    """What this person asked for on a day or before and is still open then, the newest first. One statement."""
    since, until = span_of(day)
    rows = RefundRequest.objects.filter(asked_by=user, asked_at__lt=until)
    return list(
        rows.filter(Q(asked_at__gte=since) | Q(state__in=OPEN_REQUESTS)).select_related("sale", "decided_by")[
            :100
        ]
    )


def open_requests(user: Any) -> list[RefundRequest]:
    """This person's requests that are decided or carried out by nobody yet, the oldest first. One statement."""
    rows = RefundRequest.objects.filter(asked_by=user, state__in=OPEN_REQUESTS)
    return list(rows.select_related("sale").order_by("pk")[:20])
