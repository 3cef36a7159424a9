"""How widgets of forms are drawn: Django's own, but that a select without a choice says 请选择 instead of dashes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.forms import renderers
from django.utils.functional import cached_property

OURS = Path(__file__).parent / "form_templates"


class FormRenderer(renderers.DjangoTemplates):
    """Templates of ours before Django's of the same name; Django alone looks into apps only after its own."""

    @cached_property
    def engine(self) -> Any:
        own = Path(renderers.__file__).parent / "templates"
        return self.backend({"APP_DIRS": True, "DIRS": [OURS, own], "NAME": "o2oforms", "OPTIONS": {}})
