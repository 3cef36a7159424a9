"""By what a visit is sold (rows, prices, rules, limits), read once and kept until PostgreSQL says that a row changed.

Every row version has its place and its transaction (`ctid`, `xmin`): one statement reads these marks of all rows that
count, whether the request is known, and how much plainly is left. While the marks are the same so is what was read; a
price, a state or a rule that changes counts for the very next buyer, in every process, without anybody telling.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from threading import Lock
from typing import Any, TypeVar

from django.utils.translation import gettext_lazy as _

from plugins.ticketing.kernel.choices import FeeKind
from plugins.ticketing.kernel.models import SupplierAccount
from plugins.ticketing.kernel.trades import Candidate
from saleor_o2o.kernel.clock import now, today
from saleor_o2o.kernel.prepared import Prepared

from ..candidates import OWN_CODES, Visit, candidate_for, is_own, own_account
from ..errors import AdmissionError
from ..errors import AdmissionErrorCode as Code
from ..inventory.quotas import sold_out
from ..models import Draw, LimitRule, SaleQueue
from ..pricing import DayPrice
from . import limits, lots, queueing, wishing

_NAMED = Prepared(
    "admission_named",
    """
SELECT product.id, one.code, one.id FROM o2o_admission_admissionproduct AS product
LEFT JOIN o2o_admission_ticketclass AS one ON one.product_id = product.id
WHERE product.code = %(code)s
""",
    {"code": "text"},
)
#: Of a queue only what decides counts, not its last number, which changes with everybody who joins.
_MARKS = Prepared(
    "admission_terms",
    """
WITH told AS (
    SELECT coalesce(
        (SELECT (starts_at AT TIME ZONE 'Asia/Shanghai')::date FROM o2o_admission_session WHERE id = %(session)s),
        (SELECT slot.day FROM o2o_admission_slot AS slot WHERE slot.id = %(slot)s), %(day)s
    ) AS day
), product AS (
    SELECT id, ctid, xmin, unit_id, venue_id, spot_id, supplier_id FROM o2o_admission_admissionproduct
    WHERE id = %(product)s
), session AS (
    SELECT ctid, xmin, hall_id FROM o2o_admission_session WHERE id = %(session)s
)
SELECT
    (SELECT string_agg(mark, ' ' ORDER BY mark) FROM (
        SELECT 'p' || ctid::text || xmin::text AS mark FROM product
        UNION ALL SELECT 's' || ctid::text || xmin::text FROM session
        UNION ALL SELECT 't' || ctid::text || xmin::text FROM o2o_admission_slot WHERE id = %(slot)s
        UNION ALL SELECT 'c' || ctid::text || xmin::text FROM o2o_admission_ticketclass
            WHERE product_id = %(product)s
        UNION ALL SELECT 'd' || one.ctid::text || one.xmin::text FROM o2o_admission_priceday AS one
            WHERE one.ticket_class_id = ANY(%(classes)s) AND one.day = (SELECT day FROM told)
        UNION ALL SELECT 'r' || ctid::text || xmin::text FROM o2o_ticketing_feerule
            WHERE kind IN ('refund', 'change') AND trade IN ('show', 'scenic')
        UNION ALL SELECT 'l' || ctid::text || xmin::text FROM o2o_admission_limitrule WHERE product_id = %(product)s
        UNION ALL SELECT 'q' || concat_ws(',', id, per_minute, pass_minutes, started_at, after, earlier, active)
            FROM o2o_admission_salequeue WHERE product_id = %(product)s
        UNION ALL SELECT 'w' || ctid::text || xmin::text FROM o2o_admission_draw WHERE session_id = %(session)s
        UNION ALL SELECT 'h' || ctid::text || xmin::text FROM o2o_admission_hall
            WHERE id = (SELECT hall_id FROM session)
        UNION ALL SELECT 'v' || ctid::text || xmin::text FROM o2o_admission_venue
            WHERE id = (SELECT venue_id FROM product)
        UNION ALL SELECT 'o' || ctid::text || xmin::text FROM o2o_admission_scenicspot
            WHERE id = (SELECT spot_id FROM product)
        UNION ALL SELECT 'u' || ctid::text || xmin::text FROM o2o_org_hierarchy_orgunit
            WHERE id = (SELECT unit_id FROM product)
        UNION ALL SELECT 'a' || ctid::text || xmin::text FROM o2o_ticketing_supplieraccount
            WHERE code = ANY(%(own)s) OR id = (SELECT supplier_id FROM product)
    ) AS marks),
    (SELECT count(*) FROM (
        SELECT FROM o2o_admission_sessionseat WHERE session_id = %(session)s AND state = 'free' LIMIT %(count)s
    ) AS seats),
    (SELECT min(quota.capacity - quota.taken) FROM o2o_admission_quota AS quota
     WHERE quota.product_id = %(product)s AND quota.for_all AND quota.channel IN ('', %(channel)s)
       AND (quota.day IS NULL OR quota.day = (SELECT day FROM told))
       AND (quota.session_id IS NULL OR quota.session_id = %(session)s)
       AND (quota.slot_id IS NULL OR quota.slot_id = %(slot)s)),
    EXISTS (SELECT FROM o2o_ticketing_ticketorder WHERE request_key = %(request)s),
    EXISTS (SELECT FROM o2o_admission_waiting AS one
            JOIN o2o_admission_ticketclass AS kind ON kind.id = one.ticket_class_id
            WHERE kind.product_id = %(product)s AND one.state = 'waiting'
              AND (one.session_id IS NULL OR one.session_id = %(session)s))
