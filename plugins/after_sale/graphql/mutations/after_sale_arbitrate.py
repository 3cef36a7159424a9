"""``afterSaleArbitrate``: the customer does not take a refusal."""

from __future__ import annotations

from typing import Any

import graphene
from saleor.graphql.core.types import Upload

from saleor_o2o.kernel.errors import DomainError

from ...services.complaining import arbitrate
from ..types import ComplaintType, errors_field, errors_of, files_of, shopper


class AfterSaleArbitrate(graphene.Mutation):
    """Ask for arbitration of a refused after-sale."""

    complaint = graphene.Field(ComplaintType, description="仲裁（投诉单）")
    errors = errors_field()

    class Arguments:
        key = graphene.String(required=True, description="请求号，8 到 64 位")
        number = graphene.String(required=True, description="售后单号")
        text = graphene.String(required=True, description="不同意的理由，最多 500 字")
        photos = graphene.List(graphene.NonNull(Upload), description="凭证图片，最多 6 张")

    class Meta:
        description = "对被拒绝的售后申请平台仲裁。"

    @classmethod
    def mutate(
        cls, _root: Any, info: Any, key: str, number: str, text: str, photos: list[str] | None = None
    ) -> AfterSaleArbitrate:
        """Only one's own."""
        try:
            made = arbitrate(shopper(info), number, text, key=key, photos=files_of(info, photos))
            return cls(complaint=made, errors=[])
        except DomainError as error:
            return cls(errors=errors_of(error))
