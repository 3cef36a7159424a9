"""How much is left, for showing: many sessions or days in a fixed number of statements. Never asked before selling."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Q, QuerySet

from saleor_o2o.kernel.clock import SHANGHAI

from ..choices import SeatState, ValidMode
from ..models import Quota, Session, SessionSeat, Slot, TicketClass


@dataclass(frozen=True, slots=True)
class QuotaLeft:
    """What a quota has left, for whom and when."""

    product: int
    left: int
    day: date | None
    session: int | None
    slot: int | None
    classes: frozenset[int]

    def fits(self, ticket_class: int, day: date | None, session: int | None, slot: int | None) -> bool:
        return (
            (not self.classes or ticket_class in self.classes)
            and self.day in {None, day}
            and self.session in {None, session}
            and self.slot in {None, slot}
        )


def quotas_left(rows: QuerySet[Quota], channel: str) -> list[QuotaLeft]:
    """The quotas of a channel among the rows. One statement."""
    found = rows.filter(channel__in=("", channel)).annotate(
        members=ArrayAgg("classes", filter=Q(classes__isnull=False), default=[])
    )
    return [_left_of(row) for row in found]


def _left_of(row: Any) -> QuotaLeft:
    members = frozenset() if row.for_all else frozenset(row.members)
    return QuotaLeft(row.product_id, row.left, row.day, row.session_id, row.slot_id, members)


def least(
    quotas: Iterable[QuotaLeft], ticket_class: int, day: date | None, session: int | None, slot: int | None
) -> int | None:
    """The least of all quotas that fit; None: none does."""
    return min((one.left for one in quotas if one.fits(ticket_class, day, session, slot)), default=None)


def sessions_left(
    sessions: Sequence[Session], classes: Sequence[TicketClass], channel: str
) -> dict[int, dict[int, int]]:
    """How many of each class (of the session's product) are left, by session and class. Two statements.

    Classes of one category, or of one quota, share what is left.
    """
    seated = [one.pk for one in sessions if one.seat_map_id is not None]
    free: dict[tuple[int, str], int] = {}
    if seated:
        rows = SessionSeat.objects.filter(session__in=seated, state=SeatState.FREE)
        counted = rows.order_by().values("session", "category").annotate(count=Count("pk"))
        free = {(row["session"], row["category"]): row["count"] for row in counted}
    products = {one.product_id for one in sessions}
    keys = [one.pk for one in sessions]
    by_product: dict[int, list[QuotaLeft]] = {}
    quotas = Quota.objects.filter(product__in=products, slot=None).filter(
        Q(session=None) | Q(session__in=keys)
    )
    for row in quotas_left(quotas, channel):
        by_product.setdefault(row.product, []).append(row)
    found: dict[int, dict[int, int]] = {}
    for one in sessions:
        lefts = found.setdefault(one.pk, {})
        for kind in classes:
            if kind.product_id != one.product_id:
                continue
            by_quota = least(by_product.get(one.product_id, ()), kind.pk, local_day(one), one.pk, None)
            if one.seat_map_id is None:
                lefts[kind.pk] = by_quota or 0
            else:
                seats = free.get((one.pk, kind.category), 0)
                lefts[kind.pk] = seats if by_quota is None else min(seats, by_quota)
    return found


def local_day(session: Session) -> date:
    """The day of a session in Shanghai."""
    return session.starts_at.astimezone(SHANGHAI).date()


def days_left(
    product: int, days: Sequence[date], classes: Sequence[TicketClass], channel: str
) -> dict[date, dict[int, int]]:
    """How many of each class are left on days without sessions; with slots, of all open ones. Two statements."""
    quotas = quotas_left(
        Quota.objects.filter(product=product, session=None).filter(Q(day=None) | Q(day__in=days)), channel
    )
    slots: dict[date, list[int]] = {}
    for day, pk in Slot.objects.filter(product=product, day__in=days, open=True).values_list("day", "pk"):
        slots.setdefault(day, []).append(pk)
    found: dict[date, dict[int, int]] = {}
    for day in days:
        lefts = found.setdefault(day, {})
        for kind in classes:
            if kind.valid_mode == ValidMode.SLOT:
                each = (least(quotas, kind.pk, day, None, slot) or 0 for slot in slots.get(day, ()))
                lefts[kind.pk] = sum(each)
            else:
                lefts[kind.pk] = (
                    least([one for one in quotas if one.slot is None], kind.pk, day, None, None) or 0
                )
    return found


def slots_left(
    slots: Sequence[Slot], classes: Sequence[TicketClass], channel: str
) -> dict[int, dict[int, int]]:
    """How many of each class are left, by slot of one product. One statement."""
    if not slots:
        return {}
    rows = Quota.objects.filter(product=slots[0].product_id, session=None).filter(
        Q(day=None) | Q(day__in={slot.day for slot in slots})
    )
    quotas = quotas_left(rows, channel)
    return {
        slot.pk: {kind.pk: least(quotas, kind.pk, slot.day, None, slot.pk) or 0 for kind in classes}
        for slot in slots
    }


def seats_of(session: int) -> Mapping[int, str]:
    """The state of every seat of a session by the map's key, as shoppers see it: `free` or `taken`. One statement."""
    rows = SessionSeat.objects.filter(session=session).values_list("seat", "state")
    return {seat: "free" if state == SeatState.FREE else "taken" for seat, state in rows}
