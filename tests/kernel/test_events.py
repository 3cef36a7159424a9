from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from threading import Event as Flag

import pytest
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from saleor_o2o.kernel import clock, events, request
from saleor_o2o.kernel.errors import DomainError, KernelErrorCode
from saleor_o2o.kernel.events import (
    Event,
    capture_events,
    deliver_event,
    deliver_pending,
    publish,
    publish_all,
    publishing,
    receives,
    replay,
    use_plugin_gate,
)
from saleor_o2o.kernel.events.base import UnreadableEvent
from saleor_o2o.kernel.events.delivery import MAX_ATTEMPTS, NotReplayable, pause_after
from saleor_o2o.kernel.models import EventDelivery, EventRecord
from tests.threads import together

from .models import Box

pytestmark = pytest.mark.usefixtures("receivers")
Status = EventDelivery.Status


class BoxPacked(Event):
    name = "kernel_tests.box_packed"

    box_id: int
    price: Decimal
    packed_at: datetime
    day: date | None = None
    tags: tuple[str, ...] = ()
    fragile: bool = False


class Renamed(Event):
    name = "kernel_tests.renamed"
    version = 2

    title: str

    @classmethod
    def upgrade(cls, payload: dict, version: int) -> dict:
        return {"title": payload["label"]}


MOMENT = datetime(2025, 11, 22, 9, 0, tzinfo=clock.SHANGHAI)


def packed(**changes: object) -> BoxPacked:
    return BoxPacked(**{"box_id": 1, "price": Decimal("12.30"), "packed_at": MOMENT, **changes})


def publish_now(event: Event) -> EventRecord:
    """Publish and commit."""
    with transaction.atomic():
        return publish(event)


def states() -> list[tuple[str, str, int, str]]:
    return [
        (d.receiver, d.status, d.attempts, d.last_error) for d in EventDelivery.objects.order_by("position")
    ]


def later(**delta: float) -> object:
    return clock.frozen(clock.now() + timedelta(**delta))


# -- the event and its payload -----------------------------------------------------------


@given(
    st.builds(
        BoxPacked,
        box_id=st.integers(),
        price=st.decimals(allow_nan=False, allow_infinity=False),
        # Shanghai's last summer time ended in 1991: a moment inside such a change equals no other zone's
        packed_at=st.datetimes(min_value=datetime(1992, 1, 1), timezones=st.just(clock.SHANGHAI)),
        day=st.none() | st.dates(),
        tags=st.lists(st.text()).map(tuple),
        fragile=st.booleans(),
    )
)
def test_payloads_survive_the_way_through_json(event: BoxPacked) -> None:
    import json

    assert BoxPacked.from_payload(json.loads(json.dumps(event.payload())), 1) == event


def test_the_payload_is_plain_for_other_readers() -> None:
    assert packed(day=date(2025, 1, 2), tags=("甲",)).payload() == {
        "box_id": 1,
        "price": "12.30",
        "packed_at": "2025-11-22T09:00:00+08:00",
        "day": "2025-01-02",
        "tags": ["甲"],
        "fragile": False,
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"price": 1.5},
        {"price": Decimal("NaN")},
        {"box_id": True},
        {"box_id": "1"},
        {"packed_at": datetime(2025, 1, 1)},
        {"day": MOMENT},
        {"tags": ["list"]},
        {"tags": (1,)},
        {"fragile": None},
    ],
)
def test_values_that_do_not_fit_are_refused(changes: dict) -> None:
    with pytest.raises(TypeError, match=r"kernel_tests\.box_packed"):
        packed(**changes).payload()


def test_events_are_frozen_and_named_once() -> None:
    with pytest.raises(AttributeError):
        packed().box_id = 2
    with pytest.raises(TypeError, match="already"):
        type("Again", (Event,), {"name": "kernel_tests.box_packed"})
    with pytest.raises(TypeError, match="dotted"):
        type("Nameless", (Event,), {})

    class Floating(Event):
        name = "kernel_tests.floating"
        weight: float

    with pytest.raises(TypeError, match="cannot carry"):
        Floating(weight=1.0).payload()


def test_a_decorated_event_is_the_same_and_a_mutable_one_is_refused() -> None:
    @dataclass(frozen=True)
    class Decorated(Event):
        name = "kernel_tests.decorated"
        box_id: int

    assert Decorated(1) == Decorated(box_id=1)
    assert Decorated(box_id=1).payload() == {"box_id": 1}

    @dataclass
    class Mutable(Event):
        name = "kernel_tests.mutable"
        box_id: int

    with pytest.raises(TypeError, match="frozen"):
        Mutable(box_id=1)


def test_old_payloads_are_upgraded_and_nonsense_is_told() -> None:
    assert Renamed.from_payload({"label": "x"}, 1) == Renamed(title="x")
    assert BoxPacked.from_payload({**packed().payload(), "new": 1}, 1) == packed()
    for bad in ({}, {**packed().payload(), "price": "much"}, {**packed().payload(), "box_id": "1"}):
        with pytest.raises(UnreadableEvent):
            BoxPacked.from_payload(bad, 1)


