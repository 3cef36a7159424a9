"""What comes back while people wait is theirs: so many as they wait for are kept from everybody else.

Each thing that runs out (the free seats of a category, the units of a quota) keeps back what is waited for of it: a
class that has enough of its own is sold on while another one is waited for. In the last `waiting_hours` of a sale
nothing is kept back, so that nothing stays unsold for somebody who never can be offered it for as long as promised.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Q, Sum
from django.utils.translation import gettext_lazy as _

from ..candidates import Visit
from ..choices import SaleChannel, SeatState, ValidMode, WaitingState
from ..errors import AdmissionError
from ..errors import AdmissionErrorCode as Code
from ..models import Quota, Session, SessionSeat, Slot, TicketClass, Waiting
from .wishing import span_of

Place = tuple[Session | None, Slot | None, date | None]


def place_for(kind: TicketClass, session: Session | None, slot: Slot | None, day: date | None) -> Place:
    """The session, slot or day by which a class is told apart; what else somebody typed counts for nothing."""
    if kind.valid_mode == ValidMode.SESSION:
        return session, None, None
    if kind.valid_mode == ValidMode.SLOT:
        return None, slot, None
    return None, None, day if kind.valid_mode == ValidMode.DAY else None


def waits_for(kind: TicketClass, place: Place, channel: str = SaleChannel.ONLINE) -> Visit:
    """The visit that somebody waits for."""
    session, slot, day = place
    return Visit(kind.product, [kind], channel, session, slot, slot.day if slot is not None else day)


@dataclass(frozen=True, slots=True)
class _Scarce:
    """Something that runs out: how much is left of it, and of which classes (none: of all); whether online."""

    left: int
    classes: frozenset[int] | None
    online: bool

    def of(self, counts: Mapping[int, int]) -> int:
        """How much of it so many of each class need."""
        return sum(count for kind, count in counts.items() if self.classes is None or kind in self.classes)

    def spare(self, waited: Mapping[int, int]) -> int:
        """What is left of it for somebody who did not wait."""
        return self.left - (self.of(waited) if self.online else 0)


def spare_for(visit: Visit) -> int | None:
    """How many of a visit's one class somebody who comes now can have; None: nothing of it was opened for sale.

    Four statements at most.
    """
    [kind] = visit.classes
    waited = _waited(visit)
    scarce = [one for one in _scarce(visit, waited) if one.of({kind.pk: 1})]
    return min((one.spare(waited) for one in scarce), default=None)


def refuse_waited(visit: Visit, counts: Mapping[int, int], moment: datetime) -> None:
    """Refuse what is kept for those who wait; `counts` by class. Four statements at most. Raises SOLD_OUT."""
    hours = visit.product.waiting_hours
    if hours is None:
        return
    latest = span_of(visit, moment).latest
    if latest is not None and latest - moment <= timedelta(hours=hours):
        return
    waited = _waited(visit)
    if not waited:
        return
    for one in _scarce(visit, waited):
        need = one.of(counts)
        if need and one.of(waited) and one.spare(waited) < need:
            raise AdmissionError(
                Code.SOLD_OUT, _("余票先留给已登记的人"), "quantity", _("请登记缺货提醒，有票时按先后通知您")
            )


def _waited(visit: Visit) -> Counter[int]:
    """How many tickets of each class are waited for at the visit's time. One statement."""
    rows = Waiting.objects.filter(state=WaitingState.WAITING, ticket_class__product=visit.product.pk)
    if visit.session is not None:
        rows = rows.filter(session=visit.session.pk)
    elif visit.slot is not None:
        rows = rows.filter(slot=visit.slot.pk)
    else:
        rows = rows.filter(Q(day=None) | Q(day=visit.day), session=None, slot=None)
    told = rows.order_by().values_list("ticket_class").annotate(count=Sum("quantity"))
    return Counter(dict(told))


def _scarce(visit: Visit, waited: Iterable[int]) -> list[_Scarce]:
    """What a visit takes from: seats by category, quotas. Three statements at most."""
    found = []
    if visit.session is not None and visit.session.seat_map_id is not None:
        kinds = {*(one.pk for one in visit.classes), *waited}
        categories: dict[str, set[int]] = {}
        for pk, category in TicketClass.objects.filter(pk__in=kinds).values_list("pk", "category"):
            categories.setdefault(category, set()).add(pk)
        mine = {one.category for one in visit.classes}
        seats = SessionSeat.objects.filter(session=visit.session.pk, category__in=mine, state=SeatState.FREE)
        free = dict(seats.order_by().values_list("category").annotate(Count("pk")))
        found += [
            _Scarce(free.get(category, 0), frozenset(categories.get(category, ())), online=True)
            for category in mine
        ]
    quotas = (
        Quota.objects.filter(product=visit.product.pk, channel__in=("", visit.channel))
        .filter(Q(day=None) | Q(day=visit.day))
        .filter(Q(session=None) | Q(session=visit.session.pk if visit.session is not None else None))
        .filter(Q(slot=None) | Q(slot=visit.slot.pk if visit.slot is not None else None))
        .annotate(members=ArrayAgg("classes", filter=Q(classes__isnull=False), default=[]))
    )
    for row in quotas:
        members = None if row.for_all else frozenset(row.members)
        online = row.channel in ("", SaleChannel.ONLINE)
        found.append(_Scarce(row.left, members, online=online))
    return found


@dataclass(frozen=True, slots=True)
class Shown:
    """What is waited for of some classes, for showing what is left for everybody else. Never asked before selling."""

    rows: tuple[tuple[int, str, int | None, int | None, date | None, int], ...]
    moment: datetime

    def lefts(
        self, lefts: Mapping[int, int], kinds: Sequence[TicketClass], latest: Mapping[int, datetime], *,
        session: Session | None = None, slot: int | None = None, day: date | None = None,
    ) -> dict[int, int]:  # fmt: skip
        """What is left of each class at a time, less what is kept: of its category where there are seats, else of the
        classes that share what is left. `latest`: until when each class is sold."""
        found = dict(lefts)
        at = (session.pk if session is not None else None, slot, day)
        here = [row for row in self.rows if row[2:5] == at]
        if not here:
            return found
        seated = session is not None and session.seat_map_id is not None
        for kind in kinds:
            hours = kind.product.waiting_hours
            if (
                kind.pk not in found
                or hours is None
                or latest[kind.pk] - self.moment <= timedelta(hours=hours)
            ):
                continue
            kept = sum(
                count
                for pk, category, *_at, count in here
                if pk == kind.pk or (category == kind.category if seated else lefts.get(pk) == lefts[kind.pk])
            )
            found[kind.pk] = max(0, lefts[kind.pk] - kept)
        return found


def shown_for(kinds: Sequence[TicketClass], moment: datetime) -> Shown:
    """What is waited for of the products of classes. One statement where waiting is open, else none."""
    products = {one.product_id for one in kinds if one.product.waiting_hours is not None}
    if not products:
        return Shown((), moment)
    rows = Waiting.objects.filter(state=WaitingState.WAITING, ticket_class__product__in=products)
    told = rows.order_by().values_list("ticket_class", "ticket_class__category", "session", "slot", "day")
    return Shown(tuple(told.annotate(count=Sum("quantity"))), moment)
