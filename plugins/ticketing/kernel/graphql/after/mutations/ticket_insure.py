"""``ticketInsure``: insurances for a held trip."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ....services.binding import mine
from ....services.insuring import choose
from ....services.reach import typed
from ..insurance import TicketInsuranceType
from ..types import errors_field, errors_of


class TicketInsureInput(graphene.InputObjectType):
    """What is wanted for a ticket."""

    ticket = graphene.String(required=True, description="票号")
    products = graphene.List(graphene.NonNull(graphene.String), required=True, description="险种代码")


class TicketInsure(graphene.Mutation):
    """What was chosen before is replaced."""

    insurances = graphene.List(graphene.NonNull(TicketInsuranceType), required=True, description="已选的保险")
    errors = errors_field()

    class Arguments:
        hold = graphene.String(required=True, description="占座单号")
        key = graphene.String(description="未登录占座的，填占座时的请求号")
        choices = graphene.List(
            graphene.NonNull(TicketInsureInput), required=True, description="每张票的保险；空为不买"
        )

    class Meta:
        name = "TicketInsureChoice"
        description = "给占好的票选保险（不默认勾选）：随占座一起下单付款，出票后由保险公司承保。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, hold: str, choices: list[Any], key: str = "") -> TicketInsure:
        """Errors come back in ``errors``."""
        try:
            order = mine(typed(hold), typed(key, 64), info.context.user)
            wanted = {typed(one["ticket"]): [typed(code, 30) for code in one["products"]] for one in choices}
            return cls(insurances=choose(order, wanted), errors=[])
        except DomainError as error:
            return cls(insurances=[], errors=errors_of(error))
