"""Queries of vouchers: one's own."""

from __future__ import annotations

from typing import Any

import graphene

from plugins.ticketing.kernel.services.reach import typed

from ...models import Voucher
from ..services.guests import vouchers_of
from ..visits import shown
from .postponed import PostponedQueries
from .types import TicketVoucherType


def own_vouchers(user: Any) -> Any:
    """The vouchers of whoever is logged in."""
    if not user.is_authenticated:
        return Voucher.objects.none()
    return shown(Voucher.objects.filter(ticket_order__user=user))


class VoucherQueries(PostponedQueries, graphene.ObjectType):
    """What one shows at the gate."""

    ticket_voucher = graphene.Field(
        TicketVoucherType,
        number=graphene.Argument(graphene.String, required=True, description="凭证号"),
        description="本人的一张电子门票；没有则为空",
    )
    ticket_vouchers = graphene.List(
        graphene.NonNull(TicketVoucherType), required=True,
        order_number=graphene.Argument(graphene.String, required=True, description="票务订单号"),
        key=graphene.Argument(graphene.String, description="占座时的请求号（未登录时占的座）"),
        token=graphene.Argument(graphene.String, description="订单令牌（未登录下单的顾客）"),
        description="一张票务订单的电子门票：本人，或凭请求号、订单令牌的游客；其他人为空",
    )  # fmt: skip

    @staticmethod
    def resolve_ticket_voucher(_root: Any, info: Any, number: str) -> Voucher | None:
        found: Voucher | None = own_vouchers(info.context.user).filter(number=typed(number)).first()
        return found

    @staticmethod
    def resolve_ticket_vouchers(
        _root: Any, info: Any, order_number: str, key: str = "", token: str = ""
    ) -> list[Voucher]:
        return vouchers_of(info.context.user, order_number, key or "", token or "")
