"""Stations of the seeded city, fee rules, two networks, a buyer, at nine in the morning of the day before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from django.core.cache import cache
from saleor.account.models import User

from plugins.org_hierarchy.models import OrgUnit
from plugins.ticketing import kernel
from plugins.ticketing.coach import ports
from plugins.ticketing.coach.fares import Rider
from plugins.ticketing.coach.models import Season, ShiftDay, Station
from plugins.ticketing.coach.seeds import station_rows
from plugins.ticketing.coach.selectors.shifts import Found, found_of
from plugins.ticketing.coach.services.refreshing import freshen
from plugins.ticketing.coach.services.selling import Ask, hold_seats
from plugins.ticketing.coach.services.syncing import sync_networks
from plugins.ticketing.kernel import ports as kernel_ports
from plugins.ticketing.kernel import seeds as kernel_seeds
from plugins.ticketing.kernel.models import SupplierAccount, TicketOrder
from saleor_o2o.kernel.clock import frozen
from saleor_o2o.kernel.documents import id_check

from .networks import DAY, MORNING, NAMES, OTHERS, Network

__all__ = ["kernel"]


@pytest.fixture
def morning() -> Iterator[datetime]:
    with frozen(MORNING) as moment:
        yield moment


@pytest.fixture
def networks(monkeypatch: pytest.MonkeyPatch) -> dict[str, Network]:
    """`a` is asked first; `b` has the same buses, 1.50 yuan dearer in fares and one more in its charge."""
    made = {
        "a": Network(prefix="A", code="A", names=NAMES),
        "b": Network(prefix="B", code="B", names=OTHERS, dearer="1.50", charge="3.00", most=3),
    }
    for code, network in made.items():
        monkeypatch.setitem(kernel_ports._adapters, f"test-coach-{code}", network)
        monkeypatch.setitem(ports._sources, f"test-coach-{code}", network)
    return made


@pytest.fixture
def buyer(db: None) -> User:
    return User.objects.create_user("buyer@example.com", "password")


class World:
    """What tests act with."""

    def __init__(self, org: dict[str, OrgUnit], networks: dict[str, Network], buyer: User) -> None:
        self.org, self.networks, self.buyer = org, networks, buyer
        self.serial = 0

    def station(self, code: str) -> Station:
        return Station.objects.get(code=code)

    def bus(self, leaves: str = "08:00", goal: str = "SC-SN", day: Any = DAY) -> Found:
        """A bus of the day, asked for anew."""
        freshen(list(Station.objects.filter(lines__isnull=False).distinct()), day)
        row = ShiftDay.objects.get(day=day, shift__departs=leaves)
        found = found_of(row.pk, self.station(goal).pk)
        assert found is not None
        return found

    def rider(self, born: str = "19900307", fare: str = "full", **told: Any) -> Rider:
        """Somebody who does not exist, born on a day."""
        self.serial += 1
        seventeen = f"500103{born}{self.serial:03d}"
        return Rider("测试乘客", "id_card", seventeen + id_check(seventeen), fare=fare, **told)

    def hold(
        self, *riders: Rider, key: str = "key-00000001", found: Found | None = None, **told: Any
    ) -> TicketOrder:
        """Hold a bus for the buyer; one adult unless said otherwise."""
        bus = found or self.bus()
        user = told.pop("user", self.buyer)
        made_by, unit = told.pop("made_by", None), told.pop("unit", None)
        ask = Ask(
            shift_day=bus.shift_day.pk, goal=bus.goal.pk, riders=riders or (self.rider(),), contact="测试联系人",
            mobile=told.pop("mobile", "13800138000"), key=key, **told,
        )  # fmt: skip
        return hold_seats(ask, user=user, made_by=made_by, unit=unit)


def prepare() -> None:
    """Stations, rules and the networks' accounts, synchronised."""
    Station.objects.bulk_create(station_rows([]))
    Season.objects.create(name="元旦", first="2026-12-31", last="2027-01-03")
    for template in kernel_seeds.TEMPLATES:
        kernel_seeds._written(template)
    for position, code in enumerate("ab"):
        SupplierAccount.objects.create(
            code=code, name=f"客票网{code}", trade="coach", adapter=f"test-coach-{code}", priority=position
        )
    sync_networks()
    cache.clear()


@pytest.fixture
def world(
    db: None, org: dict[str, OrgUnit], networks: dict[str, Network], buyer: User, morning: datetime
) -> World:
    prepare()
    return World(org, networks, buyer)


@pytest.fixture
def code_of() -> Callable[[Any], str]:
    return lambda refusal: str(refusal.value.code.value)
