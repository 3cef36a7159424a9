"""Types of member operations' API."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.graphql.refusals import Refusal
from saleor_o2o.kernel.errors import DomainError

from ..models import Survey


class MemberSurveyErrorType(Refusal, graphene.ObjectType):
    """What went wrong, for people and for programs."""

    class Meta:
        name = "MemberSurveyError"


class MemberSurveyType(graphene.ObjectType):
    """A question to the viewer."""

    id = graphene.ID(required=True, description="评价编号")
    order_number = graphene.String(required=True, description="订单编号")
    asked_at = graphene.DateTime(required=True, description="邀请时间")
    score = graphene.Int(description="打的分，0 到 10；没有回答则为空")
    word = graphene.String(required=True, description="说的话")

    class Meta:
        name = "MemberSurvey"


def told(row: Survey) -> MemberSurveyType:
    """A survey as its member sees it."""
    profile = getattr(row.order, "o2o_profile", None)
    return MemberSurveyType(
        id=str(row.pk), order_number=profile.number if profile is not None else str(row.order_id),
        asked_at=row.asked_at, score=row.score, word=row.word,
    )  # fmt: skip


def errors_of(error: DomainError) -> list[Any]:
    """A kernel error in the API's form."""
    return [MemberSurveyErrorType(**error.as_dict())]
