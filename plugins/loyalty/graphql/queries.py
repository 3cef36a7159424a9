"""Queries of loyalty: one's own, and for the staff the members in reach."""

from __future__ import annotations

from typing import Any

import graphene

from plugins.members.interfaces import Member, members_by_text
from saleor_o2o.kernel.scope import policy_for, rows_for

from ..errors import LoyaltyError
from ..kinds import Book
from ..models import Balance, Level, Purse, RechargePackage
from ..permissions import VIEW
from ..selectors import (
    Rung,
    Standing,
    balance_of,
    live_lots,
    packages_on_sale,
    rung,
    signed_today,
    standing,
    statement,
)
from ..services.levels import ladder
from .types import (
    BalanceLineType,
    LoyaltyBalanceType,
    LoyaltyLevelType,
    LoyaltyRungType,
    PointsLineType,
    PointsLotType,
    PointsStandingType,
    RechargePackageType,
    own_member,
)

MOST = 50
_FIRST = graphene.Int(description="最多几条，1 到 50，默认 20", default_value=20)
_SKIP = graphene.Int(description="跳过几条", default_value=0)


class LoyaltySignedType(graphene.ObjectType):
    """Whether one has signed in today."""

    today = graphene.Boolean(required=True, description="今天是否已签到")
    days = graphene.Int(required=True, description="连续签到天数")

    class Meta:
        name = "LoyaltySigned"


class MemberLoyaltyType(graphene.ObjectType):
    """A member's points, growth and level; all resolved from the member."""

    standing = graphene.Field(PointsStandingType, required=True, description="积分")
    rung = graphene.Field(LoyaltyRungType, required=True, description="等级与成长值")
    signed = graphene.Field(LoyaltySignedType, required=True, description="签到")
    lots = graphene.List(
        graphene.NonNull(PointsLotType), required=True, first=_FIRST, description="积分批次，先到期的在前"
    )
    lines = graphene.List(
        graphene.NonNull(PointsLineType),
        required=True,
        first=_FIRST,
        skip=_SKIP,
        description="积分明细，新的在前",
    )
    growth_lines = graphene.List(
        graphene.NonNull(PointsLineType),
        required=True,
        first=_FIRST,
        skip=_SKIP,
        description="成长值明细，新的在前",
    )

    balance = graphene.Field(LoyaltyBalanceType, description="储值余额；员工没有储值权限时为空")
    balance_lines = graphene.List(
        graphene.NonNull(BalanceLineType), required=True, first=_FIRST, skip=_SKIP,
        description="储值余额明细，新的在前；员工没有储值权限时为空列表",
    )  # fmt: skip

    class Meta:
        name = "MemberLoyalty"

    @staticmethod
    def resolve_balance(member: Member, info: Any) -> LoyaltyBalanceType | None:
        if not _sees_balance(member, info.context.user):
            return None
        amount, is_frozen = balance_of(member.pk)
        return LoyaltyBalanceType(amount=amount, is_frozen=is_frozen)

    @staticmethod
    def resolve_balance_lines(member: Member, info: Any, first: int = 20, skip: int = 0) -> list[Any]:
        return _page(member, Book.BALANCE, first, skip) if _sees_balance(member, info.context.user) else []

    @staticmethod
    def resolve_standing(member: Member, _info: Any) -> Standing:
        return standing(member.pk)

    @staticmethod
    def resolve_rung(member: Member, _info: Any) -> Rung:
        return rung(member.pk)

    @staticmethod
    def resolve_signed(member: Member, _info: Any) -> LoyaltySignedType:
        done, days = signed_today(member)
        return LoyaltySignedType(today=done, days=days)

    @staticmethod
    def resolve_lots(member: Member, _info: Any, first: int = 20) -> list[Any]:
        return list(live_lots(member.pk)[: _many(first)])

    @staticmethod
    def resolve_lines(member: Member, _info: Any, first: int = 20, skip: int = 0) -> list[Any]:
        return _page(member, Book.POINTS, first, skip)

    @staticmethod
    def resolve_growth_lines(member: Member, _info: Any, first: int = 20, skip: int = 0) -> list[Any]:
        return _page(member, Book.GROWTH, first, skip)


class LoyaltyQueries(graphene.ObjectType):
    """One's own points and level; the ladder; what a member in reach has."""

    my_loyalty = graphene.Field(MemberLoyaltyType, description="本人的积分、成长值和等级；没有登录则为空")
    loyalty_levels = graphene.List(
        graphene.NonNull(LoyaltyLevelType), required=True, description="会员等级，低的在前；所有人可见"
    )
    member_loyalty = graphene.Field(
        MemberLoyaltyType,
        search=graphene.Argument(
            graphene.String, required=True, description="完整的会员号、手机号、卡号、证件号、用户名或邮箱"
        ),
        description="员工：管辖范围内一个会员的积分、成长值和等级；不在范围内则为空。",
    )

    recharge_packages = graphene.List(
        graphene.NonNull(RechargePackageType),
        required=True,
        description="在售的储值充值套餐，小额在前；按普通商品下单，付款后余额即时到账",
    )

    @staticmethod
    def resolve_recharge_packages(_root: Any, _info: Any) -> list[RechargePackage]:
        return packages_on_sale()

    @staticmethod
    def resolve_my_loyalty(_root: Any, info: Any) -> Member | None:
        try:
            return own_member(info)
        except LoyaltyError:
            return None

    @staticmethod
    def resolve_loyalty_levels(_root: Any, _info: Any) -> list[Level]:
        return ladder()

    @staticmethod
    def resolve_member_loyalty(_root: Any, info: Any, search: str) -> Member | None:
        """Whole values only, and only members that the viewer's right to points reaches."""
        user = info.context.user
        if not user.is_authenticated or not policy_for(Purse).may(user, VIEW, Purse):
            return None
        found = [one.pk for one in members_by_text(search)]
        seen = list(rows_for(user, Member).filter(pk__in=found)[:2])
        return seen[0] if len(seen) == 1 else None


def _sees_balance(member: Member, user: Any) -> bool:
    """One's own, or of a member whom the viewer's right to balances reaches."""
    if member.user_id == user.pk:
        return True
    return rows_for(user, Balance).filter(member=member).exists()


def _many(first: int) -> int:
    return min(max(first, 1), MOST)


def _page(member: Member, book: Book, first: int, skip: int) -> list[Any]:
    start = min(max(skip, 0), 10_000)
    return list(statement(member.pk, book)[start : start + _many(first)])
