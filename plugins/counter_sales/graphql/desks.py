"""What a seller's page shows: where he sells, his goods, his sales, his day, his float."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import graphene
from saleor.graphql.core.scalars import Decimal

from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.scope import rows_for

from ..deducting import Lowered, lowered_of
from ..models import CounterSale, Delivery, FloatAccount, FloatMovement, SaleState
from ..places import Place, float_of
from ..quoting import Quote, QuotedLine
from ..selectors.goods import Goods, goods_on_offer, search_goods
from ..selectors.sales import Day, day_of, sales_at
from .types import CounterDeductionType, CounterErrorType, CounterSaleType, errors_of, variant_id

MOST = 100


class CounterGoodsType(graphene.ObjectType):
    """Goods as they are sold at a place."""

    variant_id = graphene.ID(required=True, description="商品规格 ID（ProductVariant）")
    name = graphene.String(required=True, description="商品")
    spec = graphene.String(required=True, description="规格")
    sku = graphene.String(required=True, description="SKU")
    price = graphene.Field(Decimal, required=True, description="这里的售价（元）")
    list_price = graphene.Field(Decimal, required=True, description="平台价（元）")
    is_shop_price = graphene.Boolean(required=True, description="是否店主售价")
    left = graphene.Int(description="现有库存；不计库存则为空")
    image = graphene.String(description="图片地址（站内路径）")

    class Meta:
        name = "CounterGoods"

    @staticmethod
    def resolve_variant_id(root: Goods, _info: Any) -> str:
        """The global ID."""
        return variant_id(root.variant.pk)

    @staticmethod
    def resolve_sku(root: Goods, _info: Any) -> str:
        """What the bar code says."""
        return str(root.variant.sku)

    @staticmethod
    def resolve_image(root: Goods, _info: Any) -> str | None:
        """Null without a picture."""
        return root.image or None


class CounterQuoteLineType(graphene.ObjectType):
    """A line of a breakdown."""

    goods = graphene.Field(CounterGoodsType, required=True, description="商品")
    quantity = graphene.Int(required=True, description="数量")
    total = graphene.Field(Decimal, required=True, description="小计（元）")
    is_short = graphene.Boolean(required=True, description="库存是否不够")

    class Meta:
        name = "CounterQuoteLine"


class CounterOfferType(graphene.ObjectType):
    """Something of the member's that could be chosen for this basket."""

    source = graphene.String(required=True, description="coupons 优惠券、points 积分")
    value = graphene.String(required=True, description="选它时填的值，如券号")
    title = graphene.String(required=True, description="名称")
    saves = graphene.Field(Decimal, required=True, description="单独用可省（元）")
    is_best = graphene.Boolean(required=True, description="是否在最省的组合里")
    why_not = graphene.String(description="不能用的原因；能用为空")

    class Meta:
        name = "CounterOffer"


class CounterQuoteType(graphene.ObjectType):
    """What a basket costs, in yuan."""

    lines = graphene.List(graphene.NonNull(CounterQuoteLineType), required=True, description="商品")
    goods = graphene.Field(Decimal, required=True, description="商品金额")
    reduced = graphene.Field(Decimal, required=True, description="已含的平台促销")
    at_shop_prices = graphene.Field(Decimal, description="店主售价与平台价相差；没有店主售价则为空")
    shipping = graphene.Field(Decimal, required=True, description="运费")
    discount = graphene.Field(Decimal, required=True, description="优惠")
    deductions = graphene.List(
        graphene.NonNull(CounterDeductionType), required=True, description="会员价、优惠券、积分"
    )
    refusals = graphene.List(
        graphene.NonNull(CounterErrorType), required=True, description="选了却不能用的，及原因；为空才能下单"
    )
    offers = graphene.List(
        graphene.NonNull(CounterOfferType), required=True, description="这个会员还可以选的优惠券、积分"
    )
    total = graphene.Field(Decimal, required=True, description="应收")

    class Meta:
        name = "CounterQuote"

    @staticmethod
    def resolve_deductions(root: Quote, _info: Any) -> list[Lowered]:
        """In the order in which they are taken."""
        return lowered_of(root)

    @staticmethod
    def resolve_refusals(root: Quote, _info: Any) -> list[CounterErrorType]:
        """Each in words."""
        return [error for one in root.deducted.refusals for error in errors_of(one)]

    @staticmethod
    def resolve_offers(root: Quote, _info: Any) -> list[CounterOfferType]:
        """By source."""
        return [
            CounterOfferType(
                source=name, value=one.value, title=one.title, saves=one.saves, is_best=one.is_best,
                why_not=str(one.refusal.message) if one.refusal is not None else None,
            )
            for name, ones in root.deducted.offers.items()
            for one in ones
        ]  # fmt: skip

    @staticmethod
    def resolve_lines(root: Quote, _info: Any) -> list[QuotedLine]:
        """In the order of the basket."""
        return list(root.lines)


