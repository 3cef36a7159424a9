"""The example city's field work: every page has something to show, a second seed changes nothing, people have names."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from plugins.channels.models import (
    Exam,
    MaterialMovement,
    MaterialStock,
    MovementKind,
    NumberRange,
    Photo,
    Visit,
)
from plugins.channels.seeds import _rules
from plugins.channels.seeds_field import AGREEMENT, seed_field
from plugins.org_hierarchy.models import OrgUnit
from saleor_o2o.seeding.context import SeedContext
from tests.orgs import person

from . import shops
from .conftest import COUNTY

BACKEND = "django.contrib.auth.backends.ModelBackend"


def seed() -> dict[str, int]:
    context = SeedContext(say=lambda _text: None)
    seed_field(context)
    return context.created


@pytest.fixture
def county(org: dict[str, OrgUnit]) -> Client:
    """Somebody of the county, after the seed; the branch's visitor is there."""
    person(org["B111"], "visitor")
    for number in range(2):
        shops.channel(org["B111"], agreement_no=f"{AGREEMENT}{number:04d}")
    _rules()
    browser = Client()
    browser.force_login(person(org["C11"], "head", COUNTY), backend=BACKEND)
    return browser


def test_a_second_seed_changes_nothing(county: Client) -> None:
    # when
    first, second = seed(), seed()

    # then
    assert first == {"渠道设备": 3, "物料流水": 12, "培训考试": 5, "渠道拜访": 4}
    assert second == {}
    assert Photo.objects.count() == Visit.objects.filter(done_at__isnull=False).count() == 2


def test_numbers_add_up(county: Client) -> None:
    # when
    seed()

    # then: what was received lies somewhere, was used or spoilt
    received = MaterialMovement.objects.get(material__code="receipt", kind=MovementKind.RECEIVE)
    gone = MaterialMovement.objects.filter(
        material__code="receipt", kind__in=(MovementKind.USE, MovementKind.VOID)
    )
    lying = MaterialStock.objects.filter(material__code="receipt")
    assert received.quantity == sum(one.quantity for one in gone) + sum(one.quantity for one in lying) == 500
    assert sum(one.last - one.first + 1 for one in NumberRange.objects.all()) == sum(
        one.quantity for one in lying
    )


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("device", ("PRINTER-0000", "已领用")),
        ("materialstock", ("收款收据", "500100")),
        ("materialmovement", ("作废", "系统")),
        ("exam", ("微店经营入门", "系统")),
        ("visit", ("货架整齐", "问题跟进")),
    ],
)
def test_pages_show_what_was_seeded(county: Client, page: str, words: tuple[str, ...]) -> None:
    # given
    seed()

    # then
    text = county.get(f"/admin/o2o_channels/{page}/").content.decode()
    assert [word for word in words if word not in text] == []


def test_whoever_wrote_an_exam_down_is_named_in_one_statement_more(
    county: Client, org: dict[str, OrgUnit]
) -> None:
    # given: two examiners
    seed()
    names = ("examiner-a", "examiner-b")
    people = [person(org["B111"], name) for name in names]
    address = "/admin/o2o_channels/exam/"
    county.get(address)
    with CaptureQueriesContext(connection) as before:
        county.get(address)

    # when
    for row, user in zip(Exam.objects.order_by("pk"), people, strict=False):
        Exam.objects.filter(pk=row.pk).update(examiner=f"user:{user.pk}")

    # then
    with CaptureQueriesContext(connection) as after:
        text = county.get(address).content.decode()
    assert all(f"{name} {name}" in text for name in names)
    assert len(after) <= len(before) + 1
    one = Exam.objects.get(examiner=f"user:{people[0].pk}")
    assert "examiner-a examiner-a" in county.get(f"{address}{one.pk}/change/").content.decode()
