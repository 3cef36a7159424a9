"""Two clicks and two clerks at once: one wish, one refund, no fen twice."""

from __future__ import annotations

from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.db.models import Sum
from saleor.warehouse.models import Allocation, Stock

from plugins.after_sale import selectors
from plugins.after_sale.models import AfterSale, Replacement
from plugins.after_sale.services import applying, holding
from plugins.after_sale.services.deciding import agree
from saleor_o2o.cashier.models import Refund
from saleor_o2o.ordering.models import SubOrder
from tests.orgs import again
from tests.threads import kinds, together

from .conftest import D, Shop


def both_lines(shop: Shop) -> list[AfterSale]:
    """Each line of one order asked for at the same moment."""
    order = shop.buy()
    wishes = [
        partial(shop.ask, order, "1", lines={shop.line(order).pk: (3, None)}),
        partial(shop.ask, order, "2", lines={shop.line(order, shop.pomelo).pk: (1, None)}),
    ]
    return together(*wishes)


def test_the_freight_goes_back_exactly_once(shop: Shop) -> None:
    # when
    assert kinds(both_lines(shop)) == ["AfterSale", "AfterSale"]

    # then: whoever comes last takes it along
    assert sorted(AfterSale.objects.values_list("freight", flat=True)) == [D("0.00"), D("10.00")]
    assert sum(AfterSale.objects.values_list("amount", flat=True)) == D("154.70")


def test_without_the_lock_the_freight_would_be_lost(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    # given: the lock patched out, and both look before either writes
    gate = Barrier(2, timeout=10)
    monkeypatch.setattr(
        applying, "lock_sub_orders", lambda order_id: list(SubOrder.objects.filter(order_id=order_id))
    )
    offers = selectors.offers_of

    def look(order_id: int) -> Any:
        found = offers(order_id)
        gate.wait()
        return found

    monkeypatch.setattr(applying, "offers_of", look)

    # when
    assert kinds(both_lines(shop)) == ["AfterSale", "AfterSale"]

    # then
    assert sum(AfterSale.objects.values_list("amount", flat=True)) == D("144.70")


def test_one_line_has_one_open_wish(shop: Shop) -> None:
    # given
    order = shop.buy()
    line = shop.line(order).pk

    # when: four wishes of their own, for one orange each
    found = together(*(partial(shop.ask, order, str(n), lines={line: (1, None)}) for n in range(4)))

    # then
    assert kinds(found) == ["AfterSale", "AfterSaleError", "AfterSaleError", "AfterSaleError"]


def test_two_clerks_and_one_refund(shop: Shop) -> None:
    # given
    order = shop.buy()
    row = shop.ask(order)
    who = [again(shop.people[name]) for name in ("county", "area", "city")]

    # when
    found = together(*(partial(agree, user, row.pk) for user in who))

    # then
    assert kinds(found) == ["AfterSale", "AfterSaleError", "AfterSaleError"]
    assert Refund.objects.get().amount == D("154.70")


def four_exchanges(shop: Shop) -> list[AfterSale]:
    """Of four people one orange each; two are left that nobody has bought, a third is sold and not yet sent."""
    orders = [shop.buy({shop.world.variant: 1}) for _person in range(4)]
    rows = []
    for number, order in enumerate(orders):
        shop.send(order)
        rows.append(shop.ask(order, str(number), kind="exchange", reason="quality"))
    shop.buy({shop.world.variant: 1})
    Stock.objects.filter(product_variant=shop.world.variant).update(quantity=3)
    return rows


def agree_to_all(shop: Shop, rows: list[AfterSale]) -> list[Any]:
    return together(
        *(partial(agree, again(shop.people["clerk"]), row.pk, return_to="渝中仓") for row in rows)
    )


def spare(shop: Shop) -> int:
    """What is on the shelf and not sold."""
    sold = Allocation.objects.filter(stock__product_variant=shop.world.variant)
    shelf = Stock.objects.get(product_variant=shop.world.variant).quantity
    return int(shelf - (sold.aggregate(total=Sum("quantity_allocated"))["total"] or 0))


def test_two_replacements_are_promised_twice_and_no_more(shop: Shop) -> None:
    # given
    rows = four_exchanges(shop)
    assert spare(shop) == 2

    # when
    found = agree_to_all(shop, rows)

    # then
    assert kinds(found) == ["AfterSale", "AfterSale", "AfterSaleError", "AfterSaleError"]
    assert {str(one.code) for one in found if not isinstance(one, AfterSale)} == {"OUT_OF_STOCK"}
    assert (spare(shop), Replacement.objects.filter(state="held").count()) == (0, 2)


def test_without_the_stock_lock_more_is_promised_than_there_is(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: the lock patched out, and everybody looks before anybody takes
    rows = four_exchanges(shop)[:3]
    gate = Barrier(3, timeout=20)

    def look(query: Any) -> list[Any]:
        found = list(query)
        gate.wait()
        return found

    monkeypatch.setattr(holding, "lock_rows", look)

    # when
    agree_to_all(shop, rows)

    # then: somebody's sold orange is promised a second time
    assert spare(shop) == -1
