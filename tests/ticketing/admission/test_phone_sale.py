"""Tickets over the telephone: held for the caller, paid by a link on his mobile, codes and the order's page by text."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from saleor.account.models import User

from plugins.channels.types import ChannelType
from plugins.counter_sales.models import CounterSale
from plugins.ticketing.admission.models import Quota, ScenicSpot, TicketClass, Voucher
from plugins.ticketing.admission.services.catalogue import add_class, change_class, make_product, move_product
from plugins.ticketing.admission.services.places import make_place
from plugins.ticketing.admission.services.stock import make_quota
from plugins.ticketing.admission.vouchers.codes import in_fours
from plugins.ticketing.kernel.access import ORDER_VIEW, SELL
from plugins.ticketing.kernel.guest_access import link_of
from plugins.ticketing.kernel.models import TicketOrder
from saleor_o2o.kernel.clock import today
from tests.channels.shops import channel
from tests.counter_sales.conftest import SELLING, Counter, Wechat, counter, wechat, world
from tests.counter_sales.test_pay_links import Texts, texts
from tests.orgs import again, person

from ..coach.test_phone_sale import till
from .test_counter import answer

__all__ = ["counter", "texts", "wechat", "world"]
CALLER = "13800000001"
DAY = today() + timedelta(days=1)


@pytest.fixture
def agent(counter: Counter) -> Iterator[User]:
    """Answers B111's telephone; three are left tomorrow."""
    cache.clear()
    city = counter.org["CQ"]
    spot = make_place(None, ScenicSpot, city, "karst", name="天生三桥", address="重庆市武隆区")
    product = make_product(None, city, code="karst", kind="scenic", name="天生三桥门票", spot=spot)
    add_class(
        None, product, code="adult", name="成人票", price=Decimal("125.00"), exchange_mode="sms", verify_mode="each"
    )  # fmt: skip
    move_product(None, product, "put_on_sale")
    make_quota(None, product, 3, day=DAY)
    yield again(person(counter.org["B111"], "agent", (*SELLING, SELL, ORDER_VIEW)))


def wish(count: int = 2) -> dict[str, Any]:
    kind = TicketClass.objects.get()
    return {
        "key": f"phone-0000000{count}", "product": "karst", "day": str(DAY), "counts": {str(kind.pk): count},
        "phone": True,
    }  # fmt: skip


def test_a_caller_pays_on_his_own_telephone_and_has_his_codes(
    counter: Counter, agent: User, wechat: Wechat, texts: Texts
) -> None:
    # given: a unit that sells over the telephone, and its page says so
    line = channel(counter.org["B111"], type=ChannelType.TELEPHONE, name="电话订购")
    client = Client()
    client.force_login(agent)
    shown = client.get(reverse("admin:o2o_admission_admissionproduct_counter")).content.decode()
    assert f"B111/{line.code}" in shown
    # then without a mobile nobody is held for
    status, told = answer(client, "hold", wish())
    assert (status, told["error"]["field"]) == (409, "mobile")

    # when: held for the caller, in whichever spelling he says his number, and the link sent
    held = answer(client, "hold", {**wish(), "mobile": "138 0000 0001"})[1]["order"]
    sale = till(
        client, "place", key="7f2c1f4e-0b0f-4a59-9d0c-6d4f3c1b2a02", lines=[], holds=[{"number": held["number"]}],
        delivery="pickup", method=None, place=f"B111/{line.code}", phone=CALLER, address={},
    )  # fmt: skip
    sale = till(client, "link", sale=sale["id"], phone=CALLER)
    # then: two are nobody else's meanwhile
    assert (sale["state"], sale["linkTo"], held["total"]) == ("placed", "138****0001", "250.00")
    assert (TicketOrder.objects.get().state, Quota.objects.get().taken) == ("held", 2)
    assert answer(client, "hold", {**wish(3), "mobile": CALLER})[1]["error"]["code"] == "SOLD_OUT"
    assert not Voucher.objects.exists()

    # when the caller opens it and pays
    assert "¥250.00" in Client().get(texts.address()).content.decode()
    Client().post(texts.address(), {"how": "page"})
    wechat.notify(wechat.pay(CounterSale.objects.get()))

    # then: his tickets are issued, and each code came to his telephone with the way back to the order
    order, row = TicketOrder.objects.get(number=held["number"]), CounterSale.objects.get()
    assert (order.state, row.state, row.channel_code) == ("issued", "paid", line.code)
    assert (order.user, order.made_by, order.unit) == (None, agent, counter.org["B111"])
    codes = [one for one in texts.sent if one.template == "ticket_voucher"]
    assert {one.mobile for one in codes} == {CALLER}
    assert sorted(one.parameters["code"] for one in codes) == sorted(
        in_fours(one.code) for one in Voucher.objects.all()
    )
    assert all(link_of(order) in one.text for one in codes)


def test_only_where_a_telephone_is_and_what_is_sold_over_it(counter: Counter, agent: User) -> None:
    # given
    client = Client()
    client.force_login(agent)

    # then: no telephone, no sale over one
    assert answer(client, "hold", {**wish(), "mobile": CALLER})[0] == 403

    # and what is for the counter alone is not in the telephone's list
    channel(counter.org["B111"], type=ChannelType.TELEPHONE, name="电话订购")
    change_class(None, TicketClass.objects.get(), channels=["counter"])
    asked = {"product": "karst", "day": str(DAY)}
    assert answer(client, "times", {**asked, "phone": True})[1] == {"times": []}
    assert len(answer(client, "times", asked)[1]["times"]) == 1
    assert answer(client, "hold", {**wish(), "mobile": CALLER})[0] == 409
    assert not TicketOrder.objects.exists()
