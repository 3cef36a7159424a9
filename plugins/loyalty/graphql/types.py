"""Types of loyalty's API."""

from __future__ import annotations

from typing import Any

import graphene
from saleor.graphql.core.scalars import Decimal

from plugins.members.interfaces import Member, asking_member
from saleor_o2o.graphql.enums import enum_of
from saleor_o2o.graphql.refusals import PacedRefusal
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.masking import mask_name

from ..errors import LoyaltyError, LoyaltyErrorCode
from ..kinds import BurnState, EntryKind
from ..models import Burn, Level, Line, Lot, RechargePackage
from ..rules import last_day
from ..selectors import Rung, Standing

PointsEntryKindEnum = enum_of("PointsEntryKind", EntryKind)
PointsBurnStateEnum = enum_of("PointsBurnState", BurnState)


class LoyaltyErrorType(PacedRefusal, graphene.ObjectType):
    """What went wrong, for people and for programs."""

    class Meta:
        name = "LoyaltyError"


class PointsLotType(graphene.ObjectType):
    """Points that came at one time."""

    left = graphene.Int(required=True, description="剩余积分")
    last_day = graphene.Date(description="有效期至（含当日）；空为长期有效")

    class Meta:
        name = "PointsLot"

    @staticmethod
    def resolve_last_day(lot: Lot, _info: Any) -> Any:
        return last_day(lot.expires_at) if lot.expires_at is not None else None


class PointsLineType(graphene.ObjectType):
    """A line of a member's statement."""

    id = graphene.ID(required=True)
    kind = graphene.Field(PointsEntryKindEnum, required=True, description="类型")
    title = graphene.String(required=True, description="类型名称")
    amount = graphene.Int(required=True, description="变动，负数为减少")
    balance_after = graphene.Int(required=True, description="变动后余额；欠账行为负数")
    owed = graphene.Boolean(required=True, description="是否记在欠账上")
    place = graphene.String(required=True, description="发生机构")
    note = graphene.String(required=True, description="说明")
    at = graphene.DateTime(required=True, description="时间")

    class Meta:
        name = "PointsLine"

    @staticmethod
    def resolve_kind(line: Line, _info: Any) -> str:
        return line.entry.kind

    @staticmethod
    def resolve_title(line: Line, _info: Any) -> str:
        return str(line.entry.get_kind_display())

    @staticmethod
    def resolve_balance_after(line: Line, _info: Any) -> int:
        return int(line.balance_after or 0)

    @staticmethod
    def resolve_owed(line: Line, _info: Any) -> bool:
        return line.side == "debt"

    @staticmethod
    def resolve_place(line: Line, _info: Any) -> str:
        return line.entry.unit.name

    @staticmethod
    def resolve_note(line: Line, _info: Any) -> str:
        return line.entry.note

    @staticmethod
    def resolve_at(line: Line, _info: Any) -> Any:
        return line.entry.at


class BalanceLineType(PointsLineType):
    """A line of a member's statement in yuan."""

    amount = graphene.Field(Decimal, required=True, description="变动（元），负数为减少")
    balance_after = graphene.Field(Decimal, required=True, description="变动后余额（元）")

    class Meta:
        name = "BalanceLine"

    @staticmethod
    def resolve_balance_after(line: Line, _info: Any) -> Any:
        return line.balance_after or 0


class LoyaltyBalanceType(graphene.ObjectType):
    """What a member may pay with."""

    amount = graphene.Field(Decimal, required=True, description="余额（元）")
    is_frozen = graphene.Boolean(required=True, description="是否冻结")

    class Meta:
        name = "LoyaltyBalance"


