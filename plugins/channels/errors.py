"""The channels' refusals."""

from __future__ import annotations

from saleor_o2o.kernel.errors import DomainError, Text

from .error_codes import ChannelErrorCode

__all__ = ["ChannelError", "ChannelErrorCode"]


class ChannelError(DomainError):
    """A rule of the channels said no."""

    def __init__(
        self, code: ChannelErrorCode, message: Text, field: str | None = None, hint: Text | None = None
    ) -> None:
        super().__init__(code, message, field, hint)
