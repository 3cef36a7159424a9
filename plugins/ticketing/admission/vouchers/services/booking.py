"""What is written when people come in, or did not come after all: rows with their share of the money, counters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db.models import QuerySet, Sum

from plugins.ticketing.kernel.models import Ticket
from saleor_o2o.kernel.clock import SHANGHAI, midnight, now
from saleor_o2o.kernel.models import StateMove
from saleor_o2o.kernel.prepared import Prepared
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.states import LOG, LOG_TYPES, log_values

from ...choices import ProductKind
from ...models import Redemption, Scan, Voucher
from ..choices import UseKind
from ..deciding import allot, share
from ..moving import ALIVE, put_used, room_of, set_used
from ..places import Post


def room_at(post: Post, voucher: Voucher, tickets: Sequence[Ticket], day: date) -> int:
    """How many may still come in here: of combined tickets into each spot once, of unlimited ones once a day."""
    if voucher.unlimited:
        people = sum(ticket.uses - ticket.back for ticket in tickets if ticket.state in ALIVE)
        return people - _in_on(voucher, day)
    if voucher.product.kind == ProductKind.COMBO:
        spot = post.gate.spot_id if post.gate is not None else None
        here = (
            Redemption.objects.filter(voucher=voucher, gate__spot=spot).aggregate(n=Sum("quantity"))["n"] or 0
        )
        return sum(ticket.uses - ticket.back for ticket in tickets if ticket.state in ALIVE) - int(here)
    return sum(room_of(ticket) for ticket in tickets)


def _in_on(voucher: Voucher, day: date) -> int:
    """How many came in on a day: counted on the voucher for its last one, read from the scans for those before.

    A device that was without a network tells of days before the last one.
    """
    if voucher.day is None or day > voucher.day:
        return 0
    if day == voucher.day:
        return voucher.day_used
    return int(_rows_on(voucher, day).aggregate(n=Sum("quantity"))["n"] or 0)


def _rows_on(voucher: Voucher, day: date) -> QuerySet[Redemption]:
    return Redemption.objects.filter(
        voucher=voucher, scan__at__gte=midnight(day), scan__at__lt=midnight(day + timedelta(days=1))
    )


def outside(voucher: Voucher, day: date) -> int:
    """How many went out for a while and may come in again: for a session as long as it lasts, else that same day."""
    return voucher.out if voucher.session_id is not None or voucher.day == day else 0


def may_be_outside(voucher: Voucher, people: int, day: date) -> int:
    """Of so many who leave, those who may come in again: who came in that day, or for the session."""
    if voucher.session_id is not None:
        return people
    return min(people, max(0, voucher.day_used - voucher.out)) if voucher.day == day else 0


class Row(NamedTuple):
    """A row of `Redemption` as it is written, by the names of its columns: a model's instance costs ten times as much,
    for every one who comes in."""

    kind: str
    scan_id: int | None
    voucher_id: int
    ticket_id: int
    product_id: int
    session_id: int | None
    gate_id: int | None
    unit_id: int
    seller_id: int
    supplier_id: int | None
    operator_id: int | None
    quantity: int
    cost: Decimal
    revenue: Decimal
    day: date
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Booking:
    """What is written when people come in: rows to settle by, tickets that changed with their moves, the voucher."""

    voucher: Voucher
    rows: list[Row]
    tickets: list[Ticket]
    moves: list[StateMove]


def booking_of(
    post: Post, voucher: Voucher, tickets: Sequence[Ticket], people: int, moment: datetime,
    first: frozenset[int] = frozenset(),
) -> Booking:  # fmt: skip
    """So many of a *locked* voucher's people come in: put on its rows and on it, and not written yet."""
    day = moment.astimezone(SHANGHAI).date()
    combo = voucher.product.kind == ProductKind.COMBO
    here = _at_spot(post, voucher) if combo and not voucher.unlimited else _today(voucher, tickets, day)
    free = _rooms(voucher, tickets, here, combo=combo)
    taken = allot(people, [(ticket.pk, free[ticket.pk]) for ticket in tickets if free.get(ticket.pk)], first)
    rows = rows_of(post, voucher, tickets, taken, moment, None, kind=UseKind.USED)
    used = {
        ticket.pk: _used_after(voucher, ticket, taken.get(ticket.pk, 0), here, combo=combo)
        for ticket in tickets
    }
    goes_on = {ticket.pk for ticket in tickets} if combo or voucher.unlimited else set()
    if combo and not voucher.unlimited:
        goes_on -= _in_everywhere(voucher, tickets, taken)
    changed, moves = put_used(tickets, used, actor=_actor(post), goes_on=goes_on)
    voucher.used = sum(used.values())
    if voucher.day is None or day > voucher.day:
        voucher.day, voucher.day_used = day, people
        if voucher.session_id is None:  # who went home yesterday is not outside for a while
            voucher.out = 0
    elif day == voucher.day:
        voucher.day_used += people
    if voucher.used_at is None or moment >= voucher.used_at:
        voucher.used_at, voucher.used_where = moment, post.words[:80]
    return Booking(voucher, rows, changed, moves)


