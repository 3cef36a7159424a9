"""A spot's own staff (景区检票员): the page for their gate and their visitors, and nothing of anybody else's."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from plugins.org_hierarchy.services.templates import post_templates
from plugins.ticketing.admission.models import Redemption, ScenicSpot, Voucher
from plugins.ticketing.admission.services.catalogue import add_class, make_product
from plugins.ticketing.admission.services.places import make_gate, make_place
from plugins.ticketing.kernel.models import TicketOrder
from tests.orgs import person

from .conftest import D, World, scan
from .test_redeeming import qr

ASK = "admin:o2o_admission_scan_verify_ask"


@pytest.fixture
def spot(world: World) -> ScenicSpot:
    """A spot that is an outlet of its own."""
    made = make_place(None, ScenicSpot, world.org["O1111"], "cave", name="芙蓉洞", address="重庆市武隆区")
    make_gate(None, made, "cave-main", "洞口")
    return made


def test_they_let_in_at_their_own_spot_and_nowhere_else(world: World, spot: ScenicSpot) -> None:
    # given: a ticket of the spot that the city sells, and one of another spot
    [post] = [one for one in post_templates() if one.code == "outlet-gate"]
    guard = person(world.org["O1111"], "guard", post.patterns, scope=post.scope)
    product = make_product(None, world.org["CQ"], code="cave", kind="scenic", name="芙蓉洞门票", spot=spot)
    mine = world.voucher(add_class(None, product, code="adult", name="成人票", price=D("110.00")))
    other = world.voucher()
    TicketOrder.objects.filter(pk=other.ticket_order_id).update(unit=world.org["C21"])
    client = Client()
    client.force_login(guard)

    def ask(voucher: Voucher, gate: str, number: str) -> dict[str, Any]:
        told = {"number": number, "text": qr(voucher), "confirm": True, "gate": gate}
        answer: dict[str, Any] = client.post(
            reverse(ASK), json.dumps(told), content_type="application/json"
        ).json()
        return answer

    scan(world.at(world.east), qr(world.voucher()))

    # when
    shown = client.get(reverse("admin:o2o_admission_scan_verify")).content.decode()
    passed = ask(mine, "cave-main", "1")
    foreign = ask(other, "cave-main", "2")
    elsewhere = [ask(other, gate, f"3-{gate}") for gate in ("east", "far")]

    # then: their gate alone is on the page; a ticket of another spot is nobody's business there
    assert "芙蓉洞 洞口" in shown and "东门" not in shown and "大足正门" not in shown
    assert passed["answer"] == "passed" and foreign["answer"] == "unknown" and foreign["title"] == ""
    assert [one["error"] for one in elsewhere] == ["没有这个检票口"] * 2
    done = Redemption.objects.get(gate__code="cave-main")
    assert done.operator == guard
    # their scans are listed, and what others do is not for them to see or to do
    scans = client.get(reverse("admin:o2o_admission_scan_changelist")).content.decode()
    assert "洞口" in scans and "东门" not in scans
    for name, status in (
        ("redemption_report", 403), ("entryrule_begin", 403), ("settlementterm_begin", 403), ("device_register", 403),
    ):  # fmt: skip
        assert client.get(reverse(f"admin:o2o_admission_{name}")).status_code == status, name
    listed = client.get(reverse("admin:o2o_admission_voucher_changelist")).content.decode()
    assert other.number not in listed
    assert client.post(reverse("admin:o2o_admission_scan_reverse", args=[done.scan_id])).status_code == 403
