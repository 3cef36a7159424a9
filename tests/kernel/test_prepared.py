"""What is prepared once per connection: reading, and writing as `bulk_create` does."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.models import AuditEntry
from saleor_o2o.kernel.prepared import FEW, Prepared, insert, insert_with, made

from .models import Box, Item, Secret

pytestmark = pytest.mark.django_db


def heads(log: CaptureQueriesContext) -> list[str]:
    return [one["sql"].split()[0] for one in log.captured_queries]


def test_rows_are_written_as_bulk_create_writes_them() -> None:
    # given rows with encrypted, JSON and empty columns
    rows = [Secret(phone="13800000000", papers={"号": ["A", 1]}), Secret(phone="", phone_index="x")]
    insert(rows)
    # then they have the keys of what is kept, which reads the same and lies encrypted
    kept = {one.pk: one for one in Secret.objects.all()}
    assert [(kept[one.pk].phone, kept[one.pk].phone_index, kept[one.pk].papers) for one in rows] == [
        ("13800000000", "", {"号": ["A", 1]}),
        ("", "x", None),
    ]
    assert not any(one._state.adding for one in rows)
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone FROM o2o_kernel_tests_secret WHERE id = %s", [rows[0].pk])
        assert "13800000000" not in cursor.fetchone()[0]  # three digits alone may be there by luck


@pytest.mark.parametrize("count", [0, 1, 3, FEW + 1])
def test_a_row_and_those_that_point_to_it_are_one_statement(count: int) -> None:
    # given items of which some columns are the same, some are not, and some only look the same
    box = Box(stock=4)
    weighed, secret = Decimal("1.50"), "13800000000"
    parts: list[Any] = [{"n": 1}, {"n": True}, {"n": 1.0}]
    items = [
        Item(box=box, name="同", place=at, weight=weighed, phone=secret, parts=parts[at % 3], made_at=now())
        for at in range(count)
    ]
    insert_with(Box(stock=1), [], "box")
    with CaptureQueriesContext(connection) as log:
        insert_with(box, items, "box")
    # then each reads as it was written, in its order, by one statement (another one for each number of rows)
    assert [one for one in heads(log) if one != "PREPARE"] == [("WITH" if count > FEW else "EXECUTE")]
    kept = list(
        Item.objects.order_by("pk").values_list("pk", "box", "name", "place", "weight", "phone", "parts")
    )
    assert kept == [
        (one.pk, box.pk, "同", at, weighed, secret, parts[at % 3]) for at, one in enumerate(items)
    ]
    assert [type(one[-1]["n"]) for one in kept] == [type(parts[at % 3]["n"]) for at in range(count)]
    assert all(one.box_id == box.pk and not one._state.adding for one in items)
    # and nobody can tell by what lies there that two have the same number
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT phone) FROM o2o_kernel_tests_item")
        assert cursor.fetchone() == (count,)
    # and where one of them is refused, nothing is written
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_with(Box(stock=9), [Item(name="x", place=None, weight=weighed, made_at=now())], "box")
    assert not Box.objects.filter(stock=9).exists()


def test_whom_a_row_points_to_has_to_be_there() -> None:
    box = Box(stock=2)
    item = Item(box=box, name="x", place=1, weight=Decimal("1.00"), made_at=now())
    with pytest.raises(ValueError, match="unsaved"):
        insert([item])
    insert([box])
    insert([item])
    assert Item.objects.get().box_id == box.pk


def test_a_statement_is_prepared_once_and_outlives_a_failure() -> None:
    insert([Box(stock=1)])
    # when PostgreSQL refuses a row, and the next one is written on the same connection
    with pytest.raises(IntegrityError), transaction.atomic():
        insert([Box(stock=None)])
    with CaptureQueriesContext(connection) as log:
        insert([Box(stock=3)])
        insert([Box(stock=at) for at in range(FEW + 1)])
        insert([])
    # then it is run, not prepared again; many rows go the usual way, and none cost nothing
    assert heads(log) == ["EXECUTE", "INSERT"]
    assert sorted(Box.objects.values_list("stock", flat=True)) == [0, 1, 1, 2, 3, 3, 4, 5, 6]


def test_another_text_of_the_same_name_is_another_statement() -> None:
    def ask(sql: str, **values: Any) -> list[tuple[Any, ...]]:
        return Prepared("test", sql, {"n": "int"}).rows(values)

    assert ask("SELECT %(n)s + %(n)s", n=2) == [(4,)]
    assert ask("SELECT %(n)s * %(n)s * %(n)s", n=2) == [(8,)]


def test_a_statement_of_arrays_is_planned_once_where_it_says_so() -> None:
    # given: joins that PostgreSQL rather plans anew each time, since it sees how short the arrays are
    one = "JOIN pg_class AS {0} ON {0}.oid = a"
    sql = f"SELECT count(*) FROM unnest(%(a)s) AS a {' '.join(one.format(f't{at}') for at in range(6))}"
    plain = Prepared("test_anew", sql, {"a": "oid[]"})
    generic = Prepared("test_once", sql, {"a": "oid[]"}, generic=True)

    # when
    for _time in range(8):
        assert generic.rows({"a": [0]}) == [(0,)]

    # then, and it is nobody else's business after the transaction
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE name LIKE 'o2o_test_once%'"
        )
        assert cursor.fetchall() == [(8, 0)]
    with transaction.atomic():
        generic.rows({"a": [0]})
        transaction.set_rollback(True)
    assert plain.rows({"a": [0]}) == [(0,)]


def test_a_row_is_made_as_the_model_makes_it() -> None:
    # given what some columns hold, a row that is kept and one that has no key yet
    box, new = Box(stock=2), Box(stock=3)
    insert([box])
    told: dict[str, Any] = {"name": "同", "place": 1, "weight": Decimal("1.50"), "made_at": now()}
    for other in (box, new, None):
        mine, theirs = made(Item, box=other, **told), Item(box=other, **told)
        # then nobody can tell the two apart, by what they hold or by what they point to
        assert {name: value for name, value in vars(mine).items() if name != "_state"} == {
            name: value for name, value in vars(theirs).items() if name != "_state"
        }
        assert mine._state.fields_cache == theirs._state.fields_cache
        assert (mine._state.adding, mine._state.db) == (True, None)
    # what defaults make is everybody's own
    first, second = made(AuditEntry, action="x"), made(AuditEntry, action="x", after={"n": 1})
    assert (first.before, first.after, second.before, second.after) == ({}, {}, {}, {"n": 1})
    assert first.before is not second.before
    # by its key it is told as well, and a word that is no column is refused
    assert made(Item, box_id=box.pk, **told).box == box
    with pytest.raises(TypeError, match="colour"):
        made(Item, colour="红")
    # and it is written like any other
    row = made(Item, box=box, **told)
    insert([row])
    assert Item.objects.get().box_id == box.pk


@pytest.mark.django_db(transaction=True)
def test_what_was_prepared_goes_with_a_connection_that_died_between_requests() -> None:
    # given a statement that this connection knows, and a database that was restarted since the last request
    one = Prepared("test_dead", "SELECT %(n)s + 1", {"n": "int"})
    assert one.rows({"n": 1}) == [(2,)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [gone] = cursor.fetchone()
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [gone])
    other.close()
    # when the next request begins with it, on connections that are looked at before they are used
    connection.health_check_enabled, connection.health_check_done = True, False
    # then it is prepared on the new one
    assert one.rows({"n": 2}) == [(3,)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        assert cursor.fetchone() != (gone,)
