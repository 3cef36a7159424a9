"""A travel agency that sells our tickets: its account, its key, its signed questions."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from saleor.account.models import User

from plugins.ticketing.admission.models import ScenicSpot, TicketClass
from plugins.ticketing.admission.services.catalogue import add_class, make_product, move_product
from plugins.ticketing.admission.services.places import make_gate, make_place
from plugins.ticketing.admission.services.stock import make_quota
from plugins.ticketing.admission.suppliers import wire
from plugins.ticketing.admission.vouchers.places import Post
from plugins.ticketing.admission.vouchers.services import keys as voucher_keys
from plugins.ticketing.distribution.downstream import access
from plugins.ticketing.distribution.downstream.models import (
    Reseller,
    ResellerEntry,
    ResellerKey,
    ResellerNotice,
)
from plugins.ticketing.distribution.downstream.services import standing
from plugins.ticketing.distribution.downstream.services.accounts import make_reseller
from plugins.ticketing.distribution.downstream.services.keys import make_key
from plugins.ticketing.distribution.downstream.services.prices import set_price
from plugins.ticketing.distribution.downstream.services.topping_up import decide_top_up, write_top_up
from saleor_o2o.kernel.clock import today
from tests.after_sale.conftest import Shop, shop, world  # noqa: F401 - fixtures
from tests.orgs import person

D = Decimal
DOOR = "/hooks/ticketing/reseller"
RIGHTS = (
    access.VIEW, access.EDIT, access.PRICE, access.TOP_UP, access.CONFIRM, access.SEND, access.REPORT, access.EXPORT,
)  # fmt: skip
_serial = itertools.count(1)


@dataclass
class Agency:
    """A travel agency with an account of county C11, its key, and the spot whose tickets it sells."""

    shop: Shop
    reseller: Reseller
    key: ResellerKey
    adult: TicketClass
    gate: Post
    manager: User
    checker: User

    def ask(self, method: str, /, _key: ResellerKey | None = None, **data: Any) -> tuple[str, dict[str, Any]]:
        """One signed question: code and data of the signed answer."""
        key = _key or self.key
        body = wire.envelope(key.key, key.secret, data, method=method)
        return self.post(body, key)

    def post(self, body: dict[str, str], key: ResellerKey | None = None) -> tuple[str, dict[str, Any]]:
        answer = Client().post(DOOR, data=json.dumps(body), content_type="application/json")
        told = answer.json()
        if answer.status_code != 200:
            return f"{answer.status_code} {told['code']}", {}
        own = key or self.key
        assert wire.problem(told, own.key, own.secret) == ""
        return told["code"], json.loads(told["data"])

    def wish(self, count: int = 2, price: int = 11000, **more: Any) -> dict[str, Any]:
        return {
            "productCode": "karst", "day": today().isoformat(), "contact": "陈渝江", "mobile": "13800000001",
            "lines": [{"classCode": "adult", "price": price, "quantity": count}], **more,
        }  # fmt: skip

    def buy(self, count: int = 2, number: str = "") -> dict[str, Any]:
        """Bought and issued, as the interface tells it."""
        code, told = self.ask(
            "order.create", outOrderNo=number or f"T-{next(_serial):06d}", **self.wish(count)
        )
        assert code == "0", told
        return self.ask("order.query", orderNo=told["orderNo"])[1]

    def balance(self) -> Decimal:
        """As the account says, which is what its entries sum to."""
        fresh = Reseller.objects.get(pk=self.reseller.pk)
        assert fresh.balance == sum(one.amount for one in ResellerEntry.objects.filter(reseller=fresh))
        return fresh.balance

    def told(self) -> list[tuple[str, dict[str, Any]]]:
        """Notices of orders since they were looked for last."""
        before = list(ResellerNotice.objects.values_list("pk", flat=True))
        standing.tell_all(standing.differing())
        return [(one.kind, one.body) for one in ResellerNotice.objects.exclude(pk__in=before).order_by("pk")]


@pytest.fixture
def agency(shop: Shop, settings: Any) -> Iterator[Agency]:  # noqa: F811
    """A contract, 1,000 yuan, 110 yuan for a ticket that costs everybody 125 and us 100."""
    cache.clear()
    voucher_keys.forget()
    unit = shop.org["C11"]
    spot = make_place(None, ScenicSpot, unit, "karst", name="天生三桥", address="重庆市武隆区", level=5)
    product = make_product(None, unit, code="karst", kind="scenic", name="天生三桥门票", spot=spot)
    adult = add_class(
        None, product, code="adult", name="成人票", price=D("125.00"), settlement_price=D("100.00"), verify_mode="each",
        max_per_order=40,
    )  # fmt: skip
    make_quota(None, product, 1000, day=today())
    move_product(None, product, "put_on_sale")
    manager, checker = person(unit, "manager", RIGHTS), person(unit, "checker", RIGHTS)
    reseller = make_reseller(
        manager, unit, "spring-travel", name="春秋旅行社", contract="HT-1", first_day=today(),
        last_day=today() + timedelta(days=30), contact="周经理", mobile="13900000001",
    )  # fmt: skip
    top_up = write_top_up(manager, reseller.pk, D("1000.00"), "BANK-1", today())
    decide_top_up(checker, top_up.pk, found=True)
    set_price(manager, reseller.pk, adult, today(), today() + timedelta(days=30), D("110.00"))
    gate = make_gate(None, spot, "main", "正门")
    clerk = person(unit, "verifier", ["voucher.view", "voucher.redeem"])
    yield Agency(
        shop, reseller, make_key(manager, reseller.pk), adult, Post(unit, gate, None, clerk), manager, checker
    )
    voucher_keys.forget()