class CounterQuoteAnswer(graphene.ObjectType):
    """A breakdown, or why there is none."""

    quote = graphene.Field(CounterQuoteType, description="金额明细")
    errors = graphene.List(graphene.NonNull(CounterErrorType), required=True, description="错误；成功时为空")


class CounterFloatMovementType(graphene.ObjectType):
    """A line of a float's statement."""

    number = graphene.String(required=True, description="流水号")
    kind_text = graphene.String(required=True, description="类型")
    amount = graphene.Field(Decimal, required=True, description="金额（元，减少为负）")
    balance_after = graphene.Field(Decimal, required=True, description="变动后余额（元）")
    note = graphene.String(required=True, description="说明")
    order_number = graphene.String(description="订单号")
    at = graphene.DateTime(required=True, description="时间")

    class Meta:
        name = "CounterFloatMovement"

    @staticmethod
    def resolve_kind_text(root: FloatMovement, _info: Any) -> str:
        """In words."""
        return str(root.get_kind_display())

    @staticmethod
    def resolve_order_number(root: FloatMovement, _info: Any) -> str | None:
        """Saleor's number of the order."""
        return str(root.order_id) if root.order_id else None


class CounterFloatType(graphene.ObjectType):
    """The float of a place: how much cash it may still take. Amounts in yuan."""

    available = graphene.Field(Decimal, required=True, description="还可收现金")
    balance = graphene.Field(Decimal, required=True, description="余额")
    credit_limit = graphene.Field(Decimal, required=True, description="授信额度")
    is_low = graphene.Boolean(required=True, description="是否低于预警线")
    is_frozen = graphene.Boolean(required=True, description="是否冻结")
    frozen_reason = graphene.String(required=True, description="冻结原因")
    movements = graphene.List(
        graphene.NonNull(CounterFloatMovementType),
        required=True,
        first=graphene.Int(description="最多几条，1 到 100，默认 30"),
        before=graphene.String(description="从这个流水号之前开始"),
        description="对账单：最新的在前；无权查看备付金则为空",
    )

    class Meta:
        name = "CounterFloat"

    @staticmethod
    def resolve_movements(
        root: FloatAccount, info: Any, first: int = 30, before: str = ""
    ) -> list[FloatMovement]:
        """One statement, two with `before`."""
        rows = rows_for(info.context.user, FloatMovement).filter(account=root)
        if before:
            since = rows.filter(number=before).values_list("pk", flat=True).first()
            rows = rows.filter(pk__lt=since) if since is not None else rows.none()
        return list(rows.order_by("-pk")[: max(1, min(first, MOST))])


class CounterDayType(graphene.ObjectType):
    """What the caller sold, took and gave back on a day. Amounts in yuan."""

    day = graphene.Date(required=True, description="日期")
    sales = graphene.Int(required=True, description="销售单数")
    worth = graphene.Field(Decimal, required=True, description="销售金额")
    cash = graphene.Field(Decimal, required=True, description="现金收款")
    cash_count = graphene.Int(required=True, description="现金收款笔数")
    code = graphene.Field(Decimal, required=True, description="扫码收款")
    code_count = graphene.Int(required=True, description="扫码收款笔数")
    cash_back = graphene.Field(Decimal, required=True, description="现金退款")
    waiting = graphene.Int(required=True, description="待收款")
    cancelled = graphene.Int(required=True, description="已取消")
    handed = graphene.Int(required=True, description="交付")
    drawer = graphene.Field(Decimal, required=True, description="应有现金")

    class Meta:
        name = "CounterDay"


