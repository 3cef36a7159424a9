"""A seeded city without its pictures: they take longest and are tested alone."""

from collections.abc import Callable

import pytest

from saleor_o2o.seeding import city, drawing
from saleor_o2o.seeding.context import SeedContext


@pytest.fixture
def seed_city(db: None, monkeypatch: pytest.MonkeyPatch, settings, tmp_path) -> Callable[[], SeedContext]:
    """Seed the city and give the context."""
    monkeypatch.setattr(drawing, "draw_missing", lambda context: None)
    # What the plugins seed is tested beside them.
    monkeypatch.setattr(city, "active", lambda: ())
    settings.VAR_DIR = tmp_path

    def seed() -> SeedContext:
        context = SeedContext(say=lambda text: None)
        city.seed(context)
        return context

    return seed
