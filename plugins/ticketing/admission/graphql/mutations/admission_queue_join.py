"""``admissionQueueJoin``: take a number for a hot sale."""

from __future__ import annotations

from typing import Any

import graphene
from django.utils.translation import gettext_lazy as _

from plugins.ticketing.kernel.services.reach import typed
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.errors import DomainError

from ...errors import AdmissionError
from ...errors import AdmissionErrorCode as Code
from ...models import SaleQueue
from ...services.queueing import join
from ..errors import errors_field, errors_of
from ..waiting_types import AdmissionQueueType


class AdmissionQueueJoin(graphene.Mutation):
    """Asking again is the same place."""

    queue = graphene.Field(AdmissionQueueType, description="排到哪里")
    errors = errors_field()

    class Arguments:
        product = graphene.String(required=True, description="产品代码")
        proof = graphene.String(description="安全验证的答案；取新号时要求验证的产品必填", default_value="")

    class Meta:
        description = "热门产品购买前排队取号；再次调用为查询。须登录。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, product: str, proof: str = "") -> AdmissionQueueJoin:
        """Errors come back in ``errors``."""
        try:
            queue = (
                SaleQueue.objects.select_related("product")
                .filter(product__code=typed(product, 40), active=True)
                .first()
            )
            if queue is None:
                raise AdmissionError(Code.NOT_FOUND, _("这个产品不用排队"), "product", _("可以直接购买"))
            turn = join(info.context.user, queue, proof or "")
        except DomainError as error:
            return cls(errors=errors_of(error))
        told = AdmissionQueueType(
            number=turn.number, ahead=turn.ahead, enters_at=turn.enters_at, until=turn.until,
            is_in=turn.is_in(now()),
        )  # fmt: skip
        return cls(queue=told, errors=[])
