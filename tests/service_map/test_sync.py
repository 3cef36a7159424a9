"""The repair of places: what differs from the unit is found by the database, and nothing else is touched."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from plugins.org_hierarchy.models import OrgUnit
from plugins.service_map.sync import sync_all

from .map_support import mapped_org, square


@pytest.fixture
def org(db: Any) -> dict[str, OrgUnit]:
    return mapped_org()


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "新名"}, {"short_name": "简称"}, {"address": "新址"}, {"duty_phone": "023-1"}, {"lng": 106.5512},
        {"business_hours": {"1": [["09:00", "12:00"]]}}, {"business_scope": ["tourism"]}, {"status": "suspended"},
        {"effective_from": date(2026, 2, 1)}, {"lng": None, "lat": None}, {"source_datum": "wgs84"},
        {"service_area": square(106.5, 29.6)}, {"service_area": None},
    ],
)  # fmt: skip
def test_the_repair_finds_whatever_differs(org: dict[str, OrgUnit], changes: dict[str, Any]) -> None:
    # given
    assert sync_all() == 0
    OrgUnit.objects.filter(pk=org["B111"].pk).update(**changes)

    # then: once, and only that one
    assert sync_all() == 1
    assert sync_all() == 0
