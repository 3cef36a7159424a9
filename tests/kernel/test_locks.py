import time
from enum import unique
from threading import Event
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from saleor_o2o.kernel.locks import (
    AdvisoryKey,
    LockTimeout,
    advisory_keys,
    advisory_lock,
    bounded_along,
    bounded_wait,
    lock_rows,
)
from saleor_o2o.kernel.prepared import Prepared
from tests.threads import kinds, together

from .models import Box


@unique
class Keys(AdvisoryKey):
    TREE = "kernel_tests.tree"
    FLOAT = "kernel_tests.float"


def take_one(pk: int, locked: bool = True) -> bool:
    with transaction.atomic():
        rows = Box.objects.filter(pk=pk)
        box = lock_rows(rows)[0] if locked else rows.get()
        if box.stock < 1:
            return False
        time.sleep(0.02)
        box.stock -= 1
        box.save()
        return True


def test_ten_buyers_of_three_boxes(committed_db: None) -> None:
    box = Box.objects.create(stock=3)
    results = together(*[lambda: take_one(box.pk)] * 10)
    assert sorted(results) == [False] * 7 + [True] * 3
    assert Box.objects.get().stock == 0


def test_without_the_lock_the_same_buyers_oversell(committed_db: None) -> None:
    box = Box.objects.create(stock=3)
    results = together(*[lambda: take_one(box.pk, locked=False)] * 10)
    assert results.count(True) > 3


def test_opposite_orders_do_not_deadlock(committed_db: None) -> None:
    # given
    first, second = Box.objects.create(), Box.objects.create()

    def both(ordering: str) -> list[int]:
        for _ in range(10):
            with transaction.atomic():
                rows = lock_rows(Box.objects.filter(pk__in=[first.pk, second.pk]).order_by(ordering))
        return [row.pk for row in rows]

    # then
    assert together(lambda: both("pk"), lambda: both("-pk")) == [[first.pk, second.pk]] * 2


def test_waiting_is_bounded_and_answered(committed_db: None) -> None:
    # given
    box = Box.objects.create(stock=1)
    held, done = Event(), Event()

    def hold() -> None:
        with transaction.atomic():
            lock_rows(Box.objects.all())
            held.set()
            assert done.wait(10)

    def wait() -> float:
        held.wait(10)
        started = time.monotonic()
        try:
            with transaction.atomic():
                try:
                    lock_rows(Box.objects.filter(pk=box.pk), timeout=0.2)
                except LockTimeout as error:
                    assert error.message == "当前操作人数较多，请稍后再试"
                    assert error.code.value == "LOCK_TIMEOUT"
                # the transaction is lost: going on in it is a mistake, and a clear one
                with pytest.raises(TransactionManagementError):
                    Box.objects.count()
        finally:
            done.set()
        return time.monotonic() - started

    # then
    waited = together(hold, wait)[1]
    assert 0.2 <= waited < 2


def test_waiting_updates_are_bounded_too(committed_db: None) -> None:
    # given
    Box.objects.create(stock=1)
    held, done = Event(), Event()

    def hold() -> None:
        with transaction.atomic():
            lock_rows(Box.objects.all())
            held.set()
            assert done.wait(10)

    def update() -> int:
        held.wait(10)
        try:
            with transaction.atomic(), bounded_wait(0.1):
                return Box.objects.update(stock=5)
        finally:
            done.set()

    # then
    assert kinds(together(hold, update)) == ["LockTimeout", "NoneType"]
    assert Box.objects.get().stock == 1


@pytest.mark.django_db
def test_the_shape_of_the_lock(settings: object) -> None:
    # given
    settings.O2O_LOCK_TIMEOUT = 1.5
    Box.objects.create()

    # when
    with (
        transaction.atomic(),
        CaptureQueriesContext(
            connection,
        ) as queries,
    ):
        lock_rows(Box.objects.order_by("-stock"))

    # then
    setting, locking = [query["sql"] for query in queries]
    assert "set_config('lock_timeout', '1500ms', true)" in setting
    assert locking.endswith('ORDER BY "o2o_kernel_tests_box"."id" ASC FOR UPDATE OF "o2o_kernel_tests_box"')


def test_locks_are_refused_outside_a_transaction(committed_db: None) -> None:
    with pytest.raises(TransactionManagementError):
        lock_rows(Box.objects.all())
    with pytest.raises(TransactionManagementError):
        advisory_lock(Keys.TREE)


