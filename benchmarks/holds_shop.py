"""A theatre of a thousand seats with as many sessions as a benchmark sells out; made in one process, once."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from .arena import SETTINGS

ROWS, WIDE = 25, 40
SEATS = ROWS * WIDE


@dataclass(frozen=True)
class Sale:
    """A session on sale: its keys, the key of its first seat's row (they follow each other), its quota (0: none)."""

    session: int
    first: int
    quota: int


@dataclass(frozen=True)
class House:
    """What is sold: keys of the product, its class, variant, supplier and unit, its refund rule, the sessions."""

    product: int
    kind: int
    variant: int
    supplier: int
    unit: int
    rule: str
    sales: tuple[Sale, ...]


def build(url: str, sessions: int, *, quota: bool) -> House:
    """Make the house in a database; from here on this process is set up for it. `quota`: each session counts, too."""
    os.environ.update(DATABASE_URL=url, DJANGO_SETTINGS_MODULE=SETTINGS, DEBUG="False")
    import django

    django.setup()
    from django.db import connection

    try:
        made = _house(sessions, quota=quota)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
    finally:
        connection.close()
    return made


def _house(sessions: int, *, quota: bool) -> House:
    from plugins.org_hierarchy.levels import UnitStatus
    from plugins.org_hierarchy.models import OrgUnit
    from plugins.org_hierarchy.paths import path_of, reserve_keys
    from plugins.ticketing.admission.candidates import own_account
    from plugins.ticketing.admission.layouts import from_json
    from plugins.ticketing.admission.models import Venue
    from plugins.ticketing.admission.services.catalogue import add_class, make_product, move_product
    from plugins.ticketing.admission.services.maps import draw_map, publish_map
    from plugins.ticketing.admission.services.places import make_hall, make_place
    from plugins.ticketing.kernel.models import FeeRule
    from plugins.ticketing.kernel.seeds import TEMPLATES, _written

    [key] = reserve_keys(1)
    unit = OrgUnit.objects.create(
        pk=key, code="BENCH", name="测试市中心", level=1, path=path_of("", key), status=UnitStatus.ACTIVE,
        effective_from=date(2026, 1, 1),
    )  # fmt: skip
    for template in TEMPLATES:
        _written(template)
    venue = make_place(None, Venue, unit, "bench", name="测试剧院", address="重庆市")
    plan = {
        "zones": [{"name": "池座", "rows": [{"row": str(at + 1), "seats": "A" * WIDE} for at in range(ROWS)]}]
    }
    seat_map = publish_map(None, draw_map(None, make_hall(None, venue, "大厅"), from_json(plan)))
    product = make_product(None, unit, code="bench", kind="show", name="性能测试音乐会", venue=venue)
    kind = add_class(
        None, product, code="a", name="A 区", price=Decimal("380.00"), category="A", valid_mode="session"
    )
    product = move_product(None, product, "put_on_sale")
    rule = FeeRule.objects.filter(trade="show", kind="refund", ticket_class="").get()
    return House(
        product.pk, kind.pk, kind.variant_id, own_account("show").pk, unit.pk, _json(rule.says),
        tuple(_sale(product, seat_map, at, quota=quota) for at in range(sessions)),
    )  # fmt: skip


def _sale(product: object, seat_map: object, at: int, *, quota: bool) -> Sale:
    from plugins.ticketing.admission.models import AdmissionProduct, SeatMap, SessionSeat
    from plugins.ticketing.admission.services.sessions import make_session, move_session
    from plugins.ticketing.admission.services.stock import make_quota
    from saleor_o2o.kernel.clock import now

    assert isinstance(product, AdmissionProduct)
    assert isinstance(seat_map, SeatMap)
    start = now() + timedelta(days=8, hours=3 * at)
    session = make_session(
        None, product, starts_at=start, ends_at=start + timedelta(hours=2), seat_map=seat_map
    )
    session = move_session(None, session, "open")
    keys = list(SessionSeat.objects.filter(session=session).order_by("pk").values_list("pk", flat=True))
    assert keys == list(range(keys[0], keys[0] + SEATS))
    counted = make_quota(None, product, SEATS, session=session).pk if quota else 0
    return Sale(session.pk, keys[0], counted)


def _json(told: object) -> str:
    import json

    return json.dumps(told)
