"""Demo: a member for each shopper, and a few dozen members in each county."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import transaction
from saleor.account.models import User

from plugins.org_hierarchy.interfaces import Level, OrgUnit, UnitStatus
from saleor_o2o.kernel.clock import now, today
from saleor_o2o.kernel.locks import advisory_lock
from saleor_o2o.kernel.numbering import next_numbers
from saleor_o2o.seeding.context import SeedContext, SeedLock

from .kinds import IdentityKind, LimitSubject, MemberStatus, Source
from .limits import DAY, HOUR
from .models import Member, MemberIdentity, MemberProfile, SmsLimit, Vehicle
from .numbers import MEMBER, address_of
from .services.records import VEHICLE, save_record
from .services.registering import current_agreement
from .values import Value

MODELS = ("长安 CS75", "五菱宏光", "比亚迪 宋", "大众 朗逸", "吉利 帝豪")
#: Members made in each county, spread over its branches.
PER_COUNTY = 24
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高"
GIVEN = (
    "建国",
    "秀英",
    "伟",
    "芳",
    "小渝",
    "丽",
    "强",
    "敏",
    "静",
    "洋",
    "勇",
    "艳",
    "杰",
    "娟",
    "涛",
    "明珠",
)
#: 170 1xxx xxxx numbers: nobody real has one of the demo's, and none of the sandbox's people.
MOBILES = 17010000000


def seed(context: SeedContext) -> None:
    """Make members of the shoppers that are there, then fill the counties; in bulk, nothing twice."""
    with transaction.atomic():
        advisory_lock(SeedLock.CITY, timeout=120)
        context.count("会员（商城账号）", _of_shoppers())
        context.count("会员（各区县）", _of_counties())
        context.count("车辆", _vehicles())
        context.count("短信限次", _limits())


def _limits() -> int:
    """Everybody who tries the demonstration comes from one address; what a city has set stays."""
    made = 0
    if not SmsLimit.objects.filter(subject=LimitSubject.NETWORK).exists():
        for seconds, most in ((HOUR, 600), (DAY, 3000)):
            SmsLimit.objects.create(
                subject=LimitSubject.NETWORK,
                seconds=seconds,
                most=most,
                note="示例城市：大家共用一个网络地址",
            )
            made += 1
    return made


def agree_to_marketing(every: int) -> int:
    """Let every so many-eth of the members that came by import agree to advertising; returns how many (the demo)."""
    members = [
        row for row in Member.objects.filter(source=Source.IMPORT).order_by("pk") if row.pk % every == 0
    ]
    for start in range(0, len(members), 500):
        MemberProfile.objects.bulk_create(
            [MemberProfile(member=row, marketing=True, marketing_at=now()) for row in members[start : start + 500]],
            update_conflicts=True, unique_fields=["member"], update_fields=["marketing", "marketing_at"],
        )  # fmt: skip
    return len(members)


def _of_shoppers() -> int:
    """A member for each shopper without one, known by the mobile of the default address where nobody else has it."""
    users = list(
        User.objects.filter(is_staff=False, is_superuser=False, o2o_member__isnull=True)
        .select_related("default_shipping_address")
        .order_by("pk")[:5000]
    )
    members = _make([(user, None) for user in users], Source.STOCK)
    pairs = []
    for member in members:
        address = member.user.default_shipping_address
        digits = str(getattr(address.phone, "national_number", "") or "") if address is not None else ""
        if len(digits) == 11:
            pairs.append((member, digits))
    _give_mobiles(pairs)
    return len(members)


def _of_counties() -> int:
    if Member.objects.filter(source=Source.IMPORT).exists():
        return 0
    branches = OrgUnit.objects.filter(level=Level.BRANCH, status=UnitStatus.ACTIVE).order_by("code")
    by_county: dict[int, list[OrgUnit]] = {}
    for branch in branches:
        by_county.setdefault(branch.parent_id or 0, []).append(branch)
    wanted = [
        (county, units[number % len(units)])
        for county, units in sorted(by_county.items())
        for number in range(PER_COUNTY)
    ]
    numbers = next_numbers(MEMBER, [("", None)] * len(wanted))
    users = User.objects.bulk_create(
        [
            User(
                email=address_of(number), password=f"{UNUSABLE_PASSWORD_PREFIX}seed",
                first_name=f"{SURNAMES[place % len(SURNAMES)]}{GIVEN[place * 7 % len(GIVEN)]}",
            )
            for place, number in enumerate(numbers)
        ],
        batch_size=500,
    )  # fmt: skip
    members = Member.objects.bulk_create(
        [
            Member(
                user=user, number=number, home_unit=unit, registered_unit=unit, source=Source.IMPORT,
                agreement=current_agreement(), agreed_at=now(),
            )
            for user, number, (_county, unit) in zip(users, numbers, wanted, strict=True)
        ],
        batch_size=500,
    )  # fmt: skip
    _give_mobiles([(member, str(MOBILES + place)) for place, member in enumerate(members)])
    return len(members)


def _make(people: list[tuple[User, OrgUnit | None]], source: Source) -> list[Member]:
    numbers = next_numbers(MEMBER, [("", None)] * len(people)) if people else []
    return Member.objects.bulk_create(
        [
            Member(user=user, number=number, home_unit=unit, source=source, registered_at=user.date_joined)
            for (user, unit), number in zip(people, numbers, strict=True)
        ],
        batch_size=500,
    )


def _give_mobiles(pairs: list[tuple[Member, str]]) -> None:
    rows = []
    for member, mobile in pairs:
        value = Value(IdentityKind.MOBILE, "", mobile)
        rows.append(
            MemberIdentity(
                member=member, kind=value.kind, value=value.text, value_index=value.index, is_primary=True,
                verified_at=now(),
            )
        )  # fmt: skip
    MemberIdentity.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)


def _vehicles() -> int:
    """A car for some members of each county, with dates that come near one after the other."""
    if Vehicle.objects.exists():
        return 0
    members = Member.objects.filter(status=MemberStatus.ACTIVE, home_unit__isnull=False).order_by("pk")
    found = list(members[::6])[:60]
    for place, member in enumerate(found):
        save_record(
            member, VEHICLE,
            {
                "plate": f"渝A{10000 + place * 7}", "model": MODELS[place % len(MODELS)],
                "registered_on": today().replace(day=1) - timedelta(days=365 * (2 + place % 11)),
                "inspection_due": today() + timedelta(days=place * 5 % 120 - 6),
                "insurance_due": today() + timedelta(days=place * 11 % 160 + 2),
            },
        )  # fmt: skip
    return len(found)
