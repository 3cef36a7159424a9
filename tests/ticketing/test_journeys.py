"""Every flow that was asked for can be played, and each says what it plays."""

from __future__ import annotations

import pytest
from django.utils.module_loading import import_string

from saleor_o2o.composition import active, journeys

#: What tickets were asked for, and what was found to be missing later.
ASKED = (
    "scenic", "show-seats", "show-race", "waiting-list", "redeem-offline", "session-cancelled", "coach", "coach-child",
    "coach-failover", "coach-change-refund", "ticket-killed",
)  # fmt: skip
LATER = ("coach-missed", "hot-sale", "session-postponed", "year-card")


@pytest.mark.parametrize("name", [*ASKED, *LATER])
def test_there_is_a_journey(name: str) -> None:
    spec = journeys(active())[name]
    assert callable(import_string(spec.play))
    assert spec.title
