"""The map's refusals."""

from __future__ import annotations

from saleor_o2o.kernel.errors import DomainError, Text

from .error_codes import MapErrorCode

__all__ = ["MapError", "MapErrorCode"]


class MapError(DomainError):
    """A rule of the map said no."""

    def __init__(
        self, code: MapErrorCode, message: Text, field: str | None = None, hint: Text | None = None
    ) -> None:
        super().__init__(code, message, field, hint)
