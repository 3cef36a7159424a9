"""``coachInvoiceAsk``: the buyer wants an invoice of his tickets."""

from __future__ import annotations

from typing import Any

import graphene
from django.utils.translation import gettext_lazy as _

from plugins.ticketing.kernel.choices import Trade
from plugins.ticketing.kernel.models import TicketOrder
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import get_row

from ...access import INVOICE_ASK
from ...errors import CoachError
from ...errors import CoachErrorCode as Code
from ...services.invoices import want_invoice
from ..types import CoachInvoiceType, errors_field, errors_of


class CoachInvoiceAsk(graphene.Mutation):
    """The same order again is the same invoice."""

    invoice = graphene.Field(CoachInvoiceType, description="发票申请")
    errors = errors_field()

    class Arguments:
        number = graphene.String(required=True, description="票务订单号")
        title = graphene.String(required=True, description="抬头")
        tax_number = graphene.String(description="税号", default_value="")
        email = graphene.String(description="接收邮箱", default_value="")

    class Meta:
        description = "申请汽车票电子发票：本人的订单；员工为管辖范围内的订单代申请。"

    @classmethod
    def mutate(
        cls, _root: Any, info: Any, number: str, title: str, tax_number: str = "", email: str = ""
    ) -> CoachInvoiceAsk:
        """Errors come back in ``errors``."""
        user = info.context.user
        try:
            order = own_order(user, number)
            made = want_invoice(order, title=title, tax_number=tax_number, email=email, by=user)
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(invoice=made, errors=[])


def own_order(user: Any, number: str) -> TicketOrder:
    """A coach order of the asker's own, or one in a clerk's reach. Raises CoachError NOT_FOUND, OutOfScope."""
    rows = TicketOrder.objects.filter(trade=Trade.COACH, number=number.strip().upper()[:24])
    if user.is_authenticated and user.is_staff:
        if not user.has_perm(INVOICE_ASK):
            raise CoachError(Code.NOT_FOUND, _("没有这个订单"), "number")
        return get_row(user, rows, trade=Trade.COACH)
    found = rows.filter(user=user).first() if user.is_authenticated else None
    if found is None:
        raise CoachError(Code.NOT_FOUND, _("没有这个订单"), "number", _("请登录下单的账号"))
    return found
