"""From the queue to the door: take, give, pass on, refuse, send; and the task follows its part of the order."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from saleor.order.actions import cancel_fulfillment, cancel_order
from saleor.shipping.models import ShippingMethod

from plugins.dispatch.errors import DispatchError
from plugins.dispatch.models import DispatchEntry, DispatchTask
from plugins.dispatch.services.following import follow
from plugins.dispatch.services.giving import assign, assign_many, pass_on, send
from plugins.dispatch.services.refusing import refuse
from plugins.dispatch.services.sending import hand_out
from plugins.dispatch.services.taking import accept, grab
from plugins.dispatch.tasks import watch
from saleor_o2o.cashier.interfaces import refund_order
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope
from saleor_o2o.ordering.models import ShippingMethodMode, SubOrder
from tests.orgs import again

from .conftest import Shop


def standing(shop: Shop) -> tuple[str, str, str, str]:
    """Unit, state, stage, holder."""
    task = shop.task()
    return task.unit.code, task.state, task.stage, task.holder.first_name if task.holder else ""


def code(error: Any) -> str:
    return str(error.value.code)


# -- take ---------------------------------------------------------------------------------------


def test_who_takes_it_has_it_and_the_next_one_is_told_who(shop: Shop) -> None:
    # given
    shop.buy()
    task = shop.task()

    # when
    grab(shop.who("courier"), task.pk)

    # then: again changes nothing
    grab(shop.who("courier"), task.pk)
    assert standing(shop) == ("B111", "taken", "staff", "courier")
    assert shop.story(task) == ["placed", "grabbed"]
    with pytest.raises(DispatchError) as refused:
        grab(shop.who("clerk"), task.pk)
    assert code(refused) == "TAKEN"
    assert "courier于" in str(refused.value.message)


@pytest.mark.parametrize(
    ("who", "error"), [("neighbour", OutOfScope), ("stranger", OutOfScope), ("viewer", NotAllowed)]
)
def test_who_may_not_take_it(shop: Shop, who: str, error: type[Exception]) -> None:
    # given
    shop.buy()
    before = DispatchTask.objects.values().get()

    # when
    with pytest.raises(error):
        grab(shop.who(who), before["id"])

    # then
    assert DispatchTask.objects.values().get() == before


def test_a_shopper_learns_nothing(shop: Shop) -> None:
    # given
    shop.buy()

    # then
    with pytest.raises(OutOfScope):
        grab(shop.world.customer, shop.task().pk)


# -- give ---------------------------------------------------------------------------------------


def test_the_manager_gives_it_to_somebody_of_the_unit_and_to_another(shop: Shop) -> None:
    # given
    shop.buy()
    task = shop.task()

    # when
    assign(shop.who("manager"), task.pk, "courier")
    assign(shop.who("manager"), task.pk, "courier")
    assign(shop.who("manager"), task.pk, "clerk")

    # then
    assert standing(shop) == ("B111", "taken", "staff", "clerk")
    assert shop.story(task) == ["placed", "assigned", "assigned"]
    with pytest.raises(DispatchError) as refused:
        assign(shop.who("manager"), task.pk, "neighbour")
    assert code(refused) == "NO_SUCH_PERSON"
    with pytest.raises(NotAllowed):
        assign(shop.who("clerk"), task.pk, "courier")


def test_many_at_once_each_with_its_own_answer(shop: Shop) -> None:
    # given: one of three is gone
    orders = [shop.buy() for _n in range(3)]
    shop.send(orders[1])
    keys = [shop.task(order).pk for order in orders]

    # when
    given = assign_many(shop.who("manager"), keys, "courier")

    # then
    assert [bool(one.problem) for one in given] == [False, True, False]
    assert DispatchTask.objects.filter(holder=shop.people["courier"], state="taken").count() == 2


def test_a_colleague_gets_it_with_a_reason(shop: Shop) -> None:
    # given
    shop.buy()
    task = shop.task()
    grab(shop.who("courier"), task.pk)
    with pytest.raises(DispatchError) as refused:
        pass_on(shop.who("courier"), task.pk, "clerk")
    assert code(refused) == "REQUIRED"
    with pytest.raises(NotAllowed):
        pass_on(shop.who("clerk"), task.pk, "clerk", reason="no_hands")

    # when
    pass_on(shop.who("courier"), task.pk, "clerk", reason="no_hands", text="去区县送文件")

    # then
    assert standing(shop) == ("B111", "taken", "staff", "clerk")
    assert (
        DispatchEntry.objects.order_by("-pk")[0].text
        == "转给clerk（原承办人courier）：人手不足，去区县送文件"
    )


# -- another unit -------------------------------------------------------------------------------


def test_the_neighbour_is_asked_and_says_yes(shop: Shop) -> None:
    # given
    shop.buy()
    task = shop.task()
    grab(shop.who("courier"), task.pk)

    # when
    send(shop.who("courier"), task.pk, "B112", reason="out_of_area")

    # then: seen by both, still in the same hands
    assert standing(shop) == ("B111", "offered", "staff", "courier")
    with pytest.raises(NotAllowed):
        accept(shop.who("neighbour"), task.pk)
    with pytest.raises(NotAllowed):
        accept(shop.who("manager"), task.pk)

    # when
    accept(shop.who("chief"), task.pk)

    # then
    assert standing(shop) == ("B112", "waiting", "staff", "")
    assert shop.story(task) == ["placed", "grabbed", "offered", "accepted"]
    with pytest.raises(OutOfScope):
        grab(shop.who("courier"), task.pk)


def test_the_neighbours_clerk_accepts_by_taking(shop: Shop) -> None:
    # given
    shop.buy()
    task = shop.task()
    send(shop.who("manager"), task.pk, "B112", reason="no_hands")

    # when
    grab(shop.who("neighbour"), task.pk)

    # then
    assert standing(shop) == ("B112", "taken", "staff", "neighbour")


def test_the_neighbour_says_no(shop: Shop) -> None:
    # given
    shop.buy()
    task = shop.task()
    send(shop.who("manager"), task.pk, "B112", reason="no_hands")

    # when
    refuse(shop.who("chief"), task.pk, "no_hands", "我们也缺人")

    # then: the manager is asked
    assert standing(shop) == ("B111", "waiting", "manager", "")
    assert shop.story(task)[-1] == "declined"


def test_an_offer_is_taken_back_or_runs_out(shop: Shop) -> None:
    # given
    shop.buy()
    task = shop.task()
    grab(shop.who("courier"), task.pk)
    send(shop.who("courier"), task.pk, "B112", reason="out_of_area")

    # when
    refuse(shop.who("courier"), task.pk, "other", "弄错了")
    assert standing(shop) == ("B111", "taken", "staff", "courier")
    send(shop.who("courier"), task.pk, "B112", reason="out_of_area")
    shop.let_time_pass(task)

    # then
    assert standing(shop) == ("B111", "taken", "staff", "courier")
    assert shop.story(task)[-3:] == ["recalled", "offered", "lapsed"]


def test_the_county_need_not_ask(shop: Shop) -> None:
    # given
    shop.buy()
    task = shop.task()

    # when
    send(shop.who("county"), task.pk, "B112", reason="no_hands")

    # then
    assert standing(shop) == ("B112", "waiting", "staff", "")
    assert shop.task().why == "大溪沟支局转来，人手不足"
    with pytest.raises(DispatchError) as refused:
        send(shop.who("county"), task.pk, "B121", reason="no_hands")
    assert code(refused) == "NO_SUCH_UNIT"

    # then: between counties the area does
    send(shop.who("area"), task.pk, "B121", reason="no_hands")
    assert standing(shop)[0] == "B121"


# -- refuse -------------------------------------------------------------------------------------


def test_who_has_it_gives_it_back_and_the_unit_gives_it_up(shop: Shop) -> None:
    # given
    shop.buy()
    task = shop.task()
    grab(shop.who("courier"), task.pk)

    # when
    refuse(shop.who("courier"), task.pk, "too_big")

    # then
    assert standing(shop) == ("B111", "waiting", "manager", "")

    # when
    with pytest.raises(NotAllowed):
        refuse(shop.who("clerk"), task.pk, "no_hands")
    with pytest.raises(DispatchError):
        refuse(shop.who("manager"), task.pk, "other", "  ")
    refuse(shop.who("manager"), task.pk, "no_hands")

    # then
    assert standing(shop) == ("C11", "waiting", "county", "")
    assert shop.story(task) == ["placed", "grabbed", "given_up", "sent_up"]

    # then: the county has nobody to give it back to
    with pytest.raises(DispatchError) as refused:
        refuse(shop.who("county"), task.pk, "no_hands")
    assert code(refused) == "NOTHING_ABOVE"


def test_a_page_that_is_out_of_date_changes_nothing(shop: Shop) -> None:
    # given
    from plugins.dispatch.checking import mark_of

    shop.buy()
    task = shop.task()
    seen = mark_of(task)
    grab(shop.who("courier"), task.pk)

    # when
    with pytest.raises(DispatchError) as refused:
        refuse(shop.who("manager"), task.pk, "no_hands", seen=seen)

    # then
    assert code(refused) == "CHANGED_MEANWHILE"
    assert standing(shop) == ("B111", "taken", "staff", "courier")


# -- the part of the order ----------------------------------------------------------------------


def test_whoever_has_it_sends_it_and_the_order_follows(shop: Shop) -> None:
    # given
    order = shop.buy()
    task = shop.task()
    grab(shop.who("courier"), task.pk)
    with pytest.raises(DispatchError) as refused:
        hand_out(shop.who("clerk"), task.pk)
    assert code(refused) == "TAKEN"

    # when
    hand_out(shop.who("courier"), task.pk)

    # then: the position is forgotten
    assert shop.part(order).state == "shipped"
    assert standing(shop) == ("B111", "done", "staff", "courier")
    assert (shop.task().lng, shop.task().due_at) == (None, None)
    with pytest.raises(DispatchError) as refused:
        hand_out(shop.who("courier"), task.pk)
    assert code(refused) == "WRONG_STATE"
    order.refresh_from_db()
    assert order.fulfillments.count() == 1


def test_sent_from_elsewhere_it_is_done_and_taken_back_it_is_open(shop: Shop) -> None:
    # given
    order = shop.buy()
    task = shop.task()
    grab(shop.who("courier"), task.pk)

    # when
    shop.send(order)
    assert standing(shop) == ("B111", "done", "staff", "courier")
    with transaction.atomic():
        cancel_fulfillment(order.fulfillments.get(), shop.world.admin, shop.world.warehouse)

    # then: in the same hands
    assert standing(shop) == ("B111", "taken", "staff", "courier")
    assert shop.story(task)[-2:] == ["done", "reopened"]


def test_a_cancelled_order_closes_it(shop: Shop) -> None:
    # given
    order = shop.buy()
    grab(shop.who("courier"), shop.task().pk)

    # when
    order.refresh_from_db()
    with transaction.atomic():
        cancel_order(order, shop.world.admin)

    # then
    assert standing(shop)[1] == "closed"
    with pytest.raises(DispatchError) as refused:
        grab(shop.who("clerk"), shop.task().pk)
    assert code(refused) == "WRONG_STATE"


def test_money_that_went_back_closes_it(shop: Shop) -> None:
    # given
    from saleor_o2o.cashier.models import OrderRefund
    from saleor_o2o.cashier.ports import RefundState
    from saleor_o2o.cashier.services.refunding import apply_refund_fact, drive_refund

    order = shop.buy()
    order.refresh_from_db()

    # when
    refund_order(order.pk, order.total_gross_amount, reason="坏果", key="test:1", by="system")
    refund = OrderRefund.objects.get().remote.get()
    drive_refund(refund.pk)
    [trade] = [one for one in shop.provider.trades.values() if refund.number in one.refunds]
    trade.refunds[refund.number] = (trade.refunds[refund.number][0], RefundState.SUCCEEDED)
    apply_refund_fact(shop.provider.refund_fact(refund.number))

    # then
    assert standing(shop)[1] == "closed"


def test_what_is_fetched_needs_none(shop: Shop) -> None:
    # given
    ShippingMethodMode.objects.create(shipping_method=ShippingMethod.objects.get(), mode="pickup")

    # when
    order = shop.buy()

    # then
    assert shop.part(order).state == "pending_pickup"
    assert not DispatchTask.objects.exists()
    assert watch() == 0


def test_the_sweep_finds_what_events_did_not_tell(shop: Shop) -> None:
    # given: no event came, neither of the payment nor of the parcel
    orders = [shop.buy(), shop.buy()]
    DispatchTask.objects.filter(order=orders[0]).delete()
    SubOrder.objects.filter(order=orders[1]).update(state="shipped")

    # when
    watch()

    # then
    assert (shop.task(orders[0]).state, shop.task(orders[1]).state) == ("waiting", "done")
    assert watch() == 0


def test_events_may_come_in_any_order_and_twice(shop: Shop) -> None:
    # given
    order = shop.buy()
    task = shop.task()
    shop.send(order)

    # when: the first event is delivered once more, late
    follow(shop.part(order).pk)

    # then
    assert shop.story(task) == ["placed", "done"]


def test_the_history_cannot_be_changed(shop: Shop) -> None:
    # given
    shop.buy()

    # then
    with pytest.raises(DatabaseError), transaction.atomic():
        DispatchEntry.objects.update(text="别的")
    with pytest.raises(DatabaseError), transaction.atomic():
        DispatchEntry.objects.all().delete()


def test_night_does_not_count(shop: Shop) -> None:
    # given: open from nine to six
    from datetime import datetime

    from plugins.dispatch.clocks import run_out
    from saleor_o2o.kernel.clock import SHANGHAI

    hours = {str(day): [["09:00", "18:00"]] for day in range(1, 6)}

    def at(day: int, hour: int, minute: int = 0) -> datetime:
        return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)

    # then: 2026-11-27 is a Friday
    assert run_out(hours, at(27, 10), 15) == at(27, 10, 15)
    assert run_out(hours, at(27, 17, 50), 15) == at(30, 9, 5)
    assert run_out(hours, at(28, 12), 15) == at(30, 9, 15)
    assert run_out(hours, at(27, 3), 60) == at(27, 10)
    assert run_out({"1": [["22:00", "02:00"]]}, at(24, 1), 30) == at(24, 1, 30)
    assert run_out({}, at(28, 12), 15) == at(28, 12, 15)
    assert run_out({"dates": {}}, at(28, 12), 15) == at(28, 12) + timedelta(minutes=15)
    assert again(shop.people["clerk"]).pk
