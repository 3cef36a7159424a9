"""Demo: floats and drawers for the seeded branches, and the goods' pinyin."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import transaction
from saleor.account.models import User

from plugins.channels.interfaces import OPEN, Channel, ChannelType
from plugins.org_hierarchy.interfaces import Level, OrgUnit, UnitStatus, staff_of

from .locks import lock_account
from .models import CounterRules, Drawer, FloatAccount, MovementKind
from .selectors.goods import refresh_names
from .services.floats import post
from .services.shifts import open_shift

CREDIT = Decimal("200.00")
FIRST = Decimal("800.00")
ALARM = Decimal("300.00")
CLERK = "clerk_jiefangbei"


def seed(context: Any) -> None:
    """Give every open branch, and every shop whose owner can log in, a float if it has none; also spell the goods.

    800 yuan topped up, 200 on credit.
    """
    context.count("商品拼音", refresh_names())
    bare = OrgUnit.objects.filter(level=Level.BRANCH, status=UnitStatus.ACTIVE).exclude(
        float_accounts__channel_code=""
    )
    places = [(unit, "") for unit in bare.order_by("path")]
    owned = Channel.objects.filter(owner_user__isnull=False, type=ChannelType.MICRO_SHOP, status__in=OPEN)
    there = set(FloatAccount.objects.exclude(channel_code="").values_list("channel_code", flat=True))
    places += [(one.unit, one.code) for one in owned.select_related("unit") if one.code not in there]
    admin = context.user("admin")
    for unit, code in places:
        with transaction.atomic():
            account = FloatAccount.objects.create(
                unit=unit, channel_code=code, credit_limit=CREDIT, alarm_below=ALARM
            )
            post(
                lock_account(account.pk),
                MovementKind.TOP_UP,
                FIRST,
                biz_type="seed",
                biz_id=code or unit.code,
                operator=admin,
                note="示例数据",
            )
    context.count("备付金账户", len(places))
    context.count("台席", _drawers(context))


def _drawers(context: Any) -> int:
    """Two drawers for every open branch that has none, and the demo's clerk at the first one of his.

    Shifts are needed at his branch, where he has opened one with 200 yuan.
    """
    bare = OrgUnit.objects.filter(level=Level.BRANCH, status=UnitStatus.ACTIVE, drawers=None)
    made = [Drawer.objects.create(unit=unit, name=name) for unit in bare for name in ("1号台", "2号台")]
    clerk = User.objects.filter(email=f"{CLERK}@example.com").first()
    staff = staff_of(clerk) if clerk is not None else None
    if staff is not None and not CounterRules.objects.filter(unit=staff.unit).exists():
        drawer = Drawer.objects.filter(unit=staff.unit).order_by("pk").first()
        if drawer is not None:
            CounterRules.objects.create(unit=staff.unit)
            open_shift(clerk, drawer.pk, {"100": 1, "50": 1, "10": 4, "1": 10})
    return len(made)
