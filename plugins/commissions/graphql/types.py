"""Types of the commissions' API."""

from __future__ import annotations

from typing import Any

import graphene
from saleor.graphql.core.scalars import Decimal

from plugins.org_hierarchy.interfaces import BusinessScope

from ..choices import Rank, SettlementState
from ..engine import Part, Result
from ..explaining import OrderExplained

CommissionBusiness = graphene.Enum("CommissionBusiness", [(item.name, item.value) for item in BusinessScope])
CommissionRank = graphene.Enum("CommissionRank", [(item.name, item.value) for item in Rank])
CommissionState = graphene.Enum("CommissionState", [(item.name, item.value) for item in SettlementState])


class CommissionPart(graphene.ObjectType):
    """What one place gets."""

    rank = graphene.Field(CommissionRank, required=True, description="层级")
    rank_label = graphene.String(required=True, description="层级名称")
    name = graphene.String(required=True, description="机构、渠道或人员")
    amount = graphene.Field(Decimal, required=True, description="金额（元）")
    steps = graphene.List(graphene.NonNull(graphene.String), required=True, description="计算步骤")

    @staticmethod
    def resolve_rank_label(root: Part, _info: Any) -> str:
        """The rank as people call it."""
        return str(Rank(root.rank).label)


class CommissionRuleUsed(graphene.ObjectType):
    """A version of a rule that spoke."""

    id = graphene.ID(required=True, description="规则编号")
    version = graphene.Int(required=True, description="版本")
    plan = graphene.String(required=True, description="方案代码")
    valid_from = graphene.Date(required=True, description="生效日期")
    valid_to = graphene.Date(description="失效日期")


class CommissionResult(graphene.ObjectType):
    """The commission of one sale; the parts sum to the total."""

    day = graphene.Date(required=True, description="适用日期")
    total = graphene.Field(Decimal, required=True, description="佣金总额（元）")
    remainder = graphene.Field(Decimal, required=True, description="归最低一级的尾差（元）")
    steps = graphene.List(graphene.NonNull(graphene.String), required=True, description="总额的计算步骤")
    parts = graphene.List(graphene.NonNull(CommissionPart), required=True, description="各级所得，从上到下")
    rules = graphene.List(graphene.NonNull(CommissionRuleUsed), required=True, description="适用的规则")
    text = graphene.String(required=True, description="完整说明，可复制")

    @staticmethod
    def resolve_text(root: Result, _info: Any) -> str:
        """All steps as text."""
        return root.text()


class CommissionLine(graphene.ObjectType):
    """One order line with its commission."""

    line_id = graphene.Int(required=True, description="订单行编号")
    name = graphene.String(required=True, description="商品")
    sku = graphene.String(required=True, description="SKU")
    paid = graphene.Field(Decimal, required=True, description="实付（元）")
    quantity = graphene.Int(required=True, description="数量")
    business = graphene.Field(CommissionBusiness, required=True, description="业务线")
    result = graphene.Field(CommissionResult, required=True, description="佣金")


class CommissionExplained(graphene.ObjectType):
    """An order's commission, by the rules of the day it was made."""

    on_date = graphene.Date(required=True, description="适用日期")
    state = graphene.Field(CommissionState, required=True, description="结算状态")
    total = graphene.Field(Decimal, required=True, description="佣金总额（元）")
    lines = graphene.List(graphene.NonNull(CommissionLine), required=True, description="各行")
    text = graphene.String(required=True, description="完整说明，可复制")

    @staticmethod
    def resolve_on_date(root: OrderExplained, _info: Any) -> Any:
        """The day whose rules count."""
        return root.snapshot.on_date

    @staticmethod
    def resolve_state(root: OrderExplained, _info: Any) -> str:
        """Where the money stands."""
        return str(root.snapshot.state)

    @staticmethod
    def resolve_text(root: OrderExplained, _info: Any) -> str:
        """All steps as text."""
        return root.text()


class CommissionSaleInput(graphene.InputObjectType):
    """A sale to be calculated."""

    unit_code = graphene.String(required=True, description="机构代码")
    business = graphene.Argument(CommissionBusiness, required=True, description="业务线")
    paid = graphene.Argument(Decimal, required=True, description="实付（元）")
    quantity = graphene.Int(description="数量，默认 1", default_value=1)
    on_date = graphene.Date(description="日期，默认今天")
    category_id = graphene.ID(description="商品分类")
    channel_code = graphene.String(description="渠道代码")
    channel_type = graphene.String(description="渠道类型（没有渠道代码时）")
    operator = graphene.String(description="经办店员姓名；留空表示没有")
    margin = graphene.Argument(Decimal, description="毛利（元）")
    fee = graphene.Argument(Decimal, description="服务费（元）")
    rebate = graphene.Argument(Decimal, description="供应商返佣（元）")
    volume_amount = graphene.Argument(Decimal, description="本月此前销售额（元）")
    volume_quantity = graphene.Int(description="本月此前销量", default_value=0)
