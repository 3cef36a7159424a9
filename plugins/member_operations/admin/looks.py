"""How states of campaigns and messages look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from ..kinds import CampaignState, ExportState, MessageState

STATES = {value: str(label) for value, label in CampaignState.choices}
MESSAGES = {value: str(label) for value, label in MessageState.choices}
EXPORTS = {value: str(label) for value, label in ExportState.choices}
_COLOURS: dict[str, str] = {
    CampaignState.WAITING: "warning",
    CampaignState.SCHEDULED: "info",
    CampaignState.SENDING: "info",
    CampaignState.DONE: "success",
    CampaignState.STOPPED: "danger",
    ExportState.READY: "success",
    ExportState.REFUSED: "danger",
    MessageState.SENT: "success",
    MessageState.HANDED: "info",
    MessageState.FAILED: "danger",
}


def coloured(value: str, names: Mapping[Any, Any]) -> SafeString:
    """A state in its colour, in Chinese."""
    context = {"type": _COLOURS.get(value, "default"), "text": str(names.get(value, value))}
    return render_to_string("unfold/helpers/label.html", context)
