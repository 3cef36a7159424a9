"""Demo: places of the seeded units, communities near the branches, stations, sights and lockers."""

from __future__ import annotations

import hashlib
import math

from django.db import transaction

from plugins.org_hierarchy.interfaces import Level, OrgUnit, UnitStatus
from saleor_o2o.kernel.locks import advisory_lock
from saleor_o2o.seeding.context import SeedContext, SeedLock

from .kinds import PlaceKind
from .models import Community, Place
from .services.communities import search_text
from .sync import sync_all

#: Beginnings and endings of estates' names; the town stands in front.
BEGINNINGS = ("金", "锦绣", "阳光", "翠湖", "江", "书香", "和", "绿", "东方", "龙")
ENDINGS = ("家园", "花园", "小区", "苑", "新村")
METRES_PER_DEGREE = 111_320.0

#: Name, kind, county's short name, position (GCJ-02), hours.
SIGHTS = (
    ("重庆北站", PlaceKind.STATION, "渝北", 106.5511, 29.6093, "05:00", "23:30"),
    ("重庆西站", PlaceKind.STATION, "沙坪坝", 106.4323, 29.5050, "05:30", "23:30"),
    ("沙坪坝站", PlaceKind.STATION, "沙坪坝", 106.4640, 29.5590, "06:00", "23:00"),
    ("菜园坝汽车站", PlaceKind.STATION, "渝中", 106.5530, 29.5490, "06:00", "21:00"),
    ("龙头寺汽车站", PlaceKind.STATION, "渝北", 106.5560, 29.6110, "06:00", "21:00"),
    ("江北国际机场", PlaceKind.STATION, "渝北", 106.6417, 29.7192, "00:00", "24:00"),
    ("万州北站", PlaceKind.STATION, "万州", 108.3930, 30.8420, "06:00", "22:30"),
    ("洪崖洞", PlaceKind.SCENIC, "渝中", 106.5788, 29.5624, "00:00", "24:00"),
    ("朝天门码头", PlaceKind.SCENIC, "渝中", 106.5876, 29.5655, "08:00", "22:00"),
    ("磁器口古镇", PlaceKind.SCENIC, "沙坪坝", 106.4499, 29.5809, "08:00", "22:00"),
    ("南山一棵树观景台", PlaceKind.SCENIC, "南岸", 106.6010, 29.5450, "09:00", "22:30"),
    ("白帝城", PlaceKind.SCENIC, "奉节", 109.5667, 31.0430, "08:30", "17:30"),
    ("大足石刻宝顶山", PlaceKind.SCENIC, "大足", 105.7960, 29.7480, "08:30", "18:00"),
    ("天生三桥", PlaceKind.SCENIC, "武隆", 107.7990, 29.4290, "09:00", "16:00"),
)


def seed(context: SeedContext) -> None:
    """Bring places in step with the units, then create the missing communities and sights, in bulk."""
    context.count("地图地点", sync_all())
    with transaction.atomic():
        advisory_lock(SeedLock.CITY, timeout=120)
        branches = list(
            OrgUnit.objects.filter(level=Level.BRANCH, status=UnitStatus.ACTIVE, lng__isnull=False).order_by(
                "code"
            )
        )
        context.count("小区", _communities(branches))
        context.count("车站与景区", _sights())
        context.count("智能柜", _lockers(branches))


def _communities(branches: list[OrgUnit]) -> int:
    there = set(Community.objects.values_list("name", "region_code"))
    made = []
    for branch in branches:
        town = branch.short_name.removesuffix("支局")
        for number in range(1 + _number(branch.code, 0) % 2):
            begins, ends = _number(branch.code, number + 1), _number(branch.code, number + 5)
            name = f"{town}{BEGINNINGS[begins % 10]}{ENDINGS[ends % 5]}"
            if (name, branch.region_code) in there:
                continue
            there.add((name, branch.region_code))
            alias = name.removeprefix(town)
            aliases = [f"{town}邮政宿舍"] if number == 0 and len(town) > 1 else []
            row = Community(
                name=name, aliases=aliases, unit=branch, region_code=branch.region_code,
                search_text=search_text(name, [*aliases, alias]),
                address=f"{town}正街{_number(branch.code, 9) % 200 + 1}号", households=_number(name, 0) % 1800 + 200,
            )  # fmt: skip
            row.put_at(*_beside(branch, name, 700))
            made.append(row)
    Community.objects.bulk_create(made, batch_size=500)
    return len(made)


def _sights() -> int:
    counties = {unit.short_name: unit for unit in OrgUnit.objects.filter(level=Level.COUNTY)}
    there = set(
        Place.objects.filter(kind__in=(PlaceKind.STATION, PlaceKind.SCENIC)).values_list("name", flat=True)
    )
    made = []
    for name, kind, county, lng, lat, opens, closes in SIGHTS:
        if name in there or county not in counties:
            continue
        hours = {str(day): [[opens, closes]] for day in range(1, 8)}
        row = Place(kind=kind, name=name, unit=counties[county], address=county, hours=hours)
        row.put_at(lng, lat)
        made.append(row)
    Place.objects.bulk_create(made)
    return len(made)


def _lockers(branches: list[OrgUnit]) -> int:
    """A parcel locker near every third branch, open day and night."""
    there = set(Place.objects.filter(kind=PlaceKind.LOCKER).values_list("unit_id", flat=True))
    hours = {str(day): [["00:00", "24:00"]] for day in range(1, 8)}
    made = []
    for branch in branches[::3]:
        if branch.pk in there:
            continue
        town = branch.short_name.removesuffix("支局")
        row = Place(
            kind=PlaceKind.LOCKER, name=f"{town}智能包裹柜", unit=branch, address=branch.address, hours=hours
        )
        row.put_at(*_beside(branch, "locker", 400))
        made.append(row)
    Place.objects.bulk_create(made, batch_size=500)
    return len(made)


def _number(text: str, place: int) -> int:
    """The same number for the same text, whenever and wherever."""
    return int.from_bytes(hashlib.sha256(f"{text}/{place}".encode()).digest()[:4])


def _beside(branch: OrgUnit, text: str, metres: float) -> tuple[float, float]:
    angle = _number(branch.code + text, 0) % 360 * math.pi / 180
    degrees = metres * (0.3 + _number(branch.code + text, 1) % 70 / 100) / METRES_PER_DEGREE
    lng, lat = float(branch.lng or 0), float(branch.lat or 0)
    return lng + degrees * math.cos(angle) / math.cos(math.radians(lat)), lat + degrees * math.sin(angle)
