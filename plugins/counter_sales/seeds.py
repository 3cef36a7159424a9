"""Demo: floats for the seeded branches, and the goods' pinyin."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import transaction

from plugins.channels.interfaces import OPEN, Channel, ChannelType
from plugins.org_hierarchy.interfaces import Level, OrgUnit, UnitStatus

from .locks import lock_account
from .models import FloatAccount, MovementKind
from .selectors.goods import refresh_names
from .services.floats import post

CREDIT = Decimal("200.00")
FIRST = Decimal("800.00")
ALARM = Decimal("300.00")


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
