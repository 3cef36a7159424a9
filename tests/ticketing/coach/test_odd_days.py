"""What happens rarely: buses that come back, nights, networks that say nonsense, what people took back, odd typing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from saleor.account.models import User

from plugins.ticketing.coach.access import CHECK, STATION_EDIT, STATION_VIEW, VIEW
from plugins.ticketing.coach.choices import BlockState, GateAnswer, ShiftState
from plugins.ticketing.coach.errors import CoachError
from plugins.ticketing.coach.fares import Rider, seats_of
from plugins.ticketing.coach.models import SeatBlock, ShiftDay, ShiftOffer, Station, SupplierStation
from plugins.ticketing.coach.ports import CANCELLED, TheirStation
from plugins.ticketing.coach.selectors.places import those_named
from plugins.ticketing.coach.selectors.shifts import found_of
from plugins.ticketing.coach.services import keeping
from plugins.ticketing.coach.services.cancelling import cancel_day, is_cancelled
from plugins.ticketing.coach.services.gate import check_in
from plugins.ticketing.coach.services.keeping import refresh_days
from plugins.ticketing.coach.services.mapping import match, unmatch
from plugins.ticketing.coach.services.missing import has_missed
from plugins.ticketing.coach.services.moving import follow_bus
from plugins.ticketing.coach.services.refreshing import freshen
from plugins.ticketing.coach.services.searching import buses
from plugins.ticketing.coach.services.seats import settle_blocks
from plugins.ticketing.coach.services.syncing import sync_networks
from plugins.ticketing.coach.suppliers import fangbian, province
from plugins.ticketing.coach.suppliers.boarding import note_checked, note_collected
from plugins.ticketing.coach.suppliers.told import Untrue
from plugins.ticketing.kernel.choices import TicketState
from plugins.ticketing.kernel.errors import TicketError
from plugins.ticketing.kernel.models import SupplierAccount, Ticket, TicketOrder
from plugins.ticketing.kernel.ports import SOLD_OUT, UNREACHABLE, SupplierRefused, SupplierSilent
from saleor_o2o.kernel.clock import frozen, now
from saleor_o2o.kernel.locks import LockTimeout

from ...orgs import again, person
from .conftest import World
from .networks import DAY, MORNING
from .test_papers import issue

#: Midnight between the day of travel and the next.
MIDNIGHT = MORNING.replace(month=12, day=2, hour=0)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Text messages: what was told, and when the bus leaves."""
    sent: list[tuple[str, str]] = []
    monkeypatch.setattr(
        "plugins.ticketing.kernel.telling.send_text",
        lambda mobile, text, words: sent.append((text, words.get("leaves", ""))),
    )
    return sent


@pytest.fixture
def order(world: World) -> TicketOrder:
    """One adult on the bus at eight, issued by the network that is asked first."""
    made = world.hold()
    issue(made)
    TicketOrder.objects.filter(pk=made.pk).update(state="issued")
    return TicketOrder.objects.get(pk=made.pk)


@pytest.fixture
def guard(world: World) -> User:
    return again(person(world.org["B111"], "guard", [VIEW, CHECK]))


@pytest.fixture
def keeper(world: World) -> User:
    return again(person(world.org["CQ"], "keeper", [STATION_VIEW, STATION_EDIT]))


def asked_again(world: World) -> None:
    """The networks are asked for the buses from 龙头寺, whatever is known."""
    freshen([world.station("CQ-LTS")], DAY, age=timedelta(0))


def leaves(world: World, clock: str) -> None:
    network = world.networks["a"]
    network.buses = (replace(network.buses[0], leaves=clock), *network.buses[1:])


# --- buses that move, do not go, and come back


def test_each_new_time_is_told_the_old_one_too(
    order: TicketOrder, world: World, told: list[tuple[str, str]]
) -> None:
    # given: later, at its time after all, later again
    day = order.coach_trip.shift_day_id
    for clock in ("08:45", "08:00", "08:45"):
        leaves(world, clock)
        asked_again(world)
        # when it says so twice
        for _ in range(2):
            follow_bus(day, "test-coach-a", "A-1")
        assert (
            TicketOrder.objects.get(pk=order.pk).starts_at.astimezone(MORNING.tzinfo).strftime("%H:%M")
            == clock
        )
    # then
    assert told == [("coach_moved", f"12-01 {clock}") for clock in ("08:45", "08:00", "08:45")]


