"""A card slip counts once, whether it pays a whole sale, a part of one, or gives money back."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import connection

from plugins.counter_sales.error_codes import CounterErrorCode as Code
from plugins.counter_sales.errors import CounterError
from plugins.counter_sales.models import PosReceipt, SaleState
from plugins.counter_sales.services.mixed import compose_sale
from plugins.counter_sales.services.pos import pay_pos, read_slip
from plugins.counter_sales.services.refunds import refund_sale
from saleor_o2o.cashier.interfaces import Wish
from saleor_o2o.cashier.models import PaymentPart
from tests.orgs import again
from tests.threads import together

from .conftest import Counter, Wechat
from .looking import KEY, fresh, refused

D = Decimal
SLIP = "000123"
TERMINAL = "30010001"


def whole(counter: Counter, sale: Any, slip: str = SLIP) -> Callable[[], Any]:
    return lambda: pay_pos(again(counter.clerk), sale.pk, D("39.90"), read_slip(TERMINAL, slip))


def part(counter: Counter, sale: Any, slip: str = SLIP, terminal: str = TERMINAL) -> Callable[[], Any]:
    wish = Wish("pos", f"{terminal}/{slip}", D("10.00"))
    return lambda: compose_sale(again(counter.clerk), sale.pk, [wish])


def test_a_slip_that_paid_a_part_pays_no_whole_sale(counter: Counter, wechat: Wechat) -> None:
    # given
    first, second, third = (counter.place(1) for _ in range(3))
    part(counter, first)()
    whole(counter, third, "000200")()
    back = partial(refund_sale, again(counter.clerk), third.pk, D("39.90"), "录错商品", key=KEY)

    # then
    assert refused(whole(counter, second)).code == Code.POS_SLIP_USED
    assert refused(partial(back, pos=read_slip(TERMINAL, SLIP))).code == Code.POS_SLIP_USED
    assert (fresh(second).state, fresh(third).refunded) == (SaleState.PLACED, D("0.00"))
    assert PosReceipt.objects.count() == 2


def test_a_slip_that_paid_a_whole_sale_pays_no_part(counter: Counter, wechat: Wechat) -> None:
    # given
    first, second = counter.place(1), counter.place(1)
    whole(counter, first)()

    # then
    assert refused(part(counter, second)).code == Code.POS_SLIP_USED
    assert (fresh(second).state, PosReceipt.objects.count()) == (SaleState.PLACED, 1)


def test_another_terminal_counts_its_slips_anew(counter: Counter, wechat: Wechat) -> None:
    # given
    first, second = counter.place(1), counter.place(1)
    whole(counter, first)()

    # when
    part(counter, second, terminal="30010002")()

    # then
    assert list(
        PosReceipt.objects.order_by("pk").values_list("terminal", "slip", "amount", "part_number")
    ) == [
        ("30010001", SLIP, D("39.90"), ""),
        ("30010002", SLIP, D("10.00"), PaymentPart.objects.get().number),
    ]


def race(counter: Counter) -> list[Any]:
    sales = [counter.place(1) for _ in range(4)]
    return together(*[(whole, part)[place % 2](counter, sale) for place, sale in enumerate(sales)])


def test_in_the_same_moment_one_of_both_gets_it(counter: Counter, wechat: Wechat) -> None:
    # when
    results = race(counter)

    # then
    errors = [one for one in results if isinstance(one, Exception)]
    assert all(isinstance(one, CounterError) for one in errors), errors
    assert [one.code for one in errors] == [Code.POS_SLIP_USED] * 3
    assert PosReceipt.objects.count() == 1


def test_without_the_index_all_would(counter: Counter, wechat: Wechat) -> None:
    # given
    [index] = [one for one in PosReceipt._meta.constraints if one.name == "o2o_counter_pos_slip_once"]
    with connection.schema_editor() as editor:
        editor.remove_constraint(PosReceipt, index)

    # when
    try:
        results = race(counter)
        written = PosReceipt.objects.count()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE o2o_counter_sales_posreceipt")
        with connection.schema_editor() as editor:
            editor.add_constraint(PosReceipt, index)

    # then
    assert [one for one in results if isinstance(one, Exception)] == []
    assert written == 4
