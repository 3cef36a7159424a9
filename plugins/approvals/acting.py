"""What a page or the API asks to be done with a request, by name."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from .models import ApprovalRequest
from .services import deciding


class Act(StrEnum):
    """The five things that people do with a request."""

    APPROVE = "approve"
    REJECT = "reject"
    ASK = "ask"
    SUPPLEMENT = "supplement"
    WITHDRAW = "withdraw"


_SERVICES: dict[Act, Callable[[ApprovalRequest, Any, str], ApprovalRequest]] = {
    Act.APPROVE: deciding.approve,
    Act.REJECT: deciding.reject,
    Act.ASK: deciding.ask_supplement,
    Act.SUPPLEMENT: deciding.supplement,
    Act.WITHDRAW: deciding.withdraw,
}


def perform(request: ApprovalRequest, act: Act, user: Any, note: str, version: int) -> ApprovalRequest:
    """Do it to the version that the person saw. Raises what the service raises."""
    request.version = version
    return _SERVICES[act](request, user, note)