def test_a_bus_that_moved_without_a_word_is_noticed(
    order: TicketOrder, world: World, told: list[tuple[str, str]]
) -> None:
    # given: the network's notice was lost
    leaves(world, "07:10")
    # when
    with frozen(MORNING + timedelta(minutes=30)):
        refresh_days()
        refresh_days()
    # then
    assert told == [("coach_moved", "12-01 07:10")]
    assert (
        TicketOrder.objects.get(pk=order.pk).starts_at.astimezone(MORNING.tzinfo).strftime("%H:%M") == "07:10"
    )


def test_a_bus_that_goes_after_all_takes_its_passengers(
    order: TicketOrder, world: World, guard: User, told: list[tuple[str, str]]
) -> None:
    # given a bus that both networks have cancelled
    for network in world.networks.values():
        network.states["1"] = CANCELLED
    asked_again(world)
    day = order.coach_trip.shift_day_id
    assert ShiftDay.objects.get(pk=day).state == ShiftState.CANCELLED
    # when one of them sells it again, the other not yet
    world.networks["a"].states.clear()
    asked_again(world)
    assert ShiftDay.objects.get(pk=day).state == ShiftState.CANCELLED
    # when both do
    world.networks["b"].states.clear()
    asked_again(world)
    asked_again(world)
    # then it goes, its passengers know, and are let in
    assert ShiftDay.objects.get(pk=day).state == ShiftState.RUNNING
    assert [one for one, _leaves in told] == ["coach_cancelled", "coach_resumed"]
    with frozen(MORNING.replace(month=12, day=1, hour=7, minute=30)):
        answer = check_in(guard, world.station("CQ-LTS"), order.tickets.get().number).answer
    assert answer == GateAnswer.PASSED


def test_a_network_that_knows_less_brings_no_bus_back(order: TicketOrder, world: World) -> None:
    # given a notice that it does not go, while both still sell it
    day = order.coach_trip.shift_day_id
    cancel_day(day)
    # when
    asked_again(world)
    # then
    assert ShiftDay.objects.get(pk=day).state == ShiftState.CANCELLED