class RechargePackageType(graphene.ObjectType):
    """A recharge on sale."""

    variant_id = graphene.ID(required=True, description="商品规格 ID（ProductVariant），用它下单")
    amount = graphene.Field(Decimal, required=True, description="充值金额（元）")
    bonus = graphene.Field(Decimal, required=True, description="赠送金额（元）")
    note = graphene.String(required=True, description="说明")

    class Meta:
        name = "RechargePackage"

    @staticmethod
    def resolve_variant_id(row: RechargePackage, _info: Any) -> str:
        return str(graphene.Node.to_global_id("ProductVariant", row.variant_id))

    @staticmethod
    def resolve_amount(row: RechargePackage, _info: Any) -> Any:
        return row.variant.price_override_amount


class PointsStandingType(graphene.ObjectType):
    """What a member has."""

    points = graphene.Int(required=True, description="可用积分")
    owed = graphene.Int(required=True, description="欠积分，由以后获得的积分抵扣")
    expiring = graphene.Int(required=True, description="即将到期的积分（按提前提醒的天数计）")
    expiring_day = graphene.Date(description="其中最早的有效期至（含当日）")

    class Meta:
        name = "PointsStanding"

    @staticmethod
    def resolve_expiring_day(told: Standing, _info: Any) -> Any:
        return last_day(told.expires_at) if told.expires_at is not None else None


class LoyaltyLevelType(graphene.ObjectType):
    """A step of the ladder."""

    code = graphene.String(required=True, description="代码")
    name = graphene.String(required=True, description="名称")
    threshold = graphene.Int(required=True, description="近 12 个月成长值门槛")
    points_percent = graphene.Int(required=True, description="积分倍率（%）")
    note = graphene.String(required=True, description="权益说明")

    class Meta:
        name = "LoyaltyLevel"


class LoyaltyRungType(graphene.ObjectType):
    """Where a member stands on the ladder."""

    level = graphene.Field(LoyaltyLevelType, description="当前等级；没有设置等级时为空")
    growth = graphene.Int(required=True, description="近 12 个月成长值")
    until = graphene.DateTime(description="保级至；最低级为空")
    following = graphene.Field(LoyaltyLevelType, description="下一等级；已是最高级则为空")
    missing = graphene.Int(required=True, description="距下一等级还差的成长值")

    class Meta:
        name = "LoyaltyRung"

    @staticmethod
    def resolve_level(told: Rung, _info: Any) -> Level | None:
        return told.level


class PointsBurnType(graphene.ObjectType):
    """Points used at a counter, as the staff see them."""

    id = graphene.ID(required=True)
    number = graphene.String(required=True, description="兑扣单号")
    state = graphene.Field(PointsBurnStateEnum, required=True, description="状态")
    points = graphene.Int(required=True, description="积分")
    purpose = graphene.String(required=True, description="用途")
    member_number = graphene.String(required=True, description="会员号")
    member_name = graphene.String(required=True, description="姓名（掩码）")

    class Meta:
        name = "PointsBurn"

    @staticmethod
    def resolve_member_number(burn: Burn, _info: Any) -> str:
        return burn.member.number

    @staticmethod
    def resolve_member_name(burn: Burn, _info: Any) -> str:
        return mask_name(f"{burn.member.user.last_name}{burn.member.user.first_name}")


def errors_field() -> Any:
    """The list every mutation answers with."""
    return graphene.List(graphene.NonNull(LoyaltyErrorType), required=True, description="错误；成功时为空")


def errors_of(error: DomainError) -> list[LoyaltyErrorType]:
    """A refusal in the API's form."""
    return [
        LoyaltyErrorType(
            field=error.field, message=error.message, hint=error.hint, code=str(error.code.value),
            retry_after=getattr(error, "seconds", None),
        )
    ]  # fmt: skip


def own_member(info: Any) -> Member:
    """The member who asks; a shopper of stock's becomes one. Raises NOT_FOUND for nobody and for the staff."""
    member = asking_member(info.context.user)
    if member is None:
        raise LoyaltyError(LoyaltyErrorCode.NOT_FOUND, "请先登录会员账号", hint="员工账号没有会员积分")
    return member
