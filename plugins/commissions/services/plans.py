"""Plans: opening one, and saying which of the city's is the default."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import Level, OrgUnit, may_at
from saleor_o2o.kernel.audit import action, record, snapshot
from saleor_o2o.kernel.locks import lock_rows

from ..access import EDIT
from ..errors import CommissionError, CommissionErrorCode
from ..models import CODE, BusinessCategory, CommissionPlan

PLAN_MADE = action("commissions.plan.created", _("新建佣金方案"))
MAPPED = action("commissions.category.mapped", _("调整分类归属业务线"))
Code = CommissionErrorCode


@transaction.atomic
def create_plan(user: Any, owner: OrgUnit, code: str, name: str, note: str = "") -> CommissionPlan:
    """Open a plan of a unit. The city may have several, the first is the default; any other unit has one.

    Raises CommissionError: no right at the unit, a code that is taken or malformed, a second plan of a lower unit.
    """
    if not may_at(user, EDIT, owner):
        raise CommissionError(Code.NOT_ALLOWED, _("您不能为这个机构建立佣金方案"), "owner")
    if owner.level == Level.OUTLET:
        raise CommissionError(
            Code.INVALID_INPUT, _("网点没有下级可以分配，不设方案"), "owner", _("请由支局设置")
        )
    code, name = code.strip().upper(), name.strip()
    try:
        CODE(code)
    except ValidationError as error:
        raise CommissionError(Code.INVALID_INPUT, error.messages[0], "code") from error
    if not name:
        raise CommissionError(Code.INVALID_INPUT, _("请填写方案名称"), "name")
    is_base = owner.level == Level.CITY
    first = is_base and not CommissionPlan.objects.filter(is_default=True).exists()
    if CommissionPlan.objects.filter(code=code).exists():
        raise CommissionError(Code.CODE_TAKEN, _("方案代码已被使用"), "code")
    try:
        with transaction.atomic():
            plan = CommissionPlan.objects.create(
                code=code, name=name, owner=owner, is_base=is_base, is_default=first, note=note.strip()
            )
    except IntegrityError as error:
        raise CommissionError(
            Code.CODE_TAKEN, _("这个机构已经有佣金方案，或代码刚被使用"), "owner", _("请直接修改已有的方案")
        ) from error
    record(PLAN_MADE, plan, after=snapshot(plan), org_path=owner.path)
    return plan


@transaction.atomic
def map_category(user: Any, category_id: int, business: str) -> BusinessCategory:
    """Say which business line a category belongs to, for sales from now on. Only who may change the city's plans.

    Locks: the row. Raises CommissionError.
    """
    city = OrgUnit.objects.filter(parent__isnull=True).first()
    if city is None or not may_at(user, EDIT, city):
        raise CommissionError(Code.NOT_ALLOWED, _("只有市中心可以调整分类归属"))
    rows = lock_rows(BusinessCategory.objects.filter(category_id=category_id))
    row = rows[0] if rows else BusinessCategory(category_id=category_id)
    before = snapshot(row) if rows else None
    row.business = business
    row.save()
    record(MAPPED, row, before=before, after=snapshot(row), org_path=city.path)
    return row
