"""The pages of material and of applications say what the branch must know, and lead to what comes next."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from plugins.channels.models import Application, Channel, Material, MaterialStock
from plugins.channels.services.materials import issue, receive
from plugins.channels.types import ChannelStatus
from plugins.org_hierarchy.models import OrgUnit
from tests.orgs import again, person

from . import shops
from .conftest import LIAISON

#: Who goes there must be able to ring up first.
RINGS = (*LIAISON, "channel.contact")
BACKEND = "django.contrib.auth.backends.ModelBackend"


def login(user: Any) -> Client:
    client = Client()
    client.force_login(again(user), backend=BACKEND)
    return client


def page(name: str, *args: Any) -> str:
    return reverse(f"admin:o2o_channels_{name}", args=args)


def test_a_stock_tells_its_movements_and_leads_to_the_next(org: dict[str, OrgUnit], liaison: Any) -> None:
    # given
    channel = shops.channel(org["B111"])
    paper = Material.objects.create(code="paper", name="热敏票纸", measure="卷")
    receive(paper, org["B111"], 10, reason="县中心配送")
    issue(paper, channel, 3, reason="月度领用")
    stock = MaterialStock.objects.get(channel=channel)

    # when
    client = login(liaison)
    text = client.get(page("materialstock_change", stock.pk)).content.decode()
    form = client.get(
        page("materialstock_move"), {"material": paper.pk, "place": channel.code, "action": "issue"}
    )

    # then
    assert f"热敏票纸 · {channel.code}" in text
    assert "月度领用" in text and "系统" in text
    assert f"place={channel.code}" in text
    shown = form.content.decode()
    assert f'value="{channel.code}"' in shown
    assert f'<option value="{paper.pk}" selected' in shown


def test_material_is_chosen_by_name(org: dict[str, OrgUnit], liaison: Any) -> None:
    # given
    paper = Material.objects.create(code="paper", name="热敏票纸", measure="卷")
    Material.objects.create(code="old", name="旧票纸", measure="卷", is_active=False)
    client = login(liaison)

    # when
    shown = client.get(page("materialstock_move")).content.decode()
    asked = {"action": "receive", "material": paper.pk, "place": org["B111"].code, "quantity": 5}
    client.post(page("materialstock_move"), asked)

    # then
    assert "热敏票纸" in shown and "旧票纸" not in shown
    assert MaterialStock.objects.get().quantity == 5


@pytest.fixture
def applied(org: dict[str, OrgUnit]) -> Channel:
    """Somebody applied."""
    channel = shops.channel(
        org["B111"], status=ChannelStatus.APPLIED, owner_name="田小邻", owner_mobile="13800000001"
    )
    Application.objects.create(
        channel=channel, number="WD1", community="棉花街社区", premises="棉花街 6 号", remark="临街",
        consent_version="1",
    )  # fmt: skip
    return channel


def test_an_application_is_read_on_its_page_and_has_no_code_yet(applied: Channel, liaison: Any) -> None:
    # when
    text = login(liaison).get(page("channel_change", applied.pk)).content.decode()

    # then
    for told in ("WD1", "棉花街社区", "棉花街 6 号", "临街"):
        assert told in text
    assert "渠道二维码" not in text
    assert "13800000001" not in text


@pytest.mark.parametrize(
    ("rights", "where", "status"),
    [
        (LIAISON, "B111", 403),
        ((*LIAISON, "channel.contact"), "B111", 200),
        ((*LIAISON, "channel.contact"), "B121", 404),
    ],
)
def test_who_may_ring_the_applicant_up(
    org: dict[str, OrgUnit], applied: Channel, rights: tuple[str, ...], where: str, status: int
) -> None:
    # given
    client = login(person(org[where], "visitor", rights))
    address = reverse("admin:o2o_org_hierarchy_staff_reveal", args=["o2o_channels.channel", applied.pk])

    # when
    answer = client.post(address, {"reason": "约定上门走访"})

    # then
    assert answer.status_code == status
    assert ("13800000001" in answer.content.decode()) is (status == 200)
    button = client.get(page("channel_change", applied.pk)).content.decode()
    assert ("查看店主电话" in button) is (status == 200)


def test_a_visit_begins_with_what_it_most_likely_is(applied: Channel, liaison: Any) -> None:
    # given
    client = login(liaison)

    def chosen(name: str) -> str:
        return client.get(reverse("admin:o2o_channels_channel_do", args=[applied.pk, name])).content.decode()

    # then
    assert '<option value="opening" selected' in chosen("visit")
    Channel.objects.filter(pk=applied.pk).update(status=ChannelStatus.ACTIVE)
    assert '<option value="routine" selected' in chosen("visit")
    assert '<option value="routine" selected' in chosen("plan")
    assert "admin/js/core.js" in chosen("plan")
