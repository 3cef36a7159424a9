"""Whose order it is while its unit is merged away, edited or about to move: right at once, in every order of events."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection, transaction
from saleor.order.models import Order

from plugins.org_hierarchy import attribution
from plugins.org_hierarchy.attribution import Claim, attribute
from plugins.org_hierarchy.blockers import BlockedError
from plugins.org_hierarchy.landing import land, path_today
from plugins.org_hierarchy.levels import UnitStatus
from plugins.org_hierarchy.models import OrderAttribution, OrgUnit, PlannedMove
from plugins.org_hierarchy.services.closing import close_unit
from plugins.org_hierarchy.services.editing import edit_unit
from plugins.org_hierarchy.services.moving import apply_due_moves, move_unit
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.locks import lock_rows

from ..orgs import person, small_org
from ..scope.graphql import post
from ..threads import together
from .trees import fresh

pytestmark = pytest.mark.django_db(transaction=True)

DRAFT = "mutation { draftOrderCreate(input: {}) { order { id } orderErrors { code message } } }"


@pytest.fixture
def org() -> dict[str, OrgUnit]:
    return small_org()


@pytest.fixture(autouse=True)
def patient(settings: Any) -> None:
    """The crowd on a test machine is slower than a branch."""
    settings.O2O_LOCK_TIMEOUT = 60


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[OrgUnit], None]:
    """Let every order be claimed by a unit as it was read now."""

    def claim(unit: OrgUnit) -> None:
        monkeypatch.setattr(
            attribution, "_sources", {"test": (1, lambda _order, _origin: Claim(unit, "test"))}
        )

    return claim


def write(status: str = "unfulfilled") -> Order:
    order = Order.objects.create(total_net_amount="10.00", total_gross_amount="10.00", status=status)
    attribute(order, None)
    return order


def where(order: Order) -> tuple[int, str]:
    found = OrderAttribution.objects.get(order=order)
    return found.unit_id, found.org_path


def somebody_waits() -> None:
    """Return as soon as a session of this database waits for a lock."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0]:
                return
        time.sleep(0.01)
    raise AssertionError("nobody waits")


def merge_comes_first(org: dict[str, OrgUnit]) -> Any:
    """The merge has the unit and is not committed when the order, claimed before it, is written."""
    merged = Event()

    def merge() -> None:
        with transaction.atomic():
            close_unit(org["B111"], reason="并入", successor=org["B112"])
            merged.set()
            # without the lock the order does not wait, and is there before
            until = time.monotonic() + 30
            while time.monotonic() < until and not written.is_set():
                with connection.cursor() as cursor:
                    cursor.execute(
                        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                        " AND wait_event_type = 'Lock'"
                    )
                    if cursor.fetchone()[0]:
                        return
                time.sleep(0.01)

    written = Event()

    def order() -> Order:
        merged.wait(30)
        with transaction.atomic():
            made = write()
            written.set()
        return made

    none, made = together(merge, order)
    assert none is None
    return made


def test_the_merge_first_the_order_waits_and_goes_to_the_successor(org: dict[str, OrgUnit], at: Any) -> None:
    # given
    at(org["B111"])

    # when
    made = merge_comes_first(org)

    # then
    assert where(made) == (org["B112"].pk, org["B112"].path)


