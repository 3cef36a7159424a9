"""仅退款: asked for, answered (or not), paid back once; the goods, the part and the timeline follow."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from saleor.order.models import OrderLine
from saleor.warehouse.models import Allocation

from plugins.after_sale.errors import AfterSaleError
from plugins.after_sale.models import AfterSale
from plugins.after_sale.services.deciding import agree, refuse, retry, withdraw_wish
from plugins.after_sale.services.silence import sweep
from plugins.approvals.interfaces import approve, open_request, reject
from saleor_o2o.cashier.models import Refund
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.models import EventRecord
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope
from saleor_o2o.ordering.interfaces import fulfil_all, lock_for_fulfilment
from saleor_o2o.ordering.models import OrderProfile, OrderTimeline
from saleor_o2o.ordering.printing import picking_lists, slips
from saleor_o2o.ordering.services.fulfilling import FulfilmentRefused
from saleor_o2o.ordering.services.withdrawing import check_to_send
from tests.orgs import again

from .conftest import D, Shop


def held(line: Any) -> int:
    rows = Allocation.objects.filter(order_line_id=line.order_line_id)
    return sum(rows.values_list("quantity_allocated", flat=True))


def refused(code: str, work: Callable[[], Any]) -> None:
    with pytest.raises(DomainError) as caught:
        work()
    assert str(caught.value.code.value) == code, caught.value.message


def test_two_oranges_go_back_before_they_are_sent(shop: Shop, fresh: Any) -> None:
    # given
    order = shop.buy()
    line = shop.line(order)

    # when: asked for twice with one key, agreed by the branch, paid out
    row = shop.ask(order, lines={line.pk: (2, None)})
    assert shop.ask(order, lines={line.pk: (2, None)}).pk == row.pk
    agree(again(shop.people["clerk"]), row.pk, seen="applied")

    # then: written under its own number, the stock is free, the part goes on
    row = fresh(row)
    assert (row.state, row.amount, row.agreed, row.refund_key) == (
        "refunding",
        D("79.80"),
        D("79.80"),
        row.number,
    )
    assert Refund.objects.get().amount == D("79.80")
    assert (held(line), fresh(line).withdrawn, shop.part(order).state) == (1, 2, "pending_shipment")

    # when
    shop.arrive(row)

    # then
    assert fresh(row).state == "done"
    told = EventRecord.objects.get(name="after_sale.refunded").payload
    assert told["amounts"] == ["79.80"]
    assert told["paid"] == ["119.70"]
    assert told["quantities"] == [2]
    assert told["order_lines"] == [line.order_line_id]
    texts = list(
        OrderTimeline.objects.filter(kind="after_sale").order_by("pk").values_list("text", flat=True)
    )
    assert [text.split("：", 1)[1] for text in texts] == [
        "买家申请仅退款 ¥79.80（不想要了）", "同意退款 ¥79.80，正在原路退回", "退款 ¥79.80 已到账",
    ]  # fmt: skip


def test_what_went_back_is_never_sent(shop: Shop, fresh: Any) -> None:
    # given
    order = shop.buy()
    line = shop.line(order)
    row = shop.ask(order, lines={line.pk: (2, None)})
    agree(again(shop.people["clerk"]), row.pk)

    # then: not by stock's mutation
    with transaction.atomic():
        lock_for_fulfilment(order.pk)
        with pytest.raises(FulfilmentRefused):
            check_to_send(order.pk, {line.order_line_id: 2})
        check_to_send(order.pk, {line.order_line_id: 1})

    # then: nor is it fetched or put on the slip
    [picking], [slip] = picking_lists([order.pk]), slips([order.pk])
    assert [pick.quantity for pick in picking.picks] == [1, 1]
    assert [one.quantity for one in slip.lines] == [1, 1]

    # when: all that is left is sent
    with transaction.atomic():
        locked = lock_for_fulfilment(order.pk)
        assert locked is not None
        fulfil_all(locked, shop.people["clerk"])

    # then: one orange and the pomelo; the part is whole
    assert OrderLine.objects.get(pk=line.order_line_id).quantity_fulfilled == 1
    assert shop.part(order).state == "shipped"


def test_everything_goes_back_with_the_freight_and_closes_the_order(shop: Shop, fresh: Any) -> None:
    # given
    order = shop.buy()
    row = shop.ask(order)
    assert (row.amount, row.freight) == (D("154.70"), D("10.00"))

    # when
    agree(again(shop.people["county"]), row.pk)
    shop.arrive(row)

    # then
    order.refresh_from_db()
    profile = OrderProfile.objects.get(pk=order.pk)
    assert (order.status, profile.state, profile.cancel_reason) == ("canceled", "closed", "refunded")
    assert (shop.part(order).state, profile.refunded) == ("closed", D("154.70"))
    assert sum(Allocation.objects.values_list("quantity_allocated", flat=True)) == 0


def test_above_the_limit_the_county_approves(shop: Shop, fresh: Any) -> None:
    # given: 154.70 is above the clerk's 100
    order = shop.buy()
    row = shop.ask(order)

    # when
    agree(again(shop.people["clerk"]), row.pk)

    # then: nothing is written yet
    request = open_request(fresh(row))
    assert request is not None
    assert (fresh(row).state, request.amount, Refund.objects.count()) == ("approving", D("154.70"), 0)

    # when
    approve(request, again(shop.people["county"]))

    # then
    assert (fresh(row).state, Refund.objects.get().amount) == ("refunding", D("154.70"))


def test_a_refused_approval_comes_back_and_silence_no_longer_agrees(shop: Shop, fresh: Any) -> None:
    # given
    order = shop.buy()
    row = shop.ask(order)
    agree(again(shop.people["clerk"]), row.pk)
    request = open_request(row)
    assert request is not None

    # when
    reject(request, again(shop.people["county"]), "先核对")
    AfterSale.objects.filter(pk=row.pk).update(due_at=now() - timedelta(minutes=1))
    sweep()

    # then
    assert (fresh(row).state, fresh(row).agreed, Refund.objects.count()) == ("applied", None, 0)
    assert fresh(row).escalated_at is not None


def test_small_pieces_add_up_to_the_limit(shop: Shop, fresh: Any) -> None:
    # given: 79.80 within the limit of 100
    order = shop.buy()
    first = shop.ask(order, lines={shop.line(order).pk: (2, None)})
    agree(again(shop.people["clerk"]), first.pk)
    shop.arrive(first)

    # when: 25.00 more
    second = shop.ask(order, "2", lines={shop.line(order, shop.pomelo).pk: (1, None)})
    agree(again(shop.people["clerk"]), second.pk)

    # then
    assert fresh(second).state == "approving"


def test_silence_agrees_up_to_the_rule_and_asks_people_above_it(shop: Shop, fresh: Any) -> None:
    # given: one of 79.80, and one of 409.00 that the rule leaves to people
    small, large = shop.buy(), shop.buy({shop.world.variant: 6, shop.pomelo: 7})
    rows = [shop.ask(small, lines={shop.line(small).pk: (2, None)}), shop.ask(large, "2")]
    AfterSale.objects.update(due_at=now() - timedelta(minutes=1))

    # when: the sweep runs twice
    sweep()
    sweep()

    # then
    assert [fresh(row).state for row in rows] == ["refunding", "applied"]
    assert fresh(rows[1]).escalated_at is not None
    assert Refund.objects.count() == 1


def test_a_refund_that_fails_returns_to_people_who_try_again(shop: Shop, fresh: Any) -> None:
    # given
    order = shop.buy()
    line = shop.line(order)
    row = shop.ask(order, lines={line.pk: (2, None)})
    agree(again(shop.people["clerk"]), row.pk)

    # when: the provider closes it
    shop.arrive(row, closed=True)

    # then: people must look; the goods are not owed again
    assert (fresh(row).state, fresh(row).failure) == ("refund_failed", "CLOSED")
    assert fresh(line).withdrawn == 2

    # when
    retry(again(shop.people["clerk"]), row.pk)
    shop.arrive(row)

    # then: another number, the goods were withdrawn once
    assert (fresh(row).state, fresh(row).refund_key) == ("done", f"{row.number}-2")
    assert [one.state for one in Refund.objects.order_by("pk")] == ["failed", "succeeded"]
    assert fresh(line).withdrawn == 2


def test_sent_meanwhile_is_not_paid_back_as_unsent(shop: Shop, fresh: Any) -> None:
    # given
    order = shop.buy()
    row = shop.ask(order, lines={shop.line(order).pk: (3, None)})
    shop.send(order)

    # then: nothing half done
    refused("SHIPPED_MEANWHILE", lambda: agree(again(shop.people["county"]), row.pk))
    assert (fresh(row).state, Refund.objects.count()) == ("applied", 0)

    # when: nor does silence
    AfterSale.objects.update(due_at=now() - timedelta(minutes=1))
    sweep()

    # then
    assert (fresh(row).state, Refund.objects.count()) == ("applied", 0)
    assert fresh(row).escalated_at is not None


def test_a_difference_in_price_leaves_the_goods(shop: Shop, fresh: Any) -> None:
    # given
    order = shop.buy()
    line = shop.line(order)

    # when
    row = shop.ask(order, reason="price", lines={line.pk: (0, D("10.01"))})
    agree(again(shop.people["clerk"]), row.pk)
    shop.arrive(row)

    # then: what is left of three oranges is 109.69
    assert (fresh(line).withdrawn, held(line), shop.part(order).state) == (0, 3, "pending_shipment")
    refused("AMOUNT_INVALID", lambda: shop.ask(order, "2", reason="price", lines={line.pk: (0, D("109.70"))}))
    assert shop.ask(order, "3", lines={line.pk: (3, None)}).amount == D("109.69")


def test_withdrawn_it_can_be_asked_for_again(shop: Shop, fresh: Any) -> None:
    # given
    order = shop.buy()
    row = shop.ask(order)
    refused("ALREADY_OPEN", lambda: shop.ask(order, "2"))

    # when: twice
    for _click in range(2):
        withdraw_wish(shop.shopper, row.number)

    # then
    assert fresh(row).state == "cancelled"
    assert shop.ask(order, "3").amount == D("154.70")


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        ("QUANTITY_INVALID", {"pieces": (4, None)}),
        ("QUANTITY_INVALID", {"pieces": (-1, None)}),
        ("AMOUNT_INVALID", {"pieces": (2, D("79.81"))}),
        ("AMOUNT_INVALID", {"pieces": (0, None)}),
        ("AMOUNT_INVALID", {"pieces": (1, D("-1.00"))}),
        ("NOT_SHIPPED", {"kind": "return"}),
        ("REQUIRED", {"reason": "other"}),
        ("REQUIRED", {"reason": "nonsense"}),
        ("TEXT_TOO_LONG", {"text": "长" * 501}),
    ],
)
def test_what_cannot_be_asked_for(shop: Shop, code: str, wanted: dict[str, Any]) -> None:
    # given
    order = shop.buy()
    pieces = wanted.pop("pieces", None)
    lines = {shop.line(order).pk: pieces} if pieces else {}

    # then
    refused(code, lambda: shop.ask(order, lines=lines, **wanted))
    assert not AfterSale.objects.exists()


def test_the_window_is_the_one_kept_with_the_order(shop: Shop) -> None:
    # given
    order = shop.buy()
    shop.send(order)
    part = shop.part(order)
    type(part).objects.filter(pk=part.pk).update(after_sale_until=now() - timedelta(seconds=1))

    # then
    refused("WINDOW_OVER", lambda: shop.ask(order))


def test_a_key_names_one_wish(shop: Shop) -> None:
    # given
    order = shop.buy()
    shop.ask(order, lines={shop.line(order).pk: (1, None)})

    # then
    refused("KEY_REUSED", lambda: shop.ask(order, lines={shop.line(order).pk: (2, None)}))
    refused("KEY_INVALID", lambda: shop.ask(order, "!"))


@pytest.mark.parametrize(
    ("who", "error"), [("stranger", OutOfScope), ("viewer", NotAllowed), ("shopper", OutOfScope)]
)
def test_who_may_not_decide(shop: Shop, fresh: Any, who: str, error: type[Exception]) -> None:
    # given
    order = shop.buy()
    row = shop.ask(order)
    user = again(shop.people.get(who) or shop.shopper)

    # then
    for work in (
        lambda: agree(user, row.pk),
        lambda: refuse(user, row.pk, "不行"),
        lambda: retry(user, row.pk),
    ):
        with pytest.raises(error):
            work()
    assert (fresh(row).state, Refund.objects.count()) == ("applied", 0)


def test_decided_on_what_was_seen(shop: Shop, fresh: Any) -> None:
    # given
    order = shop.buy()
    row = shop.ask(order)
    withdraw_wish(shop.shopper, row.number)

    # then
    refused("CHANGED_MEANWHILE", lambda: agree(again(shop.people["county"]), row.pk, seen="applied"))
    with pytest.raises(AfterSaleError):
        agree(again(shop.people["county"]), row.pk)
    assert Refund.objects.count() == 0