""",
    {
        "product": "bigint", "session": "bigint", "slot": "bigint", "day": "date", "classes": "bigint[]",
        "channel": "text", "count": "bigint", "own": "text[]", "request": "text",
    },
)  # fmt: skip
#: So many visits are kept; the one that was wanted longest ago goes.
MOST = 512


@dataclass(frozen=True, slots=True)
class Terms:
    """By what a visit is sold now. Prices by class key, rules of refunds and of changes by fee key.

    `candidate`: our own inventory as supplier, and its account; None where another one has to be asked what it calls
    the visit. The rows are shared by all buyers: nobody writes to them.
    """

    visit: Visit
    prices: Mapping[int, DayPrice]
    rules: Mapping[str, Mapping[str, Any] | None]
    changes: Mapping[str, Mapping[str, Any] | None]
    limits: tuple[LimitRule, ...]
    queue: SaleQueue | None
    draws: tuple[Draw, ...]
    candidate: Candidate | None
    account: SupplierAccount | None


@dataclass(frozen=True, slots=True)
class Left:
    """What plainly is left when somebody asks, at most: free seats of the session, units of the least quota."""

    seats: int
    units: int | None

    def refuse(self, visit: Visit, count: int, *, chosen: bool) -> None:
        """Say at once that there is nothing, before anything is locked or written. Raises SOLD_OUT."""
        if self.units is not None and self.units < count:
            raise sold_out(max(0, self.units))
        seated = visit.session is not None and visit.session.seat_map_id is not None
        # who chose hears which of his seats is gone, as long as there are any
        if seated and (self.seats == 0 or (self.seats < count and not chosen)):
            raise sold_out(self.seats)


_Key = tuple[int, int | None, int | None, date | None, str, frozenset[int], date]
_kept: OrderedDict[_Key, tuple[str, Terms]] = OrderedDict()
_lock = Lock()


@dataclass(frozen=True, slots=True)
class Look:
    """What one statement tells: the rows' marks, what is left, whether the request made an order before, and whether
    somebody waits for something of the product (at another time, perhaps)."""

    key: _Key
    marks: str
    left: Left
    known: bool
    waited: bool


@dataclass(frozen=True, slots=True)
class Named:
    """What codes mean: a product's key, and those of its classes. `guessed`: remembered, and to be looked at again by
    `fits` once its rows are known."""

    code: str
    product: int
    classes: Mapping[str, int]
    guessed: bool

    def fits(self, visit: Visit) -> bool:
        """Whether what was read of the rows has these codes still."""
        return visit.product.code == self.code and all(
            self.classes.get(one.code) == one.pk for one in visit.classes
        )


T = TypeVar("T")
_names: OrderedDict[str, Named] = OrderedDict()


def named_of(code: str, classes: Collection[str] = (), *, guess: bool = False) -> Named | None:
    """A product's key and those of its classes, by their codes; None for a code of none. One statement; with `guess`
    none where this process has had the product and these classes before.
    """
    with _lock:
        known = _names.get(code) if guess else None
        if known is not None and known.classes.keys() >= set(classes):
            _names.move_to_end(code)
            return known
    rows = _NAMED.rows({"code": code})
    if not rows:
        return None
    found = Named(
        code, rows[0][0], {name: key for _product, name, key in rows if key is not None}, guessed=False
    )
    with _lock:
        _names[code] = replace(found, guessed=True)
        _names.move_to_end(code)
        while len(_names) > MOST:
            _names.popitem(last=False)
    return found


def by_names(code: str, classes: Collection[str], do: Callable[[Named], T]) -> T:
    """Do something by what codes mean; what was remembered and is not so any more is asked again, and it is done anew.

    Raises AdmissionError NOT_FOUND, and what `do` raises.
    """
    for guess in (True, False):
        named = named_of(code, classes, guess=guess)
        if named is None:
            break
        try:
            return do(named)
        except AdmissionError as error:
            if not named.guessed or error.code not in (Code.NOT_FOUND, Code.NOT_ON_SALE):
                raise
    raise AdmissionError(Code.NOT_FOUND, _("没有这个产品"), "product")


def look(ask: wishing.Ask, request: str = "") -> Look:
    """Look at all rows that count, in one statement; `request`: the order's request key."""
    classes = frozenset(one.ticket_class for one in ask.tickets)
    key = (ask.product, ask.session, ask.slot, ask.day, ask.channel, classes, today())
    [(marks, seats, units, known, waited)] = _MARKS.rows(
        {
            "product": ask.product, "session": ask.session, "slot": ask.slot, "day": ask.day,
            "classes": sorted(classes), "channel": ask.channel, "count": len(ask.tickets) or 1, "own": OWN_CODES,
            "request": request,
        }
    )  # fmt: skip
    return Look(key, marks or "", Left(seats, units), known, waited)