def test_the_negative_control_lands_on_the_closed_unit(
    org: dict[str, OrgUnit], at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: the unit as the source read it
    at(org["B111"])
    monkeypatch.setattr(attribution, "land", lambda unit: (unit.pk, unit.path))

    # when
    made = merge_comes_first(org)

    # then
    assert where(made) == (org["B111"].pk, org["B111"].path)
    assert fresh(org["B111"]).status == UnitStatus.CLOSED


@pytest.mark.parametrize("with_orders", [True, False])
def test_the_order_first_the_merge_waits_and_finds_it(
    org: dict[str, OrgUnit], at: Any, with_orders: bool
) -> None:
    # given
    at(org["B111"])
    written = Event()

    def order() -> Order:
        with transaction.atomic():
            made = write()
            written.set()
            somebody_waits()
        return made

    def merge() -> Any:
        written.wait(30)
        return close_unit(org["B111"], reason="并入", successor=org["B112"], with_orders=with_orders)

    # when
    made, merged = together(order, merge)

    # then: the successor's, under the path of its time; or it is in the way
    if with_orders:
        assert where(made) == (org["B112"].pk, org["B111"].path)
        assert fresh(org["B111"]).status == UnitStatus.CLOSED
    else:
        assert isinstance(merged, BlockedError) and [one.count for one in merged.blockers] == [1]
        assert where(made) == (org["B111"].pk, org["B111"].path)


def test_an_order_waits_for_no_edit_and_no_move(org: dict[str, OrgUnit], at: Any, settings: Any) -> None:
    # given: both hold what they changed
    settings.O2O_LOCK_TIMEOUT = 0.2
    at(org["B111"])
    changed, written = Event(), Event()

    def change() -> None:
        with transaction.atomic():
            edit_unit(org["B111"], {"name": "新名"}, revision=1)
            move_unit(org["C11"], org["A2"], reason="调整")
            changed.set()
            assert written.wait(30)

    def order() -> Order:
        changed.wait(30)
        try:
            with transaction.atomic():
                return write()
        finally:
            written.set()

    # when
    none, made = together(change, order)

    # then: made before the move was committed, under the path of that moment
    assert none is None
    assert where(made) == (org["B111"].pk, org["B111"].path)
    assert fresh(org["B111"]).path != org["B111"].path


def test_mergers_after_each_other_and_an_end_without_successor(org: dict[str, OrgUnit], at: Any) -> None:
    # given
    at(org["O1112"])
    close_unit(org["O1112"], reason="并入", successor=org["O1111"])
    close_unit(org["O1111"], reason="撤销")

    # when
    with transaction.atomic():
        made = write()

    # then: the branch above
    assert where(made) == (org["B111"].pk, org["B111"].path)


def test_from_midnight_on_an_order_counts_for_the_new_parent(org: dict[str, OrgUnit], at: Any) -> None:
    # given: two moves are due that the job has not carried out, and one that has become impossible
    at(org["O1111"])
    for unit, parent, day in (
        ("C11", "A2", today() - timedelta(days=1)),
        ("B111", "C12", today()),
        ("A1", "C21", today()),
        ("B112", "C21", today() + timedelta(days=1)),
    ):
        PlannedMove.objects.create(
            unit=org[unit], parent=org[parent], effective_on=day, reason="调整", actor="system"
        )

    # when
    with transaction.atomic():
        made = write()
    other = path_today(org["B112"].path)

    # then: as the tree will be a moment later
    expected = f"{org['C12'].path}{org['B111'].pk}/{org['O1111'].pk}/"
    assert where(made) == (org["O1111"].pk, expected)
    assert apply_due_moves() == {"done": 2, "failed": 1, "later": 0}
    assert fresh(org["O1111"]).path == expected
    assert fresh(org["B112"]).path == other == f"{org['A2'].path}{org['C11'].pk}/{org['B112'].pk}/"


def test_landing_takes_two_statements(org: dict[str, OrgUnit], django_assert_num_queries: Any) -> None:
    with transaction.atomic(), django_assert_num_queries(2):
        assert land(org["B111"]) == (org["B111"].pk, org["B111"].path)


def test_a_draft_at_a_unit_that_is_being_closed_says_so_in_words(
    org: dict[str, OrgUnit], at: Any, settings: Any
) -> None:
    # given: somebody closes the unit and takes his time
    settings.O2O_LOCK_TIMEOUT = 0.2
    at(org["B111"])
    clerk = person(org["B111"], "clerk", ["order.view", "order.create"])
    clerk.user_permissions.add(Permission.objects.get(codename="manage_orders"))
    closing, told = Event(), Event()

    def close() -> None:
        with transaction.atomic():
            lock_rows(OrgUnit.objects.filter(pk=org["B111"].pk))
            closing.set()
            assert told.wait(30)

    def draft() -> Any:
        closing.wait(30)
        try:
            return post(clerk, DRAFT)
        finally:
            told.set()

    # when
    none, answer = together(close, draft)

    # then: in the place where stock's dashboard shows it; nothing is left of the draft
    assert none is None
    assert answer == {
        "data": {
            "draftOrderCreate": {
                "order": None,
                "orderErrors": [{"code": "INVALID", "message": "当前操作人数较多，请稍后再试"}],
            }
        }
    }
    assert not Order.objects.exists()
