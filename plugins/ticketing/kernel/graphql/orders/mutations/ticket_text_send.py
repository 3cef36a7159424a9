"""``ticketTextSend``: the text message with the codes of an order, once more."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.masking import mask_phone

from ....services.reach import typed
from ....services.texting import order_to_text, send_text_again
from ..types import TicketErrorType, errors_of


class TicketTextSend(graphene.Mutation):
    """One a minute, three an hour for an order."""

    mobile = graphene.String(description="发往的手机（已遮盖）")
    errors = graphene.List(graphene.NonNull(TicketErrorType), required=True, description="错误；成功时为空")

    class Arguments:
        order_number = graphene.String(required=True, description="票务订单号")
        key = graphene.String(description="占座时的请求号（未登录时占的座）")
        token = graphene.String(description="未登录购票的，填订单凭据")

    class Meta:
        description = "重发出票短信（取票码、入场码）到订单的联系手机：本人、持凭据的游客、管辖内的员工。"

    @classmethod
    def mutate(
        cls, _root: Any, info: Any, order_number: str, key: str = "", token: str = ""
    ) -> TicketTextSend:
        """Errors come back in ``errors``."""
        user = info.context.user
        try:
            order = order_to_text(user, order_number, key=typed(key, 64), token=typed(token, 64))
            send_text_again(user, order)
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(mobile=mask_phone(order.mobile), errors=[])
