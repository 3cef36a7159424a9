"""Placing a basket: prices, stock, discounts, customers, addresses, attribution, and doing it once."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from saleor.account.models import User
from saleor.order.models import Order
from saleor.product.models import ProductVariant
from saleor.warehouse.models import Stock

from plugins.channels.types import ChannelType
from plugins.counter_sales.error_codes import CounterErrorCode as Code
from plugins.counter_sales.errors import CounterError
from plugins.counter_sales.models import CounterBasket, CounterCustomer, CounterSale, Delivery, SaleState
from plugins.counter_sales.places import place_of_sale, places_for
from plugins.counter_sales.quoting import quote
from plugins.counter_sales.selectors.goods import refresh_names, search_goods
from plugins.counter_sales.services.baskets import save_basket
from plugins.counter_sales.services.floats import open_account
from plugins.counter_sales.services.placing import place_sale
from plugins.counter_sales.wanted import read_wanted
from plugins.org_hierarchy.interfaces import OrgError
from plugins.org_hierarchy.models import OrderAttribution
from saleor_o2o.kernel.events import capture_events
from saleor_o2o.kernel.idempotency import IdempotencyConflict
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope
from saleor_o2o.ordering.events import OrderPlaced
from tests.channels.shops import channel
from tests.concurrency.crowd import allocated
from tests.orgs import again
from tests.stock.world import money
from tests.threads import together

from .conftest import Counter

D = Decimal
HOME = {"name": "王小渝", "phone": "13800000002", "district": "渝中区", "street": "民族路 18 号"}


def refused(call: Callable[[], Any]) -> CounterError:
    with pytest.raises(CounterError) as caught:
        call()
    return caught.value


def test_a_basket_becomes_an_order(counter: Counter) -> None:
    # when
    with capture_events() as events:
        sale = counter.place(2, note="要软一点的")

    # then
    order = sale.order
    assert events.of(OrderPlaced) == [OrderPlaced(order_id=order.pk, total=D("79.80"), gateway="")]
    assert (sale.state, sale.total, order.total.gross.amount) == (SaleState.PLACED, D("79.80"), D("79.80"))
    assert order.status == "unfulfilled"
    assert order.shipping_method_name == "网点自提"
    assert order.customer_note == "要软一点的"
    assert allocated() == 2
    assert len(sale.pickup_code) == 8 and not set(sale.pickup_code) & set("0O1I")
    attribution = OrderAttribution.objects.get(order=order)
    assert (attribution.unit, attribution.operator, attribution.basis) == (
        counter.org["B111"],
        counter.clerk,
        "counter",
    )
    assert sale.account == counter.account


def test_the_same_key_gives_the_same_sale(counter: Counter) -> None:
    # given
    basket = counter.basket(1)

    # when
    first = place_sale(counter.clerk, read_wanted(basket))
    second = place_sale(again(counter.clerk), read_wanted(basket))

    # then
    assert first == second
    assert Order.objects.count() == 1
    with pytest.raises(IdempotencyConflict):
        place_sale(counter.clerk, read_wanted({**basket, "discount": "1.00"}))


def test_ten_clicks_at_once_make_one_order(counter: Counter) -> None:
    # given
    wanted = read_wanted(counter.basket(1))

    # when
    results = together(*[partial(place_sale, again(counter.clerk), wanted) for _ in range(10)])

    # then: some may be told to wait, none makes another
    assert {result.pk for result in results if isinstance(result, CounterSale)} == {
        CounterSale.objects.get().pk
    }
    assert allocated() == 1


def test_two_counters_and_the_last_boxes(
    counter: Counter, colleague: Callable[..., User], settings: Any
) -> None:
    # given: ten boxes, sixteen clicks for one
    settings.O2O_LOCK_TIMEOUT = 60
    other = colleague("B111", "second")

    def one(user: User) -> str:
        try:
            counter.place(1, user)
        except CounterError as error:
            return str(error.code)
        return "order"

    # when
    results = together(*[partial(one, user) for user in [counter.clerk, other] * 8])

    # then
    assert Tally(results) == Tally({"order": 10, "INSUFFICIENT_STOCK": 6})
    assert allocated() == 10
    assert CounterSale.objects.count() == Order.objects.count() == 10


def test_out_of_stock_in_the_middle_says_what_is_left_and_keeps_nothing(counter: Counter) -> None:
    # given
    second = ProductVariant.objects.create(product=counter.world.product, sku="ORANGE-10KG", name="10 千克")
    Stock.objects.create(warehouse=counter.world.warehouse, product_variant=second, quantity=2)
    lines = [
        {"variant": counter.world.variant.pk, "quantity": 1},
        {"variant": second.pk, "quantity": 3},
    ]

    # when
    error = refused(lambda: counter.place(lines=lines))

    # then
    assert (error.code, error.field) == (Code.INSUFFICIENT_STOCK, "lines")
    assert "现有 2 件" in error.message
    assert error.details["left"] == {str(counter.world.variant.pk): 10, str(second.pk): 2}
    assert (Order.objects.count(), CounterSale.objects.count(), allocated()) == (0, 0, 0)


def test_a_changed_price_is_told_not_charged(counter: Counter) -> None:
    # given
    counter.world.product.price = money("45.00")
    counter.world.product.save()

    # when
    error = refused(lambda: counter.place(1, expected_total="39.90"))

    # then
    assert error.code == Code.PRICE_CHANGED
    assert error.details["quote"]["total"] == "45.00"
    assert Order.objects.count() == 0
    assert counter.place(1, expected_total="45.00").total == D("45.00")


def test_a_discount_within_the_limit_and_above_it(counter: Counter) -> None:
    # when
    sale = counter.place(2, discount="10.00", discount_reason="老顾客")

    # then
    assert (sale.total, sale.order.total.gross.amount, sale.order.discount.amount) == (
        D("69.80"),
        D("69.80"),
        D("10.00"),
    )
    with pytest.raises(OrgError) as above:
        counter.place(2, discount="10.01", discount_reason="老顾客")
    assert above.value.code == "LIMIT_EXCEEDED"
    assert refused(lambda: counter.place(2, discount="5.00")).code == Code.DISCOUNT_REASON_REQUIRED
    assert refused(lambda: counter.place(1, discount="39.91", discount_reason="x")).code == (
        Code.DISCOUNT_INVALID
    )
    assert CounterSale.objects.count() == 1


def test_a_free_gift_can_be_sold(counter: Counter) -> None:
    # given: stock divides the tax by the net price
    counter.world.product.price = money("0.00")
    counter.world.product.save()

    # then
    assert counter.place(1).total == D("0.00")


def test_a_customer_is_known_by_the_number_the_next_time(counter: Counter) -> None:
    # when
    first = counter.place(1, phone="138 1234 0000", customer_name="张三丰")
    second = counter.place(1, phone="+86-13812340000")

    # then
    customer = CounterCustomer.objects.get()
    assert first.customer == second.customer == customer
    assert (customer.masked, second.masked_customer) == ("张** 138****0000", "张** 138****0000")
    assert first.order.user is None
    # the account of the shop with this number, if there is exactly one
    known = counter.place(1, phone="13800138000")
    assert known.order.user == counter.world.customer


def test_personal_data_is_not_in_the_clear(counter: Counter) -> None:
    # given
    sale = counter.place(1, phone="13812340000", customer_name="张三丰")
    save_basket(counter.clerk, "3f2b8e57-58a4-4d2c-9e1b-0a2f2f0e8f4d", {"phone": "13812340000"})

    # then
    from django.db import connection

    with connection.cursor() as cursor:
        for table in ("countersale", "countercustomer", "counterbasket"):
            cursor.execute(f"SELECT row_to_json(t)::text FROM o2o_counter_sales_{table} t")
            text = " ".join(row[0] for row in cursor.fetchall())
            assert text and "13812340000" not in text and "张三丰" not in text
            assert sale.pickup_code not in text


def test_goods_go_to_an_address(counter: Counter) -> None:
    # when
    sale = counter.place(1, delivery="address", address=HOME)

    # then
    assert sale.delivery == Delivery.ADDRESS
    assert (sale.total, sale.order.shipping_price.gross.amount) == (D("49.90"), D("10.00"))
    assert sale.order.shipping_address.city == "渝中区"
    assert sale.pickup_code == ""


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"lines": []}, Code.EMPTY_BASKET, "lines"),
        ({"lines": "x"}, Code.EMPTY_BASKET, "lines"),
        ({"lines": [{"variant": "x", "quantity": 1}]}, Code.QUANTITY_INVALID, "lines"),
        ({"lines": [{"variant": 999999, "quantity": 1}]}, Code.GOODS_GONE, "lines"),
        ({"quantity": 0}, Code.QUANTITY_INVALID, "lines"),
        ({"quantity": 1000}, Code.QUANTITY_INVALID, "lines"),
        ({"quantity": -1}, Code.QUANTITY_INVALID, "lines"),
        ({"key": "short"}, Code.REQUEST_KEY_INVALID, "key"),
        ({"phone": "12345"}, Code.PHONE_INVALID, "phone"),
        ({"discount": "-1"}, Code.DISCOUNT_INVALID, "discount"),
        ({"delivery": "drone"}, Code.ADDRESS_INCOMPLETE, "delivery"),
        ({"delivery": "address"}, Code.ADDRESS_INCOMPLETE, "address.name"),
        (
            {"delivery": "address", "address": {**HOME, "street": ""}},
            Code.ADDRESS_INCOMPLETE,
            "address.street",
        ),
        ({"delivery": "address", "address": {**HOME, "phone": "1"}}, Code.PHONE_INVALID, "address.phone"),
        (
            {"delivery": "address", "address": {**HOME, "postcode": "40"}},
            Code.ADDRESS_INCOMPLETE,
            "address.postcode",
        ),
        ({"delivery": "address", "address": HOME, "method": 999999}, Code.METHOD_NOT_APPLICABLE, "method"),
        ({"note": "长" * 301}, Code.TEXT_TOO_LONG, "note"),
        ({"note": "a\x00b"}, Code.TEXT_TOO_LONG, "note"),
    ],
)
def test_odd_baskets_are_refused_by_field(
    counter: Counter, changes: dict[str, Any], code: Code, field: str
) -> None:
    # given
    quantity = changes.pop("quantity", 1) if "quantity" in changes else 1
    changes = dict(changes)

    # when
    error = refused(lambda: counter.place(quantity, **changes))

    # then
    assert (error.code, error.field) == (code, field)
    assert Order.objects.count() == 0


def test_unpublished_goods_are_gone(counter: Counter) -> None:
    # given
    counter.world.product.is_published = False
    counter.world.product.save()

    # then
    assert refused(lambda: counter.place(1)).code == Code.GOODS_GONE
    assert search_goods("脐橙") == []


def test_where_one_may_sell(counter: Counter, colleague: Callable[..., User]) -> None:
    # given
    abroad = colleague("B121", "abroad")
    viewer = colleague("B111", "viewer", ["counter_order.view"])

    # then
    outlet = counter.org["O1111"].code
    assert counter.place(1, place=outlet).unit == counter.org["O1111"]
    with pytest.raises(OutOfScope):
        counter.place(1, abroad, place=outlet)
    for nobody in (viewer, counter.world.customer):
        assert refused(lambda who=nobody: counter.place(1, who)).code == Code.PERMISSION_DENIED
        with pytest.raises((OutOfScope, NotAllowed)):
            counter.place(1, nobody, place=outlet)
    assert Order.objects.count() == 1


def test_an_order_by_telephone_counts_for_the_telephone(counter: Counter) -> None:
    # given: a branch with a number of its own
    unit = counter.org["B111"]
    line = channel(unit, type=ChannelType.TELEPHONE, name="电话订购")
    key = f"B111/{line.code}"
    assert [(one.key, one.name) for one in places_for(again(counter.clerk))][:2] == [
        ("B111", unit.name), (key, "电话订购"),
    ]  # fmt: skip

    # when: the clerk orders for a caller
    sale = counter.place(place=key, phone="13800001111", customer_name="王阿姨")

    # then: whose order it is, at the platform's price; the cash at the counter is the unit's
    found = OrderAttribution.objects.get(order=sale.order)
    assert (found.channel_type, found.channel_code, found.unit, found.operator) == (
        "telephone", line.code, unit, counter.clerk,
    )  # fmt: skip
    assert (sale.total, sale.account, place_of_sale(sale).name) == (
        Decimal("39.90"),
        counter.account,
        "电话订购",
    )
    opened = partial(open_account, again(counter.finance), unit, channel_code=line.code)
    assert refused(opened).code == Code.NOT_FOUND


def test_a_suspended_place_sells_nothing(counter: Counter) -> None:
    # given
    from saleor_o2o.kernel.states import move

    move(counter.org["B111"], "suspend")

    # then
    assert refused(lambda: counter.place(1)).code == Code.PLACE_CLOSED


@pytest.mark.parametrize(
    "typed", ["脐橙", "qicheng", "fjqc", "QC", "orange-5kg", "ORANGE", "奉节 脐橙", "6901234567892"]
)
def test_goods_are_found_as_clerks_type(counter: Counter, typed: str) -> None:
    # given
    refresh_names()
    ProductVariant.objects.filter(pk=counter.world.variant.pk).update(metadata={"barcode": "6901234567892"})

    # then
    [found] = search_goods(typed)
    assert (found.variant, found.price, found.left) == (counter.world.variant, D("39.90"), 10)


def test_names_are_spelt_once_and_anew_when_they_change(counter: Counter) -> None:
    # then
    assert refresh_names() == 1
    assert refresh_names() == 0
    counter.world.product.name = "巫山脆李"
    counter.world.product.save()
    assert refresh_names() == 1
    assert [one.name for one in search_goods("wscl")] == ["巫山脆李"]


@pytest.mark.parametrize("typed", ["", "  ", "没有", "%", "' OR 1=1", "\\"])
def test_nothing_is_found_for_nonsense(counter: Counter, typed: str) -> None:
    # then
    assert search_goods(typed) == []


def test_the_search_takes_the_same_statements_whatever_it_finds(
    counter: Counter, django_assert_max_num_queries: Any
) -> None:
    # given
    refresh_names()
    for number in range(9):
        variant = ProductVariant.objects.create(product=counter.world.product, sku=f"ORANGE-{number}")
        Stock.objects.create(warehouse=counter.world.warehouse, product_variant=variant, quantity=1)

    # then
    with django_assert_max_num_queries(9):
        assert len(search_goods("脐橙")) == 10


def test_the_quote_is_what_is_charged(counter: Counter) -> None:
    # given
    wanted = read_wanted(counter.basket(3, delivery="address", address=HOME))

    # when
    reckoned = quote(wanted)

    # then
    assert place_sale(counter.clerk, wanted).total == reckoned.total == D("129.70")


def test_a_placed_basket_is_forgotten_and_others_stay(counter: Counter) -> None:
    # given
    basket = counter.basket(1)
    save_basket(counter.clerk, basket["key"], basket)
    save_basket(counter.clerk, "3f2b8e57-58a4-4d2c-9e1b-0a2f2f0e8f4d", {"lines": []})

    # when
    place_sale(counter.clerk, read_wanted(basket))

    # then
    assert [str(row.key) for row in CounterBasket.objects.all()] == ["3f2b8e57-58a4-4d2c-9e1b-0a2f2f0e8f4d"]
