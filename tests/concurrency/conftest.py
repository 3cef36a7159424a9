"""The shop of the buying tests, with time enough for forty threads on a small machine."""

from __future__ import annotations

from typing import Any

import pytest

from tests.buying.conftest import world as world


@pytest.fixture(autouse=True)
def patient(settings: Any) -> None:
    """Forty threads of one process wait for each other longer than forty buyers would."""
    settings.O2O_LOCK_TIMEOUT = 60
