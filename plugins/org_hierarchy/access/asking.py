"""The two questions of data scope, for any code: inside a request, in a task, in a report."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from saleor_o2o.kernel.scope import policy_for, rows_for

M = TypeVar("M", bound=Model)


def rows(user: Any, model: type[M] | QuerySet[M], action: str = "view") -> QuerySet[M]:
    """The rows of a model or queryset that a person's permission reaches: `resource.view` unless another is named."""
    return rows_for(user, model, action)


def may(user: Any, action: str, obj: Model | type[Model] | None = None) -> bool:
    """True when the person may do this: over a row, to a model at all, or (without `obj`) anywhere."""
    if obj is None:
        return bool(user.has_perm(action))
    return policy_for(type(obj) if isinstance(obj, Model) else obj).may(user, action, obj)
