"""A theatre with a small hall, a scenic spot with a day ticket, and the people who keep them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from saleor.account.models import User

from plugins.org_hierarchy.models import OrgUnit
from plugins.ticketing.admission.access import CANCEL, EDIT, STOCK, VIEW
from plugins.ticketing.admission.inventory import Wish, geometry
from plugins.ticketing.admission.layouts import from_json
from plugins.ticketing.admission.models import (
    AdmissionProduct,
    ScenicSpot,
    Seat,
    SeatMap,
    Session,
    TicketClass,
    Venue,
)
from plugins.ticketing.admission.services.catalogue import add_class, make_product, move_product
from plugins.ticketing.admission.services.maps import draw_map, publish_map
from plugins.ticketing.admission.services.places import make_hall, make_place
from plugins.ticketing.admission.services.sessions import make_session, move_session
from plugins.ticketing.kernel import seeds
from saleor_o2o.kernel.clock import now, today

from ...orgs import person

D = Decimal


@pytest.fixture(autouse=True)
def fresh_geometry() -> Iterator[None]:
    """Keys come again in another test."""
    geometry.forget()
    yield
    geometry.forget()


@dataclass
class Show:
    """A show with one session in a hall, in two categories of seats."""

    product: AdmissionProduct
    session: Session
    map: SeatMap
    front: TicketClass
    student: TicketClass
    back: TicketClass

    def wish(self, quantity: int, kind: TicketClass | None = None, seats: tuple[int, ...] = ()) -> Wish:
        """So many of a class (the front one), chosen or the best."""
        one = kind or self.front
        return Wish(
            product=self.product.pk, ticket_class=one.pk, quantity=quantity, channel="online",
            session=self.session.pk, seat_map=self.map.pk, category=one.category, seats=seats,
        )  # fmt: skip

    def seat(self, row: str, number: str) -> int:
        """The key of a seat by its name."""
        return Seat.objects.get(seat_map=self.map, row=row, number=number).pk


def draw(unit: OrgUnit, rows: list[tuple[str, str]], name: str = "音乐厅") -> SeatMap:
    """A published map of one zone."""
    venue = make_place(None, Venue, unit, f"venue-{name}", name=name, address="重庆市渝中区")
    hall = make_hall(None, venue, "大厅")
    told = {"zones": [{"name": "池座", "rows": [{"row": row, "seats": seats} for row, seats in rows]}]}
    return publish_map(None, draw_map(None, hall, from_json(told)))


def show_of(unit: OrgUnit, rows: list[tuple[str, str]], name: str = "音乐厅") -> Show:
    """A show on sale with one session tomorrow week."""
    seat_map = draw(unit, rows, name)
    product = make_product(
        None, unit, code=f"show-{seat_map.pk}", kind="show", name="新年音乐会", venue=seat_map.hall.venue
    )

    def kind(code: str, label: str, price: str, category: str) -> TicketClass:
        return add_class(
            None, product, code=code, name=label, price=D(price), category=category, valid_mode="session"
        )  # fmt: skip

    front, student = kind("a", "A 区", "380.00", "A"), kind("a-student", "A 区学生", "190.00", "A")
    back = kind("b", "B 区", "180.00", "B")
    product = move_product(None, product, "put_on_sale")
    start = now() + timedelta(days=8)
    session = make_session(
        None, product, starts_at=start, ends_at=start + timedelta(hours=2), seat_map=seat_map
    )
    session = move_session(None, session, "open")
    return Show(product, session, seat_map, front, student, back)


@pytest.fixture
def show(org: dict[str, OrgUnit]) -> Show:
    """Four rows: ten seats with an aisle, twelve, and two of category B."""
    return show_of(
        org["CQ"], [("1", "AAAAA_AAAAA"), ("2", "AAAAAAAAAAAA"), ("3", "BBBBBBBB"), ("4", "BBBBBBBB")]
    )


@dataclass
class Park:
    """A scenic spot with day tickets, sold by the city."""

    product: AdmissionProduct
    adult: TicketClass
    child: TicketClass
    day: date

    def wish(self, quantity: int, kind: TicketClass | None = None, channel: str = "online") -> Wish:
        one = kind or self.adult
        return Wish(
            product=self.product.pk, ticket_class=one.pk, quantity=quantity, channel=channel, day=self.day
        )


def park_of(unit: OrgUnit) -> Park:
    """A scenic spot of a unit, with tickets for adults and children on sale; its quotas are the tests'."""
    spot = make_place(None, ScenicSpot, unit, "karst", name="天生三桥", address="重庆市武隆区", level=5)
    product = make_product(None, unit, code="karst", kind="scenic", name="天生三桥门票", spot=spot)
    adult = add_class(None, product, code="adult", name="成人票", price=D("125.00"))
    child = add_class(
        None, product, code="child", name="儿童票", price=D("62.50"), audience="child", age_below=14
    )
    product = move_product(None, product, "put_on_sale")
    return Park(product, adult, child, today() + timedelta(days=3))


@pytest.fixture
def park(org: dict[str, OrgUnit]) -> Park:
    return park_of(org["CQ"])


@pytest.fixture
def keeper(org: dict[str, OrgUnit]) -> User:
    return person(org["CQ"], "keeper", [VIEW, EDIT, STOCK, CANCEL])


@pytest.fixture
def soon() -> datetime:
    """A quarter of an hour from now."""
    return now() + timedelta(minutes=15)


@pytest.fixture
def fan() -> User:
    """A shopper."""
    return User.objects.create_user("fan@example.com", "pass-word")


@pytest.fixture
def rules() -> None:
    """The rules of spots and shows to begin with."""
    for template in seeds.TEMPLATES:
        if template.trade in {"scenic", "show"}:
            seeds._written(template)
