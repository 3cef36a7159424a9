"""``mySurvey``: the question that waits for the viewer."""

from __future__ import annotations

from typing import Any

import graphene

from plugins.members.interfaces import member_of

from ..services.surveys import survey_of
from .types import MemberSurveyType, told


class MemberOperationsQueries(graphene.ObjectType):
    """For members."""

    my_survey = graphene.Field(
        MemberSurveyType, description="等我回答的评价（愿意推荐吗，0 到 10 分）；没有则为空。未登录则为空。"
    )

    @staticmethod
    def resolve_my_survey(_root: Any, info: Any) -> MemberSurveyType | None:
        """Two statements."""
        member = member_of(info.context.user)
        row = survey_of(member) if member is not None else None
        return told(row) if row is not None else None
