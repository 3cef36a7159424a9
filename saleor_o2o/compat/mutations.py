"""What every mutation's answer shares."""

from __future__ import annotations

from typing import Any

from .registry import Stage, adaptation


@adaptation(
    Stage.APPS, "A few mutations (digitalContentDelete, …) leave errors null, which the schema forbids"
)
def errors_never_null() -> None:
    from saleor.graphql.core.mutations import BaseMutation

    BaseMutation.resolve_errors = staticmethod(_errors)


def _errors(root: Any, info: Any) -> Any:
    return root.errors or []
