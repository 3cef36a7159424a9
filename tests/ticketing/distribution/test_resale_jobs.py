"""The jobs of resale: an order that breaks, closed days that come into sight, many offers of which one breaks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from plugins.ticketing.admission.models import PriceDay
from plugins.ticketing.admission.services.catalogue import move_product
from plugins.ticketing.distribution.downstream.models import (
    Reseller,
    ResellerNotice,
    ResellerOffer,
    ResellerOrder,
)
from plugins.ticketing.distribution.downstream.services import changes, ordering
from plugins.ticketing.distribution.downstream.todo import todo
from plugins.ticketing.kernel.models import TicketOrder
from saleor_o2o.kernel.clock import frozen, now, today
from tests.orgs import again

from .agency import Agency


def close(agency: Agency, days: int) -> None:
    """Nobody is let in on that day from now."""
    day = today() + timedelta(days=days)
    PriceDay.objects.create(ticket_class=agency.adult, day=day, price=agency.adult.price, closed=True)


def _dies(*_told: Any) -> Any:
    raise RuntimeError


def test_an_order_that_breaks_again_and_again_is_shown_to_people(
    agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: something of our own breaks at one of two orders
    with monkeypatch.context() as patch:
        patch.setattr(ordering, "_place", _dies)
        for number in ("BREAKS-1", "GOES-ON-1"):
            agency.ask("order.create", outOrderNo=number, **agency.wish(1))
    broken = ResellerOrder.objects.get(their_number="BREAKS-1")
    place = ordering._place

    def breaks(row: ResellerOrder, held: TicketOrder) -> int:
        if row.pk == broken.pk:
            raise RuntimeError
        return place(row, held)

    monkeypatch.setattr(ordering, "_place", breaks)
    watcher = again(agency.manager)

    # when: once, then after a while
    with frozen(now() + timedelta(minutes=2)):
        ordering.drive_waiting()
        early = [one.title for one in todo(watcher)]
    with frozen(now() + timedelta(minutes=16)):
        ordering.drive_waiting()
        late = [one for one in todo(watcher) if "BREAKS-1" in one.title]

    # then: the other one went on
    assert not [one for one in early if "BREAKS-1" in one]
    assert [one.href for one in late] == [reverse("admin:o2o_resale_resellerorder_change", args=[broken.pk])]
    broken.refresh_from_db()
    assert (broken.state, broken.code) == ("working", "BROKEN")
    assert ResellerOrder.objects.get(their_number="GOES-ON-1").state == "placed"

    # when: it is mended while its hold is good
    monkeypatch.setattr(ordering, "_place", place)
    with frozen(now() + timedelta(minutes=4)):
        ResellerOrder.objects.filter(pk=broken.pk).update(tried_at=now() - timedelta(minutes=2))
        ordering.drive_waiting()
    assert not [one for one in todo(watcher) if "BREAKS-1" in one.title]

    # then: nothing of it is left where the reseller reads it
    broken.refresh_from_db()
    assert (broken.state, broken.code, broken.why) == ("placed", "", "")


def test_a_closed_day_that_comes_into_sight_or_is_over_is_no_change(agency: Agency) -> None:
    # given: closed days tomorrow, and just behind what is compared
    for days in (1, changes.DAYS):
        close(agency, days)
    assert changes.tell_products() == 0

    # when, then: time goes by
    for days in (1, 2, 3, 60):
        with frozen(now() + timedelta(days=days)):
            assert changes.tell_products() == 0

    # when, then: somebody closes a day
    with frozen(now() + timedelta(days=60)):
        close(agency, 9)
        assert (changes.tell_products(), changes.tell_products()) == (1, 0)
    assert ResellerNotice.objects.filter(kind="product.changed").count() == 1


def test_looking_at_products_costs_the_same_for_many_and_one_that_breaks_keeps_none(
    agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: three resellers of a product
    offer = ResellerOffer.objects.get()
    changes.tell_products()
    with CaptureQueriesContext(connection) as one:
        changes.tell_products()
    others = []
    for at in range(2):
        row = Reseller.objects.get(pk=agency.reseller.pk)
        row.pk, row.code, row.name = None, f"R{at}X", f"旅行社{at}"
        row.save()
        others.append(ResellerOffer.objects.create(reseller=row, product=offer.product))
    changes.tell_products()
    with CaptureQueriesContext(connection) as three:
        changes.tell_products()
    assert len(three) == len(one)

    # when: the first of them breaks
    tells = changes.tell

    def breaks(reseller: int, *told: Any) -> Any:
        if reseller == offer.reseller_id:
            raise RuntimeError
        return tells(reseller, *told)

    monkeypatch.setattr(changes, "tell", breaks)
    move_product(None, offer.product, "pause")

    # then
    assert changes.tell_products() == 2
