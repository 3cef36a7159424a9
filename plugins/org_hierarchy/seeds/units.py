"""Writes the planned units that are missing, with their first versions."""

from __future__ import annotations

from datetime import date, datetime, time

from django.utils import timezone

from saleor_o2o.kernel.request import SYSTEM
from saleor_o2o.seeding.context import SeedContext

from ..levels import UnitStatus
from ..models import OrgUnit, UnitVersion
from ..paths import path_of, reserve_keys
from .chart import Plan, plans

OPENED = date(2020, 1, 1)


def seed(context: SeedContext) -> None:
    """Create the missing units in two statements of a thousand rows each, however many there are."""
    there = {unit.code: unit for unit in OrgUnit.objects.only("code", "path")}
    missing = [plan for plan in plans() if plan.code not in there]
    if not missing:
        return
    made = []
    for plan, key in zip(missing, reserve_keys(len(missing)), strict=True):
        parent = there.get(plan.parent)
        unit = there[plan.code] = _unit(plan, key, parent)
        made.append(unit)
    OrgUnit.objects.bulk_create(made, batch_size=1000)
    since = timezone.make_aware(datetime.combine(OPENED, time.min))
    UnitVersion.objects.bulk_create(
        (
            UnitVersion(
                unit=unit, revision=1, valid_from=since, parent_id=unit.parent_id, path=unit.path,
                code=unit.code, name=unit.name, status=unit.status, reason="建立示例城市", actor=SYSTEM,
            )
            for unit in made
        ),
        batch_size=1000,
    )  # fmt: skip
    context.count("机构", len(made))


def _unit(plan: Plan, key: int, parent: OrgUnit | None) -> OrgUnit:
    return OrgUnit(
        pk=key,
        code=plan.code,
        name=plan.name,
        short_name=plan.short_name,
        level=plan.level,
        parent=parent,
        path=path_of(parent.path if parent else "", key),
        status=UnitStatus.ACTIVE,
        region_code=plan.region_code,
        postcode=plan.postcode,
        address=plan.address,
        duty_phone="11185",
        lng=plan.lng,
        lat=plan.lat,
        service_area=plan.area,
        delivery_radius=plan.radius,
        business_hours=plan.hours or {},
        business_scope=list(plan.scope),
        cost_centre=f"CC{plan.code.replace('-', '')}",
        effective_from=OPENED,
    )
