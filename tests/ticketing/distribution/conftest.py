"""A distributor over real HTTP, its catalogue taken over, and ticket orders that were bought there."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from pytest_socket import enable_socket

from plugins.org_hierarchy.models import OrgUnit
from plugins.ticketing.admission.models import AdmissionProduct, TicketClass
from plugins.ticketing.admission.suppliers import wire
from plugins.ticketing.admission.suppliers.distributor import ADAPTER, Distributor
from plugins.ticketing.admission.suppliers.trips import visit
from plugins.ticketing.distribution.upstream.catalogue import take_over
from plugins.ticketing.kernel.choices import CallKind, OrderState, RefundCause, TicketState, Trade
from plugins.ticketing.kernel.models import (
    RefundItem,
    RefundRequest,
    SupplierAccount,
    SupplierCall,
    Ticket,
    TicketOrder,
)
from plugins.ticketing.kernel.numbers import CALL, REFUND, TICKET, TICKET_ORDER
from plugins.ticketing.kernel.ports import IssueAsk, Issued, LockAsk, Person, RefundAsk, Unit
from plugins.ticketing.kernel.trades import trade_of
from saleor_o2o.kernel.clock import midnight, today
from saleor_o2o.kernel.numbering import next_number
from sandbox.client import SandboxClient
from sandbox.process import running

from .agency import agency, shop, world  # noqa: F401 - fixtures

D = Decimal
CONTACT = Person("陈渝江", "id_card", "", "13800000001")


def citizen(index: int) -> str:
    """A sound identity number of nobody."""
    body = f"5001011990{index // 28 + 1:02d}{index % 28 + 1:02d}{index:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]


def person(index: int) -> Person:
    return Person(f"游客{index}", "id_card", citizen(index), "13800000001")


def weekday(ahead: int = 7) -> date:
    """A Wednesday at least so many days ahead."""
    day = today() + timedelta(days=ahead)
    return day + timedelta(days=(2 - day.weekday()) % 7)


@pytest.fixture(scope="session")
def scenic_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scenic")


@pytest.fixture(scope="session")
def scenic_address(scenic_folder: Path) -> Iterator[str]:
    enable_socket()
    with running(scenic_folder, clock_ratio=600) as url:
        yield url


@pytest.fixture
def scenic(scenic_address: str, scenic_folder: Path, settings: Any) -> Iterator[SandboxClient]:
    """The distributor, empty and without faults; the platform asks there."""
    settings.SANDBOX_URL, settings.SANDBOX_DIR = scenic_address, scenic_folder
    with SandboxClient(scenic_address) as client:
        client.reset()
        client.call("POST", "/scenic/server", {"url": ""})
        client.call("POST", "/scenic/options", {"audit": "", "refund_seconds": 0, "lock_seconds": 900})
        yield client
        client.clear_faults()


@pytest.fixture
def account(org: dict[str, OrgUnit], scenic: SandboxClient) -> SupplierAccount:
    return SupplierAccount.objects.create(
        code="scenic", name="景区票务分销平台", trade=Trade.SCENIC, adapter=ADAPTER
    )


@pytest.fixture
def adapter(scenic: SandboxClient) -> Distributor:
    return Distributor()


def trip(day: date, *codes: str, slot: str = "", people: int = 1) -> dict[str, Any]:
    """What the distributor calls a visit; the fares are its codes in lower case."""
    return {
        "date": day.isoformat(), "slot": slot, "codes": {code.lower(): code for code in codes},
        "people": {code.lower(): people for code in codes},
    }  # fmt: skip


def price_of(code: str, day: date, slot: str = "") -> Decimal:
    """What a piece costs us there."""
    told = wire.ask("calendar.get", {"productCode": code, "from": str(day), "to": str(day)}).data["days"][0]
    fen = next(
        (one["settlePrice"] for one in told.get("slots", ()) if one["slot"] == slot), told["settlePrice"]
    )
    return D(fen) / 100


@dataclass
class Bought:
    """A ticket order that was bought at the distributor, with the answers of the adapter."""

    order: TicketOrder
    tickets: list[Ticket]
    issued: Issued
    lock_own: str
    issue_own: str

    def fresh(self) -> list[Ticket]:
        return list(Ticket.objects.filter(ticket_order=self.order).order_by("pk"))

    @property
    def code(self) -> str:
        return self.tickets[0].their_number

    def refund(self, adapter: Distributor, *, tickets: list[Ticket] | None = None) -> tuple[str, Any]:
        """A refund that the kernel wrote down and sends: its number and the adapter's answer."""
        chosen = tickets or self.tickets
        request = RefundRequest.objects.create(
            number=next_number(REFUND), key=next_number(REFUND), ticket_order=self.order, cause=RefundCause.PASSENGER,
            unit=self.order.unit, due=D(1), supplier_due=D(1),
        )  # fmt: skip
        for ticket in chosen:
            RefundItem.objects.create(refund=request, ticket=ticket, quantity=ticket.uses)
        call = SupplierCall.objects.create(
            number=next_number(CALL), supplier=self.order.supplier, ticket_order=self.order, refund=request,
            kind=CallKind.REFUND,
        )  # fmt: skip
        ask = RefundAsk(
            own=call.number, their_number=self.order.their_number, product=self.order.product,
            tickets={ticket.number: ticket.their_number for ticket in chosen},
            quantities={ticket.number: ticket.uses for ticket in chosen}, carriers_fault=False, expect=D(1),
        )  # fmt: skip
        return call.number, adapter.refund(ask)


