"""A matter for tests, about departments of a small organisation: the branch decides, then the county."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

import pytest
from saleor.account.models import User

from plugins.approvals.interfaces import ApprovalRequest, Matter, Route, Step, register_matter, submit
from plugins.approvals.registry import forget_matter
from plugins.org_hierarchy.interfaces import Level, OrgUnit
from plugins.org_hierarchy.models import Department
from tests.orgs import person, small_org

PERMISSION = "org_unit.close"


@dataclass
class Office:
    """The organisation, its people, and what the matter's handlers were told."""

    units: dict[str, OrgUnit]
    clerk: User
    branch: User
    county: User
    heard: list[tuple[str, str]] = field(default_factory=list)

    def subject(self, name: str = "票务") -> Department:
        return Department.objects.create(
            unit=self.units["B111"], code=f"d{Department.objects.count()}", name=name
        )

    def submit(self, matter: str = "test.opening", **more: object) -> ApprovalRequest:
        return submit(matter, self.subject(), self.units["B111"], self.clerk, **more)  # type: ignore[arg-type]

    def person(
        self, name: str, at: str, permissions: tuple[str, ...] = (PERMISSION,), **more: object
    ) -> User:
        return person(self.units[at], name, permissions, **more)  # type: ignore[arg-type]


@pytest.fixture
def office(db: None) -> Iterator[Office]:
    units = small_org()
    made = Office(
        units,
        clerk=person(units["B111"], "clerk", ["org_unit.view"]),
        branch=person(units["B111"], "branch", [PERMISSION]),
        county=person(units["C11"], "county", [PERMISSION]),
    )

    def hear(name: str) -> object:
        return lambda request: made.heard.append((name, request.subject.name))

    register_matter(
        Matter(
            code="test.opening",
            title="部门开设",
            permission=PERMISSION,
            steps=(Step(Level.BRANCH), Step(Level.COUNTY, hours=48)),
            on_approved=hear("approved"),  # type: ignore[arg-type]
            on_rejected=hear("rejected"),  # type: ignore[arg-type]
            on_withdrawn=hear("withdrawn"),  # type: ignore[arg-type]
            summary=lambda subject: [("名称", subject.name), ("代码", subject.code)],
            href=lambda subject: f"/departments/{subject.pk}",
        )
    )
    register_matter(
        Matter(
            code="test.refund",
            title="退款",
            permission=PERMISSION,
            routes=(
                Route((Step(Level.COUNTY),), Decimal(200)),
                Route((Step(Level.AREA),), Decimal(2000)),
                Route((Step(Level.CITY),)),
            ),
        )
    )
    yield made
    for code in ("test.opening", "test.refund"):
        forget_matter(code)