def test_locks_are_refused_under_another_isolation(committed_db: None) -> None:
    with pytest.raises(ImproperlyConfigured, match="REPEATABLE READ"), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        lock_rows(Box.objects.all())


def test_another_isolation_fails_the_system_check(committed_db: None) -> None:
    from saleor_o2o.kernel.checks import isolation_level

    assert isolation_level(None, databases=["default"]) == []
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
        assert [error.id for error in isolation_level(None, databases=["default"])] == ["o2o_kernel.E003"]


def test_advisory_locks_exclude_by_name_and_object(committed_db: None) -> None:
    # given
    held, done = Event(), Event()

    def hold() -> None:
        with transaction.atomic():
            advisory_lock(Keys.TREE, 1, 2)
            held.set()
            assert done.wait(10)

    def attempt(key: Keys, *objects: int) -> str:
        try:
            with transaction.atomic():
                advisory_lock(key, *objects, timeout=0.1)
                return "taken"
        except LockTimeout:
            return "busy"

    def others() -> list[str]:
        held.wait(10)
        try:
            return [
                attempt(Keys.TREE, 2),
                attempt(Keys.TREE, 3),
                attempt(Keys.FLOAT, 2),
                attempt(Keys.TREE),
            ]
        finally:
            done.set()

    # then
    assert together(hold, others)[1] == ["busy", "taken", "taken", "taken"]


@pytest.mark.parametrize(("first", "second", "answer"), [
    (True, True, "taken"), (True, False, "busy"), (False, True, "busy"),
])  # fmt: skip
def test_shared_holders_go_together_and_keep_others_out(
    committed_db: None, first: bool, second: bool, answer: str
) -> None:
    # given
    held, done = Event(), Event()

    def hold() -> str:
        with transaction.atomic():
            advisory_lock(Keys.TREE, shared=first)
            held.set()
            assert done.wait(10)
        return "held"

    def attempt() -> str:
        held.wait(10)
        try:
            with transaction.atomic():
                advisory_lock(Keys.TREE, timeout=0.1, shared=second)
                return "taken"
        except LockTimeout:
            return "busy"
        finally:
            done.set()

    # then
    assert together(hold, attempt) == ["held", answer]


def test_advisory_names_are_taken_once() -> None:
    assert {"kernel_tests.tree", "kernel_tests.float"} <= set(advisory_keys())
    with pytest.raises(ValueError, match="already taken"):

        class Rival(AdvisoryKey):
            TREE = "kernel_tests.tree"


LOCK = Prepared(
    "test_lock", "SELECT id FROM o2o_kernel_tests_box WHERE stock < %(most)s FOR UPDATE", {"most": "int"}
)
READ = Prepared("test_read", "SELECT stock FROM o2o_kernel_tests_box WHERE stock < %(most)s", {"most": "int"})


@pytest.mark.parametrize(("seconds", "told"), [(0.1, "LockTimeout"), (5.0, "list")])
def test_a_bound_that_travels_with_the_first_statement(committed_db: None, seconds: float, told: str) -> None:
    # given: somebody who has the row for a third of a second
    Box.objects.create(stock=1)
    held = Event()

    def hold() -> None:
        with transaction.atomic():
            [box] = lock_rows(Box.objects.all())
            held.set()
            time.sleep(0.3)
            Box.objects.filter(pk=box.pk).update(stock=7)

    def wait() -> list[tuple[Any, ...]]:
        held.wait(10)
        with transaction.atomic():
            with bounded_along(seconds) as bound:
                rows = READ.rows_after(bound, LOCK, {"most": 100})
            with bounded_along(seconds) as bound:
                assert bound == ""
            return rows

    # when
    answers = together(hold, wait)

    # then: one gives up; the other sees, by the second statement, what the first one waited for
    assert kinds(answers) == sorted(["NoneType", told])
    if told == "list":
        assert answers[1] == [(7,)]


def test_a_bound_that_travels_is_refused_under_another_isolation(committed_db: None) -> None:
    with pytest.raises(ImproperlyConfigured), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        with bounded_along() as bound:
            READ.rows_after(bound, LOCK, {"most": 100})
    with pytest.raises(TransactionManagementError), bounded_along():
        pass
