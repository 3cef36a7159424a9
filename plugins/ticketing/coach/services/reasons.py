"""Why somebody did it, where it has to be said."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ..errors import CoachError
from ..errors import CoachErrorCode as Code


def reason_of(told: str) -> str:
    """The reason as it is kept. Raises CoachError INVALID_INPUT for none."""
    why = told.strip()[:200]
    if len(why) < 2:
        raise CoachError(Code.INVALID_INPUT, _("请写明事由"), "reason")
    return why