class CounterSalesWanted(graphene.Enum):
    """Which sales of a place."""

    WAITING_MONEY = "money"
    WAITING_PICKUP = "pickup"
    DAY = "day"

    @property
    def description(self) -> str:
        """For the schema."""
        return {"money": "待收款", "pickup": "待取货", "day": "当日"}[self.value]


@dataclass(frozen=True, slots=True)
class Desk:
    """A place and who looks at it."""

    place: Place
    user: Any


class CounterDeskType(graphene.ObjectType):
    """A place where the caller sells."""

    key = graphene.String(required=True, description="销售点，用于 CounterOrderInput.place")
    name = graphene.String(required=True, description="名称")
    unit_name = graphene.String(required=True, description="所属机构")
    address = graphene.String(required=True, description="取货地址")
    shop_code = graphene.String(description="店铺码；不是微店则为空")
    is_open = graphene.Boolean(required=True, description="现在能否下单")
    status_text = graphene.String(required=True, description="状态")
    goods = graphene.List(
        graphene.NonNull(CounterGoodsType),
        required=True,
        search=graphene.String(description="名称、拼音、SKU 或条码；空则为本店在售商品"),
        description="商品和这里的售价",
    )
    sales = graphene.List(
        graphene.NonNull(CounterSaleType),
        required=True,
        which=graphene.Argument(CounterSalesWanted, description="哪些；默认当日"),
        day=graphene.Date(description="日期；默认今天"),
        description="这个销售点的销售，最新的在前，最多 100 笔",
    )
    day = graphene.Field(
        CounterDayType,
        required=True,
        day=graphene.Date(description="日期；默认今天"),
        description="本人当日",
    )
    float = graphene.Field(CounterFloatType, description="备付金；没有账户则为空，只能扫码收款")

    class Meta:
        name = "CounterDesk"

    @staticmethod
    def resolve_key(root: Desk, _info: Any) -> str:
        return root.place.key

    @staticmethod
    def resolve_name(root: Desk, _info: Any) -> str:
        return root.place.name

    @staticmethod
    def resolve_unit_name(root: Desk, _info: Any) -> str:
        return str(root.place.unit.name)

    @staticmethod
    def resolve_address(root: Desk, _info: Any) -> str:
        return root.place.address

    @staticmethod
    def resolve_shop_code(root: Desk, _info: Any) -> str | None:
        return root.place.channel_code if root.place.shop is not None else None

    @staticmethod
    def resolve_is_open(root: Desk, _info: Any) -> bool:
        return root.place.is_open

    @staticmethod
    def resolve_status_text(root: Desk, _info: Any) -> str:
        found = root.place.channel or root.place.unit
        return str(found.get_status_display())

    @staticmethod
    def resolve_goods(root: Desk, _info: Any, search: str = "") -> list[Goods]:
        """An owner finds what his shop offers and nothing else."""
        shop = root.place.shop
        if root.user.is_staff and search.strip():
            return search_goods(search[:60], shop)
        if shop is None:
            return []
        word = search.strip().lower()
        return [
            one
            for one in goods_on_offer(shop)
            if not word or word in f"{one.name} {one.spec} {one.variant.sku}".lower()
        ]

    @staticmethod
    def resolve_sales(
        root: Desk, _info: Any, which: str = "day", day: date | None = None
    ) -> list[CounterSale]:
        rows = sales_at(root.user, root.place)
        if which == "money":
            rows = rows.filter(state=SaleState.PLACED)
        elif which == "pickup":
            rows = rows.filter(state=SaleState.PAID, delivery=Delivery.PICKUP)
        else:
            rows = rows.filter(made_at__date=day or today())
        return list(rows[:MOST])

    @staticmethod
    def resolve_day(root: Desk, _info: Any, day: date | None = None) -> Day:
        return day_of(root.user, day or today())

    @staticmethod
    def resolve_float(root: Desk, _info: Any) -> FloatAccount | None:
        """The number itself is shown to whoever sells there: he has to know whether he may take cash."""
        return float_of(root.place)
