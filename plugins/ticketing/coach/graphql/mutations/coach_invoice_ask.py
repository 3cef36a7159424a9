"""``coachInvoiceAsk``: the buyer wants an invoice of his tickets."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...access import INVOICE_ASK
from ...services.invoices import want_invoice
from ..finding import own_order
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
        token = graphene.String(description="未登录购票的，填订单凭据")

    class Meta:
        description = "申请汽车票电子发票：本人或持订单凭据的游客；员工为管辖范围内的订单代申请。"

    @classmethod
    def mutate(
        cls, _root: Any, info: Any, number: str, title: str, tax_number: str = "", email: str = "",
        token: str = "",
    ) -> CoachInvoiceAsk:  # fmt: skip
        """Errors come back in ``errors``."""
        user = info.context.user
        try:
            order = own_order(user, number, INVOICE_ASK, token or "")
            made = want_invoice(
                order,
                title=title,
                tax_number=tax_number,
                email=email,
                by=user if user.is_authenticated else None,
            )
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(invoice=made, errors=[])
