"""Stock Saleor 2.10.1 on a current runtime: every adaptation, named, with its reason."""

from . import before_settings
from .registry import Adaptation, Stage, adaptations, apply
from .versions import UnsupportedVersions, require_expected

__all__ = [
    "Adaptation",
    "Stage",
    "UnsupportedVersions",
    "adaptations",
    "apply",
    "before_settings",
    "prepare_settings",
    "require_expected",
]


def prepare_settings() -> None:
    """Check the versions, then apply what Saleor's settings and models need. Call before importing Saleor."""
    require_expected()
    apply(Stage.SETTINGS)
