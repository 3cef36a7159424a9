"""How often the same asker may look for orders that are nobody's account's; and what the page of a link says."""

from __future__ import annotations

from typing import Any

import graphene
from django.utils.translation import gettext as _

from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.masking import mask_phone
from saleor_o2o.kernel.pace import asker_of, retry_after

from ...errors import TicketError
from ...errors import TicketErrorCode as Code
from ...services.guests import Asked, order_asked
from .types import TicketErrorType, errors_of

#: Questions of one asker in a minute.
TRIES = 10


def slow_down(request: Any) -> None:
    """Count a question. Raises TicketError TOO_OFTEN."""
    wait = retry_after("ticketing.guest", asker_of(request), TRIES)
    if wait:
        raise TicketError(
            Code.TOO_OFTEN, _("试的次数太多，请 %(seconds)d 秒后再试") % {"seconds": wait}, None,
            _("请核对订单短信里的订单号"),
        )  # fmt: skip


class TicketGuestLinkType(graphene.ObjectType):
    """Whose order a link opens, before a code is typed."""

    number = graphene.String(description="票务订单号")
    mobile = graphene.String(description="订单的联系手机（已遮盖），验证码发到这里")
    errors = graphene.List(graphene.NonNull(TicketErrorType), required=True, description="错误；成功时为空")

    class Meta:
        name = "TicketGuestLink"


class TicketGuestQueries(graphene.ObjectType):
    """Orders without an account."""

    ticket_guest_link = graphene.Field(
        TicketGuestLinkType, required=True,
        link=graphene.Argument(graphene.String, required=True, description="短信链接里的一段"),
        description="短信链接是哪张订单的：只有订单号和遮盖的手机号，其余凭验证码查看",
    )  # fmt: skip

    @staticmethod
    def resolve_ticket_guest_link(_root: Any, info: Any, link: str) -> TicketGuestLinkType:
        try:
            slow_down(info.context)
            # without a link there is nothing to look for
            order = order_asked(Asked(link=link or "-"))
        except DomainError as error:
            return TicketGuestLinkType(errors=errors_of(error))
        return TicketGuestLinkType(number=order.number, mobile=mask_phone(order.mobile), errors=[])
