"""What other plugins may use of approvals."""

from .errors import ApprovalError, ApprovalErrorCode
from .models import ApprovalRequest, RequestState
from .registry import Matter, Route, Step, register_matter
from .selectors import open_request, requests_of
from .services.deciding import approve, ask_supplement, reject, supplement, withdraw
from .services.submitting import submit

__all__ = [
    "ApprovalError",
    "ApprovalErrorCode",
    "ApprovalRequest",
    "Matter",
    "RequestState",
    "Route",
    "Step",
    "approve",
    "ask_supplement",
    "open_request",
    "register_matter",
    "reject",
    "requests_of",
    "submit",
    "supplement",
    "withdraw",
]
