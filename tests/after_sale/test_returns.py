"""退货退款 and 投诉仲裁: goods back, opened, paid in full or in part; refused, and ruled on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from saleor.warehouse.models import Stock

from plugins.after_sale.models import AfterSale, Complaint, Statement
from plugins.after_sale.services import complaining
from plugins.after_sale.services.deciding import agree, refuse
from plugins.after_sale.services.returning import Found, inspect, ship_back
from plugins.after_sale.services.silence import sweep
from saleor_o2o.cashier.models import Refund
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope
from tests.orgs import again

from .conftest import KEY, D, Shop
from .test_refund_only import refused

PLACE = "渝中仓 民族路 18 号 023-63000000"


def sent_back(shop: Shop, quantity: int = 2, key: str = "1") -> AfterSale:
    """Oranges on their way back to us."""
    order = shop.buy()
    shop.send(order)
    row = shop.ask(order, key, kind="return", reason="quality", lines={shop.line(order).pk: (quantity, None)})
    agree(again(shop.people["clerk"]), row.pk, return_to=PLACE)
    return ship_back(shop.shopper, row.number, "中国邮政", "ems 123456789cn")


def overdue(row: Any) -> None:
    type(row).objects.filter(pk=row.pk).update(due_at=now() - timedelta(minutes=1))
    sweep()


def test_part_of_a_return_is_accepted(shop: Shop, fresh: Any) -> None:
    # given
    row = sent_back(shop)
    stock = Stock.objects.get(product_variant=shop.world.variant).quantity
    assert (row.state, row.waybill, row.bearer, row.return_to) == (
        "to_receive",
        "EMS123456789CN",
        "seller",
        PLACE,
    )
    [line] = row.lines.all()
    clerk = again(shop.people["clerk"])

    # then: in part only with a reason, never more than asked for
    refused("REQUIRED", lambda: inspect(clerk, row.pk, {line.pk: Found(2, 1, D("60.00"))}))
    refused("AMOUNT_INVALID", lambda: inspect(clerk, row.pk, {line.pk: Found(2, 0, D("79.81"))}))
    refused("QUANTITY_INVALID", lambda: inspect(clerk, row.pk, {line.pk: Found(3, 0, D("79.80"))}))
    refused("AMOUNT_INVALID", lambda: inspect(clerk, row.pk, {}, freight=D("10.01")))

    # when
    inspect(clerk, row.pk, {line.pk: Found(2, 1, D("60.00"))}, freight=D("10.00"), why="一箱少了三个")
    shop.arrive(row)

    # then: one of the two is sold again; the part goes on
    assert (fresh(row).state, fresh(row).agreed, Refund.objects.get().amount) == (
        "done",
        D("70.00"),
        D("70.00"),
    )
    assert Stock.objects.get(product_variant=shop.world.variant).quantity == stock + 1
    part_line = shop.line(row.order)
    assert (part_line.returned, part_line.withdrawn, shop.part(row.order).state) == (2, 0, "shipped")


def test_a_whole_return_closes_the_part(shop: Shop, fresh: Any) -> None:
    # given
    order = shop.buy({shop.pomelo: 2})
    shop.send(order)
    row = shop.ask(order, kind="return")
    assert (row.amount, row.freight) == (D("50.00"), D("0.00"))
    agree(again(shop.people["clerk"]), row.pk, return_to=PLACE)
    ship_back(shop.shopper, row.number, "中国邮政", "EMS123456789CN")

    # when
    inspect(again(shop.people["clerk"]), row.pk, {})

    # then
    assert (fresh(row).state, shop.part(order).state) == ("refunding", "closed")
    assert Stock.objects.get(product_variant=shop.pomelo).quantity == 10


def test_silence_closes_or_agrees(shop: Shop, fresh: Any) -> None:
    # given: one that is never sent back, one that is never opened
    order = shop.buy({shop.pomelo: 2})
    shop.send(order)
    never = shop.ask(order, kind="return")
    agree(again(shop.people["clerk"]), never.pk, return_to=PLACE)
    unopened = sent_back(shop, 1, "3")

    # when
    overdue(never)
    overdue(unopened)

    # then
    assert (fresh(never).state, fresh(unopened).state) == ("closed", "refunding")
    assert Refund.objects.get().amount == D("39.90")
    assert shop.ask(order, "2", kind="return").amount == D("50.00")


def test_the_city_rules_over_refused_goods(shop: Shop, fresh: Any) -> None:
    # given
    row = sent_back(shop)
    clerk, county, city = (again(shop.people[name]) for name in ("clerk", "county", "city"))
    refuse(clerk, row.pk, "包装已拆")

    # when: the customer does not take it; clicked twice
    made = complaining.arbitrate(shop.shopper, row.number, "质量问题与包装无关", key=f"{KEY}a")
    assert complaining.arbitrate(shop.shopper, row.number, "质量问题与包装无关", key=f"{KEY}a").pk == made.pk
    complaining.accept(county, made.pk)
    complaining.answer(clerk, made.pk, "收到时已拆封")
    complaining.say(shop.shopper, made.number, "拆封才能看到坏果")

    # then: the county finds for the buyer in full or not at all; the branch not at all
    refused("NOT_YOURS", lambda: complaining.decide(county, made.pk, for_buyer=False, ruling="不支持"))
    with pytest.raises(NotAllowed):
        complaining.decide(clerk, made.pk, for_buyer=True, ruling="支持")
    with pytest.raises(OutOfScope):
        complaining.accept(again(shop.people["stranger"]), made.pk)

    # when
    complaining.escalate(county, made.pk)
    refused(
        "AMOUNT_INVALID",
        lambda: complaining.decide(city, made.pk, for_buyer=True, ruling="x", amount=D("79.81")),
    )
    complaining.decide(city, made.pk, for_buyer=True, ruling="坏果属实，退一半", amount=D("39.90"))
    shop.arrive(row)

    # then
    assert (fresh(made).state, fresh(made).amount, fresh(row).state) == ("done", D("39.90"), "done")
    assert [one.party for one in made.statements.all()] == ["buyer", "seller", "buyer", "platform"]
    assert Refund.objects.get().amount == D("39.90")


def test_a_ruling_against_the_buyer_closes_it(shop: Shop, fresh: Any) -> None:
    # given
    order = shop.buy()
    row = shop.ask(order)
    refuse(again(shop.people["clerk"]), row.pk, "已在备货")
    made = complaining.arbitrate(shop.shopper, row.number, "还没发货", key=f"{KEY}a")

    # when: nobody of the seller answers, the clock hands it to the city
    complaining.accept(again(shop.people["county"]), made.pk)
    overdue(made)
    assert fresh(made).state == "ruling"
    complaining.decide(again(shop.people["city"]), made.pk, for_buyer=False, ruling="已出库")

    # then
    assert (fresh(made).state, fresh(row).state, Refund.objects.count()) == ("done", "closed", 0)


def test_withdrawing_the_complaint_withdraws_the_wish(shop: Shop, fresh: Any) -> None:
    # given
    order = shop.buy()
    row = shop.ask(order)
    refuse(again(shop.people["clerk"]), row.pk, "已在备货")
    made = complaining.arbitrate(shop.shopper, row.number, "还没发货", key=f"{KEY}a")

    # when
    for _click in range(2):
        complaining.withdraw_complaint(shop.shopper, made.number)

    # then
    assert (fresh(made).state, fresh(row).state) == ("withdrawn", "cancelled")
    assert not Complaint.objects.exclude(state="withdrawn").exists()


def test_a_ruling_for_goods_still_with_the_buyer_lets_them_come_back_first(shop: Shop, fresh: Any) -> None:
    # given: the return itself was refused
    order = shop.buy({shop.pomelo: 2})
    shop.send(order)
    row = shop.ask(order, kind="return")
    refuse(again(shop.people["clerk"]), row.pk, "过了七天")
    made = complaining.arbitrate(shop.shopper, row.number, "第三天就申请了", key=f"{KEY}a")
    complaining.escalate(again(shop.people["county"]), made.pk)

    # when
    complaining.decide(again(shop.people["city"]), made.pk, for_buyer=True, ruling="支持退货")

    # then: no money yet
    row = fresh(row)
    assert (row.state, Refund.objects.count()) == ("to_return", 0)
    assert row.return_to.startswith("渝中仓")


def test_a_ruling_is_carried_out_though_the_goods_left_meanwhile(shop: Shop, fresh: Any) -> None:
    # given
    order = shop.buy({shop.pomelo: 2})
    row = shop.ask(order)
    refuse(again(shop.people["clerk"]), row.pk, "已备货")
    made = complaining.arbitrate(shop.shopper, row.number, "没有发货", key=f"{KEY}a")
    complaining.escalate(again(shop.people["county"]), made.pk)
    shop.send(order)

    # when
    complaining.decide(
        again(shop.people["city"]), made.pk, for_buyer=True, ruling="支持买家", amount=D("40.00")
    )

    # then
    assert (fresh(row).state, Refund.objects.get().amount) == ("refunding", D("40.00"))
    assert shop.line(order, shop.pomelo).returned == 2


def test_what_was_said_stays_as_it_was(shop: Shop) -> None:
    # given
    order = shop.buy()
    made = complaining.complain(
        shop.shopper, order.pk, shop.part(order).pk, "service", "电话没人接", key=f"{KEY}a"
    )
    said = Statement.objects.filter(complaint=made)

    # then
    for change in (
        lambda: said.update(text="没说过"),
        lambda: said.update(author=shop.people["clerk"]),
        said.delete,
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()

    # when: whoever said it is not known any more
    assert said.update(author=None) == 1

    # then
    assert [one.text for one in said] == ["电话没人接"]
