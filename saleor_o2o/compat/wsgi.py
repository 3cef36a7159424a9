"""Saleor's own WSGI module: our entry point is ours, but its health check can be imported from there."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from .registry import Stage, adaptation


@adaptation(
    Stage.APPS,
    "saleor.wsgi warms up with a body of bytes, which Django 5 wants as a stream: its import crashed",
)
def wsgi_body_of_bytes() -> None:
    from django.core.handlers import wsgi

    class LimitedStream(wsgi.LimitedStream):
        """Django's stream, given bytes or a stream."""

        def __init__(self, stream: Any, limit: int) -> None:
            super().__init__(BytesIO(stream) if isinstance(stream, bytes) else stream, limit)

    wsgi.LimitedStream = LimitedStream  # type: ignore[misc]