def unbook(
    post: Post, voucher: Voucher, tickets: Sequence[Ticket], back: Mapping[int, int], scan: int, *, kind: UseKind,
    reason: str,
) -> None:  # fmt: skip
    """Write that so many people of *locked* tickets (by key), who came in by a scan, count as not having come."""
    moment = now()
    day = Scan.objects.values_list("at", flat=True).get(pk=scan).astimezone(SHANGHAI).date()
    write_rows(rows_of(post, voucher, tickets, back, moment, scan, kind=kind, reason=reason))
    several = voucher.product.kind == ProductKind.COMBO or voucher.unlimited
    used, goes_on = {}, {ticket.pk for ticket in tickets} if several else set()
    for ticket in tickets:
        most = ticket.used - back.get(ticket.pk, 0)
        if several and back.get(ticket.pk):
            most = _most_at_a_spot(ticket)
        used[ticket.pk] = max(0, most)
    set_used(tickets, used, actor=_actor(post), reason=reason, goes_on=goes_on)
    voucher.used = sum(used.values())
    voucher.out = min(voucher.out, voucher.used)
    if day == voucher.day:
        voucher.day_used = max(0, voucher.day_used - sum(back.values()))
    voucher.save(update_fields=["used", "out", "day_used"])


def _most_at_a_spot(ticket: Ticket) -> int:
    """Of a ticket that opens several places or many times: how many of its people are in at the most used place."""
    rows = (
        Redemption.objects.filter(ticket=ticket)
        .order_by()
        .values_list("gate__spot")
        .annotate(n=Sum("quantity"))
    )
    return min(ticket.uses - ticket.back, max((int(n) for _spot, n in rows), default=0))


def _actor(post: Post) -> str:
    if post.operator is not None:
        return actor_label(post.operator)
    return f"device:{post.device.code}" if post.device is not None else "system"


def _rooms(
    voucher: Voucher, tickets: Sequence[Ticket], here: Mapping[int, int], *, combo: bool
) -> dict[int, int]:
    """Room by ticket; `here`: who is in already, of combined ones at this place, of unlimited ones that day."""
    if voucher.unlimited or combo:
        return {one.pk: one.uses - one.back - here.get(one.pk, 0) for one in tickets if one.state in ALIVE}
    return {one.pk: room_of(one) for one in tickets}


def _today(voucher: Voucher, tickets: Sequence[Ticket], day: date) -> dict[int, int]:
    """Who came in on a day, by ticket: of unlimited ones for several people, so that each one's own ticket is used."""
    if not voucher.unlimited or sum(ticket.uses - ticket.back for ticket in tickets) < 2:
        return {}
    rows = _rows_on(voucher, day).order_by()
    return {key: int(n) for key, n in rows.values_list("ticket").annotate(Sum("quantity"))}


def _at_spot(post: Post, voucher: Voucher) -> dict[int, int]:
    spot = post.gate.spot_id if post.gate is not None else None
    rows = Redemption.objects.filter(voucher=voucher, gate__spot=spot).order_by()
    return {key: int(n) for key, n in rows.values_list("ticket").annotate(Sum("quantity"))}


