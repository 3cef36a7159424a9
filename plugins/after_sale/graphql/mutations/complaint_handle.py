"""``complaintHandle``: the staff takes a complaint on, answers for the seller, hands it on or rules, as on the page."""

from __future__ import annotations

from typing import Any

import graphene
from saleor.graphql.core.scalars import Decimal
from saleor.graphql.core.types import Upload

from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import get_row

from ...acts import ComplaintAct
from ...models import Complaint
from ...services import complaining
from ..types import (
    ComplaintActEnum,
    ComplaintStateEnum,
    ComplaintType,
    errors_field,
    errors_of,
    files_of,
    shopper,
)


class ComplaintHandle(graphene.Mutation):
    """Do one thing to a complaint in scope, as it was seen."""

    complaint = graphene.Field(ComplaintType, description="投诉单")
    errors = errors_field()

    class Arguments:
        number = graphene.String(required=True, description="投诉单号")
        act = graphene.Argument(ComplaintActEnum, required=True, description="操作")
        seen = graphene.Argument(ComplaintStateEnum, description="看到的状态；已变化时不执行")
        text = graphene.String(description="申诉内容、裁决意见：双方都会看到，最多 500 字")
        amount = graphene.Argument(Decimal, description="支持买家时的退款（元）；空为售后申请的全额")
        photos = graphene.List(graphene.NonNull(Upload), description="商家凭证图片，最多 6 张")

    class Meta:
        description = "员工办理投诉，同后台页面：区县受理、调解，商家申诉，市中心裁决；裁决立即执行。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, number: str, act: str, **told: Any) -> ComplaintHandle:
        """In the staff's scope; of anything else nothing is known."""
        try:
            user = shopper(info)
            row = get_row(user, Complaint, number=number[:32])
            return cls(complaint=_do(info, user, row, act, told), errors=[])
        except DomainError as error:
            return cls(errors=errors_of(error))


def _do(info: Any, user: Any, row: Complaint, act: str, told: dict[str, Any]) -> Complaint:
    seen, text = str(told.get("seen") or ""), told.get("text") or ""
    match ComplaintAct(act):
        case ComplaintAct.ACCEPT:
            return complaining.accept(user, row.pk, seen=seen)
        case ComplaintAct.ANSWER:
            photos = files_of(info, told.get("photos"))
            return complaining.answer(user, row.pk, text, photos=photos, seen=seen)
        case ComplaintAct.ESCALATE:
            return complaining.escalate(user, row.pk, seen=seen)
        case ComplaintAct.FOR_BUYER:
            amount = told.get("amount")
            return complaining.decide(user, row.pk, for_buyer=True, ruling=text, amount=amount, seen=seen)
        case ComplaintAct.FOR_SELLER:
            return complaining.decide(user, row.pk, for_buyer=False, ruling=text, seen=seen)
