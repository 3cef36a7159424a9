"""``surveyAnswer``: a member answers what was asked after an order."""

from __future__ import annotations

from typing import Any

import graphene

from plugins.members.interfaces import member_of
from saleor_o2o.kernel.errors import DomainError

from ...errors import OperationsError, OperationsErrorCode
from ...services.surveys import answer
from ...texts import SURVEY_OVER
from ..types import MemberSurveyErrorType, MemberSurveyType, errors_of, told


class SurveyAnswer(graphene.Mutation):
    """Once; the same answer again is the same."""

    survey = graphene.Field(MemberSurveyType, description="这次评价")
    errors = graphene.List(
        graphene.NonNull(MemberSurveyErrorType), required=True, description="错误；成功时为空"
    )

    class Arguments:
        id = graphene.ID(required=True, description="评价编号")
        score = graphene.Int(required=True, description="0 到 10 分")
        word = graphene.String(description="想说的话，最多 200 字")

    class Meta:
        description = "回答评价。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, id: str, score: int, word: str = "") -> SurveyAnswer:
        """Errors come back in ``errors``."""
        try:
            member = member_of(info.context.user)
            if member is None or not (id.isascii() and id.isdigit() and len(id) < 18):
                raise OperationsError(OperationsErrorCode.NOT_NOW, SURVEY_OVER)
            return cls(survey=told(answer(member, int(id), score, word or "")), errors=[])
        except DomainError as error:
            return cls(errors=errors_of(error))
