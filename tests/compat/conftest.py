"""The same small shop as the stock tests use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.stock.world import World, make_world


@pytest.fixture
def world(db: None, settings: Any, tmp_path: Path) -> World:
    """The shop; files go to a folder of the test's own."""
    settings.MEDIA_ROOT = str(tmp_path)
    return make_world()
