"""How long the body of a request says it is, looked at before any of it is read."""

from __future__ import annotations

from django.http import HttpRequest


def body_refusal(request: HttpRequest, most: int) -> tuple[str, int] | None:
    """Why a body must not be read, and the status that says so; None for one of at most `most` bytes.

    MALFORMED (400) for a length that is no number, TOO_LARGE (413).
    """
    length = request.headers.get("Content-Length") or "0"
    if not length.isascii() or not length.isdigit():
        return "MALFORMED", 400
    # a number of a thousand digits is not even made one
    if len(length) > 9 or int(length) > most:
        return "TOO_LARGE", 413
    return None
