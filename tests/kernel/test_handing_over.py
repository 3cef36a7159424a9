"""Who delivers an event after the commit: a worker, and whoever is left when there is none."""

import pytest
from celery import Celery
from django.db import transaction
from kombu.exceptions import OperationalError

from saleor_o2o.kernel import tasks
from saleor_o2o.kernel.events import publishing, receives
from saleor_o2o.kernel.models import EventDelivery

from .test_events import BoxPacked, packed, publish_now, states

pytestmark = pytest.mark.usefixtures("committed_db", "receivers")


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[tuple[int, ...], dict[str, object]]]:
    """What goes to the broker; nobody takes it from there."""
    calls: list[tuple[tuple[int, ...], dict[str, object]]] = []
    monkeypatch.setattr(
        tasks.deliver_event, "apply_async", lambda args, **options: calls.append((args, options))
    )
    return calls


@pytest.fixture
def heard(receivers: dict) -> list[BoxPacked]:
    seen: list[BoxPacked] = []
    receives(BoxPacked, name="r")(seen.append)
    return seen


def test_the_platform_hands_its_events_over() -> None:
    assert publishing._dispatch is tasks.hand_over


def test_a_web_process_leaves_the_work_to_a_worker(sent: list, heard: list) -> None:
    # when
    record = publish_now(packed())

    # then: one try, whoever caused it is waiting
    assert sent == [((record.pk,), {"retry": False})]
    assert heard == []
    assert states() == [("r", "pending", 0, "")]

    # when the worker gets it, twice
    assert [tasks.deliver_event(record.pk), tasks.deliver_event(record.pk)] == [1, 0]

    # then
    assert heard == [packed()]
    assert states() == [("r", "done", 1, "")]


def test_nothing_is_handed_over_before_the_commit(sent: list, heard: list) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        publishing.publish(packed())
        assert sent == []
        1 / 0  # noqa: B018
    assert sent == []
    assert not EventDelivery.objects.exists()


def test_without_a_broker_it_is_delivered_here(monkeypatch: pytest.MonkeyPatch, heard: list) -> None:
    # given
    def unreachable(args: object, **options: object) -> None:
        raise OperationalError

    monkeypatch.setattr(tasks.deliver_event, "apply_async", unreachable)

    # when
    publish_now(packed())

    # then
    assert heard == [packed()]
    assert states() == [("r", "done", 1, "")]


def test_a_broker_that_is_not_there_costs_one_try(monkeypatch: pytest.MonkeyPatch, heard: list) -> None:
    """The real client of Celery against a closed port of this machine."""
    # given
    # Not the current one: what other tests hand over would look for its broker.
    app = Celery(
        "nobody",
        broker="redis://127.0.0.1:1/0",
        task_cls=tasks.deliver_event.app.task_cls,
        set_as_current=False,
    )
    app.conf.task_always_eager = False
    alone = app.task(tasks.deliver_event.run, name="alone.deliver_event")
    monkeypatch.setattr(tasks, "deliver_event", alone)

    # when
    publish_now(packed())

    # then
    assert heard == [packed()]


def test_a_worker_delivers_what_it_causes_itself(monkeypatch: pytest.MonkeyPatch, heard: list) -> None:
    # given
    real = tasks.deliver_event
    asked: list[object] = []
    monkeypatch.setattr(
        tasks.deliver_event, "apply_async", lambda *args, **options: asked.append((args, options))
    )

    # when a task of the worker publishes
    def packs() -> int:
        return publish_now(packed()).pk

    real.app.task(packs, name="alone.packs", shared=False).apply()

    # then
    assert asked == []
    assert heard == [packed()]
