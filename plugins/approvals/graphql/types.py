"""Types of the approvals' API."""

from __future__ import annotations

from typing import Any

import graphene
from saleor.graphql.core.scalars import Decimal

from saleor_o2o.graphql.refusals import Refusal

from ..acting import Act
from ..models import ActionKind, ApprovalRequest, RequestState
from ..selectors import Tab, is_late, may_decide
from ..showing import summary_of

ApprovalTab = graphene.Enum("ApprovalTab", [(item.name, item.value) for item in Tab])
ApprovalState = graphene.Enum("ApprovalState", [(item.name, item.value) for item in RequestState])
ApprovalActionKind = graphene.Enum("ApprovalActionKind", [(item.name, item.value) for item in ActionKind])
ApprovalDecision = graphene.Enum(
    "ApprovalDecision", [(item.name, item.value) for item in (Act.APPROVE, Act.REJECT, Act.ASK)]
)


class ApprovalErrorType(Refusal, graphene.ObjectType):
    """What went wrong, for people and for programs."""

    class Meta:
        name = "ApprovalError"


class ApprovalFactType(graphene.ObjectType):
    """One line about the subject."""

    label = graphene.String(required=True, description="名称")
    text = graphene.String(required=True, description="内容")

    class Meta:
        name = "ApprovalFact"


class ApprovalActionType(graphene.ObjectType):
    """One line of the history."""

    kind = graphene.Field(ApprovalActionKind, required=True, description="操作")
    actor_name = graphene.String(required=True, description="操作者")
    note = graphene.String(required=True, description="意见")
    at = graphene.DateTime(required=True, description="时间")

    class Meta:
        name = "ApprovalAction"


class ApprovalRequestType(graphene.ObjectType):
    """A request for approval."""

    number = graphene.String(required=True, description="审批单号")
    version = graphene.Int(required=True, description="版本；操作时原样带回")
    title = graphene.String(required=True, description="标题")
    matter = graphene.String(required=True, description="事项代码")
    state = graphene.Field(ApprovalState, required=True, description="状态")
    unit_name = graphene.String(required=True, description="机构")
    submitter_name = graphene.String(required=True, description="提交人")
    note = graphene.String(required=True, description="申请说明")
    amount = graphene.Field(Decimal, description="金额（元）")
    level = graphene.Int(required=True, description="当前审批级别，1 市中心 … 5 网点")
    submitted_at = graphene.DateTime(required=True, description="提交时间")
    due_at = graphene.DateTime(description="时限")
    is_late = graphene.Boolean(required=True, description="是否超时")
    may_decide = graphene.Boolean(required=True, description="当前登录人是否可以审批")
    facts = graphene.List(graphene.NonNull(ApprovalFactType), required=True, description="申请内容")
    actions = graphene.List(graphene.NonNull(ApprovalActionType), required=True, description="办理记录")

    class Meta:
        name = "ApprovalRequest"

    @staticmethod
    def resolve_unit_name(root: ApprovalRequest, _info: Any) -> str:
        """The unit's name; read with the list."""
        return root.unit.name

    @staticmethod
    def resolve_is_late(root: ApprovalRequest, _info: Any) -> bool:
        """Whether the time is over."""
        return is_late(root)

    @staticmethod
    def resolve_may_decide(root: ApprovalRequest, info: Any) -> bool:
        """Whether the asker may decide now."""
        return may_decide(info.context.user, root)

    @staticmethod
    def resolve_facts(root: ApprovalRequest, _info: Any) -> list[ApprovalFactType]:
        """The subject in its plugin's words."""
        return [ApprovalFactType(label=label, text=text) for label, text in summary_of(root).lines]

    @staticmethod
    def resolve_actions(root: ApprovalRequest, _info: Any) -> Any:
        """The history, oldest first."""
        return root.actions.all()


def error_of(error: Any) -> ApprovalErrorType:
    """A kernel error in the API's form."""
    return ApprovalErrorType(**error.as_dict())
