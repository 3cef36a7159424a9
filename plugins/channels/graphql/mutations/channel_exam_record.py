"""``channelExamRecord``: an owner took an examination."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import get_row

from ...models import Course
from ...services.training import missing_courses, record_exam
from ..gates import channel_for
from ..types import error_of, errors_field


class ChannelExamRecord(graphene.Mutation):
    """One try of an owner at a course."""

    passed = graphene.Boolean(description="是否合格")
    missing = graphene.List(graphene.NonNull(graphene.String), description="还未合格的必修课程")
    errors = errors_field()

    class Arguments:
        code = graphene.String(required=True, description="渠道代码")
        course = graphene.String(required=True, description="课程代码")
        score = graphene.Int(required=True, description="得分，0 到 100")

    class Meta:
        description = "登记店主的培训考试（需要渠道走访权限）。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, code: str, course: str, score: int) -> ChannelExamRecord:
        """Permission `channel.visit` over the channel."""
        user = info.context.user
        try:
            channel = channel_for(user, code, "channel.visit")
            exam = record_exam(channel, get_row(user, Course, code=course, is_active=True), score)
        except DomainError as error:
            return cls(errors=[error_of(error)])
        return cls(passed=exam.passed, missing=[one.name for one in missing_courses(channel)], errors=[])
