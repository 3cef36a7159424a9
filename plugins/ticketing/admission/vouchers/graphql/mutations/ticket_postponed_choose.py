"""``ticketPostponedChoose``: the session was put off; keep the tickets, or all money back."""

from __future__ import annotations

from typing import Any

import graphene

from plugins.ticketing.kernel.services.binding import order_of_buyer
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import OutOfScope

from ...choices import ChoiceKind
from ...services.changing import choose
from ..enums import TicketPostponedChoiceEnum
from ..types import errors_field, errors_of


class TicketPostponedChoose(graphene.Mutation):
    """Until the window ends; a refund is final."""

    choice = graphene.Field(TicketPostponedChoiceEnum, description="记下的选择")
    refund_number = graphene.String(description="退票单号；保留门票则为空")
    errors = errors_field()

    class Arguments:
        order_number = graphene.String(required=True, description="票务订单号")
        choice = graphene.Argument(TicketPostponedChoiceEnum, required=True, description="保留，或全额退票")
        key = graphene.String(description="占座时的请求号（未登录时占的座）")
        token = graphene.String(description="订单令牌（未登录下单的顾客）")

    class Meta:
        description = (
            "本人订单的场次延期（未登录的顾客凭请求号或订单令牌）：在选择期内保留门票，或免手续费全额退票。"
        )

    @classmethod
    def mutate(
        cls, _root: Any, info: Any, order_number: str, choice: str, key: str = "", token: str = ""
    ) -> TicketPostponedChoose:
        """Errors come back in ``errors``."""
        user = info.context.user
        try:
            found = order_of_buyer(user, order_number, key or "", token or "")
            if found is None:
                raise OutOfScope
            made = choose(found, ChoiceKind(choice), user if user.is_authenticated else None)
            return cls(choice=made.choice, refund_number=made.refund, errors=[])
        except DomainError as error:
            return cls(errors=errors_of(error))
