"""Names that Django removed and that Saleor 2.10.1 imports at module level."""

from __future__ import annotations

import sys
import types

from .registry import Stage, adaptation


@adaptation(
    Stage.SETTINGS, "Django 4 removed smart_text and force_text; graphene-django and others import them"
)
def encoding_names() -> None:
    from django.utils import encoding

    encoding.smart_text = encoding.smart_str  # type: ignore[attr-defined]
    encoding.force_text = encoding.force_str  # type: ignore[attr-defined]


@adaptation(Stage.SETTINGS, "Django 4 removed the u*gettext* aliases")
def translation_names() -> None:
    from django.utils import translation

    for old, new in {
        "ugettext": "gettext",
        "ugettext_lazy": "gettext_lazy",
        "ugettext_noop": "gettext_noop",
        "ungettext": "ngettext",
        "ungettext_lazy": "ngettext_lazy",
    }.items():
        setattr(translation, old, getattr(translation, new))


@adaptation(Stage.SETTINGS, "Django 4 removed django.conf.urls.url; Saleor's urls use it")
def conf_urls_url() -> None:
    from django.conf import urls
    from django.urls import re_path

    urls.url = re_path  # type: ignore[attr-defined]


@adaptation(Stage.SETTINGS, "BoundField moved to django.forms.boundfield")
def forms_bound_field() -> None:
    from django.forms import forms
    from django.forms.boundfield import BoundField

    forms.BoundField = BoundField  # type: ignore[attr-defined]


@adaptation(Stage.SETTINGS, "Django 4 removed contrib.postgres' JSONField; models and migrations import it")
def postgres_json_field() -> None:
    from django.contrib.postgres import fields
    from django.db.models import JSONField

    module = types.ModuleType("django.contrib.postgres.fields.jsonb")
    module.JSONField = JSONField  # type: ignore[attr-defined]
    sys.modules[module.__name__] = module
    setattr(fields, "JSONField", JSONField)  # noqa: B010 - the stubs call it a type
    fields.jsonb = module


@adaptation(Stage.SETTINGS, "stripe 2.76 carries a six whose import hook Python 3.12 no longer calls")
def stripe_six_moves() -> None:
    import six

    moves = six.moves
    for name, module in {
        "": moves,
        ".urllib": moves.urllib,
        ".urllib.parse": moves.urllib.parse,
    }.items():
        sys.modules.setdefault(f"stripe.six.moves{name}", module)
