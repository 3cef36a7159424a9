"""Demo: stations of the city and around it, the two networks, what a site allows, paper tickets at branches.

Lines and buses are the networks' to tell: they come with the first synchronisation.
"""

from __future__ import annotations

import tomllib
from datetime import time
from functools import cache
from pathlib import Path
from typing import Any

from django.db import transaction

from plugins.org_hierarchy.interfaces import Level, OrgUnit, UnitStatus, distance_m, people_with
from plugins.ticketing.kernel.choices import Trade
from plugins.ticketing.kernel.models import SupplierAccount
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import advisory_lock
from saleor_o2o.seeding.context import SeedContext, SeedLock

from .access import PAPER_PRINT
from .choices import Channel, PaperState, PickMode
from .models import PaperRange, SaleLimit, Season, Station
from .names import pinyin_of

_DATA = Path(__file__).parent / "data" / "stations.toml"
#: Sheets of a branch, those in the hands of its clerks first; so many clerks at most.
SHEETS, CLERKS_SHEETS, CLERKS = 400, 100, 3
SERIES = "YU"
BRANCHES = 8
CITY_CLERKS = 6


@cache
def told() -> dict[str, Any]:
    """The file of stations."""
    return tomllib.loads(_DATA.read_text(encoding="utf-8"))


def seed(context: SeedContext) -> None:
    """Write what is missing; what the city has changed stays."""
    with transaction.atomic():
        advisory_lock(SeedLock.CITY, timeout=120)
        branches = list(OrgUnit.objects.filter(level=Level.BRANCH, status=UnitStatus.ACTIVE).order_by("code"))
        context.count("汽车站点", _stations(branches))
        context.count("客票网", _networks())
        context.count("节假日预售期", _seasons())
        context.count("购票限制", _limits())
        context.count("纸票号段", _papers(branches))


def station_rows(branches: list[OrgUnit]) -> list[Station]:
    """The stations of the file, unsaved, each with the branch that is nearest."""
    found = []
    for code, name, aliases, city, county, address, lng, lat, rule in told()["stations"]:
        pinyin, initials = pinyin_of(name)
        found.append(
            Station(
                code=code, name=name, aliases=aliases, pinyin=pinyin, initials=initials, city=city, county=county,
                address=address, lng=lng, lat=lat, rule_key=rule, unit=_nearest(lng, lat, branches),
                presale_days=7, season_days=10, opens=time(0), closes=time(23, 59, 59),
                pick_modes=[PickMode.ID_CARD, PickMode.QR, PickMode.WINDOW, PickMode.OUTLET],
                by_height=code.startswith("GZ"),
            )
        )  # fmt: skip
    return found


def _nearest(lng: float, lat: float, branches: list[OrgUnit]) -> OrgUnit | None:
    placed = [
        (distance_m(lng, lat, one.lng, one.lat), one)
        for one in branches
        if one.lng is not None and one.lat is not None
    ]
    away, unit = min(placed, key=lambda pair: pair[0], default=(0, None))
    # a station in another province has no branch of ours near it
    return unit if away < 60_000 else None


def _stations(branches: list[OrgUnit]) -> int:
    there = set(Station.objects.values_list("code", flat=True))
    made = [one for one in station_rows(branches) if one.code not in there]
    Station.objects.bulk_create(made)
    return len(made)


def _networks() -> int:
    count = 0
    for code, name, adapter, priority, minutes in told()["networks"]:
        _row, fresh = SupplierAccount.objects.get_or_create(
            code=code,
            defaults={
                "name": name, "trade": Trade.COACH, "adapter": adapter, "priority": priority, "hold_minutes": minutes,
            },
        )  # fmt: skip
        count += fresh
    return count


def _seasons() -> int:
    if Season.objects.exists():
        return 0
    made = [Season(name=name, first=first, last=last) for name, first, last in told()["seasons"]]
    return len(Season.objects.bulk_create(made))


def _limits() -> int:
    count = 0
    for channel, orders, tickets, cancels in ((Channel.ONLINE, 10, 5, 10), (Channel.COUNTER, 0, 10, 0)):
        _row, fresh = SaleLimit.objects.get_or_create(
            channel=channel,
            defaults={"orders_day": orders, "tickets_order": tickets, "cancels_day": cancels},
        )
        count += fresh
    return count


def _papers(branches: list[OrgUnit]) -> int:
    """A stock at some branches, the front of it in its clerks' hands; and some for those of the city's own desk."""
    if PaperRange.objects.exists():
        return 0
    made, first = [], 10_000_001
    some = [one for one in branches if "解放碑" in one.name] + [
        one for one in branches if "解放碑" not in one.name
    ]
    for unit in some[:BRANCHES]:
        cut = first
        for one in people_with(PAPER_PRINT, unit)[:CLERKS]:
            made.append(
                PaperRange(
                    series=SERIES, first=cut, last=cut + CLERKS_SHEETS - 1, next=cut, unit=unit, holder=one.user,
                    state=PaperState.IN_USE, taken_at=now(),
                )
            )  # fmt: skip
            cut += CLERKS_SHEETS
        made.append(PaperRange(series=SERIES, first=cut, last=first + SHEETS - 1, next=cut, unit=unit))
        first += SHEETS
    city = OrgUnit.objects.filter(parent__isnull=True).first()
    for one in people_with(PAPER_PRINT, city)[:CITY_CLERKS] if city is not None else ():
        made.append(
            PaperRange(
                series=SERIES, first=first, last=first + SHEETS - 1, next=first, unit=city, holder=one.user,
                state=PaperState.IN_USE, taken_at=now(),
            )
        )  # fmt: skip
        first += SHEETS
    PaperRange.objects.bulk_create(made)
    return len(made)
