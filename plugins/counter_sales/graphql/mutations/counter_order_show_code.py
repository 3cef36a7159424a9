"""``counterOrderShowCode``: the code that the customer scans."""

from __future__ import annotations

from typing import Any

import graphene
from saleor.core.utils import get_client_ip

from saleor_o2o.kernel.errors import DomainError

from ...services.codes import check_code, show_code
from ...services.slips import qr_svg
from ..types import CounterErrorType, CounterSaleType, errors_of, sale_key, seller


class CounterOrderShowCode(graphene.Mutation):
    """Show the code of a sale, or the same code again. With the answer comes where the sale stands."""

    sale = graphene.Field(CounterSaleType, description="柜台销售")
    code_url = graphene.String(description="做成二维码的内容")
    code_svg = graphene.String(description="收款码的二维码（SVG）")
    expires_at = graphene.DateTime(description="支付截止")
    errors = graphene.List(graphene.NonNull(CounterErrorType), required=True, description="错误；成功时为空")

    class Arguments:
        sale_id = graphene.ID(required=True, description="销售编号")

    class Meta:
        description = "出示微信收款码；重复调用得到同一个码。到账与否请看 sale.state。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, sale_id: str) -> CounterOrderShowCode:
        """Errors come back in ``errors``; nothing is charged by this call."""
        try:
            user, key = seller(info), sale_key(sale_id)
            shown = show_code(user, key, get_client_ip(info.context))
            sale = check_code(user, key)
        except DomainError as error:
            return cls(errors=errors_of(error))
        svg = qr_svg(shown.content)
        return cls(sale=sale, code_url=shown.content, code_svg=svg, expires_at=shown.expires_at, errors=[])
