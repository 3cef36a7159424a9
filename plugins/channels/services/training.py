"""Examinations, and what an owner still has to pass."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.request import current

from .. import audits
from ..errors import ChannelError, ChannelErrorCode
from ..models import Channel, Course, Exam
from ..types import ChannelStatus


def missing_courses(channel: Channel) -> list[Course]:
    """The required courses that nobody of this channel has passed. Two statements."""
    passed = set(Exam.objects.filter(channel=channel, passed=True).values_list("course_id", flat=True))
    required = Course.objects.filter(is_active=True, required_for__contains=[channel.type])
    return [course for course in required if course.pk not in passed]


@transaction.atomic
def record_exam(channel: Channel, course: Course, score: int, taken_on: date | None = None) -> Exam:
    """Write one try. Raises ChannelError: INVALID for a score outside 0 to 100 or a day to come, WRONG_STATE."""
    day = taken_on or today()
    if not 0 <= score <= 100:
        raise ChannelError(ChannelErrorCode.INVALID, _("得分应在 0 到 100 之间"), "score")
    if day > today():
        raise ChannelError(ChannelErrorCode.INVALID, _("考试日期不能晚于今天"), "taken_on")
    if channel.status in (ChannelStatus.APPLIED, ChannelStatus.REVIEW, ChannelStatus.LEFT):
        raise ChannelError(ChannelErrorCode.WRONG_STATE, _("审核通过后才能登记培训考试"))
    exam = Exam.objects.create(
        channel=channel, course=course, score=score, passed=score >= course.pass_mark, taken_on=day,
        examiner=current().actor,
    )  # fmt: skip
    audit.record(
        audits.EXAMINED, channel, after={"course": course.code, "score": score, "passed": exam.passed},
        org_path=channel.unit.path,
    )  # fmt: skip
    return exam
