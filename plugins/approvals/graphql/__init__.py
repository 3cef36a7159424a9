"""GraphQL of approvals, for staff."""

from .mutations import ApprovalMutations
from .queries import ApprovalQueries

__all__ = ["ApprovalMutations", "ApprovalQueries"]
