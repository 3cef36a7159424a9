"""``ticketRedeem``: staff let people in."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...posts import post_of
from ...scanning import Asked
from ...services.redeeming import look, redeem
from ..types import TicketRedeemSaidType, errors_field, errors_of


class TicketRedeem(graphene.Mutation):
    """First looked at, or redeemed at once; the same request number within two minutes is the same answer."""

    said = graphene.Field(TicketRedeemSaidType, description="结果；请求有误时为空")
    errors = errors_field()

    class Arguments:
        number = graphene.String(required=True, description="请求号：每次检票一个新的，重试用原来的")
        text = graphene.String(
            required=True, description="扫到的二维码、入场码、证件号，或入场码后六位（同时给手机尾号）"
        )
        confirm = graphene.Boolean(required=True, description="否：只核对；是：核销")
        people = graphene.Int(description="人数；空为剩余全部")
        phone = graphene.String(description="手机后四位", default_value="")
        document = graphene.String(description="出示的证件号", default_value="")
        looked = graphene.Boolean(description="检票员已当面核对证件", default_value=False)
        gate = graphene.String(description="检票口代码；空为柜台", default_value="")

    class Meta:
        description = "员工：核对并核销门票，记在本机构或所选检票口。"

    @classmethod
    def mutate(
        cls, _root: Any, info: Any, number: str, text: str, confirm: bool, people: int | None = None, phone: str = "",
        document: str = "", looked: bool = False, gate: str = "",
    ) -> TicketRedeem:  # fmt: skip
        """Errors come back in ``errors``."""
        asked = Asked(number=number, text=text, people=people, phone=phone, document=document, looked=looked)
        try:
            post = post_of(info.context.user, gate)
            return cls(said=redeem(post, asked) if confirm else look(post, asked), errors=[])
        except DomainError as error:
            return cls(errors=errors_of(error))