Buy = Callable[..., Bought]


@pytest.fixture
def buy(account: SupplierAccount, adapter: Distributor, org: dict[str, OrgUnit]) -> Buy:
    """Buy pieces of one class there, of a product that was taken over: `buy("FJ01-E", 3, day)`."""

    def do(code: str, count: int, day: date, *, slot: str = "", people: bool = False) -> Bought:
        if not AdmissionProduct.objects.filter(supplier_code=code[:4]).exists():
            take_over(account, spot=code[:4])
        row = TicketClass.objects.select_related("product").get(supplier_code=code)
        cost = price_of(code, day, slot)
        order = TicketOrder.objects.create(
            number=next_number(TICKET_ORDER), request_key=next_number(TICKET_ORDER), trade=Trade.SCENIC,
            state=OrderState.ISSUED, title=row.product.name, key=f"product:{row.product.code}",
            starts_at=midnight(day), ends_at=midnight(day + timedelta(days=row.valid_days)), supplier=account,
            product=visit([row], day, slot), unit=org["CQ"], face=cost * count, total=cost * count,
        )  # fmt: skip
        tickets = [
            Ticket.objects.create(
                number=next_number(TICKET), ticket_order=order, fare=row.code, fare_name=row.name,
                variant=row.variant, face=cost, price=cost + 1, cost=cost, full_fare=cost, uses=row.people,
                valid_from=order.starts_at, valid_until=order.ends_at,
            )
            for _index in range(count)
        ]  # fmt: skip
        units = [
            Unit(ticket.number, ticket.fare, cost, person(index) if people else None, uses=ticket.uses)
            for index, ticket in enumerate(tickets)
        ]
        lock_own, issue_own = next_number(CALL), next_number(CALL)
        locked = adapter.lock(LockAsk(lock_own, order.product, units, 15, CONTACT if people else person(0)))
        SupplierCall.objects.create(
            number=issue_own, supplier=account, ticket_order=order, kind=CallKind.ISSUE,
            their_number=locked.their_number,
        )  # fmt: skip
        issued = adapter.issue(
            IssueAsk(issue_own, locked.their_number, order.product, units, cost * count, CONTACT)
        )
        order.their_number = locked.their_number
        order.save(update_fields=["their_number"])
        for ticket in tickets:
            if ticket.number in issued.tickets:
                ticket.their_number = issued.tickets[ticket.number]
                ticket.save(update_fields=["their_number"])
        if not issued.working:
            Ticket.objects.filter(ticket_order=order).update(state=TicketState.ISSUED)
            tickets = list(Ticket.objects.filter(ticket_order=order).order_by("pk"))
            with transaction.atomic():
                trade_of(Trade.SCENIC).issued(order, tickets)
        return Bought(order, tickets, issued, lock_own, issue_own)

    return do


@pytest.fixture
def knock(scenic: SandboxClient) -> Callable[..., tuple[int, str]]:
    """Bring the newest notice (or another one) to the platform's door, signed as the distributor does."""

    def do(index: int = -1, *, spoil: str = "", body: bytes | None = None) -> tuple[int, str]:
        if body is None:
            told = scenic.call("GET", "/scenic/notices")["notices"][index]
            config = wire.load()
            fields = wire.envelope(config.account, config.secret, told["data"], method=told["kind"])
            if spoil:
                fields["sign"] = spoil
            body = json.dumps(fields).encode()
        answer = Client().post("/hooks/ticketing/distributor", data=body, content_type="application/json")
        return answer.status_code, answer.json()["code"]

    return do
