"""``staffHire``: somebody new."""

from __future__ import annotations

from typing import Any

import graphene

from ....services.staffing import hire
from ..gates import said, unit_for
from ..types import OrgStaffType, StaffAnswer


class StaffHire(StaffAnswer):
    """Open a person's file and login; the password is set by mail."""

    staff = graphene.Field(OrgStaffType, description="人员")

    class Arguments:
        unit = graphene.String(required=True, description="所属机构代码")
        employee_no = graphene.String(required=True, description="工号")
        name = graphene.String(required=True, description="姓名")
        email = graphene.String(required=True, description="登录邮箱；激活邮件发到这里")
        mobile = graphene.String(description="手机号")
        id_number = graphene.String(description="身份证号；加密保存，页面只显示首尾")
        joined_on = graphene.Date(description="入职日期，默认今天")

    class Meta:
        description = "录用人员。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, unit: str, **values: Any) -> Any:
        """Errors come back in ``errors``."""
        user = info.context.user
        return cls.answer(lambda: {"staff": hire(user, unit_for(user, unit), **said(values))})
