"""Behaviour of Django's model layer that Saleor leans on and later Djangos refuse."""

from __future__ import annotations

from typing import Any

from .registry import Stage, adaptation


@adaptation(
    Stage.APPS,
    "Since Django 4.1 the reverse relation of an unsaved object raises; attributeCreate, menus and others read it "
    "and expect nothing",
)
def reverse_relation_of_unsaved() -> None:
    from django.apps import apps
    from django.db.models.fields.related_descriptors import ManyToManyDescriptor, ReverseManyToOneDescriptor

    for model in apps.get_models():
        if not model.__module__.startswith("saleor."):
            continue
        for descriptor in list(vars(model).values()):
            if isinstance(descriptor, ReverseManyToOneDescriptor) and not isinstance(
                descriptor, ManyToManyDescriptor
            ):
                descriptor.related_manager_cls = _tolerant(descriptor.related_manager_cls)


def _tolerant(strict: Any) -> Any:
    """A related manager that answers an empty queryset for an object without a primary key."""

    class TolerantRelatedManager(strict):
        def get_queryset(self) -> Any:
            if not self.instance._is_pk_set():
                return super(strict, self).get_queryset().none()
            return super().get_queryset()

    TolerantRelatedManager.__name__ = strict.__name__
    TolerantRelatedManager.__qualname__ = strict.__qualname__
    return TolerantRelatedManager


@adaptation(
    Stage.APPS,
    "bulk_update asks its objects whether their key is set and prepares their relations (Django 4.1, 5); the "
    "reordering hands it plain dataclasses",
)
def bulk_update_of_sort_orders() -> None:
    from saleor.graphql.core.utils.reordering import FinalSortOrder

    FinalSortOrder._is_pk_set = lambda self, meta=None: self.pk is not None
    FinalSortOrder._prepare_related_fields_for_save = lambda self, operation_name, fields=None: None
