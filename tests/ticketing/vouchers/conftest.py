"""A scenic spot with two gates and a second spot beside it, tickets that were issued, and those who let people in."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from saleor.account.models import User

from plugins.org_hierarchy.models import OrgUnit
from plugins.ticketing.admission.models import (
    AdmissionProduct,
    Device,
    Gate,
    ScenicSpot,
    TicketClass,
    Voucher,
)
from plugins.ticketing.admission.services.catalogue import add_class, make_product
from plugins.ticketing.admission.services.places import make_gate, make_place
from plugins.ticketing.admission.vouchers.access import REDEEM, REISSUE, RESOLVE, REVERSE, VIEW
from plugins.ticketing.admission.vouchers.choices import DeviceKind
from plugins.ticketing.admission.vouchers.places import Post
from plugins.ticketing.admission.vouchers.scanning import Asked, Said
from plugins.ticketing.admission.vouchers.services import keys
from plugins.ticketing.admission.vouchers.services.redeeming import redeem
from plugins.ticketing.kernel.models import SupplierAccount, Ticket, TicketOrder, TicketPassenger
from plugins.ticketing.kernel.passengers import Passenger, PassengerType
from plugins.ticketing.kernel.trades import trade_of
from saleor_o2o.kernel.clock import midnight, now, today
from saleor_o2o.kernel.crypto import blind_index
from saleor_o2o.kernel.documents import DocumentKind
from saleor_o2o.kernel.states import move

from ...orgs import person

D = Decimal
MOBILE = "13800001234"
_serial = itertools.count(1)


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """No keys and no counts of another test."""
    keys.forget()
    cache.clear()
    yield
    keys.forget()


@dataclass
class World:
    """One spot of C11 with two gates, another one of C21, and a product of each."""

    org: dict[str, OrgUnit]
    spot: ScenicSpot
    east: Gate
    west: Gate
    far: Gate
    product: AdmissionProduct
    adult: TicketClass
    family: TicketClass
    whole: TicketClass
    supplier: SupplierAccount
    clerk: User
    devices: dict[str, Device] = field(default_factory=dict)

    def order(
        self, *wanted: tuple[TicketClass, int], names: tuple[str, ...] = (), **told: Any
    ) -> TicketOrder:
        """Tickets of these classes (class, people of the ticket), issued today; with documents where `names` are."""
        number = next(_serial)
        # scans of the last hours and the next ones are within it, also of those who test at midnight
        start = told.pop("starts_at", min(midnight(today()), now() - timedelta(hours=6)))
        end = told.pop("ends_at", max(midnight(today()) + timedelta(days=1), now() + timedelta(hours=6)))
        with transaction.atomic():
            order = TicketOrder.objects.create(
                number=f"PWT{number}", request_key=f"test-{number}", trade="scenic", title="天生三桥门票", key="karst",
                place=told.pop("place", {}), starts_at=start, ends_at=end, supplier=self.supplier,
                unit=self.org["O1111"], face=D(0), total=D(0), mobile=MOBILE,
                mobile_index=blind_index(MOBILE, "ticketing.mobile"), **told,
            )  # fmt: skip
            tickets = []
            for place, (kind, people) in enumerate(wanted):
                who = _person(order, names[place]) if place < len(names) else None
                tickets.append(
                    Ticket.objects.create(
                        number=f"PT{number}-{place}", ticket_order=order, fare=kind.code, fare_name=kind.name,
                        variant=kind.variant, face=kind.price, price=kind.price, cost=kind.settlement_price,
                        full_fare=kind.price, valid_from=start, valid_until=end, uses=people, passenger=who,
                    )
                )  # fmt: skip
            for name in ("hold", "pay", "finish"):
                move(order, name, actor="test")
            for ticket in tickets:
                move(ticket, "issue", actor="test")
            trade_of("scenic").issued(order, tickets)
        return order

    def voucher(self, kind: TicketClass | None = None, people: int = 1, **told: Any) -> Voucher:
        """The voucher of one ticket."""
        return Voucher.objects.get(ticket_order=self.order((kind or self.adult, people), **told))

    def at(self, gate: Gate, **told: Any) -> Post:
        """The device at a gate."""
        key = f"{gate.code}-{sorted(told.items())}"
        if key not in self.devices:
            self.devices[key] = Device.objects.create(
                code=f"D{len(self.devices)}-{gate.code}", name=f"{gate} 闸机", kind=DeviceKind.GATE, gate=gate,
                unit=gate.spot.unit, secret="s" * 40, **told,
            )  # fmt: skip
        device = self.devices[key]
        return Post(device.unit, gate, device)

    def counter(self, by: User | None = None) -> Post:
        """A clerk without a gate."""
        return Post(self.org["C11"], None, None, by or self.clerk)


def _person(order: TicketOrder, number: str) -> TicketPassenger:
    one = Passenger("张三", DocumentKind.ID_CARD, number, date(1990, 1, 1), PassengerType.ADULT)
    return TicketPassenger.objects.create(
        ticket_order=order, name=one.name, document=one.document, document_number=one.number,
        document_index=one.index, birth=one.birth, type="adult",
    )  # fmt: skip


def scan(post: Post, text: str, number: str = "", **told: Any) -> Said:
    """Let in by what is shown."""
    return redeem(post, Asked(number or f"r{next(_serial)}", text, **told))


@pytest.fixture
def world(org: dict[str, OrgUnit]) -> World:
    spot = make_place(None, ScenicSpot, org["C11"], "karst", name="天生三桥", address="重庆市武隆区", level=5)
    other = make_place(None, ScenicSpot, org["C21"], "dazu", name="大足石刻", address="重庆市大足区", level=5)
    product = make_product(None, org["C11"], code="karst", kind="scenic", name="天生三桥门票", spot=spot)

    def kind(code: str, name: str, mode: str, people: int = 1) -> TicketClass:
        return add_class(
            None, product, code=code, name=name, price=D("125.00"), settlement_price=D("100.00"), people=people,
            verify_mode=mode,
        )  # fmt: skip

    return World(
        org=org, spot=spot, east=make_gate(None, spot, "east", "东门"), west=make_gate(None, spot, "west", "西门"),
        far=make_gate(None, other, "far", "大足正门"), product=product, adult=kind("adult", "成人票", "each"),
        family=kind("family", "家庭票", "partial", 3), whole=kind("whole", "团队票", "whole"),
        supplier=SupplierAccount.objects.create(code="own", name="自营", trade="scenic", adapter="own"),
        clerk=person(org["C11"], "verifier", [VIEW, REDEEM]),
    )  # fmt: skip


@pytest.fixture
def boss(world: World) -> User:
    return person(world.org["C11"], "boss", [VIEW, REDEEM, REVERSE, REISSUE, RESOLVE])


def later(**told: int) -> datetime:
    return now() + timedelta(**told)
