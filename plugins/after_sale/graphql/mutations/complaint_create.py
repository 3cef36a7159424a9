"""``complaintCreate``: a customer complains about a part of an order."""

from __future__ import annotations

from typing import Any

import graphene
from saleor.graphql.core.types import Upload

from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import OutOfScope

from ...choices import FOR_SOMEBODY, Via
from ...services.complaining import complain
from ..queries import own_part, served_part
from ..types import AfterSaleVia, ComplaintTopic, ComplaintType, errors_field, errors_of, files_of, shopper


class ComplaintCreate(graphene.Mutation):
    """Complain; the same key again gives the same complaint."""

    complaint = graphene.Field(ComplaintType, description="投诉单")
    errors = errors_field()

    class Arguments:
        key = graphene.String(required=True, description="请求号，8 到 64 位")
        sub_order_number = graphene.String(required=True, description="子订单号")
        topic = ComplaintTopic(required=True, description="主题")
        text = graphene.String(required=True, description="投诉内容，最多 500 字")
        photos = graphene.List(graphene.NonNull(Upload), description="凭证图片，最多 6 张")
        via = graphene.Argument(AfterSaleVia, description="员工代客登记：到柜台或来电；空为本人投诉")

    class Meta:
        description = "投诉订单的一部分；员工可代管辖范围内的顾客登记。售后纠纷请用 afterSaleArbitrate。"

    @classmethod
    def mutate(
        cls,
        _root: Any,
        info: Any,
        key: str,
        sub_order_number: str,
        topic: str,
        text: str,
        photos: list[str] | None = None,
        via: str | None = None,
    ) -> ComplaintCreate:
        """About one's own orders, or those of a customer whom the staff serves."""
        try:
            user = shopper(info)
            served = via in FOR_SOMEBODY
            part = (served_part if served else own_part)(user, sub_order_number)
            if part is None:
                raise OutOfScope
            files = files_of(info, photos)
            made = complain(
                user, part.order_id, part.pk, topic, text, key=key, photos=files, via=via or Via.SELF
            )
            return cls(complaint=made, errors=[])
        except DomainError as error:
            return cls(errors=errors_of(error))
