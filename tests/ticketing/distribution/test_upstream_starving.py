"""One order or spot that a distributor tells wrongly does not keep the others waiting."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from plugins.ticketing.admission.models import AdmissionProduct
from plugins.ticketing.admission.suppliers.distributor import ask_order
from plugins.ticketing.distribution.models import UpstreamStanding
from plugins.ticketing.distribution.upstream import catalogue, polling
from plugins.ticketing.distribution.upstream.catalogue import take_over
from plugins.ticketing.distribution.upstream.polling import poll
from plugins.ticketing.distribution.upstream.using import reconcile
from plugins.ticketing.kernel.models import SupplierAccount
from plugins.ticketing.kernel.ports import SupplierRefused
from saleor_o2o.kernel.clock import frozen, now, today
from sandbox.client import SandboxClient

from .conftest import Buy

pytestmark = pytest.mark.django_db
TODAY = today()


def test_who_was_never_asked_for_comes_first(buy: Buy, scenic: SandboxClient) -> None:
    # given: two orders, and time for one each run
    first, second = buy("FJ01-E", 1, TODAY), buy("FJ01-E", 1, TODAY)
    poll(limit=1)

    # when
    with frozen(now() + timedelta(minutes=6)):
        poll(limit=1)

    # then
    asked = set(UpstreamStanding.objects.values_list("ticket_order", flat=True))
    assert asked == {first.order.pk, second.order.pk}


@pytest.mark.parametrize("error", [KeyError("vouchers"), SupplierRefused("OTHER", "查无此单")])
def test_an_order_that_cannot_be_read_does_not_stop_the_others(
    buy: Buy, scenic: SandboxClient, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    # given
    broken, sound = buy("FJ01-E", 1, TODAY), buy("FJ01-E", 1, TODAY)
    whole: Callable[[str], Any] = ask_order
    asked: list[str] = []

    def ask(number: str) -> Any:
        asked.append(number)
        if number == broken.order.their_number:
            raise error
        return whole(number)

    monkeypatch.setattr(polling.distributor, "ask_order", ask)

    # when
    done, again = poll(), poll()

    # then: it is not asked for again at once, either
    assert (done, again) == (1, 0)
    assert asked == [broken.order.their_number, sound.order.their_number]


def test_an_answer_that_was_overtaken_changes_nothing(buy: Buy, scenic: SandboxClient) -> None:
    # given: asked twice; whoever asked first comes last
    bought = buy("FJ01-E", 1, TODAY)
    early, first = now(), ask_order(bought.order.their_number)
    scenic.call("POST", "/scenic/consume", {"code": bought.code, "quantity": 1, "gate": "南门"})
    reconcile(bought.order, ask_order(bought.order.their_number))

    # when
    reconcile(bought.order, first, asked_at=early)

    # then
    assert [(ticket.state, ticket.used) for ticket in bought.fresh()] == [("used", 1)]


def test_a_spot_that_cannot_be_read_does_not_stop_the_others(
    account: SupplierAccount, scenic: SandboxClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    told = catalogue.distributor.all_products()
    bad = told[0]["spot"]["spotCode"]
    for one in told:
        if one["spot"]["spotCode"] == bad:
            one["cutoffTime"] = "noon"
    monkeypatch.setattr(catalogue.distributor, "all_products", lambda: told)

    # when
    taken = take_over(account)

    # then
    spots = {one["spot"]["spotCode"] for one in told}
    assert taken.products == len(spots) - 1
    assert set(AdmissionProduct.objects.values_list("supplier_code", flat=True)) == spots - {bad}
