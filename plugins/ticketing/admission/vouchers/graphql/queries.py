"""Queries of vouchers: one's own."""

from __future__ import annotations

from typing import Any

import graphene

from ...models import Voucher
from .postponed import PostponedQueries
from .types import TicketVoucherType


def own_vouchers(user: Any) -> Any:
    """The vouchers of whoever is logged in."""
    if not user.is_authenticated:
        return Voucher.objects.none()
    return Voucher.objects.filter(ticket_order__user=user).select_related("ticket_order").order_by("pk")


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
        description="本人一张票务订单的电子门票",
    )  # fmt: skip

    @staticmethod
    def resolve_ticket_voucher(_root: Any, info: Any, number: str) -> Voucher | None:
        found: Voucher | None = own_vouchers(info.context.user).filter(number=number.strip()[:24]).first()
        return found

    @staticmethod
    def resolve_ticket_vouchers(_root: Any, info: Any, order_number: str) -> list[Voucher]:
        return list(
            own_vouchers(info.context.user).filter(ticket_order__number=order_number.strip()[:24])[:100]
        )
