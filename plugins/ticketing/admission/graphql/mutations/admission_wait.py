"""``admissionWait``: wait for tickets that are sold out."""

from __future__ import annotations

from datetime import date
from typing import Any

import graphene
from django.utils.translation import gettext_lazy as _

from plugins.ticketing.kernel.services.reach import typed
from saleor_o2o.kernel.errors import DomainError

from ...errors import AdmissionError
from ...errors import AdmissionErrorCode as Code
from ...models import Session, Slot, TicketClass
from ...services.waiting import wait
from ..errors import errors_field, errors_of, key_of
from ..waiting_types import AdmissionWaitingType


class AdmissionWait(graphene.Mutation):
    """Once per account, class and time."""

    waiting = graphene.Field(AdmissionWaitingType, description="登记")
    errors = errors_field()

    class Arguments:
        product = graphene.String(required=True, description="产品代码")
        ticket_class = graphene.String(required=True, description="票类代码")
        quantity = graphene.Int(required=True, description="张数")
        session = graphene.ID(description="场次")
        slot = graphene.ID(description="时段")
        day = graphene.Date(description="日期")

    class Meta:
        description = (
            "售完后缺货登记：有人退票时按登记先后保留几小时，逾期给下一位。须登录；"
            "排队、抽签、限购与购买时相同。"
        )

    @classmethod
    def mutate(
        cls, _root: Any, info: Any, product: str, ticket_class: str, quantity: int, session: str | None = None,
        slot: str | None = None, day: date | None = None,
    ) -> AdmissionWait:  # fmt: skip
        """Errors come back in ``errors``."""
        try:
            kind = (
                TicketClass.objects.select_related("product__supplier")
                .filter(product__code=typed(product, 40), code=typed(ticket_class, 40), active=True)
                .exclude(product__state="draft")
                .first()
            )
            at = Session.objects.filter(pk=key_of(session, "session")).first() if session else None
            time = Slot.objects.filter(pk=key_of(slot, "slot")).first() if slot else None
            if kind is None or (session and at is None) or (slot and time is None):
                raise AdmissionError(Code.NOT_FOUND, _("没有这个票类或场次"), "ticketClass")
            row = wait(info.context.user, kind, quantity, session=at, slot=time, day=day)
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(waiting=row, errors=[])
