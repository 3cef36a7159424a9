"""``complaintSay``: the customer adds to a complaint."""

from __future__ import annotations

from typing import Any

import graphene
from saleor.graphql.core.types import Upload

from saleor_o2o.kernel.errors import DomainError

from ...services.complaining import say
from ..types import ComplaintType, errors_field, errors_of, files_of, shopper


class ComplaintSay(graphene.Mutation):
    """Add a statement while it is open."""

    complaint = graphene.Field(ComplaintType, description="投诉单")
    errors = errors_field()

    class Arguments:
        number = graphene.String(required=True, description="投诉单号")
        text = graphene.String(required=True, description="内容，最多 500 字")
        photos = graphene.List(graphene.NonNull(Upload), description="凭证图片，最多 6 张")

    class Meta:
        description = "补充投诉说明。"

    @classmethod
    def mutate(
        cls, _root: Any, info: Any, number: str, text: str, photos: list[str] | None = None
    ) -> ComplaintSay:
        """Only one's own."""
        try:
            row = say(shopper(info), number, text, photos=files_of(info, photos))
            return cls(complaint=row, errors=[])
        except DomainError as error:
            return cls(errors=errors_of(error))
