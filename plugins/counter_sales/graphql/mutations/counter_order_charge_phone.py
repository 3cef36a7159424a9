"""``counterOrderChargePhone``: the clerk scanned the customer's payment code."""

from __future__ import annotations

from typing import Any

import graphene
from saleor.core.utils import get_client_ip

from saleor_o2o.cashier.interfaces import ChargeState
from saleor_o2o.kernel.errors import DomainError

from ...services.codes import charge_phone, charge_standing, check_code
from ..types import CounterErrorType, CounterSaleType, errors_of, sale_key, seller

CounterChargeState = graphene.Enum("CounterChargeState", [(item.name, item.value) for item in ChargeState])


class CounterOrderChargePhone(graphene.Mutation):
    """Charge a phone by its payment code, or ask (without a code) where the charge stands."""

    sale = graphene.Field(CounterSaleType, description="柜台销售")
    state = graphene.Field(CounterChargeState, description="扣款状态：已付款、等待顾客、未付款")
    ends_at = graphene.DateTime(description="顾客须在此前输入密码，过后自动撤销")
    errors = graphene.List(graphene.NonNull(CounterErrorType), required=True, description="错误；成功时为空")

    class Arguments:
        sale_id = graphene.ID(required=True, description="销售编号")
        auth_code = graphene.String(description="顾客付款码（18 位）；不填则查询上一次扫码的结果")

    class Meta:
        description = (
            "扫顾客的微信付款码收款。同一付款码重复提交只扣一次；等待时请每 5 秒不带付款码再调用一次。"
        )

    @classmethod
    def mutate(
        cls, _root: Any, info: Any, sale_id: str, auth_code: str | None = None
    ) -> CounterOrderChargePhone:
        """Errors come back in ``errors``; then nothing was charged."""
        try:
            user, key = seller(info), sale_key(sale_id)
            charge = (
                charge_phone(user, key, auth_code, get_client_ip(info.context))
                if auth_code
                else charge_standing(user, key)
            )
            sale = check_code(user, key)
        except DomainError as error:
            return cls(errors=errors_of(error))
        if charge is None:
            return cls(sale=sale, errors=[])
        return cls(sale=sale, state=charge.state.value, ends_at=charge.ends_at, errors=[])
