"""A bus becomes a held ticket order: by the station's rules, at the network that has it for what was agreed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from pytest_django.plugin import DjangoDbBlocker
from saleor.account.models import User

from plugins.ticketing.coach.choices import Channel, Proof
from plugins.ticketing.coach.errors import CoachError
from plugins.ticketing.coach.models import CoachTrip, FareProof, SaleLimit, Station
from plugins.ticketing.coach.services import limits
from plugins.ticketing.coach.services.limits import carried_on
from plugins.ticketing.coach.services.selling import PACE, Ask, hold_seats
from plugins.ticketing.kernel.choices import OrderState
from plugins.ticketing.kernel.errors import TicketError
from plugins.ticketing.kernel.models import Ticket, TicketOrder
from plugins.ticketing.kernel.services.holding import close
from saleor_o2o.kernel.clock import frozen

from ...orgs import small_org
from ...threads import meeting, together
from ...wiping import wipe
from .conftest import World, prepare
from .networks import MORNING, Network

D = Decimal


def code_of(refusal: Any) -> str:
    return str(refusal.value.code.value)


def test_a_family_is_held(world: World) -> None:
    # when two adults, a child of eight and one of four go
    order = world.hold(
        world.rider(), world.rider(), world.rider("20180607", "half"), world.rider("20220607", "free")
    )
    # then at the first network, at its prices: 62 + 62 + 32 + 0
    assert (order.state, order.supplier.code, order.total, order.service) == (
        OrderState.HELD, "a", D("156.00"), D("6.00"),
    )  # fmt: skip
    tickets = list(order.tickets.order_by("pk"))
    assert [(one.fare, one.face, one.service, one.cost) for one in tickets] == [
        ("full", D("60.00"), D("2.00"), D("60.00")), ("full", D("60.00"), D("2.00"), D("60.00")),
        ("half", D("30.00"), D("2.00"), D("30.00")), ("free", D("0.00"), D("0.00"), D("0.00")),
    ]  # fmt: skip
    assert tickets[3].carried_by == tickets[0]
    assert [one.proof for one in FareProof.objects.order_by("pk")] == [Proof.AGE, Proof.AGE]
    assert order.title == "龙头寺汽车站 → 遂宁汽车站 12-01 08:00"
    assert order.key == "coach:CQ-LTS-SC-SN"
    assert order.held_until == MORNING + timedelta(minutes=15)
    rule = tickets[0].refund_rule
    assert rule is not None
    assert rule["name"] == "公路客票退票（重庆，节假日不退）"
    trip = CoachTrip.objects.get()
    assert (trip.ticket_order, trip.goal.code, trip.channel) == (order, "SC-SN", "online")
    # and who else has the bus is noted, should the hold be lost
    assert [one["supplier"] for one in order.candidates] == ["a", "b"]
    # a dearer one only after the payment
    assert [one.get("paid_only", False) for one in order.candidates] == [False, True]


def test_the_same_key_is_the_same_order(world: World) -> None:
    # given
    first = world.hold()
    # when it is asked again, even after the stop of the sale
    with frozen(MORNING + timedelta(minutes=3)):
        again = world.hold(world.rider())
    # then
    assert again == first
    assert world.networks["a"].count("lock") == 1
    with pytest.raises(TicketError) as refusal:
        world.hold(found=world.bus("14:00"))
    assert code_of(refusal) == "KEY_REUSED"


def test_another_network_at_the_price_that_was_agreed(world: World) -> None:
    # given: the first network sold its last seat a moment ago
    world.networks["a"].seats = 0
    # when the buyer agreed to the price that was shown, the dearer network is named, not taken
    with pytest.raises(CoachError) as refusal:
        world.hold()
    assert (code_of(refusal), refusal.value.details["total"]) == ("PRICE_CHANGED", "64.50")
    assert world.networks["b"].count("lock") == 0
    # when he agrees, with a key of its own
    order = world.hold(key="key-00000002", most_total=D("64.50"))
    # then it is sold at that network's fares
    assert (order.state, order.supplier.code, order.total, order.face) == (
        OrderState.HELD, "b", D("64.50"), D("61.50"),
    )  # fmt: skip
    assert order.tickets.get().cost == D("61.50")
    # and the same key again is the same order, though the first network would have it now
    world.networks["a"].seats = 10
    assert world.hold(world.rider(), key="key-00000002", most_total=D("64.50")) == order


def test_nobody_has_it(world: World) -> None:
    # given
    for network in world.networks.values():
        network.seats = 0
    # then
    with pytest.raises(TicketError) as refusal:
        world.hold(most_total=D("100"))
    assert code_of(refusal) == "SOLD_OUT"
    assert set(TicketOrder.objects.values_list("state", flat=True)) == {OrderState.HOLD_FAILED}


def test_a_network_without_enough_seats_is_not_asked(world: World) -> None:
    # given: one seat left at the first, two at the second
    world.networks["a"].left["1"], world.networks["b"].left["1"] = 1, 2
    # when two go
    order = world.hold(world.rider(), world.rider(), most_total=D("200"))
    # then
    assert (order.supplier.code, world.networks["a"].count("lock")) == ("b", 0)
    with pytest.raises(CoachError) as refusal:
        world.hold(world.rider(), world.rider(), world.rider(), key="key-00000002")
    assert code_of(refusal) == "SOLD_OUT"


def test_a_silent_network_keeps_it_waiting(world: World) -> None:
    # given it holds the seat, the answer is lost, and it does not answer the question after it either
    found = world.bus()
    world.networks["a"].will("lock", "lost")
    world.networks["a"].deaf = True
    # when
    order = world.hold(found=found)
    # then nobody else is asked: the job asks what became of it
    assert (order.state, world.networks["b"].count("lock")) == (OrderState.HOLDING, 0)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"opens": "10:00"}, "OUT_OF_HOURS"),
        ({"presale_days": 1, "season_days": 1}, "NOT_IN_PRESALE"),
        ({"half_online": False}, "HALF_NOT_SOLD"),
    ],
)
def test_the_stations_rules(world: World, change: dict[str, Any], code: str) -> None:
    # given
    Station.objects.filter(code="CQ-LTS").update(**change)
    # then
    with pytest.raises(CoachError) as refusal:
        world.hold(world.rider(), world.rider("20180607", "half"))
    assert code_of(refusal) == code
    assert not TicketOrder.objects.exists()


@pytest.mark.parametrize(("seconds", "code"), [(-1, ""), (0, "STOPPED_SALE"), (1, "STOPPED_SALE")])
def test_the_stop_of_the_sale_to_the_second(world: World, seconds: int, code: str) -> None:
    # given: forty minutes before eight
    moment = MORNING.replace(month=12, day=1, hour=7, minute=20) + timedelta(seconds=seconds)
    with frozen(moment):
        found = world.bus()
        if not code:
            order = world.hold(found=found)
            assert order.held_until == moment + timedelta(seconds=1)
            return
        with pytest.raises(CoachError) as refusal:
            world.hold(found=found)
        assert code_of(refusal) == code


def test_what_a_channel_allows(world: World) -> None:
    # given: two orders a day, three tickets each, children on a lap not counted, one cancellation
    SaleLimit.objects.create(channel=Channel.ONLINE, orders_day=2, tickets_order=3, cancels_day=1)
    bus, later = world.bus(), world.bus("14:00")
    with pytest.raises(CoachError) as refusal:
        world.hold(*(world.rider() for _ in range(4)))
    assert code_of(refusal) == "TOO_MANY_TICKETS"
    child = world.rider("20220607", "free")
    first = world.hold(*(world.rider() for _ in range(3)), child, found=bus)
    world.hold(key="key-00000002", found=later)
    # then
    with pytest.raises(CoachError) as refusal:
        world.hold(key="key-00000003", found=later)
    assert code_of(refusal) == "TOO_MANY_ORDERS"
    # when one is given up, another may be made; but he has cancelled once
    close(first.pk, "不去了")
    with pytest.raises(CoachError) as refusal:
        world.hold(key="key-00000004", found=later)
    assert code_of(refusal) == "TOO_MANY_CANCELS"
    # and tomorrow is another day
    with frozen(MORNING + timedelta(hours=15, minutes=1)):
        assert world.hold(key="key-00000005", found=world.bus("14:00")).state == OrderState.HELD


def test_a_guest_counts_by_his_mobile(world: World) -> None:
    # given
    SaleLimit.objects.create(channel=Channel.ONLINE, orders_day=1)
    world.hold(user=None)
    # then
    with pytest.raises(CoachError) as refusal:
        world.hold(key="key-00000002", user=None)
    assert code_of(refusal) == "TOO_MANY_ORDERS"
    assert world.hold(key="key-00000003", user=None, mobile="13900139000").state == OrderState.HELD
    with pytest.raises(CoachError) as refusal:
        world.hold(key="key-00000004", user=None, mobile="")
    assert code_of(refusal) == "INVALID_INPUT"


def test_one_person_is_not_on_two_buses(world: World) -> None:
    # given
    one = world.rider()
    world.hold(one)
    # then the bus of fourteen hours is another time of the day, the same one is not
    with pytest.raises(TicketError) as refusal:
        world.hold(one, key="key-00000002")
    assert code_of(refusal) == "TRIPS_OVERLAP"
    assert world.hold(one, key="key-00000003", found=world.bus("14:00")).state == OrderState.HELD


def test_a_tenth_of_the_seats_for_children_on_a_lap(world: World) -> None:
    # given: forty seats, four children; two parties of two
    found = world.bus()
    for serial in range(2):
        world.hold(
            world.rider(), world.rider(), world.rider("20220607", "free"), world.rider("20220607", "free"),
            key=f"key-0000000{serial}", found=found,
        )  # fmt: skip
    assert carried_on(found.shift_day) == 4
    # then a fifth one does not ride, though the network would take it
    with pytest.raises(CoachError) as refusal:
        world.hold(world.rider(), world.rider("20220607", "free"), key="key-00000003", found=found)
    assert (code_of(refusal), refusal.value.message) == (
        "TOO_MANY_CHILDREN", "这班车的携童名额（座位的 10%）只剩 0 个",
    )  # fmt: skip
    # when the first party is over its time, its children have left
    with frozen(MORNING + timedelta(minutes=16)):
        assert carried_on(found.shift_day) == 0


def test_who_asks_too_often(world: World) -> None:
    # given
    found = world.bus()
    ask = Ask(found.shift_day.pk, found.goal.pk, (), "", "13800138000", "key-00000001")
    for _ in range(PACE):
        with pytest.raises(CoachError):
            hold_seats(ask, asker="net:1")
    # then
    with pytest.raises(CoachError) as refusal:
        hold_seats(ask, asker="net:1")
    assert code_of(refusal) == "TOO_OFTEN"


# --- races: real connections, commits wiped afterwards


@pytest.fixture
def crowd(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, networks: dict[str, Network]
) -> Iterator[World]:
    with django_db_blocker.unblock():
        wipe()
        cache.clear()
        with frozen(MORNING):
            org = small_org()
            prepare()
            yield World(org, networks, User.objects.create_user("buyer@example.com", "password"))
        wipe()


def race(world: World, parties: int) -> tuple[int, list[str]]:
    """So many parties of an adult and a child on a lap at the same moment; who got it, and the others' refusals."""
    found = world.bus()
    asks = [
        Ask(
            found.shift_day.pk, found.goal.pk, (world.rider(), world.rider("20220607", "free")), "测试联系人",
            f"1380013{party:04d}", f"key-0000{party:04d}",
        )
        for party in range(parties)
    ]  # fmt: skip

    def buy(ask: Ask) -> Callable[[], str]:
        def do() -> str:
            with frozen(MORNING):
                return hold_seats(ask).state

        return do

    told = together(*(buy(ask) for ask in asks))
    refused = [
        str(getattr(getattr(one, "code", None), "value", one)) for one in told if one != OrderState.HELD
    ]
    return Ticket.objects.filter(fare="free", state="held").count(), refused


def test_ten_families_for_four_children(crowd: World) -> None:
    # when
    held, refused = race(crowd, 10)
    # then
    assert (held, refused) == (4, ["TOO_MANY_CHILDREN"] * 6)


def test_without_the_lock_there_would_be_more(crowd: World, monkeypatch: pytest.MonkeyPatch) -> None:
    # given: everybody has counted before anybody commits
    meet = meeting(6)
    count = limits.carried_on

    def unlocked(pk: int) -> Any:
        return limits.ShiftDay.objects.get(pk=pk)

    def counted(day: Any, *, but: int = 0) -> int:
        found = count(day, but=but)
        meet()
        return found

    monkeypatch.setattr(limits, "lock_day", unlocked)
    monkeypatch.setattr(limits, "carried_on", counted)
    # then
    assert race(crowd, 6)[0] > 4