def test_networks_that_disagree_do_not_close_the_gate(
    order: TicketOrder, world: World, guard: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: by its network the bus goes later, by the other one at its time
    monkeypatch.setattr(world.networks["a"], "reroutes_missed", True, raising=False)
    leaves(world, "08:45")
    asked_again(world)
    follow_bus(order.coach_trip.shift_day_id, "test-coach-a", "A-1")
    asked_again(world)
    # then who was told goes by what he was told
    with frozen(MORNING.replace(month=12, day=1, hour=8, minute=40)):
        assert not has_missed(TicketOrder.objects.get(pk=order.pk))
        answer = check_in(guard, world.station("CQ-LTS"), order.tickets.get().number).answer
    assert answer == GateAnswer.PASSED


# --- nights


@pytest.mark.parametrize(
    ("moment", "answer"),
    [
        (MIDNIGHT + timedelta(minutes=10), "passed"),
        (MIDNIGHT + timedelta(minutes=30), "passed"),
        (MIDNIGHT + timedelta(minutes=31), "other_day"),
        (MIDNIGHT - timedelta(days=1, minutes=1), "other_day"),
    ],
)
def test_the_last_bus_of_a_flow_after_midnight(
    world: World, guard: User, moment: datetime, answer: str
) -> None:
    # given a flow whose last bus leaves at half past midnight
    [ticket] = issue(world.hold(found=world.bus("06:30", "CQ-FL")))
    order = ticket.ticket_order
    order.place = {**order.place, "last": (MIDNIGHT + timedelta(minutes=30)).isoformat()}
    order.save(update_fields=["place"])
    # then
    with frozen(moment):
        assert check_in(guard, world.station("CQ-BZN"), ticket.number).answer == answer


@pytest.mark.parametrize(
    ("moment", "answer"),
    [
        (MIDNIGHT - timedelta(days=1, minutes=41), "other_day"),
        (MIDNIGHT - timedelta(days=1, minutes=40), "passed"),
        (MIDNIGHT - timedelta(days=1) + timedelta(minutes=20), "passed"),
        (MIDNIGHT - timedelta(days=1) + timedelta(minutes=21), "departed"),
    ],
)
def test_a_bus_soon_after_midnight_is_boarded_before_it(
    world: World, guard: User, moment: datetime, answer: str
) -> None:
    # given: it leaves at twenty past midnight, the gate opens an hour before
    leaves(world, "00:20")
    [ticket] = issue(world.hold(found=world.bus("00:20")))
    # then
    with frozen(moment):
        assert check_in(guard, world.station("CQ-LTS"), ticket.number).answer == answer


# --- networks that say nonsense, or nothing


def test_nonsense_of_one_network_does_not_hide_the_other(world: World) -> None:
    # given
    world.networks["a"].left["1"] = -1
    # when
    found = buses("asker", "龙头寺", "遂宁", DAY).found
    # then the other one sells both buses
    assert [[option.supplier.code for option in one.options] for one in found] == [["b"], ["b"]]


def test_less_than_nothing_is_no_price(world: World) -> None:
    # given
    world.networks["a"].dearer = "-100"
    # then the other network sells it
    found = buses("asker", "龙头寺", "遂宁", DAY).found
    assert [[option.supplier.code for option in one.options] for one in found] == [["b"], ["b"]]
    assert world.hold(found=found[0]).supplier.code == "b"


def test_nonsense_of_one_network_does_not_stop_the_night(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a code that is longer than any
    monkeypatch.setattr(
        world.networks["a"], "stations", lambda: [TheirStation("X" * 40, "某站", boards=False)]
    )
    # then
    assert sync_networks() == 5


def test_a_code_that_a_network_gave_up_does_not_hide_its_station(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: the network calls its stations by other codes now, and refuses the former ones
    network = world.networks["a"]
    network.code = "N"
    asked = network.shifts

    def shifts(station: str, goal: str, day: Any) -> Any:
        if not station.startswith("N"):
            raise SupplierRefused("OTHER", "没有这个站")
        return asked(station, goal, day)

    monkeypatch.setattr(network, "shifts", shifts)
    # when the night has come
    sync_networks()
    # then both networks sell its buses
    found = buses("asker", "龙头寺", "遂宁", DAY).found
    assert [[option.supplier.code for option in one.options] for one in found] == [["a", "b"], ["a", "b"]]
    # and a network that names no station for once loses none
    monkeypatch.setattr(network, "stations", lambda: [])
    sync_networks()
    assert SupplierStation.objects.filter(supplier__code="a", boards=True).count() == 2


def test_one_station_that_is_busy_does_not_stop_the_others(
    world: World, order: TicketOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given somebody on a bus of another station
    second = world.hold(found=world.bus("06:30", "CQ-FL"), key="key-00000002")
    TicketOrder.objects.filter(pk=second.pk).update(state="issued")
    first = min(order.coach_trip.start_id, second.coach_trip.start_id)
    asked: list[int] = []

    def ask(stations: Any, _day: Any, **_told: Any) -> int:
        if stations[0].pk == first:
            raise LockTimeout
        asked.append(stations[0].pk)
        return 1

    monkeypatch.setattr(keeping, "freshen", ask)
    # when
    assert refresh_days() == 1
    # then
    assert asked == [max(order.coach_trip.start_id, second.coach_trip.start_id)]


def test_seats_at_a_silent_network_do_not_keep_the_others_waiting(
    world: World, keeper: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: sixty blocks that a network does not answer, then one of the other network
    day = world.bus().shift_day
    networks = {one.code: one for one in SupplierAccount.objects.filter(code__in="ab")}
    asked: list[str] = []

    def deaf(number: str) -> None:
        asked.append(number)
        world.networks["a"]._asked()

    world.networks["a"].quiet = True
    for code, answer in (("a", deaf), ("b", lambda number: None)):
        monkeypatch.setattr(world.networks[code], "let_go", answer, raising=False)
        monkeypatch.setattr(world.networks[code], "keep_seats", lambda *_told: None, raising=False)
    blocks = [
        SeatBlock(
            number=f"LZ{place:04d}", shift_day=day, supplier=networks["b" if place == 60 else "a"], seats=["1"],
            reason="工作票", state=BlockState.ENDING, unit=world.org["B111"], made_by=keeper,
            made_at=now() - timedelta(minutes=5),
        )
        for place in range(61)
    ]  # fmt: skip
    SeatBlock.objects.bulk_create(blocks)
    # when
    assert settle_blocks() == 1
    # then the silent one was not waited for sixty times
    assert SeatBlock.objects.get(number="LZ0060").state == BlockState.ENDED
    assert len(asked) == 1


@pytest.mark.parametrize(
    "read",
    [
        lambda: province.notice_of(b'{"event": "ORDER_ISSUED", "eventId": "1", "data": []}'),
        lambda: fangbian.notice_of(b"method=fb.notify.ticket&notify_id=1&biz=%5B%5D"),
        lambda: fangbian.notice_of(b"method=fb.notify.ticket&notify_id=1&biz=%22x%22"),
    ],
)
def test_a_notice_of_another_shape_is_none(read: Callable[[], Any]) -> None:
    with pytest.raises(Untrue) as untrue:
        read()
    assert untrue.value.status == 400


def test_a_notice_that_names_no_ticket_is_about_none(world: World) -> None:
    # given a ticket without a number of the network's
    [ticket] = issue(world.hold())
    assert ticket.their_number == ""
    # then
    assert (note_checked("test-coach-a", ""), note_collected("test-coach-a", "", now())) == (False, False)
    assert Ticket.objects.get(pk=ticket.pk).state == TicketState.ISSUED


# --- what people took back, and typed


def test_what_a_person_took_back_no_night_matches_again(world: World, keeper: User) -> None:
    # given a place that is not what its name says
    bus = world.bus("06:30", "CQ-FL")
    assert [one.supplier.code for one in bus.options] == ["a", "b"]
    row = SupplierStation.objects.get(supplier__code="b", name="重庆涪陵")
    # when
    unmatch(keeper, row.pk, "不是涪陵")
    # then nobody is sold a ticket to there any more
    found = found_of(bus.shift_day.pk, bus.goal.pk)
    assert found is not None and [one.supplier.code for one in found.options] == ["a"]
    assert not ShiftOffer.objects.filter(supplier__code="b", station=bus.goal).exists()
    # when the night comes
    sync_networks()
    # then
    assert SupplierStation.objects.get(pk=row.pk).station is None
    # but a person may
    assert match(keeper, row.pk, world.station("CQ-FL")).station == world.station("CQ-FL")


def test_where_one_got_on_that_was_taken_back(world: World, keeper: User) -> None:
    # given
    bus = world.bus()
    row = SupplierStation.objects.get(supplier__code="a", station__code="CQ-LTS")
    # when
    unmatch(keeper, row.pk, "不是龙头寺")
    # then
    found = found_of(bus.shift_day.pk, bus.goal.pk)
    assert found is not None and [one.supplier.code for one in found.options] == ["b"]


def test_a_town_sells_as_long_as_one_of_its_stations(world: World) -> None:
    # given: one station sells ten days, the others two
    Station.objects.update(presale_days=2, season_days=2)
    Station.objects.filter(code="CQ-LTS").update(presale_days=10, season_days=10)
    assert those_named("重庆", boards=True)[0].code != "CQ-LTS"
    # then
    found = buses("asker", "重庆", "遂宁", DAY + timedelta(days=5)).found
    assert [one.start.code for one in found] == ["CQ-LTS", "CQ-LTS"]
    with pytest.raises(CoachError) as refusal:
        buses("asker", "重庆", "遂宁", DAY + timedelta(days=9))
    assert "2026-12-09" in refusal.value.in_words


@pytest.mark.parametrize(
    ("code", "off"),
    [("CQ-LTS", {"active": False}), ("CQ-LTS", {"boards": False}), ("SC-SN", {"active": False})],
)
def test_a_station_that_was_switched_off_sells_nothing(world: World, code: str, off: dict[str, bool]) -> None:
    # given a page that was opened before
    bus = world.bus()
    Station.objects.filter(code=code).update(**off)
    # then
    with pytest.raises(CoachError) as refusal:
        world.hold(found=bus)
    assert refusal.value.code.value == "NOT_FOUND"


@pytest.mark.parametrize("most", ["NaN", "sNaN", "-NaN"])
def test_what_is_no_amount_is_refused(world: World, most: str) -> None:
    with pytest.raises(CoachError) as refusal:
        world.hold(most_total=Decimal(most))
    assert (refusal.value.code.value, refusal.value.field) == ("INVALID_INPUT", "mostTotal")


def test_a_childs_name_is_one_too(world: World) -> None:
    # given a child that goes by its mother's document
    def party(name: str) -> list[Rider]:
        return [world.rider(), Rider(name, "id_card", "", fare="free", birth=datetime(2023, 6, 7).date())]

    # then what is not seen is left out, what is no name refused at its place
    seats = seats_of(party("小\0\u202e明"), DAY, {"full", "free"}, "online")
    assert seats[1].passenger.name == "小明"
    with pytest.raises(TicketError) as refusal:
        seats_of(party("<b>小明</b>"), DAY, {"full", "free"}, "online")
    assert refusal.value.field == "passengers.1.name"


def test_a_bus_that_moved_and_then_does_not_go(
    order: TicketOrder, world: World, told: list[tuple[str, str]]
) -> None:
    # given: it goes later, which is told; both notices of the network are lost
    leaves(world, "08:45")
    with frozen(MORNING + timedelta(minutes=30)):
        refresh_days()
    # when it does not go after all
    world.networks["a"].states["1"] = CANCELLED
    with frozen(MORNING + timedelta(hours=1)):
        refresh_days()
        refresh_days()
    # then
    assert [one for one, _leaves in told] == ["coach_moved", "coach_cancelled"]
    assert is_cancelled(TicketOrder.objects.get(pk=order.pk))


@pytest.mark.parametrize(
    ("answers", "states", "freed"),
    [
        (["TIMEOUT", UNREACHABLE, ""], ["asked", "asked", "kept"], 0),
        (["TIMEOUT", "OTHER"], ["asked", "refused"], 1),
        (["TIMEOUT", SOLD_OUT], ["asked", "refused"], 0),
    ],
)
def test_seats_that_were_kept_without_a_word_are_not_forgotten(
    world: World,
    keeper: User,
    monkeypatch: pytest.MonkeyPatch,
    answers: list[str],
    states: list[str],
    freed: int,
) -> None:
    # given a network that keeps seats, and whose answer is lost
    network, gone, down = world.networks["a"], [], [False]

    def keep_seats(*_told: Any) -> None:
        answer = answers.pop(0)
        down[0] = answer == UNREACHABLE
        if answer == "TIMEOUT":
            raise SupplierSilent(answer)
        if answer:
            raise SupplierRefused(answer, "不行")

    def free(number: str) -> None:
        if down[0]:
            raise SupplierRefused(UNREACHABLE, "连不上")
        gone.append(number)

    monkeypatch.setattr(network, "keep_seats", keep_seats, raising=False)
    monkeypatch.setattr(network, "let_go", free, raising=False)
    block = SeatBlock.objects.create(
        number="LZ0001", shift_day=world.bus().shift_day, supplier=SupplierAccount.objects.get(code="a"), seats=["1"],
        reason="工作票", unit=world.org["B111"], made_by=keeper, made_at=now() - timedelta(minutes=5),
    )  # fmt: skip
    # when
    found = []
    while answers:
        settle_blocks()
        found.append(SeatBlock.objects.get(pk=block.pk).state)
    # then
    assert (found, len(gone)) == (states, freed)
