"""Somebody who decides what was submitted for approval, over the API as the front end does it."""

from __future__ import annotations

from typing import Any

from .world import World

_APPROVAL = "query($number: String!) { approval(number: $number) { version } }"
_APPROVE = """mutation($number: String!, $version: Int!, $note: String!) { approvalDecide(
  number: $number, version: $version, decision: APPROVE, note: $note) { errors { message code } } }"""


def approve(world: World, number: str, *, who: str, note: str) -> None:
    """Agree to it as it stands now. Raises Differs where that is refused."""
    world.expect("审批的错误", try_to_approve(world, number, who=who, note=note), [])


def try_to_approve(world: World, number: str, *, who: str, note: str) -> list[dict[str, Any]]:
    """Agree to it as it stands now; the errors, none where it is approved."""
    version = world.ask(_APPROVAL, {"number": number}, who=who)["approval"]["version"]
    told = {"number": number, "version": version, "note": note}
    errors: list[dict[str, Any]] = world.ask(_APPROVE, told, who=who)["approvalDecide"]["errors"]
    return errors
