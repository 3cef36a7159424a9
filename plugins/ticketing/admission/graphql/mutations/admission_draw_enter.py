"""``admissionDrawEnter``: register for tickets that are given by lot."""

from __future__ import annotations

from typing import Any

import graphene
from django.utils.translation import gettext_lazy as _

from plugins.ticketing.kernel.services.reach import typed
from saleor_o2o.kernel.errors import DomainError

from ...choices import DrawState
from ...errors import AdmissionError
from ...errors import AdmissionErrorCode as Code
from ...models import Draw
from ...services.drawing import enter
from ..errors import errors_field, errors_of, key_of


class AdmissionDrawEnter(graphene.Mutation):
    """Once per account; another number of tickets replaces the one before."""

    quantity = graphene.Int(description="登记的张数")
    seed_digest = graphene.String(description="抽签种子的摘要（SHA-256）；抽签后公布种子，任何人可以核对")
    closes_at = graphene.DateTime(description="登记截止")
    errors = errors_field()

    class Arguments:
        session = graphene.ID(required=True, description="场次")
        ticket_class = graphene.String(required=True, description="票类代码")
        quantity = graphene.Int(required=True, description="张数")

    class Meta:
        description = "抽签售票登记；中签后在限时内下单。须登录。"

    @classmethod
    def mutate(
        cls, _root: Any, info: Any, session: str, ticket_class: str, quantity: int
    ) -> AdmissionDrawEnter:
        """Errors come back in ``errors``."""
        try:
            rows = Draw.objects.filter(
                session=key_of(session, "session"), ticket_class__code=typed(ticket_class, 40)
            )
            draw = rows.exclude(state=DrawState.CANCELLED).first()
            if draw is None:
                raise AdmissionError(Code.NOT_FOUND, _("这个票类不是抽签发售"), "ticketClass")
            entry = enter(info.context.user, draw, quantity)
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(quantity=entry.quantity, seed_digest=draw.seed_digest, closes_at=draw.closes_at, errors=[])