# -- publishing and delivering -------------------------------------------------------------


def test_publishing_needs_a_transaction(committed_db: None) -> None:
    with pytest.raises(TransactionManagementError):
        publish(packed())


def test_receivers_run_in_order_after_the_commit_with_the_publishers_request_id(committed_db: None) -> None:
    # given
    seen: list[tuple] = []

    def note(label: str) -> None:
        context = request.current()
        seen.append((label, context.request_id, context.actor))

    receives(BoxPacked, order=50, name="late")(lambda event: note("late"))
    receives(BoxPacked, order=10, name="b")(lambda event: note("b"))
    receives(BoxPacked, order=10, name="a")(lambda event: note("a"))

    # when
    with request.bind_request(request_id="req-1", actor="user:1"), transaction.atomic():
        record = publish(packed(), key="box:1")
        assert seen == []

    # then
    actor = "event:kernel_tests.box_packed"
    assert seen == [("a", "req-1", actor), ("b", "req-1", actor), ("late", "req-1", actor)]
    assert states() == [("a", "done", 1, ""), ("b", "done", 1, ""), ("late", "done", 1, "")]
    record = EventRecord.objects.get()
    assert (record.name, record.version, record.key) == ("kernel_tests.box_packed", 1, "box:1")
    assert record.payload == packed().payload()
    assert deliver_pending() == 0


def test_several_events_are_published_in_their_order_at_once(committed_db: None) -> None:
    # given
    seen: list[int] = []
    receives(BoxPacked, order=10, name="a")(lambda event: seen.append(event.box_id))

    # when
    with transaction.atomic(), capture_events() as told:
        with CaptureQueriesContext(connection) as captured:
            records = publish_all([packed(box_id=1), packed(box_id=2)], key="box:1")
        assert publish_all([]) == []

    # then: two statements, and one event after the other
    assert len(captured) == 2
    assert [record.payload["box_id"] for record in records] == [1, 2]
    assert seen == [event.box_id for event in told.of(BoxPacked)] == [1, 2]
    assert [record.key for record in EventRecord.objects.order_by("pk")] == ["box:1", "box:1"]
    assert states() == [("a", "done", 1, ""), ("a", "done", 1, "")]


def test_a_rollback_takes_the_event_with_it(committed_db: None) -> None:
    seen: list[Event] = []
    receives(BoxPacked, name="r")(seen.append)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        publish(packed())
        raise ZeroDivisionError
    assert seen == []
    assert EventRecord.objects.count() == 0


def test_a_failing_receiver_leaves_nothing_and_stops_nobody(
    committed_db: None, caplog: pytest.LogCaptureFixture
) -> None:
    # given
    broken = [True]

    @receives(BoxPacked, order=1, name="fails")
    def fails(event: BoxPacked) -> None:
        Box.objects.create(stock=1)
        if broken[0]:
            raise DomainError(KernelErrorCode.LOCK_TIMEOUT, "电话 13800000000")

    receives(BoxPacked, order=2, name="works")(lambda event: Box.objects.create(stock=2))

    # when
    publish_now(packed())

    # then
    assert states() == [("fails", "pending", 1, "LOCK_TIMEOUT"), ("works", "done", 1, "")]
    assert [box.stock for box in Box.objects.all()] == [2]
    assert deliver_pending() == 0

    # when: its time has come, and it works now
    broken[0] = False
    with later(seconds=31):
        assert deliver_pending() == 1

    # then
    assert states() == [("fails", "done", 2, ""), ("works", "done", 1, "")]
    assert sorted(box.stock for box in Box.objects.all()) == [1, 2]


