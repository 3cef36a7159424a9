"""Queries of approvals."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.scope import OutOfScope, get_row

from ..models import ApprovalRequest
from ..selectors import Tab, of_tab
from .types import ApprovalRequestType, ApprovalTab

MOST = 50


class ApprovalQueries(graphene.ObjectType):
    """What a member of the staff asks about approvals."""

    my_approvals = graphene.List(
        graphene.NonNull(ApprovalRequestType),
        tab=graphene.Argument(ApprovalTab, description="哪一类；不填为待我审批"),
        first=graphene.Argument(graphene.Int, default_value=20, description="最多几条，上限 50"),
        required=True,
        description="我的审批待办；没有登录则为空。",
    )
    approval = graphene.Field(
        ApprovalRequestType,
        number=graphene.Argument(graphene.String, required=True, description="审批单号"),
        description="一张审批单；看不到的等于没有。",
    )

    @staticmethod
    def resolve_my_approvals(
        _root: Any, info: Any, first: int, tab: str | None = None
    ) -> list[ApprovalRequest]:
        """One heap of the asker's, what should be done first on top."""
        user = info.context.user
        if not user.is_authenticated:
            return []
        found = of_tab(user, Tab(tab or Tab.WAITING)).select_related("unit").prefetch_related("actions")
        return list(found[: max(0, min(first, MOST))])

    @staticmethod
    def resolve_approval(_root: Any, info: Any, number: str) -> ApprovalRequest | None:
        """The request, or null: out of sight is not found."""
        try:
            return get_row(info.context.user, ApprovalRequest.objects.select_related("unit"), number=number)
        except OutOfScope:
            return None