def _in_everywhere(voucher: Voucher, tickets: Sequence[Ticket], taken: Mapping[int, int]) -> frozenset[int]:
    """Those of a combined voucher's tickets whose people, with these, have been in all of its places."""
    rows = (
        Redemption.objects.filter(voucher=voucher).order_by().values_list("ticket").annotate(Sum("quantity"))
    )
    been, units = dict(rows), units_of(voucher)
    return frozenset(
        one.pk
        for one in tickets
        if been.get(one.pk, 0) + taken.get(one.pk, 0) >= (one.uses - one.back) * units > 0
    )


def _used_after(voucher: Voucher, ticket: Ticket, taken: int, here: Mapping[int, int], *, combo: bool) -> int:
    """How many of a ticket's people are in with these: of combined tickets in any one spot, at most all."""
    if not (combo or voucher.unlimited) or not taken:
        return ticket.used + taken
    return min(ticket.uses - ticket.back, max(ticket.used, here.get(ticket.pk, 0) + taken))


def rows_of(
    post: Post, voucher: Voucher, tickets: Sequence[Ticket], quantities: Mapping[int, int], moment: datetime,
    scan: int | None, *, kind: UseKind, reason: str = "",
) -> list[Row]:  # fmt: skip
    """Rows for so many of each ticket, with their share of cost and price: all rows of a ticket sum to it exactly.

    Not saved; `write_rows` does, and adds the classes.
    """
    chosen = [ticket for ticket in tickets if quantities.get(ticket.pk)]
    units = units_of(voucher)
    before: dict[int, int] = {}
    if voucher.unlimited or units > 1:
        rows = Redemption.objects.filter(ticket__in=[one.pk for one in chosen]).order_by()
        before = {key: int(n) for key, n in rows.values_list("ticket").annotate(Sum("quantity"))}
    made = []
    for ticket in chosen:
        quantity = quantities[ticket.pk]
        start = before.get(ticket.pk, 0) if (voucher.unlimited or units > 1) else ticket.used
        if kind == UseKind.REVERSED or kind == UseKind.SUPERSEDED:
            start -= quantity
        total = 1 if voucher.unlimited else ticket.uses * units
        sign = -1 if kind in {UseKind.REVERSED, UseKind.SUPERSEDED} else 1
        made.append(
            Row(
                kind=str(kind), scan_id=scan, voucher_id=voucher.pk, ticket_id=ticket.pk,
                product_id=voucher.product_id, session_id=voucher.session_id,
                gate_id=post.gate.pk if post.gate is not None else None, unit_id=post.unit.pk,
                seller_id=voucher.product.unit_id, supplier_id=voucher.product.supplier_id,
                operator_id=post.operator.pk if post.operator is not None else None, quantity=sign * quantity,
                cost=sign * share(ticket.cost, start, quantity, total),
                revenue=sign * share(ticket.price, start, quantity, total),
                day=moment.astimezone(SHANGHAI).date(), at=moment, reason=reason,
            )
        )  # fmt: skip
    return made


#: Columns of a `Row` in their order, with their types; the class is that of the ticket's variant.
_COLUMNS = {
    "kind": "text", "scan_id": "bigint", "voucher_id": "bigint", "ticket_id": "bigint", "product_id": "bigint",
    "session_id": "bigint", "gate_id": "bigint", "unit_id": "bigint", "seller_id": "bigint", "supplier_id": "bigint",
    "operator_id": "bigint", "quantity": "integer", "cost": "numeric", "revenue": "numeric", "day": "date",
    "at": "timestamptz", "reason": "text",
}  # fmt: skip
_NAMES = ", ".join(_COLUMNS)
_TYPES = {f"row_{name}": f"{kind}[]" for name, kind in _COLUMNS.items()}
_PLACED = f"unnest({', '.join(f'%({name})s' for name in _TYPES)}) WITH ORDINALITY AS one({_NAMES}, place)"


