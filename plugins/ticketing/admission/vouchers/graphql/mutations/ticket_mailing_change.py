"""``ticketMailingChange``: paper tickets that are not posted yet go to another address."""

from __future__ import annotations

from typing import Any

import graphene

from plugins.ticketing.kernel.services.reach import typed
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.masking import mask_name, mask_phone

from ....graphql.inputs import AdmissionMailInput, mail_of
from ...services.readdressing import readdress
from ..types import errors_field, errors_of


class TicketMailingChange(graphene.Mutation):
    """Until it is posted, as often as needed."""

    receiver = graphene.String(description="更改后的收件人和地区（已遮盖）")
    errors = errors_field()

    class Arguments:
        order_number = graphene.String(required=True, description="票务订单号")
        mail_to = AdmissionMailInput(required=True, description="新的收件地址")
        token = graphene.String(description="未登录购票的，填订单凭据")

    class Meta:
        description = "更改纸票的收件地址，寄出前都可以：本人、持订单凭据的游客、管辖内的员工。"

    @classmethod
    def mutate(
        cls, _root: Any, info: Any, order_number: str, mail_to: dict[str, Any], token: str = ""
    ) -> TicketMailingChange:
        """Errors come back in ``errors``."""
        try:
            row = readdress(info.context.user, order_number, mail_of(mail_to), token=typed(token, 64))
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(receiver=f"{mask_name(row.name)} {mask_phone(row.mobile)} {row.area}", errors=[])
