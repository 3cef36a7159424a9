"""Models as migrations know them, made quickly.

Nearly all of the time of `migrate` goes into making models: each change of a field makes every model anew that is
related to it, which is nearly every one, tens of thousands of models for an empty database. Three things that Django
and django-fsm do for each of them need not be done again (decision 0114):

- A state field of django-fsm listens to every model that is prepared from then on, to find its transitions. A model
  of a migration has none, and nobody needs to hear of it.
- Whether a relation leads to a model that a setting may replace is looked up among all installed models, and
  forgotten whenever any model is registered anywhere; installed models do not change with those of migrations.
- What a field was made with is found out by taking it to pieces; a field that belongs to no model never changes.

`tests/kernel/test_historical.py` compares the models with Django's own.
"""

from __future__ import annotations

from functools import cache, partial
from typing import Any, cast

from django.apps import apps
from django.apps.registry import Apps
from django.db.models import Field, Model
from django.db.models.signals import class_prepared
from django_fsm import FSMFieldMixin

#: What Django writes as the module of a model that a migration made.
MADE_BY_MIGRATION = "__fake__"
_PARTS = "_o2o_parts"

_stock_send = class_prepared.send
_stock_clone = Field.clone


def connect() -> None:
    """Make models of migrations in this way from now on."""
    known, signal, field = cast("Any", apps), cast("Any", class_prepared), cast("Any", Field)
    look_up = cast("Any", Apps.get_swappable_settings_name).__wrapped__
    signal.send = _send
    # cleared, as Django's own, by whoever changes what is installed: `apps.clear_cache()`
    known.get_swappable_settings_name = cache(partial(look_up, apps))
    field.clone = _clone


def _send(sender: type[Model], **named: Any) -> list[tuple[Any, Any]]:
    """Tell of a prepared model, unless a migration made it; its state fields stop listening, too."""
    if sender.__module__ != MADE_BY_MIGRATION:
        return _stock_send(sender, **named)
    for field in sender._meta.local_fields:
        if isinstance(field, FSMFieldMixin):
            class_prepared.disconnect(field._collect_transitions)
    return []


def _clone(field: Any) -> Any:
    """A new field like this one; one without a model remembers what it is made of."""
    known = field.__dict__
    if "model" in known:
        return _stock_clone(field)
    if _PARTS not in known:
        _name, _path, args, kwargs = field.deconstruct()
        # a field within a field becomes its model's
        known[_PARTS] = None if any(isinstance(one, Field) for one in kwargs.values()) else (args, kwargs)
    parts = known[_PARTS]
    if parts is None:
        return _stock_clone(field)
    args, kwargs = parts
    return type(field)(*args, **kwargs)