def test_a_crash_between_commit_and_dispatch_is_repaired_once(
    committed_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    seen: list[Event] = []
    receives(BoxPacked, name="r")(seen.append)
    monkeypatch.setattr(publishing, "_dispatch", lambda event_id: None)
    publish_now(packed())

    # then: not before the dispatcher had its time, and then once
    assert deliver_pending() == 0
    with later(seconds=31):
        assert deliver_pending() == 1
        assert deliver_pending() == 0
    assert seen == [packed()]


def test_trouble_in_dispatching_is_not_the_callers(
    committed_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broker_is_down(event_id: int) -> None:
        raise ConnectionError

    monkeypatch.setattr(publishing, "_dispatch", lambda event_id: None)
    events.use_dispatcher(broker_is_down)
    receives(BoxPacked, name="r")(lambda event: None)
    publish_now(packed())
    assert states() == [("r", "pending", 0, "")]


def test_it_is_given_up_after_bounded_attempts_and_can_be_replayed(committed_db: None) -> None:
    # given
    broken = [True]
    calls: list[int] = []

    @receives(BoxPacked, name="r")
    def receiver(event: BoxPacked) -> None:
        calls.append(1)
        if broken[0]:
            raise ValueError("13800000000")

    publish_now(packed())

    # when
    for day in range(1, 20):
        with later(days=day):
            deliver_pending()

    # then
    assert states() == [("r", "dead", MAX_ATTEMPTS, "ValueError")]
    assert len(calls) == MAX_ATTEMPTS
    delivery = EventDelivery.objects.get()

    # when
    broken[0] = False
    replay(delivery)

    # then
    assert states() == [("r", "done", 1, "")]
    with pytest.raises(NotReplayable):
        replay(delivery)


def test_pauses_grow_and_stay_bounded() -> None:
    assert [pause_after(n) for n in (1, 2, 3, 4, 5, 6, 7, 8)] == [
        timedelta(seconds=30),
        timedelta(minutes=2),
        timedelta(minutes=8),
        timedelta(minutes=32),
        *[timedelta(hours=2)] * 4,
    ]


@pytest.mark.django_db
def test_a_receiver_that_kills_its_process_is_given_up_too() -> None:
    # given: claimed for the last time, never heard of again
    receives(BoxPacked, name="r")(lambda event: None)
    publish_now(packed())
    EventDelivery.objects.update(attempts=MAX_ATTEMPTS)

    # when
    with later(days=1):
        assert deliver_pending() == 0

    # then
    assert states() == [("r", "dead", MAX_ATTEMPTS, "LOST")]


@pytest.mark.django_db
def test_receivers_of_a_switched_off_plugin_do_not_run() -> None:
    # given
    off: set[str] = set()
    seen: list[str] = []
    use_plugin_gate(lambda plugin: plugin not in off)
    receives(BoxPacked, plugin="members", name="members")(lambda event: seen.append("members"))
    receives(BoxPacked, plugin="finance", name="finance")(lambda event: seen.append("finance"))

    # when: one is off when the event happens, the other is switched off before it is delivered
    off.add("members")
    record = publish_now(packed())
    off.add("finance")
    deliver_event(record.pk)

    # then
    assert seen == []
    assert states() == [("finance", "skipped", 1, "")]

    # when
    off.clear()
    replay(EventDelivery.objects.get())
    deliver_event(record.pk)

    # then
    assert seen == ["finance"]


@pytest.mark.django_db
def test_a_receiver_that_this_release_lacks_is_tried_again_later(receivers: dict) -> None:
    receives(BoxPacked, name="r")(lambda event: None)
    record = publish_now(packed())
    receivers.clear()
    deliver_event(record.pk)
    assert states() == [("r", "pending", 1, "ReceiverMissing")]


def test_receivers_are_registered_once() -> None:
    receives(BoxPacked, name="r")(lambda event: None)
    with pytest.raises(ValueError, match="twice"):
        receives(BoxPacked, name="r")(lambda event: None)


def test_an_event_from_a_receiver_is_delivered_too(committed_db: None) -> None:
    seen: list[int] = []
    receives(BoxPacked, name="r")(lambda event: publish(Renamed(title="next")) and None)
    receives(Renamed, name="n")(lambda event: seen.append(event.title))
    publish_now(packed())
    assert seen == ["next"]


def test_two_deliverers_deliver_once(committed_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    for number in range(3):
        receives(BoxPacked, name=f"r{number}")(lambda event: Box.objects.create(stock=event.box_id))
    monkeypatch.setattr(publishing, "_dispatch", lambda event_id: None)
    for number in range(10):
        publish_now(packed(box_id=number))
    EventDelivery.objects.update(next_attempt_at=clock.now())

    # when
    counts = together(*[deliver_pending] * 4)

    # then
    assert sum(counts) == 30
    assert sorted(box.stock for box in Box.objects.all()) == sorted([*range(10)] * 3)
    assert set(EventDelivery.objects.values_list("status", "attempts")) == {("done", 1)}


def test_an_overtaken_deliverer_does_nothing(committed_db: None) -> None:
    # given: the first is still at work when its claim runs out
    working, overtaken = Flag(), Flag()

    @receives(BoxPacked, name="slow")
    def slow(event: BoxPacked) -> None:
        Box.objects.create(stock=1)
        working.set()
        assert overtaken.wait(10)

    def second() -> int:
        working.wait(10)
        try:
            with later(minutes=5):
                return deliver_pending()
        finally:
            overtaken.set()

    # when
    together(lambda: publish_now(packed()), second)

    # then
    assert Box.objects.count() == 1
    assert states() == [("slow", "done", 1, "")]


@pytest.mark.django_db
def test_tests_can_capture_what_is_published() -> None:
    with capture_events() as captured:
        publish_now(packed())
        publish_now(Renamed(title="x"))
    publish_now(packed())

    assert captured == [packed(), Renamed(title="x")]
    assert captured.of(Renamed) == [Renamed(title="x")]
