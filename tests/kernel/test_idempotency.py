from datetime import timedelta
from decimal import Decimal
from threading import Event

import pytest
from django.db import transaction

from saleor_o2o.kernel import clock
from saleor_o2o.kernel.errors import DomainError, KernelErrorCode
from saleor_o2o.kernel.idempotency import (
    Claim,
    IdempotencyConflict,
    IdempotencyInProgress,
    LeaseLost,
    Replay,
    ReplayedError,
    begin,
    fingerprint_of,
    purge_expired,
    run_once,
)
from saleor_o2o.kernel.models import IdempotencyRecord
from tests.threads import kinds, together

from .models import Box


class NoStock(DomainError):
    def __init__(self) -> None:
        super().__init__(KernelErrorCode.INVALID_AMOUNT, "库存不足", "quantity", "请减少数量")


def make_box(stock: int = 1) -> dict:
    return {"id": Box.objects.create(stock=stock).pk, "parts": (1, 2)}


@pytest.mark.django_db
def test_the_second_call_gets_the_first_answer() -> None:
    first = run_once("order", "k1", "f", make_box)
    second = run_once("order", "k1", "f", make_box)

    assert first == second == {"id": Box.objects.get().pk, "parts": [1, 2]}
    assert run_once("refund", "k1", "f", lambda: "another scope") == "another scope"


@pytest.mark.django_db
def test_an_answer_may_be_nothing() -> None:
    calls: list[int] = []
    assert run_once("order", "k", "f", lambda: calls.append(1)) is None
    assert run_once("order", "k", "f", lambda: calls.append(1)) is None
    assert calls == [1]


@pytest.mark.django_db
def test_the_same_key_with_another_request_is_refused() -> None:
    run_once("order", "k1", "f", make_box)
    with pytest.raises(IdempotencyConflict) as caught:
        run_once("order", "k1", "other", make_box)
    assert caught.value.code.value == "IDEMPOTENCY_CONFLICT"
    assert Box.objects.count() == 1


@pytest.mark.django_db
def test_a_business_error_frees_the_key() -> None:
    def fail() -> None:
        make_box()
        raise NoStock

    with pytest.raises(NoStock):
        run_once("order", "k1", "f", fail)
    assert Box.objects.count() == 0
    assert run_once("order", "k1", "f", lambda: "ok") == "ok"


@pytest.mark.django_db
@pytest.mark.parametrize("store", [True, [KernelErrorCode.INVALID_AMOUNT]])
def test_a_business_error_is_stored_when_asked(store: object) -> None:
    # given
    def fail() -> None:
        make_box()
        raise NoStock

    with pytest.raises(NoStock):
        run_once("order", "k1", "f", fail, store_errors=store)

    # when
    with pytest.raises(ReplayedError) as caught:
        run_once("order", "k1", "f", make_box)

    # then
    assert caught.value.as_dict() == {
        "code": "INVALID_AMOUNT",
        "message": "库存不足",
        "field": "quantity",
        "hint": "请减少数量",
    }
    assert Box.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize("atomic", [True, False])
def test_any_other_error_frees_the_key(atomic: bool) -> None:
    with pytest.raises(ZeroDivisionError):
        run_once("order", "k1", "f", lambda: 1 // 0, atomic=atomic, store_errors=True)
    with pytest.raises(TypeError):
        run_once("order", "k1", "f", lambda: Decimal(1), atomic=atomic)
    assert run_once("order", "k1", "f", lambda: 1) == 1


def test_ten_at_once_do_it_once(committed_db: None) -> None:
    results = together(*[lambda: run_once("order", "k", "f", make_box, wait=10)] * 10)
    assert results == [{"id": Box.objects.get().pk, "parts": [1, 2]}] * 10


def test_work_in_progress_elsewhere_is_said_after_a_bounded_wait(committed_db: None) -> None:
    # given
    started, finish = Event(), Event()

    def slow() -> str:
        started.set()
        assert finish.wait(10)
        return "slow"

    def second() -> str:
        started.wait(10)
        try:
            return run_once("order", "k", "f", make_box, wait=0.1)
        finally:
            finish.set()

    # when
    results = together(lambda: run_once("order", "k", "f", slow), second)

    # then
    assert results[0] == "slow"
    assert isinstance(results[1], IdempotencyInProgress)
    assert results[1].code.value == "IDEMPOTENCY_IN_PROGRESS"
    assert run_once("order", "k", "f", make_box) == "slow"


def test_a_claim_cannot_be_hidden_in_a_transaction(committed_db: None) -> None:
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        begin("order", "k", "f")


def test_a_claim_whose_process_died_is_taken_over_once(committed_db: None) -> None:
    # given: nobody ever finishes this one
    dead = begin("order", "k", "f", lease=timedelta(0))
    assert isinstance(dead, Claim)

    # when
    results = together(*[lambda: run_once("order", "k", "f", make_box, wait=10)] * 6)

    # then
    assert results == [{"id": Box.objects.get().pk, "parts": [1, 2]}] * 6
    assert IdempotencyRecord.objects.get().attempts == 2


def test_who_outlives_his_lease_keeps_nothing(committed_db: None) -> None:
    # given
    started, taken_over = Event(), Event()

    def slow() -> dict:
        answer = make_box(stock=111)
        started.set()
        assert taken_over.wait(10)
        return answer

    def successor() -> dict:
        started.wait(10)
        try:
            return run_once("order", "k", "f", lambda: make_box(stock=222))
        finally:
            taken_over.set()

    # when
    results = together(lambda: run_once("order", "k", "f", slow, lease=timedelta(0)), successor)

    # then
    assert kinds(results) == ["LeaseLost", "dict"]
    assert Box.objects.get().stock == 222
    assert run_once("order", "k", "f", make_box) == results[1]


@pytest.mark.django_db
def test_a_claim_can_be_finished_in_the_works_own_transaction() -> None:
    # given
    claim = begin("order", "k", "f")
    assert isinstance(claim, Claim)

    # when
    with transaction.atomic():
        claim.finish({"order": 5})

    # then
    assert begin("order", "k", "f") == Replay({"order": 5})
    with pytest.raises(LeaseLost):
        claim.finish({"order": 6})
    claim.release()
    assert begin("order", "k", "f") == Replay({"order": 5})


@pytest.mark.django_db
def test_answers_are_forgotten_and_purged_after_their_time() -> None:
    # given
    run_once("order", "old", "f", make_box, keep=timedelta(hours=1))
    run_once("order", "young", "f", make_box, keep=timedelta(hours=9))

    # when
    with clock.frozen(clock.now() + timedelta(hours=2)):
        again = run_once("order", "old", "changed", lambda: "again", keep=timedelta(hours=1))
        assert purge_expired() == 0
    with clock.frozen(clock.now() + timedelta(hours=4)):
        purged = purge_expired()

    # then
    assert (again, purged) == ("again", 1)
    assert [record.key for record in IdempotencyRecord.objects.all()] == ["young"]


def test_fingerprints_see_content_and_not_order() -> None:
    one = fingerprint_of("order", {"a": Decimal("1.0"), "b": [1, 2]})
    assert one == fingerprint_of("order", {"b": [1, 2], "a": Decimal("1.0")})
    assert one != fingerprint_of("order", {"b": [2, 1], "a": Decimal("1.0")})
    assert len(one) == 64
