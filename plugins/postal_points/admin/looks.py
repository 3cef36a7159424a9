"""Words that the pages of postal points share."""

from __future__ import annotations

from ..kinds import BusinessState

STATES = {str(value): str(label) for value, label in BusinessState.choices}
