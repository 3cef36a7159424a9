"""``populatedb``: pictures and data come from the wheel, wherever the command is called."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .registry import Stage, adaptation


def _wheel() -> Path:
    import saleor

    return Path(saleor.__file__).parent


@adaptation(Stage.APPS, "populatedb reads its pictures relative to the current folder")
def populatedb_pictures() -> None:
    from saleor.core.management.commands import populatedb

    populatedb.Command.placeholders_dir = f"{_wheel() / 'static' / 'placeholders'}/"


@adaptation(
    Stage.APPS, "populatedb reads its data below PROJECT_ROOT, which is ours and not the wheel's folder"
)
def populatedb_data() -> None:
    from django.conf import settings
    from saleor.core.utils import random_data

    class WheelSettings:
        """The settings with Saleor's own idea of PROJECT_ROOT."""

        PROJECT_ROOT = str(_wheel().parent)

        def __getattr__(self, name: str) -> Any:
            return getattr(settings, name)

    random_data.settings = WheelSettings()
