"""``ticketHolderChange``: another person goes with a real-name ticket; once."""

from __future__ import annotations

from datetime import date
from typing import Any

import graphene

from plugins.ticketing.kernel.services.reach import typed
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.errors import DomainError

from ...services.naming import change_holder
from ..errors import errors_field, errors_of
from ..inputs import AdmissionDocumentEnum, person_of


class TicketHolderChange(graphene.Mutation):
    """The codes before let nobody in from now on."""

    ticket = graphene.String(description="票号")
    errors = errors_field()

    class Arguments:
        ticket = graphene.String(required=True, description="票号")
        saved_id = graphene.ID(description="本人的常用旅客；填了就不用填姓名和证件")
        name = graphene.String(description="姓名，与证件一致")
        document = AdmissionDocumentEnum(description="证件类型")
        document_number = graphene.String(description="证件号")
        birth = graphene.Date(description="出生日期；证件号里有的不用填")
        mobile = graphene.String(description="手机号")
        token = graphene.String(description="订单令牌（未登录下单的顾客）")

    class Meta:
        description = (
            "更改一张实名票的观众，每张票一次：本人或凭订单令牌的游客，或员工在柜台办理；旧码立即失效。"
        )

    @classmethod
    def mutate(
        cls, _root: Any, info: Any, ticket: str, saved_id: str | None = None, name: str = "",
        document: str | None = None, document_number: str = "", birth: date | None = None, mobile: str = "",
        token: str = "",
    ) -> TicketHolderChange:  # fmt: skip
        """Errors come back in ``errors``."""
        told = {
            "saved_id": saved_id, "name": name, "document": document, "document_number": document_number,
            "birth": birth,
        }  # fmt: skip
        try:
            person = person_of(info.context.user, told, today())
            made = change_holder(
                info.context.user,
                typed(ticket).upper(),
                person,
                token=token or "",
                mobile=typed(mobile or "", 20),
            )
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(ticket=made.ticket.number, errors=[])
