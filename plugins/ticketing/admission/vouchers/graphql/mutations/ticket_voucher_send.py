"""``ticketVoucherSend``: the code once more, by text message to the telephone of the order."""

from __future__ import annotations

from typing import Any

import graphene

from plugins.ticketing.kernel.services.reach import typed
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import OutOfScope

from ...services.guests import vouchers_of
from ...services.sending import send_again
from ..queries import own_vouchers
from ..types import TicketVoucherType, errors_field, errors_of


class TicketVoucherSend(graphene.Mutation):
    """A few times, not sooner than a minute after the last one."""

    voucher = graphene.Field(TicketVoucherType, description="凭证")
    errors = errors_field()

    class Arguments:
        number = graphene.String(required=True, description="凭证号")
        order_number = graphene.String(description="未登录购票的，填票务订单号")
        token = graphene.String(description="未登录购票的，填订单凭据")

    class Meta:
        description = "把电子门票的入场码再发到订单的联系手机：本人，或持订单凭据的游客。"

    @classmethod
    def mutate(
        cls, _root: Any, info: Any, number: str, order_number: str = "", token: str = ""
    ) -> TicketVoucherSend:
        """Errors come back in ``errors``."""
        try:
            if token:
                theirs = vouchers_of(info.context.user, order_number, token=token)
                found = next((one for one in theirs if one.number == typed(number)), None)
            else:
                found = own_vouchers(info.context.user).filter(number=typed(number)).first()
            if found is None:
                raise OutOfScope
            return cls(voucher=send_again(found), errors=[])
        except DomainError as error:
            return cls(errors=errors_of(error))
