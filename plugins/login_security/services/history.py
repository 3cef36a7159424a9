"""The login history of the staff."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Count, F, Window
from django.db.models.functions import RowNumber
from saleor.account.models import User

from saleor_o2o.kernel.clock import now

from ..models import LoginRecord, Outcome
from ..places import Place

KEEP_DAYS = 180
KEEP_ROWS = 200


def note(user: Any, place: Place, outcome: Outcome) -> None:
    """Write a line for somebody of the staff; shoppers have no history."""
    if user is not None and user.is_staff:
        LoginRecord.objects.create(
            user_id=user.pk, way=place.way, outcome=outcome, ip=place.ip, device=place.device
        )


def note_name(name: str, place: Place, outcome: Outcome) -> None:
    """Write a line for whoever has this name, if anybody."""
    note(User.objects.filter(email__iexact=name.strip()).only("pk", "is_staff").first(), place, outcome)


def sweep() -> int:
    """Delete lines older than `KEEP_DAYS` and those beyond the newest `KEEP_ROWS` of a person."""
    gone = LoginRecord.objects.filter(at__lt=now() - timedelta(days=KEEP_DAYS)).delete()[0]
    many = (
        LoginRecord.objects.order_by()
        .values("user_id")
        .annotate(number=Count("pk"))
        .filter(number__gt=KEEP_ROWS)
        .values_list("user_id", flat=True)
    )
    ranked = LoginRecord.objects.filter(user_id__in=list(many)).annotate(
        place=Window(RowNumber(), partition_by=F("user_id"), order_by=F("pk").desc())
    )
    beyond = list(ranked.filter(place__gt=KEEP_ROWS).values_list("pk", flat=True))
    return gone + LoginRecord.objects.filter(pk__in=beyond).delete()[0]
