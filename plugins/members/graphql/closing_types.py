"""Types of closing an account."""

from __future__ import annotations

from typing import Any

import graphene

from ..models import Member, MemberClosing
from ..services.closing import blockers_now, closing_of


class MemberClosingBlockerType(graphene.ObjectType):
    """Why an account cannot be closed yet."""

    text = graphene.String(required=True, description="是什么")
    hint = graphene.String(required=True, description="怎么办")

    class Meta:
        name = "MemberClosingBlocker"


class MemberClosingType(graphene.ObjectType):
    """Whether one's account is being closed, and what keeps it open."""

    asked_at = graphene.DateTime(description="申请时间；没有申请为空")
    due_at = graphene.DateTime(description="生效时间，之前可以撤回")
    blockers = graphene.List(
        graphene.NonNull(MemberClosingBlockerType), required=True, description="现在注销的障碍；为空可以申请"
    )

    class Meta:
        name = "MemberClosing"

    @staticmethod
    def resolve_blockers(root: ClosingView, _info: Any) -> list[Any]:
        return blockers_now(root.member)


class ClosingView:
    """A member with the wish that waits, if any."""

    def __init__(self, member: Member) -> None:
        self.member = member
        waiting: MemberClosing | None = closing_of(member)
        self.asked_at = waiting.asked_at if waiting is not None else None
        self.due_at = waiting.due_at if waiting is not None else None
