"""What a slip of the hand does on the pages of paper tickets: told beside the field, with all that was typed."""

from __future__ import annotations

import csv
import io

import pytest
from django.test import Client
from django.urls import reverse
from saleor.account.models import User

from plugins.ticketing.coach.access import PAPER_EXPORT, PAPER_STOCK, PAPER_VIEW
from plugins.ticketing.coach.models import PaperRange

from ...orgs import again, person
from .conftest import World
from .test_papers import clerk, keeper, sheets

__all__ = ["clerk", "keeper", "sheets"]


def browser(user: User) -> Client:
    client = Client()
    client.force_login(again(user), backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_unit_that_there_is_not_is_told_and_nothing_typed_is_lost(world: World, keeper: User) -> None:
    # given a code with a slip in it, and one of a branch of somebody else
    page = reverse("admin:o2o_coach_paperrange_take_in")
    for code in ("B11l", "B121", "\u3000"):
        # when
        answer = browser(keeper).post(page, {"unit": code, "series": "YU", "first": "501", "last": "600"})
        # then
        told = answer.context_data["form"] if answer.status_code == 200 else None  # type: ignore[attr-defined]
        assert (answer.status_code, told and told["first"].value()) == (200, "501")
        assert "unit" in told.errors
    assert not PaperRange.objects.exists()
    code = f" {world.org['B111'].code.lower()} "
    answer = browser(keeper).post(page, {"unit": code, "first": "501", "last": "600"})
    assert answer.status_code == 302, answer.context_data["form"].errors  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("YU00001003", ["YU00001001—YU00001005"]), ("yu00001020", ["YU00001006—YU00001020"]), ("YU00001021", []),
        ("00001003", ["YU00001001—YU00001005"]), ("XX00001003", []), ("YU", ["", ""]),
    ],
)  # fmt: skip
def test_a_range_is_found_by_the_number_of_any_of_its_sheets(
    world: World, keeper: User, sheets: PaperRange, typed: str, found: list[str]
) -> None:
    # when
    seen = browser(keeper).get(reverse("admin:o2o_coach_paperrange_changelist"), {"q": typed})
    # then
    shown = [str(row) for row in seen.context_data["cl"].result_list]  # type: ignore[attr-defined]
    assert (shown == found) if typed != "YU" else (len(shown) == 2)


def test_the_list_that_is_taken_out_names_sheets_as_they_are_printed(
    world: World, sheets: PaperRange
) -> None:
    # given twenty sheets, five of them a clerk's, who has used three of the five; and a range that is used up
    reader = again(person(world.org["B111"], "reader", [PAPER_VIEW, PAPER_STOCK, PAPER_EXPORT]))
    PaperRange.objects.filter(pk=sheets.pk).update(next=1004)
    PaperRange.objects.create(series="YU", first=1, last=9, next=10, unit=world.org["B111"], state="used_up")
    # when
    answer = browser(reader).post(reverse("admin:o2o_coach_paperrange_export"), {"format": "csv"})
    # then
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))  # type: ignore[attr-defined]
    headers, *told = [row for row in rows if len(row) > 3]
    at = headers.index("当前号")
    assert sorted((row[at], row[at + 1]) for row in told) == [
        ("", "0"), ("YU00001004", "2"), ("YU00001006", "15"),
    ]  # fmt: skip
