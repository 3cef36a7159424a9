"""A card slip counts once, whether it pays a whole sale or a part of one."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from threading import Barrier
from typing import Any

import pytest

from plugins.counter_sales import tenders
from plugins.counter_sales.error_codes import CounterErrorCode as Code
from plugins.counter_sales.errors import CounterError
from plugins.counter_sales.models import PosReceipt, PosSlip, SaleState
from plugins.counter_sales.services import pos as pos_service
from plugins.counter_sales.services.mixed import compose_sale
from plugins.counter_sales.services.pos import pay_pos, read_slip
from plugins.counter_sales.services.refunds import refund_sale
from saleor_o2o.cashier.interfaces import Wish
from tests.orgs import again
from tests.threads import together

from .conftest import Counter, Wechat
from .looking import KEY, fresh, refused

D = Decimal
SLIP = "000123"


def whole(counter: Counter, sale: Any, slip: str = SLIP) -> Callable[[], Any]:
    return lambda: pay_pos(again(counter.clerk), sale.pk, D("39.90"), read_slip("30010001", slip))


def part(counter: Counter, sale: Any, slip: str = SLIP) -> Callable[[], Any]:
    return lambda: compose_sale(again(counter.clerk), sale.pk, [Wish("pos", slip, D("10.00"))])


def test_a_slip_that_paid_a_part_pays_no_whole_sale(counter: Counter, wechat: Wechat) -> None:
    # given
    first, second, third = (counter.place(1) for _ in range(3))
    part(counter, first)()
    whole(counter, third, "000200")()
    back = partial(refund_sale, again(counter.clerk), third.pk, D("39.90"), "录错商品", key=KEY)

    # then
    assert refused(whole(counter, second)).code == Code.POS_SLIP_USED
    assert refused(partial(back, pos=read_slip("30010001", SLIP))).code == Code.POS_SLIP_USED
    assert (fresh(second).state, fresh(third).refunded) == (SaleState.PLACED, D("0.00"))
    assert PosReceipt.objects.count() == 1


def test_a_slip_that_paid_a_whole_sale_pays_no_part(counter: Counter, wechat: Wechat) -> None:
    # given
    first, second = counter.place(1), counter.place(1)
    whole(counter, first)()

    # then
    assert refused(part(counter, second)).code == Code.SLIP_USED
    assert (fresh(second).state, PosSlip.objects.count()) == (SaleState.PLACED, 0)


def test_in_the_same_moment_one_of_both_gets_it(counter: Counter, wechat: Wechat) -> None:
    # given
    sales = [counter.place(1) for _ in range(4)]

    # when
    results = together(*[(whole, part)[place % 2](counter, sale) for place, sale in enumerate(sales)])

    # then
    errors = [one for one in results if isinstance(one, Exception)]
    assert all(isinstance(one, CounterError) for one in errors), errors
    assert len(errors) == 3
    assert PosReceipt.objects.count() + PosSlip.objects.count() == 1


def test_without_the_lock_both_would(
    counter: Counter, wechat: Wechat, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: both look before either writes
    first, second = counter.place(1), counter.place(1)
    gate = Barrier(2, timeout=10)
    for module, name in ((pos_service, "taken_as_part"), (tenders, "taken_whole")):
        monkeypatch.setattr(module, "lock_slip", lambda sale, number: None)
        monkeypatch.setattr(module, name, looked(getattr(module, name), gate))

    # when
    together(whole(counter, first), part(counter, second))

    # then
    assert (PosReceipt.objects.count(), PosSlip.objects.count()) == (1, 1)


def looked(check: Callable[..., bool], gate: Barrier) -> Callable[..., bool]:
    def slowly(*asked: Any) -> bool:
        found = check(*asked)
        gate.wait()
        return found

    return slowly
