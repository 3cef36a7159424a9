"""A sheet that is missing is somebody's to find: on his list, in the report, in a file, until it is explained."""

from __future__ import annotations

import csv
import io

import pytest
from django.test import Client
from django.urls import reverse
from saleor.account.models import User

from plugins.ticketing.coach.access import (
    EXPORT,
    PAPER_EXPORT,
    PAPER_PRINT,
    PAPER_STOCK,
    PAPER_VIEW,
    REPORT,
    VIEW,
)
from plugins.ticketing.coach.errors import CoachError
from plugins.ticketing.coach.models import PaperCount, PaperRange
from plugins.ticketing.coach.services.papers import count, give, settle_count, take_in
from plugins.ticketing.coach.todo import counts
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope

from ...orgs import again, person
from .conftest import World

STOCK = [PAPER_VIEW, PAPER_STOCK, PAPER_EXPORT, VIEW, REPORT, EXPORT]


@pytest.fixture
def keeper(world: World) -> User:
    return again(person(world.org["B111"], "keeper", STOCK))


@pytest.fixture
def clerk(world: World) -> User:
    return again(person(world.org["B111"], "clerk", [PAPER_VIEW, PAPER_PRINT]))


@pytest.fixture
def missing(world: World, keeper: User, clerk: User) -> PaperCount:
    """Two sheets of five are not there, one count before was right."""
    stock: PaperRange = take_in(keeper, world.org["B111"], "YU", 1, 5)
    give(keeper, stock.pk, clerk, 5)
    count(clerk, 1)
    return count(clerk, 3, "两张找不到")


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(name: str, *args: int) -> str:
    return reverse(f"admin:o2o_coach_papercount_{name}", args=args)


def test_a_difference_waits_until_it_is_explained(missing: PaperCount, keeper: User) -> None:
    # given
    [waiting] = counts(keeper)
    assert waiting.title == f"纸票清点相差 -2 张：{missing.range.unit.name}"
    assert waiting.note == "两张找不到"
    client = browser(keeper)
    listed = client.get(page("changelist") + "?open=yes").content.decode()
    assert listed.count("两张找不到") == 1
    report = client.get(reverse("admin:o2o_coach_shiftday_report")).content.decode()
    assert "纸票清点差异" in report and "两张找不到" in report
    # when
    assert client.get(page("settle", missing.pk)).status_code == 200
    assert client.post(page("settle", missing.pk), {"reason": ""}).status_code == 200
    assert counts(keeper) != []
    assert (
        client.post(page("settle", missing.pk), {"reason": "在打印机后找到，已补登记作废"}).status_code == 302
    )
    # then
    assert counts(keeper) == []
    missing.refresh_from_db()
    assert (missing.settled_by, missing.settled_note) == (keeper, "在打印机后找到，已补登记作废")
    with pytest.raises(CoachError):
        settle_count(keeper, missing.pk, "再来一次")
    answer = client.post(page("export"), {"format": "csv"})
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))  # type: ignore[attr-defined]
    assert [row[5] for row in rows[2:]] == ["-2", "0"]
    assert "在打印机后找到，已补登记作废" in rows[2]


def test_nobody_explains_his_own_and_nobody_elses_branch(
    missing: PaperCount, world: World, clerk: User
) -> None:
    # given the clerk who counted, now keeping the stock as well; and a keeper of another branch
    both = again(person(world.org["B111"], "both", [*STOCK, PAPER_PRINT]))
    PaperCount.objects.filter(pk=missing.pk).update(by=both)
    other = again(person(world.org["B121"], "other", STOCK))
    # then
    assert (counts(both), counts(other), counts(clerk)) == ([], [], [])
    with pytest.raises(CoachError):
        settle_count(both, missing.pk, "自己处理")
    with pytest.raises(OutOfScope):
        settle_count(other, missing.pk, "别处处理")
    with pytest.raises(NotAllowed):
        settle_count(clerk, missing.pk, "没有权限")
    assert browser(clerk).get(page("settle", missing.pk)).status_code == 403


def test_what_agrees_needs_no_word(missing: PaperCount, keeper: User) -> None:
    agreed = PaperCount.objects.exclude(pk=missing.pk).get()
    with pytest.raises(CoachError):
        settle_count(keeper, agreed.pk, "没有差异")
    assert "处理差异" not in browser(keeper).get(page("change", agreed.pk)).content.decode()
