"""The back office: putting up, ending, the list of exchanges, the report; and who may."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from plugins.points_mall.models import Exchange, MallOffer
from saleor_o2o.kernel.models import AuditEntry
from tests.orgs import person

from .conftest import Mall

RIGHTS = ("org_unit.view", "points_mall.view", "points_mall.create", "points_mall.edit", "points_mall.export")


def desk(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(name: str, *args: Any) -> str:
    return reverse(f"admin:o2o_points_mall_{name}", args=args)


def filled(mall: Mall, **changes: Any) -> dict[str, Any]:
    """The form of an offer: 300 points for an orange."""
    return {
        "sku": mall.orange.sku, "owner": str(mall.shop.org["C11"].pk), "points": "300", "yuan": "0", "quota": "10",
        "per_member": "", "period": "whole", "opens_at_0": "2026-01-01", "opens_at_1": "00:00", "note": "限量",
        **changes,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"sku": "NOTHING"}, "没有这个 SKU"),
        ({"yuan": "39.90"}, "须低于商品原价"),
        ({"points": "0"}, "大于或等于"),
        ({"closes_at_0": "2025-01-01", "closes_at_1": "00:00"}, "结束时间须晚于开始时间"),
    ],
)
def test_what_is_wrong_is_said_and_kept(mall: Mall, changes: dict[str, str], words: str) -> None:
    # when
    answer = desk(mall.shop.world.admin).post(page("malloffer_add"), filled(mall, **changes))

    # then
    assert words in answer.content.decode() and "限量" in answer.content.decode()
    assert not MallOffer.objects.exists()


def test_put_up_and_ended_but_never_rewritten(mall: Mall) -> None:
    # given
    county = desk(person(mall.shop.org["C11"], "county_ops", RIGHTS))

    # when
    made = county.post(page("malloffer_add"), filled(mall), follow=True)
    offer = MallOffer.objects.get()
    MallOffer.objects.update(taken=3)
    few = county.post(page("malloffer_change", offer.pk), {"quota": "2", "note": "限量"})
    changed = county.post(
        page("malloffer_change", offer.pk),
        {"quota": "20", "points": "1", "closes_at_0": "2027-01-01", "closes_at_1": "00:00", "note": "加量"},
    )

    # then
    assert offer.code in made.content.decode() and "已经兑换 3 件" in few.content.decode()
    assert changed.status_code == 302
    now = MallOffer.objects.get()
    assert (now.quota, now.points, now.note, now.taken) == (20, 300, "加量", 3)
    assert AuditEntry.objects.filter(action="points_mall.offer_changed").count() == 2


@pytest.mark.parametrize(
    ("unit", "rights", "opens", "changes"),
    [
        ("C11", RIGHTS, 200, 302),
        ("B111", RIGHTS, 200, 403),  # below: sees what binds it
        ("C11", ("points_mall.view",), 200, 403),
        ("C12", RIGHTS, 404, 404),
        ("C11", ("order.view",), 403, 403),
    ],
)
def test_who_may(mall: Mall, unit: str, rights: tuple[str, ...], opens: int, changes: int) -> None:
    # given
    offer = mall.offer(owner=mall.shop.org["C11"], quota=10)
    client = desk(person(mall.shop.org[unit], "somebody", rights))

    # when
    opened = client.get(page("malloffer_change", offer.pk))
    changed = client.post(page("malloffer_change", offer.pk), {"quota": "20", "note": ""})

    # then
    assert (opened.status_code, changed.status_code) == (opens, changes)
    assert MallOffer.objects.get().quota == (20 if changes == 302 else 10)


def test_the_report_counts_what_stands(mall: Mall) -> None:
    # given
    mall.no_freight()
    mall.exchange(mall.offer(), pieces=3)
    Exchange.objects.update(back=1)
    client = desk(mall.shop.world.admin)

    # when
    told = client.get(page("exchange_report")).content.decode()
    book = client.get(page("exchange_report"), {"format": "xlsx"})
    rows = client.get(page("exchange_changelist")).content.decode()

    # then: two of three stand
    assert "600" in told and "¥79.80" in told and "DH1" in told
    assert book.status_code == 200 and "spreadsheet" in book["Content-Type"]
    assert "DH1" in rows and "600" in rows
    clerk = desk(person(mall.shop.org["C12"], "other", RIGHTS))
    assert "DH1" not in clerk.get(page("exchange_report")).content.decode()
