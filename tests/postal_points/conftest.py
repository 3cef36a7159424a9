"""An organisation, rules, and the core system's signature."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from plugins.loyalty.models import Purse
from plugins.members.models import Member
from plugins.org_hierarchy.interfaces import OrgUnit
from plugins.postal_points.models import PostalRule
from plugins.postal_points.wire import signature
from saleor_o2o.kernel.clock import now
from tests.members.asking import somebody
from tests.orgs import small_org

D = Decimal
KEY, SECRET = "core", "a-secret-of-tests"
Registered = Callable[..., Member]
Door = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def org(db: None) -> dict[str, OrgUnit]:
    return small_org()


@pytest.fixture
def rules(org: dict[str, OrgUnit]) -> dict[str, PostalRule]:
    """A point for 100 yuan saved (1000 at most), for 10 insured, for each yuan of a parcel; good for 24 months."""
    since = now() - timedelta(days=400)
    told = (("savings", "100", 1000), ("insurance", "10", None), ("parcel", "1", None))
    return {
        service: PostalRule.objects.create(service=service, yuan_per_point=D(rate), cap=cap, valid_from=since)
        for service, rate, cap in told
    }


@pytest.fixture
def door(rules: dict[str, PostalRule], settings: Any) -> Door:
    """Tells the platform as the core system does; `spoil` changes a header."""
    settings.O2O_POSTAL_POINTS = {"KEY": KEY, "SECRET": SECRET}
    return knock


@pytest.fixture
def registered(django_capture_on_commit_callbacks: Any) -> Registered:
    """Somebody registers, and the news of it arrive."""

    def register(*told: Any, **more: Any) -> Member:
        with django_capture_on_commit_callbacks(execute=True):
            return somebody(*told, **more)

    return register


def knock(
    what: str = "businesses",
    *,
    spoil: dict[str, str] | None = None,
    raw: bytes | None = None,
    age: int = 0,
    **told: Any,
) -> Any:  # fmt: skip
    """One signed message; the status and what was answered."""
    usual = {
        "service": "savings", "number": "CX0001", "amount": "25000.00", "unit": "B111", "mobile": "13900001111",
        "happened_at": now().isoformat(),
    }  # fmt: skip
    body = {**(usual if what == "businesses" else {"service": "savings", "number": "CX0001"}), **told}
    data = json.dumps({name: value for name, value in body.items() if value is not None}).encode()
    data = raw if raw is not None else data
    path, stamp = f"/hooks/postal_points/{what}", str(int(time.time()) - age)
    headers = {
        "X-Postal-Key": KEY, "X-Postal-Timestamp": stamp, "X-Postal-Nonce": "once",
        "X-Postal-Signature": signature(SECRET, "POST", path, stamp, "once", data), **(spoil or {}),
    }  # fmt: skip
    answer = Client().post(path, data, content_type="application/json", headers=headers)
    return answer.status_code, answer.json()


def points_of(member: Member) -> tuple[int, int]:
    """What a member has and owes."""
    row = Purse.objects.filter(member=member, book="points").first()
    return (int(row.balance), int(row.owed)) if row is not None else (0, 0)
