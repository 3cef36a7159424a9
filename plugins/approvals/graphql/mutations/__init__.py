"""Mutations of approvals, one per file."""

import graphene

from .approval_decide import ApprovalDecide
from .approval_supplement import ApprovalSupplement
from .approval_withdraw import ApprovalWithdraw


class ApprovalMutations(graphene.ObjectType):
    """What staff do with approvals."""

    approval_decide = ApprovalDecide.Field()
    approval_supplement = ApprovalSupplement.Field()
    approval_withdraw = ApprovalWithdraw.Field()