def terms_of(ask: wishing.Ask, seen: Look) -> Terms:
    """By what a visit is sold. No statement, a dozen where something has changed.

    Raises AdmissionError: what `wishing.visit_of` and `wishing.span_of` raise.
    """
    key = seen.key
    with _lock:
        known = _kept.get(key)
        if known is not None and known[0] == seen.marks:
            _kept.move_to_end(key)
            return known[1]
    # read after the marks: what changes in between has other marks, and is read again by the next one
    found = _read(ask)
    with _lock:
        _kept[key] = (seen.marks, found)
        while len(_kept) > MOST:
            _kept.popitem(last=False)
    return found


def _read(ask: wishing.Ask) -> Terms:
    visit = wishing.visit_of(ask)
    span = wishing.span_of(visit, now())
    prices = wishing.prices_for(visit, span)
    own = is_own(visit.product)
    costs = {kind.code: prices[kind.pk].settlement for kind in visit.classes}
    return Terms(
        visit=visit, prices=prices,
        rules={kind.fee_key: wishing.rule_of(visit, kind) for kind in visit.classes},
        changes={kind.fee_key: wishing.rule_of(visit, kind, FeeKind.CHANGE) for kind in visit.classes},
        limits=tuple(limits.rules_of(visit.product)), queue=queueing.queue_of(visit.product),
        draws=tuple(lots.draws_of(visit.session, visit.classes)),
        candidate=candidate_for(visit, costs) if own else None,
        account=(visit.product.supplier or own_account(visit.product.trade)) if own else None,
    )  # fmt: skip
