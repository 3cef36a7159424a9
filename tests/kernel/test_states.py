from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, models, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext
from django_fsm import GET_STATE, FSMField, transition
from hypothesis import given
from hypothesis import strategies as st

from saleor_o2o.kernel import states
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.models import StateMove
from saleor_o2o.kernel.request import bind_request
from saleor_o2o.kernel.states import (
    IllegalMove,
    SubjectGone,
    history,
    machine,
    move,
    move_locked,
    move_once,
    validate_machine,
)
from tests.threads import kinds, together

from .models import Parcel

Status = Parcel.Status


@pytest.mark.django_db
def test_a_move_is_saved_and_logged_with_who_and_why() -> None:
    # given
    parcel = Parcel.objects.create()

    # when
    with bind_request(request_id="req-00000001", actor="user:7"):
        entry = move(parcel, "collect", reason="上门揽收", note="door")

    # then
    parcel = Parcel.objects.get()
    assert (parcel.status, parcel.note) == ("collected", "door")
    (logged,) = history(parcel, "status")
    assert (logged.subject_type, logged.subject_id) == ("o2o_kernel_tests.parcel", str(parcel.pk))
    assert (logged.field, logged.transition) == ("status", "collect")
    assert (logged.source, logged.target) == ("new", "collected")
    assert (logged.actor, logged.reason, logged.request_id) == ("user:7", "上门揽收", "req-00000001")
    assert entry == logged


@pytest.mark.django_db
def test_an_illegal_move_says_so_and_changes_nothing() -> None:
    # given
    parcel = Parcel.objects.create()

    # when
    with pytest.raises(IllegalMove) as caught:
        move(parcel, "deliver", actor="user:7")

    # then
    assert caught.value.code.value == "ILLEGAL_MOVE"
    assert caught.value.message == "当前状态为“待揽收”，不能执行“妥投”"
    assert Parcel.objects.get().status == "new"
    assert not StateMove.objects.exists()


@pytest.mark.django_db
def test_a_condition_that_fails_is_an_illegal_move() -> None:
    parcel = Parcel.objects.create(weighed=False)
    with pytest.raises(IllegalMove):
        move(parcel, "collect")
    assert Parcel.objects.get().status == "new"


@pytest.mark.django_db
def test_an_error_inside_the_transition_rolls_everything_back() -> None:
    parcel = Parcel.objects.create(note="before")
    with pytest.raises(DomainError, match="退回失败"):
        move(parcel, "send_back")
    assert Parcel.objects.get().status == "new"
    assert not StateMove.objects.exists()


@pytest.mark.django_db
def test_a_move_looks_at_the_row_and_not_at_the_stale_instance() -> None:
    # given
    parcel = Parcel.objects.create()
    stale = Parcel.objects.get()
    move(parcel, "collect", note="fresh")

    # when
    move(stale, "deliver")

    # then
    assert stale.status == "delivered"
    assert [m.transition for m in history(parcel)] == ["collect", "deliver"]


@pytest.mark.django_db
def test_a_locked_row_is_moved_without_another_look() -> None:
    # given
    parcel = Parcel.objects.create()
    with transaction.atomic():
        [locked] = lock_rows(Parcel.objects.filter(pk=parcel.pk))

        # when
        with CaptureQueriesContext(connection) as captured:
            moved = move_locked(locked, "collect", actor="user:7", reason="到店", note="柜台")

    # then: the row and the log, nothing read again
    assert [query["sql"].split()[0] for query in captured] == ["UPDATE", "INSERT"]
    parcel = Parcel.objects.get()
    assert (parcel.status, parcel.note) == (moved.target, "柜台")
    assert (moved.actor, moved.reason) == ("user:7", "到店")
    with pytest.raises(IllegalMove), transaction.atomic():
        move_locked(parcel, "collect")


def test_a_locked_move_needs_a_transaction(committed_db: None) -> None:
    with pytest.raises(TransactionManagementError):
        move_locked(Parcel.objects.create(), "collect")
    assert not StateMove.objects.exists()


@pytest.mark.django_db
def test_news_that_comes_twice_moves_once() -> None:
    parcel = Parcel.objects.create()
    assert move_once(parcel, "collect") is not None
    assert move_once(parcel, "collect") is None
    with pytest.raises(IllegalMove):
        move_once(Parcel.objects.create(weighed=False), "collect")
    assert history(parcel).count() == 1


@pytest.mark.django_db
def test_a_row_that_is_gone_and_a_transition_that_never_was() -> None:
    parcel = Parcel.objects.create()
    with pytest.raises(LookupError):
        move(parcel, "explode")
    with pytest.raises(LookupError):
        move(parcel, "save")
    Parcel.objects.all().delete()
    parcel.pk = 1
    with pytest.raises(SubjectGone):
        move(parcel, "collect")


def test_the_state_cannot_be_set_by_hand() -> None:
    with pytest.raises(AttributeError):
        Parcel().status = Status.DELIVERED


