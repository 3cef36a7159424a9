"""``counterSlipPrint``: one more copy of the slip."""

from __future__ import annotations

from typing import Any

import graphene
from django.template.loader import render_to_string

from saleor_o2o.kernel.errors import DomainError

from ...models import CounterSale
from ...services.slips import PAPERS, Slip, print_slip
from ..types import CounterErrorType, CounterSaleType, errors_of, sale_key, seller

CounterPaper = graphene.Enum("CounterPaper", [(f"P_{name.upper()}", name) for name in PAPERS])


class CounterSlipType(graphene.ObjectType):
    """A printed slip."""

    html = graphene.String(required=True, description="可直接打印的页面")
    copy = graphene.Int(required=True, description="第几次打印")
    is_reprint = graphene.Boolean(required=True, description="是否重印；重印的小票上会标明")
    sale = graphene.Field(CounterSaleType, required=True, description="柜台销售")

    class Meta:
        name = "CounterSlip"

    @staticmethod
    def resolve_html(root: Slip, _info: Any) -> str:
        """The page that the back office prints; whoever shows it starts the printing."""
        return str(
            render_to_string("o2o_counter_sales/slip.html", {"slip": root, "sale": root.sale, "bare": True})
        )

    @staticmethod
    def resolve_sale(root: Slip, _info: Any) -> CounterSale:
        """What it is for."""
        return root.sale


class CounterSlipPrint(graphene.Mutation):
    """Count one print of a paid sale's slip and give the page. Every call is a copy."""

    slip = graphene.Field(CounterSlipType, description="小票")
    errors = graphene.List(graphene.NonNull(CounterErrorType), required=True, description="错误；成功时为空")

    class Arguments:
        sale_id = graphene.ID(required=True, description="销售编号")
        paper = graphene.Argument(CounterPaper, description="纸张；空为 80 毫米小票")

    class Meta:
        description = "打印小票：每次调用记一次打印，从第二次起小票标明重印。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, sale_id: str, paper: str = PAPERS[0]) -> CounterSlipPrint:
        """Errors come back in ``errors``; nothing is counted then."""
        try:
            slip = print_slip(seller(info), sale_key(sale_id), paper)
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(slip=slip, errors=[])
