"""Holding: once per key, at the first supplier that has it, and never two people's seat."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from saleor.account.models import User

from plugins.ticketing.kernel.choices import CallKind, CallState, OrderState, TicketState
from plugins.ticketing.kernel.errors import TicketError
from plugins.ticketing.kernel.models import SupplierAccount, SupplierCall, TicketOrder, TicketPassenger
from plugins.ticketing.kernel.services.calls import sweep
from plugins.ticketing.kernel.services.expiring import expire_due
from plugins.ticketing.kernel.services.holding import close, hold
from saleor_o2o.kernel.clock import frozen, now

from .suppliers import Pretended
from .trips import D, person, want, wish

KEY = "key-0000-0001"
Suppliers = dict[str, Pretended]


@pytest.fixture
def held(variant: Any, buyer: User, unit: Any, accounts: dict[str, SupplierAccount]) -> Any:
    """Hold for the buyer; one full ticket at the first supplier unless said otherwise."""

    def do(
        key: str = KEY, *, suppliers: tuple[str, ...] = ("first",), people: int = 1, **told: Any
    ) -> TicketOrder:
        wanted = told.pop("wants", None) or [want(variant.pk, person(one)) for one in range(people)]
        user = told.pop("user", buyer)
        return hold(wish(wanted, suppliers, **told), key=key, user=user, unit=unit)

    return do


def code_of(refusal: Any) -> str:
    return str(refusal.value.code.value)


def test_a_supplier_elsewhere_holds_it(held: Any, suppliers: Suppliers) -> None:
    # when two people want the coach
    order = held(people=2)
    # then it is held there under a number of ours that was written before
    assert (order.state, order.their_number) == (OrderState.HELD, "A1")
    call = SupplierCall.objects.get(ticket_order=order)
    assert suppliers["first"].asked == [("lock", call.number)]
    assert (call.kind, call.state, call.their_number) == (CallKind.LOCK, CallState.DONE, "A1")
    assert [(one.seat, one.price, one.cost, one.face) for one in order.tickets.all()] == [
        ("1号", D("50.00"), D("45.00"), D("48.00")),
        ("2号", D("50.00"), D("45.00"), D("48.00")),
    ]
    assert (order.total, order.face, order.service) == (D("100.00"), D("96.00"), D("4.00"))


def test_the_same_key_is_the_same_order(held: Any, suppliers: Suppliers) -> None:
    trip = now() + timedelta(days=2)
    assert held(starts=trip) == held(starts=trip)
    assert suppliers["first"].count("lock") == 1
    # and a key that was used for another trip is refused
    with pytest.raises(TicketError) as refusal:
        held(starts=trip + timedelta(days=1))
    assert code_of(refusal) == "KEY_REUSED"


def test_somebody_elses_key_is_another_order(held: Any) -> None:
    other = User.objects.create_user("other@example.com", "password")
    trip = now() + timedelta(days=2)
    mine = held(starts=trip)
    assert held(starts=trip, user=other, wants=[want(mine.tickets.get().variant_id)]) != mine


def test_our_own_inventory_is_asked_in_one_short_transaction(
    held: Any, suppliers: Suppliers, variant: Any
) -> None:
    # given two places without names
    with CaptureQueriesContext(connection) as statements:
        order = held(suppliers=("own",), wants=[want(variant.pk), want(variant.pk)], overlap=False)
    # then it is held at once, without a call's row
    assert (order.state, order.their_number) == (OrderState.HELD, "L1")
    assert suppliers["own"].asked == [("lock", order.number)]
    assert not SupplierCall.objects.exists()
    # what is read once per process and prepared once per connection is not the hold's
    once = ("PREPARE", 'SELECT "o2o_ticketing_supplieraccount"')
    told = [one["sql"] for one in statements.captured_queries if "SAVEPOINT" not in one["sql"]]
    told = [one for one in told if not one.startswith(once)]
    # key, accounts' marks, order and tickets as they are held (numbers come out of a block)
    assert len(told) == 3, told


def test_the_number_of_statements_does_not_grow_with_the_tickets(held: Any, variant: Any) -> None:
    counts = []
    for number, size in enumerate((1, 1, 20)):
        with CaptureQueriesContext(connection) as statements:
            held(f"{KEY}{number}", suppliers=("own",), wants=[want(variant.pk)] * size, overlap=False)
        counts.append(len(statements))
    # the first one reads what is kept from then on
    assert counts[1] == counts[2]


def test_a_refusal_turns_to_the_next_supplier(held: Any, suppliers: Suppliers) -> None:
    suppliers["first"].will("lock", "SOLD_OUT")
    order = held(suppliers=("first", "second"))
    assert (order.state, order.supplier.code, order.their_number) == (OrderState.HELD, "second", "B1")
    assert [one.state for one in order.calls.order_by("pk")] == ["refused", "done"]


def test_where_nobody_has_it_nothing_is_charged(held: Any, suppliers: Suppliers) -> None:
    suppliers["first"].will("lock", "SOLD_OUT")
    suppliers["second"].will("lock", "SOLD_OUT")
    trip = now() + timedelta(days=2)
    for _again in range(2):
        with pytest.raises(TicketError) as refusal:
            held(suppliers=("first", "second"), starts=trip)
        assert code_of(refusal) == "SOLD_OUT"
    order = TicketOrder.objects.get()
    assert (order.state, order.tickets.get().state) == (OrderState.HOLD_FAILED, TicketState.VOID)


def test_our_own_refusal_leaves_nothing(held: Any, suppliers: Suppliers) -> None:
    suppliers["own"].seats = 0
    with pytest.raises(TicketError) as refusal:
        held(suppliers=("own",))
    assert code_of(refusal) == "SOLD_OUT"
    assert not TicketOrder.objects.exists() and not TicketPassenger.objects.exists()
    # and with another supplier behind it that one is asked
    assert held(suppliers=("own", "second")).supplier.code == "second"


def test_a_lost_answer_is_looked_up_not_sent_again(held: Any, suppliers: Suppliers) -> None:
    suppliers["first"].will("lock", "lost")
    order = held()
    assert (order.state, suppliers["first"].count("lock"), suppliers["first"].count("find")) == (
        OrderState.HELD,
        1,
        1,
    )


def test_a_supplier_that_is_silent_to_everything_is_asked_later(held: Any, suppliers: Suppliers) -> None:
    # given an answer that is lost, and a supplier that answers no question
    suppliers["first"].will("lock", "lost")
    suppliers["first"].deaf = True
    order = held()
    assert (order.state, order.calls.get().state) == (OrderState.HOLDING, CallState.UNKNOWN)
    # when the time to ask has come
    suppliers["first"].deaf = False
    with frozen(now() + timedelta(minutes=5)):
        assert sweep() == 1
    # then it is held, and was asked for once
    order = TicketOrder.objects.get(pk=order.pk)
    assert (order.state, order.their_number, suppliers["first"].count("lock")) == (OrderState.HELD, "A1", 1)


def test_a_worker_that_died_before_it_sent_the_call_is_made_up_for(held: Any, suppliers: Suppliers) -> None:
    # given a call that was written and never sent
    suppliers["first"].before_answer = lambda _kind: (_ for _ in ()).throw(SystemExit)
    with pytest.raises(SystemExit):
        held(suppliers=("first", "second"))
    order = TicketOrder.objects.get()
    suppliers["first"].holds.clear()
    # when it is looked up
    with frozen(now() + timedelta(minutes=2)):
        sweep()
    # then the supplier does not know it, and the next one is asked
    order.refresh_from_db(fields=["supplier", "their_number"])
    assert (order.supplier.code, order.their_number) == ("second", "B1")


def test_a_hold_that_we_learn_of_too_late_is_released(
    held: Any, suppliers: Suppliers, django_capture_on_commit_callbacks: Any
) -> None:
    # given a supplier whose answer is lost and that does not find the number at first
    suppliers["first"].will("lock", "lost")
    find = suppliers["first"].find
    suppliers["first"].find = lambda _kind, _own: None  # type: ignore[method-assign]
    order = held(suppliers=("first", "second"))
    assert order.supplier.code == "second"
    # when it tells of the hold after all
    from plugins.ticketing.kernel.services.facts import locked

    stray = order.calls.get(supplier__code="first")
    suppliers["first"].find = find  # type: ignore[method-assign]
    with django_capture_on_commit_callbacks(execute=True):
        locked("first", stray.number, suppliers["first"].holds[stray.number])
    # then it is given back, once, and the order keeps the other one
    with django_capture_on_commit_callbacks(execute=True):
        locked("first", stray.number, suppliers["first"].holds.get(stray.number) or order_locked())
    assert suppliers["first"].released == [stray.number]
    assert TicketOrder.objects.get(pk=order.pk).their_number == "B1"


def order_locked() -> Any:
    from plugins.ticketing.kernel.ports import Locked

    return Locked("A1", now() + timedelta(minutes=10))


def test_a_dearer_hold_is_given_back(
    held: Any, suppliers: Suppliers, django_capture_on_commit_callbacks: Any
) -> None:
    suppliers["first"].prices = {"full": D("46.00")}
    with django_capture_on_commit_callbacks(execute=True):
        order = held(suppliers=("first", "second"))
    assert (order.supplier.code, len(suppliers["first"].released)) == ("second", 1)


def test_nobody_is_on_two_trips_at_a_time(held: Any, buyer: User) -> None:
    trip = now() + timedelta(days=2)
    first = held(starts=trip)
    with pytest.raises(TicketError) as refusal:
        held("key-0000-0002", starts=trip + timedelta(hours=2))
    assert code_of(refusal) == "TRIPS_OVERLAP" and first.title in refusal.value.message
    # somebody else does not learn where the person goes
    stranger = User.objects.create_user("stranger@example.com", "password")
    with pytest.raises(TicketError) as refusal:
        held("key-0000-0002", starts=trip + timedelta(hours=2), user=stranger)
    assert first.title not in refusal.value.message
    # and a trip that begins when the other ends is no conflict
    assert held("key-0000-0003", starts=trip + timedelta(hours=3)).state == OrderState.HELD


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"starts": -1}, "TOO_LATE"),
        ({"wants": []}, "INVALID_INPUT"),
        ({"price": "50.001"}, "INVALID_INPUT"),
        ({"service": D("60.00")}, "INVALID_INPUT"),
        ({"carried_by": 0}, "INVALID_INPUT"),
        ({"key": "short"}, "KEY_INVALID"),
        ({"suppliers": ("nobody",)}, "SUPPLIER_UNAVAILABLE"),
    ],
)
def test_what_cannot_be_held(
    variant: Any, buyer: User, unit: Any, accounts: Any, told: dict[str, Any], code: str
) -> None:
    names = {name: told[name] for name in ("price", "service", "carried_by") if name in told}
    wants = told.get("wants", [want(variant.pk, person(), **names)])
    starts = now() + timedelta(days=told.get("starts", 2))
    with pytest.raises(TicketError) as refusal:
        hold(
            wish(wants, told.get("suppliers", ("first",)), starts=starts), key=told.get("key", KEY), user=buyer,
            unit=unit,
        )  # fmt: skip
    assert code_of(refusal) == code
    assert not TicketOrder.objects.exists()


def test_a_child_goes_with_its_adult(held: Any, variant: Any) -> None:
    free = want(variant.pk, person(2), "0.00", fare="free", service=D(0), carried_by=1)
    order = held(wants=[free, want(variant.pk, person(1))], costs={"full": "45.00", "free": "0"})
    child, adult = order.tickets.get(fare="free"), order.tickets.get(fare="full")
    assert child.carried_by == adult and order.total == D("50.00")


def test_giving_up_frees_the_seat(
    held: Any, suppliers: Suppliers, django_capture_on_commit_callbacks: Any
) -> None:
    order = held()
    with django_capture_on_commit_callbacks(execute=True):
        assert close(order.pk, "不去了")
        assert not close(order.pk, "不去了")
    assert TicketOrder.objects.get(pk=order.pk).state == OrderState.CLOSED
    assert suppliers["first"].released == [order.calls.get(kind="lock").number]
    assert suppliers["first"].seats == 1000


def test_time_runs_out(held: Any, suppliers: Suppliers, django_capture_on_commit_callbacks: Any) -> None:
    order = held(suppliers=("own",))
    assert expire_due() == 0
    with frozen(order.held_until - timedelta(seconds=1)):
        assert expire_due() == 0
    with frozen(order.held_until), django_capture_on_commit_callbacks(execute=True):
        assert (expire_due(), expire_due()) == (1, 0)
    assert TicketOrder.objects.get(pk=order.pk).state == OrderState.CLOSED
    assert suppliers["own"].seats == 1000


def test_the_shortest_promise_counts(held: Any, suppliers: Suppliers) -> None:
    suppliers["first"].minutes = 5
    order = held()
    assert order.held_until == order.supplier_until < order.made_at + timedelta(minutes=6)
    latest = now() + timedelta(minutes=3)
    other = held("key-0000-0009", wants=[want(order.tickets.get().variant_id)], latest=latest)
    assert other.held_until == latest


def test_a_release_that_was_not_heard_is_told_again(
    held: Any, suppliers: Suppliers, django_capture_on_commit_callbacks: Any
) -> None:
    suppliers["first"].will("release", "silent")
    order = held()
    with django_capture_on_commit_callbacks(execute=True):
        close(order.pk, "不去了")
    assert suppliers["first"].released == []
    with frozen(now() + timedelta(minutes=10)):
        sweep()
    assert suppliers["first"].seats == 1000 and order.calls.get(kind="release").state == CallState.DONE


def test_a_supplier_that_fails_again_and_again_rests(
    held: Any, suppliers: Suppliers, accounts: dict[str, SupplierAccount], variant: Any
) -> None:
    suppliers["first"].deaf = True
    for number in range(5):
        suppliers["first"].will("lock", "silent")
        held(f"key-0000-001{number}", wants=[want(variant.pk)])
    # then nobody is kept waiting for it
    with pytest.raises(TicketError) as refusal:
        held("key-0000-0020", wants=[want(variant.pk)])
    assert code_of(refusal) == "SUPPLIER_UNAVAILABLE"
    # until it answers again
    from plugins.ticketing.kernel.services.health import ping_resting

    assert ping_resting() == 0
    suppliers["first"].deaf = False
    assert ping_resting() == 1
    assert held("key-0000-0021", wants=[want(variant.pk)]).state == OrderState.HELD


def test_a_free_place_costs_nothing(held: Any, variant: Any) -> None:
    order = held(wants=[want(variant.pk, person(), "0.00", service=Decimal(0))])
    assert (order.total, order.state) == (D("0.00"), OrderState.HELD)
