"""How after-sales look to people: colours of states, names of who did it, a provider's code in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from saleor_o2o.kernel.audit import directory

from ..choices import ComplaintState, State

#: Waiting for the staff: amber; gone wrong: red; under way elsewhere: blue; good: green.
_COLOURS: dict[str, str] = {
    State.APPLIED: "warning",
    State.TO_RECEIVE: "warning",
    State.REFUND_FAILED: "danger",
    State.REFUSED: "danger",
    State.GOODS_REFUSED: "danger",
    State.TO_RETURN: "info",
    State.APPROVING: "info",
    State.REFUNDING: "info",
    State.ARBITRATION: "info",
    State.OFFERED: "info",
    State.REPAIRING: "warning",
    State.TO_SEND: "warning",
    State.SENT: "info",
    State.DONE: "success",
    State.FINISHED: "success",
    ComplaintState.NEW: "warning",
    ComplaintState.APPEAL: "warning",
    ComplaintState.DIALOGUE: "info",
    ComplaintState.RULING: "warning",
}


def coloured(value: str, names: Mapping[Any, Any]) -> SafeString:
    """A state in its colour, in Chinese."""
    text = str(names.get(value, value))
    return render_to_string(
        "unfold/helpers/label.html", {"type": _COLOURS.get(value, "default"), "text": text}
    )


def names_of(actors: Iterable[str], customer_id: int | None) -> dict[str, str]:
    """What to call who acted (`user:7`): the staff by name, the customer by role, the clock as the system."""
    asked = set(actors)
    known = directory()
    found = known.names(asked, ()) if known is not None else {}
    named = {actor: found.get(actor, "") if actor.startswith("user:") else _("系统") for actor in asked}
    if customer_id is not None:
        named[f"user:{customer_id}"] = _("买家")
    return named


def failure_words(code: str) -> str:
    """Why a refund did not arrive, for people; the code stays for whoever asks the provider."""
    if not code:
        return ""
    said = {"CLOSED": _("支付渠道关闭了这笔退款")}
    return _("%(why)s（%(code)s）") % {"why": said.get(code, _("支付渠道没有办成")), "code": code}
