"""How states of members and messages look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from ..kinds import MemberStatus, SmsState

_COLOURS: dict[str, str] = {
    MemberStatus.ACTIVE: "success",
    MemberStatus.FROZEN: "warning",
    MemberStatus.BLACKLISTED: "danger",
    MemberStatus.CLOSING: "warning",
    MemberStatus.CLOSED: "default",
    MemberStatus.MERGED: "default",
    SmsState.SENT: "success",
    SmsState.REFUSED: "danger",
    SmsState.UNKNOWN: "warning",
    SmsState.SENDING: "info",
}


def coloured(value: str, names: Mapping[Any, Any]) -> SafeString:
    """A state in its colour, in Chinese."""
    context = {"type": _COLOURS.get(value, "default"), "text": str(names.get(value, value))}
    return render_to_string("unfold/helpers/label.html", context)
