"""Models as migrations know them, and why their state fields must not listen.

A state field of django-fsm listens to every model that is prepared from then on, to find its transitions. A migration
makes hundreds of models anew, each with state fields, none with transitions: by the end thousands of dead and living
listeners are asked about each model, and most of the time of `migrate` goes there.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from django.db.models.signals import class_prepared
from django_fsm import FSMFieldMixin

#: What Django writes as the module of a model that a migration made.
MADE_BY_MIGRATION = "__fake__"


def connect() -> None:
    """Let the state fields of models of migrations stop listening as soon as their model stands."""
    class_prepared.connect(_let_go, dispatch_uid="o2o_kernel.historical_state_fields")


def _let_go(sender: type[Model], **_: Any) -> None:
    if sender.__module__ != MADE_BY_MIGRATION:
        return
    for field in sender._meta.local_fields:
        if isinstance(field, FSMFieldMixin):
            class_prepared.disconnect(field._collect_transitions)
