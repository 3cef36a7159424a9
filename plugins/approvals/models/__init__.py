"""Tables of approvals."""

from .matrix import MatrixDuty, MatrixMatter
from .request import (
    OPEN_STATES,
    ActionKind,
    ApprovalAction,
    ApprovalRequest,
    ApprovalStep,
    RequestState,
    StepState,
)
from .route import ApprovalRoute, RouteLine

__all__ = [
    "OPEN_STATES",
    "ActionKind",
    "ApprovalAction",
    "ApprovalRequest",
    "ApprovalRoute",
    "ApprovalStep",
    "MatrixDuty",
    "MatrixMatter",
    "RequestState",
    "RouteLine",
    "StepState",
]
