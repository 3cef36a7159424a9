"""Why customers want money back, as the report of payments tells it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from plugins.after_sale.reasons import reasons
from plugins.after_sale.services.deciding import agree, withdraw_wish
from saleor_o2o.cashier.models import PaymentIntent
from saleor_o2o.kernel.clock import today
from tests.orgs import again

from .conftest import Shop


def told(days: int = 0, **within: Any) -> list[tuple[Any, ...]]:
    day = today() - timedelta(days=days)
    found = reasons(PaymentIntent.objects.filter(**within), day, day)
    return [] if found is None else [row[:7] for row in found.rows]


def test_reasons_with_what_became_of_them(shop: Shop) -> None:
    # given: a refund that arrived, one that was withdrawn, one that waits
    order = shop.buy()
    done = shop.ask(order, reason="quality", lines={shop.line(order).pk: (2, None)})
    agree(again(shop.people["clerk"]), done.pk, seen="applied")
    shop.arrive(done)
    other = shop.buy()
    withdraw_wish(shop.shopper, shop.ask(other, "2", reason="quality").number)
    shop.ask(shop.buy(), "3", reason="not_shipped")

    # then
    assert told() == [
        ("质量问题、变质", 2, 1, "¥79.80", 1, 0, "0.0%"),
        ("未按时发货", 1, 0, "¥0.00", 0, 0, "0.0%"),
    ]
    assert told(days=1) == []
    assert told(order=other) == [("质量问题、变质", 1, 0, "¥0.00", 1, 0, "0.0%")]
