"""Demo: floats for the seeded branches, and the goods' pinyin."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import transaction

from plugins.org_hierarchy.interfaces import Level, OrgUnit, UnitStatus

from .locks import lock_account
from .models import FloatAccount, MovementKind
from .selectors.goods import refresh_names
from .services.floats import post

CREDIT = Decimal("200.00")
FIRST = Decimal("800.00")
ALARM = Decimal("300.00")


def seed(context: Any) -> None:
    """Give every open branch without a float one: 800 yuan topped up, 200 on credit. Also spell the goods."""
    context.count("商品拼音", refresh_names())
    bare = OrgUnit.objects.filter(level=Level.BRANCH, status=UnitStatus.ACTIVE).exclude(
        float_accounts__channel_code=""
    )
    admin = context.user("admin")
    made = 0
    for unit in bare.order_by("path"):
        with transaction.atomic():
            account = FloatAccount.objects.create(unit=unit, credit_limit=CREDIT, alarm_below=ALARM)
            post(
                lock_account(account.pk),
                MovementKind.TOP_UP,
                FIRST,
                biz_type="seed",
                biz_id=unit.code,
                operator=admin,
                note="示例数据",
            )
        made += 1
    context.count("备付金账户", made)
