"""换货 and 维修: goods come in, a replacement or the same goods go out; or money instead, if the buyer wants it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from saleor.product.models import ProductVariant
from saleor.warehouse.models import Stock

from plugins.after_sale.models import AfterSale, Replacement
from plugins.after_sale.selectors import offers_of
from plugins.after_sale.services import complaining
from plugins.after_sale.services.deciding import agree, refuse, withdraw_wish
from plugins.after_sale.services.exchanging import (
    choose,
    finish_repair,
    offer_refund,
    receive_out,
    send_out,
    take_in,
)
from plugins.after_sale.services.returning import inspect, ship_back
from plugins.after_sale.services.silence import sweep
from saleor_o2o.cashier.models import Refund
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.models import EventRecord
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope
from saleor_o2o.ordering.models import OrderTimeline, SubOrder
from tests.orgs import again
from tests.stock.world import money

from .conftest import KEY, D, Shop
from .test_refund_only import refused

PLACE = "渝中仓 民族路 18 号 023-63000000"


def on_shelf(variant: Any) -> int:
    return Stock.objects.get(product_variant=variant).quantity


def other_variant(shop: Shop, price: str = "39.90", quantity: int = 5) -> ProductVariant:
    """Another pack of the same oranges."""
    made = ProductVariant.objects.create(
        product=shop.world.variant.product, sku=f"OTHER-{price}", name="礼盒装", price_override=money(price)
    )
    Stock.objects.create(warehouse=shop.world.warehouse, product_variant=made, quantity=quantity)
    return made


def asked(shop: Shop, kind: str = "exchange", pieces: int = 2, key: str = "1", **more: Any) -> AfterSale:
    """Oranges that were received, to be exchanged or repaired."""
    order = shop.buy()
    shop.send(order)
    return shop.ask(
        order, key, kind=kind, reason="quality", lines={shop.line(order).pk: (pieces, None)}, **more
    )


def here(shop: Shop, kind: str = "exchange", key: str = "1") -> AfterSale:
    """The same, with the goods back at our place."""
    row, clerk = asked(shop, kind, key=key), again(shop.people["clerk"])
    agree(clerk, row.pk, return_to=PLACE)
    ship_back(shop.shopper, row.number, "中国邮政", "EMS123456789CN")
    return take_in(clerk, row.pk)


def overdue(row: Any) -> None:
    AfterSale.objects.filter(pk=row.pk).update(due_at=now() - timedelta(minutes=1))
    sweep()


def test_two_oranges_are_exchanged(shop: Shop, fresh: Any) -> None:
    # given: seven on the shelf once three have left
    row, clerk = asked(shop), again(shop.people["clerk"])
    assert on_shelf(shop.world.variant) == 7

    # when: agreed, the replacement is taken off the shelf at once
    agree(clerk, row.pk, return_to=PLACE)
    held = Replacement.objects.get()
    assert (held.state, held.quantity, held.variant, on_shelf(shop.world.variant)) == (
        "held", 2, shop.world.variant, 5,
    )  # fmt: skip

    # when: one of the two that came back is damaged
    ship_back(shop.shopper, row.number, "中国邮政", "EMS123456789CN")
    [line] = row.lines.all()
    refused("WRONG_STATE", lambda: inspect(clerk, row.pk, {}))
    refused("QUANTITY_INVALID", lambda: take_in(clerk, row.pk, {line.pk: 3}))
    take_in(clerk, row.pk, {line.pk: 1}, seen="to_receive")
    refused("REQUIRED", lambda: send_out(clerk, row.pk, "中国邮政", "短"))
    send_out(clerk, row.pk, "中国邮政", "ems 55512345cq")

    # then: the good one is sold again, the part has all its pieces, no money moved
    row = fresh(row)
    assert (row.state, row.outcome, row.out_waybill) == ("sent", "swapped", "EMS55512345CQ")
    assert (Replacement.objects.get().state, on_shelf(shop.world.variant)) == ("sent", 6)
    for _click in range(2):
        receive_out(shop.shopper, row.number)
    assert (fresh(row).state, fresh(row).agreed, Refund.objects.count()) == ("finished", None, 0)
    part_line = shop.line(row.order)
    assert (part_line.returned, part_line.withdrawn) == (0, 0)
    assert EventRecord.objects.get(name="after_sale.closed").payload["state"] == "finished"
    texts = OrderTimeline.objects.filter(kind="after_sale").order_by("pk").values_list("text", flat=True)
    assert [text.split("：", 1)[1].split("，", 1)[0] for text in texts] == [
        "买家申请换货（质量问题、变质）", "同意换货", "买家已寄回：中国邮政 EMS123456789CN", "已收到寄回的商品",
        "换货", "买家确认收到",
    ]  # fmt: skip

    # then: all of it can be asked for again
    [offer] = offers_of(row.order_id)
    assert (offer.lines[0].left.quantity, offer.lines[0].left.amount) == (3, D("119.70"))


def test_another_variant_must_cost_the_same(shop: Shop) -> None:
    # given
    order = shop.buy()
    shop.send(order)
    line = shop.line(order).pk
    same, dearer = other_variant(shop), other_variant(shop, "45.00")
    told = {"kind": "exchange", "reason": "wrong_goods", "lines": {line: (1, None)}}

    # then
    refused("PRICE_DIFFERS", lambda: shop.ask(order, "1", **told, swaps={line: dearer.pk}))
    refused("GOODS_GONE", lambda: shop.ask(order, "1", **told, swaps={line: shop.pomelo.pk}))
    refused("GOODS_GONE", lambda: shop.ask(order, "1", **told, swaps={line: 987654}))
    assert not AfterSale.objects.exists()

    # when
    row = shop.ask(order, "1", **told, swaps={line: same.pk})
    refused("KEY_REUSED", lambda: shop.ask(order, "1", **told))
    agree(again(shop.people["clerk"]), row.pk, return_to=PLACE)

    # then
    assert (on_shelf(same), on_shelf(shop.world.variant)) == (4, 7)


def test_nothing_to_exchange_for_becomes_a_return_if_the_buyer_wants(shop: Shop, fresh: Any) -> None:
    # given
    row, clerk = asked(shop), again(shop.people["clerk"])
    Stock.objects.filter(product_variant=shop.world.variant).update(quantity=1)

    # then
    refused("OUT_OF_STOCK", lambda: agree(clerk, row.pk, return_to=PLACE))
    assert (fresh(row).state, on_shelf(shop.world.variant)) == ("applied", 1)
    refused("REQUIRED", lambda: offer_refund(clerk, row.pk, " "))

    # when
    offer_refund(clerk, row.pk, "这一批已经售完", return_to=PLACE)
    refused("WRONG_STATE", lambda: withdraw_wish(shop.shopper, row.number))
    with pytest.raises(OutOfScope):
        choose(shop.people["viewer"], row.number, refund=True)
    choose(shop.shopper, row.number, refund=True)
    ship_back(shop.shopper, row.number, "中国邮政", "EMS123456789CN")
    inspect(clerk, row.pk, {})
    shop.arrive(row)

    # then
    assert (fresh(row).kind, fresh(row).state, Refund.objects.get().amount) == ("return", "done", D("79.80"))


@pytest.mark.parametrize("how", ["declined", "silent"])
def test_without_the_buyers_consent_there_is_no_return(shop: Shop, fresh: Any, how: str) -> None:
    # given
    row, clerk = asked(shop), again(shop.people["clerk"])
    offer_refund(clerk, row.pk, "这一批已经售完")

    # when
    if how == "declined":
        choose(shop.shopper, row.number, refund=False)
    else:
        overdue(row)

    # then
    assert (fresh(row).state, fresh(row).kind, Refund.objects.count()) == ("closed", "exchange", 0)


@pytest.mark.parametrize("how", ["withdrawn", "never sent", "offered"])
def test_what_is_held_goes_back_on_the_shelf(shop: Shop, fresh: Any, how: str) -> None:
    # given
    row, clerk = asked(shop), again(shop.people["clerk"])
    agree(clerk, row.pk, return_to=PLACE)
    assert on_shelf(shop.world.variant) == 5

    # when
    if how == "withdrawn":
        withdraw_wish(shop.shopper, row.number)
    elif how == "never sent":
        overdue(row)
    else:
        ship_back(shop.shopper, row.number, "中国邮政", "EMS123456789CN")
        take_in(clerk, row.pk)
        offer_refund(clerk, row.pk, "换货的一箱也坏了")

    # then
    assert (on_shelf(shop.world.variant), Replacement.objects.get().state) == (7, "released")


def test_a_replacement_that_broke_is_answered_with_money(shop: Shop, fresh: Any) -> None:
    # given
    row, clerk = here(shop), again(shop.people["clerk"])
    offer_refund(clerk, row.pk, "换货的一箱也坏了")

    # when: the goods are here already, so they are opened next
    choose(shop.shopper, row.number, refund=True)
    assert fresh(row).state == "to_receive"
    inspect(clerk, row.pk, {})
    shop.arrive(row)

    # then: everything is on the shelf again
    assert (fresh(row).state, Refund.objects.get().amount) == ("done", D("79.80"))
    assert on_shelf(shop.world.variant) == 9


def test_a_repair_goes_out_again(shop: Shop, fresh: Any) -> None:
    # given
    row, clerk = here(shop, "repair"), again(shop.people["clerk"])
    assert (row.state, on_shelf(shop.world.variant), Replacement.objects.count()) == ("repairing", 7, 0)

    # when
    finish_repair(clerk, row.pk, repaired=True, seen="repairing")
    send_out(clerk, row.pk, "中国邮政", "EMS55512345CQ")
    overdue(row)

    # then: nobody confirmed, the clock did
    assert (fresh(row).state, fresh(row).outcome, on_shelf(shop.world.variant)) == ("finished", "repaired", 7)


def test_what_cannot_be_repaired_goes_back_as_it_is_or_for_money(shop: Shop, fresh: Any) -> None:
    # given
    clerk = again(shop.people["clerk"])
    back, paid, silent = here(shop, "repair", "1"), here(shop, "repair", "2"), here(shop, "repair", "3")

    # when
    refused("REQUIRED", lambda: finish_repair(clerk, back.pk, repaired=False))
    finish_repair(clerk, back.pk, repaired=False, why="主板进水")
    offer_refund(clerk, paid.pk, "修不好")
    choose(shop.shopper, paid.number, refund=True)
    inspect(clerk, paid.pk, {})
    offer_refund(clerk, silent.pk, "修不好")
    overdue(silent)

    # then
    assert (fresh(back).state, fresh(back).outcome, fresh(back).answer) == (
        "to_send",
        "unchanged",
        "主板进水",
    )
    assert (fresh(paid).state, fresh(paid).kind) == ("refunding", "return")
    assert (fresh(silent).state, fresh(silent).outcome) == ("to_send", "unchanged")


def test_a_late_workshop_is_asked_and_nothing_happens_by_itself(shop: Shop, fresh: Any) -> None:
    # given
    row = here(shop, "repair")

    # when
    overdue(row)

    # then
    assert fresh(row).state == "repairing"
    assert fresh(row).escalated_at is not None


def test_silence_agrees_to_an_exchange_and_takes_it_in(shop: Shop, fresh: Any) -> None:
    # given
    row = asked(shop)

    # when, then
    overdue(row)
    assert (fresh(row).state, on_shelf(shop.world.variant)) == ("to_return", 5)
    ship_back(shop.shopper, row.number, "中国邮政", "EMS123456789CN")
    overdue(row)
    assert (fresh(row).state, fresh(row).outcome) == ("to_send", "swapped")


def test_silence_with_an_empty_shelf_asks_people(shop: Shop, fresh: Any) -> None:
    # given
    row = asked(shop)
    Stock.objects.filter(product_variant=shop.world.variant).update(quantity=0)

    # when
    overdue(row)

    # then
    assert fresh(row).state == "applied"
    assert fresh(row).escalated_at is not None


@pytest.mark.parametrize(("stock", "kind"), [(7, "exchange"), (0, "return")])
def test_a_ruling_lets_the_goods_come(shop: Shop, fresh: Any, stock: int, kind: str) -> None:
    # given
    row = asked(shop)
    refuse(again(shop.people["clerk"]), row.pk, "不换")
    made = complaining.arbitrate(shop.shopper, row.number, "坏的", key=f"{KEY}a")
    complaining.escalate(again(shop.people["county"]), made.pk)
    Stock.objects.filter(product_variant=shop.world.variant).update(quantity=stock)

    # when
    complaining.decide(again(shop.people["city"]), made.pk, for_buyer=True, ruling="支持")

    # then
    assert (fresh(row).state, fresh(row).kind) == ("to_return", kind)


def test_a_ruling_over_refused_goods_gives_money(shop: Shop, fresh: Any) -> None:
    # given
    row, clerk = asked(shop), again(shop.people["clerk"])
    agree(clerk, row.pk, return_to=PLACE)
    ship_back(shop.shopper, row.number, "中国邮政", "EMS123456789CN")
    refuse(clerk, row.pk, "人为损坏")
    made = complaining.arbitrate(shop.shopper, row.number, "收到就是坏的", key=f"{KEY}a")
    complaining.escalate(again(shop.people["county"]), made.pk)

    # when
    complaining.decide(again(shop.people["city"]), made.pk, for_buyer=True, ruling="支持")
    shop.arrive(row)

    # then: what was held is for sale again
    assert (fresh(row).state, Refund.objects.get().amount) == ("done", D("79.80"))
    assert (Replacement.objects.get().state, on_shelf(shop.world.variant)) == ("released", 7)


def test_only_for_those_who_may(shop: Shop) -> None:
    # given
    row = asked(shop)

    # then
    with pytest.raises(NotAllowed):
        offer_refund(again(shop.people["viewer"]), row.pk, "无货")
    with pytest.raises(OutOfScope):
        offer_refund(again(shop.people["stranger"]), row.pk, "无货")
    with pytest.raises(OutOfScope):
        receive_out(shop.people["viewer"], row.number)
    assert AfterSale.objects.get().state == "applied"


def test_a_repair_within_the_warranty(shop: Shop) -> None:
    # given: received eight days ago, the window is over
    order = shop.buy()
    shop.send(order)
    part, line = shop.part(order), shop.line(order).pk
    long_ago = now() - timedelta(days=8)
    SubOrder.objects.filter(pk=part.pk).update(
        state="completed",
        received_at=long_ago,
        completed_at=now(),
        after_sale_until=now() - timedelta(days=1),
    )
    told = {"reason": "quality", "lines": {line: (1, None)}}

    # then
    refused("WINDOW_OVER", lambda: shop.ask(order, "1", kind="repair", **told))

    # when: the goods have a warranty, the pomelo has none
    shop.world.variant.product.store_value_in_metadata({"warranty_days": "30"})
    shop.world.variant.product.save(update_fields=["metadata"])
    other = {"reason": "quality", "lines": {shop.line(order, shop.pomelo).pk: (1, None)}}

    # then
    refused("WINDOW_OVER", lambda: shop.ask(order, "1", kind="exchange", **told))
    refused("WINDOW_OVER", lambda: shop.ask(order, "1", kind="repair", **other))
    assert shop.ask(order, "1", kind="repair", **told).state == "applied"
