"""How a request is shown: its subject in the words of its plugin, and colours."""

from __future__ import annotations

from dataclasses import dataclass

from .models import ApprovalRequest, RequestState
from .registry import matters

#: Colours of unfold's labels.
COLOURS = {
    RequestState.PENDING: "info",
    RequestState.SUPPLEMENT: "warning",
    RequestState.APPROVED: "success",
    RequestState.REJECTED: "danger",
    RequestState.WITHDRAWN: "default",
}


@dataclass(frozen=True)
class Summary:
    """The subject as those who decide see it."""

    lines: list[tuple[str, str]]
    href: str = ""
    gone: bool = False


def summary_of(request: ApprovalRequest) -> Summary:
    """Ask the matter's plugin; nothing when it is off, `gone` when the row is no more."""
    matter = matters().get(request.matter)
    if matter is None:
        return Summary([])
    subject = request.subject
    if subject is None:
        return Summary([], gone=True)
    lines = matter.summary(subject) if matter.summary else []
    return Summary(
        [(str(label), str(text)) for label, text in lines], matter.href(subject) if matter.href else ""
    )
