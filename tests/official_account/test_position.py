"""A position is answered with the nearest outlets: how far, whether open, how to get there."""

from __future__ import annotations

from pathlib import Path

import pytest

from plugins.official_account.models import Account
from plugins.official_account.seeds import accounts_from_sandbox
from sandbox.client import SandboxClient
from tests.official_account.line import Line
from tests.service_map.map_support import mapped_org

pytestmark = pytest.mark.django_db

HOOK = "/hooks/official_account/chongqing"


@pytest.fixture
def mapped(control: SandboxClient, sandbox_folder: Path, sandbox_address: str, db: None) -> Line:
    mapped_org()
    accounts_from_sandbox(sandbox_folder / "official_account", sandbox_address)
    opened = Line(control)
    opened.warm()
    opened.connect(HOOK)
    opened.does("follow")
    yield opened  # type: ignore[misc]
    opened.close()


def test_nearest_first_with_distance_and_way(mapped: Line) -> None:
    # when
    mapped.does("position", lng=106.55, lat=29.55, label="解放碑")

    # then
    [answer] = mapped.said()
    first, second = [part for part in answer.split("\n\n") if part[0].isdigit()]
    assert first.startswith("1. 甲县一支局一网点（150 米）")
    assert second.startswith("2. 甲县一支局二网点（1.5 公里）")
    assert '<a href="https://uri.amap.com/navigation?to=106.551000%2C29.551000%2C' in first
    assert len(answer.encode()) <= 2048


def test_far_away_and_nonsense(mapped: Line, django_assert_num_queries: object) -> None:
    # when
    mapped.does("position", lng=100.0, lat=20.0)
    mapped.does("position", lng=-180, lat=90)

    # then
    assert mapped.said() == ["50 公里内没有找到邮政网点。您可以拨打 11185 咨询。"] * 2
    assert Account.objects.count() >= 1