def test_many_movers_at_once_move_once(committed_db: None) -> None:
    # given
    parcel = Parcel.objects.create()

    # when
    results = together(*[lambda: move(Parcel.objects.get(pk=parcel.pk), "collect")] * 6)

    # then
    assert kinds(results) == ["IllegalMove"] * 5 + ["StateMove"]
    assert history(parcel).count() == 1


def test_without_the_lock_the_same_race_is_lost(committed_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    # given: the negative control
    parcel = Parcel.objects.create()
    monkeypatch.setattr(states, "_lock_and_refresh", lambda instance: None)

    # when
    stale = [Parcel.objects.get(pk=parcel.pk) for _ in range(4)]
    results = together(*[lambda one=one: move(one, "collect") for one in stale])

    # then
    assert kinds(results) == ["StateMove"] * 4


@pytest.mark.django_db
@given(names=st.lists(st.sampled_from(["collect", "deliver", "send_back"]), max_size=6))
def test_any_walk_leaves_a_chain_of_moves(names: list[str]) -> None:
    # given
    parcel = Parcel.objects.create()

    # when
    for name in names:
        try:
            move(parcel, name)
        except DomainError:
            parcel = Parcel.objects.get(pk=parcel.pk)

    # then
    chain = [m.source for m in history(parcel)] + [Parcel.objects.get(pk=parcel.pk).status]
    assert chain == ["new", "collected", "delivered"][: len(chain)]


STATES = [("a", "甲"), ("b", "乙"), ("c", "丙")]


def build(
    *moves: tuple[Any, Any], default: str = "a", protected: bool = True, on_error: str | None = None
) -> type[models.Model]:
    """Make a model with a state table of `moves` (source, target)."""
    build.count += 1
    namespace: dict[str, Any] = {
        "__module__": __name__,
        "Meta": type("Meta", (), {"app_label": "o2o_kernel_tests"}),
        "state": FSMField(default=default, choices=STATES, protected=protected),
    }
    for number, (source, target) in enumerate(moves):

        def go(self: Any) -> None:
            self.gone = True

        go.__name__ = f"go{number}"
        namespace[f"go{number}"] = transition("state", source=source, target=target, on_error=on_error)(go)
    return type(f"Built{build.count}", (models.Model,), namespace)


build.count = 0


@pytest.mark.parametrize(
    ("make", "terminal", "problem"),
    [
        (lambda: build(("a", "b")), {"b"}, "状态 'c' 无法到达"),
        (lambda: build(("a", "b"), ("b", "c"), ("c", "a")), {"c"}, "终止状态 'c' 还有出口"),
        (lambda: build(("a", "b"), ("*", "c")), {"c"}, "终止状态 'c' 还有出口"),
        (lambda: build(("a", "b"), ("b", "c")), set(), "状态 'c' 没有出口，也没有声明为终止状态"),
        (lambda: build(("a", "b"), ("b", "c"), ("b", "x")), {"c"}, "go2: 未知目标状态 'x'"),
        (lambda: build(("a", "b"), ("b", "c"), ("x", "c")), {"c"}, "go2: 未知起始状态 'x'"),
        (lambda: build(("a", "b"), ("b", "c")), {"c", "z"}, "终止状态 'z' 不在 choices 中"),
        (lambda: build(("a", "b"), default="q"), {"b"}, "初始状态 'q' 不在 choices 中"),
        (lambda: build(("a", "b"), ("b", "c"), protected=False), {"c"}, "字段必须声明 protected=True"),
        (lambda: build(("a", "b"), ("b", "c"), on_error="a"), {"c"}, "go0: on_error 会被回滚，不能使用"),
        (
            lambda: build(("a", "b"), ("b", GET_STATE(lambda self: "c"))),
            {"c"},
            "go1: 动态目标必须列出可能的状态",
        ),
    ],
)
def test_what_is_wrong_with_a_table_is_said(
    make: Callable[[], type[models.Model]], terminal: set[str], problem: str
) -> None:
    assert problem in validate_machine(make(), "state", terminal)


def test_sound_tables_pass() -> None:
    assert validate_machine(Parcel, "status", {"delivered", "returned"}) == []
    dynamic = build(("a", GET_STATE(lambda self: "b", states=["b", "c"])), ("+", "a"), ("b", None))
    assert validate_machine(dynamic, "state") == []


def test_registered_machines_are_checked_at_start_up(monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    from saleor_o2o.kernel.checks import state_machines

    monkeypatch.setattr(states, "_machines", {})
    good = machine("status", terminal={Status.DELIVERED, Status.RETURNED})(Parcel)
    assert state_machines(None) == []

    # when
    bad = machine("state")(build(("a", "b"), ("b", "a")))  # "c" can be neither reached nor left

    # then
    assert good is Parcel
    assert [(error.id, error.obj) for error in state_machines(None)] == [("o2o_kernel.E001", bad)] * 2
