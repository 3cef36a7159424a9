"""What approvals tell the others, after the commit."""

from __future__ import annotations

from saleor_o2o.kernel.events import Event


class ApprovalSubmitted(Event):
    """A matter was submitted; `level` is asked first."""

    name = "approvals.submitted"

    request_id: int
    matter: str
    subject_type: str
    subject_id: str
    unit_id: int
    level: int


class ApprovalMoved(Event):
    """A step was decided and the next one is asked, time ran out, or the submitter was asked or has answered."""

    name = "approvals.moved"

    request_id: int
    matter: str
    kind: str
    level: int


class ApprovalFinished(Event):
    """A request is over: `state` is approved, rejected or withdrawn. The matter's own handler has already run."""

    name = "approvals.finished"

    request_id: int
    matter: str
    subject_type: str
    subject_id: str
    state: str
