"""``commissionExplain`` and ``commissionCalculate``."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import graphene
from saleor.graphql.core.utils import from_global_id_strict_type
from saleor.order.models import Order

from plugins.channels.interfaces import Channel
from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.scope import NotAllowed, get_row

from ..access import CALCULATE, VIEW
from ..calculating import Sale, calculate
from ..engine import Result
from ..explaining import OrderExplained, explain_order
from ..loading import category_of
from .types import CommissionExplained, CommissionResult, CommissionSaleInput


class CommissionQueries(graphene.ObjectType):
    """What staff ask about commissions."""

    commission_explain = graphene.Field(
        CommissionExplained,
        order_id=graphene.Argument(graphene.ID, required=True, description="订单"),
        description="一张订单的佣金怎样得来。需要查看该订单和佣金方案的权限。",
    )
    commission_calculate = graphene.Field(
        CommissionResult,
        input=graphene.Argument(CommissionSaleInput, required=True, description="一笔销售"),
        description="试算一笔销售的佣金。需要佣金试算的权限，机构须在您的范围内。",
    )

    @staticmethod
    def resolve_commission_explain(_root: Any, info: Any, order_id: str) -> OrderExplained:
        """By what the order remembers. Out of scope is not found."""
        user = _holder(info, VIEW)
        pk = from_global_id_strict_type(order_id, "Order", field="orderId")
        return explain_order(get_row(user, Order, pk=pk))

    @staticmethod
    def resolve_commission_calculate(_root: Any, info: Any, input: Any) -> Result:
        """By the confirmed rules of the day."""
        user = _holder(info, CALCULATE)
        given = dict(input)
        unit = get_row(user, OrgUnit, code=given.pop("unit_code"))
        code = given.pop("channel_code", None)
        channel = get_row(user, Channel, code=code) if code else None
        category = given.pop("category_id", None)
        pk = from_global_id_strict_type(category, "Category", field="categoryId") if category else None
        sale = Sale(
            unit=unit,
            channel=channel,
            category_id=category_of(pk),
            on_date=given.pop("on_date", None) or today(),
            volume_amount=given.pop("volume_amount", None) or Decimal("0.00"),
            **{name: value for name, value in given.items() if value is not None},
        )
        return calculate(sale)


def _holder(info: Any, permission: str) -> Any:
    user = info.context.user
    if not user.is_active or not user.has_perm(permission):
        raise NotAllowed
    return user