def _insert(scan: str, source: str) -> str:
    """The statement that writes rows; `scan`: where its key comes from."""
    values = ", ".join(scan if name == "scan_id" else f"one.{name}" for name in _COLUMNS)
    return f"""
INSERT INTO o2o_admission_redemption (ticket_class_id, {_NAMES})
SELECT kind_of.id, {values}
FROM {source}
LEFT JOIN o2o_ticketing_ticket AS ticket ON ticket.id = one.ticket_id
LEFT JOIN o2o_admission_ticketclass AS kind_of ON kind_of.variant_id = ticket.variant_id
ORDER BY one.place"""  # noqa: S608 - names of columns


_WRITE = Prepared("admission_redemptions", _insert("one.scan_id", _PLACED) + " RETURNING id", _TYPES)


def write_rows(rows: Sequence[Row]) -> None:
    """Save rows of `rows_of`, each with the class of its ticket. One statement."""
    if rows:
        _WRITE.rows(_columns(rows))


def _columns(rows: Sequence[Row]) -> dict[str, list[object]]:
    return {name: [row[place] for row in rows] for place, name in enumerate(_TYPES)}


def booking_statement(label: str, scan: str, types: Mapping[str, str]) -> Prepared:
    """All that people coming in writes, in one statement: the rows, the tickets, their moves, the voucher's counters.

    `scan`: SQL with the scan's key as `id`, with values of `types`. Where it has no row, nothing is written. A round
    trip less for each part; PostgreSQL's foreign keys look at commit.
    """
    return Prepared(
        label,
        f"""
WITH scan AS ({scan}), settled AS ({_insert("scan.id", f"scan CROSS JOIN {_PLACED}")}), ticketed AS (
    UPDATE o2o_ticketing_ticket AS ticket SET state = one.state, used = one.used, used_at = one.used_at
    FROM scan CROSS JOIN unnest(%(ticket)s, %(state)s, %(ticket_used)s, %(ticket_used_at)s)
        AS one(id, state, used, used_at)
    WHERE ticket.id = one.id
), logged AS ({LOG.replace("ORDER BY", "CROSS JOIN scan ORDER BY")}), counted AS (
    UPDATE o2o_admission_voucher AS voucher SET used = %(used)s, out = %(out)s, day = %(day)s,
        day_used = %(day_used)s, used_at = %(used_at)s, used_where = %(used_where)s
    FROM scan WHERE voucher.id = %(voucher)s
)
SELECT id FROM scan
""",  # noqa: S608 - names of columns
        {
            **types, **_TYPES, **LOG_TYPES, "ticket": "bigint[]", "state": "text[]", "ticket_used": "integer[]",
            "ticket_used_at": "timestamptz[]", "voucher": "bigint", "used": "integer", "out": "integer",
            "day": "date", "day_used": "integer", "used_at": "timestamptz", "used_where": "text",
        },
        generic=True,
    )  # fmt: skip


def booking_values(booking: Booking) -> dict[str, object]:
    """The values of `booking_statement`, without the scan's."""
    voucher, tickets = booking.voucher, booking.tickets
    return {
        **_columns(booking.rows), **log_values(booking.moves), "ticket": [one.pk for one in tickets],
        "state": [str(one.state) for one in tickets], "ticket_used": [one.used for one in tickets],
        "ticket_used_at": [one.used_at for one in tickets], "voucher": voucher.pk, "used": voucher.used,
        "out": voucher.out, "day": voucher.day, "day_used": voucher.day_used, "used_at": voucher.used_at,
        "used_where": voucher.used_where,
    }  # fmt: skip


_BOOK = booking_statement("admission_book", "SELECT %(scan)s AS id", {"scan": "bigint"})


def book(
    post: Post, voucher: Voucher, tickets: Sequence[Ticket], people: int, moment: datetime, scan: int | None
) -> None:
    """Write that so many of a *locked* voucher's people came in, by a scan that is written already."""
    _BOOK.rows({**booking_values(booking_of(post, voucher, tickets, people, moment)), "scan": scan})


def units_of(voucher: Voucher) -> int:
    """Into how many places each person may go: a combined ticket opens several."""
    return max(1, voucher.product.spots.count()) if voucher.product.kind == ProductKind.COMBO else 1
