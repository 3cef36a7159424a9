"""The seeded stations against both pretended networks over HTTP: taken over, searched, held, failed over, issued."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from saleor.account.models import User

from plugins.org_hierarchy.models import OrgUnit
from plugins.ticketing.coach.errors import CoachError
from plugins.ticketing.coach.fares import Rider
from plugins.ticketing.coach.models import Line, Shift, Station, SupplierLine, SupplierStation
from plugins.ticketing.coach.seeds import station_rows, told
from plugins.ticketing.coach.selectors.places import goals, seasons, serving, those_named
from plugins.ticketing.coach.selectors.shifts import Found, search
from plugins.ticketing.coach.services.refreshing import freshen
from plugins.ticketing.coach.services.selling import Ask, hold_seats
from plugins.ticketing.coach.services.syncing import sync_networks
from plugins.ticketing.kernel import seeds as kernel_seeds
from plugins.ticketing.kernel.choices import OrderState
from plugins.ticketing.kernel.models import SupplierAccount
from saleor_o2o.kernel.clock import now, today
from saleor_o2o.kernel.documents import id_check
from sandbox.client import SandboxClient

from .sandboxes import A, B, coach_address, coach_folder, control

__all__ = ["coach_address", "coach_folder", "control"]


@pytest.fixture
def city(db: None, org: dict[str, OrgUnit], control: SandboxClient) -> Iterator[SandboxClient]:
    """The seeded stations and networks, taken over."""
    take_over()
    yield control


def take_over() -> None:
    """Stations, rules and accounts as seeded, synchronised with the networks."""
    cache.clear()
    Station.objects.bulk_create(station_rows([]))
    for template in kernel_seeds.TEMPLATES:
        kernel_seeds._written(template)
    for code, name, adapter, priority, minutes in told()["networks"]:
        SupplierAccount.objects.create(
            code=code, name=name, trade="coach", adapter=adapter, priority=priority, hold_minutes=minutes
        )
    sync_networks()


def buses(start: str, goal: str) -> list[Found]:
    """Fixed buses of the day after tomorrow."""
    day = today() + timedelta(days=2)
    beginnings = those_named(start, boards=True)
    ends = goals(beginnings, goal)
    freshen(serving(beginnings, ends), day)
    return [one for one in search(beginnings, ends, day, seasons()) if not one.shift_day.shift.flow]


def rider(serial: int, born: str = "19900307", fare: str = "full") -> Rider:
    seventeen = f"500199{born}{serial:03d}"
    return Rider("测试乘客", "id_card", seventeen + id_check(seventeen), fare=fare)


def hold(bus: Found, *riders: Rider, key: str = "key-00000001", most: Decimal | None = None) -> Any:
    user, _new = User.objects.get_or_create(email="buyer@example.com")
    ask = Ask(bus.shift_day.pk, bus.goal.pk, riders, "联系人", "13800138000", key, most_total=most)
    return hold_seats(ask, user=user)


def test_nearly_everything_is_matched_by_name(city: SandboxClient) -> None:
    # then: one place was left for a person on purpose
    unknown = set(SupplierStation.objects.filter(station=None).values_list("name", flat=True))
    assert unknown <= {"重庆彭水"}, unknown
    assert SupplierStation.objects.count() > 70
    both = [one for one in Line.objects.all() if one.called.values("supplier").distinct().count() == 2]
    assert len(both) >= 20
    assert SupplierLine.objects.filter(line=None).count() <= 3


def test_one_bus_of_both_networks_once(city: SandboxClient) -> None:
    # when
    found = buses("龙头寺", "sn")
    # then every bus is shown once, by both networks where both sell it
    moments = [one.shift_day.departs for one in found]
    assert moments == sorted(set(moments))
    assert all([option.supplier.adapter for option in one.options] == [A, B] for one in found)
    assert Shift.objects.filter(line__code="CQ-LTS-SC-SN", flow=False).count() == len(found)
    assert found[0].first.price("full") == Decimal("63.50")


def test_held_and_failed_over(city: SandboxClient) -> None:
    # given
    found = buses("龙头寺", "sn")
    # when an adult and a pupil go
    order = hold(found[0], rider(101), rider(102, "20180607", "half"))
    # then the network has given seats
    assert (order.state, order.supplier.adapter) == (OrderState.HELD, A)
    assert [one.seat for one in order.tickets.order_by("pk")] == ["3", "4"]
    assert order.held_until <= now() + timedelta(minutes=15)
    # when it has sold the last seat of another one
    city.fault("lock", "sold_out", system=A)
    with pytest.raises(CoachError) as refusal:
        hold(found[1], rider(103), key="key-00000002")
    total = Decimal(refusal.value.details["total"])
    assert total > found[1].first.price("full")  # type: ignore[operator]
    city.fault("lock", "sold_out", system=A)
    other = hold(found[1], rider(103), key="key-00000003", most=total)
    # then
    assert (other.state, other.supplier.adapter, other.total) == (OrderState.HELD, B, total)


def test_a_network_that_is_down_is_left_out(city: SandboxClient) -> None:
    # given
    city.fault("*", "down", times=None, system=A)
    # then the other one's buses are shown and sold
    found = buses("龙头寺", "sn")
    assert [option.supplier.adapter for option in found[0].options] == [B]
    assert hold(found[0], rider(104)).supplier.adapter == B


def test_a_tenth_of_the_seats_at_the_network_too(city: SandboxClient) -> None:
    # given
    bus = buses("陈家坪", "dz")[0]
    assert "free" in bus.first.faces
    # then an adult takes a child along, for nothing
    order = hold(bus, rider(105), rider(106, "20220607", "free"))
    assert (order.state, order.tickets.get(fare="free").price) == (OrderState.HELD, Decimal("0.00"))
